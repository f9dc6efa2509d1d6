"""The scan written to be read, not to be quick: every cylinder in a loop, formulas from SciPy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, nbinom, poisson

from streetwise.warn.scan import Layer, Neighbourhoods


@dataclass(frozen=True, slots=True)
class Cylinder:
    """Places, the last so many days, and what the reference thinks of them."""

    places: frozenset[int]
    days: int
    observed: int
    expected: float
    statistic: float


def zones_of(hoods: Neighbourhoods) -> list[frozenset[int]]:
    """All zones, read from the flat arrays."""
    zones = []
    for group in range(len(hoods.start) - 1):
        chain: list[int] = []
        for member in range(hoods.start[group], hoods.start[group + 1]):
            chain.append(int(hoods.members[member]))
            if hoods.ends[member]:
                zones.append(frozenset(chain))
    return zones


def poisson_ratio(count: int, mean: float) -> float:
    """Log likelihood at the best relative risk less that at 1; 0 where fewer came."""
    if count <= mean:
        return 0.0
    return float(poisson.logpmf(count, count) - poisson.logpmf(count, mean))


def negative_binomial_ratio(count: int, mean: float, variance: float) -> float:
    """The same where the count is negative binomial with this mean and variance."""
    if count <= mean:
        return 0.0
    size = mean**2 / (variance - mean)
    best, usual = size / (size + count), size / (size + mean)
    return float(nbinom.logpmf(count, size, best) - nbinom.logpmf(count, size, usual))


def binomial_ratio(count: int, mean: float, total: int) -> float:
    """The same where each of ``total`` reports falls into the cylinder or not."""
    if count <= mean:
        return 0.0
    best, usual = count / total, mean / total
    return float(binom.logpmf(count, total, best) - binom.logpmf(count, total, usual))


def cylinders(
    layer: Layer,
    zones: Iterable[frozenset[int]],
    *,
    column: int,
    days: int,
    least: int,
    kind: str,
    study: int = 0,
) -> list[Cylinder]:
    """Every cylinder that ends at ``column`` with its statistic, 0 for fewer than ``least``."""
    counts = layer.counts
    made = []
    for zone in zones:
        for length in range(1, min(days, column + 1) + 1):
            observed, expected, excess = 0, 0.0, 0.0
            for place in zone:
                for day in range(column + 1 - length, column + 1):
                    observed += int(counts[place, day])
                    if layer.expected is not None:
                        mean = float(layer.expected.mean[place, day])
                        expected += mean
                        excess += mean**2 / float(layer.expected.size[place])
            if kind == "permutation":
                period = counts[:, max(0, column + 1 - study) : column + 1]
                total = int(period.sum())
                if length > period.shape[1] or not total:
                    continue
                of_zone = sum(int(period[place].sum()) for place in zone)
                of_days = int(period[:, period.shape[1] - length :].sum())
                expected = of_zone * of_days / total
                value = binomial_ratio(observed, expected, total)
            elif kind == "negative_binomial":
                value = negative_binomial_ratio(observed, expected, expected + excess)
            else:
                value = poisson_ratio(observed, expected)
            statistic = value if observed >= least else 0.0
            made.append(Cylinder(zone, length, observed, expected, statistic))
    return made


def ranked(all_of_them: Sequence[Cylinder], at_most: int) -> list[Cylinder]:
    """The best, then the best of those that share no place with those before."""
    chosen: list[Cylinder] = []
    for one in sorted(all_of_them, key=lambda cylinder: -cylinder.statistic):
        if one.statistic <= 0.0 or len(chosen) == at_most:
            break
        if all(one.places.isdisjoint(other.places) for other in chosen):
            chosen.append(one)
    return chosen


def largest(count: np.ndarray, mean: np.ndarray, zones: Iterable[frozenset[int]]) -> float:
    """The largest Poisson statistic of counts (P, W), cumulated, over all cylinders."""
    return max(
        poisson_ratio(
            sum(int(count[place, day]) for place in zone),
            sum(float(mean[place, day]) for place in zone),
        )
        for zone in zones
        for day in range(count.shape[1])
    )
