"""The process view, and handling times beside a baseline, among 200,000 cases.

The street of ``filling.py`` (three years of work). ``flow.derive``: cases per second whose steps
are derived, by the job's own batches. ``flow.view``: reading and counting the steps of *all* cases,
which is the worst that a period can be. ``speed.compare``: one half of the cases beside the other,
with ratio and interval for all, units, classes and months. By the clock, best of some rounds.
Baselines in the same run: a transaction for each case; the edges alone, counted case by case in
Python from the same rows; of
the comparison, the median of all pairs of 2,000 cases a side, written out.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.filling import fill
from bench.report import Row, row
from bench.street import Bench
from streetwise.directory import repository as directory
from streetwise.kernel.runtime import Runtime, open_runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.flow import engine, repository
from streetwise.resolve.flow.actions import derive_steps
from streetwise.resolve.flow.repository import Asked
from streetwise.resolve.flow.tables import CaseStep
from streetwise.resolve.scores.actions import derive_facts
from streetwise.resolve.speed import repository as speed
from streetwise.resolve.speed.report import Comparison, Timed

VIEWER = Viewer.system("bench")
SIZE, QUICK_SIZE = 200_000, 10_000
ROUNDS, QUICK_ROUNDS = 3, 1
PAIRS = 2_000


def run(bench: Bench) -> list[Row]:
    """Fill, derive, count, compare."""
    bench.ready()
    count = bench.size(SIZE, QUICK_SIZE)
    with bench.database() as urls:
        bench.note(f"flow: filling {count:,} cases")
        asyncio.run(fill(bench, urls, count))
        return asyncio.run(_measured(bench, urls.app, count))


async def _measured(bench: Bench, url: str, count: int) -> list[Row]:
    rounds = bench.size(ROUNDS, QUICK_ROUNDS)
    async with open_runtime(
        bench.settings.model_copy(update={"bulk_rest_seconds": 0.0}), url
    ) as runtime:
        await derive_facts(runtime)
        bench.note("flow: deriving steps")
        began = time.perf_counter()
        derived = await derive_steps(runtime)
        rate = derived / (time.perf_counter() - began)
        single = await _singly(runtime, bench.size(2_000, 200))
        now = datetime.now(UTC)
        async with runtime.database.read(VIEWER) as session:
            area = (await directory.area(session, VIEWER, None)).code
            asked = Asked(area, now - timedelta(days=5_000), now + timedelta(days=1))
            bench.note("flow: counting")
            ours = await _best(rounds, lambda: _view(session, asked))
            naive = await _best(1, lambda: _naive(session, asked))
            cases, _ = await speed.timed(session, VIEWER, area, asked.start, asked.stop, asked.stop)
        bench.note("speed: comparing")
        half = len(cases) // 2
        compared = await _best(rounds, lambda: _compared(cases[:half], cases[half:]))
        pairs = await _best(1, lambda: _pairs(cases[:half], cases[half:]))
    return [
        row("flow.derive", rate, "cases/s", baseline=("one at a time", single)),
        row("flow.view", ours, f"s of {count:,} cases", baseline=("edges case by case", naive)),
        row("speed.compare", compared, f"s of {len(cases):,} cases",
            baseline=(f"pairs of {PAIRS:,} a side", pairs)),
    ]  # fmt: skip


async def _singly(runtime: Runtime, count: int) -> float:
    """Cases per second, a transaction each."""
    async with runtime.database.read(VIEWER) as session:
        query = select(CaseStep.case_id).where(CaseStep.n == 0).limit(count)
        ids = list((await session.execute(query)).scalars())
    began = time.perf_counter()
    for one in ids:
        async with runtime.database.unit_of_work(VIEWER) as uow:
            await repository.derive(uow.session, VIEWER, [one])
    return len(ids) / (time.perf_counter() - began)


async def _best(rounds: int, work: Callable[[], Awaitable[object]]) -> float:
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        best = min(best, time.perf_counter() - began)
    return best


async def _view(session: AsyncSession, asked: Asked) -> object:
    log, classes = await repository.log(session, VIEWER, asked)
    return engine.flow(log), engine.by_unit(log), engine.by_case(log, classes)


async def _naive(session: AsyncSession, asked: Asked) -> object:
    """Every step as an object, its edge counted."""
    query = select(CaseStep).where(CaseStep.area == asked.area)
    edges: Counter[tuple[str | None, str]] = Counter()
    for step in (await session.execute(query)).scalars():
        edges[step.from_state, step.to_state] += 1
    return edges


async def _compared(before: list[Timed], after: list[Timed]) -> object:
    return Comparison(before, after, "closed", ZoneInfo("Asia/Shanghai")).whole()


async def _pairs(before: list[Timed], after: list[Timed]) -> object:
    one, two = (
        np.log([max(case.closed, 60.0) for case in side if case.closed is not None][:PAIRS])
        for side in (before, after)
    )
    return float(np.median(two[:, None] - one[None, :]))
