"""Warnings held against what is true: found, how soon, and how much noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from streetwise.evaluation.warn.intervals import (
    Interval,
    median,
    median_interval,
    poisson_rate,
    wilson,
)
from streetwise.evaluation.warn.truth import TrueChange
from streetwise.warn.values import ALL, Candidate, Places

WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Said:
    """A warning, and the day on whose reports it was said (the last day it could know)."""

    day: int
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Of ``planted`` changes of one class: how many were found, and after how many days.

    ``share`` with its 95 % interval (Wilson). ``delay``: median days from the first day of a
    change to the day it was said, among those found (0: the same day); ``delay_of_all`` counts
    those not found as infinitely late. ``located``: found by a warning that names places,
    among those that have a place (``local``).
    """

    size: str
    planted: int
    found: int
    share: float
    share_interval: Interval
    delay: float
    delay_interval: Interval
    delay_of_all: float
    local: int
    located: int


@dataclass(frozen=True, slots=True)
class Score:
    """How good warnings were over ``weeks``.

    ``warnings`` = ``true`` (touch a planted change) + ``known`` (touch none, but a change known
    to be real) + ``false`` (neither). ``false_per_week`` with a 95 % interval (Garwood). ``ppv``:
    true and known among all, with its interval (Wilson); NaN without warnings. In real data it
    is a lower bound: what nobody has written down counts as false. ``known_delays``: for each
    change known to be real, the days until it was said, infinite if it was not in time.
    """

    overall: ClassScore
    classes: Sequence[ClassScore]
    warnings: int
    true: int
    known: int
    false: int
    weeks: float
    false_per_week: float
    false_per_week_interval: Interval
    ppv: float
    ppv_interval: Interval
    known_delays: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``: what is not a number is None."""
        found: dict[str, Any] = _without_nan(asdict(self))
        return found


def score(
    said: Sequence[Said],
    truth: Sequence[TrueChange],
    places: Places,
    categories: Sequence[str],
    first_day: int,
    last_day: int,
    known: Sequence[TrueChange] = (),
) -> Score:
    """Score warnings said from ``first_day`` to ``last_day`` (both included, the days watched).

    A warning touches a change if it has its category (a warning about all has none), its days
    overlap, it was said on or after the first day of the change, and its places meet it: it
    covers the whole area, or a place whose middle lies in the circle, or one in whose square the
    middle of the circle lies, or one of the names. A change is found by the first warning that
    touches it and was said no later than its last day; what is said later is neither found nor
    false. Changes whose first day was not watched are left out. Raises ValueError for no days.
    """
    if last_day < first_day:
        raise ValueError("last_day is before first_day: no day was watched.")
    watched = [w for w in said if first_day <= w.day <= last_day]
    touched = [[w for w in watched if touches(w, c, places, categories)] for c in truth]
    real = [[w for w in watched if touches(w, c, places, categories)] for c in known]
    true_ones = {id(w) for row in touched for w in row}
    known_ones = {id(w) for row in real for w in row} - true_ones
    results = [
        _Result(change, *_find(row, change))
        for change, row in zip(truth, touched, strict=True)
        if first_day <= change.first_day <= last_day
    ]
    sizes = sorted({result.change.size for result in results}, key=_rank)
    true, right = len(true_ones), len(true_ones) + len(known_ones)
    false = len(watched) - right
    weeks = (last_day - first_day + 1) / WEEK_DAYS
    return Score(
        _class_score("all", results),
        [_class_score(size, [r for r in results if r.change.size == size]) for size in sizes],
        len(watched),
        true,
        len(known_ones),
        false,
        weeks,
        false / weeks,
        poisson_rate(false, weeks),
        right / len(watched) if watched else math.nan,
        wilson(right, len(watched)),
        {c.id: _find(row, c)[0] for c, row in zip(known, real, strict=True)},
    )


@dataclass(frozen=True, slots=True)
class _Result:
    """A change, the days until it was found (infinite if not), and whether a place was named."""

    change: TrueChange
    delay: float
    located: bool


def touches(said: Said, change: TrueChange, places: Places, categories: Sequence[str]) -> bool:
    """Whether a warning is about a change; see :func:`score`."""
    warned = said.candidate
    category = "" if warned.category == ALL else categories[warned.category]
    if change.category not in ("", category):
        return False
    if not (warned.first_day <= change.last_day and change.first_day <= warned.last_day):
        return False
    if said.day < change.first_day:
        return False
    if not warned.places or change.everywhere:
        return True
    where = np.array(warned.places, dtype=np.int64)
    if change.places and any(places.names[p] in change.places for p in warned.places):
        return True
    if math.isnan(change.radius):
        return False
    dx, dy = np.abs(places.x[where] - change.x), np.abs(places.y[where] - change.y)
    half = np.sqrt(places.area[where]) / 2
    return bool(((np.hypot(dx, dy) <= change.radius) | ((dx <= half) & (dy <= half))).any())


def folded(said: Sequence[Said], quiet_days: int) -> list[Said]:
    """The first of those that say the same again: same category, places in common, and no more
    than ``quiet_days`` since it was last said. Whole areas have all places in common."""
    kept: list[Said] = []
    running: list[tuple[Said, int]] = []
    for w in sorted(said, key=lambda each: each.day):
        running = [(first, last) for first, last in running if w.day - last <= quiet_days]
        for i, (first, _) in enumerate(running):
            if _same(first.candidate, w.candidate):
                running[i] = (first, w.day)
                break
        else:
            kept.append(w)
            running.append((w, w.day))
    return kept


def _same(one: Candidate, other: Candidate) -> bool:
    if one.category != other.category:
        return False
    return not one.places or not other.places or not set(one.places).isdisjoint(other.places)


def _find(warnings: Sequence[Said], change: TrueChange) -> tuple[float, bool]:
    """Days until it was found (infinite if not), and whether a place was named."""
    in_time = [w for w in warnings if w.day <= change.last_day]
    if not in_time:
        return math.inf, False
    return (
        float(min(w.day for w in in_time) - change.first_day),
        any(w.candidate.places for w in in_time),
    )


def _class_score(size: str, results: Sequence[_Result]) -> ClassScore:
    delays = [result.delay for result in results]
    found = [delay for delay in delays if delay < math.inf]
    local = [result for result in results if not result.change.everywhere]
    return ClassScore(
        size,
        len(results),
        len(found),
        len(found) / len(results) if results else math.nan,
        wilson(len(found), len(results)),
        median(found),
        median_interval(found),
        median(delays),
        len(local),
        sum(result.located for result in local),
    )


def _rank(size: str) -> tuple[int, str]:
    order = ("large", "small", "tiny")
    return (order.index(size) if size in order else len(order), size)


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
