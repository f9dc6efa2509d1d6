"""Scores: the score of a month among 1,000,000 cases, and deriving the facts that it counts.

``scores.month_all``: rates, medians and nine tenths by unit where *all* cases are of the period,
which is the worst that a month can be. ``scores.month``: of one of their 36 months. The facts and
a quarter as many work orders are made in the database itself (seconds, where a case by the real
path takes milliseconds): what is measured reads nothing else. By the clock, best of some rounds,
and the same in CPU seconds of this process and the database (``.cpu``): the machine may be shared.
Baseline in the same run: what is needed of each row is read and counted in Python.

``scores.derive``: facts a second by the job's own batches, from cases with their journal
(``filling.py``), of which there are fewer.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.filling import fill
from bench.meter import Spent
from bench.report import Row, row
from bench.street import Bench
from streetwise.directory import repository as directory
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.scores import repository
from streetwise.resolve.scores.actions import derive_facts
from streetwise.resolve.scores.rules import Period, versions
from streetwise.resolve.scores.tables import CaseFact

VIEWER = Viewer.system("bench")
SIZE, QUICK_SIZE = 1_000_000, 20_000
DERIVED, QUICK_DERIVED = 20_000, 2_000
ROUNDS, QUICK_ROUNDS = 3, 1
RULES = versions()[0]

#: Three years up to now; the newest thirtieth is open, a tenth has no deadline.
_FACTS = """
INSERT INTO case_fact (case_id, version, area, unit_id, community_id, scheme, code, channel, nature,
    outcome, opened_at, due_at, closed_at, returned, reworked, reopened, voices, merged, grade,
    paused_seconds)
SELECT md5(n::text)::uuid, 1, %(area)s, %(units)s[1 + floor(random() * %(count_units)s)::int],
    NULL, 'urban-management', 'E-01-' || 1 + n %% 40, CASE WHEN random() < 0.2 THEN '网格上报'
    ELSE '市级热线' END, 'problem', CASE WHEN random() < 0.01 THEN 'not_our_duty' END, opened,
    CASE WHEN random() < 0.9 THEN opened + interval '1 hour' * (4 + 200 * random()) END,
    CASE WHEN n < %(size)s * 29 / 30 THEN opened - interval '50 hours' * ln(1 - random()) END,
    (random() < 0.05)::int, (random() < 0.05)::int, 0, 1 + (random() < 0.15)::int,
    random() < 0.02, 2, CASE WHEN random() < 0.1 THEN 7200 ELSE 0 END
FROM (SELECT n, now() - interval '1 day' * 1095 * (1 - n::float / %(size)s) AS opened
      FROM generate_series(1, %(size)s) n) made
"""
_ORDERS = """
INSERT INTO work_order (id, version, area, case_id, source_id, number, signal_id, scheme, state,
    received_at, upstream_state, updates, reached, resolved, satisfied, called_back_at, exclusion,
    urged, added, contest, contact_step)
SELECT md5('o' || n)::uuid, 1, %(area)s, md5(n::text)::uuid, md5('s')::uuid, 'O' || n,
    md5('v' || n)::uuid, 'hotline12345', 'closed', called, 'closed', 0, random() < 0.95,
    random() < 0.8, CASE WHEN random() < 0.7 THEN 'yes' WHEN random() < 0.3 THEN 'basically'
    ELSE 'no' END, called, CASE WHEN random() < 0.05 THEN 'granted' ELSE 'none' END, 0, 0, 'none', 0
FROM (SELECT n, now() - interval '1 day' * 1090 * (1 - n::float / %(size)s) AS called
      FROM generate_series(1, %(size)s, 4) n) made
"""


def run(bench: Bench) -> list[Row]:
    """Make facts and count them; fill, and derive."""
    bench.ready()
    count = bench.size(SIZE, QUICK_SIZE)
    with bench.database() as urls:
        began = time.perf_counter()
        area = asyncio.run(_area(bench, urls))
        _make(urls, area, count)
        bench.note(f"scores: {count:,} facts made in {time.perf_counter() - began:.0f} s")
        rows = asyncio.run(_counted(bench, urls, area, count))
    with bench.database() as urls:
        asyncio.run(fill(bench, urls, bench.size(DERIVED, QUICK_DERIVED)))
        return [*rows, asyncio.run(_derived(bench, urls))]


async def _area(bench: Bench, urls: Urls) -> str:
    async with (
        open_runtime(bench.settings, urls.app, create_keys=True) as runtime,
        runtime.database.read(VIEWER) as session,
    ):
        return (await directory.area(session, VIEWER, None)).code


def _make(urls: Urls, area: str, size: int) -> None:
    """Facts and orders of cases that are not there: nobody who counts looks at those."""
    assert urls.owner is not None
    with psycopg.connect(**conninfo(urls.owner), autocommit=True) as connection:
        for table in ("case_fact", "work_order"):
            keys = connection.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
                (table,),
            ).fetchall()
            for (name,) in keys:
                connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
        found = connection.execute("SELECT id FROM unit ORDER BY id").fetchall()
        units = [one for (one,) in found]
        given = {"area": area, "units": units, "count_units": len(units), "size": size}
        connection.execute("SELECT setseed(0.5)")
        connection.execute(_FACTS.encode(), given)
        connection.execute(_ORDERS.encode(), given)
        # As autovacuum will have done long since.
        connection.execute("VACUUM ANALYZE case_fact")
        connection.execute("VACUUM ANALYZE work_order")


async def _counted(bench: Bench, urls: Urls, area: str, count: int) -> list[Row]:
    now = datetime.now(UTC)
    periods = {
        "month_all": Period("all", now - timedelta(days=5_000), now + timedelta(days=9_000)),
        "month": Period("month", now - timedelta(days=60), now - timedelta(days=30)),
    }
    rounds, rows = bench.size(ROUNDS, QUICK_ROUNDS), []
    async with open_runtime(bench.settings, urls.app) as runtime:
        for name, period in periods.items():
            bench.note(f"scores: {name}")

            async def ours(session: AsyncSession, period: Period = period) -> object:
                return await repository.tallies(session, VIEWER, area, RULES, period, "unit")

            async def naive(session: AsyncSession, period: Period = period) -> object:
                return await _naive(session, area, period)

            mine = await _best(bench, runtime, rounds, ours)
            theirs = await _best(bench, runtime, 1, naive)
            by_rows, of = "row by row in Python", f"of {count:,} cases"
            goal = "value <= 3" if name == "month_all" else None
            rows += [
                row(f"scores.{name}", mine.wall, f"s {of}", baseline=(by_rows, theirs.wall),
                    goal=goal),
                row(f"scores.{name}.cpu", mine.cpu, f"CPU s {of}", baseline=(by_rows, theirs.cpu)),
            ]  # fmt: skip
    return rows


async def _best(
    bench: Bench,
    runtime: Runtime,
    rounds: int,
    work: Callable[[AsyncSession], Awaitable[object]],
) -> Spent:
    """The shortest time, and the fewest CPU seconds."""
    found: list[Spent] = []
    for _ in range(rounds):
        async with runtime.database.read(VIEWER) as session:
            with bench.spent() as spent:
                await work(session)
        found.append(spent)
    return Spent(min(one.wall for one in found), min(one.cpu for one in found))


async def _naive(session: AsyncSession, area: str, period: Period) -> object:
    """Reads what it needs of each row, and counts."""
    columns = (
        CaseFact.unit_id, CaseFact.opened_at, CaseFact.closed_at, CaseFact.due_at,
        CaseFact.returned, CaseFact.reworked, CaseFact.voices, CaseFact.merged, CaseFact.outcome,
        CaseFact.channel, CaseFact.paused_seconds,
    )  # fmt: skip
    query = select(*columns).where(CaseFact.area == area, CaseFact.closed_at >= period.start)
    query = query.where(CaseFact.closed_at < period.end)
    counts: dict[Any, list[Any]] = defaultdict(lambda: [0, 0, 0, 0, 0, 0, [], []])
    rows: Iterable[Any] = await session.execute(query)
    for unit, opened, closed, due, back, again, voices, merged, outcome, channel, still in rows:
        if merged or outcome in ("not_our_duty", "duplicate", "withdrawn"):
            continue
        own = counts[unit]
        own[0] += 1
        own[1] += due is not None and closed <= due
        own[2] += again > 0
        own[3] += back > 0
        own[4] += voices > 1
        own[5] += channel in RULES.ahead_channels
        own[6].append((closed - opened).total_seconds())
        own[7].append((closed - opened).total_seconds() - still)
    orders = select(
        CaseFact.unit_id, WorkOrder.reached, WorkOrder.resolved, WorkOrder.satisfied
    ).join(CaseFact, CaseFact.case_id == WorkOrder.case_id)
    orders = orders.where(
        CaseFact.area == area, WorkOrder.exclusion != "granted",
        WorkOrder.called_back_at >= period.start, WorkOrder.called_back_at < period.end,
    )  # fmt: skip
    said: dict[Any, list[float]] = defaultdict(lambda: [0, 0, 0, 0])
    called: Iterable[Any] = await session.execute(orders)
    for unit, reached, resolved, satisfied in called:
        for place, one in enumerate((1, reached, resolved, satisfied == "yes")):
            said[unit][place] += one
    for own in counts.values():
        own[6].sort()
        own[7].sort()
    return counts, said


async def _derived(bench: Bench, urls: Urls) -> Row:
    # Without rests between batches: nobody else is there.
    settings = bench.settings.model_copy(update={"bulk_rest_seconds": 0.0})
    async with open_runtime(settings, urls.app) as runtime:
        bench.note("scores: deriving facts")
        began = time.perf_counter()
        derived = await derive_facts(runtime)
        rate = derived / (time.perf_counter() - began)
        single = await _singly(runtime, bench.size(2_000, 200))
    return row("scores.derive", rate, "cases/s", baseline=("one at a time", single))


async def _singly(runtime: Runtime, count: int) -> float:
    """Cases per second, a transaction each."""
    async with runtime.database.read(VIEWER) as session:
        ids = list((await session.execute(select(CaseFact.case_id).limit(count))).scalars())
    began = time.perf_counter()
    for one in ids:
        async with runtime.database.unit_of_work(VIEWER) as uow:
            await repository.derive(uow.session, VIEWER, [one])
    return len(ids) / (time.perf_counter() - began)
