"""The level of each series by memories of several lengths, and how to mix them.

A level is what came, over what the shape alone would have brought, both forgotten at the same
rate: for Poisson counts the likeliest level with exponentially fading evidence. Beside the
memories stands the share of the coarser series (``Series.parent``): its own short memory times the
child's long share of it, so that a quiet cell hears of a wave around it. The mixture's weights are
0 or more and found by expectation maximisation (the update of Lee and Seung, 2001, which is EM for
a sum of Poisson streams): it raises the likelihood at every step, so nothing can diverge.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from streetwise.warn.values import Floats, Ints, Series

MEMORY_DAYS = (7.0, 21.0, 60.0, 180.0, 720.0)
_SHORT, _LONG = 0, 4
#: What a series without a report is taken to have had in its memory: a child of little.
_PRIOR_REPORTS = 0.2
_PRIOR_DAYS = 60.0
COMPONENTS = len(MEMORY_DAYS) + 1


class Levels:
    """The memories of all series at the end of every day."""

    def __init__(self, series: Series, of_category: Ints) -> None:
        self._series, self._of = series, of_category
        counts = series.counts.astype(np.float64)
        self._came = np.array([_faded(counts, memory) for memory in MEMORY_DAYS])

    def components(self, shape: Floats, shape_faded: Floats, column: int, until: int) -> Floats:
        """(S, COMPONENTS): reports that each memory expects in columns column … until - 1.

        ``shape``: (C, T + ahead); ``shape_faded``: as ``fade_shape`` gives it. Nothing that came
        in ``column`` or later is used.
        """
        ahead = shape[:, column:until].sum(axis=1)[self._of]
        came = self._came[:, :, column - 1]
        would = shape_faded[:, :, column - 1][:, self._of]
        prior = self._prior(came[_LONG], would[_LONG])
        weight = np.minimum(_PRIOR_DAYS, np.array(MEMORY_DAYS))[:, None]
        level = (came + prior * weight * 0.1) / (would + weight * 0.1)
        parent = self._series.parent
        has = parent >= 0
        up = np.where(has, parent, 0)
        share = np.where(has, level[_LONG] / np.maximum(level[_LONG][up], 1e-9), 1.0)
        from_parent = np.where(has, level[_SHORT][up] * share, level[_SHORT])
        return np.vstack([level, from_parent]).T * ahead[:, None]

    def _prior(self, came: Floats, would: Floats) -> Floats:
        """A level for those that have hardly any past: the mean of their category, shrunk."""
        size = int(self._of.max()) + 1 if len(self._of) else 0
        inner = self._series.parent >= 0
        inner = inner if inner.any() else np.ones(len(inner), dtype=np.bool_)
        total = np.bincount(self._of[inner], weights=came[inner], minlength=size)
        weight = np.bincount(self._of[inner], weights=would[inner], minlength=size)
        mean = (total + _PRIOR_REPORTS) / (weight + _PRIOR_DAYS)
        return mean[self._of]


def fade_shape(shape: Floats) -> Floats:
    """(memories, C, T): what the shape alone would have brought, faded as the counts are."""
    return np.array([_faded(shape, memory) for memory in MEMORY_DAYS])


def mix(components: Floats, counts: Floats, steps: int = 80) -> Floats:
    """Weights (K,), 0 and more, of components (n, K) whose sum is likeliest for counts (n,)."""
    width = components.shape[1]
    weights = np.full(width, 1.0 / width)
    whole = components.sum(axis=0)
    some = counts > 0
    if not some.any() or not np.all(whole > 0):
        return weights
    chosen, came = components[some], counts[some]
    for _ in range(steps):
        weights = weights * (chosen.T @ (came / np.maximum(chosen @ weights, 1e-12))) / whole
    return weights


def _faded(values: Floats, memory: float) -> Floats:
    keep = float(np.exp(-1.0 / memory))
    faded: Floats = lfilter([1.0], [1.0, -keep], values, axis=-1)
    return faded
