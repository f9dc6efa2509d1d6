"""Score the forecast of counts by going forward through a past: coverage, errors, baselines.

At each origin the engine sees the days before it and nothing else; what came after is held against
it, and against three that anybody can make in their head, in the same run: what came in as many
days just before (for one day: the same weekday a week ago), what came in the same days 364 days
ago, and the mean of the last 28 days (as Poisson where a distribution is asked for).

Coverage is told in two ways. Plain: the count lies in the whole-number interval. In parts: between
the levels where just the share should lie, a count on an edge taken in part (``intervals.py``);
where series are so sparse that 0 alone has more than 80 %, only this can come near 80 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from streetwise.evaluation.warn.files import read_reports
from streetwise.kernel.errors import Invalid
from streetwise.warn.counting import grid_places, series_of
from streetwise.warn.forecast import (
    CLASS_EDGES,
    HORIZONS_DAYS,
    Forecast,
    ForecastSettings,
    forecast_counts,
    volume_class,
)
from streetwise.warn.forecast.intervals import POISSON_SIZE, cdf, covered, covered_part, quantile
from streetwise.warn.values import Calendar, Floats, Ints, Series, day_of

YEAR_DAYS = 364
MEAN_DAYS = 28
BASELINES = ("previous", "seasonal", "mean_28")
_POINTS = 256


@dataclass(frozen=True, slots=True)
class Coverage:
    """``of``: the horizon's all, or a volume class in words. ``n`` forecasts."""

    of: str
    n: int
    plain: float
    parts: float
    mean_width: float
    expected: float
    came: float

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "of": self.of,
            "forecasts": self.n,
            "coverage": round(self.plain, 4),
            "coverage_parts": round(self.parts, 4),
            "mean_width": round(self.mean_width, 3),
            "mean_expected": round(self.expected, 4),
            "mean_came": round(self.came, 4),
        }


@dataclass(frozen=True, slots=True)
class HorizonScore:
    """Errors by who made the forecast: "streetwise" and BASELINES.

    ``mae``: of medians (baselines: of their number). ``rmse``: of means. ``rmsse``: per series
    over the error of the previous number in its past (Hyndman and Koehler 2006, squared), meaned;
    series whose past never changed are left out. ``crps``: mean; of a number it is its absolute
    error.
    """

    horizon: int
    coverage: Coverage
    classes: tuple[Coverage, ...]
    mae: dict[str, float]
    rmse: dict[str, float]
    rmsse: dict[str, float]
    crps: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        errors = {"mae": self.mae, "rmse": self.rmse, "rmsse": self.rmsse, "crps": self.crps}
        return {
            "horizon_days": self.horizon,
            **self.coverage.as_dict(),
            "classes": [one.as_dict() for one in self.classes],
            **{
                name: {who: round(value, 4) for who, value in found.items()}
                for name, found in errors.items()
            },
        }


@dataclass(frozen=True, slots=True)
class ForecastScore:
    """Of one run through a past."""

    series: int
    origins: int
    horizons: tuple[HorizonScore, ...]

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "series": self.series,
            "origins": self.origins,
            "horizons": [one.as_dict() for one in self.horizons],
        }


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Of one origin and horizon; arrays of shape (S,)."""

    came: Floats
    made: Forecast
    at: int
    baselines: dict[str, Floats]


def score_forecast(
    series: Series,
    first_column: int,
    step_days: int,
    calendar: Calendar | None = None,
    settings: ForecastSettings | None = None,
) -> ForecastScore:
    """Forecasts from ``first_column`` on, every ``step_days``; the end must have come.

    A step that is no multiple of 7 lets all weekdays come in turn. Raises Invalid where there is
    less than a year (364 days) before the first origin: the seasonal baseline needs it.
    """
    days = series.counts.shape[1]
    if first_column < YEAR_DAYS:
        raise Invalid(f"The first forecast needs {YEAR_DAYS} days before it.")
    columns = range(first_column, days, step_days)
    by_horizon: dict[int, list[_Outcome]] = {horizon: [] for horizon in HORIZONS_DAYS}
    for column in columns:
        known = Series(
            series.counts[:, :column],
            series.first_day,
            series.place,
            series.category,
            series.parent,
        )
        made = forecast_counts(known, calendar, HORIZONS_DAYS, settings)
        for at, horizon in enumerate(HORIZONS_DAYS):
            if column + horizon <= days:
                came = series.counts[:, column : column + horizon].sum(axis=1).astype(np.float64)
                simple = _baselines(series.counts, column, horizon)
                by_horizon[horizon].append(_Outcome(came, made, at, simple))
    if not all(by_horizon.values()):
        raise Invalid("The days after the first forecast are too few for the longest horizon.")
    scales = {h: _scale(series.counts[:, :first_column], h) for h in HORIZONS_DAYS}
    scores = tuple(_score(h, found, scales[h]) for h, found in by_horizon.items())
    return ForecastScore(len(series.counts), len(columns), scores)


def read_series(
    path: Path,
    columns: str | None,
    cell_metres: float,
    least: int,
    begin: date | None,
    first: date | None,
    last: date | None,
) -> tuple[Series, int]:
    """Series by category and by cell x category of a file, and the column of the first forecast.

    Only series with ``least`` reports before it: what came later must not choose them.
    """
    reports = read_reports(path, columns, first_day=begin, last_day=last).reports
    if cell_metres <= 0:
        raise Invalid("Cells need a side above 0 m.")
    earliest, latest = int(reports.day.min()), int(reports.day.max())
    start = earliest + (latest - earliest) * 2 // 3 if first is None else day_of(first)
    if not earliest < start <= latest:
        raise Invalid("The first day to forecast lies outside the days of the file.")
    places, of_report = grid_places(reports, cell_metres)
    whole = series_of(reports, of_report, len(places), earliest, latest)
    column = start - earliest
    kept = np.flatnonzero(whole.counts[:, :column].sum(axis=1) >= least)
    number = np.full(len(whole.counts), -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    parent = whole.parent[kept]
    if not len(kept):
        raise Invalid("No series has so many reports before the first forecast.")
    series = Series(
        whole.counts[kept],
        whole.first_day,
        whole.place[kept],
        whole.category[kept],
        np.where(parent >= 0, number[np.maximum(parent, 0)], -1),
    )
    return series, column


def _baselines(counts: Ints, column: int, horizon: int) -> dict[str, Floats]:
    back = 7 if horizon == 1 else horizon
    previous = counts[:, column - back : column - back + horizon].sum(axis=1)
    year = counts[:, column - YEAR_DAYS : column - YEAR_DAYS + horizon].sum(axis=1)
    mean = counts[:, column - MEAN_DAYS : column].sum(axis=1) * (horizon / MEAN_DAYS)
    found = (previous, year, mean)
    return {who: one.astype(np.float64) for who, one in zip(BASELINES, found, strict=True)}


def _scale(counts: Ints, horizon: int) -> Floats:
    """(S,): mean squared error of "as in the days before" in the past before the first origin."""
    whole = counts.shape[1] // horizon * horizon
    blocks = counts[:, -whole:].reshape(len(counts), -1, horizon).sum(axis=2)
    found: Floats = (np.diff(blocks, axis=1).astype(np.float64) ** 2).mean(axis=1)
    return found


def _score(horizon: int, outcomes: list[_Outcome], scale: Floats) -> HorizonScore:
    def stacked(name: str) -> Floats:
        return np.array([getattr(one.made, name)[:, one.at] for one in outcomes])

    came = np.array([one.came for one in outcomes])
    mean, size = stacked("mean"), stacked("size")
    points = {who: np.array([one.baselines[who] for one in outcomes]) for who in BASELINES}
    low, high = stacked("low").astype(np.int64), stacked("high").astype(np.int64)
    plain = covered(came, low, high)
    parts = covered_part(came, mean, size, stacked("part_low"), stacked("part_high"))
    of = volume_class(mean)

    def coverage(words: str, chosen: Any) -> Coverage:
        return Coverage(
            words,
            int(chosen.sum()),
            float(plain[chosen].mean()),
            float(parts[chosen].mean()),
            float((high - low)[chosen].mean()),
            float(mean[chosen].mean()),
            float(came[chosen].mean()),
        )

    usable = scale > 0

    def rmsse(forecast: Floats) -> float:
        squared = ((came - forecast) ** 2).mean(axis=0)[usable] / scale[usable]
        return float(np.sqrt(squared).mean()) if usable.any() else float("nan")

    def rmse(forecast: Floats) -> float:
        return float(np.sqrt(((came - forecast) ** 2).mean()))

    crps = {who: float(np.abs(came - one).mean()) for who, one in points.items()}
    crps["mean_28"] = float(
        _crps(came, points["mean_28"], np.full(came.shape, POISSON_SIZE)).mean()
    )
    return HorizonScore(
        horizon,
        coverage(f"{horizon} days", np.ones(came.shape, dtype=np.bool_)),
        tuple(coverage(_class_words(c), of == c) for c in np.unique(of).tolist()),
        mae={
            "streetwise": float(np.abs(came - stacked("median")).mean()),
            **{who: float(np.abs(came - one).mean()) for who, one in points.items()},
        },
        rmse={"streetwise": rmse(mean), **{who: rmse(one) for who, one in points.items()}},
        rmsse={"streetwise": rmsse(mean), **{who: rmsse(one) for who, one in points.items()}},
        crps={"streetwise": float(_crps(came, mean, size).mean()), **crps},
    )


def _crps(counts: Floats, mean: Floats, size: Floats) -> Floats:
    """The continuous ranked probability score: the sum over k of (F(k) - [y ≤ k])².

    Exact where the distribution ends below 256; beyond, every so many k.
    """
    y, m, s = (np.ravel(one) for one in (counts, np.maximum(mean, 1e-6), size))
    end = np.maximum(quantile(np.full(len(m), 0.9999), m, s), y) + 1
    step = np.maximum(np.ceil(end / _POINTS), 1.0)
    total = np.zeros(len(y))
    for number in range(_POINTS):
        k = number * step + np.floor((step - 1) / 2)
        live = k < end
        if not live.any():
            break
        f = cdf(k[live], m[live], s[live])
        total[live] += step[live] * (f - (y[live] <= k[live])) ** 2
    return total.reshape(counts.shape)


def _class_words(number: int) -> str:
    edges = (0.0, *CLASS_EDGES, float("inf"))
    low, high = edges[number], edges[number + 1]
    return f"{low:g} and more" if np.isinf(high) else f"{low:g} to {high:g}"


def print_score(found: ForecastScore, told: Console) -> None:
    """For people."""
    told.print(f"{found.series} series, {found.origins} forecasts of each")
    for one in found.horizons:
        told.print(f"\nnext {one.horizon} days", style="bold")
        told.print("  expected        forecasts  coverage  in parts  width")
        for row in (*one.classes, one.coverage):
            told.print(
                f"  {row.of:<15} {row.n:>9}  {row.plain:>8.3f}  {row.parts:>8.3f}"
                f"  {row.mean_width:>5.1f}"
            )
        told.print("  error           streetwise  previous  seasonal  mean of 28 days")
        for name in ("mae", "rmse", "rmsse", "crps"):
            errors = getattr(one, name)
            told.print(
                f"  {name:<15} {errors['streetwise']:>10.3f}  {errors['previous']:>8.3f}"
                f"  {errors['seasonal']:>8.3f}  {errors['mean_28']:>15.3f}"
            )
