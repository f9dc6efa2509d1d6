"""Things beside the roads: lamps, bins, covers, benches and the rest, each with its owner."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import Point

from . import names
from .geometry import XY, Geom, rng_for
from .places import Place
from .program import HOUSES
from .sight import Sight
from .sites import Site
from .streets import WIDTH, Road, along, inside
from .wild import Countryside

# Class: name, owner. Hydrants are left out: their code is not among the facts that we have.
KINDS = {
    "P-01-01": ("上水井盖", "OUT-WATER"),
    "P-01-02": ("污水井盖", "OUT-WATER"),
    "P-01-03": ("雨水井盖", "OUT-WATER"),
    "P-01-04": ("雨水箅子", "OUT-WATER"),
    "P-01-06": ("路灯井盖", "OUT-POWER"),
    "P-01-10": ("热力井盖", "OUT-GAS"),
    "P-01-11": ("燃气井盖", "OUT-GAS"),
    "P-01-27": ("通讯交接箱", "CT-SZ"),
    "P-01-28": ("电力设施", "OUT-POWER"),
    "P-01-37": ("路灯", "OUT-POWER"),
    "P-01-46": ("户外健身设施", "CT-MS"),
    "P-01-50": ("监控电子眼", "CT-PA"),
    "P-01-54": ("充电桩", "CT-SZ"),
    "P-02-04": ("公交站亭", "CT-SZ"),
    "P-02-07": ("地下通道", "CT-SZ"),
    "P-02-11": ("限高架", "CT-SZ"),
    "P-02-12": ("路名牌", "CT-SZ"),
    "P-02-17": ("交通护栏", "CT-SZ"),
    "P-03-01": ("公共厕所", "OUT-CLEAN"),
    "P-03-05": ("垃圾箱", "OUT-CLEAN"),
    "P-04-01": ("古树名木", "CT-SZ"),
    "P-04-02": ("行道树", "CT-SZ"),
    "P-04-07": ("街头座椅", "CT-SZ"),
}
_COVERS = ("P-01-03", "P-01-02", "P-01-04", "P-01-01", "P-01-06", "P-01-11", "P-01-10")


@dataclass(frozen=True, slots=True)
class Thing:
    """One asset: class, where (metres), and the name of what it stands by."""

    klass: str
    at: XY
    label: str


@dataclass(frozen=True, slots=True)
class _Row:
    """What stands along a road again and again: classes in turn, metres apart, metres out.

    `out` counts from the edge of the road; within the carriageway it is a share of half the
    width (`lane`). `both`: on both sides, by turns.
    """

    classes: tuple[str, ...]
    every: float
    out: float = 0.0
    lane: float = 0.0
    both: bool = True


_ROWS: dict[str, tuple[_Row, ...]] = {
    "arterial": (
        _Row(("P-01-37",), 33, 1.2),
        _Row(_COVERS, 40, lane=0.45),
        _Row(("P-03-05",), 100, 2.2),
        _Row(("P-04-02",), 42, 0.9),
        _Row(("P-02-17",), 210, lane=0.06, both=False),
    ),
    "street": (
        _Row(("P-01-37",), 46, 1.0),
        _Row(_COVERS, 54, lane=0.4),
        _Row(("P-03-05",), 140, 2.0),
        _Row(("P-04-02",), 60, 0.9),
        _Row(("P-01-27", "P-01-28"), 260, 2.4),
    ),
    "lane": (
        _Row(("P-01-37",), 74, -0.6),
        _Row(_COVERS, 84, lane=0.3),
        _Row(("P-03-05",), 150, -0.8),
    ),
}  # fmt: skip
_PARK_WALK = (_Row(("P-04-07", "P-03-05", "P-04-07"), 78, 1.4),)
_OLD_TREES = _Row(("P-04-01",), 190, 6.0)
_YARD = (_Row(("P-01-02", "P-01-37", "P-01-03", "P-01-11"), 76, 1.2),)


def make_assets(
    roads: Sequence[Road],
    sites: Sequence[Site],
    wild: Countryside,
    places: Sequence[Place],
    outline: Geom,
    seed: int,
) -> list[Thing]:
    """All assets of the street, in the order of class, label and place."""
    houses = [b.shape for s in sites for b in s.buildings] + [b.shape for b in wild.buildings]
    maker = _Maker(Sight(houses), outline, rng_for(seed, "assets"))
    for road in roads:
        if road.name:
            for row in _ROWS[road.kind]:
                maker.row(road, row, road.name)
    for place in places:
        maker.at_place(place)
    for path in wild.paths:
        road = Road("", "path", path)
        park = _park_of(path, places)
        for row in _PARK_WALK:
            maker.row(road, row, park)
        if park == names.FOREST:
            maker.row(road, _OLD_TREES, park)
    for site in sites:
        maker.at_site(site)
    return sorted(maker.out, key=lambda t: (t.klass, t.label, t.at))


def _park_of(path: Sequence[XY], places: Sequence[Place]) -> str:
    """The park that a walk belongs to."""
    x, y = path[len(path) // 2]
    known = (names.FOREST, names.WETLAND, f"{names.RIVER}滨河步道")
    near = [p for p in places if p.name in known]
    return min(near, key=lambda p: (round(math.dist(p.at, (x, y)), 1), p.code)).name


class _Maker:
    """Puts things down, unless a house stands there or the street ends before."""

    def __init__(self, sight: Sight, outline: Geom, rng: random.Random) -> None:
        self.out: list[Thing] = []
        self._sight, self._outline, self._rng = sight, outline, rng
        shapely.prepare(outline)

    def put(self, klass: str, label: str, *spots: XY) -> None:
        """A thing at the first of several spots that is free; none if none is."""
        for spot in spots:
            if self._outline.contains(Point(spot)) and self._sight.free(spot, 0.2):
                self.out.append(Thing(klass, spot, label))
                return

    def row(self, road: Road, row: _Row, label: str) -> None:
        line = inside(road.coords, self._outline)
        half = WIDTH[road.kind] / 2
        off = half * row.lane if row.lane else half + row.out
        rng, classes = self._rng, row.classes
        at, k = rng.uniform(0.3, 0.9) * row.every, rng.randrange(len(classes) * 2)
        while at < line.length - 8:
            p, a = along(line, at)
            side = (-1 if k % 2 else 1) if row.both else 1
            self.put(classes[k // 2 % len(classes)], label, _beside(p, a, side * off))
            k += 1
            at += row.every * rng.uniform(0.85, 1.15)

    def at_place(self, place: Place) -> None:
        x, y = place.at
        corners = [(x + dx, y + dy) for dx in (13.5, -13.5) for dy in (11.0, -11.0)]
        if place.kind == "junction":
            self.put("P-02-12", place.name, *corners)
            if self._rng.random() < 0.55:
                self.put("P-01-50", place.name, *reversed(corners))
        elif place.kind == "underpass":
            self.put("P-02-07", place.name, place.at)
            for d in (-4.0, 4.0):
                self.put("P-02-11", place.name, (x + d, y + d / 3))
        elif place.kind == "station":
            self.put("P-02-04", place.name.removesuffix("站"), place.at)

    def at_site(self, site: Site) -> None:
        rng = self._rng
        for green, kind in site.greens:
            if kind not in ("garden", "park"):
                continue
            c = green.centroid
            if site.use == "park":
                for _ in range(8):
                    self.put("P-04-07", site.name, _in(green, rng.uniform(0, math.tau), 0.7))
                for turn in (0.8, 2.4, 4.0):
                    self.put("P-03-05", site.name, _in(green, turn, 0.8))
                self.put("P-03-01", site.name, _in(green, 2.2, 0.85), _in(green, 5.0, 0.85))
                self.put("P-01-46", site.name, _in(green, 3.4, 0.75))
                self.put("P-04-01", site.name, _in(green, 1.4, 0.75))
            elif site.use in ("slabs", "towers"):
                self.put("P-01-46", site.name, (c.x, c.y))
                for _ in range(2):
                    self.put("P-04-07", site.name, _in(green, rng.uniform(0, 6), 0.6))
            elif site.use == "hutongs" and rng.random() < 0.5:
                self.put("P-04-01", "老城片区", (c.x, c.y))
        if site.use in HOUSES and site.name:
            self._on_lawns(site)
            for path in site.paths:
                for row in _YARD:
                    self.row(Road("", "path", path), row, site.name)
        self._at_gates(site)

    def _on_lawns(self, site: Site) -> None:
        """Benches on the two largest lawns of a compound, and things to do gymnastics on."""
        lawns = sorted((g for g, kind in site.greens if kind == "lawn"), key=lambda g: -g.area)
        spots = [g.representative_point() for g in lawns[:3]]
        for p in spots[:2]:
            self.put("P-04-07", site.name, (p.x, p.y))
        if not any(kind == "garden" for _, kind in site.greens):
            for p in spots[2:]:
                self.put("P-01-46", site.name, (p.x, p.y))

    def _at_gates(self, site: Site) -> None:
        """A bin station inside every gate, sometimes a charging post; public toilets at markets."""
        rng = self._rng
        for gate in site.gates if site.name else ():
            (x, y), a = gate.at, gate.outward + math.pi
            inward = (x + 8 * math.cos(a), y + 8 * math.sin(a))
            sides = [_beside(inward, a, d) for d in (3.6, -3.6, 5.2, -5.2, 0.0)]
            sides += [_beside((x, y), a, d) for d in (4.0, -4.0, 8.0, -8.0, 12.0)]
            self.put("P-03-05", site.name, *sides)
            if rng.random() < 0.3:
                further = (x + 15 * math.cos(a), y + 15 * math.sin(a))
                self.put("P-01-54", site.name, _beside(further, a, -3.6), _beside(further, a, 3.6))
        if site.use in ("market", "works", "station") and site.gates:
            (x, y), a = site.gates[0].at, site.gates[0].outward
            self.put("P-03-01", site.name, *(_beside((x, y), a, d) for d in (14.0, -14.0, 20.0)))


def _beside(p: XY, angle: float, off: float) -> XY:
    """A point to the left of a direction (negative: to the right)."""
    return p[0] - off * math.sin(angle), p[1] + off * math.cos(angle)


def _in(green: Geom, angle: float, share: float) -> XY:
    """A point a share of the way from the middle of a green to its edge."""
    c = green.centroid
    far = math.sqrt(green.area / math.pi)
    return c.x + share * far * math.cos(angle), c.y + share * far * math.sin(angle)
