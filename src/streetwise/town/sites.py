"""What stands on a parcel of houses: rows, towers, the old quarter, shops along the street."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

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
        ground.free = ground.free.difference(way.buffer(4.5, cap_style="flat"))
        return


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
    infill(ground, site, shapes.slab(2, width, depth, style, rng), 13.0, 4)


def towers(ground: Ground, rng: random.Random, site: Site) -> None:
    style = rng.choice(("cross", "h", "butterfly", "twin", "notched"))
    size = rng.uniform(22, 26)
    wide = size * (1.3 if style == "twin" else 1.15)

    def make(room: float) -> tuple[Geom, float] | None:
        if room < wide:
            return None
        return shapes.tower(style, size), wide

    rows(ground, site, make, depth=size * 1.12, street=rng.uniform(20, 28),
         between=rng.uniform(16, 24), least=wide)  # fmt: skip
    infill(ground, site, shapes.tower(style, size), 17.0, 5)


def townhouses(ground: Ground, rng: random.Random, site: Site) -> None:
    def make(room: float) -> tuple[Geom, float] | None:
        units = min(rng.choice((2, 3, 4)), int(room // 9.0))
        if units < 2:
            return None
        return shapes.slab(units, 9.0, 11.0, "stepped", rng), units * 9.0

    rows(ground, site, make, depth=11.0, street=15.0, between=8.0, least=18.0)


def hutong_lanes(ground: Ground, rng: random.Random, site: Site) -> None:
    """Narrow lanes through the old quarter, from road to road; takes their room away."""
    level = turned(ground.lot, -ground.angle)
    minx, miny, maxx, maxy = level.bounds
    y = maxy - rng.uniform(34, 44)
    ways: list[Geom] = []
    while y > miny + 24:
        tilt = rng.uniform(-2.5, 2.5)
        cut = LineString([(minx - 5, y - tilt), ((minx + maxx) / 2, y), (maxx + 5, y + tilt)])
        way = max(lines(cut.intersection(level)), key=lambda w: w.length, default=None)
        if way is not None and way.length > 45 and _meets(way, ground):
            ways.append(turned(way, ground.angle))
            site.lanes.append(snap_all(ways[-1].coords))
        y -= rng.uniform(36, 46)
    ground.free = ground.free.difference(whole([w.buffer(3.2) for w in ways]))


def hutongs(ground: Ground, rng: random.Random, site: Site) -> None:
    """Courtyards back to back between the lanes."""
    number = 0
    for room in polygons(turned(ground.free, -ground.angle), 200.0):
        x0, y0, x1, y1 = room.bounds
        deep = max(1, round((y1 - y0) / rng.uniform(17, 20)))
        depth = (y1 - y0) / deep
        for k in range(deep):
            low = y0 + k * depth
            x = x0
            while x < x1 - 8:
                w = min(rng.uniform(13, 20), x1 - x)
                if x1 - x - w < 8:
                    w = x1 - x
                plot = box(x + 0.3, low + 0.4, x + w - 0.3, low + depth - 0.4)
                x += w
                number = _plot(plot, room, ground, rng, site, number)


def _meets(way: Geom, ground: Ground) -> bool:
    network = whole([r.line for r in ground.roads])
    ends = (way.coords[0], way.coords[-1])
    return all(network.distance(turned(Point(c), ground.angle)) < 1.0 for c in ends)


def _plot(
    plot: Geom, room: Geom, ground: Ground, rng: random.Random, site: Site, number: int
) -> int:
    """One courtyard; at a slanting edge whatever of a simple house fits."""
    x0, y0, x1, y1 = plot.bounds
    if room.contains(plot):
        if rng.random() < 0.035:
            site.greens.append((turned(plot, ground.angle), "garden"))
            return number
        parts = [moved(p, (x0 + x1) / 2, (y0 + y1) / 2)
                 for p in shapes.courtyard(x1 - x0, y1 - y0, rng)]  # fmt: skip
    else:
        # Slanting edges of the old quarter are built up to the line, with a yard behind.
        cut = largest(plot.intersection(room))
        if cut.area < 45 or cut.area / cut.minimum_rotated_rectangle.area < 0.45:
            return number
        inner = cut.buffer(-4.6, join_style="mitre")
        parts = [cut.difference(inner) if inner.area > 14 else cut]
    number += 1
    houses: list[Geom] = []
    for part in parts:
        houses += polygons(part.difference(whole(houses)).buffer(0), 10.0)
    for i, part in enumerate(houses):
        site.buildings.append(
            Building(turned(part, ground.angle), "courtyard", number=number if i == 0 else 0)
        )
    return number
