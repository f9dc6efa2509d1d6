"""Plane geometry for the town: metres east and north of its centre, and back to lon/lat."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import substring

# shapely ships no type hints; one alias says "a geometry" where mypy can only see Any.
Geom = Any
XY = tuple[float, float]
Coords = list[XY]

CM = 2  # decimals of a metre kept in the plane: one centimetre, so that joints compare equal


def rng_for(seed: int, *purpose: object) -> random.Random:
    """A generator of its own per purpose, so that a change in one part moves no other part."""
    return random.Random(":".join([str(seed), *map(str, purpose)]))


@dataclass(frozen=True, slots=True)
class Frame:
    """Local metres to WGS-84; a plane is good to centimetres over a few kilometres."""

    lon: float
    lat: float

    @property
    def scale(self) -> XY:
        phi = math.radians(self.lat)
        lon_m = 111_412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi)
        lat_m = 111_132.954 - 559.822 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
        return lon_m, lat_m

    def lonlat(self, x: float, y: float) -> XY:
        lon_m, lat_m = self.scale
        return round(self.lon + x / lon_m, 6), round(self.lat + y / lat_m, 6)

    def metres(self, lon: float, lat: float) -> XY:
        lon_m, lat_m = self.scale
        return (lon - self.lon) * lon_m, (lat - self.lat) * lat_m


def snap(x: float, y: float) -> XY:
    return round(x, CM) + 0.0, round(y, CM) + 0.0


def snap_all(coords: Iterable[Sequence[float]]) -> Coords:
    """Snapped coordinates without immediate repeats."""
    out: Coords = []
    for c in coords:
        p = snap(c[0], c[1])
        if not out or out[-1] != p:
            out.append(p)
    return out


def catmull(knots: Sequence[XY], step: float = 24.0) -> Coords:
    """A smooth curve through the knots (Catmull-Rom), sampled about every `step` metres."""
    if len(knots) < 3:
        return list(knots)
    first = (2 * knots[0][0] - knots[1][0], 2 * knots[0][1] - knots[1][1])
    last = (2 * knots[-1][0] - knots[-2][0], 2 * knots[-1][1] - knots[-2][1])
    pts = [first, *knots, last]
    out: Coords = []
    for i in range(1, len(pts) - 2):
        p0, p1, p2, p3 = pts[i - 1], pts[i], pts[i + 1], pts[i + 2]
        n = max(1, round(math.dist(p1, p2) / step))
        for k in range(n):
            t = k / n
            out.append(
                (
                    _cubic(p0[0], p1[0], p2[0], p3[0], t),
                    _cubic(p0[1], p1[1], p2[1], p3[1], t),
                )
            )
    out.append(knots[-1])
    return out


def _cubic(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3
    )


def blob(cx: float, cy: float, rx: float, ry: float, rng: random.Random, wobble: float) -> Geom:
    """A soft closed shape: an ellipse disturbed by a few waves."""
    waves = [(k, rng.uniform(0, math.tau), rng.uniform(0.4, 1) * wobble / k) for k in (2, 3, 4, 5)]
    ring = []
    n = max(14, min(40, int((rx + ry) / 4)))
    for i in range(n):
        a = math.tau * i / n
        r = 1 + sum(amp * math.sin(k * a + ph) for k, ph, amp in waves)
        ring.append((cx + rx * r * math.cos(a), cy + ry * r * math.sin(a)))
    return Polygon(ring)


def polygons(geom: Geom, min_area: float = 0.0) -> list[Geom]:
    """The polygons inside any geometry, in a stable order."""
    if geom.is_empty:
        return []
    if geom.geom_type == "Polygon":
        parts = [geom]
    elif hasattr(geom, "geoms"):
        parts = [p for g in geom.geoms for p in polygons(g)]
    else:
        parts = []
    return sorted((p for p in parts if p.area > min_area), key=order)


def lines(geom: Geom, min_length: float = 0.0) -> list[Geom]:
    """The line strings inside any geometry, in a stable order."""
    if geom.is_empty:
        return []
    if geom.geom_type in ("LineString", "LinearRing"):
        parts = [LineString(geom.coords)]
    elif hasattr(geom, "geoms"):
        parts = [p for g in geom.geoms for p in lines(g)]
    else:
        parts = []
    return sorted((p for p in parts if p.length > min_length), key=order)


def order(geom: Geom) -> tuple[float, float, float]:
    """A sort key that does not depend on how the geometry library ordered things."""
    c = geom.centroid
    return round(c.x, 1), round(c.y, 1), round(geom.area + geom.length, 1)


def largest(geom: Geom) -> Geom:
    """The largest polygon of a geometry (an empty polygon if there is none)."""
    return max(polygons(geom), key=lambda p: p.area, default=Polygon())


def extended(line: Geom, by: float) -> Geom:
    """The line with both ends drawn out straight."""
    c = list(line.coords)
    return LineString([_beyond(c[1], c[0], by), *c, _beyond(c[-2], c[-1], by)])


def _beyond(a: Sequence[float], b: Sequence[float], by: float) -> XY:
    d = math.dist(a, b) or 1.0
    return b[0] + (b[0] - a[0]) / d * by, b[1] + (b[1] - a[1]) / d * by


def strip(line: Geom, start: float, end: float, depth: float) -> Geom:
    """A band along a part of a line: how a row of shops follows its street."""
    part = substring(line, start, end)
    if part.geom_type != "LineString":
        return Polygon()
    return part.buffer(depth / 2, cap_style="flat", join_style="mitre").simplify(0.3)


def chord(poly: Geom, at: XY, angle: float) -> Geom | None:
    """The part of a straight line through `at` that lies in the polygon and holds `at`."""
    dx, dy = math.cos(angle) * 5000, math.sin(angle) * 5000
    hit = LineString([(at[0] - dx, at[1] - dy), (at[0] + dx, at[1] + dy)]).intersection(poly)
    here = Point(at)
    return next((s for s in lines(hit) if s.distance(here) < 0.5), None)


def long_axis(poly: Geom) -> tuple[float, float, float]:
    """Angle of the longest side of the smallest rectangle around, and both side lengths."""
    rect = poly.minimum_rotated_rectangle
    c = list(rect.exterior.coords)
    a, b = math.dist(c[0], c[1]), math.dist(c[1], c[2])
    p, q = (c[0], c[1]) if a >= b else (c[1], c[2])
    return math.atan2(q[1] - p[1], q[0] - p[0]) % math.pi, max(a, b), min(a, b)


def turned(geom: Geom, angle: float, origin: XY = (0.0, 0.0)) -> Geom:
    return affinity.rotate(geom, angle, origin=origin, use_radians=True)


def moved(geom: Geom, dx: float, dy: float) -> Geom:
    return affinity.translate(geom, dx, dy)


def gaps(free: Geom, y0: float, y1: float) -> list[tuple[float, float]]:
    """Where a band of full depth is free from end to end (`free` in a frame turned level)."""
    minx, _, maxx, _ = free.bounds
    blocked = sorted(
        (b[0], b[2])
        for b in (p.bounds for p in polygons(shapely.box(minx, y0, maxx, y1).difference(free)))
    )
    out, x = [], minx
    for b0, b1 in blocked:
        if b0 > x:
            out.append((x, b0))
        x = max(x, b1)
    if maxx > x:
        out.append((x, maxx))
    return out


def fit(free: Geom, shape: Geom, target: XY, step: float = 6.0) -> Geom | None:
    """The shape (drawn around the origin) moved into free ground, as near to target as can be."""
    if free.is_empty:
        return None
    shapely.prepare(free)
    minx, miny, maxx, maxy = free.bounds
    columns, rows = np.meshgrid(np.arange(minx, maxx, step), np.arange(miny, maxy, step))
    xs, ys = columns.ravel(), rows.ravel()
    # Most places fail at a corner: asking for all corners of all places at once is cheap.
    corners = shapely.get_coordinates(shape)
    inside = shapely.contains_xy(
        free, xs[:, None] + corners[None, :, 0], ys[:, None] + corners[None, :, 1]
    ).all(axis=1)
    xs, ys = xs[inside], ys[inside]
    for i in np.argsort(np.hypot(xs - target[0], ys - target[1]), kind="stable"):
        here = moved(shape, float(xs[i]), float(ys[i]))
        if free.contains(here):
            return here
    return None


def whole(parts: Sequence[Geom]) -> Geom:
    """A union; an empty polygon of nothing."""
    return shapely.union_all(list(parts)) if parts else Polygon()
