"""The plan of the town: main roads, river, canal and the line around it all."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from shapely.geometry import LineString

from . import names
from .geometry import XY, Coords, Geom, blob, catmull, extended, largest, lines, rng_for, snap_all
from .network import parallel, trimmed, weld

# Carriageway and pavement together, in metres.
WIDTH = {"arterial": 32.0, "street": 17.0, "lane": 6.0, "path": 3.0}
METRES_A_NUMBER = 9.0
RIVER_WIDTH = 58.0
CANAL_WIDTH = 13.0


@dataclass
class Road:
    name: str
    kind: str
    coords: Coords

    @property
    def line(self) -> Geom:
        return LineString(self.coords)

    def surface(self, extra: float = 0.0) -> Geom:
        return self.line.buffer(WIDTH[self.kind] / 2 + extra, cap_style="square")


@dataclass
class Plan:
    """Everything that is decided before there are blocks."""

    roads: list[Road]
    borders: list[Coords]  # lines that close the outline where no road does
    river: Geom
    river_line: Coords
    canal: Geom
    canal_line: Coords
    lake: Geom
    wetland: XY  # a point inside the wetland park
    main_avenue: Coords
    south_avenue: Coords
    main_road: Coords
    warp: Callable[[float, float], XY]
    unwarp: Callable[[float, float], XY]
    turn: Callable[[float, float], float]  # what houses at a place line up with


# The plan is drawn on straight paper, u to the east and v to the north, and then bent.
# (name, kind, fixed name, knots as (u, v), cut the head, cut the tail)
U0, V0 = 800.0, 620.0


def _bend(rng: random.Random) -> Callable[[float, float], XY]:
    theta = rng.uniform(-0.20, -0.09)
    p = [rng.uniform(0, math.tau) for _ in range(4)]

    def warp(u: float, v: float) -> XY:
        x = u - U0 + 30 * math.sin(v / 260 + p[0]) + 15 * math.sin(u / 210 + v / 150 + p[1])
        y = v - V0 + 34 * math.sin(u / 310 + p[2]) + 13 * math.sin(v / 140 + u / 280 + p[3])
        c, s = math.cos(theta), math.sin(theta)
        return c * x - s * y, s * x + c * y

    return warp


def make_plan(seed: int) -> Plan:
    rng = rng_for(seed, "plan")
    warp = _bend(rng)

    def drawn(knots: list[XY], jitter: float = 7.0) -> Coords:
        loose = [(u + rng.uniform(-jitter, jitter), v + rng.uniform(-jitter, jitter))
                 for u, v in knots]  # fmt: skip
        return snap_all(warp(u, v) for u, v in catmull(loose))

    ew, ns = list(names.STREETS_EW), list(names.STREETS_NS)
    rng.shuffle(ew)
    rng.shuffle(ns)

    def e(v: float, *us: float, slope: float = 0.0) -> list[XY]:
        return [(u, v + slope * (u - U0)) for u in us]

    river = drawn([(1690, 1620), (1655, 1400), (1580, 1190), (1545, 960), (1600, 720),
                   (1665, 480), (1640, 230), (1575, 0), (1530, -180), (1506, -390),
                   (1535, -590), (1500, -820)])  # fmt: skip
    bank = parallel(river, -(RIVER_WIDTH / 2 + 52))
    south = drawn(e(0, -260, 0, 300, 600, 900, 1200, 1500, 1860, slope=-0.02))
    rails = drawn(e(-470, -260, 0, 300, 600, 900, 1200, 1500, 1860, slope=0.02))
    avenue = drawn(e(470, -260, 0, 300, 600, 900, 1200, 1500, 1900, slope=0.015))
    west_knots: list[XY] = [(-14, -760), (10, -400), (0, 0), (-14, 300), (0, 620), (8, 1000)]
    west = drawn(west_knots)
    main = drawn([(830, -760), (806, -380), (820, 0), (806, 260), (822, 470), (838, 700),
                  (812, 940), (826, 1180), (850, 1500)])  # fmt: skip
    top = west[-1]
    north = [top, *drawn([(-50, 1110), (-40, 1250), (60, 1410), (250, 1480), (470, 1520),
                          (660, 1450), (800, 1330), (960, 1240), (1180, 1222), (1400, 1236),
                          (1760, 1250)], 16.0)]  # fmt: skip
    north = snap_all(catmull(north[:: max(1, len(north) // 40)] + north[-1:], 30.0))

    riverside = trimmed(extended_coords(bank), south, north)
    between = [west, main]
    east = [main, riverside]

    def street(name: str, knots: list[XY], head: Coords, tail: Coords) -> Road:
        line = drawn(knots)
        return Road(name, "street", trimmed(line, head, tail))

    n6 = street(ns[6], [(1270, -580), (1244, -240), (1252, 110)], rails, south)
    e0w = street(ew[6], e(-232, -60, 150, 420, 640, 880, slope=0.02), *between)
    e0e = street(ew[7], e(-214, 760, 900, 1050, 1200, 1330, slope=-0.02), main, n6.coords)
    e1w = street(ew[0], e(222, -60, 150, 420, 640, 880, slope=0.03), *between)
    e1e = street(ew[1], e(262, 760, 1000, 1250, 1500, 1700, slope=-0.03), *east)
    e3w = street(ew[2], e(704, -60, 150, 420, 640, 900, slope=-0.02), *between)
    e3e = street(ew[3], e(690, 760, 1000, 1250, 1450, 1700, slope=0.04), *east)
    e4 = street(ew[4], e(938, -60, 200, 500, 800, 1100, 1350, 1600, slope=-0.01), west, riverside)
    e5 = street(ew[5], e(1110, 750, 950, 1150, 1350, 1650, slope=0.02), *east)
    n1s = street(ns[0], [(284, -580), (268, -240), (268, 120), (276, 330), (272, 540)],
                 rails, avenue)  # fmt: skip
    n1n = street(ns[1], [(318, 400), (306, 600), (300, 800), (310, 1000)], avenue, e4.coords)
    n2s = street(ns[2], [(536, -580), (554, -240), (548, 120), (556, 300)], rails, e1w.coords)
    n2n = street(ns[3], [(578, 640), (566, 800), (560, 1000)], e3w.coords, e4.coords)
    n4 = street(ns[4], [(1058, -580), (1066, -240), (1100, 200), (1084, 470), (1096, 700),
                        (1110, 930), (1098, 1180)], rails, e5.coords)  # fmt: skip
    n5 = street(ns[5], [(1330, 190), (1344, 420), (1322, 700), (1334, 1000)],
                e1e.coords, e4.coords)  # fmt: skip
    diagonal = Road(names.DIAGONAL, "street", trimmed(
        drawn([(290, 160), (400, 310), (545, 455), (650, 570), (742, 668), (790, 760)], 4.0),
        e1w.coords, e3w.coords))  # fmt: skip

    roads = [
        Road(names.SOUTH_AVENUE, "arterial", south),
        Road(names.MAIN_AVENUE, "arterial", avenue),
        Road(names.MAIN_ROAD, "arterial", main),
        Road(names.WEST_ROAD, "street", west),
        Road(names.RIVER_ROAD, "street", riverside),
        Road(names.SOUTH_ROAD, "street", rails),
        e0w, e0e, e1w, e1e, e3w, e3e, e4, e5, n1s, n1n, n2s, n2n, n4, n5, n6, diagonal,
    ]  # fmt: skip
    welded = weld([r.coords for r in roads] + [river, north])
    for road, coords in zip(roads, welded, strict=False):
        road.coords = coords
    lake_at = warp(*(rng.uniform(330, 420), rng.uniform(1080, 1130)))
    lake = blob(*lake_at, 105, 62, rng, 0.22)
    canal = drawn([(400, 1095), (560, 1010), (700, 1002), (800, 1012), (930, 960), (1000, 860),
                   (1130, 800), (1240, 720), (1330, 610), (1450, 560), (1640, 575)])  # fmt: skip
    canal = snap_all(LineString(canal).simplify(0.5).coords)
    river_shape = LineString(river).buffer(RIVER_WIDTH / 2, cap_style="flat")

    def unwarp(x: float, y: float) -> XY:
        # The bend is gentle, so walking back by the error each time converges at once.
        u, v = x + U0, y + V0
        for _ in range(25):
            px, py = warp(u, v)
            u, v = u + (x - px), v + (y - py)
        return u, v

    def turn(x: float, y: float) -> float:
        u, v = unwarp(x, y)
        a, b = warp(u - 30, v), warp(u + 30, v)
        return math.atan2(b[1] - a[1], b[0] - a[0])

    return Plan(
        roads=roads,
        borders=welded[len(roads) :],
        river=largest(river_shape),
        river_line=river,
        canal=LineString(canal).buffer(CANAL_WIDTH / 2, cap_style="flat"),
        canal_line=canal,
        lake=lake,
        wetland=warp(1390, -235),
        main_avenue=roads[1].coords,
        south_avenue=roads[0].coords,
        main_road=roads[2].coords,
        warp=warp,
        unwarp=unwarp,
        turn=turn,
    )


def extended_coords(coords: Coords, by: float = 60.0) -> Coords:
    return snap_all(extended(LineString(coords), by).coords)


def number_range(length: float) -> str:
    """House numbers of a road, odd and even sides together."""
    return f"1-{max(9, int(length / METRES_A_NUMBER) | 1)}"


def along(line: Geom, at: float) -> tuple[XY, float]:
    """The point at a distance along a line and the line's direction there."""
    p = line.interpolate(at)
    back, ahead = line.interpolate(max(0.0, at - 0.5)), line.interpolate(at + 0.5)
    return (p.x, p.y), math.atan2(ahead.y - back.y, ahead.x - back.x)


def inside(coords: Coords, outline: Geom) -> Geom:
    """The longest part of a road within the outline; a road along the border counts."""
    parts = lines(LineString(coords).intersection(outline.buffer(12.0)))
    return max(parts, key=lambda g: g.length)
