"""SQL of the units that were called to a case."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.tables import Unit
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case, CaseParty


async def waiting(session: AsyncSession, viewer: Viewer, case_id: UUID) -> Sequence[CaseParty]:
    """Those that are not released yet."""
    query = (
        select(CaseParty)
        .join(Case)
        .where(CaseParty.case_id == case_id, CaseParty.released_at.is_(None), visible(viewer))
        .order_by(CaseParty.called_at, CaseParty.id)
    )
    return (await session.execute(query)).scalars().all()


async def of_case(
    session: AsyncSession, viewer: Viewer, case_id: UUID
) -> list[tuple[CaseParty, Unit]]:
    """Everybody who was ever called to a case, with the unit, in order."""
    query = (
        select(CaseParty, Unit)
        .join(Case, Case.id == CaseParty.case_id)
        .join(Unit, Unit.id == CaseParty.unit_id)
        .where(CaseParty.case_id == case_id, visible(viewer))
        .order_by(CaseParty.called_at, CaseParty.id)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]
