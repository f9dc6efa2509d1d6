"""Where in a camera's picture is looked for what, and whether it is the picture that is meant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from streetwise.discover import catalogue, repository
from streetwise.discover.changing import of_version, record
from streetwise.discover.findings import end_findings
from streetwise.discover.system import SYSTEM
from streetwise.discover.tables import WatchedCamera, WatchZone
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.geo import valid_lonlat
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.viewer import Viewer

declare(
    {
        "camera.zones": "A camera's zones were drawn; data: version, and how many zones are new,"
        " ended and kept.",
        "camera.view": "Somebody said that what a camera shows now is what it is meant to show;"
        " data: version.",
    }
)

NAME_MAX = 60
ZONES_MAX, CORNERS_MIN, CORNERS_MAX = 32, 3, 32
#: A zone smaller than this share of the picture is a slip of the hand.
AREA_MIN = 0.0005
GROUND_MAX_METRES = 200.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A zone as it is to be. ``ground``: (lon, lat, metres) of what it shows, where said."""

    scene: str
    name: str
    corners: tuple[tuple[float, float], ...]
    ground: tuple[float, float, float] | None = None


async def draw_zones(
    uow: UnitOfWork, viewer: Viewer, watched_id: UUID, version: int, drawn: Sequence[Drawn]
) -> None:
    """What is looked for where, from now on: all zones of a camera at once.

    Those that stay as they are go on; what is drawn anew begins a new one. Findings of a zone
    whose name is no longer there are ended. Who draws over a picture has said that it is the right
    one: a camera that was moved is taken as it is now. Raises Invalid, StaleVersion.
    """
    row = await of_version(uow, viewer, watched_id, version)
    check_zones(drawn)
    wanted = {(one.scene, one.name): one for one in drawn}
    kept = 0
    before = await repository.zones(uow.session, viewer, [row.id])
    row.zones_version += 1
    row.view_version += 1
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
    record(uow, viewer, row, "camera.zones", data)


async def accept_view(uow: UnitOfWork, viewer: Viewer, watched_id: UUID, version: int) -> None:
    """The camera was aimed again, or what it shows now is right: its eye learns that view.

    Raises StaleVersion; Conflict where it is off and shows nothing.
    """
    row = await of_version(uow, viewer, watched_id, version)
    if not row.on:
        raise Conflict("A camera that is off shows nothing.", code="camera_off")
    row.view_version += 1
    row.version += 1
    await uow.session.flush()
    record(uow, viewer, row, "camera.view", {"version": row.view_version})


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
