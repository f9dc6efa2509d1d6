"""The clock of a synthetic street: it can be changed while processes run, and never goes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import pytest_asyncio
from helpers import SYSTEM
from hypothesis import given
from hypothesis import strategies as st

from streetwise.kernel import clock as clocks
from streetwise.kernel import database as databases
from streetwise.kernel.clock import Stretch, SystemClock, TownClock
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.settings import Settings

NOON = datetime(2026, 9, 9, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Wall:
    """The machine's clock, in our hands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = NOON
        monkeypatch.setattr(clocks, "wall_now", lambda: self.at)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


def test_a_change_counts_from_its_own_moment(wall: Wall) -> None:
    clock = TownClock(NOON, NOON, 60.0)
    wall.at += 10 * SECOND
    clock.follow(Stretch(NOON + 720 * SECOND, NOON + 12 * SECOND, 600.0))
    assert (clock.now(), clock.speed) == (NOON + 600 * SECOND, 60.0)
    wall.at += 1 * SECOND
    assert clock.now() == NOON + 660 * SECOND
    wall.at += 2 * SECOND
    assert (clock.now(), clock.speed) == (NOON + 1320 * SECOND, 600.0)


def test_a_pause_holds_time_and_it_goes_on_from_there(wall: Wall) -> None:
    clock = TownClock(NOON, NOON, 60.0)
    clock.follow(Stretch(NOON + 60 * SECOND, NOON + SECOND, 0.0))
    wall.at += 5 * SECOND
    assert (clock.now(), clock.speed) == (NOON + 60 * SECOND, 0.0)
    wall.at += timedelta(hours=5)
    assert clock.now() == NOON + 60 * SECOND
    clock.follow(Stretch(NOON + 60 * SECOND, wall.at + SECOND, 1.0))
    assert clock.now() == NOON + 60 * SECOND
    wall.at += 3 * SECOND
    assert clock.now() == NOON + 62 * SECOND


def test_who_hears_of_a_pause_late_stands_until_the_others_have_come_as_far(wall: Wall) -> None:
    late, early = TownClock(NOON, NOON, 600.0), TownClock(NOON, NOON, 600.0)
    slow = Stretch(NOON + 600 * SECOND, NOON + SECOND, 60.0)
    early.follow(slow)
    wall.at += 2 * SECOND
    ahead = late.now()
    assert ahead > early.now()
    late.follow(slow)
    assert late.now() == ahead
    wall.at += 20 * SECOND
    assert late.now() == early.now() > ahead


@given(
    st.lists(
        st.tuples(st.floats(-5, 20), st.sampled_from([0.0, 0.1, 1.0, 60.0, 600.0]), st.booleans()),
        max_size=25,
    )
)
def test_time_never_goes_back_whatever_the_machine_does(
    steps: list[tuple[float, float, bool]],
) -> None:
    """Changes at any moment, some heard late, and a machine's clock that is set back too."""
    with pytest.MonkeyPatch.context() as patch:
        wall = Wall(patch)
        clock = TownClock(NOON, NOON, 1.0)
        last = clock.now()
        for seconds, speed, change in steps:
            if change:
                begins = wall.at + SECOND
                clock.follow(Stretch(clock.told.at(begins), begins, speed))
            wall.at += timedelta(seconds=seconds)
            now = clock.now()
            assert now >= last
            last = now


@pytest.fixture
def change(town_urls: Urls) -> Callable[[Stretch], None]:
    """Changes the clock as the owner does."""

    def do(stretch: Stretch) -> None:
        assert town_urls.owner is not None
        with psycopg.connect(**conninfo(town_urls.owner), autocommit=True) as owner:
            owner.execute(
                "UPDATE clock SET anchor_business = %s, anchor_wall = %s, speed = %s",
                (stretch.business, stretch.wall, stretch.speed),
            )

    return do


@pytest_asyncio.fixture
async def two(
    settings: Settings, town_urls: Urls, change: Callable[[Stretch], None]
) -> AsyncIterator[tuple[Runtime, Runtime]]:
    """Two processes on one street, as far as the clock can tell."""
    change(Stretch(NOON, clocks.wall_now(), 1.0))
    async with (
        open_runtime(settings, town_urls.app) as one,
        open_runtime(settings, town_urls.app) as other,
    ):
        yield one, other


async def told(runtime: Runtime, stretch: Stretch) -> None:
    """Wait until a process knows of a change."""
    clock = runtime.database.clock
    assert isinstance(clock, TownClock)
    async with asyncio.timeout(20):
        while clock.told != stretch:
            await asyncio.sleep(0.01)


async def test_every_process_goes_with_a_change_at_the_same_moment(
    two: tuple[Runtime, Runtime], change: Callable[[Stretch], None]
) -> None:
    begins = clocks.wall_now() + SECOND
    pause = Stretch(NOON + 30 * SECOND, begins, 0.0)
    change(pause)
    for runtime in two:
        await told(runtime, pause)
    async with asyncio.timeout(20):
        while clocks.wall_now() < begins:
            await asyncio.sleep(0.01)
    for runtime in two:
        assert (runtime.database.clock.now(), runtime.database.clock.speed) == (pause.business, 0.0)
    # People go on acting: what they do carries the standing time.
    async with two[0].database.unit_of_work(SYSTEM) as uow:
        assert uow.now == pause.business
    change(Stretch(pause.business, clocks.wall_now(), 600.0))
    for runtime in two:
        async with asyncio.timeout(20):
            while runtime.database.clock.now() == pause.business:
                await asyncio.sleep(0.01)
        assert runtime.database.clock.speed == 600.0


async def test_a_database_that_is_away_changes_no_clock(
    two: tuple[Runtime, Runtime],
    change: Callable[[Stretch], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process goes on as it did, and hears of the change when the database is back."""
    database = two[0].database
    asked = asyncio.Event()
    real = database._town_stretch

    async def away() -> Stretch | None:
        asked.set()
        raise OSError("gone")

    monkeypatch.setattr(database, "_town_stretch", away)
    await asyncio.wait_for(asked.wait(), 20)
    assert database.clock.speed == 1.0
    monkeypatch.setattr(database, "_town_stretch", real)
    fast = Stretch(NOON + timedelta(days=1), clocks.wall_now(), 60.0)
    change(fast)
    await told(two[0], fast)


async def test_a_real_street_asks_nothing_about_its_clock(
    settings: Settings, town_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert town_urls.owner is not None
    with psycopg.connect(**conninfo(town_urls.owner), autocommit=True) as owner:
        owner.execute("UPDATE clock SET simulated = false, speed = 600")
    monkeypatch.setattr(databases, "CLOCK_POLL_SECONDS", 0.0)
    async with open_runtime(settings, town_urls.app) as runtime:
        clock = runtime.database.clock
        assert isinstance(clock, SystemClock)
        await asyncio.wait_for(runtime.database.follow_clock(), 5)  # returns at once
        assert (runtime.database.clock, clock.speed) == (clock, 1.0)
        assert abs(clock.now() - clocks.wall_now()) < timedelta(seconds=5)
