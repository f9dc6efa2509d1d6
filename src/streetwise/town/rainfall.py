"""Rain as cells that each day bears from its own seed: long fronts, short thunderstorms.

A cell may run on into the next day, so a day's rain is what its own cells and those of the day
before leave in it. How willing the sky is drifts smoothly (``wetness``).
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from .chance import Array, frozen, monthly, smooth
from .geometry import rng_for

STEPS = 144  # ten minutes each

# By month: chance of a front on an ordinary day, its median depth in mm; the same for storms.
_FRONT = (0.06, 0.07, 0.09, 0.12, 0.13, 0.14, 0.17, 0.165, 0.15, 0.12, 0.09, 0.05)
_FRONT_MM = (0.9, 1.3, 2.3, 4.3, 5.3, 5.6, 8.4, 8.2, 5.8, 4.8, 2.6, 0.9)
_STORM = (0.0, 0.0, 0.0, 0.025, 0.075, 0.17, 0.235, 0.21, 0.085, 0.025, 0.0, 0.0)
_STORM_MM = (4.0, 4.0, 4.0, 4.0, 4.6, 5.6, 6.8, 6.8, 5.2, 4.0, 4.0, 4.0)
_SPREAD = 1.08  # of the logarithm of a depth
_MOST_MM = 110.0
_SWAY = 0.65  # how much the wetness moves the chances


@dataclass(frozen=True, slots=True)
class Cell:
    """One spell of rain: first step (of ten minutes, on its own day), depth of each step in mm."""

    first: int
    mm: tuple[float, ...]
    thunder: bool
    gust: float  # m/s, the outflow of a storm; 0 of a front


def wetness(seed: int, days: Array) -> Array:
    """How willing the sky is to rain, about normal; also stands for cloud and damp air."""
    mixed: Array = 0.75 * smooth(seed, "wet", 2.2, days) + 0.66 * smooth(seed, "wet", 8.0, days)
    return mixed


@lru_cache(maxsize=8192)
def cells(seed: int, day: date) -> tuple[Cell, ...]:
    """The spells of rain that begin on a day."""
    rng = rng_for(seed, "rain", day.isoformat())
    wet = float(wetness(seed, np.array([day.toordinal() + 0.5]))[0])
    sway = math.exp(_SWAY * wet - _SWAY * _SWAY / 2)
    out = []
    if rng.random() < min(0.85, monthly(_FRONT, day) * sway):
        out.append(_front(rng, _depth(rng, monthly(_FRONT_MM, day))))
    if rng.random() < min(0.8, monthly(_STORM, day) * sway):
        out.append(_storm(rng, _depth(rng, monthly(_STORM_MM, day))))
    return tuple(out)


def _depth(rng: random.Random, median: float) -> float:
    return min(_MOST_MM, max(0.2, median * math.exp(rng.gauss(0.0, _SPREAD))))


def _front(rng: random.Random, depth: float) -> Cell:
    steps = rng.randint(18, 96)
    shape = []
    level = 1.0
    for i in range(steps):
        level = 0.75 * level + 0.25 * rng.expovariate(1.0)
        shape.append(level * math.sin(math.pi * (i + 0.5) / steps))
    return Cell(rng.randrange(STEPS), _scaled(shape, depth), thunder=False, gust=0.0)


def _storm(rng: random.Random, depth: float) -> Cell:
    # Storms of the plain come in the late afternoon and the evening, few at night.
    hour = rng.gauss(18.0, 2.6) if rng.random() < 0.75 else rng.uniform(0.0, 24.0)
    steps = rng.randint(4, 14)
    peak = rng.uniform(0.15, 0.5) * steps
    shape = [
        math.exp(-(((i + 0.5 - peak) / (0.35 * steps)) ** 2)) * rng.uniform(0.7, 1.3)
        for i in range(steps)
    ]
    gust = 8.0 + 13.0 * rng.random() ** 1.6 + 0.05 * depth
    first = min(STEPS - 1, max(0, round(hour * 6)))
    return Cell(first, _scaled(shape, depth), thunder=True, gust=gust)


def _scaled(shape: list[float], depth: float) -> tuple[float, ...]:
    total = sum(shape)
    return tuple(v * depth / total for v in shape)


@dataclass(frozen=True, slots=True, eq=False)
class Rain:
    """A day's rain in mm per ten minutes, and by hour whether it thunders and the storm's gust."""

    mm: Array
    thunder: Array
    gust: Array


@lru_cache(maxsize=8192)
def rain_of(seed: int, day: date) -> Rain:
    """What falls between two midnights."""
    mm, thunder, gust = np.zeros(2 * STEPS), np.zeros(48), np.zeros(48)
    for back in (0, 1):
        for cell in cells(seed, day - timedelta(days=back)):
            # The line holds yesterday and today; cells of yesterday may reach into today.
            first = cell.first + (STEPS if back == 0 else 0)
            part = np.array(cell.mm)[: 2 * STEPS - first]
            mm[first : first + len(part)] += part
            if cell.thunder:
                hours = slice(first // 6, (first + len(part) - 1) // 6 + 1)
                thunder[hours] = 1.0
                gust[hours] = np.maximum(gust[hours], cell.gust)
    return Rain(
        frozen(np.round(mm[STEPS:], 2)), frozen(thunder[24:].copy()), frozen(gust[24:].copy())
    )
