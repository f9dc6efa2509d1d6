"""Smooth chance: seeded processes that drift in time and can be asked for at any moment.

A running state would make a day depend on where one began to count. Here random numbers sit on
knots of an endless time axis, each a function of the seed, and a spline runs between them: any
two periods that overlap agree.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .geometry import rng_for

Array = NDArray[np.float64]

_BLOCK = 128  # knots drawn at once


@lru_cache(maxsize=4096)
def _knots(seed: int, name: str, scale: float, block: int) -> Array:
    rng = rng_for(seed, "knots", name, scale, block)
    return np.array([rng.gauss(0.0, 1.0) for _ in range(_BLOCK)])


@lru_cache(maxsize=256)
def _phase(seed: int, name: str, scale: float) -> float:
    return rng_for(seed, "phase", name, scale).random()


def smooth(seed: int, name: str, scale: float, days: Array) -> Array:
    """Noise of mean 0 and variance 1 at times in days; `scale` days from knot to knot.

    A cubic B-spline through normal numbers, divided by its own standard deviation, so that the
    variance is the same on a knot and between two.
    """
    x = days / scale + _phase(seed, name, scale)
    low = np.floor(x)
    t = x - low
    first = int(low.min()) - 1
    last = int(low.max()) + 2
    blocks = range(first // _BLOCK, last // _BLOCK + 1)
    line = np.concatenate([_knots(seed, name, scale, b) for b in blocks])
    at = low.astype(np.int64) - 1 - blocks[0] * _BLOCK
    u = 1.0 - t
    weights = (
        u * u * u / 6.0,
        (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0,
        (3.0 * u * u * u - 6.0 * u * u + 4.0) / 6.0,
        t * t * t / 6.0,
    )
    total: Array = np.zeros_like(t)
    power: Array = np.zeros_like(t)
    for i, w in enumerate(weights):
        total += w * line[at + i]
        power += w * w
    result: Array = total / np.sqrt(power)
    return result


def monthly(table: tuple[float, ...], day: date) -> float:
    """A value given for the middle of each of twelve months, drawn straight between them."""
    at = day.month - 1 + (day.day - 15.5) / 31.0
    low = int(at // 1)
    share = at - low
    return table[low % 12] * (1.0 - share) + table[(low + 1) % 12] * share


def generator(seed: int, *purpose: object) -> np.random.Generator:
    """A NumPy generator of its own per purpose, for noise by the thousand."""
    return np.random.Generator(np.random.PCG64(rng_for(seed, *purpose).getrandbits(128)))


def frozen(values: Array) -> Array:
    """The array, from now on read-only: days are remembered and handed to many."""
    values.setflags(write=False)
    return values
