"""The gazetteer: every place that people name, in the order of its kinds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from . import names
from .geometry import Geom, rng_for
from .landmarks import bridges, gates, junctions
from .places import Place
from .program import HOUSES
from .shopfronts import shops
from .sites import Site
from .stops import stops
from .streets import Plan, Road, inside, number_range
from .wild import Countryside


def make_places(
    plan: Plan,
    roads: Sequence[Road],
    sites: Sequence[Site],
    wild: Countryside,
    outline: Geom,
    seed: int,
) -> list[Place]:
    """All places; codes are unique, and names too."""
    named = [r for r in roads if r.name]
    places = _roads(named, outline, seed)
    road_code = {p.name: p.code for p in places}
    places += junctions(named, road_code, outline)
    places += bridges(plan, named)
    compounds = 0
    for site in sites:
        if site.use in HOUSES and site.name:
            compounds += 1
            places += _compound(site, compounds)
        elif site.use == "hutongs":
            places += _courtyards(site, road_code, len(places))
        elif site.name:
            places += _civic(site, len(places))
    places += shops(sites, named, road_code, seed)
    for i, (kind, name, at) in enumerate(wild.spots, 1):
        gate = name.endswith("门")
        look = "gate" if gate else "park" if kind == "park" else "pavilion"
        places.append(Place(f"WL-{i:02d}", name, "gate" if gate else kind, at,
                            names.ALIASES.get(name, ()), look=look))  # fmt: skip
    places += stops(named, places, outline, seed)
    return _unique(places)


def _roads(named: Sequence[Road], outline: Geom, seed: int) -> list[Place]:
    rng = rng_for(seed, "places")
    out = []
    for i, road in enumerate(named, 1):
        line = inside(road.coords, outline)
        p = line.interpolate(0.5, normalized=True)
        aliases = []
        if road.name.endswith("大街"):
            aliases.append(f"{road.name.removesuffix('大街')}街")
        elif road.name.endswith("胡同") and rng.random() < 0.4:
            aliases.append(road.name + "儿")
        elif road.kind == "street" and rng.random() < 0.25:
            aliases.append(f"老{road.name}")
        out.append(Place(f"RD-{i:03d}", road.name, "road", (p.x, p.y), tuple(aliases),
                         numbers=number_range(line.length)))  # fmt: skip
    return out


def _unique(places: list[Place]) -> list[Place]:
    """Two things of one name would make every mention ambiguous: the first keeps it."""
    seen: set[str] = set()
    out = []
    for p in places:
        if p.name not in seen:
            seen.add(p.name)
            out.append(p)
    said = set(seen)
    for i, p in enumerate(out):
        free = tuple(a for a in dict.fromkeys(p.aliases) if a not in said)
        said.update(free)
        if free != p.aliases:
            out[i] = replace(p, aliases=free)
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
    return out + gates(site, code)


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


def _courtyards(site: Site, road_code: dict[str, str], base: int) -> list[Place]:
    out: list[Place] = []
    for b in site.buildings:
        if b.kind == "courtyard" and b.name:
            c = b.shape.centroid
            lane = b.name[: b.name.index(str(b.number))]
            out.append(Place(f"CY-{base + len(out):04d}", b.name, "building", (c.x, c.y),
                             (f"{b.name}院",), road_code.get(lane, "")))  # fmt: skip
    return out


def _civic(site: Site, number: int) -> list[Place]:
    kind = {"school": "school", "park": "park"}.get(site.use, "landmark")
    code = f"LM-{number:04d}"
    place = Place(code, site.name, kind, site.centre, names.ALIASES.get(site.name, ()),
                  look=site.use)  # fmt: skip
    return [place, *gates(site, code)]
