"""The periods of reports: a day, a week, a scored month. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from streetwise.kernel.errors import Invalid
from streetwise.resolve.scores.rules import (
    Period,
    Rules,
    month_of,
    months_back,
    period,
    rules_for,
    versions,
)

Kind = Literal["daily", "weekly", "monthly"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: How many earlier periods the chart over time shows beside this one.
_DAYS: dict[str, int] = {"daily": 1, "weekly": 7}


@dataclass(frozen=True, slots=True)
class Span:
    """A period with the rules that are valid for it. ``name``: 2026-05-11, 2026-W20, 2026-05."""

    kind: Kind
    period: Period
    rules: Rules

    @property
    def name(self) -> str:
        """What people call it by."""
        return self.period.name


def span(kind: Kind, name: str, zone: ZoneInfo) -> Span:
    """The period of this name. Raises Invalid."""
    if kind == "monthly":
        rules = rules_for(versions(), name, None)
        return Span(kind, period(name, rules, zone), rules)
    first = _day(name) if kind == "daily" else _monday(name)
    start = _midnight(first, zone)
    month = month_of(start, rules_for(versions(), f"{first:%Y-%m}", None), zone)
    end = _midnight(first + timedelta(days=_DAYS[kind]), zone)
    return Span(kind, Period(name, start, end), rules_for(versions(), month, None))


def before(now: Span, zone: ZoneInfo) -> Span:
    """The period before this one, by its own rules."""
    if now.kind == "monthly":
        return span(now.kind, months_back(now.name, 2)[0], zone)
    return span(now.kind, name_of(now.kind, now.period.start - timedelta(hours=1), zone), zone)


def name_of(kind: Kind, at: datetime, zone: ZoneInfo) -> str:
    """The name of the period in which a moment lies."""
    day = at.astimezone(zone).date()
    if kind == "daily":
        return day.isoformat()
    if kind == "weekly":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return month_of(at, rules_for(versions(), f"{day:%Y-%m}", None), zone)


def last_over(kind: Kind, now: datetime, zone: ZoneInfo) -> Span:
    """The latest period that is over."""
    return before(span(kind, name_of(kind, now, zone), zone), zone)


def lately(kind: Kind, now: datetime, count: int, zone: ZoneInfo) -> list[Span]:
    """So many periods that are over, the latest first."""
    found = [last_over(kind, now, zone)]
    while len(found) < count:
        found.append(before(found[-1], zone))
    return found


def _day(name: str) -> date:
    try:
        return datetime.strptime(name, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise _unknown(name, "a day", "2026-05-11") from None


def _monday(name: str) -> date:
    try:
        found = datetime.strptime(f"{name}-1", "%G-W%V-%u").replace(tzinfo=UTC).date()
    except ValueError:
        raise _unknown(name, "a week", "2026-W20") from None
    year, week, _ = found.isocalendar()
    # Some Pythons take week 53 of a year that has none for the first of the next.
    if f"{year}-W{week:02}" != name:
        raise _unknown(name, "a week", "2026-W20")
    return found


def _unknown(name: str, what: str, such: str) -> Invalid:
    return Invalid(f"'{name}' is no name of {what}; write it as {such}.", code="period_unknown")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
