"""Tonight's findings: what was strange. What else agrees, and where: ``evidence``.

Findings of one category that share a place are one: said once, with all methods that agree. It is
said of the smallest part of the street that holds the better part of what is too many.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from streetwise.warn.meeting import meet
from streetwise.warn.night import Zone
from streetwise.warn.nightly.calibrated import KINDS, PLACES, REGION, Kinds
from streetwise.warn.nightly.layout import Watched
from streetwise.warn.nightly.local import layer
from streetwise.warn.nightly.replay import Replayed
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.scan import Neighbourhoods, statistics_only
from streetwise.warn.values import Candidate


@dataclass(frozen=True, slots=True)
class Finding:
    """A candidate with its evidence.

    ``candidate``: calibrated; its ``places`` are empty for the whole street. ``weighed_days``: its
    recurrence as it is compared with the threshold (``NightSettings.local_times``). ``factor``:
    observed by expected. ``at_least``: its recurrence is "at least" that. ``agreeing``: the methods
    that found it, the strangest first, then those that agree. ``level``: "street", "region" or
    "places". ``region``: number, -1 for none. ``mostly_at``: the places that most of it came from;
    ``zones``: where it gathers; both none before they were looked for (``evidence``).
    ``false_share``: of tonight's findings that are as strange or stranger, at most so large a
    share is to be expected false.
    """

    candidate: Candidate
    weighed_days: float
    factor: float
    at_least: bool
    agreeing: tuple[str, ...]
    level: str
    region: int
    mostly_at: tuple[int, ...] = ()
    false_share: float = 1.0
    zones: tuple[Zone, ...] = ()


@dataclass(frozen=True, slots=True)
class Tonight:
    """What finding needs to know of a night: its column in the replay, and the models."""

    watched: Watched
    replayed: Replayed
    hoods: Neighbourhoods | None
    settings: NightSettings
    night: int

    @property
    def column(self) -> int:
        """The night's column in the replay."""
        return self.night - self.replayed.first_night


def findings(tonight: Tonight, kinds: Kinds) -> list[Finding]:
    """All findings of the night that are notable, the most seldom first; ``kinds``: of tonight."""
    found: list[Finding] = []
    for category in range(len(tonight.watched.categories)):
        single = [
            _finding(tonight, kinds, kind, category)
            for kind in range(KINDS)
            if kinds.days[kind, category, 0] >= tonight.settings.notable_days
        ]
        found += _joined([one for one in single if one is not None], tonight.settings)
    return sorted(found, key=lambda one: (-one.weighed_days, one.candidate.category))


def _finding(tonight: Tonight, kinds: Kinds, kind: int, category: int) -> Finding | None:
    days = float(kinds.days[kind, category, 0])
    at_least = bool(kinds.at_least[kind, category, 0])
    if kind == PLACES:
        return _of_places(tonight, category, days, at_least)
    row = int(kinds.row[kind, category, 0])
    test = int(kinds.test[kind, category, 0])
    return _of_series(tonight, kind, row, test, days, at_least)


def _of_series(
    tonight: Tonight,
    kind: int,
    row: int,
    test: int,
    days: float,
    at_least: bool,
) -> Finding | None:
    series = tonight.watched.series
    score = float(tonight.replayed.tests[test, row, tonight.column])
    first = max(
        tonight.night - tonight.settings.windows_days[test] + 1, tonight.replayed.first_night
    )
    span = slice(first - tonight.replayed.first_night, tonight.column + 1)
    counted = slice(first - series.first_day, tonight.night - series.first_day + 1)
    observed = int(series.counts[row, counted].sum())
    expected = float(np.nansum(tonight.replayed.mean[row, span]))
    if observed <= expected:
        return None
    category, region = int(series.category[row]), int(series.place[row])
    places = tonight.watched.street.places_in(region) if kind == REGION else ()
    candidate = Candidate(
        "count", category, places, first, tonight.night, observed, expected, score, days
    )
    level = "region" if kind == REGION else "street"
    region = region if kind == REGION else -1
    factor = observed / max(expected, 1e-9)
    weighed = days * tonight.settings.weights[kind]
    return Finding(candidate, weighed, factor, at_least, ("count",), level, region)


def _of_places(tonight: Tonight, category: int, days: float, at_least: bool) -> Finding | None:
    cells, rules, hoods = tonight.replayed.cells, tonight.settings.scan, tonight.hoods
    if cells is None or rules is None or hoods is None:
        return None
    until = tonight.column + 1
    mean = tonight.replayed.mean[: len(tonight.watched.categories), :until]
    one = layer(
        tonight.watched, cells, mean, tonight.replayed.first_night, category, rules.max_days
    )
    best = statistics_only(one, hoods, rules, nights=[tonight.night])
    if int(best.zone[0]) < 0:
        return None
    places = hoods.places_of(int(best.zone[0]))
    observed, expected = int(best.observed[0]), float(best.expected[0])
    candidate = Candidate(
        "scan",
        category,
        tuple(sorted(places)),
        tonight.night - int(best.length[0]) + 1,
        tonight.night,
        observed,
        expected,
        float(best.statistic[0]),
        days,
    )
    factor = observed / max(expected, 1e-9)
    weighed = days * tonight.settings.weights[PLACES]
    return Finding(candidate, weighed, factor, at_least, ("scan",), "places", -1)


def _joined(found: list[Finding], settings: NightSettings) -> list[Finding]:
    """One for those that share a place: the most seldom's recurrence, the smallest fit's place."""
    left = sorted(found, key=lambda one: -one.weighed_days)
    joined: list[Finding] = []
    while left:
        first, *rest = left
        same = [one for one in rest if meet(one.candidate.places, first.candidate.places)]
        left = [one for one in rest if one not in same]
        joined.append(_one_of([first, *same], settings))
    return joined


def _one_of(same: list[Finding], settings: NightSettings) -> Finding:
    first = same[0]
    methods = tuple(dict.fromkeys(name for one in same for name in one.agreeing))
    if first.level != "street":
        return replace(first, agreeing=methods)
    for part in sorted(same[1:], key=lambda one: len(one.candidate.places)):
        if part.level != "street" and _holds(part, first, settings):
            seldom = first.candidate.recurrence_days
            candidate = replace(part.candidate, recurrence_days=seldom)
            return replace(
                part,
                candidate=candidate,
                weighed_days=first.weighed_days,
                agreeing=methods,
                at_least=first.at_least,
            )
    return replace(first, agreeing=methods)


def _holds(part: Finding, whole: Finding, settings: NightSettings) -> bool:
    """Whether the better part of what is too many lies there."""
    there = part.candidate.observed - part.candidate.expected
    in_all = whole.candidate.observed - whole.candidate.expected
    return there >= settings.local_share * in_all
