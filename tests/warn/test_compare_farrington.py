"""Farrington's method against a slow reference, and on series that break fits."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import nbinom, poisson

from streetwise.kernel.errors import Invalid
from streetwise.warn.compare import FarringtonSettings, State, farrington
from streetwise.warn.compare.quantiles import quantile, tail
from streetwise.warn.compare.weeks import anniversary, plan
from streetwise.warn.values import Floats, Ints, date_of, day_of

MONDAY = day_of(date(2018, 1, 1))


def seasonal(series: int, weeks: int, mean: float = 6.0, seed: int = 4) -> Ints:
    rng = np.random.default_rng(seed)
    season = 1 + 0.5 * np.sin(2 * np.pi * np.arange(weeks) / 52.18)
    return rng.negative_binomial(5, 5 / (5 + mean * season), (series, weeks)).astype(np.int64)


# --- a slow reference ----------------------------------------------------------------------------


def slowly(counts: Ints, now: int, start: date, chosen: FarringtonSettings) -> tuple[float, float]:
    """Expected count and dispersion of one week, by dates and a general model."""
    starts = [start + timedelta(weeks=week) for week in range(len(counts))]
    today = starts[now]

    def nearest(years: int) -> int:
        there = today.replace(year=today.year - years)
        return min(range(len(starts)), key=lambda week: abs((starts[week] - there).days))

    bases = sorted(nearest(years) for years in range(1, chosen.years_back + 1))
    half = chosen.half_window
    rows, factors = [], []
    for week in range(bases[0] - half, now - chosen.weeks_left_out):
        newest = max(base for base in bases if base - half <= week)
        following = min([base for base in bases if base - half > week], default=now)
        if week <= newest + half:
            zone = 0
        else:
            gap = following - newest - 2 * half - 1
            zone = 1 + (week - newest - half - 1) * (chosen.periods - 1) // gap
        rows.append(week)
        factors.append(zone)
    zones = np.unique(factors)
    design = (np.array(factors)[:, None] == zones[None, :]).astype(float)
    design = np.column_stack([design, (np.array(rows) - now) / 52.0])
    seen = counts[rows].astype(float)

    def fitted(weights: Floats) -> tuple[Floats, Floats, float, Floats]:
        model = sm.GLM(seen, design, family=sm.families.Poisson(), var_weights=weights)
        got = model.fit(tol=1e-12, maxiter=100)
        mean = got.fittedvalues
        freedom = len(seen) - design.shape[1]
        scale = max(1.0, float((weights * (seen - mean) ** 2 / mean).sum() / freedom))
        root = design * np.sqrt(weights * mean)[:, None]
        lift = np.einsum("ij,ji->i", root, np.linalg.pinv(root))
        return got.params, mean, scale, lift

    _, mean, scale, lift = fitted(np.ones(len(seen)))
    residual = 1.5 * (seen ** (2 / 3) - mean ** (2 / 3)) / mean ** (1 / 6)
    residual /= np.sqrt(scale * (1 - lift))
    above = chosen.reweight_above
    assert above is not None
    weights = np.where(residual > above, 1 / np.maximum(residual, 1) ** 2, 1.0)
    params, _, scale, _ = fitted(weights * len(seen) / weights.sum())
    return float(np.exp(params[0])), scale


def test_the_fit_is_that_of_a_slow_reference() -> None:
    """Two years of weeks, a 53-week year among them, on series with a season, noise and a burst."""
    counts = seasonal(2, 330)
    counts[0, 200:206] += 40  # what reweighting is for
    weeks = np.arange(228, 330, 17, dtype=np.int64)
    chosen = FarringtonSettings()
    found = farrington(counts, chosen, weeks=weeks, first_day=MONDAY)
    assert (found.slope != 0).all()
    for series in range(2):
        for at, week in enumerate(weeks.tolist()):
            expected, scale = slowly(counts[series], week, date_of(MONDAY), chosen)
            assert found.expected[series, at] == pytest.approx(expected, rel=1e-5)
            # Theirs is taken after the last step, ours (as in the tables) before it.
            assert found.dispersion[series, at] == pytest.approx(scale, rel=2e-3)


def test_the_bound_is_the_quantile_of_the_fitted_distribution() -> None:
    counts = seasonal(3, 260, mean=40.0)
    found = farrington(counts, weeks=np.arange(215, 260, 9, dtype=np.int64))
    size = found.expected / (found.dispersion - 1)
    share = 1 / found.dispersion
    assert (found.dispersion > 1).all()
    assert (found.upper == nbinom.ppf(0.95, size, share)).all()
    np.testing.assert_allclose(found.p_value, nbinom.sf(found.observed - 1, size, share), rtol=1e-9)


@given(
    mean=st.floats(1e-6, 1e5),
    extra=st.sampled_from([0.0, 1e-9, 0.01, 0.5, 3.0, 50.0]),
    level=st.sampled_from([0.9, 0.95, 0.99, 0.999]),
    count=st.integers(0, 200_000),
)
@settings(max_examples=150, deadline=None)
def test_quantiles_and_tails_are_those_of_scipy(
    mean: float, extra: float, level: float, count: int
) -> None:
    known = nbinom(mean / extra, 1 / (1 + extra)) if extra > 1e-7 else poisson(mean)
    found = quantile(level, mean, 1 + extra)
    slack = 1e-9  # scipy's own sums are no better
    assert known.cdf(found) >= level - slack
    assert found == 0 or known.cdf(found - 1) < level + slack
    assert tail(float(count), mean, 1 + extra) == pytest.approx(
        known.sf(count - 1), rel=1e-6, abs=1e-9
    )


# --- which weeks ---------------------------------------------------------------------------------


@given(week=st.integers(320, 700), years=st.integers(1, 5), first=st.integers(0, 20_000))
def test_an_anniversary_is_the_nearest_start(week: int, years: int, first: int) -> None:
    when = date_of(first + 7 * week)
    day = 28 if (when.month, when.day) == (2, 29) else when.day
    there = date(when.year - years, when.month, day)
    found = date_of(first + 7 * anniversary(week, years, first))
    assert abs((found - there).days) <= 3


@given(
    week=st.integers(230, 400),
    half=st.integers(0, 5),
    periods=st.integers(1, 12),
    left_out=st.integers(5, 40),
    dated=st.booleans(),
)
@settings(deadline=None)
def test_zones_are_whole_and_nearly_equal(
    week: int, half: int, periods: int, left_out: int, dated: bool
) -> None:
    chosen = FarringtonSettings(half_window=half, periods=periods, weeks_left_out=left_out)
    made = plan(np.array([week]), chosen, MONDAY if dated else None)
    zone, start = made.zone[0], int(made.start[0])
    assert made.years[0] == 4
    assert start + len(zone) == week - left_out
    assert (zone == 0).sum() == 4 * (2 * half + 1)
    if periods == 1:
        assert set(zone.tolist()) <= {-1, 0}
        return
    assert zone.min() == 0
    assert zone.max() == periods - 1
    # Between two windows the zones go up one by one, and none is longer by more than a week.
    base = anniversary(week, 4, MONDAY if dated else None) - start
    following = anniversary(week, 3, MONDAY if dated else None) - start
    between = zone[base + half + 1 : following - half]
    sizes = np.bincount(between, minlength=periods)[1:]
    assert (np.diff(between) >= 0).all()
    assert sizes.max() - sizes.min() <= 1


def test_the_window_of_the_week_itself_is_not_its_past() -> None:
    made = plan(np.array([230]), FarringtonSettings(weeks_left_out=0))
    assert (made.zone[0, -3:] == -1).all()
    assert made.zone[0, -4] == 9


# --- series that break fits ----------------------------------------------------------------------

hard_series = arrays(
    np.int64,
    (2, 175),
    elements=st.one_of(st.just(0), st.integers(0, 3), st.sampled_from([0, 0, 0, 50, 10**6])),
)


@given(
    counts=hard_series,
    periods=st.sampled_from([1, 10, 46]),
    left_out=st.sampled_from([0, 26, 45]),
    two_thirds=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_no_series_gives_anything_but_numbers(
    counts: Ints, periods: int, left_out: int, two_thirds: bool
) -> None:
    chosen = FarringtonSettings(
        years_back=3,
        fewest_years=1,
        periods=periods,
        weeks_left_out=left_out,
        bound="two_thirds" if two_thirds else "negative_binomial",
    )
    found = farrington(counts, chosen)
    judged = found.state != State.NO_HISTORY
    assert judged[:, 55:].all()
    assert not judged[:, :55].any()
    for figures in (found.expected, found.p_value, found.dispersion, found.slope, found.score):
        assert np.isfinite(figures).all()
    assert np.isfinite(found.upper[judged]).all()
    assert np.isposinf(found.upper[~judged]).all()
    assert (found.expected >= 0).all()
    assert (found.dispersion >= 1).all()
    assert ((found.p_value >= 0) & (found.p_value <= 1)).all()
    # No trend may expect more than any past week had.
    assert (found.expected <= max(1.0, counts.max()) * (1 + 1e-9)).all()


def test_without_a_single_case_nothing_is_expected_and_few_do_not_alarm() -> None:
    counts = np.zeros((1, 260), dtype=np.int64)
    counts[0, 255] = 4
    counts[0, 259] = 5
    found = farrington(counts)
    assert (found.expected == 0).all()
    assert found.state[0, 255] == State.FEW
    assert not found.alarm[0, :259].any()
    assert found.alarm[0, 259]


def test_a_constant_series_expects_itself() -> None:
    found = farrington(np.full((1, 300), 7, dtype=np.int64), weeks=np.arange(220, 300))
    np.testing.assert_allclose(found.expected, 7.0, rtol=1e-6)
    assert (found.dispersion == 1).all()
    assert (found.upper == poisson.ppf(0.95, 7.0)).all()
    assert not found.alarm.any()


def test_a_series_does_not_know_its_neighbours() -> None:
    counts = seasonal(5, 240)
    together = farrington(counts, weeks=np.arange(215, 240))
    for series in range(5):
        alone = farrington(counts[series : series + 1], weeks=np.arange(215, 240))
        assert (alone.expected[0] == together.expected[series]).all()
        assert (alone.upper[0] == together.upper[series]).all()


def test_a_tripled_month_alarms_and_an_outbreak_does_not_hide_itself() -> None:
    counts = seasonal(20, 260, mean=20.0, seed=9)
    quiet = farrington(counts, weeks=np.arange(250, 260))
    counts[:, 240:] *= 3
    loud = farrington(counts, weeks=np.arange(250, 260))
    # The newest half year is left out: what is expected has not heard of it.
    assert (quiet.expected == loud.expected).all()
    assert quiet.alarm.mean() < 0.1
    # Three times as many, of counts that vary by half of their mean.
    assert loud.alarm.mean() > 0.5


def test_ordinary_weeks_alarm_about_as_often_as_was_said() -> None:
    counts = np.random.default_rng(3).negative_binomial(10, 0.5, (300, 260)).astype(np.int64)
    found = farrington(counts, weeks=np.array([230, 245, 259]))
    # Whole counts reach 5 % from below; the uncertain mean adds to it.
    assert 0.02 < found.alarm.mean() < 0.08


def test_too_short_a_past_is_said() -> None:
    counts = seasonal(1, 215)
    found = farrington(counts)
    assert (found.state[0, :211] == State.NO_HISTORY).all()
    assert (found.state[0, 211:] != State.NO_HISTORY).all()
    assert not found.alarm[0, :211].any()
    assert (farrington(np.zeros((1, 3), np.int64)).state == State.NO_HISTORY).all()
    assert farrington(np.zeros((0, 300), np.int64)).expected.shape == (0, 300)


@pytest.mark.parametrize(
    "wrong",
    [
        {"alpha": 0.0}, {"alpha": 0.7}, {"years_back": 0}, {"fewest_years": 5},
        {"half_window": 26}, {"periods": 47}, {"weeks_left_out": 49}, {"trend_p": 0.0},
        {"reweight_above": 0.0}, {"few_weeks": 0},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(Invalid):
        FarringtonSettings(**wrong)  # type: ignore[arg-type]


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(Invalid, match="below 0"):
        farrington(np.full((1, 10), -1, dtype=np.int64))
    with pytest.raises(Invalid, match="outside"):
        farrington(np.zeros((1, 10), dtype=np.int64), weeks=np.array([10]))
