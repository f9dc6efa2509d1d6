"""What every change of a watched camera has in common: the version it was made on, its entry."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from streetwise.discover import repository
from streetwise.discover.tables import WatchedCamera
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import StaleVersion
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer


async def of_version(
    uow: UnitOfWork, viewer: Viewer, watched_id: UUID, version: int
) -> WatchedCamera:
    """A camera to be changed, locked. Raises NotFound, StaleVersion."""
    row = await repository.locked(uow.session, viewer, watched_id)
    if row.version != version:
        raise stale(row)
    return row


def stale(row: WatchedCamera) -> StaleVersion:
    """Somebody was faster."""
    return StaleVersion(
        "Somebody has changed this camera meanwhile; look again.", current={"version": row.version}
    )


def record(
    uow: UnitOfWork, viewer: Viewer, row: WatchedCamera, action: str, data: dict[str, Any]
) -> None:
    """Its entry in the journal."""
    units = [row.owner_id] if row.owner_id else []
    uow.record(
        Entry(
            viewer.actor,
            action,
            "camera",
            row.id,
            area=row.area,
            units=units,
            data=data,
            drill=viewer.drill,
        )
    )
