"""Which rows a ledger has, before any dirt: what each is about, and when it was."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ..geometry import rng_for
from .ground import Ground, Subject
from .homes import House, dwellings
from .model import Ledger

_SHIFTS = ("早班", "中班", "晚班")
_METRE = 1 / 111_133.0


@dataclass(frozen=True)
class Desk:
    """Where ledgers are written: the ground, its houses and the period."""

    ground: Ground
    houses: list[House]
    start: date
    until: date

    @property
    def days(self) -> list[date]:
        """All days of the period."""
        return [self.start + timedelta(days=i) for i in range((self.until - self.start).days + 1)]


Row = tuple[Subject, str]  # and the day as YYYY-MM-DD; empty outside logs


def rows_of(ledger: Ledger, desk: Desk, rng: random.Random) -> list[Row]:
    """What the rows are about, in the order of the file; logs by day."""
    if ledger.subject == "grid_days":
        return _grid_days(ledger, desk, rng)
    if ledger.subject == "log":
        return _log(ledger, desk, rng)
    return [(s, "") for s in _SOURCES[ledger.subject](ledger, desk, rng)]


# --- things that are there ---------------------------------------------------------------------


def _street(ledger: Ledger, desk: Desk, rng: random.Random) -> list[Subject]:
    spec = ledger.spec["subject"]
    known = desk.ground.assets(spec.get("classes", ["-"]))[: ledger.rows]
    more = desk.ground.beside_roads(ledger.rows - len(known), rng, tuple(spec["aside"]))
    return sorted([*known, *more], key=lambda s: (s.grid, s.place, s.lon, s.lat))


def _buildings(ledger: Ledger, desk: Desk, rng: random.Random) -> list[Subject]:
    spec = ledger.spec["subject"]
    houses = [h for h in desk.houses if not spec.get("yards") or h.year < 1996]
    houses = [h for h in houses if not spec.get("flats") or h.subject.kind == "flats"]
    houses = [h for h in houses if h.floors > 6] or houses if spec.get("lifts") else houses
    out = []
    for h in houses:
        facts = {**h.subject.facts, "year": str(h.year), "structure": h.structure,
                 "floors": str(h.floors), "stairs": str(h.stairs),
                 "flats": str(h.flats), "firm": _firm(h, desk)}  # fmt: skip
        out.append(replace(h.subject, facts=facts))
    if spec.get("lifts"):  # a tower has several
        return _drawn(out, ledger.rows, rng)
    return out if len(out) <= ledger.rows else _in_order(out, ledger.rows, rng)


def _firm(house: House, desk: Desk) -> str:
    """Who looks after a house: one firm for a whole compound, the office for the old yards."""
    if house.subject.kind != "flats":
        return desk.ground.unit("CT-MS")
    compound = house.subject.facts["compound"]
    return rng_for(desk.ground.seed, "ledgers", "firm", compound).choice(desk.ground.firms)


def _dwellings(ledger: Ledger, desk: Desk, rng: random.Random) -> list[Subject]:
    return dwellings(desk.houses, desk.ground.seed)


def _shops(ledger: Ledger, desk: Desk, rng: random.Random) -> list[Subject]:
    spec = ledger.spec["subject"]
    if "trade" not in spec:
        shops = desk.ground.shops(min(ledger.rows, 3000))
        return shops if len(shops) == ledger.rows else _drawn(shops, ledger.rows, rng)
    # Works kitchens and schools have gas meters as well.
    shops = desk.ground.shops(3000)
    out = [s for s in shops if s.facts["trade"] == spec["trade"]]
    if spec.get("stretch") and len(out) < ledger.rows:
        rest = [s for s in shops if s.facts["trade"] != spec["trade"]]
        out += rest[: ledger.rows - len(out)]
    return out[: ledger.rows]


def _places(ledger: Ledger, desk: Desk, rng: random.Random) -> list[Subject]:
    spec = ledger.spec["subject"]
    found = desk.ground.of_kind(*spec["kinds"])
    return _drawn(found, ledger.rows, rng) if "count" in spec else found[: ledger.rows]


def _grids(ledger: Ledger, desk: Desk, rng: random.Random) -> list[Subject]:
    codes = desk.ground.grid_codes
    return [_of_grid(desk.ground, g) for g in sorted(rng.choices(codes, k=ledger.rows))]


def _homes(ledger: Ledger, desk: Desk, rng: random.Random) -> list[Subject]:
    return desk.ground.of_kind("compound") or desk.ground.of_kind("building")


def _low_points(ledger: Ledger, desk: Desk, rng: random.Random) -> list[Subject]:
    dips = desk.ground.of_kind("underpass", "junction")
    return dips or desk.ground.of_kind("road")


_SOURCES: dict[str, Callable[[Ledger, Desk, random.Random], list[Subject]]] = {
    "street": _street,
    "buildings": _buildings,
    "dwellings": _dwellings,
    "shops": _shops,
    "places": _places,
    "grids": _grids,
    "homes": _homes,
    "low_points": _low_points,
}


def _of_grid(ground: Ground, code: str) -> Subject:
    name = ground.grids[code]["name"]
    return Subject(name, name, name, code, 0.0, 0.0, "grid")


def _drawn(pool: list[Subject], count: int, rng: random.Random) -> list[Subject]:
    """Any of the pool, as often as it takes; later ones of a place stand a few metres off."""
    out, seen = [], set()
    for i in sorted(rng.choices(range(len(pool)), k=count)):
        s = pool[i]
        if i in seen:
            s = replace(s, lon=round(s.lon + rng.uniform(-6, 6) * _METRE, 6),
                        lat=round(s.lat + rng.uniform(-6, 6) * _METRE, 6))  # fmt: skip
        seen.add(i)
        out.append(s)
    return out


def _in_order(pool: list[Subject], count: int, rng: random.Random) -> list[Subject]:
    return [pool[i] for i in sorted(rng.sample(range(len(pool)), min(count, len(pool))))]


# --- things that happened ------------------------------------------------------------------------


def _log(ledger: Ledger, desk: Desk, rng: random.Random) -> list[Row]:
    spec = ledger.spec["subject"]
    if spec["over"] == "shops":
        pool = desk.ground.shops(min(spec["pool"], 3000))
    elif spec["over"] == "street":
        pool = desk.ground.beside_roads(spec["pool"], rng)
    else:
        pool = _SOURCES[spec["over"]](ledger, desk, rng)[: spec["pool"]]
    days = desk.days
    if spec.get("season") == "flood":
        wet = [d for d in days if (6, 1) <= (d.month, d.day) <= (9, 15)] or days
        storms = rng.sample(wet, min(len(wet), max(1, len(wet) // 6)))
        drawn = rng.choices(storms, k=ledger.rows)
    else:
        drawn = rng.choices(days, [0.25 if d.weekday() > 4 else 1.0 for d in days], k=ledger.rows)
    return [(rng.choice(pool), d.isoformat()) for d in sorted(drawn)]


def _grid_days(ledger: Ledger, desk: Desk, rng: random.Random) -> list[Row]:
    """Every day, about the same number of grids and shifts, none twice on a day."""
    ground, days = desk.ground, desk.days
    turns = [(g, s) for g in ground.grid_codes for s in _SHIFTS]
    subjects = {t: replace(_of_grid(ground, t[0]), facts={"shift": t[1]}) for t in turns}
    out: list[Row] = []
    for i, day in enumerate(days, 1):
        count = min(len(turns), round(ledger.rows * i / len(days)) - len(out))
        chosen = sorted(rng.sample(range(len(turns)), max(0, count)))
        out += [(subjects[turns[k]], day.isoformat()) for k in chosen]
    return out
