"""The scan of a night: the best cylinders of each category and how often chance does as well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from streetwise.warn.compiled import each
from streetwise.warn.scan.kernels import best_cylinder, next_zone, zone_bests
from streetwise.warn.scan.night import (
    Layer,
    Night,
    Statistic,
    expected_night,
    shuffled_night,
)
from streetwise.warn.scan.replicates import Chance, replicated
from streetwise.warn.scan.shapes import Neighbourhoods
from streetwise.warn.values import Floats, Ints


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """How a night is scanned.

    ``statistic``: of ``scan``; a permutation has its own. ``max_days``: the longest cylinder.
    ``study_days``: the period of a permutation. ``min_count``: a cylinder with fewer reports is
    no cluster, in the night as in its replicates. ``clusters_at_most``: of one category, the
    first and those that share no place with a better one. ``replicates``: of each category.
    ``stop_after``: stop once so many replicates were as large as the best cluster, 0 for never.
    """

    statistic: Statistic = "negative_binomial"
    max_days: int = 14
    study_days: int = 90
    min_count: int = 3
    clusters_at_most: int = 5
    replicates: int = 999
    stop_after: int = 0

    def __post_init__(self) -> None:
        least = (self.max_days, self.study_days, self.min_count, self.clusters_at_most)
        if min(least) < 1 or min(self.replicates, self.stop_after) < 0:
            raise ValueError("Days, counts and clusters are 1 or more, replicates 0 or more.")
        if self.statistic not in ("poisson", "negative_binomial"):
            raise ValueError(f"There is no statistic {self.statistic!r}.")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Reports of a category gathered at some places in the days up to a night.

    ``method``: "scan" or "permutation". ``centre``: the place it lies around, -1 for a given
    set. ``places``: the centre first, then by distance. ``first_day``, ``last_day``: both
    included. ``relative_risk``: observed / expected. ``statistic``: the logarithm of the
    likelihood ratio. ``as_dense``: of ``replicates`` how many held a cylinder as strange anywhere.
    ``p``: by that rank; ``gumbel_p``: from the Gumbel distribution of their largest statistics;
    both NaN without replicates. ``rank``: 1 for the category's best.
    """

    method: str
    category: int
    centre: int
    places: tuple[int, ...]
    first_day: int
    last_day: int
    observed: int
    expected: float
    statistic: float
    as_dense: int
    p: float
    gumbel_p: float
    rank: int
    replicates: int

    @property
    def relative_risk(self) -> float:
        """How many times what was expected."""
        return self.observed / self.expected


@dataclass(frozen=True, slots=True)
class Nights:
    """The best cylinder of a category on each of n nights, without its chance; all (n,).

    ``zone``: for ``Neighbourhoods.places_of``, -1 where nothing was above what was expected.
    ``length``: its days, 0 then. ``observed``, ``expected``: reports in it.
    """

    night: Ints
    statistic: Floats
    zone: Ints
    length: Ints
    observed: Ints
    expected: Floats


def scan(
    layers: Sequence[Layer],
    hoods: Neighbourhoods,
    settings: ScanSettings | None = None,
    *,
    night: int | None = None,
    seed: int = 0,
    threads: int = 1,
) -> list[Cluster]:
    """Clusters of each category up to a night against its baseline, category by category.

    ``night``: the last day of every cylinder, each layer's last if None. Replicates are drawn
    from the baseline alone (their totals vary: a bad day of the whole street is a cluster of all
    its places). A layer's answer depends on the seed, the category and the night, not on what
    else is scanned nor on ``threads``. ValueError where a baseline does not fit.
    """
    chosen = settings or ScanSettings()

    def made(layer: Layer, day: int) -> Night:
        return expected_night(layer, day, chosen.max_days, chosen.statistic)

    return _scanned("scan", made, layers, hoods, chosen, night, seed, threads)


def permutation_scan(
    layers: Sequence[Layer],
    hoods: Neighbourhoods,
    settings: ScanSettings | None = None,
    *,
    night: int | None = None,
    seed: int = 0,
    threads: int = 1,
) -> list[Cluster]:
    """Clusters by the space-time permutation (Kulldorff et al. 2005): reports, no baseline.

    What is expected is what comes of place and day being independent over ``study_days``; the
    replicates shuffle the days among the reports. A day that is bad everywhere is no cluster
    here, nor is a place that always reports much.
    """
    chosen = settings or ScanSettings()

    def made(layer: Layer, day: int) -> Night:
        return shuffled_night(layer, day, chosen.max_days, chosen.study_days)

    return _scanned("permutation", made, layers, hoods, chosen, night, seed, threads)


def statistics_only(
    layer: Layer,
    hoods: Neighbourhoods,
    settings: ScanSettings | None = None,
    *,
    nights: Sequence[int] | Ints,
    permutation: bool = False,
    threads: int = 1,
) -> Nights:
    """The best cylinder of each of some nights, without replicates: for replaying a year.

    The same statistic, zone and days that ``scan`` (or ``permutation_scan``) gives as rank 1.
    """
    chosen = settings or ScanSettings()

    def one(day: int) -> tuple[float, int, int, int, float]:
        if permutation:
            night = shuffled_night(layer, day, chosen.max_days, chosen.study_days)
        else:
            night = expected_night(layer, day, chosen.max_days, chosen.statistic)
        _fits(night, hoods)
        statistic, zone, length = best_cylinder(
            night.count,
            night.mean,
            night.excess,
            night.total,
            hoods.members,
            hoods.start,
            hoods.ends,
            chosen.min_count,
        )
        observed, expected = _inside(night, hoods, zone, length)
        return statistic, zone, length, observed, expected

    days = [int(day) for day in nights]
    found = each(one, days, threads)
    return Nights(
        np.array(days, dtype=np.int64),
        np.array([best[0] for best in found], dtype=np.float64),
        np.array([best[1] for best in found], dtype=np.int64),
        np.array([best[2] for best in found], dtype=np.int64),
        np.array([best[3] for best in found], dtype=np.int64),
        np.array([best[4] for best in found], dtype=np.float64),
    )


def _scanned(
    method: str,
    made: Callable[[Layer, int], Night],
    layers: Sequence[Layer],
    hoods: Neighbourhoods,
    settings: ScanSettings,
    night: int | None,
    seed: int,
    threads: int,
) -> list[Cluster]:
    clusters: list[Cluster] = []
    for layer in layers:
        day = layer.last_day if night is None else night
        tonight = made(layer, day)
        _fits(tonight, hoods)
        found = _ranked(tonight, hoods, settings)
        if not found:
            continue
        chance = replicated(
            tonight,
            hoods,
            least=settings.min_count,
            replicates=settings.replicates,
            stop_after=settings.stop_after,
            statistic=found[0][0],
            seed=np.random.SeedSequence([seed, layer.category + 1, day]),
            threads=threads,
        )
        for rank, one in enumerate(found, start=1):
            clusters.append(_cluster(method, layer, tonight, hoods, day, rank, one, chance))
    return clusters


def _ranked(
    night: Night, hoods: Neighbourhoods, settings: ScanSettings
) -> list[tuple[float, int, int]]:
    """Statistic, zone and days of the best cluster and of those that share no place with it."""
    best, length = zone_bests(
        night.count,
        night.mean,
        night.excess,
        night.total,
        hoods.members,
        hoods.start,
        hoods.ends,
        settings.min_count,
    )
    taken = np.zeros(hoods.places, dtype=np.bool_)
    found: list[tuple[float, int, int]] = []
    while len(found) < settings.clusters_at_most:
        zone = next_zone(best, taken, hoods.members, hoods.start)
        if zone < 0:
            break
        found.append((float(best[zone]), zone, int(length[zone])))
        taken[list(hoods.places_of(zone))] = True
    return found


def _cluster(
    method: str,
    layer: Layer,
    night: Night,
    hoods: Neighbourhoods,
    day: int,
    rank: int,
    found: tuple[float, int, int],
    chance: Chance,
) -> Cluster:
    statistic, zone, length = found
    observed, expected = _inside(night, hoods, zone, length)
    made = len(chance.maxima)
    return Cluster(
        method=method,
        category=layer.category,
        centre=int(hoods.centre[hoods.group_of(zone)]),
        places=hoods.places_of(zone),
        first_day=day - length + 1,
        last_day=day,
        observed=observed,
        expected=expected,
        statistic=statistic,
        as_dense=chance.as_large(statistic),
        p=chance.p(statistic) if made else float("nan"),
        gumbel_p=chance.gumbel_p(statistic),
        rank=rank,
        replicates=made,
    )


def _inside(night: Night, hoods: Neighbourhoods, zone: int, length: int) -> tuple[int, float]:
    """Reports observed and expected in a cylinder; zeros where there is none."""
    if zone < 0:
        return 0, 0.0
    places = list(hoods.places_of(zone))
    count, mean = night.count[places, length - 1], night.mean[places, length - 1]
    return int(count.sum()), float(mean.sum())


def _fits(night: Night, hoods: Neighbourhoods) -> None:
    if len(night.count) != hoods.places:
        raise ValueError("Counts and neighbourhoods are not of the same places.")
