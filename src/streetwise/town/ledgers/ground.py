"""The ground under the ledgers: what a World has, and where further things can stand.

A world lists some thousands of assets and a few hundred shops; a street office lists many more
lamps, trees and shops. Those are put along the world's own roads and into its own houses.
"""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from ..geometry import rng_for
from ..world import World

METRE_LAT = 1 / 111_133.0  # degrees of latitude in a metre
NUMBER_EVERY = 7.0  # metres of road to a house number, both sides together


@dataclass(slots=True)
class Subject:
    """What a row is about. Coordinates are WGS84 degrees."""

    name: str
    place: str  # name of a place of the world: where the address begins
    address: str
    grid: str
    lon: float
    lat: float
    kind: str = ""
    facts: dict[str, str] = field(default_factory=dict)


class Ground:
    """The world, looked at from a desk that keeps ledgers."""

    def __init__(self, world: World, seed: int, words: dict[str, Any]) -> None:
        self.world, self.seed, self.words = world, seed, words
        self.units = {u["code"]: u["name"] for u in world.units}
        self.grids = {g["properties"]["code"]: g["properties"] for g in world.grids}
        self.grid_codes = list(self.grids)
        self.places = {p["code"]: p for p in world.places}
        self.names = {p["name"] for p in world.places}
        self._shapes = [shape(g["geometry"]) for g in world.grids]
        self._tree = shapely.STRtree(self._shapes)
        box = shapely.total_bounds(self._shapes)
        self.bounds = tuple(float(v) for v in box)
        middle = math.radians(float(box[1] + box[3]) / 2)
        self.metre_lon = METRE_LAT / math.cos(middle)
        self._roads()
        self.gone = [n for n in words["gone_places"] if n not in self.names]

    def community(self, grid: str) -> str:
        """Name of the community that a grid belongs to."""
        return self.units.get(self.grids[grid]["community"], "")

    def unit(self, code: str) -> str:
        """Name of a unit; of any department if the world has no unit of that code."""
        spare = next(u["name"] for u in self.world.units if u["tier"] == "department")
        return self.units.get(code, spare)

    def unit_names(self, codes: Iterable[str]) -> list[str]:
        """Names of units; `@property` stands for all firms that look after houses."""
        return [n for c in codes for n in (self.firms if c == "@property" else [self.unit(c)])]

    @cached_property
    def firms(self) -> list[str]:
        """The property firms 物业; a department where the world has none."""
        found = [u["name"] for u in self.world.units if u.get("kind") == "property"]
        return found or [self.unit("CT-MS")]

    def grids_at(self, points: Sequence[tuple[float, float]]) -> list[str | None]:
        """The grid of each point; None outside all. On a border it is the first of the two."""
        found: list[str | None] = [None] * len(points)
        if not points:
            return found
        here, there = self._tree.query(shapely.points(np.array(points)), predicate="intersects")
        for i, k in sorted(zip(here.tolist(), there.tolist(), strict=True), reverse=True):
            found[i] = self.grid_codes[k]
        return found

    # --- along the roads ---------------------------------------------------------------------

    def _roads(self) -> None:
        """Named roads as straight pieces with the length that lies before each (metres)."""
        tops = {
            p["name"]: int(p["numbers"].rpartition("-")[2].split()[0])
            for p in self.world.places
            if p["kind"] == "road" and p["numbers"]
        }
        pieces: list[tuple[str, str, list[float], list[float], float]] = []
        ends: list[float] = []
        total = 0.0
        walked: dict[str, float] = {}
        for f in self.world.base:
            name = f["properties"].get("name", "")
            if f["properties"]["layer"] != "road" or name not in tops:
                continue
            coords = f["geometry"]["coordinates"]
            for a, b in zip(coords, coords[1:], strict=False):
                dx, dy = (b[0] - a[0]) / self.metre_lon, (b[1] - a[1]) / METRE_LAT
                length = math.hypot(dx, dy)
                if length < 1:
                    continue
                start = walked.get(name, 0.0)
                pieces.append((name, f["properties"]["kind"], a, b, start))
                walked[name] = start + length
                total += length
                ends.append(total)
        self.tops, self._pieces, self._ends = tops, pieces, ends

    def beside_roads(
        self, count: int, rng: random.Random, off: tuple[float, float] = (2, 9)
    ) -> list[Subject]:
        """Things beside named roads, ``off`` metres from the middle, inside the street."""
        out: list[Subject] = []
        for _ in range(20):
            drawn = [self._beside(rng, off) for _ in range(int((count - len(out)) * 1.25) + 8)]
            grids = self.grids_at([(s.lon, s.lat) for s in drawn])
            for subject, grid in zip(drawn, grids, strict=True):
                if grid is not None and len(out) < count:
                    subject.grid = grid
                    out.append(subject)
            if len(out) == count:
                break
        return out

    def _beside(self, rng: random.Random, off: tuple[float, float]) -> Subject:
        at = rng.random() * self._ends[-1]
        k = min(bisect(self._ends, at), len(self._ends) - 1)
        name, kind, a, b, start = self._pieces[k]
        before = self._ends[k - 1] if k else 0.0
        t = (at - before) / max(self._ends[k] - before, 1e-9)
        dx, dy = (b[0] - a[0]) / self.metre_lon, (b[1] - a[1]) / METRE_LAT
        length = math.hypot(dx, dy) or 1.0
        side = rng.choice((-1, 1)) * rng.uniform(*off)
        lon = a[0] + t * (b[0] - a[0]) - side * dy / length * self.metre_lon
        lat = a[1] + t * (b[1] - a[1]) + side * dx / length * METRE_LAT
        number = 1 + int((start + at - before) / NUMBER_EVERY) * 2 % self.tops[name]
        number = min(self.tops[name], max(1, number + (side > 0)))
        # A house number is where people look for it, or the thing stands "on the road".
        address = f"{name}{number}号" if rng.random() < 0.8 else name
        return Subject(name, name, address, "", round(lon, 6), round(lat, 6), kind)

    # --- places and things of the world ----------------------------------------------------------

    def subject(self, row: dict[str, str], kind: str = "") -> Subject:
        """A place or premises of the world as the subject of a row."""
        place = self.places.get(row.get("place", ""), row)
        address = self._address(place)
        return Subject(row["name"], self._begins(place), address, row["grid"],
                       float(row["lon"]), float(row["lat"]), kind or row["kind"])  # fmt: skip

    def _begins(self, place: dict[str, str]) -> str:
        parent = self.places.get(place.get("parent", ""))
        if place["kind"] == "shop" and parent is not None:
            return parent["name"]
        return place["name"]

    def _address(self, place: dict[str, str]) -> str:
        """A shop stands at a number of its road; anything else is its own address."""
        begins = self._begins(place)
        if begins == place["name"]:
            return begins
        top = self.tops.get(begins, 9)
        return f"{begins}{rng_for(self.seed, 'number', place['code']).randint(1, top)}号"

    def of_kind(self, *kinds: str) -> list[Subject]:
        """The world's places of these kinds, in its order."""
        return [self.subject(p) for p in self.world.places if p["kind"] in kinds]

    def assets(self, prefixes: Iterable[str]) -> list[Subject]:
        """The world's assets of these classes; they stand on the place that their grid has."""
        wanted = tuple(prefixes)
        out = []
        for row in self.world.assets:
            if row["class"].startswith(wanted):
                place = self._named_in(row["name"])
                if place:
                    out.append(Subject(place, place, place, row["grid"], float(row["lon"]),
                                       float(row["lat"]), row["class"]))  # fmt: skip
        return out

    def _named_in(self, label: str) -> str:
        """The longest name of a place that a label begins with."""
        return next((label[:n] for n in range(len(label), 1, -1) if label[:n] in self.names), "")

    @cached_property
    def buildings(self) -> list[Subject]:
        """Houses with a number of their own."""
        out: list[Subject] = []
        for p in self.world.places:
            if p["kind"] == "building":
                parent = self.places.get(p["parent"])
                flats = parent is not None and parent["kind"] == "compound"
                subject = self.subject(p, "flats" if flats else "yard")
                subject.facts["compound"] = parent["name"] if parent else p["name"]
                out.append(subject)
        return out

    @cached_property
    def premises(self) -> list[Subject]:
        """The world's premises, with what they do."""
        trades = self.words["premises_trades"]
        out = []
        for row in self.world.premises:
            subject = self.subject(row)
            subject.facts["trade"] = trades.get(row["kind"], trades["other"])
            for ending, trade in self.words["shop_trades"].items():
                if row["name"].endswith(ending):
                    subject.facts["trade"] = trade
            out.append(subject)
        return out

    @cached_property
    def aliases(self) -> dict[str, list[str]]:
        """Other names that people have for places."""
        return {
            p["name"]: [a for a in p["aliases"].split("|") if a]
            for p in self.world.places
            if p["aliases"]
        }

    def shops(self, count: int) -> list[Subject]:
        """The world's premises and further shops along its streets, ``count`` together.

        Ledgers that list shops list the same ones: a shorter list is the start of a longer one.
        """
        if len(self._shops) < count:
            self._shops += self._more_shops(max(count, 3000) - len(self._shops))
        return self._shops[:count]

    @cached_property
    def _shops(self) -> list[Subject]:
        shops = list(self.premises)
        rng_for(self.seed, "ledgers", "premises").shuffle(shops)
        return shops

    def _more_shops(self, count: int) -> list[Subject]:
        rng = rng_for(self.seed, "ledgers", "shops", len(self._shops))
        signs, trades = self.words["shop_signs"], self.words["shop_trades"]
        kinds, weights = list(trades), self.words["shop_weights"]
        taken = self.names | {s.name for s in self._shops}
        out: list[Subject] = []
        for subject in self.beside_roads(count, rng, (8, 16)):
            kind = rng.choices(kinds, weights)[0]
            name = rng.choice(signs) + kind
            if name in taken:
                name = f"{name}（{subject.place}店）"
            if name in taken:
                name = f"{name[:-1]}{len(out) % 90 + 2}）"
            taken.add(name)
            subject.name, subject.kind = name, "shop"
            subject.facts["trade"] = trades[kind]
            if subject.address == subject.place:
                subject.address += f"{rng.randint(1, self.tops[subject.place])}号"
            out.append(subject)
        return out
