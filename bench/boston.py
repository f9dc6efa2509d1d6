"""On time or not, of 58,251 requests of a real city: our facts against its own column.

Boston's 311 service of 2011 (../shared/data/service_requests) says of each request when it was
opened, due and closed, and ONTIME or OVERDUE. The file is imported, triaged and its facts derived
by the product's own way; then each department's on-time rate by our rules is held against its own.

What differs, and why (counted in this run):

* Requests without a deadline: the city says ONTIME, we leave them out of the rate.
* Open requests past their deadline: the city says OVERDUE; our rate is of what was closed.
* Closed late with an empty column: 157, which the city counts as neither.
* A request that joined another's open case is counted with that case.

Nothing else may differ: ``boston.agree`` is the share of closed requests with a deadline and a
word of the city's where both say the same.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.report import Row, row
from bench.street import Bench
from streetwise.gather import jobs
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.jobs import run_triage
from streetwise.resolve.scores.actions import derive_facts

FILE = Path("../shared/data/service_requests/boston_311_2011h2.csv.gz")
VIEWER = Viewer.system("bench")
QUICK_LINES = 3_000

_FACTS = """
SELECT s.facts->>'department' AS department, s.facts->>'ontime' AS said,
       f.due_at IS NOT NULL AS due, f.closed_at IS NOT NULL AS closed,
       coalesce(f.closed_at <= f.due_at, false) AS in_time, count(*)
FROM case_fact f JOIN case_signal c ON c.case_id = f.case_id AND c.why = 'opened'
JOIN signal s ON s.id = c.signal_id
WHERE f.area = 'boston' GROUP BY 1, 2, 3, 4, 5
"""


def run(bench: Bench) -> list[Row]:
    """Import, derive, compare; nothing where the file is missing."""
    if not FILE.exists():
        bench.note(f"boston: {FILE} is not here; skipped")
        return []
    bench.ready()
    return asyncio.run(_compared(bench))


async def _compared(bench: Bench) -> list[Row]:
    async with bench.runtime() as runtime:
        bench.note("boston: importing")
        await _take_in(bench, runtime)
        bench.note("boston: deriving facts")
        await derive_facts(runtime)
        async with runtime.database.read(VIEWER) as session:
            found = (await session.execute(text(_FACTS))).all()
    ours: dict[str, Counter[str]] = defaultdict(Counter)
    theirs: dict[str, Counter[str]] = defaultdict(Counter)
    agree: Counter[bool] = Counter()
    apart: Counter[str] = Counter()
    for department, said, due, closed, in_time, count in found:
        if due and closed:
            ours[department].update({"of": count, "in": count * in_time})
        if said:
            theirs[department].update({"of": count, "in": count * (said == "ONTIME")})
        if due and closed and said:
            agree[in_time == (said == "ONTIME")] += count
        else:
            apart[_why(due=due, closed=closed, said=said)] += count
    for why, count in apart.most_common():
        bench.note(f"boston: {count:,} {why}")
    for name in sorted(ours, key=lambda one: -ours[one]["of"]):
        mine, own = _rate(ours[name]), _rate(theirs[name])
        bench.note(f"boston: {name}: ours {mine:.3f}, theirs {own:.3f}")
    total_ours, total_theirs = sum(ours.values(), Counter()), sum(theirs.values(), Counter())
    return [
        row("boston.agree", agree[True] / agree.total(), "share of closed, due and judged",
            baseline=("the city's own word", 1.0), goal="value >= 1"),
        row("boston.on_time", _rate(total_ours), "share of closed and due",
            baseline=("ONTIME of all judged", _rate(total_theirs))),
    ]  # fmt: skip


def _why(*, due: bool, closed: bool, said: str | None) -> str:
    if not due:
        return "without a deadline: the city says ONTIME, we count none"
    if not closed:
        return "open past the deadline: the city says OVERDUE, we count what was closed"
    return f"closed, of which the city says nothing ({said or 'empty'})"


def _rate(counts: Counter[str]) -> float:
    return counts["in"] / counts["of"] if counts["of"] else 0.0


async def _take_in(bench: Bench, runtime: Runtime) -> None:
    file = bench.home / "boston.csv"
    with gzip.open(FILE, "rt", encoding="utf-8") as packed, file.open("w", encoding="utf-8") as out:
        for number, line in enumerate(packed):
            if bench.quick and number > QUICK_LINES:
                break
            out.write(line)
    batch: Any = await jobs.accept_file(runtime, VIEWER, "boston-311", file, file.name)
    await jobs.run_import(runtime, batch_id=str(batch.id))
    await run_triage(runtime)
