"""From a case as it is shown to the lines of its history. Pure."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook  # type: ignore[import-untyped,unused-ignore]

from streetwise.kernel.csv_safe import csv_text, neutral
from streetwise.resolve.clocks.schemas import CaseClocks
from streetwise.resolve.schemas import CaseView

#: What stands over the columns; the files are the street's own, in its own language.
HEADER = ("时间", "部分", "事项", "人员", "单位", "文字", "其他")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, in the street's time. ``part``: 来件, 全程留痕, 工单, 时限."""

    at: str
    part: str
    what: str
    who: str
    unit: str
    text: str
    more: str


def history_lines(case: CaseView, clocks: CaseClocks) -> list[Line]:
    """Everything that is shown of a case, oldest first; of one moment in the order of the parts."""
    zone = ZoneInfo(case.timezone)

    def at(moment: datetime | None) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""

    found = [
        Line(at(one.reported_at), "来件", one.channel or one.source.name, "", "",
             "\n".join(filter(None, (one.title, one.text))), one.upstream_key or "")
        for one in case.signals
    ]  # fmt: skip
    for entry in case.timeline:
        actor = entry.actor
        found.append(
            Line(
                at(entry.at),
                "全程留痕",
                entry.action,
                actor.name if actor else "",
                (actor.unit_name or "") if actor else "",
                entry.note.text if entry.note else "",
                json.dumps(entry.data, ensure_ascii=False, default=str) if entry.data else "",
            )
        )
    found += [
        Line(at(one.received_at), "工单", one.number, "", "", one.answer or "",
             json.dumps({"state": one.state, "due": at(one.due_at), "answered": at(one.answered_at),
                         "closed": at(one.closed_at)}, ensure_ascii=False))
        for one in case.orders
    ]  # fmt: skip
    found += [
        Line(at(one.started_at), "时限", one.kind, "", one.unit or "", "",
             json.dumps({"state": one.state, "due": at(one.due_at), "stopped": at(one.stopped_at)},
                        ensure_ascii=False))
        for one in clocks.clocks
    ]  # fmt: skip
    return sorted(found, key=lambda line: line.at)


def as_csv(lines: Sequence[Line]) -> bytes:
    """A table that a spreadsheet opens and does not run."""
    return csv_text(HEADER, [astuple(one) for one in lines]).encode()


def as_json(case: CaseView, clocks: CaseClocks) -> bytes:
    """The whole, for programs."""
    whole: dict[str, Any] = {
        "case": case.model_dump(mode="json"),
        "clocks": clocks.model_dump(mode="json"),
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def as_xlsx(case: CaseView, lines: Sequence[Line]) -> bytes:
    """A workbook of two sheets: the facts, and what happened. Cells are text, never formulas."""
    book = Workbook()
    facts = book.active
    facts.title = "事件"
    for name, value in _facts(case):
        facts.append([name, neutral(value)])
    sheet = book.create_sheet("全程")
    sheet.append(list(HEADER))
    for line in lines:
        sheet.append([neutral(_printable(cell)) for cell in astuple(line)])
    for column, width in zip("ABCDEFG", (20, 10, 24, 12, 18, 60, 40), strict=True):
        sheet.column_dimensions[column].width = width
    facts.column_dimensions["B"].width = 60
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _facts(case: CaseView) -> list[tuple[str, str]]:
    return [
        ("编号", case.number),
        ("标题", case.title),
        ("状态", case.state),
        ("地点", case.place_text or ""),
        ("承办单位", case.unit.name if case.unit else ""),
        ("时限", case.due_at.isoformat() if case.due_at else ""),
        ("来件数", str(len(case.signals))),
    ]


def _printable(cell: str) -> str:
    """Without the control characters that a workbook cannot hold."""
    return "".join(one for one in cell if one in "\n\t" or ord(one) >= 32)
