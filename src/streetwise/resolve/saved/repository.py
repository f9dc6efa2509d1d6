"""SQL of saved views: who sees one is its owner, and the people of the unit it is shared with."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, delete, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import of_areas
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.saved.tables import SavedView


def _seen(viewer: Viewer) -> ColumnElement[bool]:
    if not viewer.may("case.read"):
        return false()
    shared = SavedView.unit_id == viewer.unit_id if viewer.unit_id else false()
    return of_areas(SavedView.area, viewer) & or_(SavedView.owner_id == viewer.staff_id, shared)


async def views(session: AsyncSession, viewer: Viewer) -> list[SavedView]:
    """The viewer's own and those of the viewer's unit, by name."""
    query = select(SavedView).where(_seen(viewer)).order_by(SavedView.name, SavedView.id)
    return list((await session.execute(query)).scalars())


async def remove(session: AsyncSession, viewer: Viewer, view_id: UUID) -> SavedView:
    """Remove one of the viewer's own; NotFound for any other."""
    query = (
        delete(SavedView)
        .where(SavedView.id == view_id, SavedView.owner_id == viewer.staff_id, _seen(viewer))
        .returning(SavedView)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such view of yours.", id=str(view_id))
    return found
