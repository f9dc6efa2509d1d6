"""The monthly count of hazards: found, rectified, written off; open and overdue at its end. Pure.

From sums by month and kind, so that a million cases cost no more than twelve lines. What is open at
the end of a month was found by then and is not over by then; what is overdue is open, was ordered,
and nobody had reported it rectified when it should have been.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

#: What is counted by month: it happened then.
FLOWS = ("found", "rectified", "written_off")
#: What is counted at a month's end: it is so then.
STOCKS = ("open", "overdue")
WHATS = (*FLOWS, *STOCKS)


@dataclass(frozen=True, slots=True)
class Sum:
    """So many of a kind in a month. ``what``: one of FLOWS, or began_open, ended_open, began_late,
    ended_late, of which the stocks are the running difference.
    """

    month: date
    kind: str
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What is counted of a kind in a month."""

    month: date
    kind: str
    found: int
    rectified: int
    written_off: int
    open: int
    overdue: int


def months_back(last: date, count: int) -> list[date]:
    """The first days of so many months, the last of which is that of ``last``; oldest first."""
    whole = last.year * 12 + last.month - 1
    return [date((whole - back) // 12, (whole - back) % 12 + 1, 1) for back in range(count)][::-1]


def after(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def table(sums: Iterable[Sum], months: Sequence[date], kinds: Sequence[str]) -> list[Cell]:
    """One cell for each month and kind, in their order; sums of earlier months count as well."""
    counted: dict[tuple[date, str, str], int] = {}
    for one in sums:
        key = (one.month, one.kind, one.what)
        counted[key] = counted.get(key, 0) + one.count
    cells = []
    for month in months:
        for kind in kinds:
            flows = {what: counted.get((month, kind, what), 0) for what in FLOWS}
            cells.append(
                Cell(month, kind, **flows, open=_stock(counted, month, kind, "open"),
                     overdue=_stock(counted, month, kind, "late"))
            )  # fmt: skip
    return cells


def _stock(counted: dict[tuple[date, str, str], int], month: date, kind: str, what: str) -> int:
    return sum(
        count if name == f"began_{what}" else -count
        for (at, of, name), count in counted.items()
        if of == kind and at <= month and name in (f"began_{what}", f"ended_{what}")
    )
