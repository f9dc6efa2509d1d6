"""What a day's row says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from warn.expect_helpers import FIRST, calendar_with_weather, plain_calendar

from streetwise.warn.expect.design import (
    HOLIDAY,
    SEASON,
    TREND,
    WEATHER,
    WEATHER_LIMIT_SD,
    WEEKDAY,
    design,
)
from streetwise.warn.expect.settings import Settings
from streetwise.warn.values import Calendar

#: FIRST is a Saturday.
SATURDAY, SUNDAY, MONDAY = FIRST, FIRST + 1, FIRST + 2


def test_a_week_averages_to_nothing() -> None:
    calendar = plain_calendar(70)
    rows = design(calendar, FIRST, FIRST + 69, Settings()).rows(calendar, FIRST, FIRST + 69)
    np.testing.assert_allclose(rows[:, 1:7].reshape(10, 7, 6).sum(axis=1), 0.0, atol=1e-12)


def test_a_day_off_is_a_sunday_and_a_weekend_worked_a_working_day() -> None:
    kind = np.zeros(70, dtype=np.int64)
    kind[9], kind[10], kind[14] = 1, 2, 3  # a Monday, a Tuesday, a Saturday
    calendar = plain_calendar(70, kind)
    made = design(calendar, FIRST, FIRST + 69, Settings())
    rows = made.rows(calendar, FIRST, FIRST + 69)
    weekday, holiday = rows[:, made.group == WEEKDAY], rows[:, made.group == HOLIDAY]
    np.testing.assert_array_equal(weekday[9], weekday[1])
    np.testing.assert_array_equal(weekday[10], weekday[1])
    np.testing.assert_allclose(weekday[14], weekday[2:7].mean(axis=0))
    np.testing.assert_array_equal(holiday[[9, 10, 14]], np.eye(3))
    assert holiday.sum() == 3


@pytest.mark.parametrize(("days", "pairs"), [(1, 0), (329, 0), (330, 1), (500, 2), (1096, 3)])
def test_a_season_needs_a_year(days: int, pairs: int) -> None:
    made = design(plain_calendar(days), FIRST, FIRST + days - 1, Settings())
    assert (made.group == SEASON).sum() == 2 * pairs


def test_the_trend_goes_straight_on_and_ends_with_the_history() -> None:
    calendar = plain_calendar(1000)
    made = design(calendar, FIRST, FIRST + 999, Settings())
    trend = made.rows(calendar, FIRST, FIRST + 1100)[:, made.group == TREND]
    assert np.all(trend[999:] == 0.0)
    assert np.all(trend[0] == -1.0)
    # Each piece rises by 1, one after the other: together they never stand still or fall.
    assert np.all(np.diff(trend.sum(axis=1))[made.knots[-1] - FIRST : 999] > 0.0)
    assert np.all((np.diff(trend, axis=0) > 0).sum(axis=1) <= 1)


def test_weather_that_is_as_the_season_has_it_or_unknown_changes_nothing() -> None:
    calendar = calendar_with_weather(1000)
    made = design(calendar, FIRST, FIRST + 999, Settings(weather_lags_days=(0,)))
    unknown = replace(calendar, weather=np.full_like(calendar.weather, np.nan))
    assert np.all(made.rows(unknown, FIRST, FIRST + 999)[:, made.group == WEATHER] == 0.0)
    known = made.rows(calendar, FIRST, FIRST + 999)[:, made.group == WEATHER]
    # Warm summers are the season's: what is left has no wave a year.
    wave = np.sin(2 * np.pi * np.arange(FIRST, FIRST + 1000) / 365.25)
    assert abs(np.corrcoef(known[:, 0], wave)[0, 1]) < 0.05
    assert known[:, 0].std() == pytest.approx(1.0, abs=0.05)


def test_weather_comes_late_with_its_lag() -> None:
    calendar = calendar_with_weather(800)
    made = design(calendar, FIRST, FIRST + 799, Settings(weather_lags_days=(0, 2)))
    weather = made.rows(calendar, FIRST, FIRST + 799)[:, made.group == WEATHER]
    np.testing.assert_array_equal(weather[2:, 2:], weather[:-2, :2])


def test_without_a_season_unknown_weather_is_what_it_was_of_late() -> None:
    warm = np.linspace(0.0, 30.0, 100)[:, None]
    calendar = Calendar(FIRST, np.zeros(100, dtype=np.int64), warm, ("warm",))
    settings = Settings(weather_lags_days=(0,), weather_days=0)
    made = design(calendar, FIRST, FIRST + 99, settings)
    rows = made.rows(calendar, FIRST, FIRST + 120)[:, made.group == WEATHER][:, 0]
    assert rows[110] == pytest.approx(rows[72:100].mean())


def test_weather_is_not_looked_at_before_there_is_a_year_of_it() -> None:
    calendar = calendar_with_weather(400)
    widths = [
        int((design(calendar, FIRST, FIRST + days - 1, Settings()).group == WEATHER).sum())
        for days in (364, 365)
    ]
    assert widths == [0, 4]


def test_extreme_weather_counts_up_to_a_limit() -> None:
    calendar = calendar_with_weather(800)
    made = design(calendar, FIRST, FIRST + 799, Settings())
    wild = replace(calendar, weather=np.full_like(calendar.weather, 1e9))
    weather = made.rows(wild, FIRST, FIRST + 20)[:, made.group == WEATHER]
    assert np.all(weather[5:] == WEATHER_LIMIT_SD)


@pytest.mark.parametrize("value", [np.nan, 0.0, 21.5])
def test_weather_without_a_change_changes_nothing(value: float) -> None:
    calendar = replace(calendar_with_weather(400), weather=np.full((400, 2), value))
    made = design(calendar, FIRST, FIRST + 399, Settings())
    assert np.all(made.rows(calendar, FIRST, FIRST + 399)[:, made.group == WEATHER] == 0.0)
