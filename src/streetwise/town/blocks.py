"""Blocks between the main roads: split by lanes, grouped into grids, cut into parcels."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from shapely.geometry import LineString, Point
from shapely.ops import split

from . import names
from .geometry import (
    XY,
    Coords,
    Geom,
    catmull,
    chord,
    extended,
    long_axis,
    order,
    polygons,
    rng_for,
)
from .network import faces, weld
from .streets import Plan, Road

GRIDS = 120
PARCEL = 30_000.0  # square metres above which a block gets another lane
#: New estates were laid out in large pieces and the old quarter in small ones.
LARGE, SMALL = 0.62, 1.25


@dataclass
class Grid:
    code: str
    name: str
    community: str  # key of names.COMMUNITIES
    shape: Geom
    kind: str  # built | forest | wetland | riverside


@dataclass
class Parcel:
    shape: Geom  # to the middle of the roads around
    side: str
    grid: str
    at: XY  # on the straight paper of the plan
    use: str = "slabs"
    name: str = ""


@dataclass
class Layout:
    grids: list[Grid]
    parcels: list[Parcel]
    roads: list[Road] = field(default_factory=list)
    outline: Geom = None


class _LaneNames:
    """Deals lane names; old ones for the old quarter, numbered ones when the pool is dry."""

    def __init__(self, rng: random.Random) -> None:
        self._old, self._new = list(names.HUTONGS), list(names.LANES)
        rng.shuffle(self._old)
        rng.shuffle(self._new)
        self._spare = 0

    def next(self, old: bool) -> str:
        pool = self._old if old else self._new
        if pool:
            return pool.pop()
        self._spare += 1
        return f"新开{'胡同' if old else '巷'}{self._spare}条"


def is_old(at: XY) -> bool:
    """The old quarter lies along the slanting street."""
    u, v = at
    return 285 < u < 815 and 225 < v < 700


def is_new(at: XY) -> bool:
    """The north, and the quarter between the avenues by the river, were built up last."""
    u, v = at
    return v > 930 or (u > 1090 and v < 480)


def make_layout(plan: Plan, seed: int) -> Layout:
    rng = rng_for(seed, "blocks")
    lane_names = _LaneNames(rng)
    main = [r.coords for r in plan.roads]
    pieces = faces(main + plan.borders)
    ends: list[XY] = []
    lanes: list[Road] = []

    def at(shape: Geom) -> XY:
        p = shape.representative_point()
        return plan.unwarp(p.x, p.y)

    def size(shape: Geom) -> float:
        here = at(shape)
        return float(shape.area) * (SMALL if is_old(here) else LARGE if is_new(here) else 1.0)

    built = [(size(f), f) for f in pieces if _kind(f, plan) == "built"]
    special = len(pieces) - len(built)
    whole_ones: list[Geom] = []  # what no lane can be laid across
    while built and len(built) + len(whole_ones) + special < GRIDS:
        built.sort(key=lambda b: (-b[0], order(b[1])))
        _, block = built.pop(0)
        made = _cut(block, rng, ends)
        if made is None:
            whole_ones.append(block)
            continue
        lane, parts = made
        lanes.append(Road(lane_names.next(is_old(at(block))), "lane", lane))
        built += [(size(p), p) for p in parts]

    welded = weld(main + [r.coords for r in lanes] + plan.borders)
    for road, coords in zip([*plan.roads, *lanes], welded, strict=False):
        road.coords = coords
    cells = faces(welded)
    grids = _grids(cells, plan)

    parcels: list[Parcel] = []
    for grid in grids:
        if grid.kind != "built":
            continue
        todo = [grid.shape]
        while todo:
            shape = todo.pop()
            here = at(shape)
            limit = PARCEL * (1.2 if is_old(here) else rng.uniform(0.85, 1.25))
            made = _cut(shape, rng, ends) if shape.area > limit else None
            if made is None:
                parcels.append(Parcel(shape, grid.community, grid.code, here))
                continue
            lane, parts = made
            lanes.append(Road(lane_names.next(is_old(here)), "lane", lane))
            todo.extend(parts)
    roads = [*plan.roads, *lanes]
    for road, coords in zip(roads, weld([r.coords for r in roads]), strict=True):
        road.coords = coords
    return Layout(grids, sorted(parcels, key=lambda p: order(p.shape)), roads)


def _kind(face: Geom, plan: Plan) -> str:
    if face.contains(plan.lake.centroid):
        return "forest"
    if face.contains(Point(plan.wetland)):
        return "wetland"
    if LineString(plan.river_line).intersection(face.buffer(1)).length > 80:
        return "riverside"
    return "built"


def _corners(poly: Geom) -> list[XY]:
    """Vertices where the border really turns."""
    c = list(poly.exterior.simplify(4.0).coords)[:-1]
    out = []
    for i, p in enumerate(c):
        a, b = c[i - 1], c[(i + 1) % len(c)]
        turn = math.atan2(p[1] - a[1], p[0] - a[0]) - math.atan2(b[1] - p[1], b[0] - p[0])
        if abs((turn + math.pi) % math.tau - math.pi) > 0.6:
            out.append((p[0], p[1]))
    return out


def _cut(poly: Geom, rng: random.Random, ends: list[XY]) -> tuple[Coords, list[Geom]] | None:
    """A lane across the shorter way, where it halves best and meets other lanes best."""
    axis, length, _ = long_axis(poly)
    centre = poly.centroid
    corners = _corners(poly)
    border = poly.exterior
    best: tuple[float, XY, XY] | None = None
    for f in (0.0, -0.05, 0.05, -0.1, 0.1, -0.16, 0.16):
        for lean in (0.0, rng.uniform(-0.09, 0.09)):
            mid = (
                centre.x + f * length * math.cos(axis),
                centre.y + f * length * math.sin(axis),
            )
            line = chord(poly, mid, axis + math.pi / 2 + lean)
            if line is None:
                continue
            score = abs(f) * 2 + abs(lean) + rng.uniform(0, 0.08)
            tips = []
            for tip in (line.coords[0], line.coords[-1]):
                # Two lanes that arrive from both sides of a street make one crossing, not two.
                meet = min(ends, key=lambda q: math.dist(q, tip), default=None)
                if meet is not None and math.dist(meet, tip) < 32:
                    if border.distance(Point(meet)) < 0.5:
                        tip = meet
                        score -= 0.12
                    else:
                        score += 0.3
                if any(math.dist(tip, q) < 30 for q in corners):
                    score += 0.5
                tips.append((tip[0], tip[1]))
            if best is None or score < best[0]:
                best = (score, tips[0], tips[1])
    if best is None:
        return None
    _, a, b = best
    d = math.dist(a, b)
    off = rng.uniform(-0.035, 0.035) * d
    nx, ny = -(b[1] - a[1]) / d, (b[0] - a[0]) / d
    k = rng.uniform(0.35, 0.65)
    mid = (a[0] + k * (b[0] - a[0]) + nx * off, a[1] + k * (b[1] - a[1]) + ny * off)
    for coords in (catmull([a, mid, b], 18.0), [a, b]):
        line = LineString(coords)
        if line.difference(poly.buffer(0.5)).length > 0.1:
            continue
        parts = polygons(split(poly, extended(line, 1.0)), 1500.0)
        if len(parts) == 2:
            ends.extend([a, b])
            return coords, parts
    return None


def _grids(cells: Sequence[Geom], plan: Plan) -> list[Grid]:
    """Cells become grids, numbered within their community from the north-west."""
    sides: dict[str, list[Geom]] = {k: [] for k in names.COMMUNITIES}
    for cell in cells:
        sides[_side(cell, plan)].append(cell)
    out = []
    for side, (code, community, _) in names.COMMUNITIES.items():
        rows = sorted(sides[side], key=lambda c: (-round(c.centroid.y / 170), c.centroid.x))
        for i, cell in enumerate(rows, 1):
            name = f"{community.removesuffix('社区')}第{i:02d}网格"
            out.append(Grid(f"{code}-{i:02d}", name, side, cell, _kind(cell, plan)))
    return out


def _side(cell: Geom, plan: Plan) -> str:
    """Key of the community that a cell belongs to: above, between or below the avenues."""
    p = cell.representative_point()

    def beyond(line: Coords, axis: int) -> bool:
        road = LineString(line)
        on = road.interpolate(road.project(p))
        return bool((p.x, p.y)[axis] > (on.x, on.y)[axis])

    if beyond(plan.main_avenue, 1):
        row = "n"
    else:
        row = "m" if beyond(plan.south_avenue, 1) else "s"
    return row + ("e" if beyond(plan.main_road, 0) else "w")
