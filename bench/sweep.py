"""The sweep over 1,000,000 open clocks, of which 1 % have something to tell.

Cases are made by the real path; their clocks are then repeated by SQL until there are a million,
spread over the cases, due in the weeks to come, and every hundredth due now. Two ways take turns
over the same clocks:

- ``sweep``: the product's own (``resolve.clocks.sweep``), in transactions of 1,000, by the
  partial index on ``next_at``: rows stepped on, entries of the journal, notifications.
- ``scan``: what a program without a ``next_at`` does: read every running clock, compare its
  deadline with the time in Python, and do the same for what is due, one row after the other, in
  a transaction for each thousand. Without notifications, which it is given for nothing.

Seconds for all that is due, median; the goal (issue 7): under 5 s.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import psycopg

from bench import files
from bench.report import Row, row
from bench.street import SEED, Bench
from streetwise.gather import jobs
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.clocks.sweep import sweep
from streetwise.resolve.jobs import SWEPT_CLOCKS, run_triage

CLOCKS, CASES, ROUNDS = 1_000_000, 5_000, 3
DUE_EVERY = 100
GOAL = "value < 5"
VIEWER = Viewer.system("deadlines")

_COPIES = """
INSERT INTO case_clock (id, area, case_id, kind, scheme, started_at, limit_value, limit_unit,
                        events, due_at, why, state, next_at, step)
SELECT gen_random_uuid(), c.area, c.id, 'handle', 'urban-management', %(now)s, 2, 'work_day', '[]',
       at.due, '[{"code": "limit", "params": {"value": 2, "unit": "work_day"}}]', 'running',
       at.due - interval '4 hours', 0
FROM (SELECT id, area, row_number() OVER (ORDER BY id) AS n FROM cases WHERE state <> 'closed') c
CROSS JOIN generate_series(1, %(times)s) AS copy
CROSS JOIN LATERAL (
    SELECT %(now)s + interval '1 day'
           + ((c.n * 7919 + copy * 104729) %% 1000000) * interval '2 seconds' AS due
) at
"""
_MAKE_DUE = """
UPDATE case_clock SET state = 'running', step = 1, due_at = %(now)s - interval '1 minute',
                      started_at = %(now)s - interval '3 days',
                      next_at = %(now)s - interval '1 minute'
WHERE id IN (SELECT id FROM case_clock ORDER BY id LIMIT %(count)s)
"""
_ENTRY = """
INSERT INTO journal (actor, action, subject_kind, subject, area, units, grade, data, drill)
SELECT 'system:scan', 'case.overdue', 'case', c.id, c.area, '{}', c.grade, '{}', false
FROM cases c WHERE c.id = %s
"""


def run(bench: Bench) -> list[Row]:
    """Fill, sweep in turns."""
    bench.ready()
    clocks, rounds = bench.size(CLOCKS, 10_000), bench.size(ROUNDS, 1)
    with bench.database() as urls:
        assert urls.owner is not None
        bench.note(f"sweep: making {clocks:,} open clocks")
        asyncio.run(_cases(bench, urls, bench.size(CASES, 500)))
        now = datetime.now(UTC)
        with psycopg.connect(**conninfo(urls.owner), autocommit=True) as connection:
            total = _fill(connection, clocks, now)
        due = total // DUE_EVERY
        swept, scanned, told = [], [], 0
        for number in range(rounds):
            bench.note(f"sweep: round {number + 1} of {rounds}, {due:,} of {total:,} are due")
            _again(urls.owner, due)
            took, seconds = asyncio.run(_sweep(bench, urls))
            assert took == due, (took, due)
            swept.append(seconds)
            told += took
            _again(urls.owner, due)
            found, seconds = _scan(urls.owner)
            assert found == due, (found, due)
            scanned.append(seconds)
        baseline = ("scan", median(scanned))
        return [row("sweep.one_percent_due", median(swept), "s", baseline=baseline, goal=GOAL)]


async def _cases(bench: Bench, urls: Urls, count: int) -> None:
    file = bench.home / "sweep.csv"
    files.reports_csv(file, bench.town, SEED, count)
    async with open_runtime(bench.settings, urls.app) as runtime:
        batch = await jobs.accept_file(
            runtime, Viewer.system("bench"), "street-reports", file, file.name
        )
        await jobs.run_import(runtime, batch_id=str(batch.id))
        await run_triage(runtime)


def _fill(connection: psycopg.Connection[Any], clocks: int, now: datetime) -> int:
    connection.execute("DELETE FROM case_clock")
    found = connection.execute("SELECT count(*) FROM cases WHERE state <> 'closed'").fetchone()
    assert found is not None
    times = -(-clocks // int(found[0]))
    rebuild = _take_down(connection)
    connection.execute(_COPIES.encode(), {"now": now, "times": times})
    for statement in rebuild:
        connection.execute(statement.encode())
    connection.execute("VACUUM ANALYZE case_clock")
    return int(found[0]) * times


def _take_down(connection: psycopg.Connection[Any]) -> list[str]:
    """Drop what is quicker built, or checked, once everything is there; what brings it back."""
    indexes = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = 'case_clock'::regclass AND NOT indisunique"
    ).fetchall()
    keys = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'case_clock'::regclass AND contype = 'f'"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}".encode())
    for name, _ in keys:
        connection.execute(f"ALTER TABLE case_clock DROP CONSTRAINT {name}".encode())
    return [
        *(definition for _, definition in indexes),
        *(f"ALTER TABLE case_clock ADD CONSTRAINT {name} {rule}" for name, rule in keys),
    ]


def _again(url: str, count: int) -> None:
    """As if nobody had swept: the same clocks are due once more."""
    with psycopg.connect(**conninfo(url), autocommit=True) as connection:
        connection.execute(
            "UPDATE case_clock SET step = 0, next_at = %(later)s, due_at = %(later)s"
            " WHERE next_at < %(later)s OR next_at IS NULL",
            {"later": datetime.now(UTC) + timedelta(days=1)},
        )
        connection.execute(_MAKE_DUE.encode(), {"now": datetime.now(UTC), "count": count})
        connection.execute("VACUUM case_clock")


async def _sweep(bench: Bench, urls: Urls) -> tuple[int, float]:
    async with open_runtime(bench.settings, urls.app) as runtime:
        await _batch(runtime, 0)  # connected, tables of rules read
        began, total = time.perf_counter(), 0
        while took := await _batch(runtime, SWEPT_CLOCKS):
            total += took
        return total, time.perf_counter() - began


async def _batch(runtime: Runtime, limit: int) -> int:
    async with runtime.database.unit_of_work(VIEWER) as uow:
        return await sweep(uow, VIEWER, runtime.keys, limit)


def _scan(url: str) -> tuple[int, float]:
    began, found = time.perf_counter(), 0
    with psycopg.connect(**conninfo(url)) as connection:
        now = datetime.now(UTC)
        rows = connection.execute(
            "SELECT id, case_id, due_at, step FROM case_clock WHERE state = 'running'"
        ).fetchall()
        for number, case, due_at, step in rows:
            if due_at is None or due_at > now:
                continue
            connection.execute(
                "UPDATE case_clock SET step = %s, next_at = NULL WHERE id = %s", (step + 1, number)
            )
            connection.execute(_ENTRY.encode(), (case,))
            found += 1
            if found % SWEPT_CLOCKS == 0:
                connection.commit()
    return found, time.perf_counter() - began
