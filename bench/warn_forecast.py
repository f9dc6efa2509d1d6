"""Forecast: 500 series over 3 years, all horizons; and the ranking of a city's cells.

Baseline of the counts, in the same run: statsmodels in a loop, a Poisson GLM per series with
weekdays, two waves a year and a trend, fitted and predicted once, on a subset and scaled up. It
gives means only; the engine also makes 80 past forecasts of each series and cuts its intervals by
them. CPU seconds of this process, best of some rounds, one thread.

Baseline of the ranking: the engine's own features and fit with scikit-learn's Poisson regression
in the place of its own (same ridge), which is what one would take from the shelf.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from bench.report import Row, row
from bench.street import Bench
from streetwise.warn.forecast import HotSpotSettings, forecast_counts, hot_spots
from streetwise.warn.forecast.cells import cell_weeks, grid_over
from streetwise.warn.forecast.hotspots import mornings
from streetwise.warn.values import ALL, Reports, Series

SERIES, QUICK_SERIES = 500, 60
DAYS = 3 * 365
SUBSET, QUICK_SUBSET = 40, 5
REPORTS, QUICK_REPORTS = 55_000, 6_000
ROUNDS = 3
FIRST_DAY = 18_000


def run(bench: Bench) -> list[Row]:
    """Counts, then cells."""
    return [_counts(bench), _cells(bench)]


def _cpu(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def _series(count: int) -> Series:
    """Places of very different volume in 10 categories, each under its category's total."""
    rng = np.random.default_rng(1)
    categories = 10
    days = np.arange(DAYS)
    wave = 1 + 0.3 * np.sin(2 * np.pi * days / 365) + 0.2 * (days % 7 < 5)
    level = rng.gamma(0.4, 1.5, count - categories)
    inner = rng.poisson(level[:, None] * wave)
    of = np.arange(count - categories) % categories
    totals = np.array([inner[of == number].sum(axis=0) for number in range(categories)])
    return Series(
        np.vstack([totals, inner]).astype(np.int64),
        FIRST_DAY,
        np.concatenate([np.full(categories, ALL), np.arange(len(of))]),
        np.concatenate([np.arange(categories), of]),
        np.concatenate([np.full(categories, -1), of]),
    )


def _counts(bench: Bench) -> Row:
    series = _series(bench.size(SERIES, QUICK_SERIES))
    seconds = _cpu(lambda: forecast_counts(series))
    subset = bench.size(SUBSET, QUICK_SUBSET)
    looped = _cpu(lambda: _statsmodels(series, subset), 1) / subset * len(series.counts)
    return row(
        "warn.forecast.counts",
        seconds,
        "s CPU",
        baseline=(f"statsmodels GLM per series, {subset} scaled", looped),
        goal="ratio <= 0.2",
    )


def _statsmodels(series: Series, subset: int) -> None:
    import statsmodels.api as sm

    ahead = 28
    days = np.arange(DAYS + ahead)
    angle = 2 * np.pi * days / 365.25
    design = np.column_stack(
        [days % 7 == number for number in range(7)]
        + [np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle), days / DAYS]
    ).astype(float)
    chosen = np.linspace(0, len(series.counts) - 1, subset).astype(int)
    for counts in series.counts[chosen]:
        # A row of nothing has no likeliest mean.
        came = counts if counts.any() else counts + (np.arange(DAYS) == 0)
        fit = sm.GLM(came, design[:DAYS], family=sm.families.Poisson()).fit()
        fit.predict(design[DAYS:])


def _cells(bench: Bench) -> Row:
    rng = np.random.default_rng(2)
    count = bench.size(REPORTS, QUICK_REPORTS)
    middles = rng.uniform(0, 25_000, (400, 2))
    at = middles[rng.choice(400, count, p=rng.dirichlet(np.full(400, 0.3)))]
    at = at + rng.normal(0, 600, (count, 2))
    day = np.sort(rng.integers(FIRST_DAY, FIRST_DAY + DAYS, count))
    none = np.full(count, -1)
    one = np.ones(count, dtype=np.int64)
    reports = Reports(range(count), day, none, at[:, 0], at[:, 1], one * 0, one, ("a",))  # type: ignore[arg-type]
    settings = HotSpotSettings(cell_metres=500.0)
    today = FIRST_DAY + DAYS
    seconds = _cpu(lambda: hot_spots(reports, today, settings))
    shelf = _cpu(lambda: _shelf(reports, today, settings), 1)
    return row("warn.forecast.cells", seconds, "s CPU", baseline=("scikit-learn Poisson", shelf))


def _shelf(reports: Reports, today: int, settings: HotSpotSettings) -> None:
    from sklearn.linear_model import PoissonRegressor  # type: ignore[import-untyped]
    from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

    grid = grid_over(reports.x, reports.y, settings.cell_metres)
    cells = np.unique(grid.of(reports.x, reports.y))
    origins = mornings(int(reports.day.min()), today, settings)
    weeks = cell_weeks(reports, grid, cells, origins)
    logs = np.log(settings.small + weeks.features)
    width = logs.shape[2]
    scaler = StandardScaler().fit(logs[:-1].reshape(-1, width))
    learnt = scaler.transform(logs[:-1].reshape(-1, width))
    model = PoissonRegressor(alpha=settings.ridge / len(learnt), max_iter=300)
    model.fit(learnt, weeks.counts[:-1].ravel())
    model.predict(scaler.transform(logs[-1]))
