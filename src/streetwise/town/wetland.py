"""The wetland park in the bend of the river: ponds, reeds, a stream, boardwalks and hides."""

from __future__ import annotations

import math
import random

from shapely.geometry import LineString, Point

from . import names, shapes
from .blocks import Layout
from .geometry import (
    XY,
    Geom,
    blob,
    catmull,
    fit,
    largest,
    polygons,
    rng_for,
    snap_all,
    turned,
    whole,
)
from .sites import Building
from .streets import Plan
from .wild import Countryside, trail

POND = "鹭影池"
STREAM = 5.0  # metres from bank to bank
PONDS = 11


def make_wetland(
    out: Countryside, plan: Plan, layout: Layout, shape: Geom, surfaces: Geom, seed: int
) -> None:
    """Fill one grid with the wetland park; `surfaces` is what the roads around it cover."""
    rng = rng_for(seed, "wetland")
    room = largest(shape.difference(surfaces).difference(plan.river))
    ponds = _ponds(room, rng)
    stream = _stream(ponds[0], plan, room, rng)
    water = whole([*ponds, stream])
    out.greens.append((room, "wetland"))
    for bed in _reeds(room, ponds, plan, rng):
        out.greens += [(p, "reed") for p in polygons(bed.difference(water), 60.0)]
    out.waters.append((ponds[0], "pond", POND))
    out.waters += [(p, "pond", "") for p in ponds[1:]]
    out.waters += [(p, "stream", "") for p in polygons(stream.difference(ponds[0]), 30.0)]
    gates = _walks(out, layout, room, ponds, rng)
    _huts(out, room.difference(water.buffer(3)), ponds, gates, rng)
    c = ponds[0].centroid
    out.spots.append(("park", names.WETLAND, (c.x, c.y)))
    for gate, name in zip(gates, ("西门", "北门"), strict=False):
        out.spots.append(("landmark", f"{names.WETLAND}{name}", gate))


def _ponds(room: Geom, rng: random.Random) -> list[Geom]:
    """The large pond first, in the middle, and small ones wherever they keep apart."""
    inner = room.buffer(-16)
    c = room.representative_point() if not room.contains(room.centroid) else room.centroid
    ponds: list[Geom] = []
    for size in (1.0, 0.85, 0.7, 0.55, 0.4):
        large = blob(c.x, c.y, 74 * size, 46 * size, rng, 0.42)
        if room.buffer(-24).contains(large):
            ponds.append(large)
            break
    minx, miny, maxx, maxy = room.bounds
    for _ in range(400):
        x, y = rng.uniform(minx, maxx), rng.uniform(miny, maxy)
        size = rng.uniform(11, 34)
        pond = blob(x, y, size, size * rng.uniform(0.5, 0.9), rng, 0.45)
        apart = all(pond.distance(p) > (22 if p is ponds[0] else 9) for p in ponds)
        if inner.contains(pond) and pond.is_valid and apart:
            ponds.append(pond)
        if len(ponds) == PONDS:
            break
    return ponds


def _stream(pond: Geom, plan: Plan, room: Geom, rng: random.Random) -> Geom:
    """The outflow of the large pond, winding to the river."""
    river = LineString(plan.river_line)
    a = pond.centroid
    b = river.interpolate(river.project(a) + rng.uniform(20, 50))
    d = a.distance(b)
    knots: list[XY] = [(a.x, a.y)]
    for k in range(1, 5):
        t, off = k / 5, rng.uniform(8, 18) * (1 if k % 2 else -1)
        x = a.x + t * (b.x - a.x) - off * (b.y - a.y) / d
        knots.append((x, a.y + t * (b.y - a.y) + off * (b.x - a.x) / d))
    line = LineString(catmull([*knots, (b.x, b.y)], 8.0))
    return line.buffer(STREAM / 2, cap_style="flat").intersection(room.buffer(0.3))


def _reeds(room: Geom, ponds: list[Geom], plan: Plan, rng: random.Random) -> list[Geom]:
    """Beds of reed: patches around every pond, some on their own, a belt along the river."""
    inner = room.buffer(-3)
    beds = []
    for pond in ponds:
        rim = pond.exterior
        belt = pond.buffer(rng.uniform(6, 10) + math.sqrt(pond.area) / 9)
        start = rng.random()
        patches = []
        for k in range(3):
            p = rim.interpolate((start + k / 3 + rng.uniform(-0.08, 0.08)) % 1, normalized=True)
            r = math.sqrt(pond.area) * rng.uniform(0.34, 0.55)
            patches.append(blob(p.x, p.y, r, r * 0.8, rng, 0.35))
        beds.append(whole([p.buffer(0) for p in patches]).intersection(belt))
    minx, miny, maxx, maxy = room.bounds
    for _ in range(14):
        x, y = rng.uniform(minx, maxx), rng.uniform(miny, maxy)
        beds.append(blob(x, y, rng.uniform(16, 42), rng.uniform(12, 26), rng, 0.4).buffer(0))
    beds.append(plan.river.buffer(15))
    # One bed where several overlap: a stroke of the pen less, and no seam on the map.
    joined = whole(beds).intersection(inner).buffer(-1.5).buffer(1.5).simplify(0.4)
    return polygons(joined, 60.0)


def _walks(
    out: Countryside, layout: Layout, room: Geom, ponds: list[Geom], rng: random.Random
) -> list[XY]:
    """Boardwalks: round the large pond and over it, to the hides, and from the gates."""
    ring = ponds[0].buffer(9).simplify(1.0).exterior
    out.paths.append(snap_all(ring.coords))
    c = ponds[0].centroid
    at = rng.uniform(0.1, 0.3)
    a, b = (ring.interpolate(t, normalized=True) for t in (at, at + 0.45))
    bent = ((a.x + b.x) / 2 + rng.uniform(8, 14), (a.y + b.y) / 2 - rng.uniform(8, 14))
    out.paths.append(snap_all([(a.x, a.y), bent, (b.x, b.y)]))

    def on_ring(p: Geom) -> XY:
        q = ring.interpolate(ring.project(p))
        return q.x, q.y

    far = sorted(ponds[1:], key=lambda p: -round(p.distance(ponds[0]), 1))[:4]
    for pond in sorted(far, key=lambda p: math.atan2(p.centroid.y - c.y, p.centroid.x - c.x)):
        shore = pond.buffer(4).exterior
        q = shore.interpolate(shore.project(Point(on_ring(pond.centroid))))
        way = trail(on_ring(pond.centroid), (q.x, q.y), rng.choice((-12.0, 12.0)), rng)
        if room.buffer(1).contains(LineString(way)):
            out.paths.append(way)
    gates: list[XY] = []
    minx, _, maxx, maxy = room.bounds
    streets = [r for r in layout.roads if r.kind in ("arterial", "street")]
    # In the west from the street that ends at the avenue, in the north from the avenue itself.
    west = [r for r in streets if r.name not in (names.SOUTH_ROAD, names.SOUTH_AVENUE)]
    north = [r for r in streets if r.name == names.SOUTH_AVENUE]
    wishes = (Point(minx - 20, c.y), Point(c.x - 0.1 * (maxx - minx), maxy + 20))
    for wish, from_roads in zip(wishes, (west, north), strict=True):
        border = whole([r.line for r in from_roads]).intersection(room.buffer(40))
        gate = border.interpolate(border.project(wish))
        gates.append((gate.x, gate.y))
        out.paths.append(trail(gates[-1], on_ring(gate), 9.0, rng))
    return gates


def _huts(
    out: Countryside, dry: Geom, ponds: list[Geom], gates: list[XY], rng: random.Random
) -> None:
    """A centre for visitors at the first gate, hides at the water."""
    clear = dry.difference(whole([LineString(p).buffer(3.2) for p in out.paths])).buffer(-1.5)
    c = ponds[0].centroid
    small = ponds[-1].centroid
    wishes = [
        (shapes.u_shape(30, 22, 8), (gates[0][0] + 34, gates[0][1] + 24), "湿地科普馆"),
        (shapes.octagon(4.5), (c.x + 70, c.y + 30), "听苇亭"),
        (shapes.octagon(4.5), (c.x - 60, c.y - 50), "观鸟亭"),
        (shapes.slab(2, 7, 6, "plain", rng), (gates[1][0] + 14, gates[1][1] - 30), ""),
        (shapes.slab(1, 9, 6, "plain", rng), (small.x + 20, small.y), "巡护站"),
    ]
    for i, (form, near, name) in enumerate(wishes):
        here = fit(clear.intersection(Point(near).buffer(90)), turned(form, 0.4 * i), near, 4.0)
        if here is not None:
            out.buildings.append(Building(here, "pavilion", name))
            clear = clear.difference(here.buffer(6))
            if name:
                out.spots.append(("landmark", name, (here.centroid.x, here.centroid.y)))
