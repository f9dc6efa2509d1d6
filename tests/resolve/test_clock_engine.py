"""The clock engine against a reference that goes minute by minute through all that happens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.resolve.clocks.engine import Clock, Event, Kind, reached, read
from streetwise.resolve.deadlines import OFFICE_HOURS, Limit, WorkCalendar

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
#: So long the reference looks for the end, after the last event.
PATIENCE_MINUTES = 30 * 24 * 60
HOURS_OF = {"urgent_hour": 1, "calendar_day": 24, "work_hour": 1, "work_day": 8}


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """Some weekday is worked; some weekdays and some days besides are free, or swapped."""
    free = draw(st.sets(st.integers(0, 6), max_size=4))
    swapped = draw(st.sets(st.integers(0, 1200), max_size=60))

    def working(day: date) -> bool:
        return (day.weekday() not in free) != ((day - date(2025, 1, 1)).days in swapped)

    zone = draw(st.sampled_from(("Asia/Shanghai", "America/New_York", "UTC")))
    return WorkCalendar(ZoneInfo(zone), working)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    """A limit and up to six events in any order, several at one time among them."""
    started = FIRST + draw(st.integers(0, 700 * 24 * 60)) * MINUTE
    office = draw(st.booleans())
    units = ("work_hour", "work_day") if office else ("urgent_hour", "calendar_day")
    limits = st.builds(Limit, st.sampled_from([0.5, 1, 2]), st.sampled_from(units))
    events = []
    kinds: tuple[Kind, ...] = ("pause", "resume", "extend", "stop")
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=6)):
        at = started + draw(st.sampled_from((0, 1, 30, 60, 200, 1440, 3000, 7200))) * MINUTE
        events.append(Event(at, kind, draw(limits) if kind == "extend" else None))
    return Clock(started, draw(limits), tuple(events))


def reference(
    clock: Clock, calendar: WorkCalendar, share: float = 1.0
) -> tuple[str, datetime | None, int]:
    """(state, when the allowance is used, minutes used at the last event), minute by minute."""
    allowed = round(clock.limit.value * HOURS_OF[clock.limit.unit] * 60)
    for event in clock.events:
        if event.limit is not None:
            allowed += round(event.limit.value * HOURS_OF[event.limit.unit] * 60)
    waiting = sorted(clock.events, key=lambda event: event.at)
    last = waiting[-1].at if waiting else clock.started
    state, used, spent, at, due, spent_then = "running", 0, 0, clock.started, None, 0
    office = clock.limit.unit.startswith("work")
    for _ in range(PATIENCE_MINUTES):
        while waiting and waiting[0].at <= at:
            kind = waiting.pop(0).kind
            if kind == "resume":
                state = "running"
            elif kind == "stop":
                state = "stopped"
            elif kind == "pause" and state == "running":
                state = "paused"
        if at == last:
            spent_then = spent
        over = state == "stopped" and all(one.kind in ("pause", "extend") for one in waiting)
        # Stopped, it says when it would have been due had it gone on; a share is asked as it is.
        goes = state == "running" or (over and share == 1.0)
        local = at.astimezone(calendar.zone)
        counts = not office or (
            calendar.working(local.date())
            and any(a <= local.time().replace(tzinfo=None) < b for a, b in OFFICE_HOURS)
        )
        if goes and counts:
            used += 1
            spent += state == "running"
            if due is None and used >= allowed * share:
                due = at + MINUTE
        if not waiting and (due is not None or state == "paused" or (over and not goes)):
            break
        at += MINUTE
    return state, due, allowed - spent_then


@settings(max_examples=80, deadline=None)
@given(clock=clocks(), calendar=calendars())
def test_the_engine_reads_as_the_slow_reference_does(clock: Clock, calendar: WorkCalendar) -> None:
    found = read(clock, calendar)
    state, due, left = reference(clock, calendar)
    assert (found.state, found.due) == (state, due)
    if state != "running":
        assert found.left == left * MINUTE
    assert [step.code for step in found.why[:2]] == ["clock_starts", "limit"]


@settings(max_examples=40, deadline=None)
@given(clock=clocks(), calendar=calendars(), share=st.sampled_from((0.5, 1.5)))
def test_a_share_is_reached_when_the_reference_says(
    clock: Clock, calendar: WorkCalendar, share: float
) -> None:
    _, due, _ = reference(clock, calendar, share)
    assert reached(clock, share, calendar) == due


@settings(max_examples=60, deadline=None)
@given(clock=clocks(), calendar=calendars(), extra=st.sampled_from([0.5, 1, 3]))
def test_an_extension_never_makes_it_due_earlier(
    clock: Clock, calendar: WorkCalendar, extra: float
) -> None:
    more = Event(clock.started + 8000 * MINUTE, "extend", Limit(extra, clock.limit.unit))
    longer = Clock(clock.started, clock.limit, (*clock.events, more))
    before, then = read(clock, calendar).due, read(longer, calendar).due
    assert before is None or then is None or then > before


SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_suspended_over_a_month_it_goes_on_with_what_was_left() -> None:
    """16 office hours from Monday 8:00; suspended on Tuesday at 10:00 with 6 left."""
    start = datetime(2026, 5, 11, 8, tzinfo=SHANGHAI)
    pause = Event(datetime(2026, 5, 12, 10, tzinfo=SHANGHAI), "pause", because="suspended")
    clock = Clock(start, Limit(2, "work_day"), (pause,))
    calendar = WorkCalendar(SHANGHAI)
    still = read(clock, calendar)
    assert (still.state, still.due, still.left) == ("paused", None, 6 * HOUR)
    resumed = Event(datetime(2026, 6, 15, 8, tzinfo=SHANGHAI), "resume")
    again = read(Clock(start, clock.limit, (pause, resumed)), calendar)
    assert again.due == datetime(2026, 6, 15, 16, tzinfo=SHANGHAI)
    assert [step.code for step in again.why] == [
        "clock_starts", "limit", "office_hours_only", "clock_suspended", "clock_resumed",
    ]  # fmt: skip


def test_an_extension_of_another_measure_is_an_error() -> None:
    clock = Clock(FIRST, Limit(2, "urgent_hour"), (Event(FIRST, "extend", Limit(1, "work_day")),))
    with pytest.raises(ValueError, match="counts time"):
        read(clock, WorkCalendar(SHANGHAI))


def test_nothing_happens_before_it_starts() -> None:
    clock = Clock(FIRST, Limit(2, "urgent_hour"), (Event(FIRST - HOUR, "pause"),))
    with pytest.raises(ValueError, match="before it starts"):
        read(clock, WorkCalendar(SHANGHAI))


def test_a_year_that_nobody_knows_is_said() -> None:
    """Two working days from 2026-12-30 end in 2027, of which only weekdays are known."""
    calendar = WorkCalendar(SHANGHAI, known=lambda year: year <= 2026)
    start = datetime(2026, 12, 31, 14, tzinfo=SHANGHAI)
    why = read(Clock(start, Limit(2, "work_day")), calendar).why
    assert (why[-1].code, why[-1].params) == ("calendar_unknown", {"year": 2027})
