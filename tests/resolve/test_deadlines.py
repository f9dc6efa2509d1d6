"""Deadlines against a reference that counts office minutes one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.directory.responsibility import calendar_of
from streetwise.resolve.deadlines import (
    OFFICE_HOURS,
    WORK_DAY_HOURS,
    Limit,
    WorkCalendar,
    deadline,
    due_state,
)

ZONES = ("Asia/Shanghai", "America/New_York", "UTC")
MINUTE = timedelta(minutes=1)
STARTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minute: datetime(2025, 1, 1, tzinfo=UTC) + minute * timedelta(minutes=1)
)


def reference(start: datetime, hours: float, calendar: WorkCalendar) -> datetime:
    """The end of the n-th office minute after the start."""
    at, left = start, round(hours * 60)
    while left > 0:
        local = at.astimezone(calendar.zone)
        open_now = calendar.working(local.date()) and any(
            opens <= local.time().replace(tzinfo=None) < closes for opens, closes in OFFICE_HOURS
        )
        left -= open_now
        at += MINUTE
    return at


@settings(max_examples=60, deadline=None)
@given(
    start=STARTS,
    value=st.sampled_from([0.5, 1, 2, 4, 7.5, 8, 12]),
    zone=st.sampled_from(ZONES),
    free=st.sets(st.integers(0, 6), max_size=4),
    days=st.booleans(),
)
def test_office_time_is_counted_as_the_slow_reference_does(
    start: datetime, value: float, zone: str, free: set[int], days: bool
) -> None:
    calendar = WorkCalendar(ZoneInfo(zone), lambda day: day.weekday() not in free)
    limit = Limit(value / 4 if days else value, "work_day" if days else "work_hour")
    hours = limit.value * WORK_DAY_HOURS if days else limit.value
    assert deadline(start, limit, calendar).at == reference(start, hours, calendar)


def test_holidays_are_skipped_and_worked_weekends_count() -> None:
    """National Day 2026 with an invented Saturday worked for it, as a folder names them."""
    named = {
        "holidays": [f"2026-10-0{day}" for day in range(1, 8)],
        "workdays": ["2026-10-10"],
    }
    zone = ZoneInfo("Asia/Shanghai")
    calendar = WorkCalendar(zone, calendar_of(named).works)
    limit = Limit(2, "work_day")
    before = datetime(2026, 9, 30, 8, tzinfo=zone)
    assert deadline(before, limit, calendar).at == datetime(2026, 10, 8, 18, tzinfo=zone)
    friday = datetime(2026, 10, 9, 8, tzinfo=zone)
    assert deadline(friday, limit, calendar).at == datetime(2026, 10, 10, 18, tzinfo=zone)
    plain = WorkCalendar(zone, calendar_of(None).works)
    assert deadline(friday, limit, plain).at == datetime(2026, 10, 12, 18, tzinfo=zone)


@pytest.mark.parametrize(
    ("unit", "after"),
    [("urgent_hour", timedelta(hours=2)), ("calendar_day", timedelta(days=2))],
)
def test_continuous_limits_run_on_over_nights_and_weekends(unit: str, after: timedelta) -> None:
    friday_evening = datetime(2026, 5, 15, 21, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    calendar = WorkCalendar(ZoneInfo("Asia/Shanghai"))
    assert deadline(friday_evening, Limit(2, unit), calendar).at == friday_evening + after


def test_an_unknown_unit_is_an_error_never_hours() -> None:
    with pytest.raises(ValueError, match="fortnight"):
        deadline(datetime(2026, 1, 1, tzinfo=UTC), Limit(1, "fortnight"), WorkCalendar(UTC_ZONE))


def test_a_calendar_without_working_days_is_an_error_not_an_endless_loop() -> None:
    calendar = WorkCalendar(UTC_ZONE, lambda _: False)
    with pytest.raises(ValueError, match="too few working days"):
        deadline(datetime(2026, 1, 1, tzinfo=UTC), Limit(1, "work_hour"), calendar)


def test_the_answer_says_why() -> None:
    """From Friday 17:00 four office hours end on Monday at 11:00: a weekend was skipped."""
    zone = ZoneInfo("Asia/Shanghai")
    answer = deadline(
        datetime(2026, 5, 15, 17, tzinfo=zone), Limit(4, "work_hour"), WorkCalendar(zone)
    )
    assert answer.at == datetime.combine(date(2026, 5, 18), time(11), zone)
    assert [step.code for step in answer.why] == [
        "clock_starts",
        "limit",
        "office_hours_only",
        "days_off_skipped",
    ]
    assert answer.why[-1].params == {"days": 2}


UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 5, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("due", "closed", "state"),
    [
        (None, None, "none"),
        (NOW + 5 * HOUR, None, "ok"),
        (NOW + 4 * HOUR, None, "soon"),
        (NOW, None, "soon"),
        (NOW - MINUTE, None, "overdue"),
        (NOW - HOUR, NOW - HOUR, "done"),
        (NOW - 2 * HOUR, NOW - HOUR, "done_late"),
        (None, NOW, "done"),
    ],
)
def test_due_state(due: datetime | None, closed: datetime | None, state: str) -> None:
    assert due_state(due, closed, NOW, 4 * HOUR) == state
