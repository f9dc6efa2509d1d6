"""未诉先办: tomorrow's rounds become cases when the commander agrees, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.gather import Detection, register_detection
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Conflict, StaleVersion
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.warn import repository, tasks_repository
from streetwise.warn.actions import SYSTEM
from streetwise.warn.scored import SCORED, cases_of, result_of
from streetwise.warn.tables import AGREED, PROPOSED, PreventiveTask

declare(
    {
        "preventive.agreed": "The commander agreed to look at a place before anybody complains;"
        " data: scheme, code (of the class), day, signal.",
    }
)


async def agree(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, task_id: UUID, version: int
) -> PreventiveTask:
    """Open a task: a signal of our own, which becomes a case like any other's.

    Raises NotFound, StaleVersion, Conflict (agreed already, or its day is over).
    """
    viewer.require(repository.AGREE)
    task = await tasks_repository.task(uow.session, viewer, task_id, lock=True)
    if task.version != version:
        raise StaleVersion(
            "This task has changed meanwhile; look again.", current={"version": task.version}
        )
    if task.state != PROPOSED:
        raise Conflict("This task was agreed to already.", code="task_agreed")
    area = await directory.area(uow.session, viewer, task.area)
    if uow.now.astimezone(ZoneInfo(area.timezone)).date() > task.day:
        raise Conflict("The day of this task is over.", code="task_day_over")
    async with looking_as(uow.session, SYSTEM):
        signal_id = await _signal(uow, keys, task)
    task.state, task.agreed_at, task.agreed_by = AGREED, uow.now, viewer.staff_id
    task.signal_id = signal_id
    task.version += 1
    uow.record(
        Entry(
            viewer.actor,
            "preventive.agreed",
            "preventive_task",
            task.id,
            area=task.area,
            units=[viewer.unit_id] if viewer.unit_id else [],
            data={
                "scheme": task.category_scheme,
                "code": task.category_code,
                "day": task.day.isoformat(),
                "signal": str(signal_id),
            },
            drill=viewer.drill,
        )
    )
    return task


async def _signal(uow: UnitOfWork, keys: Keys, task: PreventiveTask) -> UUID:
    key = (task.category_scheme, task.category_code)
    classes = {(one.scheme, one.code): one for one in await directory.classes(uow.session, SYSTEM)}
    cls = classes.get(key)
    name = cls.name if cls else task.category_code
    grid = (await repository.grids(uow.session, SYSTEM, [task.grid_id]))[task.grid_id]
    signal_id, _ = await register_detection(
        uow,
        SYSTEM,
        keys,
        Detection(
            key=f"preventive:{task.id}",
            area=task.area,
            title=f"未诉先办：{name}（{grid.name}）",
            text=f"未诉先办：请到“{grid.name}”巡查{name}，有问题当场处理，无问题据实反馈。",
            place=grid.name,
            lon=task.lon,
            lat=task.lat,
            category=(cls.scheme, cls.version, cls.code) if cls else None,
            at=uow.now,
            device="rounds",
        ),
    )
    return signal_id


@dataclass(frozen=True, slots=True)
class Score:
    """Of the last 28 days: how many rounds were agreed to, and how they ended. What
    was expected and came there, share and effect are the night's (``scored``).
    """

    agreed: int
    found: int
    mended: int
    nothing: int


async def score(session: AsyncSession, viewer: Viewer, area: str, now: datetime) -> Score:
    """How 未诉先办 went of late."""
    tasks = await tasks_repository.agreed_since(session, viewer, area, now - SCORED)
    # Counted are all of them, also those whose case this viewer may not open.
    async with looking_as(session, SYSTEM):
        cases = await cases_of(session, SYSTEM, tasks)
    results = [result_of(cases.get(one.id)) for one in tasks]
    return Score(
        agreed=len(tasks),
        found=results.count("found"),
        mended=results.count("mended"),
        nothing=results.count("nothing"),
    )
