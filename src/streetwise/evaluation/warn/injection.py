"""Doublings planted in real reports: for a fortnight, as many again as there would be.

Reports of a real city hold changes that nobody has written down, so nobody can say what a
warning should have found. Planted ones are known, and all else is as real as it was. A doubling
is of problems, not of voices: how many there would be is taken from the cleaned reports, and what
is planted lies in the raw ones, to be cleaned like them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from streetwise.evaluation.warn.truth import TrueChange
from streetwise.warn.cleaning import Cleaned, clean, joined
from streetwise.warn.cleaning import Settings as Cleaning
from streetwise.warn.counting import grid_places, series_of
from streetwise.warn.values import ALL, Floats, Ints, Places, Reports, Series

Span = tuple[int, int]

WEEK = 7
#: Weeks before and after a doubling from which its usual height is taken, weekday by weekday.
AROUND_WEEKS = 5
#: A draw may fall on what is forbidden; after so many in a row there is no room left.
DRAWS = 200
JITTER_METRES = 75.0
JITTER_SECONDS = 900
LARGE, SMALL, TINY = "large", "small", "tiny"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to plant.

    ``each``: doublings of each class, as far as there is room. ``days``: how long each lasts.
    Classes by reports a day that would be there anyway: large from ``large_from``, small from
    ``small_from``, tiny from ``tiny_from``. ``cells_metres``: sides of the squares that may
    double; 0 is the whole area. ``history_days``: before this, nothing is planted.
    ``apart_days``: between the end of one and the beginning of the next of the same category
    where their places touch. ``avoid``: spans of days, both included, that nothing may touch
    (storms, traps). ``factor``: 2 is a doubling.
    """

    each: int = 30
    days: int = 14
    large_from: float = 5.0
    small_from: float = 1.0
    tiny_from: float = 0.2
    cells_metres: tuple[float, ...] = (0.0, 4_000.0, 2_000.0, 1_000.0)
    history_days: int = 365
    apart_days: int = 42
    avoid: tuple[Span, ...] = ()
    factor: float = 2.0
    cleaning: Cleaning = field(default_factory=Cleaning)

    def size(self, expected: float) -> str:
        """The class of so many reports a day; empty below all."""
        for least, name in (
            (self.large_from, LARGE),
            (self.small_from, SMALL),
            (self.tiny_from, TINY),
        ):
            if expected >= least:
                return name
        return ""


@dataclass(frozen=True, slots=True)
class Planted:
    """Raw reports with what was planted in them (ids ``planted-NNN-K``), and the truth."""

    reports: Reports
    truth: Sequence[TrueChange]


@dataclass(frozen=True, slots=True)
class _Field:
    """Series of one size of squares, over all days of the reports."""

    series: Series
    places: Places
    place_of_report: Ints
    cell: float


def plant(reports: Reports, plan: Plan, seed: int) -> Planted:
    """Plant doublings in raw reports. The same seed plants the same.

    Categories are drawn first and places then, so that no busy category takes all. Where there
    is no room for as many as asked, there are fewer: count the truth.
    """
    rng = np.random.default_rng(seed)
    cleaned = clean(reports, plan.cleaning)
    if not len(cleaned.reports):
        return Planted(reports, ())
    fields = [_field(cleaned.reports, cell, plan) for cell in plan.cells_metres]
    truth: list[TrueChange] = []
    extra: list[Reports] = []
    for size in (LARGE, SMALL, TINY):
        choice = _choice(fields, plan, size)
        wanted, missed = plan.each, 0
        while wanted and choice and missed < DRAWS:
            options = choice[int(rng.integers(len(choice)))]
            of, s = options[int(rng.integers(len(options)))]
            start = _start(of.series, plan, rng)
            change = _change(of, s, start, plan, cleaned, f"planted-{len(truth):03d}")
            if change is None or change.size != size or _touches(change, truth, plan):
                missed += 1
                continue
            missed = 0
            truth.append(change)
            extra.append(_more(cleaned.reports, of, s, change, plan, rng))
            wanted -= 1
    planted = reports
    for more in extra:
        planted = joined(planted, more) if len(more) else planted
    return Planted(planted, truth)


def _field(reports: Reports, cell: float, plan: Plan) -> _Field:
    first, last = int(reports.day[0]), int(reports.day[-1])
    least = max(1, math.ceil(plan.tiny_from * (last - first + 1)))
    if cell > 0:
        places, of_report = grid_places(reports, cell)
        levels = ("place_category",)
        series = series_of(reports, of_report, len(places), first, last, levels, least)
        return _Field(series, places, of_report, cell)
    none = np.full(len(reports), ALL, dtype=np.int64)
    nowhere = Places((), np.zeros(0), np.zeros(0), np.zeros(0))
    return _Field(series_of(reports, none, 0, first, last, ("category",)), nowhere, none, cell)


def _choice(fields: Sequence[_Field], plan: Plan, size: str) -> list[list[tuple[_Field, int]]]:
    """By category, the series that are of this class on the whole."""
    by_category: dict[int, list[tuple[_Field, int]]] = {}
    for of in fields:
        for s, mean in enumerate(of.series.counts.mean(axis=1).tolist()):
            if plan.size(mean) == size:
                by_category.setdefault(int(of.series.category[s]), []).append((of, s))
    return [by_category[category] for category in sorted(by_category)]


def _start(series: Series, plan: Plan, rng: np.random.Generator) -> int:
    """A day with its history before it, and with what it is compared with after it."""
    first = series.first_day + max(plan.history_days, AROUND_WEEKS * WEEK)
    last = series.first_day + series.counts.shape[1] - plan.days
    return int(rng.integers(first, last + 1)) if last >= first else -1


def _expected(counts: Ints, begin: int, days: int) -> Floats:
    """(days,): the mean of the same weekday in the weeks before and after, as far as they exist."""
    around = AROUND_WEEKS * WEEK
    outside = np.r_[max(begin - around, 0) : begin, begin + days : begin + days + around]
    outside = outside[outside < len(counts)]
    day = np.arange(begin, begin + days)
    same = (outside[None, :] - day[:, None]) % WEEK == 0
    expected: Floats = (same * counts[outside]).sum(axis=1) / np.maximum(same.sum(axis=1), 1)
    return expected


def _change(
    of: _Field, s: int, start: int, plan: Plan, cleaned: Cleaned, name: str
) -> TrueChange | None:
    """What would be planted there, or None where nothing may be."""
    last = start + plan.days - 1
    if start < 0 or any(first <= last and start <= end for first, end in plan.avoid):
        return None
    begin = start - of.series.first_day
    category = int(of.series.category[s])
    quiet = slice(start - cleaned.first_day, last + 1 - cleaned.first_day)
    if cleaned.silent[[category, -1], quiet].any():
        return None
    mean = float(_expected(of.series.counts[s], begin, plan.days).mean())
    place = int(of.series.place[s])
    return TrueChange(
        name,
        cleaned.reports.categories[category],
        start,
        last,
        math.nan if place == ALL else float(of.places.x[place]),
        math.nan if place == ALL else float(of.places.y[place]),
        math.nan if place == ALL else of.cell / math.sqrt(2.0),
        plan.size(mean),
        mean,
    )


def _touches(change: TrueChange, others: Sequence[TrueChange], plan: Plan) -> bool:
    for other in others:
        near = (
            change.first_day - plan.apart_days <= other.last_day
            and other.first_day <= change.last_day + plan.apart_days
        )
        if change.category != other.category or not near:
            continue
        if change.everywhere or other.everywhere:
            return True
        away = math.hypot(change.x - other.x, change.y - other.y)
        if away < change.radius + other.radius:
            return True
    return False


def _more(
    reports: Reports, of: _Field, s: int, change: TrueChange, plan: Plan, rng: np.random.Generator
) -> Reports:
    """The reports to be planted: days by chance, places and hours like those of real ones."""
    begin = change.first_day - of.series.first_day
    expected = _expected(of.series.counts[s], begin, plan.days) * (plan.factor - 1)
    day = np.repeat(np.arange(change.first_day, change.last_day + 1), rng.poisson(expected))
    category, place = int(of.series.category[s]), int(of.series.place[s])
    like = np.flatnonzero((reports.category == category) & (of.place_of_report == place))
    model = like[rng.integers(len(like), size=len(day))]
    # Not the same addresses: a doubling is other problems, not the same told twice.
    x = reports.x[model] + rng.normal(0.0, JITTER_METRES, len(day))
    y = reports.y[model] + rng.normal(0.0, JITTER_METRES, len(day))
    if place != ALL:
        out = (np.floor(x / of.cell) != np.floor(reports.x[model] / of.cell)) | (
            np.floor(y / of.cell) != np.floor(reports.y[model] / of.cell)
        )
        x, y = np.where(out, reports.x[model], x), np.where(out, reports.y[model], y)
    hour = reports.seconds[model] + rng.integers(-JITTER_SECONDS, JITTER_SECONDS + 1, len(day))
    seconds = np.where(reports.seconds[model] < 0, -1, np.clip(hour, 0, 86_399))
    order = np.lexsort((seconds, day))
    return Reports(
        [f"{change.id}-{k}" for k in range(len(day))],
        day[order].astype(np.int64),
        seconds[order].astype(np.int64),
        x[order],
        y[order],
        np.full(len(day), category, dtype=np.int64),
        np.ones(len(day), dtype=np.int64),
        reports.categories,
    )
