"""What is expected: level, effects, parents, old outbreaks, and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from warn.expect_helpers import (
    FIRST,
    calendar_with_weather,
    drawn,
    plain_calendar,
    series_of,
    weekly,
    yearly,
)

from streetwise.warn.expect import PLAIN, Settings, fit
from streetwise.warn.values import Calendar

YEARS = 1000


def test_the_plain_model_is_that_of_statsmodels() -> None:
    calendar = calendar_with_weather(YEARS)
    levels = np.array([[0.4], [3.0], [40.0]])
    series = series_of(drawn(levels * weekly(YEARS) * yearly(YEARS), 1))
    fitted = fit(series, calendar, PLAIN)
    rows = fitted.design.rows(calendar, FIRST, FIRST + YEARS - 1)
    for row in range(3):
        model = sm.GLM(series.counts[row], rows, family=sm.families.Poisson())
        theirs = model.fit(tol=1e-13, maxiter=200)
        np.testing.assert_allclose(fitted.coefficients[row], theirs.params, rtol=1e-6, atol=1e-7)
        expected = fitted.expected(FIRST, FIRST + YEARS - 1)
        np.testing.assert_allclose(expected.mean[row], theirs.mu, rtol=1e-6)


def test_what_was_put_in_is_found() -> None:
    calendar = calendar_with_weather(YEARS)
    unusual = calendar.weather[:, 1] > 5.0
    mean = 20.0 * weekly(YEARS) * yearly(YEARS) * np.where(unusual, 1.3, 1.0)
    mean[calendar.kind == 1] *= 1.5
    series = series_of(drawn(mean, 2, size=8.0))
    fitted = fit(series, calendar)
    expected = fitted.expected(FIRST, FIRST + YEARS - 1)
    assert expected.size[0] == pytest.approx(8.0, rel=0.25)
    assert expected.mean.sum() == pytest.approx(mean.sum(), rel=0.02)
    ordinary = calendar.kind == 0
    assert np.corrcoef(expected.mean[0][ordinary], mean[ordinary])[0, 1] > 0.95
    wet = np.flatnonzero(calendar.weather[:, 1] > 8.0)[0]
    why = fitted.explain(0, FIRST + int(wet))
    assert why.weather_by_name["rain"] > 1.1
    assert fitted.explain(0, FIRST + 40).holiday > 1.2


def test_the_days_to_come_have_the_week_and_the_level_of_the_end() -> None:
    days = 700
    mean = 30.0 * weekly(days) * np.where(np.arange(days) < 500, 1.0, 2.0)
    fitted = fit(series_of(drawn(mean, 3)), plain_calendar(days))
    ahead = fitted.expected(FIRST + days, FIRST + days + 6).mean[0]
    np.testing.assert_allclose(ahead, 60.0 * weekly(days + 7)[-7:], rtol=0.12)


@pytest.mark.parametrize(("before", "after"), [(2.0, 6.0), (20.0, 40.0), (0.0, 5.0)])
def test_a_new_level_is_an_outbreak_for_a_week_and_the_level_after_six(
    before: float, after: float
) -> None:
    def level(days_ago: int) -> float:
        mean = np.where(np.arange(YEARS) < YEARS - days_ago, before, after) * weekly(YEARS)
        fitted = fit(series_of(drawn(mean, 1)), plain_calendar(YEARS))
        return float(fitted.expected(FIRST + YEARS, FIRST + YEARS + 6).mean.mean())

    assert level(7) < before + 0.2 * (after - before)
    assert level(45) > before + 0.4 * (after - before)
    assert level(90) == pytest.approx(after, rel=0.4)


def test_a_factor_of_each_component_gives_the_mean() -> None:
    calendar = calendar_with_weather(YEARS + 10)
    series = series_of(drawn(5.0 * weekly(YEARS) * yearly(YEARS), 4))
    fitted = fit(series, calendar)
    for day in (FIRST, FIRST + 40, FIRST + 333, FIRST + YEARS + 6):
        why = fitted.explain(0, day)
        factors = why.weekday * why.holiday * why.season * why.trend * why.weather
        assert why.mean == pytest.approx(why.level * factors)
        assert why.mean == pytest.approx(fitted.expected(day, day).mean[0, 0])
        assert why.weather == pytest.approx(np.prod(list(why.weather_by_name.values())))
    assert fitted.explain(0, FIRST + YEARS + 6).trend == 1.0


def test_a_sparse_child_has_the_shape_of_its_parent() -> None:
    shares = np.array([0.3, 0.3, 0.3, 0.08, 0.02])
    children = np.array(
        [drawn(20.0 * share * weekly(YEARS), 10 + n) for n, share in enumerate(shares)]
    )
    series = series_of(np.vstack([children.sum(axis=0), children]), [-1, 0, 0, 0, 0, 0])
    fitted = fit(series, plain_calendar(YEARS))
    week = fitted.expected(FIRST + YEARS, FIRST + YEARS + 6).mean
    np.testing.assert_allclose(week[5] / week[5].sum(), week[0] / week[0].sum(), rtol=0.1)
    alone = fit(series, plain_calendar(YEARS), Settings(use_parents=False))
    truth = 0.4 * weekly(YEARS + 7)[-7:]
    worse = alone.expected(FIRST + YEARS, FIRST + YEARS + 6).mean[5]
    assert np.abs(week[5] - truth).mean() <= np.abs(worse - truth).mean()


def test_a_child_of_many_reports_has_its_own_shape() -> None:
    days = YEARS
    odd = drawn(30.0 / weekly(days), 5)
    usual = np.array([drawn(30.0 * weekly(days), 20 + n) for n in range(6)])
    counts = np.vstack([odd + usual.sum(axis=0), odd, usual])
    fitted = fit(series_of(counts, [-1, *[0] * 7]), plain_calendar(days))
    week = fitted.expected(FIRST, FIRST + 6).mean[1]
    assert week[1] > 1.2 * week[3]  # its Sundays are above its Tuesdays


def test_a_child_without_a_report_expects_fewer_than_its_siblings_but_some() -> None:
    days = 200
    busy = np.array([drawn(np.full(days, 2.0), 30 + n) for n in range(4)])
    counts = np.vstack([busy.sum(axis=0), busy, np.zeros((1, days), dtype=np.int64)])
    fitted = fit(series_of(counts, [-1, *[0] * 5]), plain_calendar(days))
    mean = fitted.expected(FIRST + days, FIRST + days).mean[:, 0]
    assert 0.0 < mean[5] < 0.1 * mean[1:5].min()
    assert fitted.own_share[5] == 0.0
    assert fitted.own_share[1] > 0.9


def test_old_outbreaks_do_not_raise_what_is_expected() -> None:
    mean = 4.0 * weekly(YEARS) * yearly(YEARS)
    quiet = drawn(mean, 6)
    loud = quiet.copy()
    loud[700] += 800  # one day of a storm
    loud[400:428] *= 4  # four weeks of something
    calendar = plain_calendar(YEARS)
    without = fit(series_of(quiet), calendar).expected(FIRST, FIRST + YEARS - 1)
    with_them = fit(series_of(loud), calendar).expected(FIRST, FIRST + YEARS - 1)
    assert with_them.mean.sum() == pytest.approx(without.mean.sum(), rel=0.02)
    assert np.abs(np.log(with_them.mean / without.mean)).max() < 0.2
    bent = fit(series_of(loud), calendar, Settings(outlier_sd=np.inf))
    raised = bent.expected(FIRST, FIRST + YEARS - 1).mean
    assert raised.sum() > 1.1 * without.mean.sum()


@pytest.mark.parametrize(
    ("level", "within"), [(0.02, 0.12), (0.3, 0.05), (3.0, 0.02), (30.0, 0.02)]
)
def test_looking_past_outbreaks_hardly_lowers_ordinary_days(level: float, within: float) -> None:
    mean = np.tile(level * weekly(YEARS), (20, 1))
    counts = drawn(mean, 7, size=5.0)
    fitted = fit(series_of(counts), plain_calendar(YEARS))
    found = fitted.expected(FIRST, FIRST + YEARS - 1).mean.sum()
    assert found == pytest.approx(counts.sum(), rel=within)


def test_scatter_is_shared_by_those_that_know_little_of_theirs() -> None:
    days = 400
    mean = np.concatenate([np.full((20, days), 10.0), np.full((5, days), 0.05)])
    sizes = fit(series_of(drawn(mean, 8, size=4.0)), plain_calendar(days)).expected(FIRST, FIRST)
    np.testing.assert_allclose(sizes.size[:20], 4.0, rtol=0.3)
    np.testing.assert_allclose(sizes.size[20:], 4.0, rtol=0.5)


def test_days_that_do_not_count_are_as_if_they_were_not() -> None:
    days = 300
    counts = drawn(6.0 * weekly(days), 9)
    silent = counts.copy()
    counted = np.ones(days, dtype=bool)
    counted[200:290] = False
    silent[200:290] = 0
    other = counts.copy()
    other[200:290] = 77
    calendar = plain_calendar(days)
    first = fit(series_of(silent), calendar, counted=counted).coefficients
    second = fit(series_of(other), calendar, counted=counted[None, :]).coefficients
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_newest_days_under_guard_do_not_count() -> None:
    days = 300
    counts = drawn(6.0 * weekly(days), 9)
    rising = counts.copy()
    rising[-14:] *= 3
    settings = Settings(guard_days=14)
    first = fit(series_of(counts), plain_calendar(days), settings)
    second = fit(series_of(rising), plain_calendar(days), settings)
    np.testing.assert_allclose(first.coefficients, second.coefficients, atol=1e-6)


def test_only_the_newest_days_are_looked_at() -> None:
    counts = drawn(6.0 * weekly(600), 9)
    other = counts.copy()
    other[:235] = 99
    settings = Settings(history_days=365)
    found = [fit(series_of(one), plain_calendar(600), settings) for one in (counts, other)]
    np.testing.assert_array_equal(found[0].coefficients, found[1].coefficients)
    assert found[0].first_day == FIRST + 235


def test_a_fit_from_last_week_s_is_the_same_in_all_that_matters() -> None:
    calendar = calendar_with_weather(YEARS)
    children = drawn(np.array([[0.1], [1.0], [8.0]]) * weekly(YEARS), 11, size=6.0)
    counts = np.vstack([children.sum(axis=0), children])
    series = series_of(counts, [-1, 0, 0, 0])
    before = fit(series_of(counts[:, :-7], [-1, 0, 0, 0]), calendar)
    cold = fit(series, calendar).expected(FIRST + YEARS, FIRST + YEARS + 6)
    warm = fit(series, calendar, start=before).expected(FIRST + YEARS, FIRST + YEARS + 6)
    np.testing.assert_allclose(warm.mean, cold.mean, rtol=0.03)
    # One that does not fit is not begun from.
    short = fit(series_of(counts[:, :50], [-1, 0, 0, 0]), calendar)
    again = fit(series, calendar, start=short).expected(FIRST + YEARS, FIRST + YEARS + 6)
    np.testing.assert_array_equal(again.mean, cold.mean)


def test_what_is_known_later_of_the_weather_is_used() -> None:
    calendar = calendar_with_weather(YEARS)
    rain = np.nan_to_num(calendar.weather[:, 1])
    series = series_of(drawn(20.0 * np.exp(0.05 * rain), 12))
    fitted = fit(series, calendar)
    day = FIRST + YEARS
    wet = Calendar(day, np.zeros(1, dtype=np.int64), np.array([[12.0, 15.0]]), ("warm", "rain"))
    unknown, known = fitted.expected(day, day), fitted.expected(day, day, wet)
    assert known.mean[0, 0] > 1.2 * unknown.mean[0, 0]
    with pytest.raises(ValueError, match="other kinds of weather"):
        fitted.expected(day, day, replace(wet, weather_names=("wind", "rain")))


def test_what_cannot_be_is_refused_with_a_sentence() -> None:
    calendar = plain_calendar(10)
    with pytest.raises(ValueError, match="one day at least"):
        fit(series_of(np.zeros((1, 0))), calendar)
    with pytest.raises(ValueError, match="below nought"):
        fit(series_of([[1, -1]]), calendar)
    with pytest.raises(ValueError, match="above itself"):
        fit(series_of([[1, 2], [1, 2]], [1, 0]), calendar)
    with pytest.raises(ValueError, match="row of the same"):
        fit(series_of([[1, 2]], [7]), calendar)
    with pytest.raises(ValueError, match="shape"):
        fit(series_of([[1, 2]]), calendar, counted=np.ones(3, dtype=bool))
    with pytest.raises(ValueError, match="before the first"):
        fit(series_of([[1, 2]]), calendar).expected(FIRST + 1, FIRST)


def test_no_series_at_all_is_no_trouble() -> None:
    fitted = fit(series_of(np.zeros((0, 20))), plain_calendar(20))
    assert fitted.expected(FIRST, FIRST + 30).mean.shape == (0, 31)
