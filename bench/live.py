"""From an officer's click to every open screen, against the bare NOTIFY of the database.

Measured: ``streetwise serve`` in a process of its own; 1,000 screens of as many accounts of seven
roles keep the live stream open and officers accept cases twenty times a second for 30 seconds;
once with nothing else to do (calm), once while an import of 30,000 reports runs, which is not at
its end when the last case is accepted, and each row of which becomes a case on every screen; and
the same with 5,000 screens. Milliseconds from when the action was due until its entry has arrived
on a screen, over all screens and actions, at the 99th percentile; so the action itself, its commit
and its journal entry are in the figure. The screens are a process of their own (bench/watchers.py)
on the same two cores. ``import``: the cases that the import opened a second meanwhile; it rests
while others wait for a processor (``bulk_rest_seconds``).

Baseline: pg_notify on one connection until a listener on another has it, in the same database,
nothing else done; for the import, the same in this process with no server and no screen.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import subprocess
import sys
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench import files
from bench.client import Client, Refused
from bench.meter import percentile
from bench.report import Row, row
from bench.server import Server, running
from bench.street import PASSWORD, SEED, Bench
from bench.watchers import pieces_of
from streetwise.directory.deps import COOKIE
from streetwise.gather import jobs
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Urls, open_runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.jobs import run_triage

#: Screens, the rows of the import that runs meanwhile, the goal.
SIZES: dict[str, tuple[int, int, str | None]] = {
    "1k.calm": (1000, 0, "value < 250"),
    "1k": (1000, 30_000, "value < 250"),
    "5k": (5000, 30_000, "value < 1000"),
}
QUICK_SIZES: dict[str, tuple[int, int, str | None]] = {"1k": (40, 200, None)}
ACTIONS_PER_SECOND, OFFICERS = 20, 4
SECONDS = 30
WATCHERS = (
    "dispatcher", "duty_officer", "street_commander", "inspector", "community_worker",
    "department_handler", "district_duty_officer",
)  # fmt: skip
SETTLE_SECONDS = 30.0
OPEN_SECONDS = 300.0
VIEWER = Viewer.system("bench")


def run(bench: Bench) -> list[Row]:
    """Messages in, screens open, cases accepted; for each number of screens."""
    bench.ready()
    sizes = QUICK_SIZES if bench.quick else SIZES
    return [row for name, size in sizes.items() for row in _among(bench, name, *size)]


def _among(bench: Bench, name: str, screens: int, rows: int, goal: str | None) -> list[Row]:
    seconds = bench.size(SECONDS, 3)
    actions = seconds * ACTIONS_PER_SECOND
    with bench.database() as urls:
        assert urls.owner is not None
        first = max(3 * actions, 200)
        began = time.perf_counter()
        asyncio.run(_import(bench, urls, "live.csv", first, triage=True))
        alone = first / (time.perf_counter() - began)
        theirs = _bare(urls.app, 150)
        with psycopg.connect(**conninfo(urls.owner), autocommit=True) as connection:
            cookies = _accounts(connection, screens)
        bench.note(f"live: opening {screens:,} screens")
        out = bench.home / "receipts"
        with (
            running(
                bench.settings.home, "serve", log=bench.home / "live.log",
                database_url=urls.app, log_level="WARNING",
            ) as server,
            _watching(server, cookies, out),
        ):  # fmt: skip
            bench.note(f"live: {actions:,} actions, and an import of {rows:,} rows")
            if rows:
                asyncio.run(_import(bench, urls, "more.csv", rows))
            clicked = asyncio.run(_act(server, actions))
            with psycopg.connect(**conninfo(urls.owner), autocommit=True) as connection:
                if rows and not bench.quick and not _busy(connection):
                    raise RuntimeError("the import was over before the actions were")
        with psycopg.connect(**conninfo(urls.owner), autocommit=True) as connection:
            ours = _waits(connection, clicked, out, screens)
            opened = _opened_a_second(connection, "case.accepted")
    found = [
        row(
            f"live.{name}",
            1000 * percentile(ours, 0.99),
            "ms p99",
            baseline=("bare NOTIFY", 1000 * percentile(theirs, 0.99)),
            goal=goal,
        )
    ]
    if rows:
        found.append(
            row(f"live.{name}.import", opened, "cases/s", baseline=("the import alone", alone))
        )
    return found


def _busy(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Whether the import is still at work."""
    query = (
        "SELECT EXISTS (SELECT FROM triage_queue)"
        " OR EXISTS (SELECT FROM import_batch WHERE state NOT IN ('done', 'failed'))"
    )
    return bool(connection.execute(query).fetchone() == (True,))


def _opened_a_second(connection: psycopg.Connection[tuple[object, ...]], during: str) -> float:
    """The cases opened a second between the first and the last entry of an action."""
    query = (
        "WITH span AS (SELECT min(seq) first, max(seq) last, extract(epoch FROM max(at) - min(at))"
        " seconds FROM journal WHERE action = %s)"
        " SELECT count(*) / (SELECT seconds FROM span)::float8 FROM journal, span"
        " WHERE action = 'case.opened' AND seq BETWEEN first AND last"
    )
    (found,) = connection.execute(query, (during,)).fetchall()[0]
    assert isinstance(found, float)
    return found


async def _import(bench: Bench, urls: Urls, name: str, rows: int, *, triage: bool = False) -> None:
    """Take a file in; without ``triage`` it is left to the server's worker."""
    file = bench.home / name
    files.reports_csv(file, bench.town, SEED + (not triage), rows)
    async with open_runtime(bench.settings, urls.app) as runtime:
        batch = await jobs.accept_file(runtime, VIEWER, "street-reports", file, file.name)
        if triage:
            await jobs.run_import(runtime, batch_id=str(batch.id))
            await run_triage(runtime)


def _accounts(connection: psycopg.Connection[tuple[object, ...]], count: int) -> list[str]:
    """So many accounts like those of the watchers, each with a session; their cookies."""
    columns = [
        name
        for (name,) in connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'staff'"
            " AND column_name NOT IN ('id', 'login')"
        )
    ]
    same = ", ".join(map(str, columns))
    query = (
        f"INSERT INTO staff (id, login, {same})"
        f" SELECT gen_random_uuid(), 'watcher-' || n, {same} FROM generate_series(0, %s - 1) n"
        " JOIN staff ON login = (%s::text[])[n %% %s + 1]"
    )
    connection.execute(query.encode(), (count, list(WATCHERS), len(WATCHERS)))
    tokens = [secrets.token_urlsafe(16) for _ in range(count)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO staff_session (token_hash, id, staff_id, created_at, seen_at)"
            " SELECT %s, gen_random_uuid(), id, now(), now() FROM staff WHERE login = %s",
            [
                (hashlib.sha256(token.encode()).digest(), f"watcher-{number}")
                for number, token in enumerate(tokens)
            ],
        )
    return [f"{COOKIE}={token}" for token in tokens]


@contextmanager
def _watching(server: Server, cookies: list[str], out: Path) -> Iterator[None]:
    """The screens, open; at the end they write what they got."""
    command = [sys.executable, "-m", "bench.watchers", str(server.port), str(out)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n".join([*cookies, "", ""]))
        process.stdin.flush()
        if process.stdout.readline() != "open\n":
            raise RuntimeError("the screens did not open")
        try:
            yield
            time.sleep(SETTLE_SECONDS)
        finally:
            process.stdin.close()
            process.wait(OPEN_SECONDS)


async def _act(server: Server, actions: int) -> dict[str, float]:
    """When each case was clicked on, by its id."""
    officers = [Client(server.port) for _ in range(OFFICERS)]
    for officer in officers:
        await officer.sign_in("dispatcher", PASSWORD)
    waiting = await _received(officers[0], actions)
    clicked: dict[str, float] = {}
    began = time.perf_counter() + 0.5

    async def clicks(number: int) -> None:
        for turn in range(number, len(waiting), OFFICERS):
            # On the beat, whatever the last answer took.
            at = began + turn / ACTIONS_PER_SECOND
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            case, version = waiting[turn]
            clicked[case] = at
            await _accept(officers[number], case, version)

    await asyncio.gather(*map(clicks, range(OFFICERS)))
    for officer in officers:
        await officer.close()
    return clicked


async def _accept(officer: Client, case: str, version: int) -> None:
    """Accept a case, and again when the import has just added a voice to it."""
    while True:
        try:
            await officer.post(f"/cases/{case}/actions/accept", {}, version=version)
            return
        except Refused as refused:
            if refused.status != 412:
                raise
            version = refused.problem["params"]["current"]["version"]


async def _received(officer: Client, count: int) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    cursor = None
    while len(found) < count:
        page = await officer.json(
            "/cases", state="received", sort="-opened", limit=200, cursor=cursor
        )
        found += [(case["id"], case["version"]) for case in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            raise RuntimeError(f"there are {len(found)} cases to accept, of {count}")
    return found[:count]


def _waits(
    connection: psycopg.Connection[tuple[object, ...]],
    clicked: dict[str, float],
    out: Path,
    screens: int,
) -> list[float]:
    """Seconds from click to receipt, of every action on every screen that sees the case."""
    entries = {
        seq: clicked[str(subject)]
        for seq, subject in connection.execute(
            "SELECT seq, subject FROM journal WHERE action = 'case.accepted'"
        )
        if str(subject) in clicked
    }
    count = out.stat().st_size // 24
    got = array("q"), array("q"), array("d")
    with out.open("rb") as file:
        for values in got:
            values.fromfile(file, count)
    clicks_in = [
        [entries[seq] for seq in piece if seq in entries]
        for piece in json.loads(pieces_of(out).read_text())
    ]
    per_screen = [0] * screens
    waits: list[float] = []
    for screen, piece, at in zip(*got, strict=True):
        clicks = clicks_in[piece]
        per_screen[screen] += len(clicks)
        waits += [at - click for click in clicks]
    # Those of dispatchers see all; a lost entry is an error, not a figure.
    short = [
        number for number in range(0, screens, len(WATCHERS)) if per_screen[number] < len(entries)
    ]
    if short or len(entries) != len(clicked):
        raise RuntimeError(f"entries are missing on screens {short[:9]} of {len(entries)}")
    return waits


def _bare(url: str, times: int) -> list[float]:
    found = []
    with (
        psycopg.connect(**conninfo(url), autocommit=True) as listener,
        psycopg.connect(**conninfo(url), autocommit=True) as teller,
    ):
        listener.execute("LISTEN bench")
        for _ in range(times):
            began = time.perf_counter()
            teller.execute("SELECT pg_notify('bench', 'x')")
            for _told in listener.notifies(timeout=5, stop_after=1):
                found.append(time.perf_counter() - began)
    return found
