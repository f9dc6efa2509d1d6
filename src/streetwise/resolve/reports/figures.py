"""What a report is written from: counts, as the scores' engine and the repository give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from streetwise.resolve.reports.spans import Span
from streetwise.resolve.scores.engine import Tally


@dataclass(frozen=True, slots=True)
class Line:
    """The counts of one unit, community or class. ``opened_before``: of the period before."""

    name: str
    tally: Tally
    opened_before: int = 0


@dataclass(frozen=True, slots=True)
class Stock:
    """What was not done when the period ended: cases open, of these overdue and suspended."""

    open: int = 0
    overdue: int = 0
    suspended: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """A case by its number, with its class and unit; ``why``: a code; ``days``: for how long."""

    number: str
    class_name: str | None
    unit_name: str | None
    why: str
    days: float | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """Cases by name, at most so many as are shown, and how many there are in all."""

    cases: tuple[Named, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """What came and what was closed on a day."""

    day: date
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All that a report says, as numbers. Each of the two periods is counted by its own rules."""

    area: str
    span: Span
    total: Tally
    before: Tally
    units: tuple[Line, ...]
    communities: tuple[Line, ...]
    classes: tuple[Line, ...]
    channels: tuple[Line, ...]
    days: tuple[Day, ...]
    stock: Stock
    stock_before: Stock
    stock_of: Mapping[str, Stock]
    overdue: Listed
    suspended: Listed
    matters: Listed
    excluded: Listed
    matter_counts: Mapping[str, int]
    excluded_counts: Mapping[str, int]
