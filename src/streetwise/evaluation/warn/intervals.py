"""Intervals for shares, rates and medians: what so few trials can say."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy.stats import binom, chi2

Interval = tuple[float, float]

Z95 = 1.959963984540054


def wilson(found: int, of: int) -> Interval:
    """95 % interval of a share (Wilson 1927); (0, 1) where nothing was tried."""
    if of == 0:
        return 0.0, 1.0
    share, z2 = found / of, Z95 * Z95
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    # At the ends the formula is exact but for rounding.
    low = 0.0 if found == 0 else max(0.0, middle - half)
    return low, 1.0 if found == of else min(1.0, middle + half)


def poisson_rate(count: int, exposure: float) -> Interval:
    """95 % interval of a rate, count per unit of exposure (Garwood 1936)."""
    if not exposure > 0:
        raise ValueError("A rate needs an exposure above 0.")
    low = float(chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    return low / exposure, float(chi2.ppf(0.975, 2 * (count + 1))) / 2 / exposure


def median(values: Sequence[float]) -> float:
    """The median, infinite where half or more are; NaN of nothing."""
    ordered = sorted(values)
    if not ordered:
        return math.nan
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return low if low == high else (low + high) / 2


def median_interval(values: Sequence[float]) -> Interval:
    """95 % interval of a median by order statistics; with fewer than six values the range."""
    ordered = sorted(values)
    if not ordered:
        return math.nan, math.nan
    # The widest rank k with P(Binomial(n, 1/2) < k) <= 2.5 %.
    k = int(binom.ppf(0.025, len(ordered), 0.5))
    return ordered[max(k - 1, 0)], ordered[min(len(ordered) - k, len(ordered) - 1)]
