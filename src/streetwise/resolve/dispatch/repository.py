"""SQL of dispatch: what has happened, and what each unit has on hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import cast, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from streetwise.directory.tables import Grid, Unit
from streetwise.kernel.database import Time
from streetwise.kernel.journal import Journal
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.dispatch.learn import Past
from streetwise.resolve.dispatch.tables import DispatchPast
from streetwise.resolve.loop import ACCEPTED, CLOSED
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case

#: Entries that say who has a case, and what became of that.
_GIVEN = ("case.dispatched", "case.reassigned")
_KEPT = "case.reported"
_NOT_KEPT = ("case.returned", "case.reassigned")


@dataclass(frozen=True, slots=True)
class Load:
    """What a unit holds now."""

    open: int
    overdue: int


async def load(session: AsyncSession, viewer: Viewer, area: str, now: datetime) -> dict[UUID, Load]:
    """What each unit holds of the area's open cases that the viewer sees."""
    overdue = func.count().filter(Case.due_at < now)
    query = (
        select(Case.unit_id, func.count(), overdue)
        .where(visible(viewer, area), Case.area == area, Case.state != CLOSED)
        .where(Case.unit_id.is_not(None))
        .group_by(Case.unit_id)
    )
    rows = await session.execute(query)
    return {unit: Load(held, late) for unit, held, late in rows if unit is not None}


async def waiting(session: AsyncSession, viewer: Viewer, area: str, limit: int) -> list[UUID]:
    """Cases of the area that wait to be dispatched, by what goes wrong first."""
    query = (
        select(Case.id)
        .where(visible(viewer, area), Case.area == area)
        .where(Case.state == ACCEPTED, Case.state != CLOSED)
        .order_by(Case.due_at.asc().nulls_last(), Case.id)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def how_many_wait(session: AsyncSession, viewer: Viewer, area: str) -> int:
    """How many cases of the area wait to be dispatched."""
    query = select(func.count()).where(
        visible(viewer, area), Case.area == area, Case.state == ACCEPTED
    )
    return int((await session.execute(query)).scalar_one())


async def counted_at(session: AsyncSession, viewer: Viewer, area: str) -> datetime | None:
    """When the past of an area was counted last; None: there is none."""
    if not viewer.sees_area(area):
        return None
    query = select(DispatchPast.made_at).where(DispatchPast.area == area).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def past(session: AsyncSession, viewer: Viewer, area: str) -> list[Past]:
    """What has happened in an area, in the order of its key."""
    if not viewer.sees_area(area):
        return []
    one = DispatchPast
    query = (
        select(one.scheme, one.code, one.community, one.grid, one.unit, one.kept, one.against)
        .where(one.area == area)
        .order_by(one.scheme, one.code, one.community, one.grid, one.unit)
    )
    return [Past(*row) for row in await session.execute(query)]


async def count_past(
    session: AsyncSession, viewer: Viewer, area: str, since: datetime, now: datetime
) -> int:
    """Count the journal of an area anew since then; how many rows there are now.

    A case that a unit was given and that is neither reported nor given back says nothing yet.
    """
    viewer.require("*")
    await session.execute(delete(DispatchPast).where(DispatchPast.area == area))
    unit = Journal.data["unit"].astext
    after = func.lead(Journal.action).over(partition_by=Journal.subject, order_by=Journal.seq)
    steps = (
        select(
            Journal.subject.label("case_id"),
            Journal.action,
            unit.label("unit"),
            after.label("next"),
        )
        .where(Journal.area == area, Journal.subject_kind == "case", Journal.at >= since)
        .where(Journal.action.in_(sorted({*_GIVEN, _KEPT, *_NOT_KEPT})))
        .subquery()
    )
    community = aliased(Unit)
    kept = func.count().filter(steps.c.next == _KEPT)
    against = func.count().filter(steps.c.next.in_(_NOT_KEPT))
    key = (
        Case.area,
        Case.category_scheme,
        Case.category_code,
        func.coalesce(community.code, ""),
        func.coalesce(Grid.code, ""),
        steps.c.unit,
    )
    rows = (
        select(*key, kept, against, cast(literal(now), Time))
        .select_from(steps)
        .join(Case, Case.id == steps.c.case_id)
        .outerjoin(community, community.id == Case.community_id)
        .outerjoin(Grid, Grid.id == Case.grid_id)
        .where(
            steps.c.action.in_(_GIVEN),
            steps.c.unit.is_not(None),
            Case.category_scheme.is_not(None),
            Case.category_code.is_not(None),
        )
        .group_by(*key)
        .having(kept + against > 0)
    )
    columns: Sequence[str] = [column.name for column in DispatchPast.__table__.columns]
    put = insert(DispatchPast).from_select(list(columns), rows)
    result = await session.execute(put.returning(DispatchPast.kept))
    return len(result.all())
