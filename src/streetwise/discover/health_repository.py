"""All SQL of how watching goes: health, outages, cadence, and looks of people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from streetwise.discover.repository import require_cameras
from streetwise.discover.tables import (
    CameraCadence,
    CameraHealth,
    CameraLook,
    CameraOutage,
    WatchedCamera,
)
from streetwise.kernel.database import among, of_areas
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer

#: Rows of cadence added in one statement: seven values each, of at most 65,535 in a statement.
CADENCE_ROWS = 5000


class Meant(NamedTuple):
    """The view that is meant of a camera that was moved: its number, and a gate's outlines."""

    view: int
    state: dict[str, Any]


async def health(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, CameraHealth]:
    """How the streams of these cameras are, locked. For the engine."""
    viewer.require("*")
    query = (
        select(CameraHealth)
        .where(among(CameraHealth.watched_id, set(ids)))
        .order_by(CameraHealth.watched_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {one.watched_id: one for one in (await session.execute(query)).scalars()}


async def put_health(session: AsyncSession, viewer: Viewer, rows: Sequence[dict[str, Any]]) -> None:
    """Write how streams are."""
    viewer.require("*")
    if not rows:
        return
    statement = insert(CameraHealth).values(list(rows))
    new = statement.excluded
    names = ("state", "since", "reason", "heard_at")
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["watched_id"], set_={name: new[name] for name in names}
        )
    )


async def meant_views(session: AsyncSession, viewer: Viewer) -> dict[UUID, Meant]:
    """What is known of cameras that were moved and are on."""
    viewer.require("*")
    query = (
        select(CameraHealth.watched_id, CameraHealth.meant_view, CameraHealth.meant)
        .join(WatchedCamera, WatchedCamera.id == CameraHealth.watched_id)
        .where(WatchedCamera.on, CameraHealth.meant.is_not(None))
    )
    return {one: Meant(view, state) for one, view, state in await session.execute(query)}


async def put_meant(
    session: AsyncSession, viewer: Viewer, watched_id: UUID, meant: Meant | None
) -> None:
    """Keep what is known of a camera that was moved; None: it is as it should be."""
    viewer.require("*")
    statement = (
        update(CameraHealth)
        .where(CameraHealth.watched_id == watched_id)
        .values(meant_view=meant and meant.view, meant=meant and meant.state)
    )
    await session.execute(statement)


async def begin_outages(
    session: AsyncSession, viewer: Viewer, rows: Sequence[dict[str, Any]]
) -> None:
    """Begin outages, one for each camera; one that has begun goes on."""
    viewer.require("*")
    if rows:
        await session.execute(insert(CameraOutage).values(list(rows)).on_conflict_do_nothing())


async def end_outage(
    session: AsyncSession, viewer: Viewer, watched_id: UUID, at: datetime
) -> CameraOutage | None:
    """End a camera's outage where there is one; it."""
    viewer.require("*")
    statement = (
        update(CameraOutage)
        .where(CameraOutage.watched_id == watched_id, CameraOutage.ended_at.is_(None))
        .values(ended_at=func.greatest(at, CameraOutage.began_at))
        .returning(CameraOutage)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def outages(
    session: AsyncSession, viewer: Viewer, watched_id: UUID, since: datetime, limit: int
) -> list[CameraOutage]:
    """A camera's outages that had not ended by then, the newest first."""
    require_cameras(viewer)
    ended = CameraOutage.ended_at
    query = (
        select(CameraOutage)
        .join(WatchedCamera, WatchedCamera.id == CameraOutage.watched_id)
        .where(
            CameraOutage.watched_id == watched_id,
            of_areas(WatchedCamera.area, viewer),
            ended.is_(None) | (ended >= since),
        )
        .order_by(CameraOutage.began_at.desc())
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


# --- cadence -------------------------------------------------------------------------------


async def put_cadence(
    session: AsyncSession, viewer: Viewer, rows: Sequence[dict[str, Any]]
) -> None:
    """Publish what was reached; the same stretch again takes the place of what was said before."""
    viewer.require("*")
    for start in range(0, len(rows), CADENCE_ROWS):
        statement = insert(CameraCadence).values(list(rows[start : start + CADENCE_ROWS]))
        new = statement.excluded
        names = ("seconds", "promised", "reached", "looks", "shed")
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["watched_id", "scene", "at"],
                set_={name: new[name] for name in names},
            )
        )


async def cadence(
    session: AsyncSession, viewer: Viewer, watched_id: UUID, since: datetime
) -> list[CameraCadence]:
    """What a camera reached since then, scene by scene, in the order of time."""
    require_cameras(viewer)
    query = (
        select(CameraCadence)
        .join(WatchedCamera, WatchedCamera.id == CameraCadence.watched_id)
        .where(
            CameraCadence.watched_id == watched_id,
            CameraCadence.at >= since,
            of_areas(WatchedCamera.area, viewer),
        )
        .order_by(CameraCadence.scene, CameraCadence.at)
    )
    return list((await session.execute(query)).scalars())


class Reached(NamedTuple):
    """The last stretch that was published of a camera and a scene."""

    watched_id: UUID
    scene: str
    at: datetime
    promised: float
    reached: float | None


async def last_cadence(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID], since: datetime
) -> list[Reached]:
    """The newest cadence of cameras, scene by scene; none that is older than ``since``."""
    require_cameras(viewer)
    one = CameraCadence
    query = (
        select(one.watched_id, one.scene, one.at, one.promised, one.reached)
        .join(WatchedCamera, WatchedCamera.id == one.watched_id)
        .where(
            among(one.watched_id, set(ids)), one.at >= since, of_areas(WatchedCamera.area, viewer)
        )
        .ext(distinct_on(one.watched_id, one.scene))
        .order_by(one.watched_id, one.scene, one.at.desc())
    )
    return [Reached(*row) for row in await session.execute(query)]


async def trim_cadence(session: AsyncSession, viewer: Viewer, before: datetime) -> int:
    """Remove what was published before then; how many rows."""
    viewer.require("*")
    statement = delete(CameraCadence).where(CameraCadence.at < before).returning(CameraCadence.at)
    return len((await session.execute(statement)).all())


# --- looks ---------------------------------------------------------------------------------


async def look(session: AsyncSession, viewer: Viewer, look_id: UUID) -> CameraLook:
    """One's own look, with its picture while there is one. NotFound."""
    require_cameras(viewer)
    query = (
        select(CameraLook)
        .where(CameraLook.id == look_id, CameraLook.staff_id == viewer.staff_id)
        .options(undefer(CameraLook.sealed_picture))
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such look of yours.", id=str(look_id))
    return found


async def looks_wanted(
    session: AsyncSession, viewer: Viewer, now: datetime
) -> list[tuple[UUID, UUID]]:
    """(look, camera) that wait for a picture. For the engine."""
    viewer.require("*")
    query = select(CameraLook.id, CameraLook.watched_id).where(
        CameraLook.until > now, CameraLook.answered_at.is_(None)
    )
    return [(row[0], row[1]) for row in await session.execute(query.order_by(CameraLook.id))]


async def answer_look(
    session: AsyncSession, viewer: Viewer, look_id: UUID, now: datetime, sealed: bytes, how: str
) -> bool:
    """Put a picture to a look that still waits; whether it did."""
    viewer.require("*")
    statement = (
        update(CameraLook)
        .where(CameraLook.id == look_id, CameraLook.until > now, CameraLook.answered_at.is_(None))
        .values(answered_at=now, sealed_picture=sealed, how=how)
        .returning(CameraLook.id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def end_looks(session: AsyncSession, viewer: Viewer, now: datetime) -> int:
    """Take out the pictures of looks that are over; how many."""
    viewer.require("*")
    statement = (
        update(CameraLook)
        .where(CameraLook.until <= now, CameraLook.sealed_picture.is_not(None))
        .values(sealed_picture=None)
        .returning(CameraLook.id)
    )
    return len((await session.execute(statement)).all())
