"""When a message goes out: against a reference that walks minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from streetwise.notify.when import Habits, Quiet, when

MINUTE = timedelta(minutes=1)
#: Zones whose clocks are never put forward or back now; one of half an hour among them.
EVEN = [ZoneInfo(name) for name in ("Asia/Shanghai", "UTC", "Asia/Kolkata", "America/Phoenix")]
BERLIN = ZoneInfo("Europe/Berlin")


def seconds_from(start: datetime, days: float) -> st.SearchStrategy[datetime]:
    """Moments from one on, for so many days."""
    return st.integers(0, int(days * 86_400)).map(lambda n: start + timedelta(seconds=n))


moments = seconds_from(datetime(2026, 1, 1, tzinfo=UTC), 364)
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
quiets = st.builds(Quiet, times, times)
habits = st.builds(Habits, st.none() | quiets, st.none() | times)


def slowly(now: datetime, zone: ZoneInfo, wanted: Habits, *, urgent: bool) -> datetime:
    """The same, by looking at a clock every minute; what is not a whole minute comes first."""
    if urgent:
        return now
    at = now
    if wanted.digest is not None:
        at = at.replace(second=0, microsecond=0) + MINUTE
        while at.astimezone(zone).time() != wanted.digest:
            at += MINUTE
    while wanted.quiet is not None and _is_quiet(at.astimezone(zone).time(), wanted.quiet):
        at = at.replace(second=0, microsecond=0) + MINUTE
    return at


def _is_quiet(at: time, quiet: Quiet) -> bool:
    """Around the clock from the beginning: which comes first, this moment or the end?"""
    day = 24 * 60 * 60

    def after_start(one: time) -> float:
        seconds = one.hour * 3600 + one.minute * 60 + one.second + one.microsecond / 1e6
        start = quiet.start.hour * 3600 + quiet.start.minute * 60
        return (seconds - start) % day

    return after_start(at) < after_start(quiet.end)


@given(moments, st.sampled_from(EVEN), habits, st.booleans())
def test_it_is_what_a_clock_shows(
    now: datetime, zone: ZoneInfo, wanted: Habits, urgent: bool
) -> None:
    found = when(now, zone, wanted, urgent=urgent)
    assert found == slowly(now, zone, wanted, urgent=urgent)


@given(
    # The two nights of 2026 in which clocks are changed, and their days.
    st.one_of(
        seconds_from(datetime(2026, 3, 28, 12, tzinfo=UTC), 1),
        seconds_from(datetime(2026, 10, 24, 12, tzinfo=UTC), 1),
    ),
    habits,
)
def test_clocks_that_are_changed_hold_nothing_up(now: datetime, wanted: Habits) -> None:
    found = when(now, BERLIN, wanted, urgent=False)
    assert found >= now
    # A digest and then quiet hours: two waits of at most 25 hours and the skipped hour.
    assert found - now <= 2 * timedelta(hours=26)
    if wanted.quiet is not None and wanted.digest is None:
        assert found - now <= timedelta(hours=25)
        assert not wanted.quiet.holds(found.astimezone(BERLIN).time())


def test_across_midnight_and_by_examples() -> None:
    beijing = ZoneInfo("Asia/Shanghai")
    night = Habits(Quiet(time(22), time(7)))
    late = datetime(2026, 5, 11, 15, 30, tzinfo=UTC)  # 23:30 in Beijing
    assert when(late, beijing, night, urgent=False) == datetime(2026, 5, 11, 23, tzinfo=UTC)
    assert when(late, beijing, night, urgent=True) == late
    noon = datetime(2026, 5, 11, 4, tzinfo=UTC)
    assert when(noon, beijing, night, urgent=False) == noon
    digest = Habits(digest=time(12))  # at this very minute: tomorrow's
    assert when(noon, beijing, digest, urgent=False) == noon + timedelta(days=1)
    both = Habits(Quiet(time(22), time(7)), time(6))
    assert when(noon, beijing, both, urgent=False) == datetime(2026, 5, 11, 23, tzinfo=UTC)


def test_a_time_that_comes_twice_ends_quiet_hours_twice() -> None:
    """Berlin, 25 October 2026: from 02:00 to 03:00 twice; at the second 02:10 it is quiet again."""
    night = Habits(Quiet(time(22), time(2, 30)))
    for hour in (0, 1):
        now = datetime(2026, 10, 25, hour, 10, tzinfo=UTC)
        assert when(now, BERLIN, night, urgent=False) == now + timedelta(minutes=20)
