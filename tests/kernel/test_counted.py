"""What is counted quickly is always new; what takes long is counted once for all who ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from streetwise.kernel.counted import LONG_AGO, SHARE, Counted

SLOW = 0.1


class Time:
    """A clock that counting moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.counts = 0

    def __call__(self) -> float:
        return self.now

    def counting(self, seconds: float) -> Callable[[], Awaitable[int]]:
        async def count() -> int:
            await asyncio.sleep(0)
            self.now += seconds
            self.counts += 1
            return self.counts

        return count


async def test_what_is_quick_is_counted_each_time() -> None:
    time = Time()
    counted = Counted(SLOW, time)
    assert [await counted.get("a", time.counting(SLOW / 2)) for _ in range(3)] == [1, 2, 3]


async def test_what_is_slow_is_shown_again_and_counted_behind_the_answer() -> None:
    time = Time()
    counted, count = Counted(SLOW, time), time.counting(1.0)
    assert await counted.get("a", count) == 1
    assert await counted.get("a", count) == 1
    assert await counted.get("b", count) == 2, "another key is another count"
    time.now += 1.0 / SHARE
    assert [await counted.get("a", count) for _ in range(5)] == [1] * 5
    assert time.counts == 2
    for _ in range(3):
        await asyncio.sleep(0)
    assert time.counts == 3, "once, for all five"
    assert await counted.get("a", count) == 3


async def test_what_nobody_asked_for_long_is_counted_before_it_is_shown() -> None:
    time = Time()
    counted, count = Counted(SLOW, time), time.counting(1.0)
    assert await counted.get("a", count) == 1
    time.now += LONG_AGO * 1.0 / SHARE + 1
    assert await asyncio.gather(*(counted.get("a", count) for _ in range(3))) == [2, 2, 2]


async def test_what_became_quick_is_counted_each_time_again() -> None:
    time = Time()
    counted = Counted(SLOW, time)
    await counted.get("a", time.counting(1.0))
    time.now += LONG_AGO * 1.0 / SHARE + 1
    assert await counted.get("a", time.counting(0.0)) == 2
    assert await counted.get("a", time.counting(0.0)) == 3


async def test_a_count_that_fails_is_said_to_the_next() -> None:
    time = Time()
    counted = Counted(SLOW, time)

    async def fails() -> int:
        raise ValueError

    assert await counted.get("a", time.counting(1.0)) == 1
    time.now += 1.0 / SHARE + 1
    assert await counted.get("a", fails) == 1, "the old one, while it is tried"
    for _ in range(3):
        await asyncio.sleep(0)
    with pytest.raises(ValueError):
        await counted.get("a", fails)
