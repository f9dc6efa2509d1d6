"""Farrington's method: is this week's count above what the same weeks of past years lead to expect?

Farrington et al. (1996), A statistical algorithm for the early detection of outbreaks of
infectious disease, J. R. Stat. Soc. A 159; Noufaily et al. (2013), An improved algorithm for
outbreak detection in multiple surveillance systems, Statistics in Medicine 32. Many series at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from streetwise.kernel.errors import Invalid
from streetwise.warn.compare import fitting
from streetwise.warn.compare.settings import FarringtonSettings
from streetwise.warn.compare.weeks import plan
from streetwise.warn.values import Flags, Floats, Ints

#: Years from which a trend can be told from chance (Farrington et al. 1996).
TREND_YEARS = 3
#: A bound may lie below a small expectation; a score divides by half a case at least.
SCORE_ROOM = 0.5


class State(IntEnum):
    """What became of a week: judged; too few cases lately to alarm; not enough history."""

    JUDGED = fitting.JUDGED
    FEW = fitting.FEW
    NO_HISTORY = fitting.NO_HISTORY


@dataclass(frozen=True, slots=True)
class Judgement:
    """S series in N weeks; arrays of shape (S, N) but ``week``: (N,), the columns judged.

    ``expected``: mean of an ordinary week. ``upper``: its bound; only a count above it alarms.
    ``p_value``: probability of so many cases or more in an ordinary week. ``dispersion``:
    variance / mean, 1 at least. ``slope``: of log mean a year, 0 where no trend was kept.
    ``state``: a ``State``; without enough history nothing is expected (0) and the bound is
    infinite. Nothing is ever NaN.
    """

    week: Ints
    observed: Ints
    expected: Floats
    upper: Floats
    p_value: Floats
    dispersion: Floats
    slope: Floats
    state: Ints
    alarm: Flags

    @property
    def score(self) -> Floats:
        """(S, N): 0 as expected, 1 at the bound, more above it; 0 without enough history."""
        room = np.maximum(self.upper - self.expected, SCORE_ROOM)
        return np.asarray((self.observed - self.expected) / room)


def farrington(
    counts: Ints,
    settings: FarringtonSettings | None = None,
    *,
    weeks: Ints | None = None,
    first_day: int | None = None,
) -> Judgement:
    """Judge weekly ``counts`` (S, T), 0 and more, in the columns ``weeks`` (default: all).

    ``first_day``: the day (since 1970-01-01) on which the week of column 0 starts; without it
    a year has 52 weeks. Raises ``Invalid`` for counts below 0 or weeks outside the series.
    """
    chosen = settings or FarringtonSettings()
    if counts.ndim != 2:
        raise Invalid("Counts must have two dimensions: series and weeks.")
    if counts.size and counts.min() < 0:
        raise Invalid("A count is below 0.")
    week = np.arange(counts.shape[1], dtype=np.int64) if weeks is None else weeks.astype(np.int64)
    if week.size and (week.min() < 0 or week.max() >= counts.shape[1]):
        raise Invalid("A week to judge lies outside the series.")
    shape = (counts.shape[0], len(week))
    plans = plan(week, chosen, first_day)
    figures = np.zeros((5, *shape))
    state, alarm = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.bool_)
    fitting.judge(
        np.ascontiguousarray(counts, dtype=np.int64),
        plans.week,
        plans.start,
        plans.zone,
        plans.years,
        chosen.periods,
        chosen.alpha,
        float(ndtri(1 - chosen.alpha)),
        chosen.bound == "two_thirds",
        np.inf if chosen.reweight_above is None else chosen.reweight_above,
        TREND_YEARS if chosen.trend else chosen.years_back + 1,
        _kept_above(chosen.trend_p, plans.zone.shape[1]),
        chosen.few_cases,
        chosen.few_weeks,
        figures,
        state,
        alarm,
    )
    expected, upper, p_value, dispersion, slope = figures
    return Judgement(
        plans.week, counts[:, week], expected, upper, p_value, dispersion, slope, state, alarm
    )


def _kept_above(p: float, length: int) -> NDArray[np.float64]:
    """|t| above which a trend is kept, by degrees of freedom from 0 to ``length``."""
    if p >= 1:
        return np.zeros(length + 1)
    kept = np.full(length + 1, np.inf)
    kept[1:] = stdtrit(np.arange(1, length + 1), 1 - p / 2)
    return kept
