"""Hot spots for the rounds of the next days: cells ranked by what the next week will bring.

A log-linear Poisson model of a cell's reports in the coming week on what it and its surroundings
had before (``cells.py``), each as log(small + reports a week), learnt on the mornings of the weeks
that are over by now, all cells alike. Where there is too little past to learn from, cells are
ranked by the plain decay of 60 days, and the result says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.warn.forecast.cells import (
    BASELINE_SCALE_DAYS,
    WEEK_DAYS,
    CellGrid,
    CellWeeks,
    cell_weeks,
    grid_over,
)
from streetwise.warn.forecast.poisson import PoissonFit, fit_poisson
from streetwise.warn.values import Floats, Ints, Reports

RECENT_DAYS = 28


@dataclass(frozen=True, slots=True)
class HotSpotSettings:
    """``small``: reports a week added before the logarithm. ``ridge``: on standardised features.

    ``weeks_most``, ``weeks_least``: how many past mornings teach, at most, and at least for
    learning at all. ``warm_up_days``: mornings before these days of past teach nothing.
    ``reports_least``: with fewer taught reports nothing is learnt.
    """

    cell_metres: float = 500.0
    weeks_most: int = 104
    weeks_least: int = 20
    warm_up_days: int = 90
    reports_least: int = 300
    small: float = 0.02
    ridge: float = 50.0


@dataclass(frozen=True, slots=True)
class HotSpots:
    """N cells in order, the first is where most is expected.

    ``x``, ``y``: middles, metres; ``expected``: reports in the seven days from ``day`` on;
    ``recent``: reports of the 28 days before; ``usual``: reports a week by the slow memory (two
    years); ``learnt``: False where it is the plain decay. All arrays of shape (N,).
    """

    day: int
    cell_metres: float
    cells: Ints
    x: Floats
    y: Floats
    expected: Floats
    recent: Ints
    usual: Floats
    learnt: bool


def learn_hot_spots(weeks: CellWeeks, before: int, settings: HotSpotSettings) -> PoissonFit | None:
    """What the weeks that were over before a day teach; None where they are too few."""
    over = np.flatnonzero(weeks.origins + WEEK_DAYS <= before)[-settings.weeks_most :]
    if len(over) < settings.weeks_least:
        return None
    # Only cells that had been heard of by then: the others are all alike, and many.
    known = weeks.features[over[-1]].any(axis=1)
    counts = weeks.counts[over][:, known].ravel()
    if counts.sum() < settings.reports_least:
        return None
    features = weeks.features[over][:, known]
    logs = np.log(settings.small + features).reshape(-1, features.shape[2])
    return fit_poisson(logs, counts, ridge=settings.ridge)


def expected_week(fit: PoissonFit, features: Floats, settings: HotSpotSettings) -> Floats:
    """Reports expected in a week, (N,), of cells with features (N, K)."""
    return fit.mean(np.log(settings.small + features))


def hot_spots(
    reports: Reports,
    day: int,
    settings: HotSpotSettings | None = None,
    grid: CellGrid | None = None,
) -> HotSpots:
    """Where the week from ``day`` on will bring most; reports of that day and later are not used.

    All cells that ever had a report before are ranked. The same reports give the same order; ties
    go by the number of the cell.
    """
    settings = settings or HotSpotSettings()
    grid = grid or grid_over(reports.x, reports.y, settings.cell_metres)
    at = grid.of(reports.x, reports.y)
    past = (at >= 0) & (reports.day < day)
    cells = np.unique(at[past])
    if not len(cells):
        none, whole = np.zeros(0), np.zeros(0, dtype=np.int64)
        return HotSpots(day, grid.size, whole, none, none, none, whole, none, False)
    origins = mornings(int(reports.day[past].min()), day, settings)
    weeks = cell_weeks(reports, grid, cells, origins)
    fit = learn_hot_spots(weeks, day, settings)
    if fit is None:
        expected = weeks.baseline[-1] * WEEK_DAYS / BASELINE_SCALE_DAYS
    else:
        expected = expected_week(fit, weeks.features[-1], settings)
    order = np.argsort(-expected, kind="stable")
    lately = past & (reports.day >= day - RECENT_DAYS)
    recent = np.bincount(at[lately], minlength=len(grid))[cells]
    usual = weeks.features[-1][:, weeks.names.index("distinct_730d")]
    x, y = grid.middles(cells)
    return HotSpots(
        day=day,
        cell_metres=grid.size,
        cells=cells[order],
        x=x[order],
        y=y[order],
        expected=expected[order],
        recent=recent[order].astype(np.int64),
        usual=usual[order],
        learnt=fit is not None,
    )


def mornings(first_day: int, day: int, settings: HotSpotSettings) -> Ints:
    """``day`` and the same weekday of the weeks before it that may teach, in order."""
    least = first_day + settings.warm_up_days
    back = min(max((day - least) // WEEK_DAYS, 0), settings.weeks_most)
    return day - WEEK_DAYS * np.arange(back, -1, -1, dtype=np.int64)
