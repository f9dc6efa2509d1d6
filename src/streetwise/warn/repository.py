"""SQL of warn: nights, warnings, notes, forecasts. Preventive tasks: ``tasks_repository.py``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.tables import Grid
from streetwise.kernel.database import among, of_areas
from streetwise.kernel.errors import Forbidden, NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.warn.tables import (
    ARRIVING_DAYS,
    DONE,
    HINDSIGHT,
    OVER,
    ROUNDS,
    WarnForecast,
    Warning,  # noqa: A004
    WarnNote,
    WarnRun,
)

READ, AGREE = "warning.read", "preventive.agree"


def require_warnings(viewer: Viewer) -> None:
    """Raise Forbidden for those who do not read warnings."""
    viewer.require(READ)
    if viewer.scope == "none":
        raise Forbidden("Warnings are the street's.", capability=READ)


async def one_at_a_time(session: AsyncSession, area: str) -> None:
    """Of two workers on one area's night the second waits for the first."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"warn.night:{area}"))))


async def run_of(session: AsyncSession, viewer: Viewer, area: str, night: date) -> WarnRun | None:
    """A night's row."""
    require_warnings(viewer)
    query = select(WarnRun).where(
        WarnRun.area == area, WarnRun.night == night, of_areas(WarnRun.area, viewer)
    )
    query = query.execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one_or_none()


async def last_run(
    session: AsyncSession, viewer: Viewer, area: str, *, done: bool = False
) -> WarnRun | None:
    """The last night of an area; ``done``: the last that came to its end, also where it is being
    made again: until then what it came to is what there is.
    """
    require_warnings(viewer)
    query = select(WarnRun).where(WarnRun.area == area, of_areas(WarnRun.area, viewer))
    if done:
        query = query.where((WarnRun.state == DONE) | WarnRun.told.has_key(ROUNDS))
    query = query.order_by(WarnRun.night.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def nights(session: AsyncSession, viewer: Viewer, runs: Iterable[UUID]) -> dict[UUID, date]:
    """Which nights these runs were of."""
    viewer.require("*")
    query = select(WarnRun.id, WarnRun.night).where(among(WarnRun.id, set(runs)))
    return {row[0]: row[1] for row in await session.execute(query)}


async def standing(session: AsyncSession, viewer: Viewer, area: str) -> list[Warning]:
    """Warnings of an area that are not over, locked. For the night."""
    viewer.require("*")
    query = (
        select(Warning)
        .where(Warning.area == area, Warning.status != OVER)
        .order_by(Warning.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(query)).scalars())


async def hindsight_due(session: AsyncSession, viewer: Viewer, area: str, run_id: UUID) -> bool:
    """Whether a night is the first of its area that may say what earlier ones would have said: none
    has worked that out, and no other has said anything, while all of the past was there. What was
    said of a past that was still arriving does not count.
    """
    viewer.require("*")
    all_there = ~WarnRun.told.has_key(ARRIVING_DAYS)
    done = select(WarnRun.id).where(
        WarnRun.area == area, WarnRun.told.has_key(HINDSIGHT), all_there
    )
    knew_all = select(WarnRun.id).where(WarnRun.id == Warning.said_run_id, all_there)
    said = select(Warning.id).where(
        Warning.area == area, Warning.said_run_id != run_id, knew_all.exists()
    )
    found = await session.execute(select(done.exists() | said.exists()))
    return not found.scalar_one()


async def forget_hindsight(session: AsyncSession, viewer: Viewer, area: str) -> None:
    """Remove what was worked out afterwards: it is worked out anew, of more."""
    viewer.require("*")
    await session.execute(delete(Warning).where(Warning.area == area, Warning.hindsight))


async def hindsight_count(session: AsyncSession, viewer: Viewer, area: str) -> int:
    """How many warnings of an area were worked out afterwards."""
    require_warnings(viewer)
    mine = Warning.hindsight & (Warning.area == area) & of_areas(Warning.area, viewer)
    return (await session.execute(select(func.count()).where(mine))).scalar_one()


class WarningFilter(NamedTuple):
    """Which warnings: of an area; over or not; of a class (scheme, code)."""

    area: str
    over: bool | None = None
    category: tuple[str, str] | None = None


def _warnings(viewer: Viewer) -> Select[Any]:
    return select(Warning).where(of_areas(Warning.area, viewer))


async def warnings(
    session: AsyncSession,
    viewer: Viewer,
    wanted: WarningFilter,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Warning]:
    """A page of warnings, what was told last first."""
    require_warnings(viewer)
    query = _warnings(viewer).where(Warning.area == wanted.area)
    if wanted.over is not None:
        query = query.where((Warning.status == OVER) == wanted.over)
    if wanted.category is not None:
        scheme, code = wanted.category
        query = query.where(Warning.category_scheme == scheme, Warning.category_code == code)
    if after is not None:
        query = query.where(tuple_(Warning.told_at, Warning.id) < tuple_(*after))
    query = query.order_by(Warning.told_at.desc(), Warning.id.desc()).limit(limit)
    return list((await session.execute(query)).scalars())


async def warning(session: AsyncSession, viewer: Viewer, warning_id: UUID) -> Warning:
    """One warning; NotFound when there is none that the viewer may see."""
    require_warnings(viewer)
    query = _warnings(viewer).where(Warning.id == warning_id)
    found: Warning | None = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such warning.", id=str(warning_id))
    return found


async def notes(session: AsyncSession, viewer: Viewer, run_id: UUID) -> list[WarnNote]:
    """What a night found out about the data."""
    require_warnings(viewer)
    query = (
        select(WarnNote)
        .join(WarnRun, WarnRun.id == WarnNote.run_id)
        .where(WarnNote.run_id == run_id, of_areas(WarnRun.area, viewer))
        .order_by(WarnNote.n)
    )
    return list((await session.execute(query)).scalars())


async def forecasts(
    session: AsyncSession, viewer: Viewer, run_id: UUID, days: int, limit: int
) -> list[WarnForecast]:
    """What a night forecasts for so many days: the whole area first, then what brings most."""
    require_warnings(viewer)
    query = (
        select(WarnForecast)
        .join(WarnRun, WarnRun.id == WarnForecast.run_id)
        .where(
            WarnForecast.run_id == run_id,
            WarnForecast.days == days,
            of_areas(WarnRun.area, viewer),
        )
        .order_by(WarnForecast.grid_id.is_not(None), WarnForecast.mean.desc(), WarnForecast.n)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def grids(session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]) -> dict[UUID, Grid]:
    """Grids by id, also those that have ended since."""
    require_warnings(viewer)
    query = select(Grid).where(among(Grid.id, set(ids)), of_areas(Grid.area, viewer))
    return {one.id: one for one in (await session.execute(query)).scalars()}


async def put_notes(
    session: AsyncSession, viewer: Viewer, run_id: UUID, rows: Sequence[dict[str, Any]]
) -> None:
    """The notes of a night, instead of those that it had."""
    viewer.require("*")
    await session.execute(delete(WarnNote).where(WarnNote.run_id == run_id))
    if rows:
        await session.execute(insert(WarnNote), list(rows))


async def put_forecasts(
    session: AsyncSession, viewer: Viewer, run_id: UUID, rows: Sequence[dict[str, Any]]
) -> None:
    """The forecasts of a night, instead of those that it had."""
    viewer.require("*")
    await session.execute(delete(WarnForecast).where(WarnForecast.run_id == run_id))
    if rows:
        await session.execute(insert(WarnForecast), list(rows))


async def trim(session: AsyncSession, viewer: Viewer, area: str, before: date) -> None:
    """Remove notes and forecasts of nights before then; the nights themselves stay."""
    viewer.require("*")
    old = select(WarnRun.id).where(WarnRun.area == area, WarnRun.night < before)
    for table in (WarnNote, WarnForecast):
        await session.execute(delete(table).where(table.run_id.in_(old)))
