"""What was found: what any day should have, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from streetwise.warn.expect.design import (
    HOLIDAY,
    LEVEL,
    SEASON,
    TREND,
    WEATHER,
    WEEKDAY,
    Design,
)
from streetwise.warn.expect.settings import Settings
from streetwise.warn.expect.solve import MOST_LOG, mean_of
from streetwise.warn.values import Calendar, Expected, Floats, Series

#: What an expected count is at least, so that whoever divides by it may.
LEAST_MEAN = 1e-9


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a series should have so many on a day: ``mean`` = ``level`` times all factors.

    ``level``: of an average day of the week, without a holiday, at the average of the year and in
    usual weather, as it is at the end of the history. A factor of 1.3 is "30 % more for that".
    ``trend``: the level of that day against the level at the end (1 from there on).
    ``weather_by_name``: what each kind of weather has of ``weather``, all lags together; where all
    of it was held to ``Settings.weather_most_log``, each is less in proportion.
    ``own_share``: 0 to 1, how much of the level is the series' own history (silence is history,
    too); the rest is what its siblings have.
    """

    day: int
    mean: float
    level: float
    weekday: float
    holiday: float
    season: float
    trend: float
    weather: float
    weather_by_name: dict[str, float]
    own_share: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """S series with what was learned of them.

    ``first_day``: of the history that was looked at. ``coefficients``: (S, p), of the design's
    columns. ``scatter``: (S,), 1 / size. ``own_share``: (S,). ``widths``: by depth, what effects
    were found to differ by, by number of the component (``design.WEEKDAY`` and so on).
    """

    series: Series
    calendar: Calendar
    settings: Settings
    design: Design
    first_day: int
    coefficients: Floats
    scatter: Floats
    own_share: Floats
    widths: tuple[Floats, ...]

    @property
    def last_day(self) -> int:
        """The last day of the history."""
        return self.design.last_day

    def expected(self, first_day: int, last_day: int, calendar: Calendar | None = None) -> Expected:
        """What the days from ``first_day`` to ``last_day`` should have, past or to come.

        ``calendar``: what is known of them by now, if it is more than what ``fit`` was given; with
        the same kinds of weather. Days that it does not cover are ordinary ones.
        Raises ValueError for days the wrong way round or for other kinds of weather.
        """
        rows = self._rows(first_day, last_day, calendar)
        mean = mean_of(self.coefficients, rows)
        weather = self.design.group == WEATHER
        if weather.any():
            most = self.settings.weather_most_log
            part = self.coefficients[:, weather] @ rows[:, weather].T
            mean *= np.exp(np.clip(part, -most, most) - part)
        with np.errstate(divide="ignore"):
            size = 1.0 / self.scatter
        return Expected(np.maximum(mean, LEAST_MEAN), size)

    def explain(self, row: int, day: int, calendar: Calendar | None = None) -> Explanation:
        """Why series ``row`` should have so many on ``day``."""
        part = self._rows(day, day, calendar)[0] * self.coefficients[row]
        group = self.design.group
        most = self.settings.weather_most_log
        all_weather = abs(float(part[group == WEATHER].sum()))
        if all_weather > most:
            part[group == WEATHER] *= most / all_weather

        def factor(component: int) -> float:
            return math.exp(float(part[group == component].sum()))

        names = self.design.weather_names
        weather = part[group == WEATHER].reshape(len(self.design.lags), len(self.design.normals))
        weather = weather.sum(axis=0)
        return Explanation(
            day=day,
            mean=max(LEAST_MEAN, math.exp(min(float(part.sum()), MOST_LOG))),
            level=factor(LEVEL),
            weekday=factor(WEEKDAY),
            holiday=factor(HOLIDAY),
            season=factor(SEASON),
            trend=factor(TREND),
            weather=factor(WEATHER),
            weather_by_name={
                name: math.exp(float(one)) for name, one in zip(names, weather, strict=False)
            },
            own_share=float(self.own_share[row]),
        )

    def fits(self, design: Design, series: int) -> bool:
        """Whether a fit with these columns can begin from this one."""
        same = np.array_equal(design.group, self.design.group)
        return same and series == len(self.coefficients)

    def _rows(self, first_day: int, last_day: int, calendar: Calendar | None) -> Floats:
        if last_day < first_day:
            raise ValueError("The last day is before the first")
        known = self.calendar if calendar is None else calendar
        if known.weather_names != self.calendar.weather_names:
            raise ValueError("The calendar has other kinds of weather than the history had")
        return self.design.rows(known, first_day, last_day)
