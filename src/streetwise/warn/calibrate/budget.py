"""A street's budget of warnings per week, made into one threshold; and false discovery.

All kinds of statistic are compared on one scale, the recurrence interval, so one threshold in days
serves all of them: it is found by counting, over the replayed nights, how many warnings the
nightly run would have said (counted as it joins them: one however many methods agree, one for a
run of nights), and taking the shortest interval that keeps the budget.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from streetwise.warn.values import Floats


@dataclass(frozen=True, slots=True)
class Budget:
    """``a_week``: warnings on average. ``gap_nights``: what is quiet for longer is over.

    ``again_nights``: what is still found so many nights after it was told is told again, and
    counts again (0: never). ``worse_times``: so is what became so many times as seldom as when it
    was told; infinite (never) by default: measured, it brought large doublings later, not sooner.
    ``jump_times``: so is, whatever the budget, what is so many times as much beyond its expectation
    as when it was told (observed by expected): a storm must not hide behind a small warning.
    ``shortest_days``: no finding that comes more often than this is said, whatever the budget.
    ``beyond_days``: what is more seldom than this, and than all history can say, is told though a
    week be full.
    """

    a_week: float = 1.0
    gap_nights: int = 3
    again_nights: int = 14
    worse_times: float = math.inf
    jump_times: float = 5.0
    shortest_days: float = 14.0
    beyond_days: float = 365.0

    def tells_again(self, nights: int, told_days: float, days: float) -> bool:
        """Whether what was told ``nights`` ago, at a recurrence of ``told_days``, is told again."""
        lasts = self.again_nights > 0 and nights >= self.again_nights
        return lasts or (nights > 0 and days >= self.worse_times * told_days)

    def jumped(self, nights: int, told_factor: float, factor: float) -> bool:
        """Whether what was told ``nights`` ago at ``told_factor`` is a matter of another size."""
        return nights > 0 and factor >= self.jump_times * told_factor


def threshold_days(
    recurrence: Floats, warnings: Callable[[float], int], nights: int, budget: Budget
) -> float:
    """The shortest interval in days at which ``nights`` replayed nights keep the budget.

    ``recurrence``: of all findings of these nights, in any order. ``warnings``: how many warnings
    would have been said at a threshold; it should not rise with it (where it does, by one run
    that breaks in two, one of the places where the budget is met is found).
    """
    if budget.a_week <= 0:
        return float("inf")
    allowed = budget.a_week * nights / 7.0
    levels = np.unique(recurrence[recurrence >= budget.shortest_days])
    low, high = 0, len(levels)
    while low < high:
        middle = (low + high) // 2
        if warnings(float(levels[middle])) <= allowed:
            high = middle
        else:
            low = middle + 1
    if low == 0:
        return budget.shortest_days
    if low == len(levels):
        return float(np.nextafter(levels[-1], np.inf))
    # Between two levels the number is the same: the middle (of their logarithms) is fair to both.
    return float(np.sqrt(levels[low - 1] * levels[low]))
