"""SQL of thresholds: what holds at which camera, and the verdicts that set it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.discover.repository import require_cameras
from streetwise.discover.tables import RIGHT, CameraThreshold, Finding, WatchedCamera
from streetwise.discover.thresholds import SEEN_WRONG
from streetwise.kernel.database import among, of_areas
from streetwise.kernel.viewer import Viewer


async def thresholds(
    session: AsyncSession, viewer: Viewer, watched_ids: Iterable[UUID]
) -> list[CameraThreshold]:
    """Thresholds of these cameras that are other than their scenes'."""
    require_cameras(viewer)
    query = (
        select(CameraThreshold)
        .join(WatchedCamera, WatchedCamera.id == CameraThreshold.watched_id)
        .where(
            among(CameraThreshold.watched_id, set(watched_ids)),
            of_areas(WatchedCamera.area, viewer),
        )
        .order_by(CameraThreshold.watched_id, CameraThreshold.scene)
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(query)).scalars())


async def threshold_to_set(
    session: AsyncSession, viewer: Viewer, watched_id: UUID, scene: str
) -> CameraThreshold | None:
    """The one of a camera and scene, locked. For the system."""
    viewer.require("*")
    query = (
        select(CameraThreshold)
        .where(CameraThreshold.watched_id == watched_id, CameraThreshold.scene == scene)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def put_threshold(session: AsyncSession, viewer: Viewer, values: dict[str, Any]) -> None:
    """Set one; it takes the place of the one before. For the system."""
    viewer.require("*")
    keys = ("watched_id", "scene")
    changed = {name: value for name, value in values.items() if name not in keys}
    statement = insert(CameraThreshold).values(**values)
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


class Judged(NamedTuple):
    """A finding on which a verdict stands that says something of the detector."""

    scene: str
    score: float
    right: bool
    opened_at: datetime


async def judged(
    session: AsyncSession, viewer: Viewer, watched_id: UUID, since: datetime
) -> list[Judged]:
    """Verdicts on findings of a camera that were opened after that. For the system."""
    viewer.require("*")
    query = select(Finding.scene, Finding.score, Finding.verdict == RIGHT, Finding.opened_at).where(
        Finding.watched_id == watched_id,
        Finding.opened_at > since,
        or_(Finding.verdict == RIGHT, Finding.reason.in_(sorted(SEEN_WRONG))),
    )
    rows = await session.execute(query.order_by(Finding.opened_at, Finding.id))
    return [Judged(*row) for row in rows]
