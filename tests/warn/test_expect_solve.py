"""The ascent finds the top: statsmodels, a general minimiser and far starting points say so."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize

from streetwise.warn.expect.solve import Prior, Rows, solve, variances
from streetwise.warn.values import Floats

DAYS, COLUMNS = 400, 6


def _free(series: int) -> Prior:
    return Prior(
        np.zeros((series, COLUMNS)), np.zeros((series, COLUMNS)), np.zeros(series), np.ones(series)
    )


def _bound(series: int) -> Prior:
    rng = np.random.default_rng(8)
    precision = rng.uniform(1.0, 30.0, (series, COLUMNS))
    precision[:, 0] = 0.0
    centre = rng.normal(0.0, 0.3, (series, COLUMNS))
    return Prior(centre, precision, np.full(series, 4.0), np.full(series, 0.7))


@pytest.fixture(name="rows")
def rows_() -> Floats:
    rng = np.random.default_rng(5)
    return np.concatenate([np.ones((DAYS, 1)), rng.normal(size=(DAYS, COLUMNS - 1))], axis=1)


def _counts(rows: Floats, scatter: float = 0.0) -> Floats:
    rng = np.random.default_rng(6)
    truth = np.concatenate([[[0.5], [2.0], [-1.5]], rng.normal(0, 0.3, (3, COLUMNS - 1))], axis=1)
    mean = np.exp(truth @ rows.T)
    if scatter:
        mean = mean * rng.gamma(1 / scatter, scatter, mean.shape)
    return rng.poisson(mean).astype(np.float64)


@pytest.mark.parametrize("scatter", [0.0, 0.4])
def test_without_priors_the_coefficients_are_those_of_statsmodels(
    rows: Floats, scatter: float
) -> None:
    counts = _counts(rows, scatter)
    weights = np.random.default_rng(7).uniform(0.2, 1.0, counts.shape)
    prior, start = _free(3), np.zeros((3, COLUMNS))
    found = solve(counts, weights, Rows.of(rows), prior, np.full(3, scatter), start)
    unsure = variances(weights, Rows.of(rows), prior, np.full(3, scatter), found)
    family = sm.families.NegativeBinomial(alpha=scatter) if scatter else sm.families.Poisson()
    for row in range(3):
        model = sm.GLM(counts[row], rows, family=family, var_weights=weights[row])
        theirs = model.fit(tol=1e-13, maxiter=200)
        np.testing.assert_allclose(found[row], theirs.params, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(np.sqrt(unsure[row]), theirs.bse, rtol=1e-5)


def test_with_priors_it_is_the_top_of_likelihood_and_priors(rows: Floats) -> None:
    counts, scatter, prior = _counts(rows, 0.4), 0.4, _bound(3)
    ones = np.ones_like(counts)
    found = solve(counts, ones, Rows.of(rows), prior, np.full(3, scatter), np.zeros((3, COLUMNS)))

    def loss(at: Floats, row: int) -> float:
        log, y = rows @ at, counts[row]
        likely = (y * log - (y + 1 / scatter) * np.log1p(scatter * np.exp(log))).sum()
        normal = 0.5 * (prior.precision[row] * (at - prior.centre[row]) ** 2).sum()
        level = prior.count[row] * at[0] - prior.count[row] / prior.level[row] * np.exp(at[0])
        return float(normal - likely - level)

    for row in range(3):
        theirs = minimize(loss, np.zeros(COLUMNS), args=(row,), method="BFGS", tol=1e-10)
        np.testing.assert_allclose(found[row], theirs.x, atol=2e-5)
        assert loss(found[row], row) <= loss(theirs.x, row) + 1e-9


@pytest.mark.parametrize("scatter", [0.0, 3.0])
@pytest.mark.parametrize("away", [-12.0, -3.0, 4.0, 9.0])
def test_the_top_is_found_from_far_away(rows: Floats, away: float, scatter: float) -> None:
    counts, many, prior = _counts(rows), np.full(3, scatter), _bound(3)
    ones, design = np.ones_like(counts), Rows.of(rows)
    near = solve(counts, ones, design, prior, many, np.zeros((3, COLUMNS)))
    start = np.zeros((3, COLUMNS))
    start[:, 0], start[:, 2] = away, -away / 4
    far = solve(counts, ones, design, prior, many, start)
    np.testing.assert_allclose(far, near, atol=1e-7)


def test_columns_that_say_the_same_stay_finite_and_give_the_same_mean(rows: Floats) -> None:
    counts, ones = _counts(rows), np.ones((3, DAYS))
    twice = rows.copy()
    twice[:, 3] = twice[:, 2]
    once = np.delete(rows, 3, axis=1)
    zeros = np.zeros(3)
    found = solve(counts, ones, Rows.of(twice), _free(3), zeros, np.zeros((3, COLUMNS)))
    fewer = Prior(np.zeros((3, 5)), np.zeros((3, 5)), zeros, np.ones(3))
    single = solve(counts, ones, Rows.of(once), fewer, zeros, np.zeros((3, 5)))
    assert np.all(np.isfinite(found))
    np.testing.assert_allclose(found @ twice.T, single @ once.T, atol=1e-6)
