"""Things beside the roads: lamps, bins, covers, benches and the rest, each with its owner."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from shapely.geometry import Point

from .gazetteer import Place
from .geometry import XY, Geom, rng_for
from .sites import Site
from .streets import WIDTH, Road, along, inside

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
    klass: str
    at: XY
    label: str


def make_assets(
    roads: Sequence[Road], sites: Sequence[Site], places: Sequence[Place], outline: Geom, seed: int
) -> list[Thing]:
    rng = rng_for(seed, "assets")
    out: list[Thing] = []

    def row(road: Road, classes: Sequence[str], every: float, off: float, *, both: bool) -> None:
        line = inside(road.coords, outline)
        at, k = rng.uniform(0.3, 0.9) * every, rng.randrange(len(classes))
        while at < line.length - 12:
            (x, y), a = along(line, at)
            side = (-1 if k % 2 else 1) if both else 1
            p = (x - side * off * math.sin(a), y + side * off * math.cos(a))
            if outline.contains(Point(p)):
                out.append(Thing(classes[k % len(classes)], p, road.name))
            k += 1
            at += every * rng.uniform(0.85, 1.15)

    for road in roads:
        if not road.name:
            continue
        edge = WIDTH[road.kind] / 2
        if road.kind == "arterial":
            row(road, ["P-01-37"], 62, edge + 1.2, both=True)
            row(road, _COVERS, 75, edge * 0.45, both=True)
            row(road, ["P-03-05"], 190, edge + 2.2, both=True)
            row(road, ["P-04-02"], 210, edge + 0.9, both=True)
            row(road, ["P-02-04"], 480, edge + 1.8, both=True)
            row(road, ["P-02-17"], 420, 1.0, both=False)
        elif road.kind == "street":
            row(road, ["P-01-37"], 105, edge + 1.0, both=True)
            row(road, _COVERS, 120, edge * 0.4, both=True)
            row(road, ["P-03-05"], 260, edge + 2.0, both=True)
            row(road, ["P-01-27", "P-01-28"], 520, edge + 2.4, both=True)
        elif road.kind == "lane":
            row(road, ["P-03-05", "P-01-02"], 170, 2.2, both=True)
    for place in places:
        x, y = place.at
        if place.kind == "junction":
            out.append(Thing("P-02-12", (x + 13.5, y + 11), place.name))
            if rng.random() < 0.55:
                out.append(Thing("P-01-50", (x - 13, y + 12), place.name))
        elif place.kind == "underpass":
            out += [Thing("P-02-07", place.at, place.name)]
            out += [Thing("P-02-11", (x + d, y + d / 3), place.name) for d in (-4.0, 4.0)]
    for site in sites:
        yards = [g for g, kind in site.greens if kind in ("garden", "park")]
        for green in yards:
            c = green.centroid
            if site.use == "park":
                out += [Thing("P-04-07", _in(green, rng.uniform(0, math.tau), 0.7), site.name)
                        for _ in range(6)]  # fmt: skip
                out.append(Thing("P-03-01", _in(green, 2.2, 0.85), site.name))
            elif site.use in ("slabs", "towers"):
                out.append(Thing("P-01-46", (c.x, c.y), site.name))
                out.append(Thing("P-04-07", _in(green, rng.uniform(0, 6), 0.6), site.name))
            elif site.use == "hutongs" and rng.random() < 0.5:
                out.append(Thing("P-04-01", (c.x, c.y), "老城片区"))
        if site.gate is not None and site.name:
            out.append(Thing("P-03-05", (site.gate[0] + 3, site.gate[1] + 2), site.name))
            if rng.random() < 0.4:
                out.append(Thing("P-01-54", (site.gate[0] - 3.5, site.gate[1] + 5), site.name))
    return sorted(out, key=lambda t: (t.klass, t.label, t.at))


def _in(green: Geom, angle: float, share: float) -> XY:
    """A point a share of the way from the middle of a green to its edge."""
    c = green.centroid
    far = math.sqrt(green.area / math.pi)
    return c.x + share * far * math.cos(angle), c.y + share * far * math.sin(angle)
