"""Freezing a baseline."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from streetwise.directory import repository as directory
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer
from streetwise.resolve.periods import span
from streetwise.resolve.speed import repository
from streetwise.resolve.speed.tables import SpeedBaseline

declare(
    {
        "speed.baseline_frozen": "A period was frozen (基期), for handling times to be compared"
        " with; data: number, start, stop, cases, left_out.",
    }
)


async def freeze(
    uow: UnitOfWork, viewer: Viewer, area: str | None, since: date, until: date
) -> SpeedBaseline:
    """Freeze the times of all cases opened from one day to another, as they are now. It becomes
    the baseline of the area; those before it stay. Invalid: the days are not over, or no case.
    Conflict: what is frozen is never counted again, so all of it has to be counted first.
    """
    viewer.require("baseline.freeze")
    assert viewer.staff_id is not None
    here = await directory.area(uow.session, viewer, area)
    start, stop = span(since, until, uow.now, ZoneInfo(here.timezone))
    if stop > uow.now:
        raise Invalid("A baseline is a period that is over.", code="baseline_not_over")
    await repository.lock_baselines(uow.session)
    if await repository.behind(uow.session, viewer, here.code, start, stop):
        raise Conflict(
            "Cases of that period are still being counted. Nothing was frozen; try again in some"
            " minutes.",
            code="facts_behind",
        )
    cases, left_out = await repository.timed(uow.session, viewer, here.code, start, stop, uow.now)
    if not cases:
        raise Invalid("There is no case in that period.", code="baseline_empty")
    before = await repository.baselines(uow.session, viewer, here.code)
    row = SpeedBaseline(
        id=new_id(),
        area=here.code,
        number=1 + (before[0].number if before else 0),
        start=start,
        stop=stop,
        frozen_at=uow.now,
        frozen_by=viewer.staff_id,
        frozen_for=viewer.stand_in_for,
        cases=len(cases),
        left_out=left_out,
    )
    await repository.keep(uow.session, viewer, row, cases)
    data = {
        "number": row.number,
        "start": start.isoformat(),
        "stop": stop.isoformat(),
        "cases": row.cases,
        "left_out": left_out,
    }
    uow.record(
        Entry(
            viewer.actor,
            "speed.baseline_frozen",
            "speed_baseline",
            row.id,
            area=here.code,
            grade=GRADE_INTERNAL,
            data=data,
            drill=viewer.drill,
        )
    )
    return row
