"""When is it due, and why? Pure; no clock of its own.

Limits (taxonomy): urgent_hour (紧急工作时) and calendar_day run on; work_hour counts office hours
only; work_day is 8 work hours. Weekends are free; the statutory calendar with its swapped
working weekends comes with the resolve issue, by way of ``WorkCalendar.working``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
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
    """Office hours in a time zone, on the days that ``working`` says."""

    zone: ZoneInfo
    working: Callable[[date], bool] = weekday
    hours: tuple[tuple[time, time], ...] = OFFICE_HOURS


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit as the taxonomy writes it."""

    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the answer to "why then?"; the screen makes a sentence of code and params."""

    code: str
    params: dict[str, str | float]


@dataclass(frozen=True, slots=True)
class Deadline:
    """When it is due (UTC) and the steps that lead there."""

    at: datetime
    why: tuple[Step, ...]


def deadline(start: datetime, limit: Limit, calendar: WorkCalendar) -> Deadline:
    """The deadline of a limit that starts at ``start`` (aware). Unknown unit: ValueError."""
    begin = Step("clock_starts", {"at": start.isoformat()})
    rule = Step("limit", {"value": limit.value, "unit": limit.unit})
    if limit.unit == "urgent_hour":
        return Deadline(start + timedelta(hours=limit.value), (begin, rule, Step("runs_on", {})))
    if limit.unit == "calendar_day":
        return Deadline(start + timedelta(days=limit.value), (begin, rule, Step("runs_on", {})))
    if limit.unit == "work_hour":
        hours = limit.value
    elif limit.unit == "work_day":
        hours = limit.value * WORK_DAY_HOURS
    else:
        raise ValueError(f"unknown unit of a limit: '{limit.unit}'")
    at, skipped = _after_office_hours(start, timedelta(hours=hours), calendar)
    steps = [begin, rule, Step("office_hours_only", {"hours": hours})]
    if skipped:
        steps.append(Step("days_off_skipped", {"days": skipped}))
    return Deadline(at, tuple(steps))


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
