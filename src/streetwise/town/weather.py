"""The town's weather by the hour: an invented climate like that of the North China plain.

Wet hot summers, dry cold winters, windy springs. Every day is a function of the seed and its
date (see ``chance``): any day may be asked for, in any order. Planted courses are laid over the
day by naming them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .almanac import days_between
from .chance import Array, frozen, generator, monthly, smooth
from .courses import Course
from .rainfall import rain_of, wetness

STORM_GUST = 17.2  # m/s, Beaufort 8: also where a day counts as windy
HEAT, COLD = 35.0, -10.0  # °C of the day's highest and lowest
SNOW_BELOW = 0.8  # °C
HAZE = 115.0  # µg/m³ of fine dust, the day's mean
WET_MM = 0.1

_WIND = (2.3, 2.6, 3.3, 3.5, 3.1, 2.5, 2.1, 1.9, 2.0, 2.3, 2.5, 2.4)
_DAMP = (42.0, 40.0, 38.0, 41.0, 47.0, 58.0, 74.0, 75.0, 66.0, 58.0, 51.0, 45.0)
_DUST = (48.0, 44.0, 43.0, 37.0, 30.0, 27.0, 26.0, 23.0, 26.0, 35.0, 45.0, 48.0)
_SWING = (4.7, 5.1, 5.8, 6.3, 6.5, 6.3, 5.2, 5.0, 5.3, 5.5, 5.0, 4.6)  # half of a clear day's

_HOUR: Array = np.arange(24, dtype=np.float64) + 0.5
# Coldest at half past five, warmest at three.
_CURVE = np.where(
    (_HOUR >= 5.5) & (_HOUR < 15.0),
    -np.cos(np.pi * (_HOUR - 5.5) / 9.5),
    np.cos(np.pi * ((_HOUR - 15.0) % 24.0) / 14.5),
)
_BREEZE = 0.78 + 0.5 * np.exp(-(((_HOUR - 14.5) / 4.5) ** 2))
_MEMORY = np.exp(-np.arange(24) / 5.0)  # how rain of past hours still cools and dampens


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of weather."""

    temperature: float  # °C
    rain: float  # mm
    wind: float  # m/s, mean
    gust: float  # m/s, highest
    humidity: float  # %
    visibility: float  # km
    pm25: float  # µg/m³
    snow: bool  # what falls, falls as snow
    thunder: bool


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """A day: 24 values of each kind (units as in ``Hour``), rain also by ten minutes (144)."""

    date: date
    temperature: Array
    rain: Array
    rain10: Array
    wind: Array
    gust: Array
    humidity: Array
    visibility: Array
    pm25: Array
    snowing: NDArray[np.bool_]
    thunder: NDArray[np.bool_]
    rain_mm: float
    max_c: float
    min_c: float
    gust_ms: float
    pm25_mean: float

    @property
    def storm(self) -> bool:
        """A thunderstorm passed."""
        return bool(self.thunder.any())

    @property
    def heat(self) -> bool:
        """35 °C or more."""
        return self.max_c >= HEAT

    @property
    def cold(self) -> bool:
        """-10 °C or less."""
        return self.min_c <= COLD

    @property
    def snow(self) -> bool:
        """Something fell as snow, and it can be measured."""
        return bool((self.rain[self.snowing] > 0).any()) and self.rain_mm >= WET_MM

    @property
    def windy(self) -> bool:
        """Gusts of Beaufort 8 or more."""
        return self.gust_ms >= STORM_GUST

    @property
    def haze(self) -> bool:
        """Fine dust above the line all day."""
        return self.pm25_mean >= HAZE

    @property
    def wet(self) -> bool:
        """A tenth of a millimetre or more."""
        return self.rain_mm >= WET_MM

    def hour(self, hour: int) -> Hour:
        """One of the 24 hours."""
        return Hour(
            float(self.temperature[hour]), float(self.rain[hour]), float(self.wind[hour]),
            float(self.gust[hour]), float(self.humidity[hour]), float(self.visibility[hour]),
            float(self.pm25[hour]), bool(self.snowing[hour]), bool(self.thunder[hour]),
        )  # fmt: skip


def day(seed: int, when: date, courses: Sequence[Course] = ()) -> Day:
    """The weather of a day, with what the courses that touch it bring."""
    touching = [c for c in courses if c.touches(when) or c.touches(when - timedelta(days=1))]
    return _made(seed, when, touching) if touching else _plain(seed, when)


def days(seed: int, start: date, end: date, courses: Sequence[Course] = ()) -> Iterator[Day]:
    """The weather of start <= day < end."""
    for when in days_between(start, end):
        yield day(seed, when, courses)


@lru_cache(maxsize=4096)
def _plain(seed: int, when: date) -> Day:
    return _made(seed, when, ())


def _made(seed: int, when: date, courses: Sequence[Course]) -> Day:
    hours: Array = when.toordinal() + _HOUR / 24.0
    noise = generator(seed, "hours", when.isoformat()).standard_normal((3, 24))
    rain10, before10, storm_gust, thunder = _falls(seed, when, courses)
    rain = rain10.reshape(24, 6).sum(axis=1)
    past = np.concatenate([before10.reshape(24, 6).sum(axis=1), rain])
    recent = np.convolve(past, _MEMORY)[24:48]
    wet = wetness(seed, hours)

    mood = _mood(seed, hours, when)
    clear = 1.0 - 0.22 * np.clip(wet, -1.3, 2.0)
    warm = 0.4 + 0.6 * min(1.0, max(0.0, (_normal(when) + 2.0) / 20.0))
    cooled = 7.0 * warm * (1.0 - np.exp(-recent / 9.0))
    temperature = (
        _normal(when) + mood + monthly(_SWING, when) * clear * _CURVE - cooled + 0.25 * noise[0]
    )
    wind, gust = _winds(seed, when, hours, noise[1], storm_gust)
    for course in courses:
        _blow(course, when, wind, gust)

    damp = monthly(_DAMP, when) + 10.0 * wet - 15.0 * _CURVE + 28.0 * (1.0 - np.exp(-recent / 2.0))
    humidity = np.clip(damp + 2.5 * noise[2], 9.0, 99.0)
    pm25 = _dust(seed, when, hours, wind, recent)
    snowing = np.round(temperature, 1) < SNOW_BELOW
    fog = 1.0 - 0.5 * np.clip((humidity - 82.0) / 17.0, 0.0, 1.0)
    curtain = 1.0 + rain * np.where(snowing, 1.5, 0.12)
    visibility = np.clip(30.0 * fog / ((1.0 + pm25 / 32.0) * curtain), 0.2, 30.0)

    temperature = temperature.round(1)
    gust, pm25 = np.maximum(gust, wind).round(1), pm25.round()
    return Day(
        date=when,
        temperature=frozen(temperature),
        rain=frozen(np.round(rain, 2)),
        rain10=frozen(np.round(rain10, 2)),
        wind=frozen(np.round(wind, 1)),
        gust=frozen(gust),
        humidity=frozen(np.round(humidity, 0)),
        visibility=frozen(np.round(visibility, 1)),
        pm25=frozen(pm25),
        snowing=snowing,
        thunder=thunder,
        rain_mm=round(float(rain.sum()), 1),
        max_c=float(temperature.max()),
        min_c=float(temperature.min()),
        gust_ms=float(gust.max()),
        pm25_mean=round(float(pm25.mean()), 1),
    )


def _falls(
    seed: int, when: date, courses: Sequence[Course]
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Rain of the day and of the day before by ten minutes; storm gusts and thunder by hour."""
    before = when - timedelta(days=1)
    own, past = rain_of(seed, when), rain_of(seed, before)
    rain10, before10 = own.mm.copy(), past.mm.copy()
    thunder = own.thunder > 0
    for course in courses:
        if "rain_mm" in course.minutes:
            minutes = course.of_day("rain_mm", when)
            rain10 += minutes.reshape(144, 10).sum(axis=1)
            before10 += course.of_day("rain_mm", before).reshape(144, 10).sum(axis=1)
            thunder = thunder | (minutes.reshape(24, 60).max(axis=1) >= 0.5)
    return rain10, before10, own.gust, thunder


def _blow(course: Course, when: date, wind: Array, gust: Array) -> None:
    """The course's wind takes the place of the day's where it is the stronger; fire's always."""
    if "gust_ms" in course.minutes:
        blown = course.of_day("gust_ms", when).reshape(24, 60).max(axis=1)
        np.maximum(gust, blown, out=gust)
        np.maximum(wind, blown * 0.4, out=wind)
    if "wind_ms" in course.minutes:
        blown = course.of_day("wind_ms", when).reshape(24, 60)
        running = blown.min(axis=1) > 0
        wind[running] = blown.mean(axis=1)[running]
        gust[running] = blown.max(axis=1)[running] * 1.3


def _normal(when: date) -> float:
    """The mean temperature that the time of the year has by itself."""
    turn = math.tau * (when.timetuple().tm_yday - 200) / 365.25
    return 13.4 + 15.2 * math.cos(turn) - 0.7 * math.cos(2 * turn)


def _mood(seed: int, hours: Array, when: date) -> Array:
    """By how much it is warmer or colder than the time of the year."""
    winter = 1.0 + 0.22 * math.cos(math.tau * (when.timetuple().tm_yday - 15) / 365.25)
    mixed: Array = winter * (
        1.5 * smooth(seed, "heat", 1.3, hours)
        + 1.9 * smooth(seed, "heat", 5.0, hours)
        + 1.0 * smooth(seed, "heat", 25.0, hours)
    )
    return mixed


def _winds(
    seed: int, when: date, hours: Array, noise: Array, storm_gust: Array
) -> tuple[Array, Array]:
    """Mean wind and gusts; when the cold comes in, it comes with wind."""
    falling = _mood(seed, hours - 0.25, when) - _mood(seed, hours + 0.25, when)
    drift = 0.40 * smooth(seed, "wind", 1.1, hours) + 0.26 * smooth(seed, "wind", 4.0, hours)
    wind = monthly(_WIND, when) * np.exp(drift + 0.10 * noise - 0.12) * _BREEZE
    wind = wind * (1.0 + 0.42 * np.maximum(0.0, falling - 0.4))
    wind = np.clip(wind, 0.3, 14.0)
    gust = wind * (1.75 + 0.1 * noise)
    return np.maximum(wind, storm_gust * 0.4), np.maximum(gust, storm_gust)


def _dust(seed: int, when: date, hours: Array, wind: Array, recent: Array) -> Array:
    """Fine dust: gathers in still air, goes with the wind, is washed out by rain."""
    drift = 0.50 * smooth(seed, "dust", 1.6, hours) + 0.42 * smooth(seed, "dust", 6.0, hours)
    still = (2.4 / np.maximum(0.9, 0.5 * wind + 0.5 * wind.mean())) ** 0.75
    pm25 = (
        monthly(_DUST, when) * np.exp(drift - 0.2) * still * (0.35 + 0.65 * np.exp(-recent / 6.0))
    )
    clipped: Array = np.clip(pm25, 3.0, 420.0)
    return clipped
