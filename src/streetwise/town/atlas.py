"""Where in the town something happens: places by the trouble that they can have, unevenly.

A few places have most of the trouble, as everywhere: each place has a weight of its own, and each
community writes more or less than it has trouble (the bias of its reporting, which is truth that
an engine does not know).
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from zoneinfo import ZoneInfo

from shapely.geometry import Polygon

from .geometry import XY, Geom, rng_for
from .language import Spot, Theme
from .streets import METRES_A_NUMBER, inside
from .world import CENTRE, World

#: Standard deviation of the logarithm of a place's weight: how uneven trouble is spread.
UNEVEN = 1.0
#: A community's habit of reporting: a factor on its trouble, least and most.
BIAS = (0.6, 1.6)
HOT_SPOTS, HOT_SHARE = 3, 0.15


@dataclass(frozen=True, slots=True)
class Stage:
    """A place with its point in metres, ready to have something happen at it."""

    spot: Spot
    x: float
    y: float
    spread: float  # metres around the point
    grid: str
    community: str  # code
    most: int = 0  # highest number of a road, or houses of a compound


@dataclass
class _Kind:
    """Stages of one kind, with their weights summed up."""

    stages: list[Stage] = field(default_factory=list)
    sums: list[float] = field(default_factory=list)


class Atlas:
    """The places of a world by what kind of trouble they can have."""

    def __init__(self, world: World, seed: int, themes: Sequence[Theme]) -> None:
        self.zone = ZoneInfo(world.town["timezone"])
        self._seed = seed
        names = {u["code"]: u["name"] for u in world.units}
        self._community_of = {
            g["properties"]["code"]: g["properties"]["community"] for g in world.grids
        }
        self.communities = sorted(set(self._community_of.values()))
        self._community_names = {code: names[code] for code in self.communities}
        self.bias = {
            code: round(rng_for(seed, "bias", code).uniform(*BIAS), 3) for code in self.communities
        }
        self._houses: dict[str, list[XY]] = {}
        for p in world.places:
            if p["code"].startswith("CP-") and p["kind"] == "building":
                self._houses.setdefault(p["parent"], []).append(_metres(p))
        self._roads = _road_lines(world)
        self._kinds: dict[str, _Kind] = {}
        self.by_code: dict[str, Stage] = {}
        self._lay_out(world)
        for kind in self._kinds.values():
            kind.sums = list(accumulate(self._weight(stage) for stage in kind.stages))
        self._hot = {theme.key: self._hot_spots(theme) for theme in themes}

    def _lay_out(self, world: World) -> None:
        name_of = {p["code"]: p["name"] for p in world.places}
        by_name: dict[str, Stage] = {}
        for p in world.places:
            top = p["numbers"].rpartition("-")[2]
            community = self._community_of[p["grid"]]
            spot = Spot(
                p["code"], p["name"], p["kind"], tuple(a for a in p["aliases"].split("|") if a),
                name_of.get(p["parent"], "") if p["kind"] == "shop" else "",
                0, self._community_names[community],
            )  # fmt: skip
            most = int(top) if top else len(self._houses.get(p["code"], ()))
            stage = Stage(spot, *_metres(p), 10.0, p["grid"], community, most)
            by_name[p["name"]] = self.by_code[p["code"]] = stage
            for kind in _kinds(p):
                self._kinds.setdefault(kind, _Kind()).stages.append(stage)
        for a in world.assets:
            # An asset is named after what it stands by, which is how people will name it.
            label = next((n for n in _shorter(a["name"]) if n in by_name), None)
            if label is not None:
                community = self._community_of[a["grid"]]
                stage = Stage(by_name[label].spot, *_metres(a), 4.0, a["grid"], community)
                self._kinds.setdefault(f"asset:{a['class']}", _Kind()).stages.append(stage)

    def _weight(self, stage: Stage) -> float:
        rng = rng_for(self._seed, "weight", stage.spot.code)
        return rng.lognormvariate(0.0, UNEVEN) * self.bias[stage.community]

    def candidates(self, theme: Theme, kind: str) -> list[Stage]:
        """The stages of one of the theme's kinds of places; roads where the town has none."""
        return self._of(theme, kind).stages

    def of_kind(self, kind: str) -> list[Stage]:
        """All stages of a kind of places; none where the town has no such place."""
        found = self._kinds.get(kind)
        return list(found.stages) if found else []

    def _of(self, theme: Theme, kind: str) -> _Kind:
        key = f"asset:{theme.category.partition(':')[2]}" if kind == "asset" else kind
        return self._kinds.get(key) or self._kinds["road"]

    def _hot_spots(self, theme: Theme) -> list[Stage]:
        """A few places where the same thing happens again and again."""
        rng = rng_for(self._seed, "hot", theme.key)
        return [self._anywhere(theme, rng) for _ in range(HOT_SPOTS)]

    def pick(self, theme: Theme, rng: random.Random) -> Stage:
        """Where it happens this time; at its hot spot it is the very same house."""
        if rng.random() < HOT_SHARE:
            return rng.choice(self._hot[theme.key])
        return self._anywhere(theme, rng)

    def _anywhere(self, theme: Theme, rng: random.Random) -> Stage:
        kind = self._of(theme, rng.choice(theme.places))
        stage = kind.stages[bisect(kind.sums, rng.random() * kind.sums[-1])]
        return self.focused(stage, rng)

    def focused(self, stage: Stage, rng: random.Random) -> Stage:
        """One house of a compound, one stretch of a road: where this problem is."""
        if not stage.most:
            return stage
        number = rng.randint(1, stage.most)
        at = self._house(stage.spot, number)
        if at is None:
            return stage
        spot = replace(stage.spot, number=number)
        return replace(stage, spot=spot, x=at[0], y=at[1], spread=12.0, most=0)

    def _house(self, spot: Spot, number: int) -> XY | None:
        """Where a number of a road or a house of a compound is."""
        if spot.kind == "compound":
            return self._houses[spot.code][number - 1]
        line = self._roads.get(spot.name)
        if line is None:
            return None
        p = line.interpolate(min(number * METRES_A_NUMBER, line.length))
        return p.x, p.y

    def numbered(self, theme: Theme, number: int) -> Stage:
        """The place that a planted thing has drawn by number."""
        stages = self.candidates(theme, theme.places[number % len(theme.places)])
        return stages[number % len(stages)]

    def near(self, theme: Theme, centre: XY, metres: float, rng: random.Random) -> Stage | None:
        """A stage for the theme within so many metres; None where there is none."""
        found = [
            stage
            for kind in theme.places
            for stage in self.candidates(theme, kind)
            if (stage.x - centre[0]) ** 2 + (stage.y - centre[1]) ** 2 <= metres * metres
        ]
        return rng.choice(found) if found else None

    def in_grid(self, theme: Theme, grid: str, rng: random.Random) -> Stage | None:
        """A stage for the theme in a grid; None where there is none."""
        found = [
            stage
            for kind in theme.places
            for stage in self.candidates(theme, kind)
            if stage.grid == grid
        ]
        return rng.choice(found) if found else None


def _metres(row: Mapping[str, str]) -> XY:
    return CENTRE.metres(float(row["lon"]), float(row["lat"]))


def _road_lines(world: World) -> dict[str, Geom]:
    """The named roads in metres, as far as they lie in the town."""

    def plane(coords: list[list[float]]) -> list[XY]:
        return [CENTRE.metres(lon, lat) for lon, lat in coords]

    outline = Polygon(plane(world.base[0]["geometry"]["coordinates"][0]))
    return {
        f["properties"]["name"]: inside(plane(f["geometry"]["coordinates"]), outline)
        for f in world.base
        if f["properties"]["layer"] == "road" and "name" in f["properties"]
    }


def _kinds(place: Mapping[str, str]) -> list[str]:
    """What a place is for the phrases: its kind, and what its name says beyond that."""
    name, kind = place["name"], place["kind"]
    if kind == "building" and not place["parent"].startswith("CP-"):
        return ["yard"]
    out = [kind]
    if kind == "landmark":
        out += ["hospital"] if name.endswith("医院") else []
        out += ["office"] if name.endswith(("办事处", "派出所", "中心")) else []
        out += ["market"] if name.endswith("市场") else []
        out += ["water"] if name.endswith(("桥", "步道")) else []
        out += ["site"] if name.endswith(("文创园", "旧址")) else []
    if kind == "compound" and name.endswith(("新村", "佳园", "宿舍")):
        out.append("site")  # being rebuilt
    return out


def _shorter(name: str) -> Iterator[str]:
    for cut in range(len(name) - 1, 1, -1):
        yield name[:cut]
