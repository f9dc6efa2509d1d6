"""Crossings, bridges, the underpass and gates: places that a direction is given by."""

from __future__ import annotations

import math
from collections.abc import Sequence

from shapely.geometry import LineString, Point

from . import names
from .geometry import Geom
from .network import crossings
from .places import Place
from .sites import Site
from .streets import Plan, Road

#: Which two streets make the crossing that has an old name.
OLD = {
    "roundabout": (names.MAIN_ROAD, names.SOUTH_AVENUE),
    "crossing": (names.MAIN_ROAD, names.SOUTH_ROAD),
    "gate": (names.WEST_ROAD, names.MAIN_AVENUE),
    "stage": (names.DIAGONAL, names.MAIN_AVENUE),
}


def junctions(named: Sequence[Road], road_code: dict[str, str], outline: Geom) -> list[Place]:
    """Where two or more streets cross, with what people still call the corner."""
    big = [(r.name, r.coords) for r in named if r.kind in ("arterial", "street")]
    near = outline.buffer(5)
    out: list[Place] = []
    for at, who in crossings(big):
        if len(who) < 2 or not near.contains(Point(at)):
            continue
        a, b = who[0], who[1]
        old = next((names.OLD_NAMES[k] for k, pair in OLD.items() if set(pair) <= set(who)), ())
        code = f"JN-{len(out) + 1:03d}"
        out.append(Place(code, f"{a}与{b}交叉口", "junction", at,
                         (f"{a}{b}路口", f"{b}{a}路口", f"{b}与{a}交叉口", *old),
                         roads=tuple(sorted({road_code[name] for name in who}))))  # fmt: skip
    return out


def bridges(plan: Plan, named: Sequence[Road]) -> list[Place]:
    """Bridges over the river and the canal, and the underpass."""
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
                     (f"{names.MAIN_ROAD}桥洞", "澄棠桥洞", "桥洞", "大桥洞"),
                     look="underpass"))  # fmt: skip
    return out


def compass(angle: float) -> str:
    """The Chinese word for the side that an angle (radians from the east) points to."""
    return "东北西南"[round(angle / (math.pi / 2)) % 4]


def gates(site: Site, parent: str) -> list[Place]:
    """The gates of a compound or a public place, by the side they open to."""
    out: list[Place] = []
    short = names.MARKETS.get(site.name, "")
    for gate in site.gates:
        side = compass(gate.outward)
        if any(p.name.endswith(f"{side}门") for p in out):
            continue
        alias = (f"{short}{side}门",) if short else (f"{site.name}{side}大门",)
        out.append(Place(f"{parent}-G{len(out) + 1}", f"{site.name}{side}门", "gate", gate.at,
                         alias, parent, facing=gate.outward))  # fmt: skip
    return out
