"""Work that comes by itself: once in its time, however many workers there are.

A row per kind of work says when it last came, by the database's clock, which all workers share.
Who changes that row queues the job in the same transaction; everybody else finds it changed. A
clock that jumps ahead brings the work early, one that jumps back does not stop it: a time that
lies in the future counts as past.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from sqlalchemy import Text, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel import logs
from streetwise.kernel.database import Base, Time
from streetwise.kernel.grades import grades
from streetwise.kernel.jobs import PERIODIC
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer

log = logs.get(__name__)
SYSTEM = Viewer.system("periodic")
#: A worker looks this much after the time, so that it finds the time past by the server's clock.
LATE_SECONDS = 0.2


class PeriodicWork(Base):
    """When a kind of periodic work last came (wall time)."""

    __tablename__ = "periodic_work"
    __grades__ = grades({(1, "system"): "name came_at"})
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    came_at: Mapped[datetime] = mapped_column(Time)


_CLAIM = text(
    "INSERT INTO periodic_work AS w (name, came_at) VALUES (:name, clock_timestamp())"
    " ON CONFLICT (name) DO UPDATE SET came_at = clock_timestamp()"
    " WHERE (w.came_at <= clock_timestamp() - make_interval(secs => :every)"
    " OR w.came_at > clock_timestamp())"
    # One that waits, or is tried again, is enough.
    " AND NOT EXISTS (SELECT FROM procrastinate_jobs"
    " WHERE task_name = :name AND status IN ('todo', 'doing')) RETURNING true"
)


async def bring(runtime: Runtime, name: str) -> bool:
    """Queue the work if its time has come and nobody else did; whether it was queued."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        every = PERIODIC[name](runtime.settings)
        claimed = await uow.session.execute(_CLAIM, {"name": name, "every": every})
        if claimed.scalar_one_or_none() is None:
            return False
        uow.defer(name)
        return True


async def bring_forever(runtime: Runtime) -> None:
    """Bring every kind of periodic work in its time, until cancelled."""
    due = dict.fromkeys(PERIODIC, 0.0)
    down = False
    while due:
        name = min(due, key=lambda one: due[one])
        await asyncio.sleep(max(0.0, due[name] - monotonic()))
        due[name] = monotonic() + PERIODIC[name](runtime.settings) + LATE_SECONDS
        try:
            await bring(runtime, name)
            down = False
        except Exception as error:  # noqa: BLE001 - whatever it was, the rest must come
            if not down:
                log.warning("periodic_work_down", error=type(error).__name__)
            down = True


@dataclass(frozen=True, slots=True)
class Came:
    """A kind of periodic work: how often, and when it last came (None: never yet)."""

    name: str
    every_seconds: float
    came_at: datetime | None


async def last_came(session: AsyncSession, viewer: Viewer, settings: Settings) -> list[Came]:
    """Every kind of periodic work of this program."""
    viewer.require("system.operate")
    rows = (await session.execute(select(PeriodicWork))).scalars()
    came = {row.name: row.came_at for row in rows}
    return [Came(name, every(settings), came.get(name)) for name, every in PERIODIC.items()]
