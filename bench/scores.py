"""Scores: deriving the facts of cases, and the score of a month, among 1,000,000 cases.

The street of ``filling.py`` (three years of work). ``scores.derive``: facts of so many cases per
second, by the job's own batches. ``scores.month_all``: rates, median and nine tenths by unit where
*all* cases are of the period, which is the worst that a month can be. ``scores.month``: of one of
its 36 months. By the clock, best of some rounds. Baseline in the same run: the facts are read row
by row and counted in Python.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.filling import fill
from bench.report import Row, row
from bench.street import Bench
from streetwise.directory import repository as directory
from streetwise.kernel.runtime import Runtime, open_runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.scores import repository
from streetwise.resolve.scores.actions import derive_facts
from streetwise.resolve.scores.rules import Period, versions
from streetwise.resolve.scores.tables import CaseFact

VIEWER = Viewer.system("bench")
#: A third are closed in other areas or are still open: the period holds what is left.
SIZE, QUICK_SIZE = 1_000_000, 20_000
ROUNDS, QUICK_ROUNDS = 3, 1
RULES = versions()[0]


def run(bench: Bench) -> list[Row]:
    """Fill, derive, count."""
    bench.ready()
    count = bench.size(SIZE, QUICK_SIZE)
    with bench.database() as urls:
        bench.note(f"scores: filling {count:,} cases")
        asyncio.run(fill(bench, urls, count))
        return asyncio.run(_measured(bench, urls.app, count))


async def _measured(bench: Bench, url: str, count: int) -> list[Row]:
    async with open_runtime(replace_rest(bench), url) as runtime:
        bench.note("scores: deriving facts")
        began = time.perf_counter()
        derived = await derive_facts(runtime)
        rate = derived / (time.perf_counter() - began)
        single = await _singly(runtime, bench.size(2_000, 200))
        async with runtime.database.read(VIEWER) as session:
            area = (await directory.area(session, VIEWER, None)).code
        now = datetime.now(UTC)
        every = Period("all", now - timedelta(days=5_000), now + timedelta(days=1))
        month = Period("month", now - timedelta(days=60), now - timedelta(days=30))
        rounds = bench.size(ROUNDS, QUICK_ROUNDS)
        bench.note("scores: counting")
        ours = await _best(runtime, rounds, lambda session: _ours(session, area, every))
        one = await _best(runtime, rounds, lambda session: _ours(session, area, month))
        naive = await _best(runtime, 1, lambda session: _naive(session, area, every))
        naive_one = await _best(runtime, 1, lambda session: _naive(session, area, month))
    by_rows = "row by row in Python"
    return [
        row("scores.derive", rate, "cases/s", baseline=("one at a time", single)),
        row("scores.month_all", ours, f"s of {count:,} cases", baseline=(by_rows, naive),
            goal="value <= 3"),
        row("scores.month", one, f"s, a month among {count:,}", baseline=(by_rows, naive_one)),
    ]  # fmt: skip


def replace_rest(bench: Bench) -> Any:
    """Without rests between batches: nobody else is there."""
    return bench.settings.model_copy(update={"bulk_rest_seconds": 0.0})


async def _singly(runtime: Runtime, count: int) -> float:
    """Cases per second, a transaction each."""
    async with runtime.database.read(VIEWER) as session:
        ids = list((await session.execute(select(CaseFact.case_id).limit(count))).scalars())
    began = time.perf_counter()
    for one in ids:
        async with runtime.database.unit_of_work(VIEWER) as uow:
            await repository.derive(uow.session, VIEWER, [one])
    return len(ids) / (time.perf_counter() - began)


async def _best(
    runtime: Runtime, rounds: int, work: Callable[[AsyncSession], Awaitable[object]]
) -> float:
    best = float("inf")
    for _ in range(rounds):
        async with runtime.database.read(VIEWER) as session:
            began = time.perf_counter()
            await work(session)
            best = min(best, time.perf_counter() - began)
    return best


async def _ours(session: AsyncSession, area: str, period: Period) -> object:
    return await repository.tallies(session, VIEWER, area, RULES, period, "unit")


async def _naive(session: AsyncSession, area: str, period: Period) -> object:
    """Reads what it needs of each row, and counts."""
    columns = (
        CaseFact.unit_id, CaseFact.opened_at, CaseFact.closed_at, CaseFact.due_at,
        CaseFact.reworked, CaseFact.voices, CaseFact.merged,
    )  # fmt: skip
    query = select(*columns).where(CaseFact.area == area, CaseFact.closed_at >= period.start)
    counts: dict[Any, list[Any]] = defaultdict(lambda: [0, 0, 0, 0, []])
    for unit, opened, closed, due, reworked, voices, merged in await session.execute(query):
        if merged or closed is None or closed >= period.end:
            continue
        own = counts[unit]
        own[0] += 1
        own[1] += due is not None and closed <= due
        own[2] += reworked > 0
        own[3] += voices > 1
        own[4].append((closed - opened).total_seconds())
    for own in counts.values():
        own[4].sort()
    return counts
