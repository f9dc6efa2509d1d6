"""What is compared: profiles, repeats, scatter, concentration. Pure: arrays in, figures out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Near in place and time: metres and days.
NEAR_METRES, NEAR_DAYS = 100.0, 7
#: Days over which a slow trend is taken: whole weeks, so that weekdays weigh the same in it.
TREND_DAYS = 35


# --- rhythm ---


def profile(values: Ints, size: int) -> Floats:
    """Share of each value 0 to size - 1."""
    counts = np.bincount(values, minlength=size)[:size].astype(np.float64)
    found: Floats = counts / max(counts.sum(), 1.0)
    return found


def daily(days: Ints) -> Ints:
    """Reports on each day from the first to the last; days are whole numbers."""
    found: Ints = np.bincount(days - days.min()).astype(np.int64)
    return found


def weekday_means(days: Ints) -> Floats:
    """Reports on a Monday, …, Sunday, each against the mean day. Day 0 is 1970-01-01."""
    counts = daily(days)
    weekday = _weekdays(int(days.min()), len(counts))
    means = np.array([counts[weekday == w].mean() for w in range(7)])
    found: Floats = means / means.mean()
    return found


def _weekdays(first: int, count: int) -> Ints:
    """Weekdays of so many days, Monday = 0: 1970-01-01 was a Thursday."""
    found: Ints = (np.arange(first, first + count, dtype=np.int64) + 3) % 7
    return found


# --- scatter ---


@dataclass(frozen=True, slots=True)
class Scatter:
    """How daily counts scatter around weekday and slow trend.

    ``ratio``: variance to mean (1: a Poisson). ``extra``: standard deviation, relative to the
    mean, of what shakes the rate itself; unlike ``ratio`` it does not grow with the counts.
    ``lag1``, ``lag7``: correlation of the residuals with those of so many days before.
    """

    mean: float
    ratio: float
    extra: float
    lag1: float
    lag7: float


def scatter(counts: Ints, first_weekday: int = 0) -> Scatter:
    """Of counts day by day."""
    x = counts.astype(np.float64)
    expected = expectation(x, first_weekday)
    freedom = max(1.0, len(x) - 6.0 - len(x) / TREND_DAYS)
    pearson = (x - expected) / np.sqrt(np.maximum(expected, 1e-9))
    ratio = float((pearson**2).sum() / freedom)
    mean = float(x.mean())
    extra = math.sqrt(max(0.0, ratio - 1.0) / mean) if mean > 0 else 0.0
    return Scatter(mean, ratio, extra, correlation(pearson, 1), correlation(pearson, 7))


def expectation(x: Floats, first_weekday: int) -> Floats:
    """Moving mean over ``TREND_DAYS`` times a factor for each weekday."""
    trend = moving_mean(x, TREND_DAYS)
    weekday = (np.arange(len(x)) + first_weekday) % 7
    factor = np.array(
        [x[weekday == w].sum() / max(trend[weekday == w].sum(), 1e-9) for w in range(7)]
    )
    found: Floats = trend * factor[weekday]
    return found


def moving_mean(x: Floats, width: int) -> Floats:
    """Centred; at both ends over as many days as there are on either side."""
    half = width // 2
    total = np.concatenate([[0.0], np.cumsum(x)])
    low = np.maximum(np.arange(len(x)) - half, 0)
    high = np.minimum(np.arange(len(x)) + half + 1, len(x))
    found: Floats = (total[high] - total[low]) / (high - low)
    return found


def correlation(x: Floats, lag: int) -> float:
    """Of a series with itself ``lag`` steps before; 0 where it does not vary."""
    a, b = x[lag:], x[:-lag]
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def scatter_by_type(days: Ints, types: Ints, least: float) -> list[Scatter]:
    """Of every type with at least ``least`` reports a day, the frequent first."""
    first, count = int(days.min()), int(days.max() - days.min()) + 1
    found = []
    for kind in range(int(types.max()) + 1):
        mine = days[types == kind] - first
        if len(mine) >= least * count:
            counts = np.bincount(mine, minlength=count).astype(np.int64)
            found.append(scatter(counts, (first + 3) % 7))
    return sorted(found, key=lambda s: -s.mean)


# --- repeats ---


def exact_repeats(texts: Sequence[str]) -> float:
    """Share of texts that another one before them has word for word."""
    return 1.0 - len(set(texts)) / len(texts) if texts else 0.0


def near_repeats(xy: Floats, times: Floats, types: Ints) -> float:
    """Share of reports before which one of the same type came, no farther than ``NEAR_METRES``
    and no longer than ``NEAR_DAYS`` ago. ``xy`` in metres, ``times`` in days.
    """
    hits = 0
    for kind in np.unique(types):
        mine = np.flatnonzero(types == kind)
        mine = mine[np.argsort(times[mine], kind="stable")]
        hits += _near(xy[mine], times[mine])
    return hits / len(times)


def _near(xy: Floats, times: Floats) -> int:
    """How many have one before them; ordered by time."""
    hits = 0
    lows = np.searchsorted(times, times - NEAR_DAYS, side="left")
    for i in range(1, len(times)):
        before = xy[lows[i] : i] - xy[i]
        hits += bool(((before**2).sum(axis=1) <= NEAR_METRES**2).any())
    return hits


def near_by_chance(xy: Floats, times: Floats, types: Ints, rng: np.random.Generator) -> float:
    """The same if each type's times were dealt anew to its places: what density alone brings."""
    dealt = times.copy()
    for kind in np.unique(types):
        mine = np.flatnonzero(types == kind)
        dealt[mine] = times[rng.permutation(mine)]
    return near_repeats(xy, dealt, types)


# --- concentration ---


def cells(xy: Floats, metres: float) -> Ints:
    """Reports in each square cell that has any, most first."""
    at = np.floor(xy / metres).astype(np.int64)
    _, counts = np.unique(at, axis=0, return_counts=True)
    found: Ints = np.sort(counts.astype(np.int64))[::-1]
    return found


def top_share(counts: Ints, share: float) -> float:
    """What part the busiest ``share`` of the cells holds; the last one in part."""
    ordered = np.sort(counts)[::-1].astype(np.float64)
    wanted = share * len(ordered)
    whole = int(wanted)
    held = ordered[:whole].sum()
    if whole < len(ordered):
        held += (wanted - whole) * ordered[whole]
    return float(held / ordered.sum())


def gini(counts: Ints) -> float:
    """0: all cells hold the same; near 1: one holds everything."""
    x = np.sort(counts).astype(np.float64)
    n = len(x)
    return float((2 * np.arange(1, n + 1) - n - 1) @ x / (n * x.sum()))


def lorenz(counts: Ints, points: int = 51) -> Floats:
    """Share of reports in the busiest 0, …, 100 % of the cells."""
    found: Floats = np.array([top_share(counts, s) for s in np.linspace(0, 1, points)])
    return found


@dataclass(frozen=True, slots=True)
class Spread:
    """How unevenly places have reports: middle over street-sized pieces."""

    pieces: int
    reports: int  # in each piece, after thinning
    top1: float
    top5: float
    top10: float
    gini: float
    gini_low: float
    gini_high: float
    curve: Floats


def spread(
    pieces: Sequence[Floats], reports: int, metres: float, rng: np.random.Generator
) -> Spread:
    """Of pieces (points in metres), each thinned to so many reports, in cells of so many metres.

    Few reports fall unevenly by chance alone; only pieces with as many can be compared.
    """
    ginis, tops, curves = [], [], []
    for piece in pieces:
        some = cells(piece[rng.permutation(len(piece))[:reports]], metres)
        ginis.append(gini(some))
        tops.append([top_share(some, s) for s in (0.01, 0.05, 0.1)])
        curves.append(lorenz(some))
    top1, top5, top10 = np.median(np.array(tops), axis=0)
    low, middle, high = np.quantile(ginis, (0.1, 0.5, 0.9))
    return Spread(
        len(pieces), reports, float(top1), float(top5), float(top10), float(middle), float(low),
        float(high), np.mean(np.array(curves), axis=0),
    )  # fmt: skip


def squares(xy: Floats, side: float, least: int) -> list[Floats]:
    """The points of each square of a grid that has at least so many."""
    at = np.floor(xy / side).astype(np.int64)
    _, which, counts = np.unique(at, axis=0, return_inverse=True, return_counts=True)
    which = which.reshape(-1)
    return [xy[which == n] for n in np.flatnonzero(counts >= least)]


def commonest(points: Floats) -> float:
    """Share of reports on the one point that most of them have."""
    if not len(points):
        return 0.0
    _, counts = np.unique(points, axis=0, return_counts=True)
    return float(counts.max() / len(points))


@dataclass(frozen=True, slots=True)
class Variety:
    """How reports are spread over categories. ``effective``: so many equally frequent ones would
    be as varied (exponential of Shannon's entropy).
    """

    kinds: int
    top1: float
    top5: float
    top10: float
    effective: float


def variety(kinds: Sequence[Hashable]) -> Variety:
    """Of the categories of some reports."""
    counts = np.array(sorted(Counter(kinds).values(), reverse=True), dtype=np.float64)
    p = counts / counts.sum()
    return Variety(
        len(p),
        float(p[0]),
        float(p[:5].sum()),
        float(p[:10].sum()),
        float(np.exp(-(p * np.log(p)).sum())),
    )


# --- times ---


@dataclass(frozen=True, slots=True)
class Waits:
    """How long things took, in days; what is not done yet counts as longer than all."""

    count: int
    p10: float
    p50: float
    p90: float
    p99: float
    within1: float
    within7: float
    within30: float


def waits(days: Floats) -> Waits:
    """Of waits in days; infinite where it is not done."""
    x = np.sort(days)
    p10, p50, p90, p99 = (float(x[min(len(x) - 1, int(q * len(x)))]) for q in (0.1, 0.5, 0.9, 0.99))
    within = [float((x <= limit).mean()) for limit in (1, 7, 30)]
    return Waits(len(x), p10, p50, p90, p99, *within)
