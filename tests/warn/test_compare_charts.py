"""EARS and CUSUM charts against slow references, their promises, and days that break them."""

from __future__ import annotations

import math
from statistics import NormalDist, fmean, stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize_scalar
from scipy.stats import nbinom, poisson

from streetwise.kernel.errors import Invalid
from streetwise.warn.compare import ears, nb_cusum, nb_ratio, rossi_cusum, threshold_for
from streetwise.warn.compare.cusum import log_ratio
from streetwise.warn.compare.ears import LAG, Method
from streetwise.warn.values import Expected, Floats, Ints

counts_of_days = arrays(np.int64, (2, 30), elements=st.integers(0, 40))


# --- EARS ----------------------------------------------------------------------------------------


@given(counts=counts_of_days, method=st.sampled_from(["C1", "C2", "C3"]))
@settings(max_examples=60, deadline=None)
def test_ears_is_that_of_a_slow_reference(counts: Ints, method: Method) -> None:
    found = ears(counts, method, alpha=0.01, least_spread=0.5)
    normal = NormalDist().inv_cdf(0.99)

    def standard(row: list[int], day: int) -> tuple[float, float, float]:
        before = row[day - LAG[method] - 7 : day - LAG[method]]
        spread = max(stdev(before), 0.5)
        return (row[day] - fmean(before)) / spread, fmean(before), spread

    first = 7 + LAG[method] + (2 if method == "C3" else 0)
    assert found.judged.tolist() == [day >= first for day in range(30)]
    for series, row in enumerate(counts.tolist()):
        for day in range(first, 30):
            value, mean, spread = standard(row, day)
            carried = 0.0
            if method == "C3":
                carried = sum(max(standard(row, day - back)[0] - 1, 0) for back in (1, 2))
            bound = max(mean + spread * (normal - carried), 0)
            assert found.bound[series, day] == pytest.approx(bound, abs=1e-9)
            assert found.statistic[series, day] == pytest.approx(value + carried, abs=1e-9)
            if abs(row[day] - bound) > 1e-9:
                assert found.alarm[series, day] == (row[day] > bound)


def test_days_that_are_all_alike_do_not_alarm_and_one_case_needs_company() -> None:
    counts = np.full((2, 40), 3, dtype=np.int64)
    counts[1] = 0
    for method in ("C1", "C2", "C3"):
        assert not ears(counts, method, least_spread=0.0).alarm.any()  # type: ignore[arg-type]
    counts[1, 30] = 1
    assert not ears(counts).alarm.any()
    assert ears(counts, least_spread=0.0).alarm[1, 30]
    counts[1, 30] = 2
    assert ears(counts).alarm[1, 30]


@pytest.mark.parametrize("days", [0, 1, 6, 9])
def test_a_history_too_short_is_said(days: int) -> None:
    found = ears(np.ones((2, days), dtype=np.int64), "C2")
    assert not found.judged.any()
    assert not found.alarm.any()
    assert np.isposinf(found.bound).all()
    assert np.isfinite(found.statistic).all()


def test_settings_of_ears_that_cannot_be_meant_are_refused() -> None:
    counts = np.zeros((1, 20), dtype=np.int64)
    for wrong in ({"baseline": 1}, {"alpha": 0.0}, {"least_spread": -1.0}):
        with pytest.raises(Invalid):
            ears(counts, **wrong)  # type: ignore[arg-type]


# --- CUSUM ---------------------------------------------------------------------------------------


def expected(mean: Floats, size: float) -> Expected:
    return Expected(mean, np.full(len(mean), size))


@given(
    counts=counts_of_days,
    mean=arrays(np.float64, (2, 30), elements=st.floats(0.01, 30)),
    size=st.sampled_from([0.3, 5.0, 1e6, math.inf]),
    rise=st.sampled_from([1.3, 2.0, 5.0]),
)
@settings(max_examples=60, deadline=None)
def test_what_a_day_adds_is_the_log_likelihood_ratio(
    counts: Ints, mean: Floats, size: float, rise: float
) -> None:
    found = log_ratio(counts, expected(mean, size), rise)
    if math.isinf(size):
        known = poisson.logpmf(counts, rise * mean) - poisson.logpmf(counts, mean)
    else:
        risen, same = (nbinom(size, size / (size + by * mean)) for by in (rise, 1.0))
        known = risen.logpmf(counts) - same.logpmf(counts)
    # scipy loses digits for a huge size: it takes the difference of two huge numbers.
    np.testing.assert_allclose(found, known, rtol=1e-6, atol=1e-5)


@given(
    counts=counts_of_days,
    mean=arrays(np.float64, (2, 30), elements=st.floats(0.1, 30)),
    size=st.sampled_from([0.3, 5.0, math.inf]),
)
@settings(max_examples=40, deadline=None)
def test_a_chart_is_the_best_sum_of_any_beginning(counts: Ints, mean: Floats, size: float) -> None:
    of = expected(mean, size)
    added = log_ratio(counts, of, 2.0)
    found = nb_cusum(counts, of, threshold=5.0)
    for series in range(2):
        start = 0
        for day in range(30):
            sums = {first: added[series, first : day + 1].sum() for first in range(start, day + 1)}
            best = max(0.0, *sums.values())
            assert found.value[series, day] == pytest.approx(best, abs=1e-9)
            if best > 1e-9:
                since = int(found.since[series, day])
                assert sums[since] == pytest.approx(best, abs=1e-9)
            if found.alarm[series, day]:
                assert best >= 5.0 - 1e-9
                start = day + 1
            else:
                assert best < 5.0 + 1e-9


@pytest.mark.parametrize(("size", "mean"), [(2.0, 0.5), (2.0, 6.0), (math.inf, 3.0)])
def test_false_alarms_are_as_far_apart_as_was_said(size: float, mean: float) -> None:
    """Lorden's bound holds for every chart: the mean time between false alarms is at least that."""
    rng = np.random.default_rng(7)
    shape = (200, 1000)
    rate = np.full(shape, mean) if math.isinf(size) else rng.gamma(size, mean / size, shape)
    counts = rng.poisson(rate).astype(np.int64)
    of = expected(np.full(shape, mean), size)
    found = nb_cusum(counts, of, threshold=threshold_for(100))
    alarms = int(found.alarm.sum())
    assert 0 < alarms <= 200 * 1000 / 100


def test_a_slow_doubling_is_found_that_no_single_day_shows() -> None:
    rng = np.random.default_rng(5)
    counts = rng.poisson(2.0, (50, 120)).astype(np.int64)
    counts[:, 90:] = rng.poisson(4.0, (50, 30))
    found = nb_cusum(counts, expected(np.full((50, 120), 2.0), math.inf))
    by_days = ears(counts)
    assert found.alarm[:, 90:105].any(axis=1).mean() > 0.8
    assert by_days.alarm[:, 90:105].any(axis=1).mean() < 0.5
    # It knows about when it began.
    rows, days = np.nonzero(found.alarm[:, 90:110])
    assert abs(np.median(found.since[rows, days + 90]) - 90) <= 3


def test_an_alarm_starts_the_chart_anew_or_not() -> None:
    counts = np.full((1, 20), 8, dtype=np.int64)
    of = expected(np.full((1, 20), 2.0), math.inf)
    anew, on = nb_cusum(counts, of), nb_cusum(counts, of, reset=False)
    first = int(anew.alarm[0].argmax())
    assert anew.alarm[0, first]
    assert (anew.since[0, first + 1 :] > first).all()
    assert on.alarm[0, first:].all()
    assert (np.diff(on.value[0]) > 0).all()
    assert (on.since == 0).all()


@given(
    counts=arrays(np.int64, (1, 12), elements=st.integers(0, 25)),
    mean=arrays(np.float64, (1, 12), elements=st.floats(0.1, 20)),
    size=st.sampled_from([0.5, 10.0, math.inf]),
)
@settings(max_examples=15, deadline=None)
def test_the_estimated_rise_is_the_likeliest(counts: Ints, mean: Floats, size: float) -> None:
    of = expected(mean, size)
    found = nb_ratio(counts, of, threshold=math.inf, lookback=5)
    for day in range(12):
        best = 0.0
        for first in range(max(0, day - 4), day + 1):
            part = Expected(mean[:, first : day + 1], of.size)
            seen = counts[:, first : day + 1]

            def less(rise: float, part: Expected = part, seen: Ints = seen) -> float:
                return -float(log_ratio(seen, part, math.exp(rise)).sum())

            best = max(best, -minimize_scalar(less, bounds=(0, 8), method="bounded").fun)
        assert found.value[0, day] == pytest.approx(best, abs=1e-5)


@given(counts=arrays(np.int64, (2, 15), elements=st.sampled_from([0, 1, 10**6])))
@settings(max_examples=25, deadline=None)
def test_charts_give_numbers_whatever_comes(counts: Ints) -> None:
    tiny = expected(np.full((2, 15), 1e-12), math.inf)
    for found in (
        nb_cusum(counts, tiny),
        nb_cusum(counts, expected(np.full((2, 15), 5.0), 1e-6)),
        nb_ratio(counts, tiny, lookback=4),
        nb_ratio(counts, expected(np.full((2, 15), 5.0), 1e-6), lookback=4),
        rossi_cusum(counts, np.zeros((2, 15))),
    ):
        assert np.isfinite(found.value).all()
        assert (found.value >= 0).all()


def test_charts_refuse_what_cannot_be_meant() -> None:
    counts = np.zeros((1, 5), dtype=np.int64)
    of = expected(np.ones((1, 5)), 1.0)
    with pytest.raises(Invalid, match="shapes"):
        nb_cusum(counts, expected(np.ones((1, 4)), 1.0))
    with pytest.raises(Invalid, match="rise"):
        nb_cusum(counts, of, rise=1.0)
    with pytest.raises(Invalid, match="shapes"):
        nb_ratio(counts, expected(np.ones((1, 4)), 1.0))
    with pytest.raises(Invalid, match="lookback"):
        nb_ratio(counts, of, lookback=0)
    with pytest.raises(Invalid, match="day apart"):
        threshold_for(1.0)
