"""From a case as it is shown to the lines of its history. Pure."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook  # type: ignore[import-untyped,unused-ignore]

from streetwise.kernel.csv_safe import csv_text, neutral
from streetwise.resolve.clocks.schemas import CaseClocks, ClockView
from streetwise.resolve.history.wording import Words
from streetwise.resolve.orders.schemas import OrderView
from streetwise.resolve.schemas import CaseView, EntryView

_WIDTHS = (20, 10, 28, 22, 12, 18, 60, 40, 40)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, in the street's time. ``part``: 来件, 全程留痕, 工单, 时限.

    ``what``, ``says`` are words; ``code``, ``data`` the codes that they stand for.
    """

    at: str
    part: str
    what: str
    code: str
    who: str
    unit: str
    text: str
    says: str
    data: str


def history_lines(case: CaseView, clocks: CaseClocks, words: Words) -> list[Line]:
    """Everything that is shown of a case, oldest first; of one moment in the order of the parts."""
    zone, parts = ZoneInfo(case.timezone), words.frame["parts"]
    found = [
        Line(_at(one.reported_at, zone), parts["signal"], one.source.name, one.channel or "", "",
             "", "\n".join(filter(None, (one.title, one.text))), "", one.upstream_key or "")
        for one in case.signals
    ]  # fmt: skip
    found += [_entry(one, zone, words) for one in case.timeline]
    found += [_order(one, zone, words) for one in case.orders]
    found += [_clock(one, zone, words) for one in clocks.clocks]
    return sorted(found, key=lambda line: line.at)


def _at(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _entry(entry: EntryView, zone: ZoneInfo, words: Words) -> Line:
    actor, data = entry.actor, entry.data
    states = [data[name] for name in ("from", "to") if isinstance(data.get(name), str)]
    # Lines that touch a case leave it where it is.
    moved = [words.word("state", state) for state in dict.fromkeys(states)]
    told = {"state": " → ".join(moved)}
    told |= {name: _at(_moment(data.get(name)), zone) for name in ("due", "until")}
    return Line(
        at=_at(entry.at, zone),
        part=words.frame["parts"]["entry"],
        what=words.entry(entry.action, data),
        code=entry.action,
        who=actor.name if actor else words.screen["common.system"],
        unit=(actor.unit_name or "") if actor else "",
        text=entry.note.text if entry.note else "",
        says=words.says(told),
        data=_json(data) if data else "",
    )


def _moment(told: Any) -> datetime | None:
    """A time of an entry's data, which holds it as text; None where it is none."""
    try:
        moment = datetime.fromisoformat(told)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None


def _order(order: OrderView, zone: ZoneInfo, words: Words) -> Line:
    times = {
        "due": _at(order.due_at, zone),
        "answered": _at(order.answered_at, zone),
        "closed": _at(order.closed_at, zone),
    }
    return Line(
        at=_at(order.received_at, zone),
        part=words.frame["parts"]["order"],
        what=order.number,
        code=order.state,
        who="",
        unit="",
        text=order.answer or "",
        says=words.says({"state": words.word("orders.state", order.state)} | times),
        data=_json({"state": order.state} | times),
    )


def _clock(clock: ClockView, zone: ZoneInfo, words: Words) -> Line:
    times = {"due": _at(clock.due_at, zone), "stopped": _at(clock.stopped_at, zone)}
    number = clock.order_number or ""
    # While it runs there is no word for how it came out.
    state = "" if clock.state == "running" else words.word("clock", clock.state)
    return Line(
        at=_at(clock.started_at, zone),
        part=words.frame["parts"]["clock"],
        what=words.word("clock.kind", clock.kind, number=number),
        code=clock.kind,
        who="",
        unit=clock.unit or "",
        text="",
        says=words.says({"state": state} | times),
        data=_json({"state": clock.state} | times),
    )


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, default=str)


def as_csv(lines: Sequence[Line], words: Words) -> bytes:
    """A table that a spreadsheet opens and does not run."""
    return csv_text(words.frame["header"], [astuple(one) for one in lines]).encode()


def as_json(case: CaseView, clocks: CaseClocks) -> bytes:
    """The whole, for programs: codes, no words."""
    whole: dict[str, Any] = {
        "case": case.model_dump(mode="json"),
        "clocks": clocks.model_dump(mode="json"),
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def as_xlsx(case: CaseView, lines: Sequence[Line], words: Words) -> bytes:
    """A workbook of two sheets: the facts, and what happened. Cells are text, never formulas."""
    book = Workbook()
    facts = book.active
    facts.title = words.frame["sheets"]["facts"]
    for row in _facts(case, words):
        facts.append([neutral(_printable(cell)) for cell in row])
    sheet = book.create_sheet(words.frame["sheets"]["lines"])
    sheet.append(list(words.frame["header"]))
    for line in lines:
        sheet.append([neutral(_printable(cell)) for cell in astuple(line)])
    for column, width in zip("ABCDEFGHI", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    facts.column_dimensions["B"].width = 60
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _facts(case: CaseView, words: Words) -> list[tuple[str, str, str]]:
    """What the case is: name, word, and the code where the word stands for one."""
    zone, names = ZoneInfo(case.timezone), words.frame["facts"]
    category, unit, outcome = case.category, case.unit, case.outcome
    return [
        (names["number"], case.number, ""),
        (names["title"], case.title, ""),
        (names["state"], words.word("state", case.state), case.state),
        (names["nature"], words.word("nature", case.nature), case.nature),
        (names["category"], category.name if category else "", category.code if category else ""),
        (names["place"], case.place_text or "", ""),
        (names["unit"], unit.name if unit else "", unit.code if unit else ""),
        (names["due"], _at(case.due_at, zone), ""),
        (names["closed"], _at(case.closed_at, zone), ""),
        (names["outcome"], words.word("outcome", outcome) if outcome else "", outcome or ""),
        (names["signals"], str(len(case.signals)), ""),
    ]


def _printable(cell: str) -> str:
    """Without the control characters that a workbook cannot hold."""
    return "".join(one for one in cell if one in "\n\t" or ord(one) >= 32)
