"""The forest park on the hills in the north: a lake, meadows, trails, pavilions and gates."""

from __future__ import annotations

import random

from shapely.geometry import LineString, Point

from . import names, shapes
from .blocks import Layout
from .geometry import XY, Geom, blob, fit, polygons, rng_for, snap_all, turned, whole
from .sites import Building
from .streets import Plan
from .wild import Countryside, trail

SHORE = 11.0  # metres from the lake to the walk around it
MEADOWS = 9
# On the straight paper of the plan: hilltops from west to east, gates, far corners of the woods.
HILLS: tuple[XY, ...] = ((150, 1270), (420, 1390), (640, 1290))
GATES: tuple[XY, ...] = ((300, 930), (680, 930), (820, 1180))
CORNERS: tuple[XY, ...] = ((70, 1120), (560, 1440), (700, 1080))


def make_forest(
    out: Countryside, plan: Plan, layout: Layout, shape: Geom, surfaces: Geom, seed: int
) -> None:
    """Fill one grid with the forest park; `surfaces` is what the roads around it cover."""
    rng = rng_for(seed, "forest")
    room = shape.difference(surfaces).difference(whole([plan.river, plan.canal, plan.lake]))
    out.greens += [(p, "forest") for p in polygons(room, 500)]
    shore = plan.lake.buffer(SHORE)
    _meadows(out, room, shore.buffer(10), shape, rng)
    ring = shore.simplify(1.0).exterior
    hills = [_within(shape.buffer(-35), plan.warp(*at)) for at in HILLS]
    before = len(out.paths)
    out.paths.append(snap_all(ring.coords))
    gates = _trails(out, plan, layout, shape, ring, hills, rng)
    walks = whole([LineString(p).buffer(3.5) for p in out.paths[before:]])
    clear = room.difference(walks).difference(shore.buffer(-4)).buffer(-2)
    _huts(out, plan, clear, hills, gates, rng)
    for gate, name in zip(gates, ("南门", "东南门", "东门"), strict=True):
        out.spots.append(("landmark", f"{names.FOREST}{name}", gate))
    lake = plan.lake.centroid
    out.spots.append(("park", names.FOREST, (lake.x, lake.y + 130)))


def _meadows(out: Countryside, room: Geom, shore: Geom, shape: Geom, rng: random.Random) -> None:
    minx, miny, maxx, maxy = shape.bounds
    found: list[Geom] = []
    for _ in range(90):
        x, y = rng.uniform(minx, maxx), rng.uniform(miny, maxy)
        meadow = blob(x, y, rng.uniform(20, 52), rng.uniform(14, 34), rng, 0.3)
        apart = all(meadow.distance(c) > 40 for c in found)
        if apart and room.buffer(-14).contains(meadow) and not meadow.intersects(shore):
            found.append(meadow)
            out.greens.append((meadow, "grass"))
        if len(found) == MEADOWS:
            return


def _within(inner: Geom, at: XY) -> XY:
    """The point, or where it is nearest inside."""
    p = Point(at)
    if inner.contains(p):
        return at
    q = inner.exterior.interpolate(inner.exterior.project(p))
    return q.x, q.y


def _trails(
    out: Countryside,
    plan: Plan,
    layout: Layout,
    shape: Geom,
    ring: Geom,
    hills: list[XY],
    rng: random.Random,
) -> list[XY]:
    """From the lake over the hills, from the gates, and out to the corners; returns the gates."""

    def on_ring(at: XY) -> XY:
        p = ring.interpolate(ring.project(Point(at)))
        return p.x, p.y

    stops = [on_ring(hills[0]), *hills, on_ring(hills[2])]
    for a, b in zip(stops, stops[1:], strict=False):
        out.paths.append(trail(a, b, rng.choice((-22, 22)), rng))
    network = whole([r.line for r in layout.roads])
    gates: list[XY] = []
    for number, at in enumerate(GATES):
        p = network.interpolate(network.project(Point(plan.warp(*at))))
        gates.append((p.x, p.y))
        # The last gate lies beyond the hills.
        target = hills[2] if number == len(GATES) - 1 else on_ring((p.x, p.y))
        out.paths.append(trail((p.x, p.y), target, 10.0, rng))
    inner = shape.buffer(-30)
    west, north, east = (_within(inner, plan.warp(*at)) for at in CORNERS)
    for a, b in (
        (on_ring(west), west),
        (west, hills[0]),
        (hills[1], north),
        (north, hills[2]),
        (on_ring(hills[1]), hills[1]),
        (on_ring(east), east),
        (east, hills[2]),
    ):
        way = trail(a, b, rng.choice((-14, 14)), rng)
        if shape.buffer(-8).contains(LineString(way)):
            out.paths.append(way)
    return gates


def _huts(
    out: Countryside,
    plan: Plan,
    clear: Geom,
    hills: list[XY],
    gates: list[XY],
    rng: random.Random,
) -> None:
    """A pavilion on every hill, the centre for visitors, the tea house, the fire watch."""
    lake = plan.lake.centroid
    (ax, ay), (bx, by) = gates[0], gates[1]
    wishes = [
        (shapes.octagon(6), hills[0], "望岫亭"),
        (shapes.octagon(6), hills[1], "栖云亭"),
        (shapes.octagon(5), hills[2], "听松亭"),
        (shapes.l_shape(30, 20, 9), (ax + 10, ay + 40), "游客中心"),
        (shapes.slab(2, 9, 9, "plain", rng), (bx, by + 30), ""),
        (shapes.u_shape(24, 18, 6), (lake.x - 90, lake.y + 70), "栖岭茶舍"),
        (shapes.octagon(4), (hills[1][0] + 60, hills[1][1] - 30), "森林防火瞭望塔"),
    ]
    for i, (form, near, name) in enumerate(wishes):
        room = clear.intersection(Point(near).buffer(120))
        here = fit(room, turned(form, 0.3 * i), near, step=4.0)
        if here is not None:
            out.buildings.append(Building(here, "pavilion", name))
            clear = clear.difference(here.buffer(6))
            if name:
                out.spots.append(("landmark", name, (here.centroid.x, here.centroid.y)))
