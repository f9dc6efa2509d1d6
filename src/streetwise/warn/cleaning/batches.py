"""Batch entry: many reports that are one act of typing, not many problems.

Three signs, each of which people who call by themselves do not show:

- by point: many of one category at one point on one day, within an hour where times are known;
- at a desk: a dense run at one point whatever the categories (a pile of forms, typed at the
  office, whose point they all get);
- by time: a dense run of one category, beginning and ending abruptly, and either half of it at
  one point, or all over the area, or in a category that somebody types in from lists by habit.

A dense run at many addresses close together, in a category that is not typed in by habit, is
what a real emergency looks like, and stays. So does a storm: its pace lasts for hours, and the
hours around a dense stretch of it are as dense.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.warn.cleaning.rows import DAY_SECONDS, adjacent, moments, point_numbers
from streetwise.warn.cleaning.settings import Settings
from streetwise.warn.values import Flags, Floats, Ints, Reports

HOUR = 3_600
HALF = 0.5


@dataclass(frozen=True, slots=True)
class _Runs:
    """Dense runs among ``rows`` (sorted by group, then time): ``begin`` and ``end`` into it."""

    rows: Ints
    begin: Ints
    end: Ints


def batch_numbers(reports: Reports, no_place: Flags, settings: Settings) -> Ints:
    """(n,): the number of the act of typing that a report belongs to, -1 for none.

    ``no_place``: (n,), reports on default points; what lies there lies together by no sign.
    """
    number = np.full(len(reports), -1, dtype=np.int64)
    point, _ = point_numbers(reports.x, reports.y)
    # The widest first: what was typed at a desk is one act, though each of its kinds be dense.
    found = _at_a_desk(reports, point, settings)
    found += _by_time(reports, point, no_place, settings)
    found += _by_point(reports, np.where(no_place, -1, point), settings)
    for k, rows in enumerate(found):
        free = rows[number[rows] < 0]
        if len(free) >= 2:
            number[free] = k
    return number


def _by_point(reports: Reports, point: Ints, settings: Settings) -> list[Ints]:
    rows = np.flatnonzero(point >= 0)
    if len(rows) < settings.batch_point_least:
        return []
    categories = len(reports.categories)
    group = point[rows] * categories + reports.category[rows]
    rows = rows[np.lexsort((reports.day[rows], group))]
    group = point[rows] * categories + reports.category[rows]
    days = reports.day[rows]
    # A run of equal (point, category, day); both parts together may not fit in 64 bits.
    other = (np.diff(group, prepend=group[0]) != 0) | (np.diff(days, prepend=days[0]) != 0)
    begins, ends = adjacent(np.cumsum(other))
    many = ends - begins >= settings.batch_point_least
    found = []
    for b, e in zip(begins[many].tolist(), ends[many].tolist(), strict=True):
        seconds = reports.seconds[rows[b:e]]
        if (seconds < 0).any() or int(seconds.max() - seconds.min()) <= HOUR:
            found.append(np.sort(rows[b:e]))
    return found


def _at_a_desk(reports: Reports, point: Ints, settings: Settings) -> list[Ints]:
    runs = _dense(reports, point, point >= 0, settings)
    return [
        np.sort(runs.rows[b:e]) for b, e in zip(runs.begin.tolist(), runs.end.tolist(), strict=True)
    ]


def _by_time(reports: Reports, point: Ints, no_place: Flags, settings: Settings) -> list[Ints]:
    runs = _dense(reports, reports.category, np.ones(len(reports), dtype=np.bool_), settings)
    habit = _typed_by_habit(reports, runs, settings)
    placed = (point >= 0) & ~no_place
    spreads: dict[int, float] = {}
    found = []
    for b, e in zip(runs.begin.tolist(), runs.end.tolist(), strict=True):
        rows = np.sort(runs.rows[b:e])
        category = int(reports.category[rows[0]])
        if habit[category] or _mostly_one(point[rows]):
            found.append(rows)
            continue
        there = rows[placed[rows]]
        if len(rows) < settings.batch_spread_least or len(there) < HALF * len(rows):
            continue
        if category not in spreads:
            of_it = placed & (reports.category == category)
            spreads[category] = _spread(reports.x[of_it], reports.y[of_it])
        if _spread(reports.x[there], reports.y[there]) >= HALF * spreads[category]:
            found.append(rows)
    return found


def _dense(reports: Reports, group: Ints, of: Flags, settings: Settings) -> _Runs:
    """Runs within a group that are dense, long enough, and stand out from the hours around."""
    rows = np.flatnonzero(of & (reports.seconds >= 0))
    none = np.zeros(0, dtype=np.int64)
    if len(rows) < settings.batch_least:
        return _Runs(rows, none, none)
    rows = rows[np.argsort(group[rows], kind="stable")]
    at = moments(reports)[rows]
    at -= at.min()
    # Groups are laid on one axis, further apart than anything that is asked below.
    span = int(at.max()) + 2 * DAY_SECONDS
    _, index = np.unique(group[rows], return_inverse=True)
    axis = index.astype(np.int64) * span + at
    begins, ends = adjacent(np.cumsum(np.diff(axis, prepend=axis[0]) > settings.batch_gap_seconds))
    long = ends - begins >= settings.batch_least
    begins, ends = begins[long], ends[long]
    first, last = axis[begins], axis[ends - 1]
    before = begins - np.searchsorted(axis, first - HOUR)
    after = np.searchsorted(axis, last + HOUR, side="right") - ends
    pace = (ends - begins - 1) / np.maximum(last - first, settings.batch_gap_seconds)
    stands_out = pace >= settings.batch_times * np.maximum(before, after) / HOUR
    return _Runs(rows, begins[stands_out], ends[stands_out])


def _typed_by_habit(reports: Reports, runs: _Runs, settings: Settings) -> Flags:
    """(C,): categories of which a good part comes in dense runs, on several days."""
    categories = len(reports.categories)
    total = np.bincount(reports.category, minlength=categories)
    category = reports.category[runs.rows[runs.begin]]
    day = reports.day[runs.rows[runs.begin]]
    inside = np.bincount(category, weights=runs.end - runs.begin, minlength=categories)
    pairs = {(c, d) for c, d in zip(category.tolist(), day.tolist(), strict=True)}
    days = np.bincount(np.array([c for c, _ in pairs], dtype=np.int64), minlength=categories)
    return (inside >= settings.habit_share * np.maximum(total, 1)) & (days >= settings.habit_days)


def _mostly_one(points: Ints) -> bool:
    known = points[points >= 0]
    if not len(known):
        return False
    return int(np.unique(known, return_counts=True)[1].max()) >= HALF * len(points)


def _spread(x: Floats, y: Floats) -> float:
    """Half of the points lie within so many metres of their middle."""
    if not len(x):
        return 0.0
    return float(np.median(np.hypot(x - np.median(x), y - np.median(y))))
