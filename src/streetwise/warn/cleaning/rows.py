"""Rows of reports: taken, joined, put in order, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from streetwise.warn.values import Flags, Floats, Ints, Reports

DAY_SECONDS = 86_400


def moments(reports: Reports) -> Ints:
    """(n,): seconds since 1970-01-01 in the street's zone; midnight where only the day is known."""
    return reports.day * DAY_SECONDS + np.maximum(reports.seconds, 0)


def checked(reports: Reports) -> None:
    """Raise ValueError with what to do if arrays disagree, or rows are not in order of time."""
    n = len(reports.day)
    for name in ("ids", "seconds", "x", "y", "category", "volume"):
        if len(getattr(reports, name)) != n:
            raise ValueError(f"Reports.{name} has another length than Reports.day ({n}).")
    for name in ("place", "late", "source"):
        known = getattr(reports, name)
        if known is not None and len(known) != n:
            raise ValueError(f"Reports.{name} has another length than Reports.day ({n}).")
    if n == 0:
        return
    if int(reports.category.min()) < 0 or int(reports.category.max()) >= len(reports.categories):
        raise ValueError("Reports.category must number into Reports.categories.")
    if np.any(np.diff(moments(reports)) < 0):
        raise ValueError(
            "The reports are not in order of time: put them in order with cleaning.in_order()."
        )


def in_order(reports: Reports) -> Reports:
    """The same reports in order of time; equal times stay in the order they came in."""
    return take(reports, np.argsort(moments(reports), kind="stable").astype(np.int64))


def take(reports: Reports, rows: Ints | Flags) -> Reports:
    """The reports of these rows, or where the mask is True, in that order; no ids give none."""
    index = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
    ids: Sequence[str] = reports.ids
    return replace(
        reports,
        ids=[ids[i] for i in index.tolist()] if len(ids) else (),
        day=reports.day[index],
        seconds=reports.seconds[index],
        x=reports.x[index],
        y=reports.y[index],
        category=reports.category[index],
        volume=reports.volume[index],
        place=None if reports.place is None else reports.place[index],
        late=None if reports.late is None else reports.late[index],
        source=None if reports.source is None else reports.source[index],
    )


def joined(one: Reports, other: Reports) -> Reports:
    """Both in order of time. Raises ValueError where their categories are not the same, or where
    only of one of them the places are known.
    """
    if (one.place is None) != (other.place is None):
        raise ValueError("Reports can be joined only where both know their places, or neither.")
    if one.categories != other.categories:
        raise ValueError("Reports can be joined only where they number the same categories.")
    return in_order(
        Reports(
            [*one.ids, *other.ids],
            np.concatenate([one.day, other.day]),
            np.concatenate([one.seconds, other.seconds]),
            np.concatenate([one.x, other.x]),
            np.concatenate([one.y, other.y]),
            np.concatenate([one.category, other.category]),
            np.concatenate([one.volume, other.volume]),
            one.categories,
            _both(one.place, other.place),
            _both(one.late, other.late),
            _both(one.source, other.source),
        )
    )


def _both(one: Ints | None, other: Ints | None) -> Ints | None:
    return None if one is None or other is None else np.concatenate([one, other])


def point_numbers(x: Floats, y: Floats) -> tuple[Ints, int]:
    """(n,) numbers of exact points, to the metre, -1 without place; and how many points."""
    numbers = np.full(len(x), -1, dtype=np.int64)
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return numbers, 0
    east = np.rint(x[known]).astype(np.int64)
    north = np.rint(y[known]).astype(np.int64)
    east -= east.min()
    north -= north.min()
    points, number = np.unique(east * (north.max() + 1) + north, return_inverse=True)
    numbers[known] = number
    return numbers, len(points)


def adjacent(groups: Ints) -> tuple[Ints, Ints]:
    """Begin and end (exclusive) of each run of equal values in an array that is sorted by it."""
    if not len(groups):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    breaks = np.flatnonzero(np.diff(groups)) + 1
    begins = np.concatenate([[0], breaks]).astype(np.int64)
    return begins, np.append(breaks, len(groups)).astype(np.int64)
