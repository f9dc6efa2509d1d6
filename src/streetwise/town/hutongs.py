"""The old quarter: narrow lanes from road to road, courtyards back to back between them."""

from __future__ import annotations

import random

from shapely.geometry import LineString, Point, box

from . import shapes
from .geometry import Geom, largest, lines, moved, polygons, snap_all, turned, whole
from .sites import Building, Ground, Site


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
