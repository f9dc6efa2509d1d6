"""How many problems begin on a day, and of which kind: rates, before chance picks places.

The expected number is a product of factors, each of which a comparison with real data can look
at by itself: growth over the years, weekday, holidays, what the weather does to each theme, and
shocks. Shocks are what makes counts scatter more than a Poisson's: one of the day and one of the
week for everything, and one of the week for each theme. Every factor is a function of seed and
date alone, so that any day can be asked for.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from . import almanac, weather
from .courses import Course
from .geometry import rng_for
from .language import Theme

#: Problems that begin on an ordinary day of ``START_YEAR``; about 1.5 reports come of each.
PROBLEMS_A_DAY = 40.0
START_YEAR = 2024
GROWTH_A_YEAR = 0.05
#: Monday to Sunday; people write less on days off, and catch up on Mondays. Not so much less as in
#: the real data beside it (docs/reference/town-compared.md): this hotline answers day and night.
WEEKDAY = (1.27, 1.22, 1.17, 1.13, 1.09, 0.59, 0.51)
HOLIDAY = 0.6
SWAPPED_WORKDAY = 0.96
#: Standard deviations of the logarithm of the shocks.
DAY_SHOCK, WEEK_SHOCK, THEME_SHOCK = 0.10, 0.07, 0.32
#: What no day multiplies by more, or divides by, is called steady.
STEADY = 2.5
#: From this strength on people would say that it rains, that it is hot.
HOLDS = 0.4
#: What part of all that begins is of which nature, whatever the themes' own weights add up to.
NATURE_SHARE = {"problem": 0.60, "request": 0.19, "hazard": 0.155, "dispute": 0.055}
#: Weights of themes are raised to this: real cities have few kinds of trouble again and again.
SHARPNESS = 1.4


@dataclass(frozen=True, slots=True)
class Rates:
    """Expected numbers of problems for one day, theme by theme, in the order of the themes."""

    day: date
    by_theme: tuple[float, ...]

    @property
    def total(self) -> float:
        """All themes together."""
        return sum(self.by_theme)


class RateBook:
    """Rates for any day of a town; keeps the days that it was asked for lately."""

    def __init__(self, seed: int, themes: Sequence[Theme], courses: Sequence[Course] = ()) -> None:
        self._seed, self._courses = seed, courses
        self._themes = themes
        self._base = _shares(themes)
        self._drivers: dict[date, Mapping[str, float]] = {}

    def rates(self, day: date) -> Rates:
        """What to expect of a day, chance of the day's shocks included."""
        total = PROBLEMS_A_DAY * trend(day) * rhythm(day) * self._shock(day)
        drivers = self.drivers(day)
        week = day - timedelta(days=day.weekday())
        out = []
        for theme, share in zip(self._themes, self._base, strict=True):
            shock = _log_shock(rng_for(self._seed, "theme shock", theme.key, week), THEME_SHOCK)
            out.append(total * share * driven(theme, drivers) * shock)
        return Rates(day, tuple(out))

    def drivers(self, day: date) -> Mapping[str, float]:
        """What drives rates on a day, each with a strength of 0 to 1.

        Rain and storms work on the next day too: water stands, branches hang, and many only then
        sit down to write.
        """
        if day not in self._drivers:
            if len(self._drivers) > 400:
                self._drivers.clear()
            today, before = self._of(day), self._of(day - timedelta(days=1))
            lasting = {k: 0.6 * v for k, v in before.items() if k in ("rain", "storm", "snow")}
            self._drivers[day] = {
                key: max(today.get(key, 0.0), lasting.get(key, 0.0))
                for key in sorted({*today, *lasting})
            }
        return self._drivers[day]

    def sky(self, day: date) -> tuple[str, ...]:
        """The drivers that hold on a day: what people may speak of then."""
        return tuple(key for key, strength in self.drivers(day).items() if strength >= HOLDS)

    def _of(self, day: date) -> dict[str, float]:
        sky = weather.day(self._seed, day, self._courses)
        found = {
            "rain": min(1.0, sky.rain_mm / 25.0),
            "storm": float(sky.storm),
            "heat": float(sky.heat),
            "cold": float(sky.cold),
            "snow": float(sky.snow),
            "wind": float(sky.windy),
            almanac.season_of(day): 1.0,
            "festival": float(bool(almanac.festival(day))),
            "school_term": float(not almanac.school_vacation(day)),
            "weekend": float(almanac.kind_of(day) == "weekend"),
        }
        return {key: value for key, value in found.items() if value > 0}

    def _shock(self, day: date) -> float:
        week = day - timedelta(days=day.weekday())
        return _log_shock(rng_for(self._seed, "day shock", day), DAY_SHOCK) * _log_shock(
            rng_for(self._seed, "week shock", week), WEEK_SHOCK
        )


def trend(day: date) -> float:
    """Slow growth: people learn that somebody answers."""
    years = (day - date(START_YEAR, 1, 1)).days / 365.25
    return float((1 + GROWTH_A_YEAR) ** years)


def rhythm(day: date) -> float:
    """Weekday and holiday; a weekend that is worked is nearly a working day."""
    kind = almanac.kind_of(day)
    if kind == "holiday":
        return HOLIDAY
    if kind == "workday" and day.weekday() >= 5:
        return SWAPPED_WORKDAY
    return WEEKDAY[day.weekday()]


def driven(theme: Theme, drivers: Mapping[str, float]) -> float:
    """What the day does to a theme. A driver of half its strength works with half its factor's
    logarithm. A matter of one season does not happen in the others: 0 is a factor too.
    """
    factor = 1.0
    for key, by in theme.drivers.items():
        strength = drivers.get(key, 0.0)
        if strength > 0:
            factor *= by**strength if by > 0 else 0.0
    return factor


def is_steady(theme: Theme) -> bool:
    """Whether a theme comes about as often all year round."""
    return all(1 / STEADY <= factor <= STEADY for factor in theme.drivers.values())


def _shares(themes: Sequence[Theme]) -> tuple[float, ...]:
    """Each theme's part of the whole: its weight among its nature's, and that nature's part."""
    sums: dict[str, float] = {}
    for theme in themes:
        sums[theme.nature] = sums.get(theme.nature, 0.0) + theme.weight**SHARPNESS
    held = sum(NATURE_SHARE[nature] for nature in sums)
    return tuple(
        NATURE_SHARE[t.nature] / held * t.weight**SHARPNESS / sums[t.nature] for t in themes
    )


def _log_shock(rng: random.Random, sigma: float) -> float:
    """A factor around 1 whose mean is 1."""
    return math.exp(rng.gauss(-sigma * sigma / 2, sigma))


def poisson(rng: random.Random, mean: float) -> int:
    """A Poisson count by Knuth's product of uniforms (The Art of Computer Programming, 3.4.1).

    Means of single themes are small; a large one is split so that the product stays above 0.
    """
    count = 0
    while mean > 30.0:
        count += poisson(rng, 30.0)
        mean -= 30.0
    limit, product = math.exp(-mean), rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count
