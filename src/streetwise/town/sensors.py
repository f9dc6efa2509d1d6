"""Forty sensors: rain, water level, how full bins are, smoke, air."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import names
from .assets import Thing
from .geometry import XY, rng_for
from .places import Place
from .viewpoints import LOW
from .wild import Countryside

#: Kind → how many, what they measure, who reads them, the word in the name.
KINDS = {
    "rain": (6, "mm", "CT-YJ", "雨量计"),
    "water_level": (10, "m", "CT-SZ", "水位计"),
    "bin_level": (12, "%", "OUT-CLEAN", "满溢传感器"),
    "smoke": (7, "ppm", "CT-YJ", "烟雾探测器"),
    "air": (5, "µg/m³", "CT-CG", "空气监测仪"),
}
APART = 120.0  # metres between two smoke sensors of the forest
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor at a place of the gazetteer; `at` in metres."""

    kind: str
    at: XY
    place: Place


def make_sensors(
    places: Sequence[Place], things: Sequence[Thing], wild: Countryside, seed: int
) -> list[Sensor]:
    """All sensors in the order of their kinds."""
    by_name = {p.name: p for p in places}
    found = {
        "rain": [_at("rain", p) for p in places if p.name.endswith("社区居委会")],
        "water_level": _water(places, by_name),
        "bin_level": _bins(things, by_name, seed),
        "smoke": _smoke(wild, by_name[names.FOREST]),
        "air": [
            _at("air", by_name[name], 12.0)
            for name in (
                "澄棠中学",
                "澄棠街道办事处",
                "南埠小学",
                "旧轨货场",
                f"{names.WETLAND}西门",
            )
        ],
    }
    return [s for kind, (count, *_) in KINDS.items() for s in found[kind][:count]]


def _at(kind: str, place: Place, east: float = 0.0) -> Sensor:
    return Sensor(kind, (place.at[0] + east, place.at[1]), place)


def _water(places: Sequence[Place], by_name: dict[str, Place]) -> list[Sensor]:
    """In the underpass, at the river, the canal and the pond, where roads lie low."""
    dip = next(p for p in places if p.kind == "underpass")
    bridges = [p for p in places if p.look == "bridge"]
    river = [p for p in bridges if not p.name.endswith("小桥")]
    canal = [p for p in bridges if p.name.endswith("小桥")]
    old = [a for key in LOW for a in names.OLD_NAMES[key]]
    low = [p for p in places if p.kind == "junction" and any(a in p.aliases for a in old)]
    out = [_at("water_level", dip, -6.0), _at("water_level", dip, 7.0)]
    # The middle of the river is the border of the street: the gauge hangs on our pier.
    out += [_at("water_level", p, -9.0) for p in river[:2]]
    out += [_at("water_level", p) for p in canal[:2]]
    out += [_at("water_level", by_name[f"{names.RIVER}滨河步道"], 9.0)]
    out += [_at("water_level", by_name[names.WETLAND])]
    out += [_at("water_level", p, 14.0) for p in low]
    more = [_at("water_level", p) for p in canal[2:]]
    return out + more


def _bins(things: Sequence[Thing], by_name: dict[str, Place], seed: int) -> list[Sensor]:
    """At every market, and in compounds all over the street."""
    rng = rng_for(seed, "bin sensors")
    bins = [t for t in things if t.klass == "P-03-05"]
    market = [t for t in bins if t.label in names.MARKETS]
    out: list[Thing] = []
    for name in names.MARKETS:
        out += [t for t in market if t.label == name][:1]
    homes = [t for t in bins if t.label in by_name and by_name[t.label].kind == "compound"]
    rng.shuffle(homes)
    for t in homes:
        if all(math.dist(t.at, o.at) > 260 for o in out):
            out.append(t)
    for t in homes:
        if t not in out:
            out.append(t)
    return [Sensor("bin_level", t.at, by_name[t.label]) for t in out]


def _smoke(wild: Countryside, forest: Place) -> list[Sensor]:
    """Along the walks of the forest, well apart: where people are, fires begin."""
    spots: list[XY] = []
    for path in wild.paths:
        for p in path[::3]:
            near = math.dist(p, forest.at) < 620
            if near and all(math.dist(p, q) > APART for q in spots):
                spots.append(p)
    return [Sensor("smoke", (x + 4.0, y + 3.0), forest) for x, y in spots]


def sensor_rows(
    sensors: Sequence[Sensor], point: Callable[[XY], Row], grid_of: Callable[[XY], str]
) -> list[Row]:
    """The rows of sensors.csv."""
    count: dict[tuple[str, str], int] = {}
    rows = []
    for i, s in enumerate(sensors, 1):
        _, quantity, unit, word = KINDS[s.kind]
        key = (s.kind, s.place.name)
        count[key] = count.get(key, 0) + 1
        rows.append(
            {
                "code": f"SEN-{i:02d}",
                "name": f"{s.place.name}{word}{count[key]}号",
                "kind": s.kind,
                **point(s.at),
                "grid": grid_of(s.at),
                "place": s.place.code,
                "unit": unit,
                "quantity": quantity,
            }
        )
    return rows
