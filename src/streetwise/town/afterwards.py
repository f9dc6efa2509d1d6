"""What the street does once the town's past is there: learn from it, compare with it, report it.

While the past arrives the reports wait (``resolve/reports/jobs.py``) and so does the baseline:
either would say of a month what is known of a week. Done again it does nothing further.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from streetwise.kernel import arriving
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.dispatch.actions import count_past
from streetwise.resolve.flow.actions import derive_steps
from streetwise.resolve.reports.jobs import ORDER_JOB
from streetwise.resolve.scores.actions import derive_facts
from streetwise.resolve.speed import actions as speed
from streetwise.resolve.speed import repository as baselines
from streetwise.town.almanac import ZONE
from streetwise.town.office import office_of
from streetwise.warn.jobs import NIGHT_JOB

SYSTEM = Viewer.system("town-afterwards")
#: The commander freezes the first two months of a year; of less, as large a share of it.
FROZEN_SHARE = 61 / 365


def frozen_days(start: datetime, end: datetime) -> tuple[date, date]:
    """The first and the last day of what is frozen of a past from ``start`` to ``end``."""
    first = start.astimezone(ZONE).date()
    days = max(1, round((end - start) / timedelta(days=1) * FROZEN_SHARE))
    return first, first + timedelta(days=days - 1)


async def settle(runtime: Runtime, area: str, start: datetime, end: datetime) -> None:
    """All of the past from ``start`` to ``end`` is there: count who handled what, derive facts and
    steps, freeze the baseline, and let the reports be made.
    """
    await count_past(runtime)
    await derive_facts(runtime)
    await derive_steps(runtime)
    await freeze(runtime, area, *frozen_days(start, end))
    arriving.over(runtime.settings.home)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        uow.defer(ORDER_JOB)
        uow.defer(NIGHT_JOB)


async def look_for_warnings(runtime: Runtime) -> None:
    """Have the night's analysis look at what is there, and not only when its time comes round."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        uow.defer(NIGHT_JOB)


async def freeze(runtime: Runtime, area: str, first: date, last: date) -> None:
    """The street commander freezes these days, unless there is a baseline."""
    async with runtime.database.read(SYSTEM) as session:
        if await baselines.baselines(session, SYSTEM, area):
            return
        office = await office_of(session, area)
    commander = office.by_role["street_commander"][0]
    async with runtime.database.unit_of_work(commander) as uow:
        await speed.freeze(uow, commander, area, first, last)
