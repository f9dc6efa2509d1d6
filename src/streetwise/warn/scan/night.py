"""One category on one night, as the kernels want it: counts and what is expected, cumulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from streetwise.warn.scan.draws import Seeds, alias_table, drawn_batches, drawn_days
from streetwise.warn.scan.kernels import LANES, Int32s
from streetwise.warn.values import Expected, Floats, Ints

Statistic = Literal["poisson", "negative_binomial"]

#: The least that is expected at a place in a day: a baseline of 0 would make any report a miracle.
MEAN_AT_LEAST = 1e-6
#: The largest parameter of a logarithmic distribution; nearer to 1 its batches have no bound.
_CHANCE_AT_MOST = 1.0 - 1e-12


@dataclass(frozen=True, slots=True)
class Layer:
    """One category over P places and T days: what came and, for ``scan``, what was expected.

    ``counts``: (P, T). ``first_day``: the day of column 0. ``expected``: mean (P, T) and size
    (P,) of the same cells; a permutation needs none.
    """

    category: int
    counts: Ints
    first_day: int
    expected: Expected | None = None

    @property
    def last_day(self) -> int:
        """The day of the last column."""
        return self.first_day + int(self.counts.shape[1]) - 1


@dataclass(frozen=True, slots=True)
class Night:
    """The last W days up to a night: (P, W), column w holds the last w + 1 days.

    ``total``: N of a permutation, else 0. ``source``: what its replicates are drawn from.
    """

    count: Int32s
    mean: Floats
    excess: Floats
    total: float
    source: Batches | Shuffle


@dataclass(frozen=True, slots=True)
class Batches:
    """Replicates of independent cells (place, day): means and sizes of single days, latest first.

    ``mean``: (P, W). ``size``: (P,), infinite for Poisson.
    """

    mean: Floats
    size: Floats

    def drawing(self) -> _BatchDraw:
        """Ready to draw: the alias table of the cells."""
        size = self.size[:, None]
        finite = np.where(np.isfinite(size), size, 1.0)
        with np.errstate(over="ignore"):
            batches = np.where(
                np.isfinite(size), finite * np.log1p(self.mean / finite), self.mean
            ).ravel()
        chance = np.where(np.isfinite(size), self.mean / (self.mean + finite), 0.0).ravel()
        keep, other = alias_table(batches)
        shape = (*self.mean.shape, LANES)
        return _BatchDraw(
            float(batches.sum()), keep, other, np.minimum(chance, _CHANCE_AT_MOST), shape
        )


@dataclass(frozen=True, slots=True)
class _BatchDraw:
    batches: float
    keep: Floats
    other: Int32s
    chance: Floats
    shape: tuple[int, int, int]

    def totals(self, generator: np.random.Generator, replicates: int) -> Ints:
        return generator.poisson(self.batches, replicates).astype(np.int64)

    def fill(self, seeds: Seeds, totals: Ints) -> Int32s:
        count = np.empty(self.shape, dtype=np.int32)
        drawn_batches(seeds, totals, self.keep, self.other, self.chance, count)
        return count


@dataclass(frozen=True, slots=True)
class Shuffle:
    """Replicates of a permutation: the place of each report of the period, and the last days.

    ``place``: (N,). ``back``: how many days ago each report of the last W days came.
    """

    place: Int32s
    back: Int32s
    shape: tuple[int, int]

    def drawing(self) -> Shuffle:
        """Ready to draw as it is."""
        return self

    def totals(self, generator: np.random.Generator, replicates: int) -> Ints:
        """Every replicate has the same reports; nothing is drawn."""
        del generator
        return np.full(replicates, len(self.back), dtype=np.int64)

    def fill(self, seeds: Seeds, totals: Ints) -> Int32s:
        """The counts (P, W, LANES), cumulated, of one replicate a lane."""
        del totals
        count = np.empty((*self.shape, LANES), dtype=np.int32)
        drawn_days(seeds, self.place, self.back, count)
        return count


def expected_night(layer: Layer, night: int, days: int, statistic: Statistic) -> Night:
    """The night of day ``night`` against the layer's baseline; ValueError if it does not fit."""
    column = _column(layer, night)
    expected = layer.expected
    if expected is None:
        raise ValueError("A scan needs what was expected; without it there is the permutation.")
    if expected.mean.shape != layer.counts.shape or expected.size.shape != (len(layer.counts),):
        raise ValueError("Expected and counts are not of the same places and days.")
    first = max(0, column + 1 - days)
    mean = expected.mean[:, first : column + 1][:, ::-1]
    if not (np.isfinite(mean).all() and (mean >= 0).all()):
        raise ValueError("What is expected is 0 or more, and a number.")
    mean = np.ascontiguousarray(np.maximum(mean, MEAN_AT_LEAST), dtype=np.float64)
    size = np.full(len(mean), np.inf)
    if statistic == "negative_binomial":
        size = np.asarray(expected.size, dtype=np.float64)
        if not (size > 0).all():
            raise ValueError("The size of a negative binomial is above 0.")
    return Night(
        _recent(layer.counts, first, column),
        np.cumsum(mean, axis=1),
        np.cumsum(mean * mean / size[:, None], axis=1),
        0.0,
        Batches(mean, size),
    )


def shuffled_night(layer: Layer, night: int, days: int, study_days: int) -> Night:
    """The night against its own ``study_days``: place and day of a report taken as independent."""
    column = _column(layer, night)
    start = max(0, column + 1 - study_days)
    study = layer.counts[:, start : column + 1]
    length = min(days, study.shape[1])
    total = int(study.sum())
    by_place, by_day = study.sum(axis=1), study.sum(axis=0)[::-1][:length]
    mean = np.outer(by_place, np.cumsum(by_day)) / max(total, 1)
    source = Shuffle(
        np.repeat(np.arange(len(study)), by_place).astype(np.int32),
        np.repeat(np.arange(length), by_day).astype(np.int32),
        (len(study), length),
    )
    count = _recent(layer.counts, column + 1 - length, column)
    return Night(count, mean, np.zeros_like(mean), float(total), source)


def _column(layer: Layer, night: int) -> int:
    column = night - layer.first_day
    if not 0 <= column < layer.counts.shape[1]:
        raise ValueError(f"Day {night} is not one of the layer's.")
    return column


def _recent(counts: Ints, first: int, column: int) -> Int32s:
    latest_first = counts[:, first : column + 1][:, ::-1]
    return np.ascontiguousarray(np.cumsum(latest_first, axis=1), dtype=np.int32)
