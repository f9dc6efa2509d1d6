"""Sums: were there more reports in the last 1, 3, 7, 14 nights than expected?

Each series and window has the score -ln P(X >= observed), X negative binomial with the window's
expected sum and a size matched to the variance that its days add up to. Days of one series are not
independent and models are not right, so the score is no chance yet: replay makes it one
(``calibrate``), for each window by itself, so that long windows (which real series fill with their
slow ups and downs) do not take from short ones.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, gammainc

from streetwise.warn.late import AGES
from streetwise.warn.nightly.lateness import Lateness
from streetwise.warn.values import Floats, Ints

#: Scores stop here: beyond, differences mean nothing, and infinity would not add up.
HIGHEST = 690.0
#: An excess of variance below this share of the mean is Poisson: its size would be huge.
_POISSON = 1e-6


def window_scores(
    counts: Ints,
    mean: Floats,
    size: Floats,
    windows: tuple[int, ...],
    least: int = 1,
    unsure: Floats | None = None,
) -> Floats:
    """(W, S, T) scores of the windows that end on each day.

    ``counts``, ``mean``, ``size``: (S, T); mean NaN where nothing was expected yet or nothing was
    counted: a window that touches it has the score NaN. ``least``: with fewer reports a window
    has the score 0. ``unsure``: (S, T), the square of how unsure the mean is, relative to it, at a
    window's last day: days of one window share it, so it does not average out.
    """
    days = counts.shape[1]
    found = np.full((len(windows), len(counts), days), np.nan)
    observed = _running(counts.astype(np.float64))
    expected = _running(mean)
    spread = _running(mean * mean / size)
    bad = _running(np.isnan(mean).astype(np.float64))
    for number, width in enumerate(windows):
        start = width - 1
        if start >= days:
            continue
        ends, begins = slice(start + 1, days + 1), slice(start + 1 - width, days + 1 - width)
        seen = observed[:, ends] - observed[:, begins]
        due = expected[:, ends] - expected[:, begins]
        more = spread[:, ends] - spread[:, begins]
        if unsure is not None:
            more = more + due * due * unsure[:, start:]
        touched = bad[:, ends] - bad[:, begins] > 0
        scores = np.where(seen < least, 0.0, surprise(seen, due, more))
        found[number, :, start:] = np.where(touched, np.nan, scores)
    return found


def late_scores(
    counts: Ints,
    mean: Floats,
    size: Floats,
    windows: tuple[int, ...],
    late: Lateness,
    first_day: int,
    least: int = 1,
    unsure: Floats | None = None,
) -> Floats:
    """As ``window_scores`` gives them, each night judged by what of its days was here on it.

    ``first_day``: of the first column. Of a day with the mean m and the size k of which on average
    p is here, with the variance v from day to day, p m are expected, and their variance is
    p m + p² m² / k + v m² (1 + 1 / k).
    """
    days = counts.shape[1]
    columns = slice(first_day - late.first_day, first_day - late.first_day + days)
    found = np.full((len(windows), len(counts), days), np.nan)
    observed, expected, spread, bad = (np.zeros(counts.shape) for _ in range(4))
    known, unknown = np.nan_to_num(mean), np.isnan(mean)
    for age in range(min(max(windows), days)):
        due, seen, extra = known, counts, np.zeros(1)
        if age < AGES:
            share, varies = (one[:, columns] for one in late.here(age))
            due, seen = known * share, counts - late.missing(age)[:, columns]
            extra = varies * known * known
        more = (due * due + extra) / size + extra
        until = days - age
        observed[:, age:] += seen[:, :until]
        expected[:, age:] += due[:, :until]
        spread[:, age:] += more[:, :until]
        bad[:, age:] += unknown[:, :until]
        for number in np.flatnonzero(np.array(windows) == age + 1).tolist():
            more = spread if unsure is None else spread + expected * expected * unsure
            scores = np.where(observed < least, 0.0, surprise(observed, expected, more))
            found[number, :, age:] = np.where(bad > 0, np.nan, scores)[:, age:]
    return found


def surprise(observed: Floats, mean: Floats, more: Floats) -> Floats:
    """-ln P(X >= observed) of a negative binomial with this mean and ``more`` variance than it."""
    mean = np.maximum(mean, 1e-9)
    poisson = more <= _POISSON * mean
    size = mean * mean / np.where(poisson, 1.0, np.maximum(more, 1e-300))
    chance = np.where(
        poisson,
        gammainc(np.maximum(observed, 1.0), mean),
        betainc(np.maximum(observed, 1.0), size, mean / (mean + size)),
    )
    scores = -np.log(np.maximum(chance, np.exp(-HIGHEST)))
    found: Floats = np.where(observed <= 0, 0.0, scores)
    return found


def _running(values: Floats) -> Floats:
    """(S, T + 1): sums of the first columns, NaN as nothing."""
    summed = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(np.nan_to_num(values), axis=1, out=summed[:, 1:])
    return summed
