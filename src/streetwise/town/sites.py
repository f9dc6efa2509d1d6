"""What stands on a parcel of houses: rows, towers, gates, lawns, shops along the street."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import shapely
from shapely.geometry import LineString, Point, box

from . import shapes
from .geometry import (
    XY,
    Coords,
    Geom,
    blob,
    fit,
    gaps,
    largest,
    lines,
    moved,
    polygons,
    snap_all,
    strip,
    turned,
    whole,
)
from .streets import WIDTH, Road

SHOP_DEPTH = 11.0


@dataclass
class Building:
    shape: Geom
    kind: str
    name: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Gate:
    """A way in: where it is, and which way one looks who comes out (radians from the east)."""

    at: XY
    outward: float
    road: str = ""  # name of the road it opens to; empty: a road without a name


@dataclass
class Site:
    """A built parcel."""

    use: str
    name: str
    grid: str
    side: str
    buildings: list[Building] = field(default_factory=list)
    greens: list[tuple[Geom, str]] = field(default_factory=list)
    paths: list[Coords] = field(default_factory=list)
    lanes: list[Coords] = field(default_factory=list)  # hutongs, which get names of their own
    gate: XY | None = None
    gates: list[Gate] = field(default_factory=list)
    centre: XY = (0.0, 0.0)


@dataclass
class Ground:
    """A parcel as a builder sees it: to the road's middle, and what may be built on."""

    lot: Geom
    free: Geom
    angle: float
    roads: Sequence[Road]
    setback: dict[str, float]  # from the edge of a road to the first wall


def shops(ground: Ground, rng: random.Random, keep: float, site: Site, yard: float = 7.0) -> None:
    """Rows of shops behind the pavement of the streets around; takes their room away."""
    built: list[Geom] = []
    for road in ground.roads:
        if road.kind not in ("arterial", "street"):
            continue
        off = WIDTH[road.kind] / 2 + ground.setback[road.kind] + 0.3 + SHOP_DEPTH / 2
        front = road.line.buffer(off, quad_segs=4).exterior.intersection(ground.free)
        for line in lines(front, 30.0):
            at = rng.uniform(2, 8)
            while at < line.length - 18:
                long = min(rng.choice((18.0, 27.0, 36.0, 45.0, 54.0)), line.length - at - 1)
                row = strip(line, at, at + long, SHOP_DEPTH - rng.choice((0.0, 0.0, 2.0)))
                at += long + rng.choice((5.0, 7.0, 9.0, 16.0))
                if rng.random() > keep or row.is_empty or row.geom_type != "Polygon":
                    continue
                if ground.free.contains(row) and not any(row.distance(b) < 3 for b in built):
                    built.append(row)
                    site.buildings.append(Building(row, "shop"))
    if built:
        ground.free = ground.free.difference(whole(built).buffer(yard, join_style="mitre"))


def keep_clear(sites: Sequence[Site], roads: Sequence[Road]) -> None:
    """Cut off what stands on a road after all: welding moved it by up to half a metre."""
    surfaces = [r.surface() for r in roads]
    tree = shapely.STRtree(surfaces)
    for site in sites:
        for b in site.buildings:
            hits = sorted(int(i) for i in tree.query(b.shape, predicate="intersects"))
            if hits:
                b.shape = largest(b.shape.difference(whole([surfaces[i] for i in hits])))
        site.buildings = [b for b in site.buildings if b.shape.area > 8.0]


def spine(ground: Ground, rng: random.Random, site: Site) -> None:
    """The way in, straight through from road to road."""
    level = turned(ground.lot, -ground.angle)
    minx, miny, maxx, maxy = level.bounds
    network = whole([r.line for r in ground.roads])
    for share in sorted((0.5, 0.42, 0.58, 0.34, 0.66), key=lambda s: abs(s - rng.gauss(0.5, 0.1))):
        x = minx + share * (maxx - minx)
        ways = lines(LineString([(x, miny - 1), (x, maxy + 1)]).intersection(level), 20.0)
        if not ways:
            continue
        way = turned(max(ways, key=lambda w: w.length), ground.angle)
        ends = [Point(way.coords[0]), Point(way.coords[-1])]
        open_ends = [network.distance(p) < 1.0 for p in ends]
        if not any(open_ends):
            continue
        if not all(open_ends):
            # The far end has no road (water, the edge of the park): stop before it.
            inner = lines(way.intersection(ground.free))
            near = ends[0] if open_ends[0] else ends[1]
            if not inner:
                continue
            reach = max(inner, key=lambda w: w.length)
            tip = max((Point(c) for c in reach.coords), key=lambda p: p.distance(near))
            way = LineString([near, tip])
        site.paths.append(snap_all(way.coords))
        gate = ends[0] if open_ends[0] else ends[1]
        inward = way.interpolate(14.0 if gate == ends[0] else max(0.0, way.length - 14.0))
        site.gate = (inward.x, inward.y)
        site.gates = [
            _gate(way if p == ends[0] else way.reverse(), ground.roads)
            for p, is_open in zip(ends, open_ends, strict=True)
            if is_open
        ]
        ground.free = ground.free.difference(way.buffer(4.5, cap_style="flat"))
        return


def _gate(way: Geom, roads: Sequence[Road]) -> Gate:
    """The gate of a way in that begins on a road: behind the pavement, before the houses."""
    end = Point(way.coords[0])
    road = min(roads, key=lambda r: (round(r.line.distance(end), 2), r.name))
    at = way.interpolate(min(WIDTH[road.kind] / 2 + 5.0, way.length / 2))
    return Gate((at.x, at.y), math.atan2(end.y - at.y, end.x - at.x), road.name)


def entrances(ground: Ground, site: Site, most: int = 2) -> None:
    """Gates of a parcel without a way through: towards its largest roads."""
    order = {"arterial": 0, "street": 1, "lane": 2}
    room = largest(ground.free)
    roads = [r for r in ground.roads if r.kind in order]
    for road in sorted(roads, key=lambda r: (order[r.kind], r.name)):
        fronts = lines(road.line.intersection(ground.lot.buffer(1.0)), 20.0)
        if not fronts or room.is_empty or len(site.gates) == most:
            continue
        front = max(fronts, key=lambda f: (round(f.length, 2), f.coords[0]))
        out = front.interpolate(0.5, normalized=True)
        at = room.exterior.interpolate(room.exterior.project(out))
        away = math.atan2(out.y - at.y, out.x - at.x)
        if at.distance(out) < WIDTH[road.kind] / 2 + 20:
            site.gates.append(Gate((at.x, at.y), away, road.name))


def garden(ground: Ground, rng: random.Random, site: Site, radius: float) -> None:
    """A green middle that the houses leave open."""
    if ground.free.is_empty:
        return
    room = largest(ground.free)
    if room.area < 6_000:
        return
    c = room.centroid
    spot = blob(c.x, c.y, radius, radius * 0.75, rng, 0.15).intersection(room)
    for part in polygons(spot, 150.0):
        site.greens.append((part, "garden"))
    ground.free = ground.free.difference(spot.buffer(3.0))


def infill(ground: Ground, site: Site, shape: Geom, gap: float, most: int) -> None:
    """More houses of the same kind in corners that no row reaches."""
    free = ground.free.difference(
        whole([b.shape.buffer(gap) for b in site.buildings if b.kind == "residential"])
    ).difference(whole([LineString(p).buffer(4.0) for p in site.paths]))
    house = turned(shape, ground.angle)
    c = ground.lot.centroid
    for _ in range(most):
        here = fit(free, house, (c.x, c.y), step=5.0)
        if here is None:
            return
        number = 1 + len([b for b in site.buildings if b.kind == "residential"])
        site.buildings.append(Building(here, "residential", number=number))
        free = free.difference(here.buffer(gap))


def sheds(ground: Ground, rng: random.Random, site: Site) -> None:
    """Low houses that every compound has: for bicycles, for the transformer, for the guard."""
    free = ground.free.difference(whole([b.shape.buffer(4.0) for b in site.buildings])).difference(
        whole([LineString(p).buffer(3.0) for p in site.paths])
    )
    wishes = [box(-9, -2.2, 9, 2.2), box(-3.5, -3, 3.5, 3), box(-6, -2.5, 6, 2.5)]
    minx, miny, maxx, maxy = ground.lot.bounds
    for form in wishes[: rng.choice((1, 2, 3, 3))]:
        target = rng.uniform(minx, maxx), rng.uniform(miny, maxy)
        here = fit(free, turned(form, ground.angle), target, step=5.0)
        if here is not None:
            site.buildings.append(Building(here, "shed"))
            free = free.difference(here.buffer(6.0))


def lawns(open_ground: Geom, rng: random.Random, site: Site, share: float) -> None:
    """What is left between houses and ways is planted, but for the forecourts and car parks."""
    taken = [b.shape.buffer(2.4, quad_segs=1) for b in site.buildings]
    taken += [LineString(p).buffer(2.6, quad_segs=1) for p in site.paths]
    taken += [g.buffer(1.5, quad_segs=2) for g, _ in site.greens]
    left = open_ground.buffer(-1.0).difference(whole(taken))
    left = left.buffer(-3.2, quad_segs=1).buffer(3.2, quad_segs=2).simplify(0.5)
    for part in polygons(left, 150.0):
        # A lawn that goes round the houses is several lawns: one is enough to draw per corner.
        if rng.random() < share:
            site.greens.append((part, "lawn"))


Maker = Callable[[float], tuple[Geom, float] | None]


def rows(
    ground: Ground,
    site: Site,
    make: Maker,
    *,
    depth: float,
    street: float,
    between: float,
    least: float,
) -> None:
    """Rows of houses facing south, each row with a path behind it that leads to the spine."""
    free = turned(ground.free, -ground.angle)
    if free.is_empty:
        return
    spines = [turned(LineString(p), -ground.angle) for p in site.paths]
    number = 0
    for y, spans in _best_rows(free, depth, street, least):
        xs: list[tuple[float, float]] = []
        for x0, x1 in spans:
            houses = []
            room = x1 - x0
            while (made := make(room)) is not None:
                houses.append(made)
                room -= made[1] + between
            # What is left over goes between the houses, so that both ends of a row are built.
            spare = (room + between) / len(houses) if houses else 0.0
            x = x0 + min(spare, 6.0) / 2
            for shape, length in houses:
                number += 1
                house = turned(moved(shape, x + length / 2, y + depth / 2), ground.angle)
                site.buildings.append(Building(house, "residential", number=number))
                xs.append((x, x + length))
                x += length + between + min(spare, 6.0)
        if xs:
            _path(ground, site, free, spines, (xs[0][0], xs[-1][1]), y + depth + 3.6)


def _best_rows(
    free: Geom, depth: float, street: float, least: float
) -> list[tuple[float, list[tuple[float, float]]]]:
    """The set of parallel rows with the most frontage, over where the first one starts."""
    _, miny, _, maxy = free.bounds
    best: list[tuple[float, list[tuple[float, float]]]] = []
    most = 0.0
    pitch = depth + street
    for k in range(7):
        y = maxy - depth - pitch * k / 7
        found = []
        while y >= miny:
            spans = [(a, b) for a, b in gaps(free, y, y + depth) if b - a >= least]
            if spans:
                found.append((y, spans))
            y -= pitch
        total = sum(b - a for _, spans in found for a, b in spans)
        if total > most + 1:
            best, most = found, total
    return best


def _path(
    ground: Ground, site: Site, free: Geom, spines: list[Geom], span: tuple[float, float], y: float
) -> None:
    """The path behind a row, from its ends to the spine; none where it cannot reach it."""
    room = free.buffer(5.2)
    for way in spines:
        hit = way.intersection(LineString([(span[0] - 400, y), (span[1] + 400, y)]))
        if hit.is_empty or hit.geom_type != "Point":
            continue
        wish = LineString([(min(span[0], hit.x), y), (max(span[1], hit.x), y)])
        for part in lines(wish.intersection(room), 8.0):
            if part.distance(hit) < 0.1:
                site.paths.append(snap_all(turned(part, ground.angle).coords))
                return


def slabs(ground: Ground, rng: random.Random, site: Site) -> None:
    style = rng.choice(("stairs", "plain", "stepped", "both", "stairs"))
    width = rng.choice((13.2, 14.4, 15.6))
    depth = rng.choice((11.5, 12.5, 13.5))
    most = rng.choice((4, 5, 5, 6))

    def make(room: float) -> tuple[Geom, float] | None:
        units = min(most, int(room // width))
        if units < 2:
            return None
        if units > 3 and rng.random() < 0.3:
            units -= 1
        return shapes.slab(units, width, depth, style, rng), units * width

    rows(ground, site, make, depth=depth, street=rng.uniform(17, 23), between=rng.uniform(8, 12),
         least=2 * width)  # fmt: skip
    infill(ground, site, shapes.slab(3, width, depth, style, rng), 12.0, 2)
    infill(ground, site, shapes.slab(2, width, depth, style, rng), 11.0, 6)


def towers(ground: Ground, rng: random.Random, site: Site) -> None:
    style = rng.choice(("cross", "h", "butterfly", "twin", "notched"))
    size = rng.uniform(22, 26)
    wide = size * (1.3 if style == "twin" else 1.15)

    def make(room: float) -> tuple[Geom, float] | None:
        if room < wide:
            return None
        return shapes.tower(style, size), wide

    rows(ground, site, make, depth=size * 1.12, street=rng.uniform(18, 25),
         between=rng.uniform(13, 20), least=wide)  # fmt: skip
    infill(ground, site, shapes.tower(style, size), 15.0, 6)


def townhouses(ground: Ground, rng: random.Random, site: Site) -> None:
    def make(room: float) -> tuple[Geom, float] | None:
        units = min(rng.choice((2, 3, 4)), int(room // 9.0))
        if units < 2:
            return None
        return shapes.slab(units, 9.0, 11.0, "stepped", rng), units * 9.0

    rows(ground, site, make, depth=11.0, street=15.0, between=8.0, least=18.0)
