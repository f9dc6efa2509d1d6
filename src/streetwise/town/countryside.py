"""Green and water that are not on a parcel: the forest park, the river bank, the canal."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from shapely.geometry import LineString, Point
from shapely.ops import substring

from . import names, shapes
from .blocks import Layout
from .geometry import (
    XY,
    Coords,
    Geom,
    blob,
    catmull,
    fit,
    polygons,
    rng_for,
    snap_all,
    turned,
    whole,
)
from .network import parallel
from .sites import Building
from .streets import RIVER_WIDTH, Plan


@dataclass
class Countryside:
    greens: list[tuple[Geom, str]] = field(default_factory=list)
    paths: list[Coords] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    spots: list[tuple[str, str, XY]] = field(default_factory=list)  # kind, name, where


def make_countryside(plan: Plan, layout: Layout, seed: int) -> Countryside:
    out = Countryside()
    surfaces = whole([r.surface(1.5) for r in layout.roads])
    water = whole([plan.river, plan.canal, plan.lake])
    for grid in layout.grids:
        if grid.kind == "forest":
            _forest(out, plan, layout, grid.shape, surfaces, water, seed)
        elif grid.kind == "riverside":
            room = grid.shape.difference(surfaces).difference(water.buffer(2))
            out.greens += [(p, "riverside") for p in polygons(room, 300)]
    _promenade(out, plan, layout)
    bank = plan.canal.buffer(7.5, cap_style="flat").difference(whole([surfaces, water.buffer(0.5)]))
    forest = whole([g.shape for g in layout.grids if g.kind == "forest"])
    out.greens += [(p, "bank") for p in polygons(bank.difference(forest), 120)]
    return out


def _promenade(out: Countryside, plan: Plan, layout: Layout) -> None:
    """A walk along the river between the first and the last road that it meets."""
    walk = LineString(parallel(plan.river_line, -(RIVER_WIDTH / 2 + 13)))
    marks = sorted(
        walk.project(Point(p)) for r in layout.roads for p in _touch(walk.intersection(r.line))
    )
    if len(marks) >= 2:
        out.paths.append(snap_all(substring(walk, marks[0], marks[-1]).coords))
    middle = walk.interpolate(0.5, normalized=True)
    out.spots.append(("landmark", f"{names.RIVER}滨河步道", (middle.x, middle.y)))


def _touch(geom: Geom) -> list[XY]:
    if geom.is_empty:
        return []
    if geom.geom_type == "Point":
        return [(geom.x, geom.y)]
    return [p for g in getattr(geom, "geoms", ()) for p in _touch(g)]


def _forest(
    out: Countryside,
    plan: Plan,
    layout: Layout,
    shape: Geom,
    surfaces: Geom,
    water: Geom,
    seed: int,
) -> None:
    rng = rng_for(seed, "forest")
    room = shape.difference(surfaces).difference(water)
    out.greens += [(p, "forest") for p in polygons(room, 500)]
    minx, miny, maxx, maxy = shape.bounds
    shore = plan.lake.buffer(11)
    clearings: list[Geom] = []
    for _ in range(60):
        x, y = rng.uniform(minx, maxx), rng.uniform(miny, maxy)
        meadow = blob(x, y, rng.uniform(22, 52), rng.uniform(16, 34), rng, 0.3)
        apart = all(meadow.distance(c) > 45 for c in clearings)
        if apart and room.buffer(-14).contains(meadow) and not meadow.intersects(shore.buffer(10)):
            clearings.append(meadow)
            out.greens.append((meadow, "grass"))
        if len(clearings) == 7:
            break

    ring = shore.simplify(1.0).exterior
    out.paths.append(snap_all(ring.coords))
    lake = plan.lake.centroid
    network = whole([r.line for r in layout.roads])
    inner = shape.buffer(-35)

    def trail(a: XY, b: XY, sway: float) -> Coords:
        knots = [a]
        d = math.dist(a, b)
        n = max(2, round(d / 70))
        for k in range(1, n):
            t = k / n
            off = sway * math.sin(t * math.pi * rng.uniform(1.6, 2.6)) + rng.uniform(-7, 7)
            x = a[0] + t * (b[0] - a[0]) - off * (b[1] - a[1]) / d
            y = a[1] + t * (b[1] - a[1]) + off * (b[0] - a[0]) / d
            knots.append((x, y))
        return snap_all(catmull([*knots, b], 9.0))

    def on_ring(x: float, y: float) -> XY:
        p = ring.interpolate(ring.project(Point(x, y)))
        return p.x, p.y

    hills: list[XY] = []
    for u, v in ((150, 1270), (420, 1390), (640, 1290)):
        x, y = plan.warp(u, v)
        p = Point(x, y)
        if not inner.contains(p):
            q = inner.exterior.interpolate(inner.exterior.project(p))
            x, y = q.x, q.y
        hills.append((x, y))
    stops = [on_ring(*hills[0]), *hills, on_ring(*hills[2])]
    for a, b in zip(stops, stops[1:], strict=False):
        out.paths.append(trail(a, b, rng.choice((-22, 22))))
    gates: list[XY] = []
    for u, v in ((300, 930), (680, 930), (820, 1180)):
        x, y = plan.warp(u, v)
        p = network.interpolate(network.project(Point(x, y)))
        gates.append((p.x, p.y))
        target = on_ring(p.x, p.y) if u < 800 else hills[2]
        out.paths.append(trail((p.x, p.y), target, 10.0))
    walks = whole([LineString(p).buffer(3.5) for p in out.paths])
    clear = room.difference(walks).difference(shore.buffer(-4)).buffer(-2)
    for i, (form, near, kind, name) in enumerate(
        (
            (shapes.octagon(6), hills[0], "pavilion", "望岫亭"),
            (shapes.octagon(6), hills[1], "pavilion", "栖云亭"),
            (shapes.octagon(5), hills[2], "pavilion", "听松亭"),
            (
                shapes.l_shape(30, 20, 9),
                (gates[0][0] + 10, gates[0][1] + 40),
                "pavilion",
                "游客中心",
            ),
            (shapes.slab(2, 9, 9, "plain", rng), (gates[1][0], gates[1][1] + 30), "pavilion", ""),
            (shapes.u_shape(24, 18, 6), (lake.x - 90, lake.y + 70), "pavilion", "栖岭茶舍"),
        )
    ):
        here = fit(
            clear.intersection(Point(near).buffer(120)), turned(form, 0.3 * i), near, step=4.0
        )
        if here is not None:
            out.buildings.append(Building(here, kind, name))
            if name:
                out.spots.append(("landmark", name, (here.centroid.x, here.centroid.y)))
            clear = clear.difference(here.buffer(6))
    for gate, name in zip(gates, ("南门", "东南门", "东门"), strict=True):
        out.spots.append(("landmark", f"{names.FOREST}{name}", gate))
    out.spots.append(("park", names.FOREST, (lake.x, lake.y + 130)))
