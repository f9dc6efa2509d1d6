"""SQL of desk locks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.viewer import Viewer
from streetwise.resolve.desklock.tables import DeskLock
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case


async def held(
    session: AsyncSession, viewer: Viewer, area: str, now: datetime
) -> Sequence[DeskLock]:
    """The locks that hold now, of cases of the area that the viewer sees."""
    query = (
        select(DeskLock)
        .join(Case, Case.id == DeskLock.case_id)
        .where(DeskLock.area == area, DeskLock.until > now, visible(viewer, area))
        .order_by(DeskLock.taken_at, DeskLock.case_id)
    )
    return (await session.execute(query)).scalars().all()


async def of_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> DeskLock | None:
    """The lock of a case, held or over, locked for change; None: there is none."""
    query = (
        select(DeskLock)
        .join(Case, Case.id == DeskLock.case_id)
        .where(DeskLock.case_id == case_id, visible(viewer))
        .with_for_update(of=DeskLock)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def take(
    session: AsyncSession,
    viewer: Viewer,
    case: Case,
    now: datetime,
    until: datetime,
    *,
    by_force: bool,
) -> bool:
    """Take the lock of a case that the viewer sees, if nobody else holds it (or by force); whether
    it is the viewer's now. Of two at once one gets it.
    """
    assert viewer.staff_id is not None
    row = {
        "case_id": case.id, "area": case.area, "staff_id": viewer.staff_id, "taken_at": now,
        "until": until,
    }  # fmt: skip
    put = insert(DeskLock).values(row)
    free = or_(DeskLock.until <= now, DeskLock.staff_id == viewer.staff_id)
    put = put.on_conflict_do_update(
        index_elements=["case_id"],
        set_={name: put.excluded[name] for name in ("staff_id", "taken_at", "until")},
        where=None if by_force else free,
    )
    return (await session.execute(put.returning(DeskLock.case_id))).one_or_none() is not None


async def free(
    session: AsyncSession, viewer: Viewer, now: datetime, besides: UUID | None = None
) -> list[UUID]:
    """Give back the viewer's own locks, but that of one case; cases of those that still held."""
    if viewer.staff_id is None:
        return []
    query = delete(DeskLock).where(DeskLock.staff_id == viewer.staff_id)
    if besides is not None:
        query = query.where(DeskLock.case_id != besides)
    rows = await session.execute(query.returning(DeskLock.case_id, DeskLock.until))
    return sorted(case_id for case_id, until in rows if until > now)
