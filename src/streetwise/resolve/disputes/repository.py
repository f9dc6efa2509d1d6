"""SQL of disputes, and of what the vault holds of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import among
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.disputes.loop import STATES, UNENDED
from streetwise.resolve.disputes.tables import Dispute, DisputeRecord
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case


async def of_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> Dispute | None:
    """What is known of a dispute whose case the viewer sees."""
    rows = await session.execute(_of_case(viewer), {"case_id": case_id})
    found: Dispute | None = rows.scalar_one_or_none()
    return found


@by_sight
def _of_case(viewer: Viewer) -> Select[Any]:
    query = select(Dispute).join(Case, Case.id == Dispute.case_id)
    return query.where(Dispute.case_id == bindparam("case_id"), visible(viewer))


async def of_cases(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> dict[UUID, Dispute]:
    """The same of many, by case."""
    query = select(Dispute).join(Case, Case.id == Dispute.case_id)
    query = query.where(among(Dispute.case_id, case_ids), visible(viewer))
    return {row.case_id: row for row in (await session.execute(query)).scalars()}


async def records(session: AsyncSession, viewer: Viewer, case_id: UUID) -> list[DisputeRecord]:
    """Parties, visits, agreements and words of a case that the viewer sees, oldest first."""
    return list((await session.execute(_records(viewer), {"case_id": case_id})).scalars())


@by_sight
def _records(viewer: Viewer) -> Select[Any]:
    query = select(DisputeRecord).join(Case, Case.id == DisputeRecord.case_id)
    query = query.where(DisputeRecord.case_id == bindparam("case_id"), visible(viewer))
    return query.order_by(DisputeRecord.at, DisputeRecord.id)


async def parties(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> dict[UUID, int]:
    """How many parties each case has; a number only."""
    query = (
        select(DisputeRecord.case_id, func.count())
        .join(Case, Case.id == DisputeRecord.case_id)
        .where(
            among(DisputeRecord.case_id, case_ids), DisputeRecord.kind == "party", visible(viewer)
        )
        .group_by(DisputeRecord.case_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def listed(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    *,
    ended: bool,
    colour: str | None,
    limit: int,
    offset: int,
) -> tuple[list[UUID], int]:
    """(cases of disputes of an area, newest first; how many there are)."""
    query = select(Case.id).select_from(Case).outerjoin(Dispute, Dispute.case_id == Case.id)
    query = query.where(_disputes(viewer, area, ended=ended))
    if colour is not None:
        query = query.where(Dispute.colour == colour)
    count: Select[int] = select(func.count()).select_from(query.subquery())
    whole = (await session.execute(count)).scalar_one()
    page: Any = query.order_by(Case.opened_at.desc(), Case.id).limit(limit).offset(offset)
    return list((await session.execute(page)).scalars()), whole


def _disputes(viewer: Viewer, area: str, *, ended: bool) -> ColumnElement[bool]:
    states = [one for one in STATES if one not in UNENDED] if ended else list(UNENDED)
    return and_(
        visible(viewer, area),
        Case.area == area,
        Case.nature == "dispute",
        Case.merged_into.is_(None),
        Case.nature_state.in_(states),
    )


async def drop(session: AsyncSession, viewer: Viewer, row: Dispute) -> None:
    """It is no dispute, and nothing was ever done about it as one."""
    viewer.require("case.correct")
    await session.delete(row)
    await session.flush()
