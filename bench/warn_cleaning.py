"""Cleaning: 250,000 reports of three years, made by chance, one in twelve on a default point.

CPU seconds, best of three rounds. Baseline in the same run: repeats alone, by a table of cells in
plain Python.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from bench.report import Row, row
from bench.street import Bench
from streetwise.warn.cleaning import Settings, clean, in_order
from streetwise.warn.counting import grid_places, series_of
from streetwise.warn.values import Reports

REPORTS = 250_000
DAYS = 1_095
CATEGORIES = 60
ROUNDS = 3


def run(bench: Bench) -> list[Row]:
    """Seconds to clean, and to count the cleaned into series."""
    del bench  # no street is needed: this is arithmetic
    reports = _reports()
    cleaned = clean(reports)  # also compiles
    seconds = min(_cpu(lambda: clean(reports)) for _ in range(ROUNDS))
    slow = _cpu(lambda: _plain_repeats(reports, Settings()))
    counting = min(_cpu(lambda: _counted(cleaned.reports)) for _ in range(ROUNDS))
    return [
        row(
            "warn.clean",
            seconds,
            "s of CPU for 250,000 reports",
            baseline=("repeats alone in plain Python", slow),
            goal="value <= 1",
        ),
        row(
            "warn.count",
            counting,
            "s of CPU, place x category",
            baseline=("cleaning them", seconds),
        ),
    ]


def _cpu(do: Callable[[], object]) -> float:
    begin = time.process_time()
    do()
    return time.process_time() - begin


def _reports() -> Reports:
    rng = np.random.default_rng(11)
    x, y = rng.normal(0, 1_500, (2, REPORTS))
    office = rng.random(REPORTS) < 0.08
    reports = Reports(
        [str(i) for i in range(REPORTS)],
        rng.integers(0, DAYS, REPORTS),
        rng.integers(7 * 3_600, 22 * 3_600, REPORTS),
        np.where(office, 7.0, x),
        np.where(office, 7.0, y),
        rng.integers(0, CATEGORIES, REPORTS),
        np.ones(REPORTS, dtype=np.int64),
        tuple(f"c{i}" for i in range(CATEGORIES)),
    )
    return in_order(reports)


def _counted(reports: Reports) -> None:
    places, where = grid_places(reports, 250.0)
    series_of(reports, where, len(places), 0, DAYS - 1, least=20)


def _plain_repeats(reports: Reports, settings: Settings) -> int:
    """How many repeat an earlier one, as one would write it at first."""
    side = settings.repeat_metres
    cells: dict[tuple[int, int, int], list[list[float]]] = {}
    repeats = 0
    rows = zip(
        reports.day.tolist(),
        reports.category.tolist(),
        reports.x.tolist(),
        reports.y.tolist(),
        strict=True,
    )
    for day, category, x, y in rows:
        column, line = int(x // side), int(y // side)
        near = None
        for dc in (-1, 0, 1):
            for dl in (-1, 0, 1):
                for first in cells.get((category, column + dc, line + dl), ()):
                    recent = day - first[3] <= settings.repeat_days
                    fresh = day - first[2] <= settings.repeat_longest_days
                    away2 = (x - first[0]) ** 2 + (y - first[1]) ** 2
                    if recent and fresh and away2 <= side * side:
                        near = first
        if near is None:
            cells.setdefault((category, column, line), []).append([x, y, day, day])
        else:
            near[3] = day
            repeats += 1
    return repeats
