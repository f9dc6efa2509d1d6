"""Never a NaN and never a coefficient that runs away, whatever the counts are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warn.expect_helpers import (
    FIRST,
    calendar_with_weather,
    plain_calendar,
    series_of,
    yearly,
)

from streetwise.warn.expect import PLAIN, Fitted, Settings, fit
from streetwise.warn.values import Ints

DAYS = 760
ZERO = np.zeros(DAYS, dtype=np.int64)


def _spike(height: int) -> Ints:
    found = ZERO.copy()
    found[400] = height
    return found


def _dead_season() -> Ints:
    return np.where(yearly(DAYS) > 1.0, 9, 0)


ODD = {
    "nothing": ZERO,
    "constant": np.full(DAYS, 7),
    "one": _spike(1),
    "spike": _spike(10**6),
    "spike on a level": _spike(10**6) + 3,
    "half the year nothing": _dead_season(),
    "no Sundays": np.where(np.arange(DAYS) % 7 == 1, 0, 5),
    "only Sundays": np.where(np.arange(DAYS) % 7 == 1, 5, 0),
    "alternating": np.arange(DAYS) % 2 * 1000,
    "extremely many": np.full(DAYS, 10**12),
    "extremes": np.arange(DAYS) % 2 * 10**12,
    "dies": np.where(np.arange(DAYS) < 380, 50, 0),
    "is born": np.where(np.arange(DAYS) > 740, 5000, 0),
    "ends in a spike": np.concatenate([ZERO[1:], [10**7]]),
    "doubles all the time": np.minimum(2 ** (np.arange(DAYS) // 20), 10**9),
}


def _sound(fitted: Fitted, last_day: int, most_log: float) -> None:
    found = fitted.expected(FIRST - 10, last_day + 60)
    assert np.all(np.isfinite(found.mean))
    assert np.all(found.mean > 0.0)
    assert np.all(found.size > 0.0)
    assert not np.any(np.isnan(found.size))
    assert np.all(np.isfinite(fitted.own_share))
    assert np.all((fitted.own_share >= 0.0) & (fitted.own_share <= 1.0))
    # All but the level: no factor beyond e^most_log.
    assert np.abs(fitted.coefficients[:, 1:]).max(initial=0.0) < most_log
    for row in range(len(found.mean)):
        assert np.isfinite(fitted.explain(row, last_day + 1).mean)


@pytest.mark.parametrize("family", ["negative_binomial", "quasi_poisson"])
@pytest.mark.parametrize("name", ODD)
def test_an_odd_series_alone(name: str, family: str) -> None:
    chosen = Settings(family="quasi_poisson") if family == "quasi_poisson" else Settings()
    fitted = fit(series_of(ODD[name]), calendar_with_weather(DAYS + 60), chosen)
    _sound(fitted, FIRST + DAYS - 1, 25.0)
    # What ever came on a day is not expected to come many times over. A negative binomial holds
    # three weeks of thousands after years of nothing for odd; a quasi-Poisson follows, too steeply.
    most = fitted.expected(FIRST, FIRST + DAYS + 59).mean.max()
    times = 2.0 if family == "negative_binomial" else 5.0
    assert most <= times * max(1.0, float(ODD[name].max()))


def test_all_odd_series_below_one_another() -> None:
    counts = np.array(list(ODD.values()))
    parents = [-1, *[0] * len(counts)]
    series = series_of(np.vstack([counts.sum(axis=0), counts]), parents)
    _sound(fit(series, calendar_with_weather(DAYS + 60)), FIRST + DAYS - 1, 25.0)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_series_with_nothing_to_bind_it(name: str) -> None:
    fitted = fit(series_of(ODD[name]), calendar_with_weather(DAYS + 60), PLAIN)
    found = fitted.expected(FIRST, FIRST + DAYS - 1)
    assert np.all(np.isfinite(fitted.coefficients))
    assert np.all(np.isfinite(found.mean))


def test_a_steady_series_is_expected_as_it_is() -> None:
    for name in ("constant", "extremely many"):
        found = fit(series_of(ODD[name]), plain_calendar(DAYS)).expected(FIRST, FIRST + DAYS + 6)
        np.testing.assert_allclose(found.mean[0], ODD[name][0], rtol=1e-3)


@pytest.mark.parametrize("days", [1, 2, 6, 7, 13])
def test_a_history_of_days(days: int) -> None:
    counts = np.arange(4)[:, None] * np.ones(days, dtype=np.int64)
    fitted = fit(series_of(counts, [-1, 0, 0, 1]), calendar_with_weather(days))
    _sound(fitted, FIRST + days - 1, 5.0)
    found = fitted.expected(FIRST + days, FIRST + days).mean[:, 0]
    assert found[0] < 1.0
    assert found[2] == pytest.approx(2.0, rel=0.7)


_HEIGHT = st.one_of(st.integers(0, 3), st.integers(0, 10**9))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    counts=st.integers(1, 60).flatmap(
        lambda days: st.lists(
            st.lists(_HEIGHT, min_size=days, max_size=days), min_size=1, max_size=4
        )
    ),
    deep=st.booleans(),
    robust=st.booleans(),
)
def test_any_counts(counts: list[list[int]], deep: bool, robust: bool) -> None:
    # A parent below its children cannot be, and must do no harm either.
    parent = [-1, *(range(len(counts) - 1) if deep else [0] * (len(counts) - 1))]
    chosen = Settings(outlier_sd=2.58 if robust else np.inf)
    days = len(counts[0])
    fitted = fit(series_of(counts, parent), calendar_with_weather(days + 3), chosen)
    _sound(fitted, FIRST + days - 1, 25.0)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), level=st.floats(-3.0, 3.0))
def test_the_order_of_the_series_does_not_matter(seed: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    children = rng.poisson(np.exp(level), (5, 90))
    counts = np.vstack([children.sum(axis=0), children]).astype(np.int64)
    order = rng.permutation(6)
    parent = np.array([-1, 0, 0, 0, 0, 0])
    back = np.empty(6, dtype=np.int64)
    back[order] = np.arange(6)
    turned = np.where(parent[order] >= 0, back[parent[order]], -1)
    calendar = plain_calendar(97)
    straight = fit(series_of(counts, parent.tolist()), calendar).expected(FIRST, FIRST + 96)
    other = fit(series_of(counts[order], turned.tolist()), calendar).expected(FIRST, FIRST + 96)
    np.testing.assert_allclose(other.mean, straight.mean[order], rtol=1e-6)
    np.testing.assert_allclose(other.size, straight.size[order], rtol=1e-5)
