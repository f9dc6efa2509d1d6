"""What a planted happening is made of: a course by the minute, as data.

A course is used three times: by the history (it happened on that day), by the live simulator
(a button starts it now), and as truth. It knows no sensor and no street; `where` names kinds of
places (``underpass``, ``low_point``, ``compound`` …) for which the teller picks real ones.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

import numpy as np

from .almanac import ZONE
from .chance import Array, frozen

CourseName = Literal["cloudburst", "smoke", "noise"]
Colour = Literal["blue", "yellow", "orange", "red"]
COLOURS: tuple[Colour, ...] = ("blue", "yellow", "orange", "red")


@dataclass(frozen=True, slots=True)
class PlannedReport:
    """So many voices speak up in this minute about this kind of trouble."""

    minute: int
    kind: str
    voice_count: int
    where: str


@dataclass(frozen=True, slots=True)
class PlannedAlert:
    """An official alert of the course; minutes may be negative (issued before it began).

    `reached` says whether the course really passes this colour's threshold: a colour raised on
    a forecast may go further than the rain does.
    """

    issued: int
    cancelled: int
    event: str
    colour: Colour
    reached: bool


@dataclass(frozen=True, slots=True)
class Crossing:
    """A series passes a threshold, upwards or downwards."""

    minute: int
    series: str
    threshold: float
    rising: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens in the course and is nobody's report: first seen, put out."""

    minute: int
    who: str
    what: str


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A happening minute by minute.

    `minutes` maps a series' name to one value per minute from the start. A cloudburst has
    ``rain_mm`` (mm in that minute), ``gust_ms`` and ``level_m:<basin>``; a smoke has
    ``strength`` (share of the fire's largest), ``wind_ms``, ``wind_from_deg`` and
    ``ppm:<distance in m>`` straight downwind, a noise ``strength`` (share of its loudest).
    """

    name: CourseName
    start: datetime
    minutes: Mapping[str, Array]
    reports: tuple[PlannedReport, ...]
    alerts: tuple[PlannedAlert, ...]
    crossings: tuple[Crossing, ...]
    moments: tuple[Moment, ...]
    facts: Mapping[str, float]

    @property
    def length(self) -> int:
        """Minutes from the start to the end."""
        return len(next(iter(self.minutes.values())))

    @property
    def end(self) -> datetime:
        """The first minute after the course."""
        return self.at(self.length)

    def at(self, minute: int) -> datetime:
        """The moment of a minute of the course."""
        return self.start + timedelta(minutes=minute)

    def offset(self, moment: datetime) -> int:
        """Whole minutes from the start to a moment, rounded down."""
        return int((moment - self.start) // timedelta(minutes=1))

    def touches(self, day: date) -> bool:
        """Whether some minute of the course lies on a day of the town."""
        return self.start.astimezone(ZONE).date() <= day <= (
            self.end - timedelta(minutes=1)
        ).astimezone(ZONE).date()  # fmt: skip

    def of_day(self, series: str, day: date) -> Array:
        """A series laid over the 1,440 minutes of a day; 0 where the course is not running."""
        out = np.zeros(1440)
        first = self.offset(datetime.combine(day, time(), ZONE))  # usually negative
        values = self.minutes[series]
        low, high = max(0, first), min(len(values), first + 1440)
        if low < high:
            out[low - first : high - first] = values[low:high]
        return out


def crossings_of(series: str, values: Array, thresholds: Sequence[float]) -> Iterator[Crossing]:
    """Every minute at which a series goes over a threshold or falls below it again."""
    for threshold in thresholds:
        over = values >= threshold
        for minute in np.flatnonzero(over[1:] != over[:-1]) + 1:
            yield Crossing(int(minute), series, threshold, rising=bool(over[minute]))


def scatter(
    rng: random.Random, kind: str, where: str, total: float, weight: Array
) -> list[PlannedReport]:
    """About `total` voices strewn over the minutes by weight; none if there is no weight."""
    mass = float(weight.sum())
    if mass <= 0.0:
        return []
    count = max(1, round(rng.gauss(total, 0.7 * total**0.5)))
    line = np.cumsum(weight) / mass
    picked = [int(np.searchsorted(line, rng.random(), side="right")) for _ in range(count)]
    minutes = sorted(min(m, len(weight) - 1) for m in picked)
    return [PlannedReport(m, kind, minutes.count(m), where) for m in sorted(set(minutes))]


def in_order(reports: Sequence[PlannedReport]) -> tuple[PlannedReport, ...]:
    """Reports as they come in."""
    return tuple(sorted(reports, key=lambda r: (r.minute, r.kind, r.where)))


def rounded(values: Array, decimals: int) -> Array:
    """A series as it is written: rounded, read-only."""
    return frozen(np.round(values, decimals) + 0.0)


def bump(length: int, middle: float, before: float, after: float) -> Array:
    """A bell over the minutes whose two sides may differ in width (minutes)."""
    t = np.arange(length, dtype=np.float64) - middle
    shape: Array = np.exp(-((t / np.where(t < 0, before, after)) ** 2))
    return shape
