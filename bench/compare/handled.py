"""How long the town's staff takes: a month lived through by the real path, in a database of its
own that is thrown away afterwards.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg

from bench.compare.statistics import Floats
from streetwise.kernel import logs
from streetwise.kernel.clock import HandClock
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import open_runtime, start_postgres, urls
from streetwise.kernel.settings import Settings
from streetwise.migrations.run import migrate
from streetwise.town import demo
from streetwise.town.backfill import backfill
from streetwise.town.history import Teller
from streetwise.town.world import World, read_world, write_world

#: So long after the month the staff goes on with what is open.
GOES_ON_DAYS = 120

_CASES = """
SELECT extract(epoch FROM closed_at - opened_at) / 86400.0,
       extract(epoch FROM due_at - opened_at) / 86400.0
FROM cases WHERE opened_at < %s
"""
_ORDERS = """
SELECT extract(epoch FROM answered_at - received_at) / 86400.0
FROM work_order WHERE received_at < %s
"""


@dataclass(frozen=True, slots=True)
class Handled:
    """In days: from opening to closing of cases, from receiving to answering of work orders
    (infinite: not yet); and the cases' limits (infinite: none).
    """

    cases: Floats
    limits: Floats
    orders: Floats

    @property
    def in_time(self) -> float:
        """Share of the cases with a limit that were closed within it."""
        limited = np.isfinite(self.limits)
        return float((self.cases <= self.limits)[limited].mean())


def handled(seed: int, end: datetime, days: int) -> Handled:
    """Of what reached the town in so many days before ``end``."""
    logs.set_up("WARNING")
    home = Path(tempfile.mkdtemp(prefix="sw-compare-"))
    # The database's own user must be able to walk in; it can read nothing but its own.
    home.chmod(0o711)
    settings = Settings(home=home / "demo")
    server = start_postgres(settings)
    assert server is not None  # no address of another server is set
    try:
        where = urls(settings, server)
        owner = where.owner
        assert owner is not None
        migrate(owner)
        demo._simulated(owner)
        write_world(home / "town", seed)
        start = end - timedelta(days=days)
        asyncio.run(_live(settings, where.app, owner, home / "town", seed, start, end))
        return _times(owner, end)
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


async def _live(
    settings: Settings,
    app: str,
    owner: str,
    folder: Path,
    seed: int,
    start: datetime,
    end: datetime,
) -> None:
    clock = HandClock(start)
    async with open_runtime(settings, app, clock=clock, create_keys=True) as runtime:
        await demo._load(runtime, folder, start)
        demo._give_passwords(owner)
        world: World = read_world(folder)
        until = end + timedelta(days=GOES_ON_DAYS)
        await backfill(
            runtime,
            Teller(world, seed).with_echoes(start, end, until),
            area=world.town["code"],
            seed=seed,
            start=start,
            end=end,
            handled_until=until,
            progress=lambda _: None,
        )


def _times(owner: str, end: datetime) -> Handled:
    with psycopg.connect(**conninfo(owner)) as connection:
        cases = connection.execute(_CASES, (end,)).fetchall()
        orders = connection.execute(_ORDERS, (end,)).fetchall()
    return Handled(
        np.array([_or_never(days) for days, _ in cases]),
        np.array([_or_never(limit) for _, limit in cases]),
        np.array([_or_never(days) for (days,) in orders]),
    )


def _or_never(days: object) -> float:
    return np.inf if days is None else float(str(days))
