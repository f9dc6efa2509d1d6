"""SQL of discover: cameras that are watched, and their zones. Findings are in
``findings_repository.py``; how it goes (health, cadence, looks) in ``health_repository.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from streetwise.directory.records.tables import Camera
from streetwise.directory.tables import Unit
from streetwise.discover.tables import (
    CameraHealth,
    VideoGateway,
    WatchedCamera,
    WatchZone,
)
from streetwise.kernel.database import among, of_areas
from streetwise.kernel.errors import Forbidden, NotFound
from streetwise.kernel.ids import new_id
from streetwise.kernel.viewer import Viewer

WATCH, SET_UP, JUDGE = "camera.watch", "camera.set_up", "finding.judge"


def require_cameras(viewer: Viewer) -> None:
    """Raise Forbidden for those who neither watch cameras nor set them up."""
    if not viewer.may(SET_UP):
        viewer.require(WATCH)
    if viewer.scope == "none":
        raise Forbidden("Cameras are watched by the street.", capability=WATCH)


class CameraRow(NamedTuple):
    """A watched camera with what the directory says of it and how its stream is."""

    watched: WatchedCamera
    camera: Camera
    health: CameraHealth | None
    owner: str | None
    gateway: VideoGateway | None


def _cameras(viewer: Viewer) -> Select[WatchedCamera, Camera, CameraHealth, str, VideoGateway]:
    return (
        select(WatchedCamera, Camera, CameraHealth, Unit.name, VideoGateway)
        .join(Camera, Camera.id == WatchedCamera.camera_id)
        .outerjoin(CameraHealth, CameraHealth.watched_id == WatchedCamera.id)
        .outerjoin(Unit, Unit.id == WatchedCamera.owner_id)
        .outerjoin(VideoGateway, VideoGateway.id == WatchedCamera.gateway_id)
        .where(of_areas(WatchedCamera.area, viewer))
    )


async def cameras(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    *,
    scene: str | None = None,
    state: str | None = None,
    words: str | None = None,
    after: str | None = None,
    limit: int,
) -> list[CameraRow]:
    """Watched cameras of an area in the order of their codes. ``state``: off, or of the stream."""
    require_cameras(viewer)
    query = _cameras(viewer).where(WatchedCamera.area == area)
    if scene:
        zones = select(WatchZone.watched_id).where(
            WatchZone.scene == scene, WatchZone.ended_at.is_(None)
        )
        query = query.where(WatchedCamera.id.in_(zones))
    if state:
        query = query.where(_state() == state)
    if words:
        like = f"%{_escaped(words)}%"
        query = query.where(or_(Camera.name.ilike(like), Camera.code.ilike(like)))
    if after:
        query = query.where(Camera.code > after)
    rows = await session.execute(query.order_by(Camera.code).limit(limit))
    return [CameraRow(*row) for row in rows]


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _state() -> ColumnElement[str]:
    """What a camera is called on screen: off, else as its stream is."""
    return case(
        (WatchedCamera.on.is_(False), "off"),
        else_=func.coalesce(CameraHealth.state, "unknown"),
    )


async def counts(session: AsyncSession, viewer: Viewer, area: str) -> dict[str, int]:
    """How many watched cameras of an area are in each state."""
    require_cameras(viewer)
    state = _state().label("state")
    query = (
        select(state, func.count())
        .select_from(WatchedCamera)
        .outerjoin(CameraHealth, CameraHealth.watched_id == WatchedCamera.id)
        .where(WatchedCamera.area == area, of_areas(WatchedCamera.area, viewer))
        .group_by(state)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def camera(session: AsyncSession, viewer: Viewer, watched_id: UUID) -> CameraRow:
    """One watched camera; NotFound when there is none that the viewer may see."""
    require_cameras(viewer)
    query = _cameras(viewer).where(WatchedCamera.id == watched_id)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such watched camera.", id=str(watched_id))
    return CameraRow(*row)


async def has_address(session: AsyncSession, viewer: Viewer, watched_id: UUID) -> bool:
    """Whether an address is written down; never which."""
    require_cameras(viewer)
    query = select(WatchedCamera.sealed_address.is_not(None)).where(
        WatchedCamera.id == watched_id, of_areas(WatchedCamera.area, viewer)
    )
    return bool((await session.execute(query)).scalar_one_or_none())


async def has_token(session: AsyncSession, viewer: Viewer, watched_id: UUID) -> bool:
    """Whether there is a token by which the camera may push; never which."""
    require_cameras(viewer)
    query = select(WatchedCamera.push_print.is_not(None)).where(
        WatchedCamera.id == watched_id, of_areas(WatchedCamera.area, viewer)
    )
    return bool((await session.execute(query)).scalar_one_or_none())


async def locked(session: AsyncSession, viewer: Viewer, watched_id: UUID) -> WatchedCamera:
    """A watched camera with its address, locked. NotFound."""
    viewer.require(SET_UP)
    query = (
        select(WatchedCamera)
        .where(WatchedCamera.id == watched_id, of_areas(WatchedCamera.area, viewer))
        .options(undefer(WatchedCamera.sealed_address), undefer(WatchedCamera.push_print))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such watched camera.", id=str(watched_id))
    return found


async def in_directory(
    session: AsyncSession, viewer: Viewer, area: str, code: str
) -> Camera | None:
    """A camera of the directory that is still there, by its code."""
    viewer.require(SET_UP)
    query = select(Camera).where(
        Camera.area == area,
        of_areas(Camera.area, viewer),
        Camera.code == code,
        Camera.ended_at.is_(None),
    )
    return (await session.execute(query)).scalar_one_or_none()


class Known(NamedTuple):
    """A camera of the directory, and what is watched of it already."""

    camera: Camera
    watched_id: UUID | None
    channel: str | None


async def directory_cameras(session: AsyncSession, viewer: Viewer, area: str) -> list[Known]:
    """All cameras of an area that are still there, watched or not."""
    viewer.require(SET_UP)
    query = (
        select(Camera, WatchedCamera.id, WatchedCamera.channel)
        .outerjoin(WatchedCamera, WatchedCamera.camera_id == Camera.id)
        .where(Camera.area == area, of_areas(Camera.area, viewer), Camera.ended_at.is_(None))
        .order_by(Camera.code)
    )
    return [Known(*row) for row in await session.execute(query)]


async def watched_of(
    session: AsyncSession, viewer: Viewer, camera_id: UUID
) -> WatchedCamera | None:
    """What is watched of a camera of the directory, locked; None: it never was."""
    viewer.require(SET_UP)
    query = (
        select(WatchedCamera)
        .where(WatchedCamera.camera_id == camera_id, of_areas(WatchedCamera.area, viewer))
        .options(undefer(WatchedCamera.sealed_address), undefer(WatchedCamera.push_print))
        .with_for_update()
    )
    return (await session.execute(query)).scalar_one_or_none()


class Cap(NamedTuple):
    """A gateway, and how many streams it gave at a time before (None: it is new) and gives now."""

    id: UUID
    before: int | None
    now: int


async def gateway(
    session: AsyncSession, viewer: Viewer, area: str, name: str, streams_max: int | None
) -> Cap:
    """The gateway of this name, made where there is none; with a number, that is its cap now."""
    viewer.require(SET_UP)
    values = {"id": new_id(), "area": area, "name": name, "streams_max": streams_max or 1}
    made = insert(VideoGateway).values(**values).on_conflict_do_nothing()
    new = (await session.execute(made.returning(VideoGateway.id))).scalar_one_or_none()
    if new is not None:
        return Cap(new, None, streams_max or 1)
    query = (
        select(VideoGateway)
        .where(
            VideoGateway.area == area,
            VideoGateway.name == name,
            of_areas(VideoGateway.area, viewer),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(query)).scalar_one()
    before = row.streams_max
    row.streams_max = streams_max or before
    return Cap(row.id, before, row.streams_max)


async def owner_of(session: AsyncSession, viewer: Viewer, watched_id: UUID) -> UUID | None:
    """The unit that answers for a camera. For the engine."""
    viewer.require("*")
    query = select(WatchedCamera.owner_id).where(WatchedCamera.id == watched_id)
    return (await session.execute(query)).scalar_one_or_none()


async def run_out(session: AsyncSession, viewer: Viewer, now: datetime) -> list[WatchedCamera]:
    """Cameras that are on though their approval is over, locked."""
    viewer.require("*")
    query = (
        select(WatchedCamera)
        .where(WatchedCamera.on, WatchedCamera.approved_until <= now)
        .order_by(WatchedCamera.id)
        .with_for_update(skip_locked=True)
    )
    return list((await session.execute(query)).scalars())


async def to_watch(
    session: AsyncSession, viewer: Viewer, now: datetime
) -> list[tuple[WatchedCamera, Camera, VideoGateway | None]]:
    """Cameras that are on and approved, with their sealed addresses. For the engine."""
    viewer.require("*")
    query = (
        select(WatchedCamera, Camera, VideoGateway)
        .join(Camera, Camera.id == WatchedCamera.camera_id)
        .outerjoin(VideoGateway, VideoGateway.id == WatchedCamera.gateway_id)
        .where(WatchedCamera.on, WatchedCamera.approved_until > now, Camera.ended_at.is_(None))
        .options(undefer(WatchedCamera.sealed_address), undefer(WatchedCamera.push_print))
        .order_by(Camera.code, WatchedCamera.id)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def on_now(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, tuple[str, UUID | None]]:
    """Which of these cameras are on: id → (area, owner). For the engine."""
    viewer.require("*")
    query = select(WatchedCamera.id, WatchedCamera.area, WatchedCamera.owner_id).where(
        among(WatchedCamera.id, set(ids)), WatchedCamera.on
    )
    return {row[0]: (row[1], row[2]) for row in await session.execute(query)}


async def renew_addresses(session: AsyncSession, viewer: Viewer, renew: Any) -> int:
    """Seal the addresses by the key of now; how many were."""
    viewer.require("*")
    query = (
        select(WatchedCamera)
        .where(WatchedCamera.sealed_address.is_not(None))
        .options(undefer(WatchedCamera.sealed_address), undefer(WatchedCamera.push_print))
        .with_for_update()
    )
    done = 0
    for row in (await session.execute(query)).scalars():
        assert row.sealed_address is not None
        anew = renew(row.sealed_address, row.id.bytes)
        if anew is not None:
            row.sealed_address = anew
            done += 1
    return done


# --- zones ---------------------------------------------------------------------------------


async def zones(
    session: AsyncSession, viewer: Viewer, watched_ids: Iterable[UUID]
) -> list[WatchZone]:
    """The zones of cameras as they are drawn now."""
    require_cameras(viewer)
    query = (
        select(WatchZone)
        .join(WatchedCamera, WatchedCamera.id == WatchZone.watched_id)
        .where(
            among(WatchZone.watched_id, set(watched_ids)),
            WatchZone.ended_at.is_(None),
            of_areas(WatchedCamera.area, viewer),
        )
        .order_by(WatchZone.scene, WatchZone.name)
    )
    return list((await session.execute(query)).scalars())


class ZoneRow(NamedTuple):
    """A zone that is looked at, with its camera."""

    zone: WatchZone
    watched: WatchedCamera
    camera: Camera


async def zones_on(
    session: AsyncSession,
    viewer: Viewer,
    *,
    scenes: Sequence[str] | None = None,
    ids: Sequence[UUID] | None = None,
) -> list[ZoneRow]:
    """Zones as drawn now of cameras that are on: of these scenes, or these. For the system."""
    viewer.require("*")
    query = (
        select(WatchZone, WatchedCamera, Camera)
        .join(WatchedCamera, WatchedCamera.id == WatchZone.watched_id)
        .join(Camera, Camera.id == WatchedCamera.camera_id)
        .where(WatchedCamera.on, WatchZone.ended_at.is_(None), Camera.ended_at.is_(None))
        .order_by(Camera.code, WatchZone.name, WatchZone.id)
    )
    if scenes is not None:
        query = query.where(WatchZone.scene.in_(list(scenes)))
    if ids is not None:
        query = query.where(among(WatchZone.id, list(ids)))
    return [ZoneRow(*row) for row in await session.execute(query)]
