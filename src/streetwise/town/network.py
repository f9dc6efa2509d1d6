"""Making lines meet: a road network whose crossings are shared points, and its faces."""

from __future__ import annotations

import math
from collections.abc import Sequence

import shapely
from shapely.geometry import LineString, Point
from shapely.ops import polygonize, substring

from .geometry import XY, Coords, Geom, lines, order, snap, snap_all

NEAR = 0.6  # metres within which an end is meant to touch a line
SAME = 0.4  # metres within which two crossing points are one


class _Nodes:
    """One coordinate per crossing, so that three roads at one place share exactly one point."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[XY]] = {}

    def at(self, p: XY) -> XY:
        cx, cy = math.floor(p[0]), math.floor(p[1])
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                for q in self._cells.get((cx + dx, cy + dy), ()):
                    if math.dist(p, q) <= SAME:
                        return q
        self._cells.setdefault((cx, cy), []).append(p)
        return p


def weld(raw: Sequence[Coords]) -> list[Coords]:
    """The same lines with every crossing and every touching end as a vertex of both."""
    coords = [snap_all(c) for c in raw]
    geoms = [LineString(c) for c in coords]
    nodes = _Nodes()
    joints: list[list[XY]] = [[] for _ in coords]
    tree = shapely.STRtree(geoms)
    # Ends first: they are where one line was drawn up to another, give or take a centimetre.
    for i, c in enumerate(coords):
        for end in (0, -1):
            here = Point(c[end])
            for j in sorted(int(k) for k in tree.query(here.buffer(NEAR))):
                if j == i or geoms[j].distance(here) > NEAR:
                    continue
                on = geoms[j].interpolate(geoms[j].project(here))
                p = nodes.at(snap(on.x, on.y))
                c[end] = p
                joints[i].append(p)
                joints[j].append(p)
                break
    geoms = [LineString(c) for c in coords]
    tree = shapely.STRtree(geoms)
    left, right = tree.query(geoms, predicate="intersects")
    pairs = sorted((int(i), int(j)) for i, j in zip(left, right, strict=True) if i < j)
    for i, j in pairs:
        for q in _points(geoms[i].intersection(geoms[j])):
            p = nodes.at(snap(*q))
            joints[i].append(p)
            joints[j].append(p)
    return [_with(c, js) for c, js in zip(coords, joints, strict=True)]


def _points(geom: Geom) -> list[XY]:
    if geom.is_empty:
        return []
    if geom.geom_type == "Point":
        return [(geom.x, geom.y)]
    if geom.geom_type == "LineString":
        return [tuple(geom.coords[0]), tuple(geom.coords[-1])]
    return sorted(p for g in geom.geoms for p in _points(g))


def _with(coords: Coords, joints: Sequence[XY]) -> Coords:
    """Joints put in at their place along the line; a vertex that is almost there gives way."""
    fresh = sorted(set(joints))
    if not fresh:
        return coords
    line = LineString(coords)
    marks = [(line.project(Point(p)), p) for p in fresh]
    taken = [m for m, _ in marks]
    along = 0.0
    for k, p in enumerate(coords):
        along += math.dist(coords[k - 1], p) if k else 0.0
        if all(abs(along - m) > 1.0 for m in taken):
            marks.append((along, p))
    ends = {coords[0], coords[-1]} - {p for _, p in marks}
    marks += [(0.0 if p == coords[0] else line.length, p) for p in sorted(ends)]
    return snap_all(p for _, p in sorted(marks))


def faces(welded: Sequence[Coords], min_area: float = 1.0) -> list[Geom]:
    """The areas that welded lines enclose; neighbours share every vertex of their border."""
    segments = {
        tuple(sorted((a, b))) for c in welded for a, b in zip(c, c[1:], strict=False) if a != b
    }
    found = polygonize([LineString(s) for s in sorted(segments)])
    return sorted((f for f in found if f.area > min_area), key=order)


def trimmed(coords: Coords, head: Coords | None = None, tail: Coords | None = None) -> Coords:
    """The line cut back to its first crossing with `head` and its last with `tail`."""
    line = LineString(coords)
    start, stop = 0.0, line.length
    if head is not None:
        start = min(_marks(line, head), default=start)
    if tail is not None:
        stop = max(_marks(line, tail), default=stop)
    return snap_all(substring(line, start, stop).coords)


def _marks(line: Geom, other: Coords) -> list[float]:
    return [line.project(Point(p)) for p in _points(line.intersection(LineString(other)))]


def components(roads: Sequence[Coords]) -> int:
    """How many separate pieces the network has, going by shared vertices alone."""
    parent: dict[XY, XY] = {}

    def root(p: XY) -> XY:
        while parent[p] != p:
            parent[p] = parent[parent[p]]
            p = parent[p]
        return p

    for c in roads:
        for p in c:
            parent.setdefault(p, p)
        for a, b in zip(c, c[1:], strict=False):
            parent[root(a)] = root(b)
    return len({root(p) for p in parent})


def crossings(roads: Sequence[tuple[str, Coords]]) -> list[tuple[XY, tuple[str, ...]]]:
    """Points where roads of two or more names meet."""
    names: dict[XY, set[str]] = {}
    for name, c in roads:
        for p in c:
            names.setdefault(p, set()).add(name)
    return sorted((p, tuple(sorted(n))) for p, n in names.items() if len(n) > 1)


def parallel(coords: Coords, offset: float) -> Coords:
    """A line beside a line (left is positive), smoothed of offset artefacts."""
    side = LineString(coords).simplify(2.0).offset_curve(offset, join_style="round")
    best = max(lines(side), key=lambda s: s.length)
    return snap_all(best.simplify(1.0).coords)
