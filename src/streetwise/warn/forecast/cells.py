"""Square cells over a street, and what each has had lately: the features of the hot spots.

All of them are counts forgotten at a rate: a report of age a days weighs exp(-a / scale). A ladder
of scales lets the fit choose how much of a hot spot is chronic and how much is news. Reports of
one place (25 m) and day count once there; the rest of them, which is what a batch entry consists
of, has features of its own and so cannot pass for many events. Smoothed over the neighbours
(Gaussian) they say what near repeats and the district around add; the same weeks a year ago, what
the season brings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from streetwise.warn.counting import CELLS_MOST
from streetwise.warn.values import Flags, Floats, Ints, Reports

WEEK_DAYS = 7
DISTINCT_SCALES_DAYS = (4.0, 10.0, 25.0, 60.0, 180.0, 730.0)
EXTRA_SCALES_DAYS = (10.0, 60.0)
SMOOTHED_SCALES_DAYS = (10.0, 25.0, 180.0)
SMOOTHED_METRES = (400.0, 2000.0)
BASELINE_SCALE_DAYS = 60.0
_YEAR_DAYS, _AROUND_DAYS = 364, 21
_ONE_PLACE_METRES = 25.0


@dataclass(frozen=True, slots=True)
class CellGrid:
    """``columns`` × ``rows`` square cells; cell = column * rows + row, from (x0, y0) upwards."""

    x0: float
    y0: float
    size: float
    columns: int
    rows: int

    def __len__(self) -> int:
        return self.columns * self.rows

    def of(self, x: Floats, y: Floats) -> Ints:
        """The cell of each point (metres), -1 where it is not known or outside."""
        known = np.isfinite(x) & np.isfinite(y)
        column = np.floor((np.where(known, x, 0.0) - self.x0) / self.size).astype(np.int64)
        row = np.floor((np.where(known, y, 0.0) - self.y0) / self.size).astype(np.int64)
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(known & inside, column * self.rows + row, -1)

    def middles(self, cells: Ints) -> tuple[Floats, Floats]:
        """The middles of cells, metres."""
        column, row = np.divmod(cells, self.rows)
        return self.x0 + (column + 0.5) * self.size, self.y0 + (row + 0.5) * self.size


def grid_over(x: Floats, y: Floats, cell_metres: float) -> CellGrid:
    """The grid, on whole multiples of the size, that holds all known points; at least one cell.

    Raises ValueError for cells without size, and more cells than anybody could want.
    """
    if cell_metres <= 0:
        raise ValueError("cells need a size above 0 m")
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return CellGrid(0.0, 0.0, cell_metres, 1, 1)
    x0, x1 = (int(np.floor(v / cell_metres)) for v in (x[known].min(), x[known].max()))
    y0, y1 = (int(np.floor(v / cell_metres)) for v in (y[known].min(), y[known].max()))
    if (x1 - x0 + 1) * (y1 - y0 + 1) > CELLS_MOST:
        raise ValueError(
            f"{x1 - x0 + 1} x {y1 - y0 + 1} cells of {cell_metres:g} m: take larger cells, or leave"
            " out reports that lie far from all others."
        )
    return CellGrid(x0 * cell_metres, y0 * cell_metres, cell_metres, x1 - x0 + 1, y1 - y0 + 1)


@dataclass(frozen=True, slots=True)
class CellWeeks:
    """What N cells had before each of O mornings, and got in the seven days from it on.

    ``origins``: (O,), days in order; ``cells``: (N,) numbers in the grid. ``features``:
    (O, N, K), reports a week; ``names``: K. ``baseline``: (O, N), the plain decay of 60 days.
    ``counts``: (O, N), reports from the origin on for seven days, as far as they are known.
    """

    origins: Ints
    cells: Ints
    features: Floats
    names: tuple[str, ...]
    baseline: Floats
    counts: Floats


def cell_weeks(reports: Reports, grid: CellGrid, cells: Ints, origins: Ints) -> CellWeeks:
    """The features of cells on mornings (in order); nothing in them came on the morning or later.

    One pass over the reports: from one morning to the next everything fades and what came between
    is added.
    """
    if np.any(np.diff(origins) <= 0):
        raise ValueError("mornings must be in order and each once")
    past = _Past(reports, grid)
    names = _names()
    features = np.empty((len(origins), len(cells), len(names)))
    baseline = np.empty((len(origins), len(cells)))
    counts = np.empty_like(baseline)
    for number, origin in enumerate(origins.tolist()):
        past.move(origin)
        features[number] = past.features(cells).T
        baseline[number] = past.faded[-1, cells]
        counts[number] = past.between(origin, origin + WEEK_DAYS)[cells]
    return CellWeeks(origins, cells, features, names, baseline, counts)


def _names() -> tuple[str, ...]:
    return (
        *(f"distinct_{scale:.0f}d" for scale in DISTINCT_SCALES_DAYS),
        *(f"extra_{scale:.0f}d" for scale in EXTRA_SCALES_DAYS),
        *(
            f"around_{metres:.0f}m_{scale:.0f}d"
            for scale in SMOOTHED_SCALES_DAYS
            for metres in SMOOTHED_METRES
        ),
        *(f"season_{metres:.0f}m" for metres in SMOOTHED_METRES),
    )


class _Past:
    """The reports up to a morning, fading."""

    def __init__(self, reports: Reports, grid: CellGrid) -> None:
        at = grid.of(reports.x, reports.y)
        placed = np.flatnonzero(at >= 0)
        order = placed[np.argsort(reports.day[placed], kind="stable")]
        self._grid = grid
        self._at, self._day = at[order], reports.day[order]
        self._distinct = _first_of_place_and_day(reports.x[order], reports.y[order], self._day)
        self._scales = np.array([*DISTINCT_SCALES_DAYS, *EXTRA_SCALES_DAYS, BASELINE_SCALE_DAYS])
        self.faded = np.zeros((len(self._scales), len(grid)))
        self._taken, self._morning = 0, 0

    def move(self, morning: int) -> None:
        self.faded *= np.exp(-(morning - self._morning) / self._scales)[:, None]
        end = int(np.searchsorted(self._day, morning))
        at, distinct = self._at[self._taken : end], self._distinct[self._taken : end]
        age = (morning - self._day[self._taken : end]).astype(np.float64)
        kinds = len(DISTINCT_SCALES_DAYS), len(EXTRA_SCALES_DAYS)
        for row, scale in enumerate(self._scales):
            counted = distinct if row < kinds[0] else ~distinct if row < sum(kinds) else True
            weight = np.exp(-age / scale) * counted
            self.faded[row] += np.bincount(at, weights=weight, minlength=len(self._grid))
        self._taken, self._morning = end, morning

    def between(self, first: int, end: int) -> Floats:
        a, b = np.searchsorted(self._day, [first, end])
        return np.bincount(self._at[a:b], minlength=len(self._grid)).astype(np.float64)

    def features(self, cells: Ints) -> Floats:
        # The weights of a scale sum to the scale: over it, times seven, is reports a week.
        weekly = self.faded[:-1] / self._scales[:-1, None] * WEEK_DAYS
        rows = list(weekly[:, cells])
        for scale in SMOOTHED_SCALES_DAYS:
            rows += self._smoothed(weekly[DISTINCT_SCALES_DAYS.index(scale)], cells)
        around = self._morning - _YEAR_DAYS
        season = self.between(around - _AROUND_DAYS, around + WEEK_DAYS + _AROUND_DAYS)
        rows += self._smoothed(season * WEEK_DAYS / (WEEK_DAYS + 2 * _AROUND_DAYS), cells)
        return np.array(rows)

    def _smoothed(self, values: Floats, cells: Ints) -> list[Floats]:
        plane = values.reshape(self._grid.columns, self._grid.rows)
        return [
            gaussian_filter(plane, metres / self._grid.size, mode="constant", truncate=3.0).ravel()[
                cells
            ]
            for metres in SMOOTHED_METRES
        ]


def _first_of_place_and_day(x: Floats, y: Floats, day: Ints) -> Flags:
    place = np.column_stack(
        [np.round(x / _ONE_PLACE_METRES), np.round(y / _ONE_PLACE_METRES), day]
    ).astype(np.int64)
    first = np.zeros(len(day), dtype=np.bool_)
    first[np.unique(place, axis=0, return_index=True)[1]] = True
    return first
