"""Spots that a camera could look from, each with what it would look at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from shapely.geometry import LineString, Point

from . import names
from .geometry import XY, Coords, Geom, rng_for
from .landmarks import compass
from .places import Place
from .program import HOUSES
from .sites import Gate, Site
from .streets import WIDTH, Plan, Road, along, inside
from .wild import Countryside

POLE = 2.0  # metres from the edge of the road to a pole
SAFETY, ORDER, TIDY, FIRE = "CT-PA", "CT-ZF", "CT-CG", "CT-YJ"
LOW = ("roundabout", "crossing")
#: Fields of view in degrees: long lens, usual, wide.
LONG, USUAL, WIDE = 42, 66, 92


@dataclass(frozen=True, slots=True)
class View:
    """A spot and a direction (radians from the east); `scene` is what could be looked for."""

    at: XY
    angle: float
    fov: int
    label: str
    place: str
    unit: str
    scene: str = ""
    first: bool = False  # stands there in any case

    def turned(self, angle: float) -> View:
        return replace(self, angle=angle)


class Views:
    """All spots of one town."""

    def __init__(
        self,
        plan: Plan,
        roads: Sequence[Road],
        sites: Sequence[Site],
        wild: Countryside,
        places: Sequence[Place],
        outline: Geom,
        seed: int,
    ) -> None:
        self._plan, self._roads, self._sites, self._wild = plan, roads, sites, wild
        self._outline = outline
        self._rng = rng_for(seed, "viewpoints")
        self._by_name = {p.name: p for p in places}
        self._places = places
        self._road = {r.name: r for r in roads if r.name}

    def all(self) -> Iterator[View]:
        """Every spot; the same seed gives the same ones in the same order."""
        for place in self._places:
            if place.kind == "junction":
                yield from self._crossing(place)
            elif place.kind == "underpass":
                yield from self._underpass(place)
            elif place.kind == "station":
                yield self._stop(place)
            elif place.look == "bridge":
                yield from self._bridge(place)
        for road in self._road.values():
            yield from self._lane(road) if road.kind == "lane" else self._street(road)
        for site in self._sites:
            if site.name and site.use in HOUSES:
                yield from self._compound(site)
            elif site.name:
                yield from self._public(site)
        for path in self._wild.paths:
            yield from self._walk(path)

    def _crossing(self, place: Place) -> Iterator[View]:
        """Poles on two corners, each looking into both roads and at the crossing."""
        arms = self._arms(place)
        # Two crossings lie low: where the roundabout was, and where the railway was.
        low = any(a in place.aliases for key in LOW for a in names.OLD_NAMES[key])
        corners = []
        for (a, half), (b, other) in zip(arms, [*arms[1:], *arms[:1]], strict=True):
            gap = (b - a) % math.tau
            if gap < 0.6:
                continue
            (x, y), out = place.at, half + POLE
            p = (x - out * math.sin(a), y + out * math.cos(a))
            if gap < 2.6:
                back = other + POLE
                p = (p[0] + back * math.sin(b), p[1] - back * math.cos(b))
            corners.append((p, a, b, a + gap / 2))
        for p, a, b, middle in corners[:: 2 if len(corners) > 2 else 1]:
            side = _corner(middle)
            label = f"{place.name}{side}角"
            yield View(p, a, USUAL, label, place.code, SAFETY, first=True)
            yield View(p, b, USUAL, label, place.code, SAFETY, first=True)
            yield View(p, middle + math.pi, WIDE, label, place.code, SAFETY,
                       "water" if low else "", True)  # fmt: skip

    def _arms(self, place: Place) -> list[tuple[float, float]]:
        """Direction and half width of every road that leaves a crossing."""
        out = []
        for name in dict.fromkeys(place.name.removesuffix("交叉口").split("与")):
            road = self._road[name]
            mark = road.line.project(Point(place.at))
            for step in (30.0, -30.0):
                if 0 <= mark + step <= road.line.length:
                    p = road.line.interpolate(mark + step)
                    angle = math.atan2(p.y - place.at[1], p.x - place.at[0])
                    out.append((angle % math.tau, WIDTH[road.kind] / 2))
        return sorted(out)

    def _underpass(self, place: Place) -> Iterator[View]:
        """From both ends down into it, and at the mark on its wall."""
        line = LineString(self._plan.main_road)
        mark = line.project(Point(place.at))
        for step in (-24.0, -9.0, 9.0, 24.0):
            p, a = along(line, mark + step)
            off = WIDTH["arterial"] / 2 - 3 if step > 0 else 3 - WIDTH["arterial"] / 2
            yield View(_left(p, a, off), a + (math.pi if step > 0 else 0), USUAL, place.name,
                       place.code, FIRE, "water", True)  # fmt: skip

    def _stop(self, place: Place) -> View:
        """Along the kerb of a bus stop: nobody may stop there."""
        p = (place.at[0] - 9 * math.cos(place.facing), place.at[1] - 9 * math.sin(place.facing))
        return View(p, place.facing, USUAL, place.name, place.code, SAFETY, "no_stopping", True)

    def _bridge(self, place: Place) -> Iterator[View]:
        """Down on the water, up and down the stream."""
        canal = place.name.endswith("小桥")
        line = LineString(self._plan.canal_line if canal else self._plan.river_line)
        _, a = along(line, line.project(Point(place.at)))
        road = min(self._road.values(), key=lambda r: (round(r.line.distance(Point(place.at)), 2),
                                                       r.name))  # fmt: skip
        half = WIDTH[road.kind] / 2 + 0.8
        inset = 0.0 if canal else 12.0
        for angle in (a, a + math.pi):
            p = (place.at[0] + half * math.cos(angle), place.at[1] + half * math.sin(angle))
            # The river is the border: its cameras stand at our end of the bridge.
            yield View(_left(p, a, -inset), angle, USUAL, place.name, place.code, TIDY, "river",
                       True)  # fmt: skip

    def _street(self, road: Road) -> Iterator[View]:
        """Along both kerbs of the larger roads, between the crossings."""
        line = inside(road.coords, self._outline)
        at, k = self._rng.uniform(50, 80), 0
        code = self._by_name[road.name].code
        while at < line.length - 45:
            p, a = along(line, at)
            side = 1 if k % 2 else -1
            pole = _left(p, a, side * (WIDTH[road.kind] / 2 + POLE))
            # Traffic keeps right: on the right-hand side (negative) one looks against it.
            angle = a + (math.pi if side < 0 else 0) + side * math.radians(-6)
            yield View(pole, angle, USUAL, road.name, code, SAFETY, "no_stopping")
            if road.kind == "arterial":
                yield View(pole, angle + math.pi, LONG, road.name, code, SAFETY)
            k += 1
            at += self._rng.uniform(95, 130)

    def _lane(self, road: Road) -> Iterator[View]:
        """In lanes, where things get heaped up along the walls."""
        line = inside(road.coords, self._outline)
        if line.length < 50:
            return
        code = self._by_name[road.name].code
        for k in range(max(1, round(line.length / 110))):
            at = line.length * (k + 0.5) / max(1, round(line.length / 110))
            p, a = along(line, at + self._rng.uniform(-8, 8))
            yield View(_left(p, a, 2.2), a, USUAL, road.name, code, ORDER, "heaps")

    def _compound(self, site: Site) -> Iterator[View]:
        """Gates from outside and inside, the bins, the way that fire engines need, the yards."""
        place = self._by_name[site.name]
        keeper = names.COMMUNITIES[site.side][0]
        for gate in site.gates:
            (x, y), a = gate.at, gate.outward
            label, code = self._gate(site, gate)
            yield View(_left((x, y), a, 2.5), a, WIDE, label, code, SAFETY)
            yield View(_left((x, y), a, -2.5), a + math.pi, USUAL, label, code, keeper)
            bins = (x - 20 * math.cos(a), y - 20 * math.sin(a))
            yield View(_left(bins, a, -2.2), a + 0.3, USUAL, f"{site.name}垃圾投放点", place.code,
                       TIDY, "bins")  # fmt: skip
        for k, path in enumerate(site.paths):
            line = LineString(path)
            if line.length < 40:
                continue
            p, a = along(line, line.length * 0.3)
            if k == 0:
                yield View(_left(p, a, 2.2), a, LONG, f"{site.name}消防通道", place.code, SAFETY,
                           "fire_lane")  # fmt: skip
            yield View(_left(p, a, -2.2), a, USUAL, f"{site.name}院内", place.code, keeper)

    def _public(self, site: Site) -> Iterator[View]:
        """The gates of schools, markets and the rest; at markets also along their stalls."""
        scene = "vendors" if site.use in ("market", "mall") else ""
        for gate in site.gates:
            (x, y), a = gate.at, gate.outward
            label, code = self._gate(site, gate)
            for side, turn in ((3.0, 0.5), (-3.0, -0.5)):
                yield View(_left((x, y), a, side), a + turn, WIDE, label, code,
                           ORDER if scene else SAFETY, scene, True)  # fmt: skip
            yield View((x, y), a + math.pi, USUAL, label, code, SAFETY, "", True)
            bins = (x - 14 * math.cos(a), y - 14 * math.sin(a))
            yield View(_left(bins, a, 4.0), a + math.pi, USUAL, site.name,
                       self._by_name[site.name].code, TIDY, "bins" if scene else "")  # fmt: skip

    def _gate(self, site: Site, gate: Gate) -> tuple[str, str]:
        """Label and place code of a gate; two gates of one side share a name."""
        name = f"{site.name}{compass(gate.outward)}门"
        place = self._by_name.get(name) or self._by_name[site.name]
        return name, place.code

    def _walk(self, path: Coords) -> Iterator[View]:
        """In the parks: along the walk in the forest and the wetland, at the river on the water."""
        line = LineString(path)
        middle = line.interpolate(0.5, normalized=True)
        known = (names.FOREST, names.WETLAND, f"{names.RIVER}滨河步道")
        near = sorted((self._by_name[n] for n in known), key=lambda p: p.code)
        here = min(near, key=lambda p: round(math.dist(p.at, (middle.x, middle.y)), 1))
        scene = "smoke" if here.name == names.FOREST else "river"
        river = LineString(self._plan.river_line)
        at = self._rng.uniform(20, 40)
        while at < line.length - 10:
            p, a = along(line, at)
            if here.name == known[2]:
                q = river.interpolate(river.project(Point(p)) + 30)
                a = math.atan2(q.y - p[1], q.x - p[0])
            yield View(_left(p, a, 1.6), a, WIDE, f"{here.name}沿线", here.code,
                       FIRE if scene == "smoke" else TIDY, scene, True)  # fmt: skip
            at += self._rng.uniform(75, 110)


def _left(p: XY, angle: float, off: float) -> XY:
    """A point to the left of a direction (negative: to the right)."""
    return p[0] - off * math.sin(angle), p[1] + off * math.cos(angle)


def _corner(angle: float) -> str:
    """The corner that an angle points to: 东北, 西北, 西南 or 东南."""
    return ("东北", "西北", "西南", "东南")[int((angle % math.tau) // (math.pi / 2))]
