"""Write docs/reference from the code: what stands between two `generated` marks of a page.

    python scripts/reference.py           bring all pages up to date
    python scripts/reference.py --check   change nothing; name stale pages and exit 1

The text around the marks is written by hand. A page without one of its marks counts as stale.
"""

from __future__ import annotations

import csv
import importlib
import inspect
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import click
import yaml
from fastapi.routing import APIRoute

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from scripts.code_facts import (  # noqa: E402
    SOURCE,
    api,
    code,
    commands,
    environment_variables,
    error_classes,
    fenced,
    import_rooms,
    make_targets,
    make_variables,
    plain,
    raised_codes,
    routes,
    row_codes,
    table,
    variable_of,
)
from scripts.scene_page import scene_keys_block, scenes_block  # noqa: E402
from streetwise.cli import main as cli  # noqa: E402
from streetwise.directory import deps  # noqa: E402
from streetwise.directory.answers import ShownRoute  # noqa: E402
from streetwise.directory.records import checks, files, kinds  # noqa: E402
from streetwise.directory.responsibility import DAY_KINDS, WEEKDAYS  # noqa: E402
from streetwise.gather import mapping, order_columns  # noqa: E402
from streetwise.kernel import geo, grades, journal, shown  # noqa: E402
from streetwise.kernel.access import NEEDS  # noqa: E402
from streetwise.kernel.database import Base  # noqa: E402
from streetwise.kernel.errors import StreetwiseError  # noqa: E402
from streetwise.kernel.settings import Settings  # noqa: E402
from streetwise.migrations import walls  # noqa: E402
from streetwise.privacy import capabilities, roles  # noqa: E402
from streetwise.privacy.access import openings  # noqa: E402
from streetwise.resolve import loop  # noqa: E402
from streetwise.resolve.disputes import loop as dispute_loop  # noqa: E402
from streetwise.resolve.hazards import loop as hazard_loop  # noqa: E402
from streetwise.resolve.natures import loop as natures_loop  # noqa: E402
from streetwise.resolve.orders import loop as order_loop  # noqa: E402
from streetwise.resolve.petitions import loop as petition_loop  # noqa: E402
from streetwise.resolve.petitions.rules import rules as petition_rules  # noqa: E402
from streetwise.web.answers import let_in  # noqa: E402
from streetwise.web.app import ROUTERS  # noqa: E402
from streetwise.web.live import EVENTS  # noqa: E402

REFERENCE = ROOT / "docs" / "reference"
WIDTH = 100

#: Variables that are read directly and not by Settings; a new one must be explained here.
ENVIRONMENT = {
    "STREETWISE_SECRETS_DIR": "Folder of files that are named like a setting's variable in lower"
    " case (`streetwise_database_url`) and hold its value; for secrets that must not stand in the"
    " environment.",
    "STREETWISE_HOME": "The same as the setting `home`; the embedded database reads it as well.",
    "STREETWISE_ENGINE_DIR": "Run as root: where PostgreSQL's programs are copied to, so that the"
    " system user `streetwise-db` can read them (default `/var/lib/streetwise/engine`).",
}
#: What a default says that depends on the machine.
_DEFAULTS = {"home": "`/var/lib/streetwise` as root, else the user's data folder"}
_UNITS = {
    "seconds": "s",
    "minutes": "min",
    "hours": "h",
    "bytes": "bytes",
    "pixels": "pixels",
    "rows": "rows",
    "entries": "entries",
    "connections": "connections",
    "signals": "signals",
    "attempts": "attempts",
    "archives": "archives",
    "days": "days",
    "mib": "MiB",
}


# --- blocks -------------------------------------------------------------------------------


def settings_block() -> str:
    """All settings."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = _DEFAULTS.get(name) or _default(field.default)
        unit = _UNITS.get(name.rsplit("_", 1)[-1], "")
        rows.append(
            [code(name), code(variable_of(name)), unit, default, plain(field.description or "")]
        )
    return table(["setting", "environment variable", "unit", "default", "meaning"], rows)


def _default(value: object) -> str:
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value)


def environment_block() -> str:
    """Variables besides the settings."""
    rows = [[code(name), ENVIRONMENT[name]] for name in environment_variables()]
    return table(["environment variable", "meaning"], rows)


def make_block() -> str:
    """The Makefile's targets and variables."""
    targets = [[code(f"make {name}"), text] for name, text in make_targets()]
    variables = [
        [code(name), code(value) if value else "empty"] for name, value in make_variables()
    ]
    return "\n\n".join(
        [table(["command", "what it does"], targets), table(["variable", "default"], variables)]
    )


def commands_block() -> str:
    """Every command with its own help."""
    parts = []
    for path, command in commands():
        context = click.Context(
            cli, info_name="streetwise", terminal_width=WIDTH, **cli.context_settings
        )
        for name in path.split():
            group = cast(click.Group, context.command)
            context = click.Context(group.commands[name], context, name, terminal_width=WIDTH)
        hidden = " (for development; not in `streetwise --help`)" if command.hidden else ""
        parts.append(f"### `streetwise {path}`{hidden}\n\n{fenced(command.get_help(context))}")
    return "\n\n".join(parts)


def roles_block() -> str:
    """The role table, turned so that it fits a page."""
    head = ["role", "", "tier", "scope", "clearance"]
    rows = [
        [
            code(role.code),
            f"{role.name} · {role.name_en}",
            role.tier,
            role.scope,
            f"L{role.clearance}",
        ]
        for role in roles().values()
    ]
    rights = [
        [code(capability), ", ".join(_holders(capability)) or "nobody"]
        for capability in capabilities()
    ]
    return "\n\n".join([table(head, rows), table(["capability", "roles that have it"], rights)])


def _holders(capability: str) -> list[str]:
    return [code(role.code) for role in roles().values() if capability in role.can]


def access_block() -> str:
    """Every route with what it declares, and the roles that have that."""
    head = ["route", "needs", *(role.name_en for role in roles().values())]
    rows = []
    for method, path, operation in routes():
        declared = operation.get(NEEDS, [])
        marks = ["✓" if let_in(role, declared) else "" for role in roles().values()]
        needed = " or ".join(map(code, declared)) or "**not declared**"
        rows.append([code(f"{method} {path.removeprefix('/api/v1')}"), needed, *marks])
    return table(head, rows)


def access_csv() -> str:
    """The same as a file: route, needs, and a column for each role with its marks."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["method", "route", "needs", *roles()])
    for method, path, operation in routes():
        declared = operation.get(NEEDS, [])
        marks = ["x" if let_in(role, declared) else "" for role in roles().values()]
        lines.writerow([method, path.removeprefix("/api/v1"), " or ".join(declared), *marks])
    return out.getvalue()


def opens_block() -> str:
    """Which capability opens which category beyond the clearance."""
    rows = [[code(one.capability), one.category, f"L{one.grade}", one.why] for one in openings()]
    return table(["capability", "category", "up to", "because who has it"], rows)


def withheld_block() -> str:
    """Every field that some role lets in to its route does not get."""
    rows = []
    for route in (route for router in ROUTERS for route in router.routes):
        if not isinstance(route, ShownRoute):
            continue
        needed = (route.openapi_extra or {}).get(NEEDS, [])
        models = {model for answer in route.answers for model in shown.reached(answer)}
        for model in sorted(models, key=lambda one: one.__name__):
            found: dict[tuple[str, ...], list[str]] = {}
            for role in roles().values():
                fields = tuple(sorted(shown.above(model, role.rights)))
                if fields and let_in(role, needed):
                    found.setdefault(fields, []).append(role.name_en)
            name = f"{'/'.join(sorted(route.methods or ()))} {route.path}"
            rows += [
                [code(name), code(model.__name__), ", ".join(map(code, fields)), ", ".join(who)]
                for fields, who in found.items()
            ]
    return table(["route", "model", "left out", "for"], sorted(rows))


def data_block() -> str:
    """Every column with its grade and category."""
    import_rooms()
    rows = [
        [code(f"{column.table}.{column.name}"), f"L{column.grade}", column.category]
        for column in grades.classified(Base)
    ]
    return table(["column", "grade", "category"], rows)


def categories_block() -> str:
    """The categories and what they mean."""
    return table(
        ["category", "meaning"], [[name, text] for name, text in grades.CATEGORIES.items()]
    )


def walls_block() -> str:
    """Every table with what PostgreSQL itself shows of it."""
    rows = []
    for name, wall in sorted(walls.WALLS.items()):
        is_open = isinstance(wall, walls.Open)
        rows.append([code(name), "open" if is_open else "walled", wall.because])
    return table(["table", "", "who sees a row, or why it is open"], rows)


def journal_block() -> str:
    """All journal actions."""
    import_rooms()
    rows = [[code(name), plain(text)] for name, text in sorted(journal.ACTIONS.items())]
    return table(["action", "meaning"], rows)


def routes_block() -> str:
    """Every route with what it takes and gives."""
    parts = []
    public = _public_routes()
    for method, path, operation in routes():
        lines = [f"### `{method} {path}`", "", plain(operation.get("description", ""))]
        if (method, path) in public:
            lines[-1] += " No session needed."
        if operation.get("parameters"):
            lines += ["", table(["parameter", "in", "type", "default"], _parameters(operation))]
        body = operation.get("requestBody", {}).get("content", {})
        for kind, content in body.items():
            lines += ["", f"Takes {code(kind)}: {_type(content['schema'])}."]
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                lines += ["", f"Gives {status}{_given(answer)}."]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _public_routes() -> set[tuple[str, str]]:
    """Routes whose function does not ask who is signed in."""
    found = set()
    modules = ("directory.api", "directory.session_api", "directory.account_api")
    for name in (*modules, "gather.api", "resolve.api", "web.live"):
        router = importlib.import_module(f"streetwise.{name}").router
        for route in router.routes:
            if isinstance(route, APIRoute):
                asks = {dependency.call for dependency in route.dependant.dependencies}
                if deps.current not in asks:
                    found |= {(method, f"/api/v1{route.path}") for method in route.methods or ()}
    return found


def _parameters(operation: dict[str, Any]) -> list[list[str]]:
    rows = []
    for parameter in operation["parameters"]:
        if parameter["in"] == "cookie":
            continue
        schema = parameter["schema"]
        default = "required" if parameter.get("required") else json.dumps(schema.get("default"))
        rows.append(
            [
                code(parameter["name"]),
                parameter["in"],
                _type(schema),
                "" if default == "null" else default,
            ]
        )
    return rows


def _given(answer: dict[str, Any]) -> str:
    kinds = [
        f"{_type(content.get('schema') or {})}" if kind == "application/json" else code(kind)
        for kind, content in answer.get("content", {}).items()
    ]
    kinds = [kind for kind in kinds if kind]
    return ": " + " or ".join(kinds) if kinds else ""


def _type(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    if "const" in schema:
        return code(json.dumps(schema["const"]))
    if "enum" in schema:
        return " or ".join(code(json.dumps(value)) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items') or {})}"
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        return f"object of {_type(inner)}" if isinstance(inner, dict) and inner else "object"
    kind = str(schema.get("format") or schema.get("type") or "anything")
    limits = [
        f"{word} {schema[key]}"
        for key, word in (
            ("minimum", "≥"),
            ("maximum", "≤"),
            ("maxLength", "at most"),
            ("pattern", "pattern"),
        )
        if key in schema
    ]
    return f"{kind} ({', '.join(limits)})" if limits else kind


def events_block() -> str:
    """Events of the live stream."""
    rows = [[code(name), plain(text)] for name, text in EVENTS.items()]
    return table(["event", "meaning"], rows)


def schemas_block() -> str:
    """Every schema of the API."""
    parts = []
    for name, schema in sorted(api()["components"]["schemas"].items()):
        if name in ("HTTPValidationError", "ValidationError"):
            continue  # FastAPI's own; we answer with problems instead
        needed = set(schema.get("required", ()))
        rows = [
            [code(field), _type(part), "" if field in needed else "optional", _grade(part)]
            for field, part in schema.get("properties", {}).items()
        ]
        text = plain(schema.get("description", ""))
        head = ["field", "type", "", "shows"]
        parts.append("\n\n".join(filter(None, [f"### {name}", text, table(head, rows)])))
    return "\n\n".join(parts)


def _grade(part: dict[str, Any]) -> str:
    if shown.X_GRADE not in part:
        return ""
    return f"L{part[shown.X_GRADE]} {part[shown.X_CATEGORY]}"


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


def classes_block() -> str:
    """Codes that belong to a class of errors."""
    rows = [[code(cls.code), str(cls.status), _meaning(cls)] for cls in error_classes()]
    return table(["code", "status", "meaning"], rows)


def _meaning(cls: type[StreetwiseError]) -> str:
    if cls is StreetwiseError:
        return "Something that we did not foresee; nothing was changed, and the log says more."
    return plain(inspect.getdoc(cls) or cls.title)


def problems_block() -> str:
    """Codes that say more than their class."""
    rows = [
        [
            code(problem.code),
            str(problem.status or "that of the failure"),
            problem.sentence,
            code(problem.where),
        ]
        for problem in raised_codes()
    ]
    return table(["code", "status", "sentence", "where"], rows)


def rows_block() -> str:
    """Codes of files and rows."""
    rows = [
        [
            code(problem.code),
            "file" if problem.kind == "ReadError" else "row",
            problem.sentence,
            code(problem.where),
        ]
        for problem in row_codes()
    ]
    return table(["code", "of a", "sentence", "where"], rows)


#: Page → block → who writes it.
PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "settings.md": {"settings": settings_block, "environment": environment_block},
    "commands.md": {"make": make_block, "commands": commands_block},
    "roles.md": {"roles": roles_block},
    "access.md": {"access": access_block, "walls": walls_block},
    "data.md": {
        "categories": categories_block,
        "columns": data_block,
        "opens": opens_block,
        "withheld": withheld_block,
    },
    "journal.md": {"actions": journal_block},
    "api.md": {"routes": routes_block, "events": events_block, "schemas": schemas_block},
    "loop.md": {
        "loop": loop_block,
        "hazards": hazards_block,
        "disputes": disputes_block,
        "orders": orders_block,
        "petitions": petitions_block,
    },
    "mappings.md": {"fields": mapping_fields_block, "mappings": mappings_block},
    "scenes.md": {"keys": scene_keys_block, "scenes": scenes_block},
    "town-folder.md": {"files": folder_block, "taxonomies": taxonomies_block},
    "errors.md": {"classes": classes_block, "problems": problems_block, "rows": rows_block},
}


#: Files that are written whole.
FILES: dict[str, Callable[[], str]] = {"access.csv": access_csv}


def render(page: str, text: str) -> str:
    """The page with its generated blocks as they should be. Raises ValueError: a mark is lost."""
    for name, write in PAGES[page].items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        before, mark, rest = text.partition(begin)
        _, second, after = rest.partition(end)
        if not (mark and second):
            raise ValueError(f"docs/reference/{page} lacks the marks of the block '{name}'")
        text = f"{before}{begin}\n\n{write()}\n\n{end}{after}"
    return text


def stale() -> list[str]:
    """Names of pages that are missing or not what the code says."""
    found = [
        name
        for name, write in FILES.items()
        if not (REFERENCE / name).is_file()
        or (REFERENCE / name).read_text(encoding="utf-8") != write()
    ]
    for page in PAGES:
        path = REFERENCE / page
        try:
            text = path.read_text(encoding="utf-8")
            if render(page, text) != text:
                found.append(page)
        except (FileNotFoundError, ValueError):
            found.append(page)
    return found


def main(arguments: Sequence[str]) -> int:
    """Write, or check."""
    if list(arguments) == ["--check"]:
        names = stale()
        for name in names:
            print(f"docs/reference/{name} is not what the code says")
        if names:
            print("Run: .venv/bin/python scripts/reference.py")
        return 1 if names else 0
    if arguments:
        print(__doc__)
        return 2
    for name, write in FILES.items():
        (REFERENCE / name).write_text(write(), encoding="utf-8")
    for page in PAGES:
        path = REFERENCE / page
        path.write_text(render(page, path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
