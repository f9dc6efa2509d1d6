"""EARS C1, C2 and C3: a day against its last week. For places with under a year of history.

Hutwagner et al. (2003), The bioterrorism preparedness and response Early Aberration Reporting
System (EARS), J. Urban Health 80; Fricker, Hegler & Dunfee (2008), Comparing syndromic
surveillance detection methods, Statistics in Medicine 27. With mean m and standard deviation s of
the last ``baseline`` days and z the normal quantile of 1 - alpha, a day alarms above m + z * s.
C1 uses the days just before; C2 leaves out the two newest, so that a rise does not hide itself;
C3 adds what the two days before lay above: its bound is lower by s times their excess over 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from streetwise.kernel.errors import Invalid
from streetwise.warn.values import Flags, Floats, Ints

Method = Literal["C1", "C2", "C3"]
#: Newest days before the judged one that are not used.
LAG = {"C1": 0, "C2": 2, "C3": 2}
#: A statistic divides by no less, so that it stays a number where all days were alike.
SPREAD_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Ears:
    """S series over T days (or weeks); arrays of shape (S, T) but ``judged``: (T,).

    ``mean``, ``spread``: of the baseline. ``carried``: what C3 adds from the two days before, 0
    for the others. ``statistic``: how many spreads above the mean, plus ``carried``. ``bound``:
    a count above it alarms. ``judged``: False for the first days, which have not enough history:
    nothing alarms there, the mean is 0 and the bound infinite.
    """

    mean: Floats
    spread: Floats
    carried: Floats
    statistic: Floats
    bound: Floats
    alarm: Flags
    judged: Flags


def ears(
    counts: Ints,
    method: Method = "C2",
    *,
    baseline: int = 7,
    alpha: float = 0.001,
    least_spread: float = 0.5,
) -> Ears:
    """Judge ``counts`` (S, T), 0 and more, each by the ``baseline`` days before it.

    ``alpha``: probability that an ordinary day alarms, were counts normal. ``least_spread``: no
    standard deviation is taken as smaller, as a single case after a week without any would
    alarm. Raises ``Invalid`` for settings that cannot be meant.
    """
    if baseline < 2 or not 0 < alpha < 0.5 or least_spread < 0:
        raise Invalid("EARS needs a baseline of 2 days or more and an alpha between 0 and 0.5.")
    lag, normal = LAG[method], float(ndtri(1 - alpha))
    mean, spread = _baseline(counts, baseline, lag)
    first = baseline + lag
    spread[:, first:] = np.maximum(spread[:, first:], least_spread)
    statistic = (counts - mean) / np.maximum(spread, SPREAD_LEAST)
    statistic[:, :first] = 0.0
    carried = np.zeros_like(mean)
    if method == "C3":
        above = np.maximum(statistic - 1.0, 0.0)
        for back in (1, 2):
            carried[:, back:] += above[:, :-back]
        # A day is judged only where the two before it were.
        first += 2
        statistic += carried
    judged = np.arange(counts.shape[1]) >= first
    bound = np.where(judged, np.maximum(mean + spread * (normal - carried), 0.0), np.inf)
    return Ears(
        np.where(judged, mean, 0.0),
        np.where(judged, spread, 0.0),
        np.where(judged, carried, 0.0),
        np.where(judged, statistic, 0.0),
        bound,
        np.asarray(counts > bound),
        judged,
    )


def _baseline(counts: Ints, baseline: int, lag: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation (n - 1) of the days before each day; 0 where there are too few.

    By sums of whole numbers, which are exact: no spread is left over where all days are alike.
    """
    whole = counts.astype(np.int64)
    sums, squares = (
        np.concatenate([np.zeros((len(whole), 1), np.int64), np.cumsum(of, axis=1)], axis=1)
        for of in (whole, whole * whole)
    )
    mean, spread = np.zeros(counts.shape), np.zeros(counts.shape)
    first = baseline + lag
    if counts.shape[1] > first:
        end = np.arange(first, counts.shape[1]) - lag
        total = sums[:, end] - sums[:, end - baseline]
        square = squares[:, end] - squares[:, end - baseline]
        mean[:, first:] = total / baseline
        off = (square * baseline - total * total) / (baseline * (baseline - 1))
        spread[:, first:] = np.sqrt(off)
    return mean, spread
