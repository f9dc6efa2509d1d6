"""What is planted in the town's history for engines to find, and what is there to mislead them.

Each piece is a function of the seed and of the quarter or year that it lies in, so that the
history of any period knows its own. ``truth`` writes all of it down; the product never reads it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from .geometry import rng_for

Shape = Literal["sudden", "slow"]

#: Reports a day at a sudden cluster, and at the height of a slow one.
SUDDEN_A_DAY, SLOW_A_DAY = (3.0, 6.0), (1.5, 3.0)
SUDDEN_DAYS, SLOW_RISE_DAYS, SLOW_TOP_DAYS = (7, 14), (35, 49), 14
CLUSTER_METRES = 130.0
#: Days from a cause to what follows of it, and how often it follows.
LAG_DAYS, FOLLOWS = (6, 11), 0.55
#: What the action that works leaves of the rate.
WORKS = 0.55
BATCH_ROWS = (18, 34)


@dataclass(frozen=True, slots=True)
class Cluster:
    """More of one theme around one place for a while, than there would be otherwise."""

    key: str
    shape: Shape
    theme: str
    place: int  # a number by which the atlas picks the place
    start: date
    days: int
    height: float  # problems a day at the most

    def rate(self, day: date) -> float:
        """Problems a day that it adds."""
        at = (day - self.start).days
        if not 0 <= at < self.days:
            return 0.0
        if self.shape == "sudden":
            return self.height
        rise = self.days - SLOW_TOP_DAYS
        return self.height * min(1.0, (at + 1) / rise)

    @property
    def end(self) -> date:
        """The first day without it."""
        return self.start + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Association:
    """Problems of one theme bring problems of another some days later, in the same grid."""

    key: str
    cause: str
    follows: str
    lag_days: int
    probability: float
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that the street did, from a day on, in one community: with or without effect."""

    key: str
    name: str
    category: str  # code of the class that it was meant to work on
    community: int  # a number by which the atlas picks the community
    start: date
    end: date
    factor: float  # 1: no effect


@dataclass(frozen=True, slots=True)
class Batch:
    """Somebody types a pile of old paper forms in one evening: one minute, one point."""

    key: str
    day: date
    rows: int
    hour: int
    minute: int


@dataclass(frozen=True, slots=True)
class Planted:
    """Everything that touches a period."""

    clusters: tuple[Cluster, ...]
    associations: tuple[Association, ...]
    effects: tuple[Effect, ...]
    batches: tuple[Batch, ...]


#: Pairs of classes of which one can believably follow from the other.
PAIRS = (
    ("urban-management:E-01-92", "urban-management:E-01-10"),
    ("urban-management:E-03-02", "urban-management:E-01-13"),
    ("urban-management:P-01-04", "urban-management:E-05-06"),
    ("urban-management:E-01-11", "urban-management:E-01-36"),
)
_WORKING = ("两班清运", "urban-management:E-01-92")
_IDLE = ("张贴文明停放宣传画", "urban-management:E-04-10")


def quarter_of(day: date) -> tuple[int, int]:
    """(year, quarter 0 to 3)."""
    return day.year, (day.month - 1) // 3


class Planter:
    """Plants for one town. ``themes``: keys that a cluster may be of, by category."""

    def __init__(self, seed: int, themes: Sequence[tuple[str, str]]) -> None:
        self._seed = seed
        #: (category, key) of themes of problems, in the order of the themes.
        self._themes = list(themes)
        self._quarters: dict[tuple[int, int], tuple[tuple[Cluster, ...], tuple[Batch, ...]]] = {}

    def between(self, start: date, end: date) -> Planted:
        """What touches start <= day < end."""
        clusters: list[Cluster] = []
        batches: list[Batch] = []
        for year, quarter in _quarters(start - timedelta(days=130), end):
            some, piles = self._quarter(year, quarter)
            clusters += [c for c in some if c.start < end and c.end > start]
            batches += [b for b in piles if start <= b.day < end]
        years = range(start.year - 1, end.year + 1)
        links = [a for y in years for a in self._associations(y) if a.start < end and a.end > start]
        effects = [e for y in years for e in self._effects(y) if e.start < end and e.end > start]
        return Planted(tuple(clusters), tuple(links), tuple(effects), tuple(batches))

    def _quarter(self, year: int, quarter: int) -> tuple[tuple[Cluster, ...], tuple[Batch, ...]]:
        if (year, quarter) not in self._quarters:
            rng = rng_for(self._seed, "planted", year, quarter)
            first = date(year, 3 * quarter + 1, 1)
            clusters = tuple(self._cluster(shape, first, rng) for shape in ("sudden", "slow"))
            day = first + timedelta(days=rng.randrange(88))
            batch = Batch(
                f"batch-{year}q{quarter + 1}", day, rng.randint(*BATCH_ROWS),
                rng.randint(17, 20), rng.randrange(60),
            )  # fmt: skip
            self._quarters[year, quarter] = (clusters, (batch,))
        return self._quarters[year, quarter]

    def _cluster(self, shape: Shape, first: date, rng: random.Random) -> Cluster:
        _, theme = rng.choice(self._themes)
        start = first + timedelta(days=rng.randrange(80))
        if shape == "sudden":
            days, height = rng.randint(*SUDDEN_DAYS), rng.uniform(*SUDDEN_A_DAY)
        else:
            days, height = rng.randint(*SLOW_RISE_DAYS) + SLOW_TOP_DAYS, rng.uniform(*SLOW_A_DAY)
        key = f"{shape}-{start:%Y%m%d}"
        return Cluster(key, shape, theme, rng.randrange(1 << 30), start, days, round(height, 2))

    def _associations(self, year: int) -> Iterator[Association]:
        """One pair a year, in force from March to the end of November."""
        known = {category for category, _ in self._themes}
        pairs = [pair for pair in PAIRS if set(pair) <= known]
        if pairs:
            rng = rng_for(self._seed, "association", year)
            cause, follows = rng.choice(pairs)
            yield Association(
                f"link-{year}", cause, follows, rng.randint(*LAG_DAYS), FOLLOWS,
                date(year, 3, 1), date(year, 12, 1),
            )  # fmt: skip

    def _effects(self, year: int) -> Iterator[Effect]:
        """One action a year that works and one that does not, from spring to the year's end."""
        rng = rng_for(self._seed, "effects", year)
        one, other = rng.sample(range(1 << 30), 2)
        last = date(year + 1, 1, 1)
        name, category = _WORKING
        yield Effect(f"works-{year}", name, category, one, date(year, 4, 8), last, WORKS)
        name, category = _IDLE
        yield Effect(f"idle-{year}", name, category, other, date(year, 5, 6), last, 1.0)


def _quarters(start: date, end: date) -> Iterator[tuple[int, int]]:
    year, quarter = quarter_of(start)
    while date(year, 3 * quarter + 1, 1) < end:
        yield year, quarter
        year, quarter = (year, quarter + 1) if quarter < 3 else (year + 1, 0)
