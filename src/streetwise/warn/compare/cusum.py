"""CUSUM charts over expected counts: a rise too slow for any single day to stand out.

``nb_cusum``: the likelihood ratio of "``rise`` times as many as expected" against "as expected",
summed, held at 0 or more, started anew after an alarm: Höhle & Paul (2008), Count data regression
charts for the monitoring of surveillance time series, Comput. Stat. Data Anal. 52. For a day with
count y, mean m and variance m + m²/n (n the size) it adds

    y log r - (y + n) log((n + r m) / (n + m)),  and  y log r - (r - 1) m  for Poisson.

The likelihood ratio has mean 1 while nothing rises, so chance brings a chart from 0 to a threshold
h in less than one of exp(h) tries: the mean time between false alarms is at least exp(h) days
(Lorden 1971, Procedures for reacting to a change in distribution, Ann. Math. Stat. 42).

``nb_ratio``: the same with the rise itself estimated (generalised likelihood ratio), for single
series: it looks at every possible beginning every day. ``rossi_cusum``: the chart of Poisson counts
made nearly normal by Rossi et al. (1999), An approximate CUSUM procedure for surveillance of health
events, Statistics in Medicine 18.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from streetwise.kernel.errors import Invalid
from streetwise.warn.compare.compiled import compiled
from streetwise.warn.values import Expected, Flags, Floats, Ints

#: The threshold of ``nb_cusum`` that brings a false alarm once a year at most.
YEARLY = math.log(365.0)
#: A mean is taken as no smaller: expected counts are above 0.
MEAN_LEAST = 1e-9
#: What ends the search for the most likely rise: a change of its logarithm below this.
RISE_TOLERANCE = 1e-10
RISE_STEPS = 50


@dataclass(frozen=True, slots=True)
class Cusum:
    """S series over T days; arrays of shape (S, T).

    ``value``: the chart, before it starts anew. ``alarm``: it reached the threshold. ``since``:
    the column in which the build-up under way began, that of the day itself while the value is 0.
    """

    value: Floats
    alarm: Flags
    since: Ints


def threshold_for(days: float) -> float:
    """The threshold of ``nb_cusum`` that brings a false alarm once in ``days`` days at most."""
    if days <= 1:
        raise Invalid("False alarms must be more than a day apart.")
    return math.log(days)


def nb_cusum(
    counts: Ints,
    expected: Expected,
    *,
    rise: float = 2.0,
    threshold: float | Floats = YEARLY,
    reset: bool = True,
) -> Cusum:
    """Chart ``counts`` (S, T) over ``expected`` for a lasting rise to ``rise`` times as many.

    ``threshold``: one for all, or (S,). ``reset``: start anew at 0 after an alarm. Raises
    ``Invalid`` where the shapes differ, or for a rise of 1 or less.
    """
    if counts.shape != expected.mean.shape:
        raise Invalid("Counts and expected counts have different shapes.")
    if not rise > 1:
        raise Invalid("A rise must be above 1.")
    return _charted(log_ratio(counts, expected, rise), threshold, reset)


def log_ratio(counts: Ints, expected: Expected, rise: float) -> Floats:
    """(S, T): log likelihood ratio of ``rise`` times as many against as many as expected."""
    mean = np.maximum(expected.mean, MEAN_LEAST)
    size = expected.size[:, None]
    with np.errstate(invalid="ignore"):
        # log((n + r m) / (n + m)) by log1p: n may be huge, and the ratio then nearly 1.
        step = np.log1p((rise - 1.0) * mean / (size + mean))
        spent = (counts + size) * step
    spent = np.where(np.isfinite(size), spent, (rise - 1.0) * mean)
    return np.asarray(counts * math.log(rise) - spent)


def rossi_cusum(
    counts: Ints,
    mean: Floats,
    *,
    reference: float = 1.04,
    threshold: float = 2.26,
    reset: bool = True,
) -> Cusum:
    """Chart Poisson ``counts`` (S, T) over their ``mean`` (S, T) in standard deviations.

    ``reference``: what each day must exceed to add to the chart (k).
    """
    mean = np.maximum(mean, MEAN_LEAST)
    made = (counts - 3.0 * mean + 2.0 * np.sqrt(counts * mean)) / (2.0 * np.sqrt(mean))
    return _charted(made - reference, threshold, reset, above=True)


def _charted(added: Floats, threshold: float | Floats, reset: bool, above: bool = False) -> Cusum:
    """``above``: an alarm must lie above the threshold, not on it."""
    limit = np.broadcast_to(np.asarray(threshold, dtype=np.float64), added.shape[:1])
    value = np.zeros(added.shape)
    alarm = np.zeros(added.shape, dtype=np.bool_)
    since = np.zeros(added.shape, dtype=np.int64)
    chart = np.zeros(len(added))
    began = np.zeros(len(added), dtype=np.int64)
    for day in range(added.shape[1]):
        began[chart <= 0.0] = day
        chart = np.maximum(chart + added[:, day], 0.0)
        value[:, day], since[:, day] = chart, np.where(chart > 0.0, began, day)
        alarm[:, day] = chart > limit if above else chart >= limit
        if reset:
            chart = np.where(alarm[:, day], 0.0, chart)
    return Cusum(value, alarm, since)


def nb_ratio(
    counts: Ints, expected: Expected, *, threshold: float = 5.0, lookback: int = 60
) -> Cusum:
    """Chart ``counts`` (S, T) with the rise estimated: its best beginning and its best factor.

    ``lookback``: how many days back a rise may have begun. Starts anew after an alarm. About
    ``lookback``² / 2 steps a day and series. Raises ``Invalid`` where the shapes differ.
    """
    if counts.shape != expected.mean.shape:
        raise Invalid("Counts and expected counts have different shapes.")
    if lookback < 1:
        raise Invalid("The lookback must be a day or more.")
    value = np.zeros(counts.shape)
    alarm = np.zeros(counts.shape, dtype=np.bool_)
    since = np.zeros(counts.shape, dtype=np.int64)
    _best_ratios(
        np.ascontiguousarray(counts, dtype=np.float64),
        np.ascontiguousarray(np.maximum(expected.mean, MEAN_LEAST)),
        np.ascontiguousarray(1.0 / expected.size),
        threshold,
        lookback,
        value,
        alarm,
        since,
    )
    return Cusum(value, alarm, since)


@compiled
def _best_ratios(
    counts: Floats,
    mean: Floats,
    extra: Floats,
    threshold: float,
    lookback: int,
    value: Floats,
    alarm: Flags,
    since: Ints,
) -> None:
    """Fill the charts; ``extra`` (S,): 1 / size, 0 for Poisson."""
    for s in range(counts.shape[0]):
        start = 0
        for day in range(counts.shape[1]):
            since[s, day] = day
            for first in range(max(start, day - lookback + 1), day + 1):
                found = _best_ratio(counts[s, first : day + 1], mean[s, first : day + 1], extra[s])
                if found > value[s, day]:
                    value[s, day], since[s, day] = found, first
            if value[s, day] >= threshold:
                alarm[s, day] = True
                start = day + 1


@compiled
def _best_ratio(counts: Floats, mean: Floats, extra: float) -> float:
    """The largest log likelihood ratio of any rise over these days; 0 where none is likelier.

    In the logarithm of the rise the ratio is concave, so that Newton's steps, kept between 0
    and a bound, find its top.
    """
    # No factor can be likelier than the one that would explain the most extreme day alone.
    highest = math.log((counts / mean).max() + 1.0)
    low, high, at = 0.0, highest, 0.0
    for _ in range(RISE_STEPS):
        gradient, curve, factor = 0.0, 0.0, math.exp(at)
        for i in range(len(counts)):
            risen = factor * mean[i]
            room = 1.0 + extra * risen
            gradient += (counts[i] - risen) / room
            curve += risen * (1.0 + extra * counts[i]) / (room * room)
        if gradient > 0.0:
            low = at
        else:
            high = at
        if at == 0.0 and gradient <= 0.0:
            return 0.0
        following = at + gradient / curve
        if not low <= following <= high:
            following = 0.5 * (low + high)
        if abs(following - at) < RISE_TOLERANCE:
            break
        at = following
    ratio, factor = 0.0, math.exp(at)
    for i in range(len(counts)):
        if extra == 0.0:
            ratio += counts[i] * at - (factor - 1.0) * mean[i]
        else:
            step = math.log1p((factor - 1.0) * mean[i] * extra / (1.0 + mean[i] * extra))
            ratio += counts[i] * at - (counts[i] + 1.0 / extra) * step
    return ratio
