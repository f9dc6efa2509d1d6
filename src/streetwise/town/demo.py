"""`streetwise demo`: a synthetic street with years of history and life in it.

It opens with its last month; what lies before arrives while it is used. Its data lies in a folder
of its own per seed. A demo that was killed before it opened is thrown away and made again; one
that had opened goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from streetwise.directory import passwords
from streetwise.directory.api import DEMO_PASSWORD
from streetwise.directory.folder import read_folder
from streetwise.directory.records.moving import load_folder
from streetwise.gather.actions import know_source
from streetwise.gather.mapping import mapping_named
from streetwise.kernel import arriving, logs
from streetwise.kernel.clock import HandClock, TownClock
from streetwise.kernel.database_keeper import kept_alive
from streetwise.kernel.errors import Conflict, StreetwiseError
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.postgres_engine import PostgresPaths, owner_lives, read_state
from streetwise.kernel.runtime import Runtime, Urls, open_runtime, start_postgres, urls
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.migrations.run import migrate, newest
from streetwise.privacy import roles
from streetwise.town import afterwards, chunks, platform
from streetwise.town.almanac import ZONE
from streetwise.town.chunks import Chunk, stretches
from streetwise.town.control import Control, demo_router
from streetwise.town.history import Teller
from streetwise.town.mailbag import OWN_MAPPING
from streetwise.town.making import ROSTER_BEFORE, ROSTER_DAYS
from streetwise.town.past import Past
from streetwise.town.played import Played
from streetwise.town.scenarios import Scenarios
from streetwise.town.simulator import run as simulate
from streetwise.town.sky import Sky
from streetwise.town.video.record import write_cameras
from streetwise.town.world import read_world, write_world
from streetwise.web.beside import keep_beside
from streetwise.web.server import listen, serve

log = logs.get(__name__)

#: With so many days of history the demo opens.
FIRST_DAYS = 28
DAYS_A_YEAR = 365
READY_FILE = "demo-ready.json"
SCENARIOS_FILE = "demo-scenarios.json"
#: The console says how far the past is when it has come so much further.
CONSOLE_STEP = 0.1
#: How often the street tries to learn from its past, and how long it waits between.
SETTLE_TRIES, SETTLE_PAUSE_SECONDS = 10, 30.0
LOOPBACK = "127.0.0.1"
#: So far behind the demo's own port the cameras have theirs, where nobody else has it.
CAMERAS_PORT = 20


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
            # More of its past is there every few minutes.
            "warn_look_minutes": 1.0,
        }
    )


@dataclass
class Made:
    """What is known of a demo that has opened: its period, and the stretches still to come."""

    seed: int
    start: datetime
    end: datetime
    left: list[int]

    @property
    def stretches(self) -> list[Chunk]:
        """All stretches of its past, newest first."""
        return stretches(self.start, self.end, FIRST_DAYS, ZONE)

    @property
    def whole_since(self) -> datetime:
        """From when on its past is there without a gap."""
        missing = min(self.left, default=len(self.stretches))
        return self.end if missing == 0 else self.stretches[missing - 1].start

    @classmethod
    def read(cls, path: Path) -> Made | None:
        """As it was kept; None where nothing is, or what another version kept."""
        if not path.exists():
            return None
        kept = json.loads(path.read_text(encoding="utf-8"))
        if not {"seed", "start", "end", "left"} <= kept.keys():
            return None
        # Its stretches lie in databases of their own: to make it anew is surer than to bring all
        # of them up to date, and nobody's work is in it.
        if kept.get("database") != newest():
            return None
        start, end = (datetime.fromisoformat(kept[name]) for name in ("start", "end"))
        return cls(kept["seed"], start, end, kept["left"])

    def keep(self, path: Path) -> None:
        """Whole or not at all."""
        kept = {
            "seed": self.seed,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "left": self.left,
            "database": newest(),
        }
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(kept), encoding="utf-8")
        temporary.replace(path)


def run_demo(
    *,
    port: int | None,
    speed: float,
    seed: int,
    fresh: bool,
    console: Console,
    years: float = 1.0,
    cameras: int = 101,
) -> None:
    """Make the demo if it is not there, and serve it until told to stop.

    ``cameras``: how many of the town's analysed cameras are shown and looked at; 0: none.
    """
    settings = demo_settings(Settings(), seed=seed, port=port)
    logs.set_up("WARNING", settings.log_format)
    _refuse_a_second(settings)
    listener = listen(settings)
    ready = settings.home / READY_FILE
    made = None if fresh else Made.read(ready)
    if settings.home.exists() and made is None:
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
        if made is None:
            made = _make(settings, where, seed, years, console)
        owner = where.owner
        _set_clock(owner, speed=speed)
        world = read_world(settings.home / "town")
        past = _past(settings, where, made, world.town["code"])
        played = Played(world, seed)

        async def go() -> None:
            async with open_runtime(settings, where.app) as runtime:
                clock = runtime.database.clock
                assert isinstance(clock, TownClock)
                scenarios = Scenarios(played, settings.home / SCENARIOS_FILE)
                control = Control(owner, clock, scenarios)

                async def life(url: str, stop: asyncio.Event) -> None:
                    teller = await asyncio.to_thread(Teller, world, seed, past.courses)
                    arriving_past = asyncio.create_task(_bring(runtime, past, made, ready, console))
                    looking = asyncio.create_task(_look(runtime, past, cameras))
                    since = past.since.date()
                    sky = Sky(runtime, past.area, seed, since, past.courses, scenarios)
                    telling = asyncio.create_task(sky.keep_telling())
                    try:
                        await simulate(
                            url, DEMO_PASSWORD, seed, speed, stop, teller=teller, steering=control
                        )
                    finally:
                        arriving_past.cancel()
                        looking.cancel()
                        telling.cancel()
                        await asyncio.gather(
                            arriving_past, looking, telling, return_exceptions=True
                        )

                await serve(
                    runtime,
                    listener,
                    beside=life,
                    ready=lambda url: _welcome(console, url, speed),
                    demo_router=demo_router(control),
                )

        with kept_alive(postgres, settings):
            asyncio.run(go())
    finally:
        listener.close()
        postgres.stop()
        console.print("Stopped; nothing is left running.")


async def _look(runtime: Runtime, past: Past, cameras: int) -> None:
    """Show the town's cameras and look at them, in processes beside."""
    if not cameras:
        return
    await keep_beside(
        runtime,
        "streetwise.town.looking_process",
        folder=str(past.folder),
        area=past.area,
        port=runtime.settings.port + CAMERAS_PORT if runtime.settings.port else 0,
        cameras=cameras,
    )


def _past(settings: Settings, where: Urls, made: Made, area: str) -> Past:
    folder = settings.home / "town"
    return Past(settings, where, folder, area, made.seed, made.start, made.end)


async def _bring(runtime: Runtime, past: Past, made: Made, ready: Path, console: Console) -> None:
    """Have the older past arrive behind whoever uses the demo; say on the console how far it is.
    When all is there the street learns from it.
    """
    try:
        await afterwards.look_for_warnings(runtime)
        if made.left:
            await _arrive(past, made, ready, console)
        if arriving.share(past.settings.home) is not None:
            await _settle(runtime, past, made)
    except (StreetwiseError, OSError, SQLAlchemyError) as failed:
        log.error("past_failed", error=str(failed))


async def _settle(runtime: Runtime, past: Past, made: Made) -> None:
    """Learn from it; a machine that is busy makes statements run out of time: then again."""
    for _ in range(SETTLE_TRIES - 1):
        try:
            await afterwards.settle(runtime, past.area, made.start, made.end)
        except (SQLAlchemyError, Conflict) as failed:  # or a case of then has just changed
            log.warning("past_not_settled", error=type(failed).__name__)
            await asyncio.sleep(SETTLE_PAUSE_SECONDS)
        else:
            return
    await afterwards.settle(runtime, past.area, made.start, made.end)


async def _arrive(past: Past, made: Made, ready: Path, console: Console) -> None:
    """The stretches that are left. Raises StreetwiseError and OSError; what had arrived stays."""
    home, owner = past.settings.home, past.where.owner
    assert owner is not None
    left = [one for one in made.stretches if one.number in made.left]
    done = 1 - len(left) / len(made.stretches)
    shown = 0.0

    def progress(share: float) -> None:
        nonlocal shown
        arriving.tell(home, done + share * (1 - done), made.whole_since)
        if share - shown >= CONSOLE_STEP:
            shown = share
            console.print(f"[dim]… older history: {share:.0%}[/dim]")

    def arrived(number: int) -> None:
        made.left.remove(number)
        made.keep(ready)

    await past.live(left, behind=True, progress=progress, arrived=arrived)
    await asyncio.to_thread(chunks.drop_copies, owner, made.stretches)
    console.print("All of the history has arrived.")


def _refuse_a_second(settings: Settings) -> None:
    """Two simulators in one street would be too much life, and --fresh would delete a live one."""
    if owner_lives(read_state(PostgresPaths(settings.home).state)):
        raise _already_runs(settings)


def _already_runs(settings: Settings) -> Conflict:
    return Conflict(
        f"A demo of this street runs already, on {settings.home}. Stop it first,"
        " or take another street: make demo SEED=2 PORT=8702."
    )


def _make(settings: Settings, where: Urls, seed: int, years: float, console: Console) -> Made:
    assert where.owner is not None
    end = datetime.now(ZONE).replace(minute=0, second=0, microsecond=0)
    days = max(FIRST_DAYS, round(DAYS_A_YEAR * years))
    made = Made(seed, (end - timedelta(days=days)).replace(hour=0), end, [])
    made.left = [one.number for one in made.stretches]
    first = made.left[:2]
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
        roster = (made.end.date() - timedelta(days=ROSTER_BEFORE), ROSTER_DAYS)
        world = write_world(folder, seed, period=roster)
        write_cameras(folder / "cameras", world, seed)
        area = read_world(folder).town["code"]
        asyncio.run(_load_street(settings, where, folder, made.start))
        _give_passwords(where.owner)
        chunks.make_base(where.owner)
        progress.update(bar, completed=1)
        bar = progress.add_task(f"Living through {FIRST_DAYS} days", total=1)
        past = _past(settings, where, made, area)
        asyncio.run(
            past.live(
                [one for one in made.stretches if one.number in first],
                behind=False,
                progress=lambda share: progress.update(bar, completed=share),
                arrived=made.left.remove,
            )
        )
    if not made.left:
        chunks.drop_copies(where.owner, made.stretches)
    # Until the street has learnt from it too (``afterwards``).
    share = 1 - len(made.left) / len(made.stretches)
    arriving.tell(settings.home, share, made.whole_since)
    made.keep(settings.home / READY_FILE)
    return made


async def _load_street(settings: Settings, where: Urls, folder: Path, start: datetime) -> None:
    clock = HandClock(start)
    async with open_runtime(settings, where.app, clock=clock, create_keys=True) as runtime:
        await _load(runtime, folder, start)


async def _load(runtime: Runtime, folder: Path, at: datetime) -> None:
    viewer = Viewer.system("town-load")
    async with runtime.database.unit_of_work(viewer, now=at) as uow:
        await load_folder(uow, viewer, read_folder(folder), runtime.keys)
        # Known before the past is made in copies, so that all of them know the same.
        for mapping in (OWN_MAPPING, platform.MAPPING):
            await know_source(uow, mapping_named(mapping))


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
