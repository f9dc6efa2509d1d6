"""`streetwise demo`: a small synthetic street with a month of history and life in it.

Its data lies in a folder of its own per seed. A demo that was killed while it was being made
is thrown away and made again; a finished one goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from streetwise.directory import passwords
from streetwise.directory.api import DEMO_PASSWORD
from streetwise.directory.folder import read_folder
from streetwise.directory.records.moving import load_folder
from streetwise.kernel import logs
from streetwise.kernel.clock import HandClock
from streetwise.kernel.database_keeper import kept_alive
from streetwise.kernel.errors import Conflict
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.postgres_engine import PostgresPaths, owner_lives, read_state
from streetwise.kernel.runtime import Runtime, Urls, open_runtime, start_postgres, urls
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.migrations.run import migrate
from streetwise.privacy import roles
from streetwise.town.backfill import backfill
from streetwise.town.history import reports
from streetwise.town.simulator import run as simulate
from streetwise.town.world import read_world, write_world
from streetwise.web.server import listen, serve

HISTORY_DAYS = 30
READY_FILE = "demo-ready.json"
LOOPBACK = "127.0.0.1"


def demo_settings(settings: Settings, *, seed: int, port: int | None = None) -> Settings:
    """The settings of a demo: own folder, loopback only, its accounts shown."""
    return settings.model_copy(
        update={
            "home": settings.home / f"demo-{seed}",
            "database_url": None,
            "owner_database_url": None,
            # Its password is known to everybody: it must not be reachable from elsewhere.
            "host": LOOPBACK,
            "port": settings.port if port is None else port,
            "demo": True,
            # One click signs in; the screen says that a real street asks for more.
            "second_factor": "nobody",
        }
    )


def run_demo(*, port: int | None, speed: float, seed: int, fresh: bool, console: Console) -> None:
    """Make the demo if it is not there, and serve it until told to stop."""
    settings = demo_settings(Settings(), seed=seed, port=port)
    logs.set_up("WARNING", settings.log_format)
    _refuse_a_second(settings)
    listener = listen(settings)
    ready = settings.home / READY_FILE
    if settings.home.exists() and (fresh or not ready.exists()):
        console.print("Throwing away the unfinished or old demo …")
        shutil.rmtree(settings.home)
    with console.status("Starting the database …"):
        postgres = start_postgres(settings)
        assert postgres is not None
    if not postgres.owned:  # two began at the same moment
        raise _already_runs(settings)
    try:
        where = urls(settings, postgres)
        assert where.owner is not None
        if not ready.exists():
            _make(settings, where, seed, console)
            ready.write_text(json.dumps({"seed": seed, "days": HISTORY_DAYS}))
        _set_clock(where.owner, speed=speed)

        async def go() -> None:
            async with open_runtime(settings, where.app) as runtime:

                async def life(url: str, stop: asyncio.Event) -> None:
                    await simulate(url, DEMO_PASSWORD, seed, speed, stop)

                await serve(
                    runtime,
                    listener,
                    beside=life,
                    ready=lambda url: _welcome(console, url, speed),
                )

        with kept_alive(postgres, settings):
            asyncio.run(go())
    finally:
        listener.close()
        postgres.stop()
        console.print("Stopped; nothing is left running.")


def _refuse_a_second(settings: Settings) -> None:
    """Two simulators in one street would be too much life, and --fresh would delete a live one."""
    if owner_lives(read_state(PostgresPaths(settings.home).state)):
        raise _already_runs(settings)


def _already_runs(settings: Settings) -> Conflict:
    return Conflict(
        f"A demo of this street runs already, on {settings.home}. Stop it first,"
        " or take another street: make demo SEED=2 PORT=8702."
    )


def _make(settings: Settings, where: Urls, seed: int, console: Console) -> None:
    assert where.owner is not None
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as progress:
        bar = progress.add_task("Preparing the database", total=1)
        migrate(where.owner)
        _simulated(where.owner)
        progress.update(bar, completed=1)
        bar = progress.add_task("Building the street", total=1)
        folder = settings.home / "town"
        write_world(folder, seed)
        progress.update(bar, completed=1)
        bar = progress.add_task(f"Living through {HISTORY_DAYS} days", total=1)
        asyncio.run(
            _live_through(
                settings,
                where,
                folder,
                seed,
                lambda share: progress.update(bar, completed=share),
            )
        )


async def _live_through(
    settings: Settings,
    where: Urls,
    folder: Path,
    seed: int,
    told: Callable[[float], None],
) -> None:
    assert where.owner is not None
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    start = (end - timedelta(days=HISTORY_DAYS)).replace(hour=0)
    clock = HandClock(start)
    async with open_runtime(settings, where.app, clock=clock, create_keys=True) as runtime:
        await _load(runtime, folder, start)
        _give_passwords(where.owner)
        world = read_world(folder)
        await backfill(
            runtime,
            reports(world, seed, start, end),
            area=world.town["code"],
            seed=seed,
            start=start,
            end=end,
            progress=told,
        )


async def _load(runtime: Runtime, folder: Path, at: datetime) -> None:
    viewer = Viewer.system("town-load")
    async with runtime.database.unit_of_work(viewer, now=at) as uow:
        await load_folder(uow, viewer, read_folder(folder), runtime.keys)


def _give_passwords(owner_url: str) -> None:
    # One hash for all: the password is printed on the sign-in page anyway, and argon2 is slow.
    hashed = passwords.hash_password(DEMO_PASSWORD)
    with psycopg.connect(**conninfo(owner_url), autocommit=True) as connection:
        connection.execute("UPDATE staff SET password_hash = %s", (hashed,))


def _simulated(owner_url: str) -> None:
    with psycopg.connect(**conninfo(owner_url), autocommit=True) as connection:
        connection.execute("UPDATE clock SET simulated = true, speed = 0")


def _set_clock(owner_url: str, *, speed: float) -> None:
    """Business time goes on from now, or from where a fast demo had got to."""
    with psycopg.connect(**conninfo(owner_url), autocommit=True) as connection:
        connection.execute(
            "UPDATE clock SET simulated = true, speed = %s, anchor_wall = clock_timestamp(),"
            " anchor_business = greatest(clock_timestamp(),"
            " (SELECT at FROM journal ORDER BY seq DESC LIMIT 1))",
            (speed,),
        )


def _welcome(console: Console, url: str, speed: float) -> None:
    table = Table("role", "login", title=f"Accounts (password for all: {DEMO_PASSWORD})")
    for role in roles().values():
        table.add_row(f"{role.name} {role.name_en}", role.code)
    console.print(table)
    pace = "" if speed == 1 else f", {speed:g} times as fast"
    console.print(f"[bold]Streetwise 街智[/bold] serves a synthetic street at {url}{pace}")
    console.print("Ctrl-C stops it.")
