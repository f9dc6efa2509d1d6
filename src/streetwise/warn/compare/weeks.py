"""Which past weeks a week is compared with: anniversaries, windows around them, zones between.

After Noufaily et al. (2013): the weeks within ``half_window`` of the same week in each of the past
years are the reference; the weeks between two such windows are divided into ``periods - 1`` zones
of nearly equal length, each with a level of its own in the model; the newest ``weeks_left_out``
weeks are not used, so that an outbreak under way does not raise its own bound.

Where the weeks have dates, the anniversary is the week whose start lies nearest to the same date
of the earlier year: a year then has 52 or 53 weeks as the calendar has it. Without dates a year
has ``PERIOD`` weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from streetwise.warn.compare.settings import FarringtonSettings
from streetwise.warn.values import Flags, Ints, date_of, day_of

#: Weeks of a year where the weeks have no dates.
PERIOD = 52


@dataclass(frozen=True, slots=True)
class Plan:
    """What N weeks are compared with.

    ``week``: (N,), the column that is judged. ``start``: (N,), the first column of its past.
    ``zone``: (N, L), for each column from ``start`` on: 0 the reference windows, 1 and more the
    zones between them, -1 not used. ``years``: (N,), how many years back, 0 where history does
    not reach (``zone`` is all -1 then).
    """

    week: Ints
    start: Ints
    zone: Ints
    years: Ints

    @property
    def enough(self) -> Flags:
        """(N,): whether there is enough history."""
        return np.asarray(self.years > 0)


def plan(week: Ints, settings: FarringtonSettings, first_day: int | None = None) -> Plan:
    """The plan for judging the columns ``week``; ``first_day``: the day column 0 starts on.

    Without ``first_day`` the weeks have no dates.
    """
    half = settings.half_window
    pasts: list[tuple[int, Ints]] = []
    years = np.zeros(len(week), dtype=np.int64)
    for row, column in enumerate(week.tolist()):
        bases = [anniversary(column, back, first_day) for back in range(1, settings.years_back + 1)]
        # Oldest first, and only those whose whole window lies in the series.
        bases = [base for base in reversed(bases) if base - half >= 0]
        if len(bases) < settings.years_needed:
            pasts.append((0, np.empty(0, dtype=np.int64)))
            continue
        years[row] = len(bases)
        pasts.append(_zones(column, bases, settings))
    zone = np.full((len(week), max([len(of) for _, of in pasts], default=0)), -1, dtype=np.int64)
    for row, (_, of) in enumerate(pasts):
        zone[row, : len(of)] = of
    start = np.array([first for first, _ in pasts], dtype=np.int64)
    return Plan(week.astype(np.int64), start, zone, years)


def anniversary(column: int, years: int, first_day: int | None) -> int:
    """The column of the same week ``years`` years earlier; may be below 0."""
    if first_day is None:
        return column - PERIOD * years
    earlier = _years_before(date_of(first_day + 7 * column), years)
    # Nearest start: whole days, so that three days round down and four up, never a tie.
    return (day_of(earlier) - first_day + 3) // 7


def _years_before(when: date, years: int) -> date:
    if (when.month, when.day) == (2, 29):
        when = when.replace(day=28)
    return when.replace(year=when.year - years)


def _zones(column: int, bases: list[int], settings: FarringtonSettings) -> tuple[int, Ints]:
    """The first column of the past, and the zone of each column from there on."""
    half, between = settings.half_window, settings.periods - 1
    start, end = bases[0] - half, column - settings.weeks_left_out
    zone = np.full(max(end - start, 0), -1, dtype=np.int64)
    for base, following in zip(bases, [*bases[1:], column], strict=True):
        first, last = base - half - start, base + half + 1 - start
        zone[first:last] = 0
        gap = following - half - (base + half + 1)
        if between and gap > 0:
            levels = 1 + np.arange(gap, dtype=np.int64) * between // gap
            room = zone[last : last + gap]
            room[:] = levels[: len(room)]
    return start, zone
