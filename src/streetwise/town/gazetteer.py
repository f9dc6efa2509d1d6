"""The places that people name: roads, compounds, houses, junctions, landmarks, shops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Point

from . import names
from .blocks import Grid
from .countryside import Countryside
from .geometry import XY, Geom, rng_for
from .network import crossings
from .program import HOUSES
from .sites import Site
from .streets import Plan, Road, inside, number_range


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    name: str
    kind: str
    at: XY
    aliases: tuple[str, ...] = ()
    parent: str = ""
    numbers: str = ""
    roads: tuple[str, ...] = ()
    look: str = ""  # the kind of landmark that the map draws; empty: not drawn


class Finder:
    """Which grid a point of the plane lies in; on a border the first, beside all the nearest."""

    def __init__(self, grids: Sequence[Grid]) -> None:
        self._grids = list(grids)
        self._tree = shapely.STRtree([g.shape for g in grids])

    def grid(self, at: XY) -> Grid:
        p = Point(at)
        hits = sorted(int(i) for i in self._tree.query(p, predicate="intersects"))
        if hits:
            return self._grids[hits[0]]
        return min(self._grids, key=lambda g: (g.shape.distance(p), g.code))


def make_places(
    plan: Plan,
    roads: Sequence[Road],
    sites: Sequence[Site],
    wild: Countryside,
    outline: Geom,
    seed: int,
) -> list[Place]:
    rng = rng_for(seed, "places")
    places: list[Place] = []
    road_code: dict[str, str] = {}
    named = [r for r in roads if r.name]
    for i, road in enumerate(named, 1):
        line = inside(road.coords, outline)
        p = line.interpolate(0.5, normalized=True)
        code = f"RD-{i:03d}"
        road_code[road.name] = code
        root = road.name.removesuffix("大街")
        aliases = []
        if road.name.endswith("大街"):
            aliases.append(f"{root}街")
        elif road.name.endswith("胡同") and rng.random() < 0.4:
            aliases.append(road.name + "儿")
        elif road.kind == "street" and rng.random() < 0.25:
            aliases.append(f"老{road.name}")
        places.append(Place(code, road.name, "road", (p.x, p.y), tuple(aliases),
                            numbers=number_range(line.length)))  # fmt: skip
    places += _junctions(named, road_code, outline)
    places += _bridges(plan, named)
    compounds = 0
    for site in sites:
        if site.use in HOUSES and site.name:
            compounds += 1
            places += _compound(site, compounds)
        elif site.use == "hutongs":
            places += _courtyards(site, named, road_code, len(places))
        elif site.name:
            places.append(_civic(site, len(places)))
    places += _shops(sites, named, road_code, seed)
    for i, (kind, name, at) in enumerate(wild.spots, 1):
        look = "gate" if name.endswith("门") else "park" if kind == "park" else "pavilion"
        places.append(Place(f"WL-{i:02d}", name, kind, at, look=look))
    return _unique(places)


def _unique(places: list[Place]) -> list[Place]:
    """Two things of one name would make every mention ambiguous: the first keeps it."""
    seen: set[str] = set()
    out = []
    for p in places:
        if p.name not in seen:
            seen.add(p.name)
            out.append(p)
    return out


def _junctions(named: Sequence[Road], road_code: dict[str, str], outline: Geom) -> list[Place]:
    big = [(r.name, r.coords) for r in named if r.kind in ("arterial", "street")]
    near = outline.buffer(5)
    out: list[Place] = []
    for at, who in crossings(big):
        if len(who) < 2 or not near.contains(Point(at)):
            continue
        a, b = who[0], who[1]
        code = f"JN-{len(out) + 1:03d}"
        out.append(Place(code, f"{a}与{b}交叉口", "junction", at,
                         (f"{a}{b}路口", f"{b}{a}路口", f"{b}与{a}交叉口"),
                         roads=tuple(sorted({road_code[name] for name in who}))))  # fmt: skip
    return out


def _bridges(plan: Plan, named: Sequence[Road]) -> list[Place]:
    out: list[Place] = []
    river, canal = LineString(plan.river_line), LineString(plan.canal_line)
    for water, label in ((river, ""), (canal, names.CANAL)):
        for road in named:
            if road.kind not in ("arterial", "street"):
                continue
            hit = water.intersection(road.line)
            if hit.geom_type != "Point":
                continue
            root = road.name.removesuffix("大街").rstrip("街路")
            name = f"{root}桥" if not label else f"{root}小桥"
            out.append(Place(f"BR-{len(out) + 1:02d}", name, "landmark", (hit.x, hit.y),
                             (f"{road.name}桥",), look="bridge"))  # fmt: skip
    # The main road dips under the main avenue: the place that floods first.
    road = LineString(plan.main_road)
    cross = road.intersection(LineString(plan.main_avenue))
    mark = road.project(Point(cross.x, cross.y)) - 62
    p = road.interpolate(mark)
    out.append(Place("UP-01", f"{names.MAIN_ROAD}下穿通道", "underpass", (p.x, p.y),
                     (f"{names.MAIN_ROAD}桥洞", "澄棠桥洞"), look="underpass"))  # fmt: skip
    return out


def _compound(site: Site, number: int) -> list[Place]:
    code = f"CP-{number:03d}"
    aliases = []
    if site.name.endswith("宿舍"):
        aliases.append(site.name.removesuffix("宿舍") + "家属院")
    elif not site.name.endswith(("小区", "新村")):
        aliases.append(site.name + "小区")
    out = [Place(code, site.name, "compound", site.centre, tuple(aliases))]
    for b in site.buildings:
        if b.kind == "residential" and b.number:
            c = b.shape.centroid
            out.append(Place(f"{code}-{b.number:02d}", f"{site.name}{b.name}", "building",
                             (c.x, c.y), (f"{site.name}{b.number}栋",), code))  # fmt: skip
        elif b.name == "幼儿园":
            c = b.shape.centroid
            out.append(Place(f"{code}-K", f"{site.name}幼儿园", "school", (c.x, c.y), (), code,
                             look="school"))  # fmt: skip
    return out


def number_houses(sites: Sequence[Site], roads: Sequence[Road]) -> None:
    """House numbers: rows from the north in a compound, along the lane in the old quarter."""
    lanes = sorted(
        ((r.name, r.line) for r in roads if r.name and r.kind in ("lane", "street")),
        key=lambda lane: lane[0],
    )
    all_lines = np.array([line for _, line in lanes])
    for site in sites:
        if site.use in HOUSES and site.use != "hutongs":
            homes = [b for b in site.buildings if b.kind == "residential"]
            homes.sort(key=lambda b: (-round(b.shape.centroid.y / 22), b.shape.centroid.x))
            for i, b in enumerate(homes, 1):
                b.number, b.name = i, f"{i}号楼"
        elif site.use == "hutongs":
            yards: dict[str, list[tuple[float, bool, int]]] = {}
            for k, b in enumerate(site.buildings):
                if b.kind != "courtyard" or not b.number:
                    continue
                c = b.shape.centroid
                near = int(np.argmin(np.round(shapely.distance(all_lines, b.shape), 2)))
                name, line = lanes[near]
                mark = line.project(c)
                on = line.interpolate(mark)
                ahead = line.interpolate(min(mark + 2, line.length))
                left = (ahead.x - on.x) * (c.y - on.y) - (ahead.y - on.y) * (c.x - on.x) > 0
                yards.setdefault(name, []).append((mark, left, k))
            for name, found in yards.items():
                for mark, left, k in sorted(found):
                    number = 2 * max(0, math.floor(mark / 13)) + (1 if left else 2)
                    site.buildings[k].number = number
                    site.buildings[k].name = f"{name}{number}号"


def _courtyards(
    site: Site, named: Sequence[Road], road_code: dict[str, str], base: int
) -> list[Place]:
    out: list[Place] = []
    for b in site.buildings:
        if b.kind == "courtyard" and b.name:
            c = b.shape.centroid
            lane = b.name[: b.name.index(str(b.number))]
            out.append(Place(f"CY-{base + len(out):04d}", b.name, "building", (c.x, c.y),
                             (f"{b.name}院",), road_code.get(lane, "")))  # fmt: skip
    return out


def _civic(site: Site, number: int) -> Place:
    kind = {"school": "school", "park": "park"}.get(site.use, "landmark")
    aliases = {
        "澄棠街道办事处": ("街道办", "街道办事处"),
        "澄棠医院": ("街道医院",),
        "澄园广场": ("澄园商场", "澄园购物中心"),
        "鼓棚菜市场": ("鼓棚市场",),
        "老棉纺厂文创园": ("老棉纺厂", "棉纺厂文创园"),
        "柿园便民市场": ("柿园菜市场",),
    }
    return Place(f"LM-{number:04d}", site.name, kind, site.centre, aliases.get(site.name, ()),
                 look=site.use)  # fmt: skip


def _shops(
    sites: Sequence[Site], named: Sequence[Road], road_code: dict[str, str], seed: int
) -> list[Place]:
    rng = rng_for(seed, "shops")
    fronts = [r for r in named if r.kind in ("arterial", "street")]
    signs = [brand + kind for kind, brands in names.SHOPS for brand in brands]
    rng.shuffle(signs)
    rows = [b for s in sites for b in s.buildings if b.kind == "shop"]
    rng.shuffle(rows)
    out = []
    for i, (b, sign) in enumerate(zip(rows, signs, strict=False), 1):
        c = b.shape.centroid
        road = min(fronts, key=lambda r: (round(r.line.distance(c), 2), r.name))
        b.name = sign
        out.append(Place(f"SH-{i:03d}", sign, "shop", (c.x, c.y), (), road_code[road.name]))
    return out
