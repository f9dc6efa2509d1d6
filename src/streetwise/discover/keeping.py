"""The engine's side of the rows: what it is to watch, and what it has to say of how that goes.

Everything runs as the system, in batches; the engine holds no session of its own. Pictures that
come here are masked already: the process that decodes masks them before anything else sees them.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from PIL import Image, UnidentifiedImageError

from streetwise.discover import (
    catalogue,
    findings_repository,
    health_repository,
    repository,
    thresholds_repository,
)
from streetwise.discover.actions import address_of
from streetwise.discover.addresses import FILE, file_of
from streetwise.discover.findings import How, Kept, Moment
from streetwise.discover.looks import sealed_picture
from streetwise.discover.system import SYSTEM
from streetwise.discover.tables import (
    AIM,
    DOWN,
    LIVE,
    PUSH,
    UNKNOWN,
    CameraHealth,
    CameraThreshold,
    WatchedCamera,
)
from streetwise.discover.thresholds import effective
from streetwise.discover.values import Polygon
from streetwise.kernel.clock import wall_now
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.files import FileStore
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime

declare(
    {
        "camera.down": "A camera's stream is down; data: reason.",
        "camera.up": "A camera's stream is back; data: seconds that it was down.",
    }
)

State = Literal["unknown", "live", "down", "aim"]
STATES = (UNKNOWN, LIVE, DOWN, AIM)


# --- what is watched -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ZoneToWatch:
    """A zone as the engine needs it."""

    zone_id: UUID
    scene: str
    name: str
    corners: Polygon
    clear_looks: int


@dataclass(frozen=True, slots=True)
class CameraToWatch:
    """A camera that is on. ``address`` may hold a login: it goes into no log; None: a push, or a
    file that is no longer there. ``gateway``: its name and how many streams it gives at a time.
    ``approved_until``: not a moment longer. ``least``: by scene, from how sure on it counts there,
    where that is other than the scene's own. ``view``: which view of it is meant (a number).
    ``push_print``: of the token by which it pushes its pictures. ``fingerprint``: of the one
    certificate that counts for it.
    """

    watched_id: UUID
    code: str
    kind: str
    address: str | None
    channel: str | None
    gateway: tuple[str, int] | None
    approved_until: datetime
    zones: tuple[ZoneToWatch, ...]
    least: dict[str, float]
    view: int
    push_print: bytes | None = field(repr=False)
    fingerprint: str | None = None


async def what_to_watch(runtime: Runtime) -> list[CameraToWatch]:
    """Every camera that is on and approved now, with its zones. To be asked again every so often:
    who is not in the list is not looked at.
    """
    now = runtime.database.clock.now()
    async with runtime.database.read(SYSTEM) as session:
        rows = await repository.to_watch(session, SYSTEM, now)
        ids = [row[0].id for row in rows]
        zones = await repository.zones(session, SYSTEM, ids)
        least = _least(await thresholds_repository.thresholds(session, SYSTEM, ids))
    found = []
    for watched, camera, gateway in rows:
        assert watched.approved_until is not None
        found.append(
            CameraToWatch(
                watched.id,
                camera.code,
                watched.kind,
                _address(runtime, watched),
                watched.channel,
                (gateway.name, gateway.streams_max) if gateway else None,
                watched.approved_until,
                tuple(
                    ZoneToWatch(
                        one.id,
                        one.scene,
                        one.name,
                        tuple((x, y) for x, y in one.corners),
                        one.clear_looks,
                    )
                    for one in zones
                    if one.watched_id == watched.id
                ),
                least.get(watched.id, {}),
                watched.view_version,
                watched.push_print if watched.kind == PUSH else None,
                watched.certificate,
            )
        )
    return found


def _least(rows: Sequence[CameraThreshold]) -> dict[UUID, dict[str, float]]:
    found: dict[UUID, dict[str, float]] = {}
    for one in rows:
        scene = catalogue.known().get(one.scene)
        if scene is not None:
            least = effective(scene.score, one.least, one.by)
            found.setdefault(one.watched_id, {})[one.scene] = least
    return found


def _address(runtime: Runtime, watched: WatchedCamera) -> str | None:
    """As it is handed to the engine: a file only if it still lies where files may lie."""
    address = address_of(runtime.keys, watched)
    if watched.kind != "file" or address is None:
        return address
    file = file_of(address, runtime.settings.videos_path)
    return None if file is None else f"{FILE}{file}"


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding that is open: where an engine that begins anew takes it up again."""

    key: str
    finding_id: UUID
    watched_id: UUID
    scene: str
    zone: str
    opened_at: datetime
    seen_at: datetime


async def open_now(runtime: Runtime) -> list[OpenFinding]:
    """Every finding that is open."""
    async with runtime.database.read(SYSTEM) as session:
        rows = await findings_repository.open_findings(session, SYSTEM)
    return [
        OpenFinding(
            one.key, one.id, one.watched_id, one.scene, one.zone, one.opened_at, one.seen_at
        )
        for one in rows
    ]


# --- pictures ------------------------------------------------------------------------------


async def store(files: FileStore, moment: Moment, at: datetime, jpeg: bytes, how: How) -> Kept:
    """Put a masked JPEG into the store, sealed; to be named by a finding in the next transaction.

    ``how``: what was done to it before. Raises ValueError where it is no JPEG.
    """
    width, height = jpeg_size(jpeg)
    stored = await asyncio.to_thread(files.put, jpeg)
    return Kept(moment, at, stored, width, height, how)


def jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height in pixels. Raises ValueError where it is no JPEG, or brings words along:
    a picture says nothing but what it shows.
    """
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            if image.getexif() or "comment" in image.info:
                raise ValueError("a picture with words in it")
            return image.size
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError("no JPEG") from error


# --- health --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Health:
    """How a stream is at a time. ``reason``: a word; asked for where it is down."""

    watched_id: UUID
    state: State
    at: datetime
    reason: str | None = None


async def say_health(uow: UnitOfWork, said: Sequence[Health]) -> None:
    """Take in how streams are. What is down makes one outage, and one line in the journal; what is
    back ends it, and makes another. Said again, or late, it changes nothing.
    """
    before = await health_repository.health(uow.session, SYSTEM, [one.watched_id for one in said])
    on = await repository.on_now(uow.session, SYSTEM, [one.watched_id for one in said])
    rows: dict[UUID, dict[str, Any]] = {}
    for one in sorted(said, key=lambda one: (one.watched_id, one.at)):
        watched = on.get(one.watched_id)
        old = rows.get(one.watched_id) or _row_of(before.get(one.watched_id))
        # A camera that was switched off meanwhile is neither up nor down.
        if watched is None or (old is not None and one.at < old["heard_at"]):
            continue
        same = old is not None and (old["state"], old["reason"]) == (one.state, one.reason)
        rows[one.watched_id] = {
            "watched_id": one.watched_id,
            "state": one.state,
            "since": old["since"] if old is not None and same else one.at,
            "reason": one.reason,
            "heard_at": one.at,
        }
        was_down = old is not None and old["state"] == DOWN
        if one.state == DOWN and not was_down:
            await _down(uow, one, *watched)
        elif was_down and one.state != DOWN:
            await _up(uow, one, *watched)
    await health_repository.put_health(uow.session, SYSTEM, list(rows.values()))


def _row_of(row: CameraHealth | None) -> dict[str, Any] | None:
    if row is None:
        return None
    names = ("watched_id", "state", "since", "reason", "heard_at")
    return {name: getattr(row, name) for name in names}


async def _down(uow: UnitOfWork, one: Health, area: str, owner: UUID | None) -> None:
    reason = one.reason or "unknown"
    row = {
        "id": new_id(),
        "watched_id": one.watched_id,
        "began_at": one.at,
        "ended_at": None,
        "reason": reason,
    }
    await health_repository.begin_outages(uow.session, SYSTEM, [row])
    _record(uow, "camera.down", one.watched_id, area, owner, {"reason": reason})


async def _up(uow: UnitOfWork, one: Health, area: str, owner: UUID | None) -> None:
    ended = await health_repository.end_outage(uow.session, SYSTEM, one.watched_id, one.at)
    seconds = 0
    if ended is not None and ended.ended_at is not None:
        seconds = round((ended.ended_at - ended.began_at).total_seconds())
    _record(uow, "camera.up", one.watched_id, area, owner, {"seconds": seconds})


def _record(
    uow: UnitOfWork,
    action: str,
    watched_id: UUID,
    area: str,
    owner: UUID | None,
    data: dict[str, Any],
) -> None:
    units = [owner] if owner else []
    uow.record(Entry(SYSTEM.actor, action, "camera", watched_id, area=area, units=units, data=data))


# --- cadence -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cadence:
    """What was promised and reached in a stretch of ``seconds`` that began at ``at``: seconds from
    one look to the next, the longest gap; None: not one look. ``shed``: left out under load.
    """

    watched_id: UUID
    scene: str
    at: datetime
    seconds: float
    promised: float
    reached: float | None
    looks: int
    shed: int = 0


async def publish_cadence(uow: UnitOfWork, said: Sequence[Cadence]) -> None:
    """Publish what was really reached. The same stretch again takes the former's place."""
    rows = {
        (one.watched_id, one.scene, one.at): {
            "watched_id": one.watched_id,
            "scene": one.scene,
            "at": one.at,
            "seconds": one.seconds,
            "promised": one.promised,
            "reached": one.reached,
            "looks": one.looks,
            "shed": one.shed,
        }
        for one in said
    }
    await health_repository.put_cadence(uow.session, SYSTEM, list(rows.values()))


async def trim(uow: UnitOfWork, keep_days: float) -> int:
    """Remove cadence that is older; how many rows."""
    before = uow.now - timedelta(days=keep_days)
    return await health_repository.trim_cadence(uow.session, SYSTEM, before)


# --- looks of people -----------------------------------------------------------------------


async def looks_wanted(runtime: Runtime) -> list[tuple[UUID, UUID]]:
    """(look, camera) for which somebody waits this moment, by wall time as the look itself."""
    async with runtime.database.read(SYSTEM) as session:
        return await health_repository.looks_wanted(session, SYSTEM, wall_now())


async def answer_look(runtime: Runtime, look_id: UUID, jpeg: bytes, how: How) -> bool:
    """Give a masked picture to who waits for it; False: nobody waits any more, and it is kept
    nowhere.
    """
    jpeg_size(jpeg)
    sealed = sealed_picture(runtime.keys, look_id, jpeg)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        return await health_repository.answer_look(
            uow.session, SYSTEM, look_id, wall_now(), sealed, how
        )
