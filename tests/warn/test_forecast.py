"""Counts to come: parts against slow references and invariants, the whole against known worlds."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from streetwise.warn.forecast import CLASS_EDGES, ForecastSettings, forecast_counts, volume_class
from streetwise.warn.forecast.intervals import (
    POISSON_SIZE,
    cdf,
    covered,
    covered_part,
    cut,
    quantile,
    size_of,
)
from streetwise.warn.forecast.levels import MEMORY_DAYS, Levels, fade_shape, mix
from streetwise.warn.forecast.poisson import fit_poisson
from streetwise.warn.forecast.shape import SEASON_DAYS_LEAST, shapes, totals_by_category
from streetwise.warn.values import ALL, Calendar, Floats, Ints, Series

FIRST = 15_000  # a Monday and a half; any will do


def _series(counts: Ints, parent: list[int] | None = None) -> Series:
    """Places 0 … of one category; a parent's row is of all places."""
    many = len(counts)
    parents = np.array(parent or [-1] * many, dtype=np.int64)
    place = np.array([ALL if row in parents else row for row in range(many)], dtype=np.int64)
    return Series(counts.astype(np.int64), FIRST, place, np.zeros(many, dtype=np.int64), parents)


def _world(rng: np.random.Generator, places: int, days: int, size: float = 0.0) -> Series:
    """Cells of very different volume under one total; ``size``: more scatter than Poisson's."""
    levels = rng.gamma(0.5, 1.0, places)
    week = np.array([1.3, 1.1, 1.0, 1.0, 1.2, 0.6, 0.5])[(np.arange(days) + FIRST + 3) % 7]
    mean = levels[:, None] * week
    if size:
        mean = mean * rng.gamma(size, 1 / size, mean.shape)
    inner = rng.poisson(mean)
    return _series(np.vstack([inner.sum(axis=0), inner]), [-1] + [0] * places)


# Parts


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.floats(0.01, 50.0), st.floats(0.05, 500.0), st.floats(0.01, 0.99))
def test_distribution_agrees_with_scipy(k: int, mean: float, size: float, level: float) -> None:
    known = stats.nbinom(size, size / (size + mean))
    one = (np.array([mean]), np.array([size]))
    assert cdf(np.array([float(k)]), *one)[0] == pytest.approx(known.cdf(k), abs=1e-9)
    found = int(quantile(np.array([level]), *one)[0])
    assert known.cdf(found) >= level - 1e-9
    assert found == 0 or known.cdf(found - 1) < level + 1e-9


def test_without_excess_it_is_poisson() -> None:
    k, mean = np.arange(20.0), np.full(20, 4.2)
    assert cdf(k, mean, np.full(20, POISSON_SIZE)) == pytest.approx(stats.poisson(4.2).cdf(k))
    assert cdf(np.array([-1.0]), mean[:1], np.array([3.0]))[0] == 0


def test_size_is_found_again() -> None:
    rng = np.random.default_rng(3)
    mean = rng.uniform(2, 20, 40_000)
    assert size_of(rng.poisson(mean).astype(float), mean) > 100
    mixed = rng.poisson(mean * rng.gamma(2.0, 0.5, len(mean))).astype(float)
    assert size_of(mixed, mean) == pytest.approx(2.0, rel=0.1)


@pytest.mark.parametrize("wrong", [0.6, 1.0, 1.7])
def test_intervals_hold_their_share_even_where_the_model_is_wrong(wrong: float) -> None:
    """The forecast says ``wrong`` times the truth; the cut learns that from the past."""
    rng = np.random.default_rng(4)
    true = rng.uniform(10, 40, 8_000)
    came = rng.poisson(true).astype(float)
    said = true * wrong
    one = cut(came[:4_000], said[:4_000], 0.8, rng)
    size, later = np.full(4_000, one.size), said[4_000:]
    low, high = (quantile(np.full(4_000, level), later, size) for level in (one.low, one.high))
    assert 0.78 <= covered(came[4_000:], low, high).mean() <= 0.86
    bounds = np.full(4_000, one.part_low), np.full(4_000, one.part_high)
    assert 0.78 <= covered_part(came[4_000:], later, size, *bounds).mean() <= 0.82


def test_coverage_in_parts_is_that_of_random_draws() -> None:
    rng = np.random.default_rng(5)
    mean, size = rng.uniform(0.05, 3, 200), np.full(200, 1.5)
    came = rng.poisson(mean).astype(float)
    low, high = np.full(200, 0.1), np.full(200, 0.9)
    below, upto = cdf(came - 1, mean, size), cdf(came, mean, size)
    draws = below + rng.uniform(size=(4_000, 200)) * (upto - below)
    slow = ((draws >= 0.1) & (draws <= 0.9)).mean(axis=0)
    assert covered_part(came, mean, size, low, high) == pytest.approx(slow, abs=0.04)


def test_poisson_fit_agrees_with_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(6)
    features = rng.normal(size=(900, 3)) * [1.0, 5.0, 0.1] + [0.0, 3.0, 7.0]
    counts = rng.poisson(np.exp(0.3 + features @ [0.4, -0.1, 2.0] - 14)).astype(float)
    fit = fit_poisson(features, counts, ridge=1e-7)
    known = api.GLM(counts, api.add_constant(features), family=api.families.Poisson()).fit()
    assert fit.mean(features) == pytest.approx(known.fittedvalues, rel=1e-4)


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, (12, 3), elements=st.floats(-1e4, 1e4)),
    arrays(np.float64, (12,), elements=st.integers(0, 10_000).map(float)),
)
def test_poisson_fit_never_diverges(features: Floats, counts: Floats) -> None:
    fit = fit_poisson(features, counts, ridge=1.0)
    assert np.all(np.isfinite(fit.mean(features))) and np.all(fit.mean(features) > 0)
    assert np.all(np.isfinite(fit.mean(features * 3 - 5)))


def test_mixture_finds_the_stream_that_tells() -> None:
    rng = np.random.default_rng(7)
    streams = rng.gamma(1.0, 2.0, (6_000, 3))
    counts = rng.poisson(streams @ [0.0, 0.7, 0.2]).astype(float)
    weights = mix(streams, counts, steps=400)
    assert weights == pytest.approx([0.0, 0.7, 0.2], abs=0.04)
    # What EM keeps at every step: as many are expected as came.
    assert (streams @ weights).sum() == pytest.approx(counts.sum(), rel=1e-6)


def test_memories_are_what_a_plain_sum_gives() -> None:
    rng = np.random.default_rng(8)
    counts = rng.poisson(200.0, (2, 300))
    series = _series(counts)
    shape = rng.uniform(0.5, 1.5, (1, 310))
    levels = Levels(series, np.zeros(2, dtype=np.int64))
    found = levels.components(shape, fade_shape(shape), 300, 307)
    for number, memory in enumerate(MEMORY_DAYS):
        weight = np.exp(-np.arange(299, -1, -1) / memory)
        level = (counts * weight).sum(axis=1) / (shape[0, :300] * weight).sum()
        # The prior is worth some days at the mean of both.
        assert found[:, number] == pytest.approx(level * shape[0, 300:307].sum(), rel=0.03)


def test_shape_finds_weekdays_and_season() -> None:
    rng = np.random.default_rng(9)
    days = np.arange(FIRST, FIRST + 1_100)
    week = np.array([1.4, 1.2, 1.0, 1.0, 1.0, 0.8, 0.6])[(days + 3) % 7]
    year = np.exp(0.5 * np.sin(2 * np.pi * days / 365.2425))
    total = rng.poisson(80 * week * year)[None].astype(float)
    found = shapes(total, FIRST, 1_000, 1_100, None)[0]
    assert found[1_000:] == pytest.approx((week * year)[1_000:], rel=0.12)
    short = shapes(total, FIRST, SEASON_DAYS_LEAST - 1, 1_100, None)[0]
    assert np.ptp([short[day::7].std() for day in range(7)]) < 1e-9  # a week, and no more


def test_totals_count_nobody_twice() -> None:
    counts = np.array([[5, 5], [2, 1], [3, 4], [1, 0]])
    category = np.array([0, 0, 0, 1])
    place = np.array([ALL, 0, 1, 0])
    series = Series(counts, FIRST, place, category, np.array([-1, 0, 0, -1]))
    categories, totals = totals_by_category(series)
    assert categories.tolist() == [0, 1] and totals.tolist() == [[5, 5], [1, 0]]
    without = Series(counts[1:], FIRST, place[1:], category[1:], np.full(3, -1))
    assert totals_by_category(without)[1].tolist() == [[5, 5], [1, 0]]


# The whole


@pytest.mark.parametrize("size", [0.0, 1.0])
def test_coverage_and_bias_in_a_known_world(size: float) -> None:
    rng = np.random.default_rng(10)
    series = _world(rng, 40, 700, size)
    parts: dict[int, list[float]] = {0: [], 1: [], 2: []}
    expected, came, plain = np.zeros(3), np.zeros(3), []
    for column in range(460, 672, 30):
        known = Series(
            series.counts[:, :column], FIRST, series.place, series.category, series.parent
        )
        made = forecast_counts(known)
        for at, horizon in enumerate(made.horizons):
            true = series.counts[:, column : column + horizon].sum(axis=1).astype(float)
            bounds = made.part_low[:, at], made.part_high[:, at]
            inside = covered_part(true, made.mean[:, at], made.size[:, at], *bounds)
            parts[at] += inside.tolist()
            plain.append(covered(true, made.low[:, at], made.high[:, at]).mean())
            expected[at] += made.mean[:, at].sum()
            came[at] += true.sum()
    for at in range(3):
        assert 0.75 <= np.mean(parts[at]) <= 0.85
    assert np.mean(plain) >= 0.78
    # The total counts twice, so three standard errors of a day's sum are a fifth of it.
    assert np.all(np.abs(expected / came - 1) < [0.25, 0.12, 0.08])


def test_a_day_after_today_changes_nothing() -> None:
    series = _world(np.random.default_rng(11), 8, 400)
    changed = series.counts.copy()
    changed[:, 300:] += 50
    cut_short = [
        forecast_counts(Series(c[:, :300], FIRST, series.place, series.category, series.parent))
        for c in (series.counts, changed)
    ]
    one, two = cut_short
    for field in fields(one):
        assert np.array_equal(getattr(one, field.name), getattr(two, field.name)), field.name


def test_holidays_ahead_are_expected() -> None:
    rng = np.random.default_rng(12)
    kind = np.zeros(760, dtype=np.int64)
    kind[5::30] = 1
    counts = rng.poisson(np.where(kind == 1, 4.0, 20.0))[None, :725]
    calendar = Calendar(FIRST, kind, np.zeros((760, 0)), ())
    series = _series(counts)
    assert kind[725] == 1
    assert forecast_counts(series, calendar).mean[0, 0] == pytest.approx(4, abs=1.5)
    assert forecast_counts(series).mean[0, 0] > 12


def test_a_wave_in_the_whole_is_heard_in_a_quiet_cell() -> None:
    """All cells treble for the last ten days; the cell itself has too few to tell."""
    rng = np.random.default_rng(13)
    mean = np.full((61, 500), 0.1)
    for begin in range(60, 500, 110):
        mean[:, begin : begin + 40] *= 3
    inner = rng.poisson(mean)
    calm = forecast_counts(_with_total(inner[:, :275]))
    wave = forecast_counts(_with_total(inner[:, :410]))
    assert wave.mean[1:, 1].mean() > 1.6 * calm.mean[1:, 1].mean()


def _with_total(inner: Ints) -> Series:
    return _series(np.vstack([inner.sum(axis=0), inner]), [-1] + [0] * len(inner))


@settings(max_examples=12, deadline=None)
@given(
    st.integers(1, 130).flatmap(
        lambda days: arrays(np.int64, (3, days), elements=st.sampled_from([0, 0, 0, 1, 2, 400]))
    )
)
def test_anything_gives_numbers(inner: Ints) -> None:
    made = forecast_counts(_with_total(inner))
    for name in ("mean", "size", "usual", "seasonal", "part_low", "part_high"):
        assert np.all(np.isfinite(getattr(made, name))), name
    assert np.all(made.mean > 0)
    assert np.all(made.low <= made.high) and np.all(made.low >= 0)
    assert np.all((made.low <= made.median) | (made.taught > 0))
    assert made.recent.tolist() == [int(inner[:, -28:].sum()), *inner[:, -28:].sum(axis=1)]


def test_without_past_nothing_vouches() -> None:
    made = forecast_counts(_series(np.ones((1, 10), dtype=np.int64)))
    assert np.all(made.taught == 0) and np.all(made.size == POISSON_SIZE)
    with pytest.raises(ValueError, match="a day of past"):
        forecast_counts(_series(np.ones((1, 0), dtype=np.int64)))


def test_the_same_gives_the_same() -> None:
    series = _world(np.random.default_rng(14), 10, 300)
    one, two = forecast_counts(series), forecast_counts(series, settings=ForecastSettings())
    assert all(
        np.array_equal(getattr(one, name), getattr(two, name)) for name in ("mean", "low", "high")
    )


def test_volume_classes_have_edges() -> None:
    edges = np.array([0.0, 0.099, *CLASS_EDGES, 1e6])
    assert volume_class(edges).tolist() == [0, 0, 1, 2, 3, 4, 5, 5]
