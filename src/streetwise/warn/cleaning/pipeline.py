"""The steps of cleaning in their order, and the notes on what they found."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from streetwise.warn.cleaning.batches import batch_numbers
from streetwise.warn.cleaning.bias import reporting_bias
from streetwise.warn.cleaning.default_points import on_default_points
from streetwise.warn.cleaning.gaps import daily_counts, silent_days
from streetwise.warn.cleaning.notes import batch_notes, default_notes, gap_notes, repeat_notes
from streetwise.warn.cleaning.repeats import first_of_each
from streetwise.warn.cleaning.rows import checked, take
from streetwise.warn.cleaning.settings import Cleaned, Settings
from streetwise.warn.values import Flags, Floats, Ints, Note, Reports


def clean(reports: Reports, settings: Settings | None = None) -> Cleaned:
    """The reports that count, each once, and what was found in the data.

    Steps are repeated until nothing changes, so cleaning what is clean changes nothing. Raises
    ValueError where the reports are not in order of time (``in_order`` helps).
    """
    settings = settings or Settings()
    checked(reports)
    n = len(reports)
    first_day = int(reports.day[0]) if n else 0
    silent = silent_days(daily_counts(reports), settings.gap_expected)
    rows = np.arange(n, dtype=np.int64)
    stands_for = rows.copy()
    batched = np.zeros(n, dtype=np.bool_)
    place_lost = np.zeros(n, dtype=np.bool_)
    current = replace(reports, ids=())  # they are taken once, at the end
    batches: list[Note] = []
    defaults: list[Note] = []
    repeats: list[Note] = []
    while True:
        done = _pass(current, settings)
        if not done.changed:
            break
        batches += batch_notes(current, done.batch)
        defaults += default_notes(current, done.default)
        repeats += repeat_notes(current, done.first, done.batch)
        batched[rows[done.batch >= 0]] = True
        place_lost[rows[done.lost]] = True
        stands_for = _followed(stands_for, rows, done.stands_for)
        rows = rows[done.kept]
        current = done.reports
    current = replace(current, ids=[reports.ids[i] for i in rows.tolist()])
    bias = reporting_bias(current)
    most = settings.notes_most
    notes = [
        *_largest(defaults, most),
        *_largest(batches, most),
        *_largest(repeats, most),
        *gap_notes(silent, first_day),
        *([bias] if bias else []),
    ]
    return Cleaned(current, notes, rows, stands_for, batched, place_lost, first_day, silent)


@dataclass(frozen=True, slots=True)
class _Done:
    """What one pass over n reports did; all but ``kept`` of shape (n,)."""

    reports: Reports
    kept: Ints
    stands_for: Ints
    first: Ints
    batch: Ints
    default: Flags
    lost: Flags
    changed: bool


def _pass(reports: Reports, settings: Settings) -> _Done:
    n = len(reports)
    default = on_default_points(reports, settings)
    batch = batch_numbers(reports, default, settings)
    stands_for, elsewhere = _one_for_each(reports, batch)
    known = np.isfinite(reports.x) & np.isfinite(reports.y)
    lost = known & (default | elsewhere)
    placed = _without_places(reports, lost)
    counts = stands_for == np.arange(n)
    remaining = np.flatnonzero(counts).astype(np.int64)
    first = np.arange(n, dtype=np.int64)
    first[remaining] = remaining[first_of_each(take(placed, remaining), settings)]
    stands_for = first[stands_for]
    kept = np.flatnonzero(stands_for == np.arange(n)).astype(np.int64)
    volume = np.zeros(n, dtype=np.int64)
    np.add.at(volume, stands_for, reports.volume)
    cleaned = replace(take(placed, kept), volume=volume[kept])
    changed = len(kept) < n or bool(lost.any())
    return _Done(cleaned, kept, stands_for, first, batch, default, lost, changed)


def _one_for_each(reports: Reports, batch: Ints) -> tuple[Ints, Flags]:
    """The row that counts for each: of an act of typing, the first of each category.

    And (n,): rows of acts that name several points or several categories, whose place says where
    somebody typed, or only where the first of many is.
    """
    n = len(reports)
    stands_for = np.arange(n, dtype=np.int64)
    elsewhere = np.zeros(n, dtype=np.bool_)
    rows = np.flatnonzero(batch >= 0)
    if not len(rows):
        return stands_for, elsewhere
    categories = len(reports.categories)
    _, first, which = np.unique(
        batch[rows] * categories + reports.category[rows], return_index=True, return_inverse=True
    )
    stands_for[rows] = rows[first][which]
    several = _several(batch[rows], reports.category[rows].astype(np.float64))
    for values in (reports.x[rows], reports.y[rows]):
        several |= _several(batch[rows], np.rint(values))
    elsewhere[rows] = several
    return stands_for, elsewhere


def _several(group: Ints, values: Floats) -> Flags:
    """(k,): True for rows in whose group not all values are the same; missing is a value too."""
    values = np.where(np.isnan(values), np.inf, values)
    _, index = np.unique(group, return_inverse=True)
    low = np.full(int(index.max()) + 1, np.inf)
    high = np.full(int(index.max()) + 1, -np.inf)
    np.minimum.at(low, index, values)
    np.maximum.at(high, index, values)
    different: Flags = ~(low == high)
    return different[index]


def _without_places(reports: Reports, lost: Flags) -> Reports:
    return replace(
        reports,
        x=np.where(lost, np.nan, reports.x),
        y=np.where(lost, np.nan, reports.y),
        place=None if reports.place is None else np.where(lost, -1, reports.place),
    )


def _followed(stands_for: Ints, rows: Ints, step: Ints) -> Ints:
    """What rows of the input stand for after one more pass; ``rows`` are those it was given."""
    new = stands_for.copy()
    place = np.full(len(stands_for), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    return rows[step[place[new]]]


def _largest(notes: list[Note], most: int) -> list[Note]:
    return sorted(notes, key=lambda note: (-note.count, note.first_day, note.category))[:most]
