"""Nights while an invented past is still arriving: of what is there, and again with more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from helpers import past_the_walls
from warn.nights import everything, found, rows, told, weeks

from streetwise.directory.tables import Area
from streetwise.kernel import arriving
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.warn import jobs
from streetwise.warn.night import Compute, Material, Night, Past

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def nights(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Material]]:
    """What each night was given."""
    given: list[Material] = []

    def compute(one: Material) -> Night:
        given.append(one)
        return everything(one)

    monkeypatch.setattr(jobs, "_compute", compute)
    runtime.settings.warn_nightly = True
    yield given
    arriving.over(runtime.settings.home)


def run_told(runtime: Runtime) -> list[dict[str, Any]]:
    return [one for (one,) in rows(runtime, "SELECT told FROM warn_run ORDER BY night")]


async def test_a_night_is_made_again_when_twice_as_much_and_when_all_is_there(
    runtime: Runtime, clock: HandClock, nights: list[Material]
) -> None:
    await told(runtime, weeks(8))
    home = runtime.settings.home
    today = clock.now().astimezone(SHANGHAI).replace(hour=0, minute=0)

    async def comes(days: int | None) -> int:
        """So many days are there (None: all): how many nights that made."""
        before = len(nights)
        if days is None:
            arriving.over(home)
        else:
            arriving.tell(home, 0.5, today - timedelta(days=days))
        await jobs.run_nights(runtime)
        return len(nights) - before

    assert [await comes(days) for days in (14, 14, 27, 28, 40, None, None)] == [1, 0, 0, 1, 0, 1, 0]
    first = [int(one.reports.day[0]) for one in nights]
    last = nights[0].last_day
    assert [last - day for day in first] == [13, 27, 55]
    assert {one.hindsight_days for one in nights} == {runtime.settings.warn_hindsight_days}
    (row,) = run_told(runtime)
    assert "arriving_days" not in row
    assert rows(runtime, "SELECT count(*) FROM warn_run") == [(1,)]


async def test_what_was_said_while_it_arrived_does_not_keep_the_street_from_looking_back(
    runtime: Runtime, clock: HandClock, nights: list[Material]
) -> None:
    await told(runtime, weeks())
    today = clock.now().astimezone(SHANGHAI).replace(hour=0, minute=0)
    arriving.tell(runtime.settings.home, 0.5, today - timedelta(days=20))
    await jobs.run_nights(runtime)
    assert rows(runtime, "SELECT count(*) FROM warning") == [(1,)]
    clock.advance(timedelta(days=1))
    arriving.over(runtime.settings.home)
    await jobs.run_nights(runtime)
    assert nights[-1].hindsight_days == runtime.settings.warn_hindsight_days


async def test_each_time_it_looks_back_anew_and_once_when_all_is_there(
    runtime: Runtime, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What less of the past had said is replaced, what all of it says stays."""
    await told(runtime, weeks(8))
    runtime.settings.warn_nightly = True
    home = runtime.settings.home
    today = clock.now().astimezone(SHANGHAI).replace(hour=0, minute=0)

    async def worked_out(days: int | None, *last: int) -> list[str]:
        """The last days of what stands there after a night that says these, so long ago."""

        def compute(known: Material) -> Night:
            end = known.last_day
            then = [found(known, first_day=end - n - 2, last_day=end - n) for n in last]
            return Night(hindsight=tuple(Past(one, one.last_day - 1, one.last_day) for one in then))

        monkeypatch.setattr(jobs, "_compute", compute)
        if days is None:
            arriving.over(home)
        else:
            arriving.tell(home, 0.5, today - timedelta(days=days))
        await jobs.run_nights(runtime)
        query = "SELECT last_day::text FROM warning WHERE hindsight ORDER BY last_day DESC"
        return [one for (one,) in rows(runtime, query)]

    def day(n: int) -> str:
        return (today.date() - timedelta(days=n + 1)).isoformat()

    try:
        assert await worked_out(14, 9) == [day(9)]
        assert await worked_out(20, 9, 12) == [day(9)], "not yet twice as much"
        assert await worked_out(28, 10, 30) == [day(10), day(30)]
        assert await worked_out(None, 11, 31, 50) == [day(11), day(31), day(50)]
        clock.advance(timedelta(days=1))
        assert await worked_out(None, 12) == [day(11), day(31), day(50)]
    finally:
        arriving.over(home)
    entries = (
        "SELECT data->>'warnings' FROM journal WHERE action = 'warning.hindsight' ORDER BY seq"
    )
    assert rows(runtime, entries) == [("1",), ("2",), ("3",)]


async def test_nobody_knows_from_when_on_it_is_whole(
    runtime: Runtime, nights: list[Material]
) -> None:
    arriving.tell(runtime.settings.home, 0.5)
    await jobs.run_nights(runtime)
    assert not nights


def test_from_when_on_is_told_with_the_share(tmp_path: Any) -> None:
    at = datetime(2026, 5, 1, tzinfo=SHANGHAI)
    assert arriving.since(tmp_path) is None
    arriving.tell(tmp_path, 0.25, at)
    assert (arriving.share(tmp_path), arriving.since(tmp_path)) == (0.25, at)
    arriving.tell(tmp_path, 0.5)
    assert arriving.since(tmp_path) is None


async def test_a_street_whose_night_fails_keeps_no_other_from_its_own(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await told(runtime, weeks())
    runtime.settings.warn_nightly = True
    tried: list[str] = []
    real = jobs.analyse

    async def analyse(of: Runtime, area: Area, night: date, by: Compute, **how: Any) -> bool:
        tried.append(area.code)
        if area.code == "away":
            raise ValueError("points that lie far from all others")
        return await real(of, area, night, everything, **how)

    with past_the_walls(runtime) as connection:
        connection.execute(
            'INSERT INTO area SELECT (jsonb_populate_record(a, \'{"code": "away"}\')).*'
            " FROM area a WHERE code = 'home'"
        )
        connection.commit()
    monkeypatch.setattr(jobs, "analyse", analyse)
    with pytest.raises(ExceptionGroup, match="Not every street"):
        await jobs.run_nights(runtime)
    assert sorted(tried) == ["away", "home"]
    assert rows(runtime, "SELECT area, state FROM warn_run") == [("home", "done")]
