"""Compare against the tables that R's surveillance gave (../shared/data/reference)."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from streetwise.warn.compare import (
    ORIGINAL,
    FarringtonSettings,
    State,
    ears,
    farrington,
    nb_ratio,
    rossi_cusum,
)
from streetwise.warn.compare.ears import Method
from streetwise.warn.values import Expected, Ints, day_of

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "data" / "reference"
pytestmark = pytest.mark.skipif(
    not REFERENCE.exists(), reason="the reference tables (../shared/data/reference) are not here"
)
Table = dict[str, NDArray[np.float64]]


def table(name: str) -> Table:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        column: np.array([np.nan if row[column] == "NA" else float(row[column]) for row in rows])
        for column in rows[0]
        if column != "week_start"
    }


def agona() -> Ints:
    return table("series_salmonella_agona")["observed"].astype(np.int64)[None, :]


def newport() -> tuple[Ints, int]:
    with (REFERENCE / "series_salmNewport_total.csv").open(encoding="utf-8") as file:
        first = next(csv.DictReader(file))["week_start"]
    counts = table("series_salmNewport_total")["observed"].astype(np.int64)
    return counts[None, :], day_of(date.fromisoformat(first))


IMPROVED = FarringtonSettings()
TABLES = {
    "farflex_agona_improved_nbPlugin": IMPROVED,
    "farflex_agona_original": ORIGINAL,
    "farflex_agona_notrend_noreweight": FarringtonSettings(
        alpha=0.1, reweight_above=None, trend=False, bound="two_thirds"
    ),
    "farflex_salmNewport_improved_nbPlugin": FarringtonSettings(alpha=0.01, years_back=5),
}


@pytest.mark.parametrize("name", TABLES)
def test_farrington_is_that_of_the_tables_in_all_weeks(name: str) -> None:
    known, settings = table(name), TABLES[name]
    counts, first_day = newport() if "Newport" in name else (agona(), None)
    weeks = known["index"].astype(np.int64) - 1
    found = farrington(counts, settings, weeks=weeks, first_day=first_day)
    told = ~np.isnan(known["expected"])
    assert told.sum() >= 31
    assert ((found.state[0] == State.JUDGED) == told).all()
    np.testing.assert_allclose(found.expected[0][told], known["expected"][told], rtol=1e-10)
    np.testing.assert_allclose(found.upper[0][told], known["upperbound"][told], rtol=1e-10)
    assert (found.alarm[0] == known["alarm"]).all()
    np.testing.assert_allclose(found.dispersion[0], known["phi"], rtol=1e-10)
    np.testing.assert_allclose(found.p_value[0], known["pvalue"], rtol=1e-9)
    assert ((found.slope[0] != 0) == known["trend"]).all()
    sloped = ~np.isnan(known["trend_coef"])
    np.testing.assert_allclose(found.slope[0][sloped] / 52, known["trend_coef"][sloped], rtol=1e-9)
    if settings.bound == "negative_binomial":
        # Their score takes the logarithm of the expected count for the count itself; ours does not.
        np.testing.assert_allclose(found.expected[0], known["mu0"], rtol=1e-10)
        log = np.log(found.expected[0])
        theirs = (found.observed[0] - log) / (found.upper[0] - log)
        np.testing.assert_allclose(theirs, known["score"], rtol=1e-8, atol=1e-8)
    else:
        np.testing.assert_allclose(found.score[0], known["score"], rtol=1e-8, atol=1e-8)


def test_weeks_without_dates_are_not_those_with_dates() -> None:
    """The series is dated: a year of 52 weeks drifts away from its anniversaries."""
    known = table("farflex_salmNewport_improved_nbPlugin")
    weeks = known["index"].astype(np.int64) - 1
    settings = TABLES["farflex_salmNewport_improved_nbPlugin"]
    found = farrington(newport()[0], settings, weeks=weeks)
    assert np.median(np.abs(found.expected[0] / known["mu0"] - 1)) > 0.01


@pytest.mark.parametrize("method", ["C1", "C2"])
def test_ears_is_that_of_the_tables(method: Method) -> None:
    known = table(f"ears_{method}_agona")
    week = known["index"].astype(np.int64) - 1
    found = ears(agona(), method, least_spread=0.0)
    np.testing.assert_allclose(found.bound[0, week], known["upperbound"], rtol=1e-12)
    assert (found.alarm[0, week] == known["alarm"]).all()


def test_the_parts_of_c3_are_those_of_the_table() -> None:
    """Its bound adds to the week's own count where the paper adds to the mean: ours is the paper's.

    With the count put back in place of the mean, bounds and alarms are the table's in all weeks.
    """
    known, counts = table("ears_C3_agona"), agona()
    week = known["index"].astype(np.int64) - 1
    found = ears(counts, "C3", least_spread=0.0)
    seen = counts[0, week]
    bound = seen + found.spread[0, week] * (norm.ppf(0.999) - found.carried[0, week])
    np.testing.assert_allclose(np.maximum(bound, 0), known["upperbound"], rtol=1e-10, atol=1e-10)
    assert ((seen > np.maximum(bound, 0)) == known["alarm"]).all()


def test_the_rossi_chart_is_that_of_the_table() -> None:
    """Their chart is not started anew; the bound is the count that would just reach it."""
    known = table("cusum_rossi_glm_agona")
    counts, mean = agona()[:, 208:], known["mu0"][None, :]
    found = rossi_cusum(counts, mean, reset=False)
    assert (found.alarm[0] == known["alarm"]).all()
    before = np.concatenate([[0.0], found.value[0, :-1]])
    room = 4 * mean[0] + 2 * np.sqrt(mean[0]) * (2.26 + 1.04 - before)
    needed = (np.sqrt(np.maximum(room, 0)) - np.sqrt(mean[0])) ** 2
    np.testing.assert_allclose(
        np.where(room > 0, needed, 0.0), known["upperbound"], rtol=1e-9, atol=1e-9
    )


def test_the_likelihood_ratio_chart_is_that_of_the_table() -> None:
    known = table("glrnb_agona")
    expected = Expected(known["mu0"][None, :], np.array([1 / known["alpha"][0]]))
    found = nb_ratio(agona()[:, 208:], expected, threshold=5.0, lookback=104)
    np.testing.assert_allclose(found.value[0], known["glr"], rtol=1e-9, atol=1e-9)
    assert (found.alarm[0] == known["alarm"]).all()
