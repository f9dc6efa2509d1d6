"""SQL of preventive tasks 未诉先办."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import among, of_areas
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.warn.repository import AGREE, require_warnings
from streetwise.warn.tables import AGREED, PROPOSED, PreventiveTask, WarnForecast


async def tasks_of_day(
    session: AsyncSession, viewer: Viewer, area: str, day: date
) -> list[PreventiveTask]:
    """The rounds of a day, the most pressing first."""
    require_warnings(viewer)
    query = (
        select(PreventiveTask)
        .where(
            PreventiveTask.area == area,
            PreventiveTask.day == day,
            of_areas(PreventiveTask.area, viewer),
        )
        .order_by(PreventiveTask.rank, PreventiveTask.id)
    )
    return list((await session.execute(query)).scalars())


async def last_day(session: AsyncSession, viewer: Viewer, area: str) -> date | None:
    """The last day that rounds were proposed for."""
    require_warnings(viewer)
    query = (
        select(PreventiveTask.day)
        .where(PreventiveTask.area == area, of_areas(PreventiveTask.area, viewer))
        .order_by(PreventiveTask.day.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def agreed_since(
    session: AsyncSession, viewer: Viewer, area: str, since: datetime
) -> list[PreventiveTask]:
    """Tasks that were agreed to since then."""
    require_warnings(viewer)
    query = (
        select(PreventiveTask)
        .where(
            PreventiveTask.area == area,
            of_areas(PreventiveTask.area, viewer),
            PreventiveTask.state == AGREED,
            PreventiveTask.agreed_at >= since,
        )
        .order_by(PreventiveTask.agreed_at, PreventiveTask.id)
    )
    return list((await session.execute(query)).scalars())


class Ranked(NamedTuple):
    """What a night thought a class would bring to a grid."""

    run_id: UUID
    grid_id: UUID
    scheme: str
    code: str
    mean: float


async def ranked(
    session: AsyncSession, viewer: Viewer, runs: Iterable[UUID], days: int
) -> list[Ranked]:
    """What these nights thought the next ``days`` days would bring to grids: what rounds go by. For
    the night.
    """
    viewer.require("*")
    one = WarnForecast
    query = select(one.run_id, one.grid_id, one.category_scheme, one.category_code, one.mean).where(
        among(one.run_id, set(runs)),
        one.days == days,
        one.grid_id.is_not(None),
        one.category_code.is_not(None),
    )
    rows = await session.execute(query)
    return [
        Ranked(run, grid, scheme or "", code or "", mean)
        for run, grid, scheme, code, mean in rows
        if grid is not None
    ]


async def task(
    session: AsyncSession, viewer: Viewer, task_id: UUID, *, lock: bool = False
) -> PreventiveTask:
    """One task. NotFound when there is none that the viewer may see."""
    if lock:
        viewer.require(AGREE)
    require_warnings(viewer)
    query = select(PreventiveTask).where(
        PreventiveTask.id == task_id, of_areas(PreventiveTask.area, viewer)
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such preventive task.", id=str(task_id))
    return found


async def unjudged(session: AsyncSession, viewer: Viewer, area: str) -> list[PreventiveTask]:
    """Tasks of which nobody has counted what came. For the night."""
    viewer.require("*")
    query = select(PreventiveTask).where(PreventiveTask.area == area, PreventiveTask.came.is_(None))
    return list((await session.execute(query.order_by(PreventiveTask.id))).scalars())


async def propose(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    day: date,
    rows: Sequence[dict[str, Any]],
) -> None:
    """The rounds of a day, instead of those that were proposed before; what was agreed to stays."""
    viewer.require("*")
    one = PreventiveTask
    await session.execute(
        delete(one).where(one.area == area, one.day == day, one.state == PROPOSED)
    )
    if rows:
        await session.execute(
            insert(one).on_conflict_do_nothing(constraint="preventive_task_once"), list(rows)
        )


async def trim(session: AsyncSession, viewer: Viewer, area: str, before: date) -> None:
    """Remove rounds of days before then that nobody agreed to."""
    viewer.require("*")
    one = PreventiveTask
    await session.execute(
        delete(one).where(one.area == area, one.day < before, one.state == PROPOSED)
    )
