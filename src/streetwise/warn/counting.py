"""Counting: cleaned reports into places and daily series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from streetwise.warn.values import ALL, Floats, Ints, Places, Reports, Series

#: What series may be of, in the order in which they are built.
LEVELS = ("all", "category", "place", "place_category")
CELLS_MOST = 4_000_000

Box = tuple[float, float, float, float]


def grid_places(
    reports: Reports | Box, cell_metres: float, *, empty: bool = False
) -> tuple[Places, Ints]:
    """Square cells over the reports, or over a box (x_min, y_min, x_max, y_max) in metres.

    Gives the cells and, for reports, the cell of each (n,), -1 without place (of a box: none).
    Cells lie on a grid from 0, so that another day's reports give the same names. Over reports,
    only cells with a report are made unless ``empty`` asks for all between them.
    Raises ValueError for cells without size, and more cells than anybody could want.
    """
    if not cell_metres > 0:
        raise ValueError("cell_metres must be above 0: it is the side of a cell in metres.")
    if isinstance(reports, Reports):
        known = np.isfinite(reports.x) & np.isfinite(reports.y)
        column = np.floor(reports.x[known] / cell_metres).astype(np.int64)
        row = np.floor(reports.y[known] / cell_metres).astype(np.int64)
        of_report = np.full(len(reports), -1, dtype=np.int64)
        if not known.any():
            return _cells(column, row, cell_metres), of_report
        if empty:
            places = _all_cells(column, row, cell_metres)
            width = int(column.max() - column.min()) + 1
            of_report[known] = (row - row.min()) * width + column - column.min()
            return places, of_report
        height = int(row.max() - row.min()) + 1
        key = (column - column.min()) * height + (row - row.min())
        keys, which = np.unique(key, return_inverse=True)
        of_report[known] = which
        return (
            _cells(keys // height + column.min(), keys % height + row.min(), cell_metres),
            of_report,
        )
    x_min, y_min, x_max, y_max = reports
    if not (x_max >= x_min and y_max >= y_min):
        raise ValueError("The box must be x_min, y_min, x_max, y_max in metres.")
    column = np.floor(np.array([x_min, x_max]) / cell_metres).astype(np.int64)
    row = np.floor(np.array([y_min, y_max]) / cell_metres).astype(np.int64)
    return _all_cells(column, row, cell_metres), np.zeros(0, dtype=np.int64)


def _all_cells(column: Ints, row: Ints, cell_metres: float) -> Places:
    width = int(column.max() - column.min()) + 1
    height = int(row.max() - row.min()) + 1
    if width * height > CELLS_MOST:
        raise ValueError(
            f"{width} x {height} cells of {cell_metres:g} m: take larger cells, or leave out "
            "reports that lie far from all others."
        )
    rows, columns = np.divmod(np.arange(width * height, dtype=np.int64), width)
    return _cells(columns + column.min(), rows + row.min(), cell_metres)


def _cells(column: Ints, row: Ints, cell_metres: float) -> Places:
    names = tuple(f"x{c}y{r}" for c, r in zip(column.tolist(), row.tolist(), strict=True))
    return Places(
        names,
        (column.astype(np.float64) + 0.5) * cell_metres,
        (row.astype(np.float64) + 0.5) * cell_metres,
        np.full(len(names), cell_metres * cell_metres),
    )


def nearest_place(
    places: Places, x: Floats, y: Floats, within_metres: float = float("inf")
) -> Ints:
    """(n,): the place whose middle is nearest, -1 without coordinates or with none so near."""
    found = np.full(len(x), -1, dtype=np.int64)
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any() or not len(places):
        return found
    tree = cKDTree(np.column_stack([places.x, places.y]))
    points = np.column_stack([x[known], y[known]])
    distance, nearest = tree.query(points, distance_upper_bound=within_metres)
    found[known] = np.where(np.isfinite(distance), nearest, -1)
    return found


def places_of(reports: Reports, places: Places) -> Ints:
    """(n,): the place in which each report lies, as far as somebody knows; else the nearest one."""
    if reports.place is not None:
        return reports.place
    return nearest_place(places, reports.x, reports.y)


def series_of(
    reports: Reports,
    place_of_report: Ints,
    places: int,
    first_day: int,
    last_day: int,
    levels: Sequence[str] = ("category", "place_category"),
    least: int = 1,
) -> Series:
    """Daily counts from ``first_day`` to ``last_day`` (both included), coarse levels first.

    ``place_of_report``: (n,), numbers below ``places`` or -1; a report without a place counts
    where no place is asked for. ``levels``: some of LEVELS. A report is counted once whatever
    its volume. ``least``: series of a place with fewer reports in all these days are left out
    (0 builds every place x category; mind the memory); series without a place are always built.
    A series' parent is the next coarser one that was asked for: of place x category the
    category, else the place; of these, all. Days on which a source was silent count 0 here:
    see ``Cleaned.silent``. Raises ValueError for levels or places that do not exist.
    """
    strange = [level for level in levels if level not in LEVELS]
    if strange:
        raise ValueError(f"No such level: {', '.join(strange)}. Known: {', '.join(LEVELS)}.")
    if last_day < first_day:
        raise ValueError("last_day is before first_day.")
    if len(place_of_report) != len(reports):
        raise ValueError("place_of_report must name a place, or -1, for each report.")
    if len(reports) and not -1 <= int(place_of_report.min()) <= int(place_of_report.max()) < places:
        raise ValueError(f"place_of_report must number into the {places} places, or be -1.")
    within = (reports.day >= first_day) & (reports.day <= last_day)
    day = reports.day[within] - first_day
    place = place_of_report[within]
    category = reports.category[within]
    categories = len(reports.categories)
    days = last_day - first_day + 1
    counts: list[Ints] = []
    of_place: list[Ints] = []
    of_category: list[Ints] = []
    for level in (level for level in LEVELS if level in levels):
        by_place, by_category = "place" in level, "category" in level
        counted = np.flatnonzero(place >= 0) if by_place else np.arange(len(place))
        rows = np.zeros(len(counted), dtype=np.int64)
        if by_place:
            rows = place[counted] * (categories if by_category else 1)
        if by_category:
            rows = rows + category[counted]
        many = (places if by_place else 1) * (categories if by_category else 1)
        total = np.bincount(rows, minlength=many)
        used = np.flatnonzero(total >= least) if by_place else np.arange(many)
        number = np.full(many, -1, dtype=np.int64)
        number[used] = np.arange(len(used))
        built = number[rows] >= 0
        flat = number[rows[built]] * days + day[counted[built]]
        counts.append(np.bincount(flat, minlength=len(used) * days).reshape(len(used), days))
        none = np.full(len(used), ALL, dtype=np.int64)
        of_place.append(used // (categories if by_category else 1) if by_place else none)
        of_category.append(used % categories if by_category else none)
    all_places = np.concatenate(of_place).astype(np.int64)
    all_categories = np.concatenate(of_category).astype(np.int64)
    return Series(
        np.concatenate(counts).astype(np.int64),
        first_day,
        all_places,
        all_categories,
        _parents(all_places, all_categories),
    )


def _parents(place: Ints, category: Ints) -> Ints:
    """(S,): the row of the next coarser series, -1 where there is none."""
    row = {
        (p, c): i for i, (p, c) in enumerate(zip(place.tolist(), category.tolist(), strict=True))
    }
    parent = np.full(len(place), -1, dtype=np.int64)
    for (p, c), i in row.items():
        for coarser in ((ALL, c), (p, ALL), (ALL, ALL)):
            if coarser != (p, c) and coarser in row:
                parent[i] = row[coarser]
                break
    return parent
