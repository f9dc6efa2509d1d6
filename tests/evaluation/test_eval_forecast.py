"""``eval forecast`` and ``eval hotspots``: figures checked by hand, files, real years."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from streetwise.cli import main
from streetwise.evaluation.forecast import _crps, read_series, score_forecast
from streetwise.evaluation.hotspots import score_hot_spots
from streetwise.evaluation.warn.files import read_reports
from streetwise.kernel.errors import Invalid
from streetwise.warn.forecast import HotSpotSettings
from streetwise.warn.forecast.intervals import POISSON_SIZE, cdf
from streetwise.warn.values import Reports, Series, day_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "service_requests"
CHICAGO = DATA / "chicago_sanitation_2011_2013.csv.gz"
real = pytest.mark.skipif(not CHICAGO.is_file(), reason=f"no real events in {DATA}")


def _file(folder: Path, days: int = 520) -> Path:
    """Two categories in two places 3 km apart, some a day."""
    rng = np.random.default_rng(1)
    path = folder / "events.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        written = csv.writer(file)
        written.writerow(["at", "category", "lon", "lat"])
        for day in range(days):
            when = date(2024, 1, 1) + timedelta(days=day)
            for lon, mean in ((116.30, 3.0), (116.34, 0.7)):
                for _ in range(rng.poisson(mean)):
                    at = lon + rng.uniform(0, 0.004), 39.9 + rng.uniform(0, 0.004)
                    written.writerow([when, rng.choice(["a", "b"]), *at])
    return path


def test_figures_of_a_constant_world() -> None:
    """Three reports every day: nobody errs, and no interval can hold less than all."""
    counts = np.full((2, 480), 3)
    none = np.full(2, -1)
    found = score_forecast(Series(counts, 18_000, np.arange(2), none * 0, none), 420, 13)
    assert (found.series, found.origins) == (2, 5)
    for one in found.horizons:
        assert one.mae["streetwise"] == one.mae["previous"] == one.mae["seasonal"] == 0
        assert one.coverage.plain == 1
        assert one.crps["mean_28"] > 0
    assert [one.coverage.n for one in found.horizons] == [10, 10, 6]


def test_crps_is_the_sum_that_it_says() -> None:
    y, mean = np.array([0.0, 2.0, 7.0, 800.0]), np.array([0.3, 2.0, 3.0, 760.0])
    size = np.array([POISSON_SIZE, 1.5, 4.0, 60.0])
    k = np.arange(6_000.0)
    for number in range(4):
        f = cdf(k, np.full(len(k), mean[number]), np.full(len(k), size[number]))
        slow = ((f - (y[number] <= k)) ** 2).sum()
        found = _crps(y[number : number + 1], mean[number : number + 1], size[number : number + 1])
        assert found[0] == pytest.approx(slow, rel=0.01)


def test_a_year_is_needed() -> None:
    none = np.full(1, -1)
    series = Series(np.ones((1, 400), dtype=np.int64), 18_000, none, none, none)
    with pytest.raises(Invalid, match="364 days"):
        score_forecast(series, 300, 7)
    with pytest.raises(Invalid, match="longest horizon"):
        score_forecast(series, 390, 7)


def test_command_on_a_file(tmp_path: Path) -> None:
    path = _file(tmp_path)
    asked = ["eval", "forecast", "--signals", str(path), "--cell", "1000", "--from", "2025-02-01"]
    done = CliRunner().invoke(main, [*asked, "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    # Two categories, and each in every cell with reports.
    assert found["series"] >= 6 and found["series"] % 2 == 0
    assert [one["horizon_days"] for one in found["horizons"]] == [1, 7, 28]
    week = found["horizons"][1]
    assert week["crps"]["streetwise"] < week["crps"]["previous"]
    told = CliRunner().invoke(main, asked)
    assert told.exit_code == 0 and "next 28 days" in told.output


def test_hot_spots_on_a_file(tmp_path: Path) -> None:
    path = _file(tmp_path)
    asked = ["eval", "hotspots", "--signals", str(path), "--cell", "100", "--from", "2025-02-01"]
    done = CliRunner().invoke(main, [*asked, "--json", "--baseline-cell", "200"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert (
        found["learnt_weeks"] == found["weeks"] == (date(2025, 6, 3) - date(2025, 1, 31)).days // 7
    )
    assert [one["area"] for one in found["areas"]] == [0.01, 0.05, 0.1]
    assert "decay of 60 days" in CliRunner().invoke(main, asked).output


@pytest.mark.parametrize("command", ["forecast", "hotspots"])
def test_bad_input_is_told_in_a_sentence(tmp_path: Path, command: str) -> None:
    path = _file(tmp_path, 60)
    for more in (["--from", "2030-01-01"], ["--cell", "0"], ["--columns", "elsewhere"]):
        done = CliRunner().invoke(main, ["eval", command, "--signals", str(path), *more])
        assert done.exit_code == 2, (more, done.output)


def test_first_cells_are_counted_by_hand() -> None:
    """One place always, another only in its past: both rank the living one first."""
    days = np.repeat(np.arange(200), 2)
    old = np.repeat(np.arange(20), 5)
    x = np.concatenate([np.full(len(days), 10.0), np.full(len(old), 510.0)])
    day = np.concatenate([days, old]) + 18_000
    order = np.argsort(day, kind="stable")
    many = len(day)
    reports = Reports(
        [str(n) for n in range(many)], day[order], np.full(many, -1), x[order], np.zeros(many),
        np.zeros(many, dtype=np.int64), np.ones(many, dtype=np.int64), ("a",),
    )  # fmt: skip
    found = score_hot_spots(reports, 18_150, 18_199, HotSpotSettings(cell_metres=100.0))
    assert (found.cells, found.weeks, found.reports) == (2, 7, 98)
    assert all(one.caught == one.baseline == one.ratio == 1 for one in found.areas)


@real
def test_chicago_half_a_year_of_intervals_and_cells() -> None:
    """The last half of 2013, by the whole city's categories and 4 km cells; the full run is the
    command's. Bounds are those of the aims, and of what the engine keeps beside a plain decay.
    """
    begin, first = date(2011, 1, 1), date(2013, 7, 1)
    series, column = read_series(CHICAGO, "chicago", 4_000.0, 40, begin, first, None)
    found = score_forecast(series, column, 37)
    for one in found.horizons:
        assert 0.75 <= one.coverage.parts <= 0.85
        assert one.coverage.plain >= 0.75
        assert all(one.crps["streetwise"] < one.crps[who] for who in ("previous", "seasonal"))
        assert one.crps["streetwise"] < one.crps["mean_28"]
    reports = read_reports(CHICAGO, "chicago", first_day=begin).reports
    settings = HotSpotSettings(cell_metres=500.0)
    spots = score_hot_spots(reports, day_of(first), day_of(date(2013, 12, 31)), settings)
    assert spots.areas[1].ratio > 1 and spots.areas[2].ratio > 1
