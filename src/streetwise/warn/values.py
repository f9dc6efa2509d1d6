"""What passes between the engines of warn: plain arrays, no engine's own.

Days are whole days since 1970-01-01 in the street's own time zone (int64). Places are small areas
(a grid of the street, or a square cell), numbered from 0; -1 is "not known". Categories are
numbered from 0. Lengths are metres in a plane over the street, x to the east and y to the north.
Nothing here names or numbers a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

EPOCH = date(1970, 1, 1)
#: A place or category that stands for all of them.
ALL = -1


def day_of(when: date) -> int:
    """The number of a date: days since 1970-01-01."""
    return (when - EPOCH).days


def date_of(day: int) -> date:
    """The date of a number of days since 1970-01-01."""
    return EPOCH + timedelta(days=int(day))


@dataclass(frozen=True, slots=True)
class Reports:
    """n reports in order of time; all arrays of shape (n,).

    ``ids``: what the caller calls each of them (a signal's or a case's id). ``day``: when it
    came. ``seconds``: seconds since its midnight, -1 where only the day is known. ``x``, ``y``:
    metres, NaN where the place is not known. ``category``: number into ``categories``.
    ``volume``: how many reports it stands for (1 before cleaning; a repeat counts in the volume
    of the first). ``place``: the small area in which each lies, where the caller knows better than
    the nearest middle does: a number into its ``Places``, -1 for none; None: nobody knows.
    ``late``: on which night after that of its own day it was here first, 0 for at once, -1 where
    nobody knows; ``source``: who brought it, numbered from 0; None: both as if nothing were late.
    """

    ids: Sequence[str]
    day: Ints
    seconds: Ints
    x: Floats
    y: Floats
    category: Ints
    volume: Ints
    categories: tuple[str, ...]
    place: Ints | None = None
    late: Ints | None = None
    source: Ints | None = None

    def __len__(self) -> int:
        return len(self.day)


@dataclass(frozen=True, slots=True)
class Places:
    """P small areas: names and middles (metres), shape (P,); ``area`` in square metres."""

    names: tuple[str, ...]
    x: Floats
    y: Floats
    area: Floats

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True)
class Series:
    """S daily series over T days without a gap.

    ``counts``: (S, T), 0 and more. ``first_day``: the day of column 0. ``place``, ``category``:
    (S,), a number or ALL. ``parent``: (S,), the row of the coarser series that contains it (same
    category over all places, say), -1 for none; a parent's counts are at least its child's.
    """

    counts: Ints
    first_day: int
    place: Ints
    category: Ints
    parent: Ints

    @property
    def days(self) -> Ints:
        """The T days of the columns."""
        return np.arange(self.first_day, self.first_day + self.counts.shape[1], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is known of each of T days, from ``first_day`` on and, for a forecast, beyond today.

    ``kind``: (T,), 0 an ordinary day by its weekday, 1 a statutory holiday, 2 a day off that goes
    with one (a bridged weekday or the weekend in a holiday), 3 a weekend day worked instead.
    ``weather``: (T, W) named by ``weather_names``; NaN where it was not measured.
    """

    first_day: int
    kind: Ints
    weather: Floats
    weather_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """What S series would have on T ordinary days.

    ``mean``: (S, T), above 0, never NaN. ``size``: (S,), of a negative binomial:
    variance = mean + mean² / size; infinite for Poisson.
    """

    mean: Floats
    size: Floats


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on the quality of the data, for people: which days, where, how many, and why.

    ``kind``: "default_point" (reports without a place of their own put on one point), "batch"
    (many entered at once), "repeat", "gap" (days on which a source was silent), "late" (days of
    which not all is here yet), "bias" (who reports and who does not). ``says``: which sentence is
    said of it, ``numbers``: what stands in it; words are the screen's.
    """

    kind: str
    first_day: int
    last_day: int
    count: int
    category: int = ALL
    x: float = float("nan")
    y: float = float("nan")
    says: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statistical finding before anybody decides whether to say it.

    ``method``: "count", "farrington", "ears", "cusum", "scan", "permutation".
    ``category``: number or ALL. ``places``: numbers of the areas it covers, empty for the whole
    street. ``first_day``, ``last_day``: the days it covers, both included. ``observed``,
    ``expected``: reports in it.
    ``score``: the method's own statistic, larger is stranger. ``recurrence_days``: by chance once
    in so many days, as replaying history found it; NaN until calibrated.
    """

    method: str
    category: int
    places: tuple[int, ...]
    first_day: int
    last_day: int
    observed: int
    expected: float
    score: float
    recurrence_days: float = float("nan")
