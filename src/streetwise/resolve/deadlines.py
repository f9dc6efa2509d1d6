"""When is it due, and why? Pure; no clock of its own.

Limits (taxonomy): urgent_hour (紧急工作时) and calendar_day run on; work_hour counts office hours
only; work_day is 8 work hours. Which days are worked, ``WorkCalendar.working`` says. What happens
to a clock after it has begun is in ``clocks/engine.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

OFFICE_HOURS: tuple[tuple[time, time], ...] = (
    (time(8), time(12)),
    (time(14), time(18)),
)
WORK_DAY_HOURS = 8
#: A limit that has not run out after so many days means a calendar without working days.
MAX_DAYS = 3660


def weekday(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < 5


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Office hours in a time zone, on the days that ``working`` says.

    ``known``: whether somebody has said which days of a year are worked; where nobody has,
    weekdays are taken, and the explanation says so.
    """

    zone: ZoneInfo
    working: Callable[[date], bool] = weekday
    hours: tuple[tuple[time, time], ...] = OFFICE_HOURS
    known: Callable[[int], bool] | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit as the taxonomy writes it."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the answer to "why then?"; the screen makes a sentence of code and params."""

    code: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deadline:
    """When it is due (UTC) and the steps that lead there."""

    at: datetime
    why: tuple[Step, ...]


def deadline(start: datetime, limit: Limit, calendar: WorkCalendar) -> Deadline:
    """The deadline of a limit that starts at ``start`` (aware). Unknown unit: ValueError."""
    needed = allowance(limit)
    at, skipped = after(start, needed, limit.unit, calendar)
    steps = [
        Step("clock_starts", {"at": start.isoformat()}),
        Step("limit", {"value": limit.value, "unit": limit.unit}),
    ]
    if not office_time(limit.unit):
        return Deadline(at, (*steps, Step("runs_on", {})))
    steps.append(Step("office_hours_only", {"hours": needed / timedelta(hours=1)}))
    if skipped:
        steps.append(Step("days_off_skipped", {"days": skipped}))
    steps += [
        Step("calendar_unknown", {"year": year}) for year in unknown_years(start, at, calendar)
    ]
    return Deadline(at, tuple(steps))


#: unit → (hours of one, whether only office time counts).
_UNITS = {
    "urgent_hour": (1, False),
    "calendar_day": (24, False),
    "work_hour": (1, True),
    "work_day": (WORK_DAY_HOURS, True),
}


def office_time(unit: str) -> bool:
    """Whether only office time counts. Unknown unit: ValueError."""
    if unit not in _UNITS:
        raise ValueError(f"unknown unit of a limit: '{unit}'")
    return _UNITS[unit][1]


def allowance(limit: Limit) -> timedelta:
    """How much time a limit gives, of the time that counts for it. Unknown unit: ValueError."""
    if limit.unit not in _UNITS:
        raise ValueError(f"unknown unit of a limit: '{limit.unit}'")
    return timedelta(hours=limit.value * _UNITS[limit.unit][0])


def after(
    start: datetime, needed: timedelta, unit: str, calendar: WorkCalendar
) -> tuple[datetime, int]:
    """(the first moment at which so much is used since ``start``, days off on the way)."""
    if not office_time(unit):
        return start + needed, 0
    return _after_office_hours(start, needed, calendar)


def counted_between(start: datetime, end: datetime, unit: str, calendar: WorkCalendar) -> timedelta:
    """How much of the time between two moments counts."""
    if not office_time(unit):
        return max(end - start, timedelta())
    day, last = (one.astimezone(calendar.zone).date() for one in (start, end))
    total = timedelta()
    while day <= last:
        if calendar.working(day):
            for opens, closes in calendar.hours:
                begin = max(_utc(day, opens, calendar), start)
                total += max(min(_utc(day, closes, calendar), end) - begin, timedelta())
        day += timedelta(days=1)
    return total


def unknown_years(start: datetime, end: datetime | None, calendar: WorkCalendar) -> list[int]:
    """Years between the two of which nobody has said what days are worked."""
    if calendar.known is None:
        return []
    first = start.astimezone(calendar.zone).year
    last = (end or start).astimezone(calendar.zone).year
    return [year for year in range(first, last + 1) if not calendar.known(year)]


def _after_office_hours(
    start: datetime, needed: timedelta, calendar: WorkCalendar
) -> tuple[datetime, int]:
    """Walk window by window until the needed office time is used up; days off on the way."""
    day = start.astimezone(calendar.zone).date()
    skipped = 0
    for _ in range(MAX_DAYS):
        if not calendar.working(day):
            skipped += 1
        else:
            for opens, closes in calendar.hours:
                # Both ends in UTC, so that a change to summer time costs or gives no hour.
                begin = max(_utc(day, opens, calendar), start)
                end = _utc(day, closes, calendar)
                if end <= begin:
                    continue
                if end - begin >= needed:
                    return begin + needed, skipped
                needed -= end - begin
        day += timedelta(days=1)
    raise ValueError("the calendar has too few working days for this limit")


def _utc(day: date, clock: time, calendar: WorkCalendar) -> datetime:
    local = datetime.combine(day, clock, calendar.zone)
    return local.astimezone(ZoneInfo("UTC"))


def due_state(
    due_at: datetime | None, closed_at: datetime | None, now: datetime, soon: timedelta
) -> str:
    """none, ok, soon, overdue, done or done_late."""
    if closed_at is not None:
        return "done_late" if due_at is not None and closed_at > due_at else "done"
    if due_at is None:
        return "none"
    if now > due_at:
        return "overdue"
    return "soon" if due_at - now <= soon else "ok"
