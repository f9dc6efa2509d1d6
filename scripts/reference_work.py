"""Blocks of docs/reference about the loops of cases and orders, and about files that come in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import yaml

from scripts.code_facts import (
    SOURCE,
    code,
    fenced,
    plain,
    table,
)
from streetwise.directory.records import checks, files, kinds
from streetwise.directory.responsibility import DAY_KINDS, WEEKDAYS
from streetwise.gather import mapping, order_columns
from streetwise.kernel import geo
from streetwise.resolve import loop
from streetwise.resolve.disputes import loop as dispute_loop
from streetwise.resolve.hazards import loop as hazard_loop
from streetwise.resolve.natures import loop as natures_loop
from streetwise.resolve.orders import loop as order_loop
from streetwise.resolve.petitions import loop as petition_loop
from streetwise.resolve.petitions.rules import rules as petition_rules

ROOT = Path(__file__).resolve().parents[1]

#: Who may take a line of the loop.
GUARD_WORDS = {
    "holder": "the unit that holds it",
    "outsider": "nobody of the unit that holds it",
    "lead": "the unit that signed for it first",
    "called": "a unit that was called and is not there yet",
    "here": "a called unit that is there and has not reported",
    "parties_here": "while called units are not released",
    "parties_gone": "when no called unit is left",
    "unmerged": "unless it was merged",
    "not_appealed": "once",
    "appealed": "while an appeal waits",
    "fresh": "who has said nothing of the appeal yet",
    "not_reporter": "not who reported it",
    "may_extend": "its scheme knows an extension, and it is not used up",
    "may_suspend": "its scheme knows a suspension, and it is not used up",
    "nothing_asked": "nothing is asked for and not decided",
    "extension_asked": "an extension is asked for, by somebody else",
    "suspension_asked": "a suspension is asked for, by somebody else",
    "written_off": "no hazard that is not written off",
    "not_ordered": "while nobody is under an order about it, and nobody mediates",
}
#: The same of the small loops of hazards and disputes.
SMALL_GUARD_WORDS = {
    "ordered": "the unit that was ordered",
    "not_orderer": "neither who ordered it nor who reported it",
}


def loop_block() -> str:
    """The loop's drawing, its table and its words on screen."""
    drawing = fenced(loop.drawing(), "mermaid")
    head = ["action", "from", "to", "capability", "needs", "may bring", "only", "journal"]
    lines = [
        [
            code(f"{line.action} {line.result}" if line.result else line.action),
            line.source,
            line.target,
            code(line.capability),
            ", ".join(line.needs),
            ", ".join(line.takes),
            ", ".join(GUARD_WORDS[guard] for guard in line.guards),
            code(line.entry),
        ]
        for line in loop.TRANSITIONS
    ]
    zh, en = _words("zh-CN"), _words("en")
    words = [
        [code(name), zh[kind][name], en[kind][name]]
        for kind, names in (("state", loop.STATES), ("action", loop.ACTIONS))
        for name in names
    ]
    return "\n\n".join([drawing, table(head, lines), table(["code", "中文", "English"], words)])


def orders_block() -> str:
    """The loop of a work order: its drawing, its table and its words on screen."""
    drawing = fenced(order_loop.drawing(), "mermaid")
    guards = {
        None: "",
        "attention": "while it asks for attention",
        "not_asked": "unless applied for or granted",
    }
    lines = [
        [
            code(line.action),
            line.source,
            line.target,
            {"officer": "us (`order.answer`)", "upstream": "upstream's file"}[line.by],
            ", ".join(
                name
                for name, needed in (("ground", line.needs_ground), ("text", line.needs_text))
                if needed
            ),
            guards[line.guard],
            code(line.entry),
        ]
        for line in order_loop.TRANSITIONS
    ]
    zh, en = _words("zh-CN")["orders"], _words("en")["orders"]
    words = [
        [code(name), zh[kind][name], en[kind][name]]
        for kind, names in (("state", order_loop.STATES), ("action", order_loop.ACTIONS))
        for name in names
    ]
    head = ["action", "from", "to", "said by", "needs", "only", "journal"]
    return "\n\n".join([drawing, table(head, lines), table(["code", "中文", "English"], words)])


def hazards_block() -> str:
    """The loop of a hazard."""
    drawing = natures_loop.drawing(hazard_loop.LINES, hazard_loop.FOUND, [hazard_loop.WRITTEN_OFF])
    return _small(drawing, hazard_loop.LINES)


def disputes_block() -> str:
    """The loop of a dispute."""
    ends = [dispute_loop.KEPT, dispute_loop.REFERRED, dispute_loop.NOT_AGREED]
    drawing = natures_loop.drawing(dispute_loop.LINES, dispute_loop.OPEN, ends)
    return _small(drawing, dispute_loop.LINES)


def petitions_block() -> str:
    """What follows a petition's answer: its loop, its words on screen, its periods."""
    ends = [petition_loop.ENDED]
    drawing = natures_loop.drawing(petition_loop.LINES, petition_loop.OPINION, ends)
    zh, en = (_words(f"petitions.{one}")["petition"] for one in ("zh-CN", "en"))
    named = [
        [code(name), zh[kind][name], en[kind][name]]
        for kind, names in (("state", petition_loop.STATES), ("outcome", petition_loop.OUTCOMES))
        for name in names
    ]
    known = petition_rules()
    periods = [
        [code(name), f"{limit.value} {limit.unit}", meant]
        for name, limit, meant in (
            ("ask", known.ask, "after an opinion, or a review, reached the petitioner"),
            ("answer", known.answer, "of the organ, after it received the request; hearings apart"),
            ("file", known.file, "of ours, after we were told"),
            ("redo", known.redo, "of ours, after an opinion was revoked"),
        )
    ]
    return "\n\n".join(
        [
            _small(drawing, petition_loop.LINES),
            table(["code", "中文", "English"], named),
            table(["period", "limit", "whose, and from when"], periods),
        ]
    )


def _small(drawing: str, lines: Sequence[natures_loop.Line]) -> str:
    rows = [
        [
            code(f"{line.action} {line.result}" if line.result else line.action),
            line.source,
            line.target,
            code(line.capability),
            ", ".join(line.needs),
            ", ".join(SMALL_GUARD_WORDS[guard] for guard in line.guards),
            code(line.entry),
        ]
        for line in lines
    ]
    head = ["action", "from", "to", "capability", "needs", "only", "journal"]
    return "\n\n".join([fenced(drawing, "mermaid"), table(head, rows)])


def _words(language: str) -> dict[str, Any]:
    path = ROOT / "ui" / "src" / "i18n" / f"{language}.json"
    return cast(dict[str, Any], json.loads(path.read_text(encoding="utf-8")))


def mappings_block() -> str:
    """Every mapping that ships."""
    parts = []
    for one in mapping.mappings().values():
        facts = [
            ["source", f"{one.source_name} ({code(one.source_code)})"],
            ["times", f"{one.timezone.key}; {', '.join(code(form) for form in one.time_formats)}"],
            ["clock starts", _clock_starts(one.clock_starts)],
            ["coordinates", code(geo.crs_name(one.crs)) if "lon" in one.columns else "none"],
            [
                "area",
                f"its own: {code(one.area.code)} ({one.area.name})" if one.area else "the street",
            ],
            [
                "categories",
                f"{code(one.category_scheme)} {one.category_version}"
                if one.category_scheme
                else "none; guessed in triage",
            ],
        ]
        if one.channels:
            named = [f"{code(key)} {value}" for key, value in one.channels.items()]
            facts.append(["channels", ", ".join(named)])
        columns = [[code(field), column] for field, column in one.columns.items()]
        columns += [["kept as a fact", fact] for fact in one.facts]
        if one.work_order:
            facts.append(["work orders", f"scheme {code(one.work_order.scheme)}"])
            columns += [
                [f"work order: {code(field)}", column]
                for field, column in one.work_order.columns.items()
            ]
        parts += [
            f"### `{one.name}`",
            f"{one.title} · {one.title_en}. {one.description}",
            table(["", ""], facts),
            table(["field", "column of the file"], columns),
        ]
    return "\n\n".join(parts)


def _clock_starts(value: str) -> str:
    return {
        "reported": "when the row says that it was reported",
        "received": "when the row was imported",
    }[value]


def mapping_fields_block() -> str:
    """What a column can be, and what a mapping file looks like."""
    kinds = (
        ("text", mapping.TEXT_FIELDS),
        ("time", mapping.TIME_FIELDS),
        ("number", mapping.NUMBER_FIELDS),
    )
    rows = [[kind, ", ".join(code(name) for name in names)] for kind, names in kinds]
    rows += [
        ["of a work order: text", ", ".join(code(name) for name in order_columns.TEXT_FIELDS)],
        ["of a work order: time", ", ".join(code(name) for name in order_columns.TIME_FIELDS)],
        *(
            [f"of a work order: {code(name)}", ", ".join(map(code, words))]
            for name, words in order_columns.WORD_FIELDS.items()
        ),
    ]
    rows.append(["coordinate systems", ", ".join(code(name) for name in geo.KNOWN_CRS)])
    return table(["kind", "fields"], rows)


def folder_block() -> str:
    """Files of a street's folder with their columns; what a column may hold."""
    rows = [
        [
            code(kind.file) + (" (optional)" if kind.optional_file else ""),
            ", ".join(map(code, kind.needed_in_file)),
            ", ".join(code(column.name) for column in kind.filed if column.optional),
        ]
        for kind in files.CSV_KINDS
    ]
    choices = [
        [f"{code(kind.file)} {code(column.name)}", ", ".join(map(code, column.choices))
         + (", or another word" if column.open_choices else "")]
        for kind in files.CSV_KINDS for column in kind.columns if column.choices
    ]  # fmt: skip
    facts = [
        ["format", code(checks.FORMAT)],
        *choices,
        ["units of a limit", ", ".join(map(code, kinds.LIMIT_UNITS))],
        ["`days` of a line", ", ".join(map(code, (*DAY_KINDS, *WEEKDAYS)))],
    ]
    head = ["file", "columns that it must have", "further columns"]
    return table(head, rows) + "\n\n" + table(["", "may be"], facts)


def taxonomies_block() -> str:
    """The taxonomies that ship."""
    rows = []
    for path in sorted((SOURCE / "directory" / "data" / "taxonomy").glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        classes = content["classes"]
        limits = [len(_limits(cls)) for cls in classes]
        rows.append(
            [
                code(content["scheme"]),
                str(content["version"]),
                content["title"],
                str(len(classes)),
                str(sum(count > 0 for count in limits)),
                str(sum(count > 1 for count in limits)),
                plain(content["source"]),
            ]
        )
    head = ["scheme", "version", "title", "classes", "with a limit", "with several", "source"]
    return table(head, rows)


def _limits(cls: dict[str, Any]) -> set[tuple[float, str]]:
    """The different limits of a class's conditions."""
    found = [condition.get("limit") for condition in cls.get("conditions") or []]
    return {(limit["value"], limit["unit"]) for limit in found if limit}
