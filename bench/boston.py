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

``boston.replay``: the first 2,000 requests in order of time (``--full``: all) live their lives
again through the loop (``lives.py``, ``lived.py``), each opened and closed in the second in which
the city did so, and every one is looked for afterwards: it has one case or joined one, none twice;
each is closed at its own time, and one that joined another's case with the last of that case's; the
journals of 200 cases tell what their rows hold; the same requests once more add nothing. If one
is wrong, the benchmark fails. Requests per CPU second of this process and the database, beside
the same rows written plainly in the same transactions: one table of requests, one log.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import Counter, defaultdict
from typing import Any

import psycopg
from sqlalchemy import text

from bench import lived as looked
from bench import lives
from bench.lived import Account
from bench.lives import FILE, Life, Lived
from bench.meter import Spent
from bench.report import Row, row
from bench.street import Bench
from streetwise.gather import jobs
from streetwise.kernel.clock import HandClock
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.jobs import run_triage
from streetwise.resolve.scores.actions import derive_facts

VIEWER = Viewer.system("bench")
QUICK_LINES = 3_000
LIVES, QUICK_LIVES, REPLAYED = 2_000, 100, 200
_PLAIN = """
CREATE TABLE plain_request (id text PRIMARY KEY, opened timestamptz, due timestamptz, title text,
    state text NOT NULL, version int NOT NULL);
CREATE TABLE plain_log (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text, action text);
"""

_FACTS = """
SELECT s.facts->>'department' AS department, s.facts->>'ontime' AS said,
       f.due_at IS NOT NULL AS due, f.closed_at IS NOT NULL AS closed,
       coalesce(f.closed_at <= f.due_at, false) AS in_time, count(*)
FROM case_fact f JOIN case_signal c ON c.case_id = f.case_id AND c.why = 'opened'
JOIN signal s ON s.id = c.signal_id
WHERE f.area = 'boston' GROUP BY 1, 2, 3, 4, 5
"""


def run(bench: Bench) -> list[Row]:
    """Import, derive, compare; live through it. Nothing where the file is missing."""
    if not FILE.exists():
        bench.note(f"boston: {FILE} is not here; skipped")
        return []
    bench.ready()
    rows = asyncio.run(_compared(bench))
    with bench.database() as urls:
        return [*rows, _replayed(bench, urls)]


async def _compared(bench: Bench) -> list[Row]:
    # Without rests between batches: nobody else is there, and on a busy machine they are long.
    settings = bench.settings.model_copy(update={"bulk_rest_seconds": 0.0})
    with bench.database() as urls:
        async with open_runtime(settings, urls.app, create_keys=True) as runtime:
            return await _agreement(bench, runtime)


async def _agreement(bench: Bench, runtime: Runtime) -> list[Row]:
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


def _replayed(bench: Bench, urls: Urls) -> Row:
    count = None if bench.full else bench.size(LIVES, QUICK_LIVES)
    told = lives.read(FILE, count)
    bench.note(f"boston: {len(told):,} requests live again")
    assert urls.owner is not None
    with psycopg.connect(**conninfo(urls.owner), autocommit=True) as connection:
        connection.execute("UPDATE clock SET simulated = true, speed = 0")
        ours, lived = asyncio.run(_lived(bench, urls, told))
        steps, plain = sum(lived.steps.values()), _plainly(bench, connection, told, lived)
    bench.note(
        f"boston: {steps:,} steps ({lived.steps['bulk']:,} in bulk, {lived.steps['closing']:,} at"
        f" a closing) in {len(lived.transactions):,} transactions, {ours.cpu:.0f} CPU s,"
        f" {ours.wall:.0f} s"
    )
    return row(
        "boston.replay", len(told) / ours.cpu, "requests/CPU s",
        baseline=("plain rows", len(told) / plain.cpu),
    )  # fmt: skip


async def _lived(bench: Bench, urls: Urls, told: list[Life]) -> tuple[Spent, Lived]:
    """Let them live, and see that nothing was lost. Raises AssertionError where something was."""
    clock = HandClock(told[0].opened)
    async with open_runtime(bench.settings, urls.app, clock=clock, create_keys=True) as runtime:
        with bench.spent() as spent:
            lived = await lives.live(runtime, told)
        found = await looked.account(runtime, told, REPLAYED)
        again = await looked.again(runtime, told)
    _nothing_lost(found, told)
    assert again == (0, len(told)), again
    bench.note(
        f"boston: {found.own:,} cases, {found.joined:,} requests joined one; {found.closed:,}"
        f" closed in their own second, {found.with_others:,} with another of their case,"
        f" {found.open:,} open as in the city; {found.replayed:,} journals tell what the row holds"
    )
    return spent, lived


def _nothing_lost(found: Account, told: list[Life]) -> None:
    assert not found.wrong, (len(found.wrong), found.wrong[:5])
    assert found.own + found.joined == len(told)
    assert found.closed + found.with_others + found.open == len(told)


def _plainly(
    bench: Bench, connection: psycopg.Connection[Any], told: list[Life], lived: Lived
) -> Spent:
    """The same transactions on one table and one log, a row at a time."""
    connection.execute(_PLAIN)
    ids = {life.key: str(life.case_id) for life in told}
    by_key = {life.key: life for life in told}
    with bench.spent() as spent:
        for action, words in lived.transactions:
            with connection.transaction():
                for word in words:
                    if action == "open":
                        life = by_key[word]
                        record: Any = life.row.outcome
                        connection.execute(
                            "INSERT INTO plain_request VALUES (%s, %s, %s, %s, 'received', 1)"
                            " ON CONFLICT (id) DO UPDATE SET version = plain_request.version + 1",
                            (ids[word], life.opened, record.due_at, record.title),
                        )
                    else:
                        connection.execute(
                            "UPDATE plain_request SET state = %s, version = version + 1"
                            " WHERE id = %s", (action, word),
                        )  # fmt: skip
                    connection.execute(
                        "INSERT INTO plain_log (id, action) VALUES (%s, %s)", (word, action)
                    )
    return spent
