"""Hot spots: features against plain sums, nothing from tomorrow, and worlds with known places."""

from __future__ import annotations

import numpy as np
import pytest

from streetwise.warn.forecast import HotSpotSettings, hot_spots
from streetwise.warn.forecast.cells import (
    BASELINE_SCALE_DAYS,
    DISTINCT_SCALES_DAYS,
    CellGrid,
    cell_weeks,
    grid_over,
)
from streetwise.warn.forecast.hotspots import learn_hot_spots, mornings
from streetwise.warn.values import Floats, Ints, Reports

FIRST = 15_000
SETTINGS = HotSpotSettings(cell_metres=100.0, weeks_least=8, reports_least=100)


def _reports(day: Ints, x: Floats, y: Floats) -> Reports:
    order = np.argsort(day, kind="stable")
    many = len(day)
    return Reports(
        [f"r{i}" for i in range(many)],
        day[order].astype(np.int64),
        np.full(many, -1),
        x[order].astype(np.float64),
        y[order].astype(np.float64),
        np.zeros(many, dtype=np.int64),
        np.ones(many, dtype=np.int64),
        ("a",),
    )


def _world(seed: int, days: int = 400, side: int = 12) -> Reports:
    """Cells of 100 m with steady levels of their own, and a wave over the north in the end."""
    rng = np.random.default_rng(seed)
    level = rng.gamma(0.3, 0.3, (side, side))
    mean = np.repeat(level[None], days, axis=0)
    mean[-40:, :, side // 2 :] *= 4
    day, column, row = np.nonzero(counts := rng.poisson(mean))
    times = counts[day, column, row]
    day, column, row = (np.repeat(one, times) for one in (day, column, row))
    spread = rng.uniform(0, 100, (2, len(day)))
    return _reports(day + FIRST, column * 100 + spread[0], row * 100 + spread[1])


def test_a_grid_knows_its_cells_and_what_is_outside() -> None:
    grid = grid_over(np.array([-10.0, 250.0, np.nan]), np.array([0.0, 120.0, 5.0]), 100.0)
    assert (grid.x0, grid.columns, grid.rows, len(grid)) == (-100.0, 4, 2, 8)
    at = grid.of(np.array([-10.0, 250.0, np.nan, 900.0]), np.array([0.0, 120.0, 5.0, 0.0]))
    assert at.tolist() == [0, 7, -1, -1]
    x, y = grid.middles(np.array([0, 7]))
    assert (x.tolist(), y.tolist()) == ([-50.0, 250.0], [50.0, 150.0])
    assert len(grid_over(np.array([np.nan]), np.array([np.nan]), 50.0)) == 1
    # One point in another province must not cost a night its memory.
    with pytest.raises(ValueError, match="far from all others"):
        grid_over(np.array([0.0, 1.9e6]), np.array([0.0, 1.2e6]), 250.0)
    with pytest.raises(ValueError, match="above 0 m"):
        grid_over(np.zeros(1), np.zeros(1), 0.0)


def test_features_are_what_plain_sums_give() -> None:
    reports = _world(1, days=120, side=5)
    grid = CellGrid(0.0, 0.0, 100.0, 5, 5)
    cells = np.arange(25)
    origins = FIRST + np.array([60, 67, 110])
    weeks = cell_weeks(reports, grid, cells, origins)
    at = grid.of(reports.x, reports.y)
    places = np.column_stack([np.round(reports.x / 25), np.round(reports.y / 25), reports.day])
    first = np.zeros(len(reports), dtype=bool)
    first[np.unique(places, axis=0, return_index=True)[1]] = True
    for number, origin in enumerate(origins):
        past = reports.day < origin
        age = (origin - reports.day).astype(float)
        decay = np.where(past, np.exp(-age / BASELINE_SCALE_DAYS), 0.0)
        assert weeks.baseline[number] == pytest.approx(np.bincount(at, decay, 25))
        soon = (reports.day >= origin) & (reports.day < origin + 7)
        assert weeks.counts[number].tolist() == np.bincount(at[soon], minlength=25).tolist()
        for scale in DISTINCT_SCALES_DAYS:
            weight = np.where(past & first, np.exp(-age / scale) * 7 / scale, 0.0)
            found = weeks.features[number, :, weeks.names.index(f"distinct_{scale:.0f}d")]
            assert found == pytest.approx(np.bincount(at, weight, 25))
    with pytest.raises(ValueError, match="in order"):
        cell_weeks(reports, grid, cells, origins[::-1])


def test_a_batch_is_one_event_with_an_extra() -> None:
    day, middle = np.full(30, FIRST + 5), np.full(30, 50.0)
    weeks = cell_weeks(
        _reports(day, middle, middle), CellGrid(0, 0, 100.0, 1, 1), np.array([0]),
        np.array([FIRST + 6]),
    )  # fmt: skip
    values = dict(zip(weeks.names, weeks.features[0, 0], strict=True))
    assert values["extra_10d"] == pytest.approx(29 * np.exp(-1 / 10) * 7 / 10)
    assert values["distinct_10d"] == pytest.approx(np.exp(-1 / 10) * 7 / 10)


def test_what_comes_after_changes_nothing() -> None:
    reports = _world(2)
    today = FIRST + 300
    before = reports.day < today
    known = _reports(reports.day[before], reports.x[before], reports.y[before])
    grid = grid_over(reports.x, reports.y, 100.0)
    one, two = (hot_spots(r, today, SETTINGS, grid) for r in (reports, known))
    assert one.learnt and np.array_equal(one.cells, two.cells)
    assert np.array_equal(one.expected, two.expected) and np.array_equal(one.recent, two.recent)


def test_the_wave_over_the_north_lifts_its_cells_and_the_level_is_right() -> None:
    reports = _world(3)
    before, now = (hot_spots(reports, FIRST + day, SETTINGS) for day in (355, 386))
    north = {s.day: s.expected[s.y > 600].sum() / s.expected.sum() for s in (before, now)}
    assert north[now.day] > north[before.day] + 0.1
    came = ((reports.day >= now.day) & (reports.day < now.day + 7)).sum()
    assert now.expected.sum() == pytest.approx(came, rel=0.35)
    assert np.all(np.diff(now.expected) <= 0)
    late = (reports.day < now.day) & (reports.day >= now.day - 28)
    assert now.recent.sum() == late.sum()


def test_with_little_past_it_is_the_plain_decay_and_says_so() -> None:
    reports = _world(4, days=80)
    found = hot_spots(reports, FIRST + 80, SETTINGS)
    assert not found.learnt and len(mornings(FIRST, FIRST + 80, SETTINGS)) == 1
    at = grid_over(reports.x, reports.y, 100.0).of(reports.x, reports.y)
    decay = np.bincount(at, np.exp(-(FIRST + 80 - reports.day) / BASELINE_SCALE_DAYS))
    assert found.cells[0] == np.argmax(decay)
    none = hot_spots(
        _reports(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0)), FIRST, SETTINGS
    )
    assert len(none.cells) == 0 and not none.learnt


def test_only_weeks_that_are_over_teach() -> None:
    reports = _world(5)
    grid = grid_over(reports.x, reports.y, 100.0)
    cells = np.unique(grid.of(reports.x, reports.y))
    weeks = cell_weeks(reports, grid, cells, mornings(FIRST, FIRST + 380, SETTINGS))
    fit = learn_hot_spots(weeks, FIRST + 300, SETTINGS)
    weeks.counts[weeks.origins + 7 > FIRST + 300] += 100
    again = learn_hot_spots(weeks, FIRST + 300, SETTINGS)
    assert fit is not None and again is not None
    assert fit.intercept == again.intercept and np.array_equal(fit.slopes, again.slopes)
