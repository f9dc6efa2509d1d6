"""What a night's analysis is given and what it gives back: the seam between rows and engines. Pure.

``compute`` calls the engines; whoever runs a night may be given another function of this shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from streetwise.warn.values import Calendar, Ints, Note, Places, Reports


@dataclass(frozen=True, slots=True)
class Zone:
    """Where a finding's reports gather, by the scan: ``places`` (numbers), from ``first_day``
    to ``last_day``. ``as_dense``: of ``replicates`` nights thrown by chance, how many held a zone
    as dense as this anywhere. ``first_night``: since which night it is seen; ``over``: it was seen
    before, and is not any more.
    """

    places: tuple[int, ...]
    first_day: int
    last_day: int
    observed: int
    expected: float
    as_dense: int
    replicates: int
    first_night: int
    over: bool = False


@dataclass(frozen=True, slots=True)
class Stood:
    """A warning that stood before tonight: about what (numbers as in ``Found``), from which night
    to which it was seen (their days), how seldom chance would bring it, and its zones.
    ``told_factor``: its observed by expected when it was told last; None where nobody noted it.
    """

    category: int
    places: tuple[int, ...]
    first_night: int
    last_night: int
    recurrence_days: float
    zones: tuple[Zone, ...] = ()
    told_factor: float | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """What a night knows: all cases up to and including ``last_day``, the areas they fall into,
    and the calendar from the first report to 28 days beyond. ``region``: (P,), the community of
    each area, a number into ``regions``. ``budget``: warnings a week that the street wants to hear
    at most. ``visits``: (place, category) → the last day on which somebody agreed to look there.
    ``stood``: the warnings before tonight. ``hindsight_days``: of so many nights before tonight it
    is asked what they would have said; 0 for none.
    """

    reports: Reports
    places: Places
    region: Ints
    regions: tuple[str, ...]
    calendar: Calendar
    last_day: int
    budget: float
    visits: Mapping[tuple[int, int], int]
    stood: tuple[Stood, ...] = ()
    hindsight_days: int = 0


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
    ``at_least``: chance brings it even less often. ``mostly_at``: where most of it came from.
    ``zones``: where it gathers, the densest first. ``young``: history is too short to replay; its
    recurrence is counted over the few nights there are. ``told_again``: it stood already, and is
    so much more than when it was told that it is told again.
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
    at_least: bool = False
    mostly_at: tuple[int, ...] = ()
    zones: tuple[Zone, ...] = ()
    young: bool = False
    told_again: bool = False

    def since(self, first_day: int) -> Found:
        """The same from an earlier day on, but none that its chart does not count any more: the
        days that are named are those that were counted.
        """
        first_day = max(first_day, self.chart.first_day)
        if first_day >= self.first_day:
            return self
        days = slice(first_day - self.chart.first_day, self.last_day - self.chart.first_day + 1)
        return replace(
            self,
            first_day=first_day,
            observed=sum(self.chart.observed[days]),
            expected=float(sum(self.chart.expected[days])),
        )


@dataclass(frozen=True, slots=True)
class Past:
    """What would have been said had anybody looked then: ``found`` as it was last seen, but counted
    from its first day on and as seldom as it ever was; the nights (their days) on which it would
    have been said and was last seen.
    """

    found: Found
    first_night: int
    last_night: int


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
    """Where to look next, at x and y (metres): ``expected``, the reports of a category that the
    next ``days`` days bring to an area; ``recent``: those of the last 28. ``driver``: what lifts
    it, "recent", "season", or "chronic" (it is always so).
    """

    place: int
    category: int
    x: float
    y: float
    expected: float
    days: int
    recent: int
    driver: str


@dataclass(frozen=True, slots=True)
class Night:
    """What a night came to. ``spots``: the most pressing first. ``told``: how it was calibrated and
    what it took, plain values for the record. ``hindsight``: in order of time; None where nobody
    asked or the history is too short.
    """

    found: tuple[Found, ...] = ()
    notes: tuple[Note, ...] = ()
    outlooks: tuple[Outlook, ...] = ()
    spots: tuple[Spot, ...] = ()
    told: dict[str, Any] = field(default_factory=dict)
    hindsight: tuple[Past, ...] | None = None


Compute = Callable[[Material], Night]
