"""A street's budget of warnings per week, made into one threshold; and false discovery.

All kinds of statistic are compared on one scale, the recurrence interval, so one threshold in days
serves all of them: it is found by counting, over the replayed nights, how many warnings the
nightly run would have said (joined as it joins them: one for a category however many methods
agree, one for a run of nights), and taking the shortest interval that keeps the budget.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.warn.calibrate.peaks import runs
from streetwise.warn.values import Flags, Floats


@dataclass(frozen=True, slots=True)
class Budget:
    """``a_week``: warnings on average. ``gap_nights``: what is quiet for longer is over.

    ``shortest_days``: no finding that comes more often than this is said, whatever the budget.
    """

    a_week: float = 1.0
    gap_nights: int = 7
    shortest_days: float = 30.0


def threshold_days(recurrence: Floats, budget: Budget, known: Flags | None = None) -> float:
    """The shortest interval at which the replayed nights (C, N) keep the budget.

    ``known``: (N,), nights that were replayed at all (default: all). Where even the strangest
    night would be over the budget, infinite only if the budget is 0: there is always room for the
    strangest of a week.
    """
    seen = np.ones(recurrence.shape[1], dtype=bool) if known is None else known
    allowed = budget.a_week * seen.sum() / 7.0
    played = np.where(seen, recurrence, 0.0)
    levels = np.unique(played[played >= budget.shortest_days])
    low, high = 0, len(levels)
    while low < high:
        middle = (low + high) // 2
        if len(runs(played, float(levels[middle]), budget.gap_nights)) <= allowed:
            high = middle
        else:
            low = middle + 1
    if low == 0:
        return budget.shortest_days
    if low == len(levels):
        return float(np.nextafter(levels[-1], np.inf))
    # Between two levels the number is the same: the middle (of their logarithms) is fair to both.
    return float(np.sqrt(levels[low - 1] * levels[low]))


def false_discovery(chances: Floats, share: float, dependent: bool = False) -> Flags:
    """Which of tonight's m chances (p-values) may be said so that at most ``share`` is false.

    Benjamini & Hochberg 1995; ``dependent``: Benjamini & Yekutieli 2001, for any dependence. It
    holds within one night; over nights the budget does.
    """
    m = len(chances)
    found = np.zeros(m, dtype=bool)
    if m == 0:
        return found
    share = share / float(np.sum(1.0 / np.arange(1, m + 1))) if dependent else share
    order = np.argsort(chances, kind="stable")
    passing = np.flatnonzero(chances[order] <= share * np.arange(1, m + 1) / m)
    if len(passing):
        found[order[: passing[-1] + 1]] = True
    return found
