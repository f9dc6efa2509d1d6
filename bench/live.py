"""From an officer's click to every open screen, against the bare NOTIFY of the database.

Measured: ``streetwise serve`` in a process of its own; two hundred screens of seven accounts keep
the live stream open, one officer accepts a case five times a second. Milliseconds from sending
the action until its entry has arrived on a screen, over all screens and actions, at the 99th
percentile; so the action itself, its commit and its journal entry are in the figure.

Baseline: pg_notify on one connection until a listener on another has it, in the same database,
nothing else done.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from typing import Any

import psycopg

from bench import files
from bench.client import Client
from bench.meter import percentile
from bench.report import Row, row
from bench.server import Server, running
from bench.street import PASSWORD, SEED, Bench
from streetwise.gather import jobs
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Urls, open_runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.jobs import run_triage

SCREENS, EVERY_SECONDS = 200, 0.2
WATCHERS = (
    "dispatcher", "duty_officer", "street_commander", "inspector", "community_worker",
    "department_handler", "district_duty_officer",
)  # fmt: skip
SETTLE_SECONDS = 10.0
GOAL = "value < 250"

#: (arrived, case) of each entry on one screen.
Receipts = list[tuple[float, str]]


def run(bench: Bench) -> list[Row]:
    """Messages in, screens open, cases accepted."""
    bench.ready()
    screens, actions = bench.size(SCREENS, 20), bench.size(150, 10)
    with bench.database() as urls:
        asyncio.run(_cases(bench, urls, actions))
        theirs = _bare(urls.app, actions)
        bench.note(f"live: {screens} screens, {actions} actions")
        with running(
            bench.settings.home, "serve", log=bench.home / "live.log",
            database_url=urls.app, log_level="WARNING",
        ) as server:  # fmt: skip
            ours = asyncio.run(_watch(server, screens, actions))
    return [
        row(
            "live.receipt",
            1000 * percentile(ours, 0.99),
            "ms p99",
            baseline=("bare NOTIFY", 1000 * percentile(theirs, 0.99)),
            goal=GOAL,
        )
    ]


async def _cases(bench: Bench, urls: Urls, count: int) -> None:
    file = bench.home / "live.csv"
    files.reports_csv(file, bench.town, SEED, max(count * 2, 200))
    async with open_runtime(bench.settings, urls.app) as runtime:
        viewer = Viewer.system("bench")
        batch = await jobs.accept_file(runtime, viewer, "street-reports", file, file.name)
        await jobs.run_import(runtime, batch_id=str(batch.id))
        await run_triage(runtime)


async def _watch(server: Server, screens: int, actions: int) -> list[float]:
    """Seconds from click to receipt, of every action on every screen that sees the case."""
    officer = Client(server.port)
    await officer.sign_in("dispatcher", PASSWORD)
    waiting = (await officer.json("/cases", state="received", limit=200))["items"][:actions]
    receipts: list[Receipts] = [[] for _ in range(screens)]
    opened = [await _open(server, number) for number in range(screens)]
    readers = [
        asyncio.create_task(_read(screen, into))
        for screen, into in zip(opened, receipts, strict=True)
    ]
    await asyncio.sleep(1)
    clicked: dict[str, float] = {}
    for case in waiting:
        clicked[case["id"]] = time.perf_counter()
        await officer.post(f"/cases/{case['id']}/actions/accept", {}, version=case["version"])
        await asyncio.sleep(max(0.0, clicked[case["id"]] + EVERY_SECONDS - time.perf_counter()))
    await _all_arrived(receipts, len(clicked))
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    for client in (*opened, officer):
        await client.close()
    return [at - clicked[case] for one in receipts for at, case in one if case in clicked]


async def _open(server: Server, number: int) -> Client:
    screen = Client(server.port)
    await screen.sign_in(WATCHERS[number % len(WATCHERS)], PASSWORD)
    return screen


async def _read(screen: Client, into: Receipts) -> None:
    async for line in screen.events("/live"):
        if line.startswith(b"data: {") and b'"case.accepted"' in line:
            now = time.perf_counter()
            entry: dict[str, Any] = json.loads(line[6:])
            into.append((now, entry["subject"]["id"]))


async def _all_arrived(receipts: Iterable[Receipts], actions: int) -> None:
    """Until every screen of the dispatcher's has all; a lost entry is an error, not a figure."""
    mine = [one for number, one in enumerate(receipts) if number % len(WATCHERS) == 0]
    until = time.perf_counter() + SETTLE_SECONDS
    while any(len(one) < actions for one in mine):
        if time.perf_counter() > until:
            raise RuntimeError(f"entries are missing: {[len(one) for one in mine]} of {actions}")
        await asyncio.sleep(0.05)


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
