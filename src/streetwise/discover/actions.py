"""Setting cameras up, switching them on and off, drawing their zones. Each with its entry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.master_key import RENEWING
from streetwise.discover import catalogue, health_repository, repository
from streetwise.discover.addresses import check_address
from streetwise.discover.findings import end_findings
from streetwise.discover.tables import KINDS, UNKNOWN, WatchedCamera, WatchZone
from streetwise.kernel import hooks
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Conflict, Invalid, StaleVersion
from streetwise.kernel.geo import valid_lonlat
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.masking import mask

declare(
    {
        "camera.set_up": "A camera's stream, owner, purpose or approval was written down; data:"
        " kind, new, changed (what is other than before), owner (a unit's id), approval (its"
        " reference, masked), approved_until.",
        "camera.gateway": "It was written down how many streams a gateway gives at a time; data:"
        " streams_max, before (none: it is new).",
        "camera.on": "A camera was switched on for analysis; data: approved_until.",
        "camera.off": "A camera was switched off; data: why.",
        "camera.zones": "A camera's zones were drawn; data: version, and how many zones are new,"
        " ended and kept.",
    }
)

SYSTEM = Viewer.system("discover")
ADDRESS_PURPOSE = "camera-address"
#: Why a camera is switched off. ``approval_over`` is the program's own.
OFF_REASONS = ("maintenance", "no_need", "relocated", "objection", "other")
APPROVAL_OVER = "approval_over"
ADDRESS_MAX, WORDS_MAX, NAME_MAX = 2000, 200, 60
ZONES_MAX, CORNERS_MIN, CORNERS_MAX = 32, 3, 32
#: A zone smaller than this share of the picture is a slip of the hand.
AREA_MIN = 0.0005
GROUND_MAX_METRES = 200.0


@dataclass(frozen=True, slots=True)
class SetUp:
    """What is written down of a camera. ``address`` None: as it was. ``owner``: a unit's code."""

    kind: str
    address: str | None = None
    channel: str | None = None
    gateway: str | None = None
    streams_max: int | None = None
    owner: str | None = None
    purpose: str | None = None
    approval: str | None = None
    approved_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A zone as it is to be. ``ground``: (lon, lat, metres) of what it shows, where said."""

    scene: str
    name: str
    corners: tuple[tuple[float, float], ...]
    ground: tuple[float, float, float] | None = None


async def set_up(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    area: str,
    code: str,
    wanted: SetUp,
    version: int | None,
    videos: Path | None = None,
) -> WatchedCamera:
    """Write down what a camera of the directory is watched by, and who answers for it.

    ``version``: of what was watched before, None where it never was. ``videos``: the folder below
    which a video file lies. One that is on stays on, so nothing that it needs may be taken away.
    Raises Invalid, Conflict, StaleVersion.
    """
    viewer.require(repository.SET_UP)
    camera = await repository.in_directory(uow.session, viewer, area, code)
    if camera is None:
        raise Invalid("The directory has no such camera.", code="camera_unknown", camera=code)
    row = await repository.watched_of(uow.session, viewer, camera.id)
    new = row is None
    if row is None:
        row = WatchedCamera(
            id=new_id(),
            version=0,
            area=camera.area,
            camera_id=camera.id,
            on=False,
            zones_version=0,
            set_up_at=uow.now,
        )
        uow.session.add(row)
    elif version != row.version:
        raise _stale(row)
    before = {} if new else _said(keys, row)
    _write_address(keys, row, wanted, videos)
    await _write(uow, viewer, row, wanted)
    changed = [name for name, value in _said(keys, row).items() if value != before.get(name)]
    lacking = lacks(row, uow.now) if row.on else []
    if lacking:
        raise _lacking(lacking)
    row.version += 1
    row.set_up_at = uow.now
    await uow.session.flush()
    _record(uow, viewer, row, "camera.set_up", _told(row, changed, new=new))
    return row


def _said(keys: Keys, row: WatchedCamera) -> dict[str, Any]:
    """All that is written down of a camera."""
    return {
        "kind": row.kind,
        "address": address_of(keys, row),
        "channel": row.channel,
        "gateway": row.gateway_id,
        "owner": row.owner_id,
        "purpose": row.purpose,
        "approval": row.approval,
        "approved_until": row.approved_until,
    }


def _told(row: WatchedCamera, changed: list[str], *, new: bool) -> dict[str, Any]:
    """What the journal says of a set-up: enough to tell later which approval held when, and whose
    it was; never the address.
    """
    data: dict[str, Any] = {"kind": row.kind, "new": new, "changed": changed}
    if row.owner_id is not None:
        data["owner"] = str(row.owner_id)
    if row.approval is not None:
        data["approval"] = mask(row.approval).text
    if row.approved_until is not None:
        data["approved_until"] = row.approved_until.isoformat()
    return data


async def set_up_channel(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, area: str, code: str, wanted: SetUp
) -> str:
    """Write down by which address or channel a camera is watched; nothing else of it changes: not
    its owner, purpose, approval or until when that holds. No files.

    ``new``, ``changed`` or ``as_before``, of which only the first two leave an entry.
    """
    camera = await repository.in_directory(uow.session, viewer, area, code)
    assert camera is not None, "the plan was made in this transaction"
    row = await repository.watched_of(uow.session, viewer, camera.id)
    if row is None:
        await set_up(uow, viewer, keys, area, code, wanted, None)
        return "new"
    assert wanted.address is not None
    check_address(wanted.kind, wanted.address, None)
    gateway = await _gateway(uow, viewer, area, wanted)
    before = _said(keys, row)
    if (row.kind, row.channel, row.gateway_id, before["address"]) == (
        wanted.kind,
        wanted.channel,
        gateway,
        wanted.address,
    ):
        return "as_before"
    row.kind, row.channel, row.gateway_id = wanted.kind, wanted.channel, gateway
    row.sealed_address = keys.sealer(ADDRESS_PURPOSE).seal(wanted.address.encode(), row.id.bytes)
    row.version += 1
    row.set_up_at = uow.now
    await uow.session.flush()
    changed = [name for name, value in _said(keys, row).items() if value != before[name]]
    _record(uow, viewer, row, "camera.set_up", _told(row, changed, new=False))
    return "changed"


def _write_address(keys: Keys, row: WatchedCamera, wanted: SetUp, videos: Path | None) -> None:
    if wanted.kind not in KINDS:
        raise Invalid("There is no such kind of stream.", code="camera_kind", kind=wanted.kind)
    row.kind = wanted.kind
    address = _words(wanted.address, ADDRESS_MAX)
    # One that stays has to do for another kind as well.
    stays = address_of(keys, row) if address is None else address
    if stays is not None:
        check_address(row.kind, stays, videos)
    if address is not None:
        row.sealed_address = keys.sealer(ADDRESS_PURPOSE).seal(address.encode(), row.id.bytes)


async def _write(uow: UnitOfWork, viewer: Viewer, row: WatchedCamera, wanted: SetUp) -> None:
    row.channel = _words(wanted.channel, WORDS_MAX)
    row.purpose = _words(wanted.purpose, WORDS_MAX)
    row.approval = _words(wanted.approval, WORDS_MAX)
    row.approved_until = wanted.approved_until
    row.owner_id = None
    if wanted.owner:
        unit = await directory.unit_by_code(uow.session, viewer, wanted.owner)
        if unit is None:
            raise Invalid("There is no such unit.", code="unit_unknown", unit=wanted.owner)
        row.owner_id = unit.id
    row.gateway_id = await _gateway(uow, viewer, row.area, wanted)


async def _gateway(uow: UnitOfWork, viewer: Viewer, area: str, wanted: SetUp) -> UUID | None:
    """The gateway that is wanted; where its cap is another than before, that has its entry."""
    name = _words(wanted.gateway, NAME_MAX)
    if name is None:
        return None
    cap = await repository.gateway(uow.session, viewer, area, name, wanted.streams_max)
    if cap.before != cap.now:
        data = {"streams_max": cap.now, "before": cap.before}
        units = [viewer.unit_id] if viewer.unit_id else []
        entry = Entry(
            viewer.actor,
            "camera.gateway",
            "gateway",
            cap.id,
            area=area,
            units=units,
            data=data,
            drill=viewer.drill,
        )
        uow.record(entry)
    return cap.id


def _words(text: str | None, most: int) -> str | None:
    found = (text or "").strip()
    if len(found) > most:
        raise Invalid(f"At most {most} characters.", code="too_long", most=most)
    return found or None


def lacks(row: WatchedCamera, now: datetime, *, has_address: bool | None = None) -> list[str]:
    """What a camera has not that it needs to be on. ``has_address``: where the row was read
    without it.
    """
    if has_address is None:
        has_address = row.sealed_address is not None
    needed = {
        "address": row.kind == "push" or has_address,
        "owner": row.owner_id is not None,
        "purpose": bool(row.purpose),
        "approval": bool(row.approval),
        "approved_until": row.approved_until is not None and row.approved_until > now,
    }
    return [name for name, there in needed.items() if not there]


async def switch_on(uow: UnitOfWork, viewer: Viewer, watched_id: UUID, version: int) -> None:
    """Let the program look at a camera. Raises Conflict (``camera_lacks``) with what is missing."""
    row = await _of_version(uow, viewer, watched_id, version)
    lacking = lacks(row, uow.now)
    if lacking:
        raise _lacking(lacking)
    if row.on:
        return
    row.on, row.on_since, row.off_why = True, uow.now, None
    row.version += 1
    fresh = {"watched_id": row.id, "state": UNKNOWN, "since": uow.now, "reason": None}
    async with looking_as(uow.session, SYSTEM):
        await health_repository.put_health(uow.session, SYSTEM, [{**fresh, "heard_at": uow.now}])
    assert row.approved_until is not None
    data = {"approved_until": row.approved_until.isoformat()}
    _record(uow, viewer, row, "camera.on", data)


async def switch_off(
    uow: UnitOfWork, viewer: Viewer, watched_id: UUID, version: int, why: str
) -> None:
    """Look no more. What was found there and is open is ended: nobody would see that it is gone."""
    if why not in OFF_REASONS:
        raise Invalid("Say why it is switched off.", code="off_reason", reason=why)
    row = await _of_version(uow, viewer, watched_id, version)
    if row.on:
        await _off(uow, viewer, row, why)


async def end_approvals(uow: UnitOfWork) -> int:
    """Switch off the cameras whose approval is over; how many."""
    rows = await repository.run_out(uow.session, SYSTEM, uow.now)
    for row in rows:
        await _off(uow, SYSTEM, row, APPROVAL_OVER)
    return len(rows)


async def _off(uow: UnitOfWork, viewer: Viewer, row: WatchedCamera, why: str) -> None:
    row.on, row.on_since, row.off_why = False, None, why
    row.version += 1
    await uow.session.flush()
    async with looking_as(uow.session, SYSTEM):
        await health_repository.end_outage(uow.session, SYSTEM, row.id, uow.now)
        await end_findings(uow, row.id, "off")
    _record(uow, viewer, row, "camera.off", {"why": why})


async def draw_zones(
    uow: UnitOfWork, viewer: Viewer, watched_id: UUID, version: int, drawn: Sequence[Drawn]
) -> None:
    """What is looked for where, from now on: all zones of a camera at once.

    Those that stay as they are go on; what is drawn anew begins a new one. Findings of a zone
    whose name is no longer there are ended. Raises Invalid, StaleVersion.
    """
    row = await _of_version(uow, viewer, watched_id, version)
    check_zones(drawn)
    wanted = {(one.scene, one.name): one for one in drawn}
    kept = 0
    before = await repository.zones(uow.session, viewer, [row.id])
    row.zones_version += 1
    for zone in before:
        asked = wanted.get((zone.scene, zone.name))
        if asked is not None and _same(zone, asked):
            del wanted[zone.scene, zone.name]
            kept += 1
        else:
            zone.ended_at = uow.now
    await uow.session.flush()
    uow.session.add_all(_zone(uow, row, one) for one in wanted.values())
    row.version += 1
    await uow.session.flush()
    names = {(one.scene, one.name) for one in drawn}
    async with looking_as(uow.session, SYSTEM):
        await end_findings(uow, row.id, "zone_gone", but=names)
    data = {
        "version": row.zones_version,
        "new": len(wanted),
        "ended": len(before) - kept,
        "kept": kept,
    }
    _record(uow, viewer, row, "camera.zones", data)


def _same(zone: WatchZone, asked: Drawn) -> bool:
    ground = (zone.lon, zone.lat, zone.metres) if zone.lon is not None else None
    corners = tuple(tuple(corner) for corner in zone.corners)
    looks = catalogue.scene(asked.scene).clear_looks
    return (corners, ground, zone.clear_looks) == (asked.corners, asked.ground, looks)


def _zone(uow: UnitOfWork, row: WatchedCamera, asked: Drawn) -> WatchZone:
    lon, lat, metres = asked.ground or (None, None, None)
    return WatchZone(
        id=new_id(),
        watched_id=row.id,
        scene=asked.scene,
        name=asked.name,
        corners=[list(corner) for corner in asked.corners],
        clear_looks=catalogue.scene(asked.scene).clear_looks,
        lon=lon,
        lat=lat,
        metres=metres,
        since_version=row.zones_version,
        began_at=uow.now,
        ended_at=None,
    )


def check_zones(drawn: Sequence[Drawn]) -> None:
    """Raise Invalid where zones cannot be: twice the same name, no polygon, outside the picture."""
    if len(drawn) > ZONES_MAX:
        raise Invalid(f"At most {ZONES_MAX} zones.", code="zones_many", most=ZONES_MAX)
    seen = set()
    for one in drawn:
        catalogue.scene(one.scene)
        if not one.name or len(one.name) > NAME_MAX or (one.scene, one.name) in seen:
            raise Invalid("Each zone of a scene has a name of its own.", code="zone_name")
        seen.add((one.scene, one.name))
        if not _polygon(one.corners):
            raise Invalid(
                "A zone is a polygon of 3 to 32 corners inside the picture that does not cross"
                " itself.",
                code="zone_shape",
                zone=one.name,
            )
        if one.ground is not None:
            lon, lat, metres = one.ground
            if not (valid_lonlat(lon, lat) and 0 < metres <= GROUND_MAX_METRES):
                raise Invalid("A zone shows some ground near it.", code="zone_ground")


def _polygon(corners: Sequence[tuple[float, float]]) -> bool:
    if not CORNERS_MIN <= len(corners) <= CORNERS_MAX:
        return False
    if not all(math.isfinite(v) and 0 <= v <= 1 for corner in corners for v in corner):
        return False
    sides = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in sides)
    if abs(twice) / 2 < AREA_MIN:
        return False
    last = len(sides) - 1
    return not any(
        _cross(*sides[i], *sides[j])
        for i in range(len(sides))
        for j in range(i + 2, len(sides))
        if (i, j) != (0, last)
    )


_Corner = tuple[float, float]


def _cross(a: _Corner, b: _Corner, c: _Corner, d: _Corner) -> bool:
    """Whether two sides that share no corner meet."""

    def turn(p: _Corner, q: _Corner, r: _Corner) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return turn(a, b, c) * turn(a, b, d) <= 0 and turn(c, d, a) * turn(c, d, b) <= 0


async def _of_version(
    uow: UnitOfWork, viewer: Viewer, watched_id: UUID, version: int
) -> WatchedCamera:
    row = await repository.locked(uow.session, viewer, watched_id)
    if row.version != version:
        raise _stale(row)
    return row


def _stale(row: WatchedCamera) -> StaleVersion:
    return StaleVersion(
        "Somebody has changed this camera meanwhile; look again.", current={"version": row.version}
    )


def _lacking(names: list[str]) -> Conflict:
    return Conflict(
        "A camera is on only with an address, an owner, a purpose and an approval that holds.",
        code="camera_lacks",
        lacks=names,
    )


def _record(
    uow: UnitOfWork, viewer: Viewer, row: WatchedCamera, action: str, data: dict[str, Any]
) -> None:
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


def address_of(keys: Keys, row: WatchedCamera) -> str | None:
    """A camera's address, opened. For the engine."""
    if row.sealed_address is None:
        return None
    return keys.sealer(ADDRESS_PURPOSE).open(row.sealed_address, row.id.bytes).decode()


async def _renew_addresses(*, session: AsyncSession, viewer: Viewer, keys: Keys) -> list[int]:
    renew = keys.sealer(ADDRESS_PURPOSE).renewed
    return [await repository.renew_addresses(session, viewer, renew)]


hooks.register(RENEWING, _renew_addresses)
