"""SQL of hazards and of the orders to rectify them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.records.tables import Premises
from streetwise.kernel.bulk import insert_many
from streetwise.kernel.database import among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.hazards.loop import FOUND
from streetwise.resolve.hazards.rules import GENERAL
from streetwise.resolve.hazards.tables import Hazard, HazardOrder
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case, Note

_COLUMNS = ("case_id", "version", "area", "state", "kind", "level", "found_how")


async def insert_new(
    connection: psycopg.AsyncConnection[Any], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Hazards that were just found: ``case_id``, ``area``, ``kind``, ``found_how`` of each."""
    if rows:
        values = (
            [one["case_id"], 1, one["area"], FOUND, one["kind"], GENERAL, one["found_how"]]
            for one in rows
        )
        await insert_many(connection, "hazard", _COLUMNS, values)


async def of_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> Hazard | None:
    """What is known of a hazard whose case the viewer sees."""
    rows = await session.execute(_of_case(viewer), {"case_id": case_id})
    found: Hazard | None = rows.scalar_one_or_none()
    return found


@by_sight
def _of_case(viewer: Viewer) -> Select[Any]:
    query = select(Hazard).join(Case, Case.id == Hazard.case_id)
    return query.where(Hazard.case_id == bindparam("case_id"), visible(viewer))


async def of_cases(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> dict[UUID, Hazard]:
    """The same of many, by case."""
    query = select(Hazard).join(Case, Case.id == Hazard.case_id)
    query = query.where(among(Hazard.case_id, case_ids), visible(viewer))
    return {row.case_id: row for row in (await session.execute(query)).scalars()}


async def orders(session: AsyncSession, viewer: Viewer, case_id: UUID) -> list[HazardOrder]:
    """The orders of a case that the viewer sees, oldest first."""
    return list((await session.execute(_orders(viewer), {"case_id": case_id})).scalars())


@by_sight
def _orders(viewer: Viewer) -> Select[Any]:
    query = select(HazardOrder).join(Case, Case.id == HazardOrder.case_id)
    wanted = HazardOrder.case_id == bindparam("case_id")
    return query.where(wanted, visible(viewer)).order_by(HazardOrder.n)


async def order(session: AsyncSession, viewer: Viewer, order_id: UUID) -> tuple[HazardOrder, Case]:
    """An order and its case; NotFound when that is none of the viewer's."""
    query = (
        select(HazardOrder, Case)
        .join(Case, Case.id == HazardOrder.case_id)
        .where(HazardOrder.id == order_id, visible(viewer))
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise NotFound("There is no such order, or it is not yours to see.", id=str(order_id))
    return found[0], found[1]


async def notes(session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The words of orders, reports and re-checks, masked."""
    query = select(Note.id, Note.text).join(Case, Case.id == Note.case_id)
    query = query.where(among(Note.id, ids), visible(viewer))
    return {row[0]: row[1] for row in await session.execute(query)}


async def premises_name(session: AsyncSession, viewer: Viewer, area: str, code: str) -> str | None:
    """The name of premises of an area that the viewer sees; None when there are none."""
    if not viewer.sees_area(area):
        return None
    query = select(Premises.name).where(Premises.area == area, Premises.code == code)
    return (await session.execute(query)).scalar_one_or_none()


async def drop(session: AsyncSession, viewer: Viewer, row: Hazard) -> None:
    """It is no hazard, and nobody was ever ordered anything."""
    viewer.require("case.correct")
    await session.delete(row)
    await session.flush()


async def last_orders(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> dict[UUID, HazardOrder]:
    """The newest order of each case."""
    query = (
        select(HazardOrder)
        .join(Case, Case.id == HazardOrder.case_id)
        .where(among(HazardOrder.case_id, case_ids), visible(viewer))
        .order_by(HazardOrder.case_id, HazardOrder.n)
    )
    return {row.case_id: row for row in (await session.execute(query)).scalars()}
