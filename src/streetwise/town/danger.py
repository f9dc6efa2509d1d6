"""What the weather office and the forest office look at: how severe a day was, as one number.

Severity 1 to 4 is the colour blue to red that the day has earned; the parts between say how
near it came to the next. Only rain's thresholds are taken from the field; the others are the
invented town's own, in the manner of such rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import numpy as np

from .almanac import fire_season
from .chance import Array
from .cloudburst import RAIN_MM
from .courses import Course
from .weather import HEAT, Day, day

Event = Literal["rain", "heat", "gale", "cold", "haze", "fire_danger"]
EVENTS: tuple[Event, ...] = ("rain", "heat", "gale", "cold", "haze", "fire_danger")
#: The lowest severity for which there is a colour at all.
LOWEST: dict[Event, int] = {"rain": 1, "heat": 1, "gale": 1, "cold": 1, "haze": 2, "fire_danger": 3}

_HEAT = (32.0, 35.0, 37.0, 39.0, 41.0)  # °C, for severity 0 to 4
_GALE = (12.0, 17.2, 20.8, 24.5, 28.5)  # m/s
_COLD = (3.0, 6.0, 8.0, 10.0, 13.0)  # °C that the lowest falls in two days, to 4 °C or less
_HAZE = (70.0, 100.0, 135.0, 180.0, 260.0)  # µg/m³, the day's mean
_FIRE = (1.2, 1.7, 2.2, 2.62, 2.95)  # see fire_index
_DRY_DAYS = 18  # after so many days without rain it gets no drier
_DAY = timedelta(days=1)


def severity(seed: int, event: Event, when: date, courses: Sequence[Course] = ()) -> float:
    """How severe a day was in one respect, 0 to 4."""
    today = day(seed, when, courses)
    if event == "rain":
        return rain_course(seed, when, courses)[1]
    if event == "heat":
        level = _scale(today.max_c, _HEAT)
        three = all(day(seed, when - i * _DAY).max_c >= HEAT for i in range(3))
        return max(level, 2.0) if three else level
    if event == "gale":
        return _scale(today.gust_ms, _GALE)
    if event == "cold":
        fall = day(seed, when - 2 * _DAY).min_c - today.min_c
        return _scale(fall, _COLD) if today.min_c <= 4.0 else 0.0
    if event == "haze":
        return _scale(today.pm25_mean, _HAZE)
    return _scale(fire_index(seed, when, courses), _FIRE) if fire_season(when) else 0.0


def _scale(value: float, steps: tuple[float, ...]) -> float:
    return float(np.interp(value, steps, range(len(steps))))


def rain_course(
    seed: int, when: date, courses: Sequence[Course] = ()
) -> tuple[tuple[int | None, ...], float]:
    """When the day's rain passed each colour (step of ten minutes, or None), and its severity."""
    past = [day(seed, when - _DAY, courses), day(seed, when, courses)]
    line: Array = np.concatenate([[0.0], np.cumsum(np.concatenate([d.rain10 for d in past]))])
    worst = np.zeros(144)
    for hours, limits in RAIN_MM.items():
        steps = hours * 6
        fallen = line[145:] - line[145 - steps : 289 - steps]
        # Rain of the past that has stopped counts for yesterday, not for today.
        fallen = np.where(past[1].rain10 > 0, fallen, 0.0)
        worst = np.maximum(worst, np.interp(fallen, (0.0, *limits), range(5)))
    worst = np.round(worst, 4)
    passed = tuple(
        int(np.argmax(worst >= level)) if (worst >= level).any() else None for level in range(1, 5)
    )
    return passed, float(worst.max())


def fire_index(seed: int, when: date, courses: Sequence[Course] = ()) -> float:
    """How easily the forest burns: days without rain, dry air, wind, warmth; about 0 to 3.5."""
    today = day(seed, when, courses)
    dry = dry_days(seed, when)
    noon = slice(10, 18)
    parched = 1.0 - float(today.humidity[noon].mean()) / 60.0
    return (
        0.9 * dry / _DRY_DAYS
        + 1.3 * max(0.0, parched)
        + 0.9 * min(1.3, float(today.wind[noon].mean()) / 7.0)
        + 0.6 * min(1.2, max(0.0, (today.max_c + 2.0) / 25.0))
    )


def dry_days(seed: int, when: date) -> int:
    """Days since two millimetres or more fell, at most eighteen."""
    for back in range(_DRY_DAYS):
        if day(seed, when - back * _DAY).rain_mm >= 2.0:
            return back
    return _DRY_DAYS


def earned(event: Event, level: float) -> int:
    """The colour's number, 1 blue to 4 red, that a severity has earned; 0 for none."""
    number = int(level)
    return number if number >= LOWEST[event] else 0


def rain_peak(today: Day) -> int:
    """The step of ten minutes in the middle of the day's worst hour of rain."""
    return int(np.argmax(np.convolve(today.rain10, np.ones(6), mode="same")))
