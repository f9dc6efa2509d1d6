"""A worker that is killed in the middle of a sweep has told nobody; the next tells each once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from faults.street import ENVIRONMENT
from helpers import past_the_walls, report, spot, take_in_rows

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.clocks.sweep import sweep

CASES = 30
VIEWER = Viewer.system("deadlines")
TOLD = (
    "SELECT subject::text, action, data->>'clock', data->>'step' FROM journal"
    " WHERE action IN ('case.due_soon', 'case.overdue', 'case.escalated')"
)


@contextmanager
def in_the_middle(runtime: Runtime, clock: HandClock, limit: int) -> Iterator[int]:
    """A worker of its own process that has swept a batch and not ended its transaction: how many
    clocks it holds. Killed at the end.
    """
    worker = subprocess.Popen(
        [
            sys.executable, str(Path(__file__).with_name("killed_sweep.py")),
            runtime.database.url, str(runtime.settings.home), clock.now().isoformat(), str(limit),
        ],
        env=ENVIRONMENT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert worker.stdout is not None
        said = next(line.split() for line in worker.stdout if line.startswith("swept"))
        yield int(said[1])
    finally:
        worker.kill()
        worker.communicate()


async def swept(runtime: Runtime, limit: int = 1000) -> int:
    async with runtime.database.unit_of_work(VIEWER) as uow:
        return await sweep(uow, VIEWER, runtime.keys, limit)


def told(runtime: Runtime) -> Counter[tuple[str, ...]]:
    with past_the_walls(runtime) as connection:
        return Counter(connection.execute(TOLD).fetchall())


def messages(runtime: Runtime) -> int:
    with past_the_walls(runtime) as connection:
        row = connection.execute("SELECT count(*) FROM notification").fetchone()
    assert row is not None
    return int(row[0])


async def overdue_cases(runtime: Runtime, clock: HandClock) -> None:
    """Nobody has taken them up for an hour."""
    words = "第 {} 处的垃圾桶满了很多天"
    rows = [report(str(n), f"来件 {n}", words.format(n), **spot(n)) for n in range(CASES)]
    await take_in_rows(runtime, rows)
    clock.advance(timedelta(minutes=61))


async def test_killed_in_the_middle_nobody_is_told_and_then_each_once(
    runtime: Runtime, clock: HandClock
) -> None:
    await overdue_cases(runtime, clock)
    with in_the_middle(runtime, clock, 1000) as held:
        assert held >= CASES
        # Beside it another one passes by what it holds, and waits for nothing.
        async with asyncio.timeout(30):
            assert await swept(runtime) == 0
        assert not told(runtime)
    # PostgreSQL has noticed when its locks are gone.
    async with asyncio.timeout(30):
        while not (took := await swept(runtime)):
            await asyncio.sleep(0.01)
    assert took == held
    found = told(runtime)
    assert set(found.values()) == {1}
    assert len({subject for subject, _, clock_kind, _ in found if clock_kind == "accept"}) == CASES
    before = messages(runtime)
    assert before > 0
    assert await swept(runtime) == 0
    assert (told(runtime), messages(runtime)) == (found, before)


async def test_what_a_dead_worker_had_committed_is_not_told_again(
    runtime: Runtime, clock: HandClock
) -> None:
    """It had done one batch; it is killed in its second."""
    await overdue_cases(runtime, clock)
    first = await swept(runtime, 10)
    assert first == 10
    with in_the_middle(runtime, clock, 10):
        rest = await swept(runtime)
    async with asyncio.timeout(30):
        while await _waiting(runtime, clock):
            await swept(runtime)
    assert rest > 0
    found = told(runtime)
    assert set(found.values()) == {1}
    assert len({subject for subject, _, clock_kind, _ in found if clock_kind == "accept"}) == CASES


@pytest.mark.parametrize("workers", [2, 4])
async def test_workers_that_sweep_at_once_share_the_clocks(
    runtime: Runtime, clock: HandClock, workers: int
) -> None:
    await overdue_cases(runtime, clock)
    while sum(await asyncio.gather(*(swept(runtime, 4) for _ in range(workers)))):
        pass
    found = told(runtime)
    assert set(found.values()) == {1}
    assert len({subject for subject, _, clock_kind, _ in found if clock_kind == "accept"}) == CASES


async def _waiting(runtime: Runtime, clock: HandClock) -> int:
    with past_the_walls(runtime) as connection:
        row = connection.execute(
            "SELECT count(*) FROM case_clock WHERE next_at <= %s", (clock.now(),)
        ).fetchone()
    assert row is not None
    return int(row[0])
