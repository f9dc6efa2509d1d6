"""The daily reconciliation, once a day for each street and platform, whoever runs it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from streetwise.directory import repository as directory
from streetwise.directory.tables import Area
from streetwise.gather import platforms, still_read
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.jobs import job
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.reconcile import repository
from streetwise.resolve.reconcile.actions import Day, reconcile

RECONCILE_JOB = "resolve.reconcile"
VIEWER = Viewer.system("reconciliation")
#: A file whose rows wait longer than that is waited for no longer: that they wait is a difference.
READ_WITHIN = timedelta(hours=1)


@job(RECONCILE_JOB, every=lambda settings: settings.reconcile_look_minutes * 60)
async def run_reconciliation(runtime: Runtime) -> None:
    """Compare the lists of every street whose hour has come and that has not been compared today.

    A day is one transaction: a worker that is killed in it has kept nothing of it.
    """
    async with runtime.database.read(VIEWER) as session:
        streets = list(await directory.areas(session, VIEWER))
    now = runtime.database.clock.now()
    for area in streets:
        if hour_has_come(area, runtime.settings, now):
            async with runtime.database.unit_of_work(VIEWER) as uow:
                await of_area(uow, VIEWER, runtime.settings, area, again=False)


def hour_has_come(area: Area, settings: Settings, now: datetime) -> bool:
    """Whether it is late enough in the day there."""
    return now.astimezone(ZoneInfo(area.timezone)).hour >= settings.reconcile_at_hours


async def of_area(
    uow: UnitOfWork, viewer: Viewer, settings: Settings, area: Area, *, again: bool, by: str = ""
) -> int:
    """Compare the lists of a street; of how many platforms. ``again``: also of those that were
    compared today; ``by``: who asked for it, where somebody did.
    """
    await repository.one_at_a_time(uow.session, area.code)
    done = 0
    for platform in await platforms(uow.session, viewer):
        day = Day.of(area, platform, uow.now)
        if not again and await still_read(
            uow.session, viewer, area.code, platform, uow.now - READ_WITHIN
        ):
            # Half a list compared would be differences that are none a minute later.
            continue
        before = await repository.run_of(uow.session, viewer, area.code, platform.source_id, day.on)
        if before is None or again:
            done += await reconcile(uow, viewer, settings, day, by=by) is not None
    return done
