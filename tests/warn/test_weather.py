"""The weather of days: what moves reports, what is worth telling, what a night is given of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from warn.expect_helpers import FIRST, series_of
from warn.nights import TONIGHT, told, weeks

from streetwise.directory import repository as directory
from streetwise.directory.responsibility import DayCalendar
from streetwise.gather import DayWeather
from streetwise.gather.weather_actions import put_weather
from streetwise.kernel.runtime import Runtime
from streetwise.warn import material
from streetwise.warn.actions import SYSTEM
from streetwise.warn.expect import Settings, fit
from streetwise.warn.values import Calendar, Ints, date_of, day_of
from streetwise.warn.weather import EFFECTS, Remark, effects, remarkable, used

AUGUST = date(2026, 8, 1)
YEARS = 800


class Day(NamedTuple):
    day: date
    rain_mm: float | None = None
    max_c: float | None = None
    min_c: float | None = None
    gust_ms: float | None = None


# --- what moves reports ----------------------------------------------------------------------


def test_mild_and_dry_days_move_nothing_and_unknown_ones_stay_unknown() -> None:
    days = np.array([[0.0, 28.0, 0.0, 8.0], [0.0, 15.0, 6.0, 2.0], [np.nan] * 4])
    found = effects(days)
    assert np.all(found[:2] == 0.0)
    assert np.all(np.isnan(found[2]))


def test_more_of_it_moves_more() -> None:
    found = effects(np.array([[10.0, 33.0, -4.0, 12.0], [100.0, 38.0, -12.0, 25.0]]))
    assert np.all(found[0] > 0.0)
    assert np.all(found[1] > found[0])
    assert found[1, 0] < 2 * found[0, 0], "a cloudburst is not ten showers"


def test_what_was_measured_now_and_then_is_not_used() -> None:
    columns = np.zeros((100, 4))
    columns[79:, 0] = np.nan  # 79 of 100 days
    columns[80:, 3] = np.nan  # 80
    kept, names = used(columns, 100)
    assert names == ("heat", "frost", "gust")
    assert kept.shape == (100, 3)
    assert used(columns, 0)[1] == ()
    # Days to come have no weather, and do not count against it.
    assert used(np.vstack([columns[:, 1:], np.full((50, 3), np.nan)])[:, [0, 1, 2, 2]], 100)[1]


# --- what is worth telling -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (Day(AUGUST, rain_mm=48.0), [("rain", "heavy", 48.0)]),
        (Day(AUGUST, rain_mm=24.9), []),
        (Day(AUGUST, rain_mm=50.0), [("rain", "storm", 50.0)]),
        (Day(AUGUST, rain_mm=412.0), [("rain", "extreme", 412.0)]),
        (Day(AUGUST, max_c=36.4), [("heat", "hot", 36.4)]),
        (Day(AUGUST, min_c=-12.0), [("frost", "hard", -12.0)]),
        (Day(AUGUST, gust_ms=21.0), [("gust", "gale", 21.0)]),
        (Day(AUGUST, gust_ms=17.1), []),
        (Day(AUGUST), []),
        (
            Day(AUGUST, 60.0, 36.0, 20.0, 30.0),
            [("rain", "storm", 60.0), ("gust", "gale", 30.0), ("heat", "hot", 36.0)],
        ),
    ],
)
def test_heavy_rain_heat_frost_and_storms_are_told(
    day: Day, told: list[tuple[str, str, float]]
) -> None:
    found = remarkable([day])
    assert [(one.kind, one.degree, one.value) for one in found] == told
    assert all(one.day == AUGUST for one in found)


@given(
    st.lists(st.tuples(st.none() | st.floats(0, 300), st.none() | st.floats(-40, 45)), max_size=12)
)
def test_of_each_kind_the_worst_day_is_told(some: list[tuple[float | None, float | None]]) -> None:
    days = [Day(AUGUST + timedelta(days=n), rain, warm) for n, (rain, warm) in enumerate(some)]
    worst: dict[str, Remark] = {one.kind: one for one in remarkable(days)}
    for kind, name, least in (("rain", "rain_mm", 25.0), ("heat", "max_c", 35.0)):
        known = [value for one in days if (value := getattr(one, name)) is not None]
        if known and max(known) >= least:
            assert worst[kind].value == max(known)
            assert getattr(days[(worst[kind].day - AUGUST).days], name) == max(known)
        else:
            assert kind not in worst


# --- what a night is given -------------------------------------------------------------------


def known_of(weather: list[DayWeather], until: date) -> Calendar:
    last = AUGUST + timedelta(days=29)
    return material.calendar(DayCalendar(), day_of(AUGUST), day_of(last), weather, day_of(until))


def test_a_night_knows_the_weather_of_days_that_were_and_of_no_others() -> None:
    days = [DayWeather(AUGUST + timedelta(days=n), 10.0, 30.0, 20.0, 9.0) for n in range(-5, 30)]
    made = known_of(days, AUGUST + timedelta(days=9))
    assert made.weather_names == EFFECTS
    assert np.all(made.weather[:10] == [np.log(11.0), 2.0, 0.0, 1.0])
    assert np.all(np.isnan(made.weather[10:])), "nobody knows the weather to come"


def test_a_day_without_a_value_is_unknown_and_not_dry() -> None:
    days = [DayWeather(AUGUST + timedelta(days=n), 0.0, 30.0) for n in range(10)]
    days[4] = DayWeather(AUGUST + timedelta(days=4), max_c=30.0)
    made = known_of(days, AUGUST + timedelta(days=9))
    assert made.weather_names == ("rain", "heat")
    assert np.isnan(made.weather[4, 0])
    assert made.weather[4, 1] == 2.0


def test_too_few_days_are_no_weather() -> None:
    days = [DayWeather(AUGUST + timedelta(days=n), 1.0) for n in range(7)]
    assert known_of(days, AUGUST + timedelta(days=9)).weather_names == ()
    assert known_of([], AUGUST + timedelta(days=9)).weather.shape == (30, 0)


async def test_a_night_reads_what_was_taken_in(runtime: Runtime) -> None:
    await told(runtime, weeks())
    days = [
        DayWeather(TONIGHT - timedelta(days=n), rain_mm=float(n % 3), max_c=31.0)
        for n in range(20)  # the last of them is of the night's own day, which is not over
    ]
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await put_weather(uow, SYSTEM, "home", days, "气象站")
    async with runtime.database.read(SYSTEM) as session:
        area = await directory.area(session, SYSTEM, "home")
        read = await material.read(session, SYSTEM, area, TONIGHT, 1000, by_weather=True)
        without = await material.read(session, SYSTEM, area, TONIGHT, 1000)
    assert read is not None
    assert without is not None
    assert without.calendar.weather_names == ()
    assert read.calendar.weather_names == ("rain", "heat")
    rain = read.calendar.weather[:, 0]
    assert rain[:14].tolist() == [np.log1p(float(n % 3)) for n in range(14, 0, -1)]
    assert np.all(np.isnan(rain[14:]))


async def test_the_weather_of_a_warning_s_days_is_told(runtime: Runtime) -> None:
    days = [
        DayWeather(TONIGHT - timedelta(days=n), rain_mm=rain)
        for n, rain in ((1, 5.0), (3, 48.0), (4, 90.0))
    ]
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await put_weather(uow, SYSTEM, "home", days, "气象站")

    async def said(first: int, last: int) -> list[tuple[int, str, float]]:
        since, until = (TONIGHT - timedelta(days=n) for n in (first, last))
        async with runtime.database.read(SYSTEM) as session:
            found = await material.weather_told(session, SYSTEM, "home", since, until)
        return [(one.day.day, one.degree, one.value) for one in found]

    assert await said(1, 1) == []
    assert await said(2, 1) == [(8, "heavy", 48.0)], "rain of the night before counts"
    assert await said(4, 1) == [(7, "storm", 90.0)]


# --- how much of it is believed ---------------------------------------------------------------


def wet_years(times: float) -> tuple[Ints, Calendar]:
    """Rain on one day in ten, and on these so many times as many reports."""
    rng = np.random.default_rng(7)
    rain = np.where(rng.random(YEARS) < 0.1, 2.0, 0.0)
    counts = rng.poisson(10.0 * np.where(rain > 0, times, 1.0))
    return counts, Calendar(FIRST, np.zeros(YEARS, dtype=np.int64), rain[:, None], ("rain",))


@pytest.mark.parametrize(("times", "most"), [(1.5, 2.0), (8.0, 2.0), (8.0, 4.0)])
def test_weather_changes_what_is_expected_and_never_by_more_than_is_set(
    times: float, most: float
) -> None:
    counts, calendar = wet_years(times)
    settings = replace(Settings(), weather_most_log=float(np.log(most)))
    fitted = fit(series_of(counts), calendar, settings)
    day = FIRST + YEARS
    wet = Calendar(day, np.zeros(1, dtype=np.int64), np.array([[2.0]]), ("rain",))
    dry = replace(wet, weather=np.array([[np.nan]]))
    level, raised = (float(fitted.expected(day, day, one).mean[0, 0]) for one in (dry, wet))
    assert raised / level == pytest.approx(min(times, most), rel=0.12)
    why = fitted.explain(0, day, wet)
    assert why.mean == pytest.approx(raised)
    assert why.weather == pytest.approx(raised / level)
    assert np.prod(list(why.weather_by_name.values())) == pytest.approx(why.weather)
    assert date_of(day) == date_of(FIRST) + timedelta(days=YEARS)


def test_of_a_short_history_no_weather_is_the_reason() -> None:
    counts, calendar = wet_years(8.0)
    fitted = fit(series_of(counts[:300]), calendar)
    why = fitted.explain(0, FIRST + 299)
    assert why.weather == 1.0
    assert why.weather_by_name == {"rain": 1.0}
