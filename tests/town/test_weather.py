"""The town's weather: the same for everybody who asks, and believable year by year."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from functools import cache

import numpy as np
import pytest

from scripts.compare_weather import real, shape
from streetwise.town import rainfall, weather
from streetwise.town.almanac import ZONE
from streetwise.town.cloudburst import cloudburst
from streetwise.town.smoke import smoke
from streetwise.town.weather import Day

SEEDS = (1, 2, 3, 4)
SERIES = ("temperature", "rain", "rain10", "wind", "gust", "humidity", "visibility", "pm25")


@cache
def years() -> tuple[tuple[Day, ...], ...]:
    return tuple(
        tuple(weather.days(seed, date(y, 1, 1), date(y + 1, 1, 1)))
        for seed in SEEDS
        for y in (2023, 2024, 2025)
    )


def digest(seed: int) -> str:
    told = hashlib.sha256()
    for d in weather.days(seed, date(2025, 6, 1), date(2025, 8, 1)):
        for name in SERIES:
            told.update(getattr(d, name).tobytes())
    return told.hexdigest()


def test_another_process_sees_the_same_weather() -> None:
    program = (
        "import sys; sys.path[:0] = ['src', 'tests', '.']; "
        "from town.test_weather import digest; print(digest(5))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == digest(5)
    assert digest(5) != digest(6)


def test_a_day_does_not_depend_on_what_was_asked_before() -> None:
    forwards = [d.temperature.tolist() + d.rain10.tolist() for d in weather.days(
        3, date(2025, 7, 1), date(2025, 8, 1))]  # fmt: skip
    weather._plain.cache_clear()
    rainfall.rain_of.cache_clear()
    rainfall.cells.cache_clear()
    backwards = []
    for i in range(30, -1, -1):
        d = weather.day(3, date(2025, 7, 1) + timedelta(days=i))
        backwards.append(d.temperature.tolist() + d.rain10.tolist())
    assert forwards == backwards[::-1]


def test_the_average_year_is_one_of_the_plain() -> None:
    def mean(of: list[float]) -> float:
        return float(np.mean(of))

    rain = [sum(d.rain_mm for d in y) for y in years()]
    assert 500 <= mean(rain) <= 650
    summer = [sum(d.rain_mm for d in y if 6 <= d.date.month <= 9) for y in years()]
    assert 0.62 <= sum(summer) / sum(rain) <= 0.8
    assert 18 <= mean([sum(d.storm for d in y) for y in years()]) <= 32
    assert 0.7 <= mean([sum(d.rain_mm >= 50 for d in y) for y in years()]) <= 4
    assert 8 <= mean([sum(d.heat for d in y) for y in years()]) <= 22
    assert 5 <= mean([sum(d.snow for d in y) for y in years()]) <= 13
    assert 55 <= mean([sum(d.wet for d in y) for y in years()]) <= 85
    spring = mean([sum(d.windy for d in y if 3 <= d.date.month <= 5) for y in years()])
    autumn = mean([sum(d.windy for d in y if 9 <= d.date.month <= 11) for y in years()])
    assert spring >= 4
    assert spring > autumn
    assert 11 <= mean([float(np.mean([d.temperature.mean() for d in y])) for y in years()]) <= 15


def test_no_single_year_is_out_of_this_world() -> None:
    for year in years():
        assert 300 <= sum(d.rain_mm for d in year) <= 1000
        assert 34 <= max(d.max_c for d in year) <= 42
        assert -20 <= min(d.min_c for d in year) <= -6
        assert max(float(d.rain.max()) for d in year) < 130


def test_every_hour_is_within_what_instruments_can_show() -> None:
    for d in years()[0]:
        assert (d.rain >= 0).all() and (d.rain10 >= 0).all()
        assert d.rain.sum() == pytest.approx(d.rain10.sum(), abs=0.2)
        assert (d.gust >= d.wind).all() and (d.wind > 0).all()
        assert ((d.humidity >= 5) & (d.humidity <= 100)).all()
        assert (d.visibility > 0).all() and (d.pm25 > 0).all()
        assert not (d.snowing & (d.temperature > 2)).any()
        assert d.hour(15).temperature == d.temperature[15]


def test_afternoons_are_warmer_than_nights_and_neighbouring_hours_alike() -> None:
    line = np.concatenate([d.temperature for d in years()[1]])
    by_hour = line.reshape(-1, 24).mean(axis=0)
    assert 13 <= by_hour.argmax() <= 16
    assert 3 <= by_hour.argmin() <= 7
    assert np.corrcoef(line[24:], line[:-24])[0, 1] > 0.9
    # Rain may cool an hour by much; midnight, where one day ends and another begins, does not.
    steps = np.abs(np.diff(line))
    assert steps[23::24].mean() < 2 * steps.mean()


def test_rain_comes_as_it_does_in_real_places() -> None:
    cities = {name: real(name) for name in ("chicago", "boston")}
    here = [shape(mm) for mm in cities.values() if mm is not None]
    if not here:
        pytest.skip("no real rainfall beside this checkout")
    town = shape(np.array([d.rain_mm for y in years() for d in y]))
    for line in ("99 % of wet days, in means", "rain in the heaviest tenth of wet days"):
        low, high = min(r[line] for r in here), max(r[line] for r in here)
        assert 0.7 * low <= town[line] <= 1.5 * high, line
    # Rain after rain is likelier than rain after a dry day, by about as much as elsewhere.
    neighbours = "correlation of neighbours, wet or not"
    assert 0.05 <= town[neighbours] <= 0.2 + max(r[neighbours] for r in here)


def test_a_course_brings_its_rain_and_its_gusts_to_both_days_it_touches() -> None:
    late = cloudburst(9, datetime(2025, 7, 20, 23, 10, tzinfo=ZONE))
    brought = 0.0
    for when in (date(2025, 7, 20), date(2025, 7, 21)):
        plain, laid = weather.day(9, when), weather.day(9, when, [late])
        own = late.of_day("rain_mm", when).reshape(144, 10).sum(axis=1)
        assert np.allclose(laid.rain10, plain.rain10 + own, atol=0.011)
        assert (laid.gust >= plain.gust - 0.05).all()
        brought += laid.rain_mm - plain.rain_mm
    assert brought == pytest.approx(late.facts["rain_mm"], abs=0.3)
    assert weather.day(9, date(2025, 7, 20), [late]).storm
    assert weather.day(9, date(2025, 7, 23), [late]) is weather.day(9, date(2025, 7, 23))


def test_the_wind_of_a_fire_is_the_wind_of_its_hours() -> None:
    fire = smoke(9, datetime(2025, 3, 20, 13, 0, tzinfo=ZONE))
    laid = weather.day(9, date(2025, 3, 20), [fire])
    blown = fire.minutes["wind_ms"][60:120].mean()
    assert laid.wind[14] == pytest.approx(blown, abs=0.06)
