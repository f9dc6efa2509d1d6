"""What stands on a parcel with a public purpose: schools, hospital, market, works, parks."""

from __future__ import annotations

import math
import random

from shapely.geometry import LineString, Point

from . import shapes
from .geometry import XY, Geom, blob, catmull, fit, largest, polygons, snap_all, turned, whole
from .sites import Building, Ground, Site


def _put(
    ground: Ground,
    site: Site,
    shape: Geom,
    target: XY,
    kind: str,
    *,
    gap: float = 6.0,
    name: str = "",
) -> Geom | None:
    """A house as near to the target as the ground allows; takes its room away."""
    here = fit(ground.free, turned(shape, ground.angle), target)
    if here is None:
        return None
    site.buildings.append(Building(here, kind, name))
    ground.free = ground.free.difference(here.buffer(gap, join_style="mitre"))
    return here


def _some(ground: Ground, site: Site, forms: list[Geom], target: XY, kind: str, name: str) -> None:
    """The first of several forms that fits."""
    for form in forms:
        if _put(ground, site, form, target, kind, name=name) is not None:
            return


def _corner(ground: Ground, dx: float, dy: float) -> XY:
    """A place in the ground: (0, 0) the middle, (1, 1) its north-east."""
    level = turned(ground.free, -ground.angle)
    x0, y0, x1, y1 = level.bounds
    x, y = (x0 + x1) / 2 + dx * (x1 - x0) / 2, (y0 + y1) / 2 + dy * (y1 - y0) / 2
    c, s = math.cos(ground.angle), math.sin(ground.angle)
    return c * x - s * y, s * x + c * y


def school(ground: Ground, rng: random.Random, site: Site) -> None:
    for straight, radius in ((62, 27), (52, 23), (44, 19), (30, 15)):
        here = fit(
            ground.free,
            turned(shapes.stadium(straight, radius), ground.angle),
            _corner(ground, 0.6, 0),
        )
        if here is not None:
            site.greens += [(here, "track"), (here.buffer(-6.5), "pitch")]
            ground.free = ground.free.difference(here.buffer(5.0))
            break
    target = _corner(ground, -0.5, 0.1)
    _some(ground, site, [shapes.comb(66, 44, 11, 3), shapes.comb(48, 38, 10, 3),
                         shapes.u_shape(40, 30, 9)], target, "school", "教学楼")  # fmt: skip
    _some(ground, site, [shapes.l_shape(38, 24, 11), shapes.l_shape(26, 18, 9)],
          _corner(ground, -0.6, -0.7), "school", "综合楼")  # fmt: skip
    _put(ground, site, shapes.octagon(11), _corner(ground, 0.5, 0.8), "school", name="体育馆")
    _put(ground, site, shapes.slab(2, 12, 10, "plain", rng), _corner(ground, -0.8, 0.9), "school")


def hospital(ground: Ground, rng: random.Random, site: Site) -> None:
    wards = [shapes.comb(78, 52, 15, 3), shapes.h_shape(58, 46, 14), shapes.h_shape(44, 36, 12)]
    _some(ground, site, wards, _corner(ground, 0, -0.2), "hospital", "门诊楼")
    _put(ground, site, shapes.slab(4, 15, 17, "balcony", rng), _corner(ground, 0, 0.7), "hospital",
         name="住院楼")  # fmt: skip
    _put(
        ground,
        site,
        shapes.l_shape(32, 24, 12),
        _corner(ground, 0.8, 0.3),
        "hospital",
        name="急诊楼",
    )
    _put(ground, site, shapes.slab(2, 12, 12, "plain", rng), _corner(ground, -0.9, 0.8), "hospital")
    for part in polygons(largest(ground.free).buffer(-9), 400)[:2]:
        site.greens.append((part.buffer(4), "garden"))


def market(ground: Ground, rng: random.Random, site: Site) -> None:
    halls = [shapes.chamfered(w, d, c) for w, d, c in ((72, 44, 8), (56, 36, 7), (40, 28, 6))]
    _some(ground, site, halls, _corner(ground, 0, 0), "market", "菜市场")
    for k in range(6):
        _put(ground, site, shapes.slab(4, 9, 7, "plain", rng), _corner(ground, 0, 0.9 - 0.36 * k),
             "market", gap=5.0)  # fmt: skip


def office(ground: Ground, rng: random.Random, site: Site) -> None:
    _some(ground, site, [shapes.u_shape(58, 42, 13), shapes.u_shape(44, 34, 12)],
          _corner(ground, 0, 0.1), "office", "办公楼")  # fmt: skip
    _put(ground, site, shapes.slab(3, 14, 14, "plain", rng), _corner(ground, -0.7, 0.8), "office")
    _put(ground, site, shapes.tower("notched", 26), _corner(ground, 0.8, 0.6), "office")
    _put(ground, site, shapes.l_shape(30, 22, 10), _corner(ground, -0.8, -0.6), "office")
    spot = fit(ground.free, shapes.round_house(12), _corner(ground, 0, -0.9))
    if spot is not None:
        site.greens.append((spot, "garden"))


def mall(ground: Ground, rng: random.Random, site: Site) -> None:
    for form in (shapes.chamfered(110, 72, 18), shapes.chamfered(86, 60, 15),
                 shapes.chamfered(64, 46, 12), shapes.chamfered(46, 34, 9)):  # fmt: skip
        if _put(ground, site, form, _corner(ground, 0.3, -0.3), "mall", gap=9.0, name="购物中心"):
            break
    for dx, dy in ((-0.8, 0.7), (0.7, 0.9), (-0.8, -0.6), (0, 0.9)):
        _put(ground, site, shapes.tower("notched", 30), _corner(ground, dx, dy), "office", gap=14.0)


def works(ground: Ground, rng: random.Random, site: Site) -> None:
    for k in range(9):
        form = shapes.sawtooth(rng.choice((64.0, 56.0, 48.0)), 22, 4)
        dx, dy = ((k % 2) - 0.5) * 1.1, 0.9 - 0.45 * (k // 2)
        _some(ground, site, [form, shapes.sawtooth(32, 20, 2)], _corner(ground, dx, dy),
              "works", "")  # fmt: skip
    _put(ground, site, shapes.round_house(4.5), _corner(ground, 0.5, 0.1), "works", gap=3.0)
    _put(ground, site, shapes.l_shape(30, 20, 9), _corner(ground, -0.2, -0.9), "works")


def station(ground: Ground, rng: random.Random, site: Site) -> None:
    """Where the buses turn: a hall, canopies in rows, a workshop, and much tarmac."""
    _some(ground, site, [shapes.l_shape(46, 22, 12), shapes.l_shape(32, 18, 9)],
          _corner(ground, 0, 0.8), "station", "候车厅")  # fmt: skip
    for k in range(7):
        canopy = shapes.slab(4, rng.choice((16.0, 14.0, 12.0)), 6.5, "plain", rng)
        _put(ground, site, canopy, _corner(ground, -0.1, 0.5 - 0.22 * k), "station", gap=7.0)
    _put(ground, site, shapes.sawtooth(30, 18, 2), _corner(ground, 0.8, -0.7), "works")


def kindergarten(ground: Ground, rng: random.Random, site: Site) -> bool:
    """A small house with a round playground, inside a compound; only where there is room."""
    form = turned(shapes.l_shape(30, 24, 11), ground.angle)
    here = fit(ground.free, form, _corner(ground, 0.55, -0.4))
    if here is None:
        return False
    site.buildings.append(Building(here, "school", "幼儿园"))
    ground.free = ground.free.difference(here.buffer(8.0))
    yard = fit(ground.free, shapes.round_house(9), (here.centroid.x + 14, here.centroid.y + 12))
    if yard is not None:
        site.greens.append((yard, "pitch"))
        ground.free = ground.free.difference(yard.buffer(5.0))
    return True


def park(ground: Ground, rng: random.Random, site: Site) -> Geom | None:
    """Lawns, a pond, a ring path with arms to the gates; returns the pond."""
    room = largest(ground.free)
    site.greens.append((room, "park"))
    c = room.centroid
    r = math.sqrt(room.area / math.pi)
    pond = blob(c.x + r * 0.1, c.y - r * 0.1, r * 0.36, r * 0.25, rng, 0.3)
    if not room.buffer(-12).contains(pond):
        pond = blob(c.x, c.y, r * 0.2, r * 0.15, rng, 0.2)
    ring = blob(c.x, c.y, r * 0.62, r * 0.52, rng, 0.12).intersection(room.buffer(-5))
    walk = largest(ring).exterior
    site.paths.append(snap_all(walk.coords))
    network = whole([road.line for road in ground.roads])
    for k in range(4):
        a = math.tau * k / 4 + rng.uniform(-0.4, 0.4)
        p = walk.interpolate(walk.project(Point(c.x + 500 * math.cos(a), c.y + 500 * math.sin(a))))
        q = network.interpolate(network.project(p))
        if p.distance(q) < 90 and not LineString([p, q]).intersects(pond):
            side = (q.y - p.y) * 0.12, (p.x - q.x) * 0.12
            mid = ((p.x + q.x) / 2 + side[0], (p.y + q.y) / 2 + side[1])
            arm = LineString(catmull([(p.x, p.y), mid, (q.x, q.y)], 10.0))
            if not arm.intersects(pond):
                site.paths.append(snap_all(arm.coords))
    clear = room.difference(pond.buffer(4)).difference(
        whole([LineString(p).buffer(3.0) for p in site.paths])
    )
    small = (
        (shapes.octagon(5), 0.3, 0.5),
        (shapes.slab(2, 8, 7, "plain", rng), -0.6, 0.6),
        (shapes.octagon(3.6), -0.5, -0.3),
    )
    for form, dx, dy in small:
        here = fit(clear, turned(form, ground.angle), (c.x + dx * r, c.y + dy * r))
        if here is not None:
            site.buildings.append(Building(here, "pavilion"))
    return pond
