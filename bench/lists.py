"""Lists, search, cases and actions with fifty officers at work, against naive SQL.

Measured, among 10,000, 100,000 and 1,000,000 cases: ``streetwise serve`` in a process of its own
over a filled database; fifty connections, signed in as accounts of every role that may read
cases, each asks for something every 2 seconds, spread evenly. The mix (shares in ``MIX``): the
first page of the list with its filters, a page far down, a search for a common word, for a rare
one and for a number, one case with timeline, an action (accept), the overview; with the area and
the order that the screen asks for. Milliseconds from when a request was due until its last byte,
at the 95th percentile.

Measured in 2026-11 (2 cores), 100,000 cases: the first run gave 26 s, because every case and
overview read the base map with its area, closed cases had no index by time, and lists were asked
for without their area; without these three 0.13 s.

Baseline: what is natural to write first, on the same rows, alone and one after the other, by
psycopg in this process: OFFSET for paging, an exact count, ILIKE '%word%' for search, and for one
case its own row, signals and journal read by key; for the action one UPDATE and one INSERT in a
transaction. It has neither HTTP nor rights nor JSON to pay for, nor 49 others beside it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import psycopg

from bench.client import Client
from bench.filling import fill
from bench.meter import percentile
from bench.report import Row, row
from bench.server import Server, running
from bench.street import PASSWORD, Bench
from streetwise.kernel.jobs import conninfo

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
QUICK_SIZES = {"10k": 5_000}
OFFICERS, EVERY_SECONDS = 50, 2.0
#: How often the naive way is asked; among a million cases it takes seconds each time.
NAIVE_TIMES = {"10k": 20, "100k": 20, "1m": 5}
GOAL = "value < 100"
PAGE, DEEP_PAGES = 50, 6
MIX = {
    "list": 0.30,
    "deep": 0.10,
    "common_word": 0.10,
    "rare_word": 0.10,
    "number": 0.05,
    "open": 0.20,
    "act": 0.05,
    "overview": 0.10,
}
#: Who accepts cases; the others open one instead.
ACTING = ("dispatcher", "duty_officer")
LOGINS = (
    "dispatcher",
    "duty_officer",
    "street_commander",
    "inspector",
    "community_worker",
    "department_handler",
)
FILTERS: tuple[dict[str, object], ...] = (
    {"state": "open", "sort": "due"},
    {"state": "open", "sort": "-opened"},
    {"due": "overdue", "sort": "due"},
    {"mine": "true", "sort": "due"},
    {"state": "closed", "sort": "-opened"},
    {"sort": "-opened"},
)
_SHOWN = "SELECT c.*, u.name AS unit FROM cases c LEFT JOIN unit u ON u.id = c.unit_id"


@dataclass(frozen=True)
class Known:
    """What there is to ask for."""

    area: str
    ids: list[str]
    numbers: list[str]
    common: str
    rare: str
    now: datetime
    #: (id, version) of cases that wait to be accepted, for whoever comes first.
    waiting: list[tuple[str, int]] = field(default_factory=list)


def run(bench: Bench) -> list[Row]:
    """Fill, serve, ask; for each size."""
    bench.ready()
    sizes = QUICK_SIZES if bench.quick else SIZES
    return [one for name, count in sizes.items() for one in _among(bench, name, count)]


def _among(bench: Bench, size: str, count: int) -> list[Row]:
    seconds = bench.size(60, 6)
    with bench.database() as urls:
        assert urls.owner is not None
        bench.note(f"lists: filling {count:,} cases")
        asyncio.run(fill(bench, urls, count))
        with psycopg.connect(**conninfo(urls.owner), autocommit=True) as connection:
            known = known_of(connection)
            bench.note(f"lists: the naive way, words {known.common} and {known.rare}")
            theirs = _naive(connection, known, bench.size(NAIVE_TIMES[size], 3))
        with running(
            bench.settings.home, "serve", log=bench.home / "serve.log",
            database_url=urls.app, log_level="WARNING",
        ) as server:  # fmt: skip
            bench.note(f"lists: {OFFICERS} officers for {seconds} s")
            ours = asyncio.run(_office(server, known, seconds))
    ours["all"] = [value for values in ours.values() for value in values]
    theirs["all"] = [value for values in theirs.values() for value in values]
    return [
        row(
            f"lists.{size}.{kind}",
            1000 * percentile(ours[kind], 0.95),
            "ms p95",
            baseline=("naive SQL, alone", 1000 * percentile(theirs[kind], 0.95)),
            goal=GOAL,
        )
        for kind in (*MIX, "all")
        if ours[kind]
    ]


def known_of(connection: psycopg.Connection[Any]) -> Known:
    """What a filled database has: cases by id and number, a common word and a rare one."""
    grams = connection.execute(
        "SELECT gram, count(*) FROM cases, unnest(search) AS gram"
        " WHERE gram !~ '[0-9a-z-]' GROUP BY gram ORDER BY 2 DESC, 1"
    ).fetchall()
    total = connection.execute("SELECT count(*) FROM cases").fetchone()
    assert total is not None
    rare = next((gram for gram, found in grams if found < total[0] / 500), grams[-1][0])
    some = connection.execute(
        "SELECT id::text, number FROM cases TABLESAMPLE BERNOULLI (5) REPEATABLE (1)"
        " WHERE area NOT LIKE 'other-%' LIMIT 2000"
    ).fetchall()
    home = connection.execute("SELECT code FROM area WHERE home").fetchone()
    assert home is not None
    return Known(
        home[0],
        [one[0] for one in some],
        [one[1] for one in some],
        grams[0][0],
        rare,
        datetime.now(UTC),
    )


async def _office(server: Server, known: Known, seconds: float) -> dict[str, list[float]]:
    """Seconds of each request, by kind."""
    officers = [Client(server.port) for _ in range(OFFICERS)]
    found: dict[str, list[float]] = {kind: [] for kind in MIX}
    for number, officer in enumerate(officers):
        await officer.sign_in(LOGINS[number % len(LOGINS)], PASSWORD)
    # Nobody measures a server's first breath: plans and pools are warm after this.
    known.waiting.extend(await _waiting(officers[0], known.area))
    seen = []
    for officer in officers:
        page = await officer.json("/cases", area=known.area, sort="-opened", limit=200)
        seen.append([case["id"] for case in page["items"]])
    began = time.perf_counter() + 0.5
    await asyncio.gather(
        *(
            _officer(officer, replace(known, ids=seen[number]), number, began, seconds, found)
            for number, officer in enumerate(officers)
        )
    )
    for officer in officers:
        await officer.close()
    return found


async def _waiting(officer: Client, area: str) -> list[tuple[str, int]]:
    page = await officer.json("/cases", area=area, state="received", sort="-opened", limit=200)
    return [(case["id"], case["version"]) for case in page["items"]]


async def _officer(
    officer: Client,
    known: Known,
    number: int,
    began: float,
    seconds: float,
    found: dict[str, list[float]],
) -> None:
    """Ask on the beat, whatever the last answer took (no coordinated omission)."""
    rng = random.Random(number)
    at = began + EVERY_SECONDS * number / OFFICERS
    deep: dict[str, Any] = {}
    while at < began + seconds:
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        kind = rng.choices(list(MIX), list(MIX.values()))[0]
        if kind == "act" and (not known.waiting or LOGINS[number % len(LOGINS)] not in ACTING):
            kind = "open"
        await _ask(officer, kind, known, rng, deep)
        found[kind].append(time.perf_counter() - at)
        at += EVERY_SECONDS


async def _ask(
    officer: Client, kind: str, known: Known, rng: random.Random, deep: dict[str, Any]
) -> None:
    asked: dict[str, object] = {"area": known.area, "limit": PAGE, "sort": "-opened"}
    if kind == "list":
        await officer.get("/cases", **asked | rng.choice(FILTERS))
    elif kind == "deep":
        # One page further down each time, as somebody who scrolls.
        page = await officer.json("/cases", **asked, cursor=deep.get("cursor"))
        deep["cursor"] = page["next_cursor"]
    elif kind == "overview":
        await officer.get("/overview", area=known.area)
    elif kind == "act":
        case, version = known.waiting.pop()
        await officer.post(f"/cases/{case}/actions/accept", {}, version=version)
    elif kind == "open":
        await officer.get(f"/cases/{rng.choice(known.ids)}")
    else:
        words = {"common_word": known.common, "rare_word": known.rare}
        await officer.get("/cases", **asked, q=words.get(kind) or rng.choice(known.numbers))


def _naive(connection: psycopg.Connection[Any], known: Known, times: int) -> dict[str, list[float]]:
    rng = random.Random(0)

    def ask(query: str, *values: object) -> None:
        connection.execute(query.encode(), values).fetchall()

    def listed(where: str, *values: object, offset: int = 0) -> None:
        ask(f"SELECT count(*) FROM cases c WHERE {where}", *values)
        ask(f"{_SHOWN} WHERE {where} ORDER BY c.due_at LIMIT {PAGE} OFFSET {offset}", *values)

    def searched(word: str) -> None:
        like = f"%{word}%"
        listed("c.title ILIKE %s OR c.number ILIKE %s OR c.place_text ILIKE %s", like, like, like)

    def opened() -> None:
        one = rng.choice(known.ids)
        ask(f"{_SHOWN} WHERE c.id = %s", one)
        ask(
            "SELECT s.* FROM signal s JOIN case_signal m ON m.signal_id = s.id"
            " WHERE m.case_id = %s",
            one,
        )
        ask("SELECT * FROM journal WHERE subject = %s ORDER BY seq", one)

    def overview() -> None:
        for where in ("c.state <> 'closed'", "c.due_at < now() AND c.state <> 'closed'"):
            ask(f"SELECT count(*) FROM cases c WHERE {where}")
        for column in ("opened_at", "closed_at"):
            ask(
                f"SELECT date_trunc('day', {column}), count(*) FROM cases"
                f" WHERE {column} > now() - interval '14 days' GROUP BY 1"
            )
        ask("SELECT * FROM journal ORDER BY seq DESC LIMIT 50")

    def acted() -> None:
        with connection.transaction():
            one = rng.choice(known.ids)
            connection.execute(b"UPDATE cases SET version = version + 1 WHERE id = %s", (one,))
            connection.execute(
                b"INSERT INTO journal (actor, action, subject_kind, subject, area, units, grade,"
                b" data, drill) SELECT 'system:bench', 'case.accepted', 'case', id, area, '{}', 1,"
                b" '{}', false FROM cases WHERE id = %s",
                (one,),
            )

    ways: dict[str, Callable[[], None]] = {
        "list": lambda: listed("c.state <> 'closed'"),
        "deep": lambda: listed("true", offset=PAGE * DEEP_PAGES * 100),
        "common_word": lambda: searched(known.common),
        "rare_word": lambda: searched(known.rare),
        "number": lambda: searched(rng.choice(known.numbers)),
        "open": opened,
        "act": acted,
        "overview": overview,
    }
    return {kind: [_seconds(way) for _ in range(times)] for kind, way in ways.items()}


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
