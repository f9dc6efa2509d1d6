"""What a night's analysis is given and what it gives back: the seam between rows and engines. Pure.

``compute`` calls the engines; whoever runs a night may be given another function of this shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from streetwise.warn.values import Calendar, Note, Places, Reports


@dataclass(frozen=True, slots=True)
class Material:
    """What a night knows: all reports up to and including ``last_day``, the areas they fall into,
    and the calendar from the first report to 28 days beyond. ``budget``: warnings a week that the
    street wants to hear at most; ``seed``: of whatever is drawn by lot.
    """

    reports: Reports
    places: Places
    calendar: Calendar
    last_day: int
    budget: float
    seed: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Reports by day from ``first_day`` on, beside what was expected: what a warning rests on."""

    first_day: int
    observed: tuple[int, ...]
    expected: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding that is worth saying. ``methods``: which agree, the strongest first; ``category``
    and ``places``: numbers, ALL and none for everything; the rest as in ``values.Candidate``.
    """

    methods: tuple[str, ...]
    category: int
    places: tuple[int, ...]
    first_day: int
    last_day: int
    observed: int
    expected: float
    recurrence_days: float
    chart: Chart


@dataclass(frozen=True, slots=True)
class Outlook:
    """How many reports the next ``days`` days bring: mean and 80 % interval."""

    place: int
    category: int
    days: int
    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True)
class Spot:
    """Where to look tomorrow: reports of a category that the day brings to an area."""

    place: int
    category: int
    expected: float


@dataclass(frozen=True, slots=True)
class Night:
    """What a night came to. ``spots``: the most pressing first. ``told``: how it was calibrated and
    what it took, plain values for the record.
    """

    found: tuple[Found, ...] = ()
    notes: tuple[Note, ...] = ()
    outlooks: tuple[Outlook, ...] = ()
    spots: tuple[Spot, ...] = ()
    told: dict[str, Any] = field(default_factory=dict)


Compute = Callable[[Material], Night]
