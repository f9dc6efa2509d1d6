"""Invented series and calendars for the tests of the expectation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from streetwise.warn.values import ALL, Calendar, Floats, Ints, Series, day_of

#: A Saturday.
FIRST = day_of(date(2022, 1, 1))


def series_of(counts: object, parent: Sequence[int] | None = None) -> Series:
    """Series from FIRST on; all without a parent, unless told."""
    found = np.atleast_2d(np.asarray(counts, dtype=np.int64))
    number = len(found)
    above = np.full(number, -1) if parent is None else np.asarray(parent)
    return Series(found, FIRST, np.full(number, ALL), np.arange(number), above.astype(np.int64))


def plain_calendar(days: int, kind: Ints | None = None) -> Calendar:
    """Days from FIRST on, without weather, ordinary unless told."""
    return Calendar(
        FIRST, np.zeros(days, dtype=np.int64) if kind is None else kind, np.zeros((days, 0)), ()
    )


def calendar_with_weather(days: int, seed: int = 3) -> Calendar:
    """Some days off and worked, warm summers, some rain, and gaps in the measuring."""
    rng = np.random.default_rng(seed)
    kind = np.zeros(days, dtype=np.int64)
    kind[40::61], kind[41::61], kind[28::91] = 1, 2, 3
    warm = 12 + 14 * np.sin(2 * np.pi * (np.arange(days) - 100) / 365.25) + rng.normal(0, 3, days)
    rain = np.maximum(0.0, rng.normal(-2.0, 5.0, days))
    rain[rng.random(days) < 0.03] = np.nan
    return Calendar(FIRST, kind, np.stack([warm, rain], axis=1), ("warm", "rain"))


def weekly(days: int) -> Floats:
    """1 on average, less at weekends."""
    shape = np.array([1.2, 1.1, 1.1, 1.1, 1.1, 0.8, 0.6])
    found: Floats = shape[(np.arange(FIRST, FIRST + days) + 3) % 7]
    return found


def yearly(days: int) -> Floats:
    """Around 1, more in one half of the year."""
    found: Floats = np.exp(0.4 * np.sin(2 * np.pi * np.arange(FIRST, FIRST + days) / 365.25))
    return found


def drawn(mean: Floats, seed: int, size: float = np.inf) -> Ints:
    """Counts around a mean: Poisson, or negative binomial of this size."""
    rng = np.random.default_rng(seed)
    if np.isinf(size):
        return rng.poisson(mean).astype(np.int64)
    return rng.negative_binomial(size, size / (size + mean)).astype(np.int64)
