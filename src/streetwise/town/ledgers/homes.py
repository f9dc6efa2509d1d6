"""Houses and what is in them: storeys, stairs, flats. No residents anywhere."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..geometry import rng_for
from .ground import Ground, Subject


@dataclass(frozen=True, slots=True)
class House:
    """A building with its structure; ``flats`` counts what has a door number of its own."""

    subject: Subject
    year: int
    structure: str
    floors: int
    stairs: int
    flats: int


def make_houses(ground: Ground, flats: int, until_year: int) -> list[House]:
    """The world's buildings, holding ``flats`` dwelling units together."""
    buildings = ground.buildings
    rng = rng_for(ground.seed, "ledgers", "houses")
    eras: dict[str, int] = {}
    weights = []
    for b in buildings:
        modern = b.facts["compound"].endswith(tuple(ground.words["modern_endings"]))
        years = (2001, 2007, 2014) if modern else (1978, 1986, 1994)
        era = eras.setdefault(b.facts["compound"], rng.choice(years))
        mean = 1.0 if b.kind == "yard" else 9.0 if era < 2000 else 21.0
        weights.append(mean * rng.uniform(0.6, 1.4))
    shares = _shares(weights, flats)
    return [
        _house(ground, b, n, eras[b.facts["compound"]], until_year)
        for b, n in zip(buildings, shares, strict=True)
    ]


def _shares(weights: list[float], total: int) -> list[int]:
    """Whole numbers in the proportion of the weights with exactly that sum."""
    out, given, run, whole = [], 0, 0.0, sum(weights)
    for w in weights:
        run += w
        upto = round(total * run / whole)
        out.append(upto - given)
        given = upto
    return out


def _house(ground: Ground, b: Subject, flats: int, era: int, until_year: int) -> House:
    rng = rng_for(ground.seed, "ledgers", "house", b.name)
    if b.kind == "yard":
        return House(b, rng.randint(1912, 1972), "砖木", 1 + (rng.random() < 0.1), 1, flats)
    year = min(until_year, era + rng.randint(0, 4))
    if era < 2000:
        floors, structure = rng.choice((5, 6, 6, 6)), "砖混"
    else:
        floors, structure = rng.choice((11, 16, 18, 21, 24)), rng.choice(("框架", "剪力墙"))
    floors = max(1, min(floors, flats))
    stairs = max(1, math.ceil(flats / (floors * (3 if era < 2000 else 6))))
    return House(b, year, structure, floors, min(stairs, 12), flats)


def dwellings(houses: list[House], seed: int) -> list[Subject]:
    """Every dwelling unit, door by door."""
    out = []
    for house in houses:
        b = house.subject
        rng = rng_for(seed, "ledgers", "doors", b.name)
        base = rng.uniform(38, 105) if b.kind == "flats" else rng.uniform(14, 40)
        for k in range(house.flats):
            stair, on = divmod(k, max(1, math.ceil(house.flats / house.stairs)))
            level, door = on % house.floors + 1, on // house.floors + 1
            yard = b.kind == "yard"
            facts = {
                "stair": "院内" if yard else f"{stair + 1}单元",
                "room": str(k + 1) if yard else f"{level}{door:02d}",
                "floor": str(level),
                "area": f"{min(259.0, max(9.5, base * rng.uniform(0.75, 1.45))):.2f}",
            }
            out.append(Subject(b.name, b.place, b.address, b.grid, b.lon, b.lat, b.kind, facts))
    return out
