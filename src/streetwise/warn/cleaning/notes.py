"""Notes on the quality of the data: codes and numbers, which the screen puts into words."""

from __future__ import annotations

import numpy as np

from streetwise.warn.cleaning.rows import adjacent, point_numbers
from streetwise.warn.values import ALL, Flags, Ints, Note, Reports

#: A place told again so often is worth a line of its own.
OFTEN = 10


def default_notes(reports: Reports, default: Flags) -> list[Note]:
    """A note for each default point of ``default`` (n,)."""
    rows = np.flatnonzero(default)
    point, points = point_numbers(reports.x[rows], reports.y[rows])
    notes = []
    for p in range(points):
        at = rows[point == p]
        count = int(reports.volume[at].sum())
        kinds = len(np.unique(reports.category[at]))
        notes.append(
            Note(
                "default_point",
                int(reports.day[at[0]]),
                int(reports.day[at[-1]]),
                count,
                x=float(reports.x[at[0]]),
                y=float(reports.y[at[0]]),
                says="default_point",
                numbers={"reports": count, "classes": kinds},
            )
        )
    return notes


def batch_notes(reports: Reports, batch: Ints) -> list[Note]:
    """A note for each act of typing numbered in ``batch`` (n,), -1 for none."""
    rows = np.flatnonzero(batch >= 0)
    rows = rows[np.argsort(batch[rows], kind="stable")]
    notes = []
    for b, e in zip(*(ends.tolist() for ends in adjacent(batch[rows])), strict=True):
        at = rows[b:e]
        count = int(reports.volume[at].sum())
        kinds = np.unique(reports.category[at])
        point, points = point_numbers(reports.x[at], reports.y[at])
        one_place = points == 1
        notes.append(
            Note(
                "batch",
                int(reports.day[at[0]]),
                int(reports.day[at[-1]]),
                count,
                int(kinds[0]) if len(kinds) == 1 else ALL,
                float(reports.x[at][point == 0][0]) if one_place else float("nan"),
                float(reports.y[at][point == 0][0]) if one_place else float("nan"),
                "batch_point" if one_place else "batch_spread",
                {"reports": count},
            )
        )
    return notes


def repeat_notes(reports: Reports, first: Ints, batch: Ints) -> list[Note]:
    """A note on all repeats (``first[i] != i``), and one on each place told again very often."""
    repeated = np.flatnonzero(first != np.arange(len(first)))
    if not len(repeated):
        return []
    again = int(reports.volume[repeated].sum())
    notes = [
        Note(
            "repeat",
            int(reports.day[repeated[0]]),
            int(reports.day[repeated[-1]]),
            again,
            says="repeat_all",
            numbers={"reports": again},
        )
    ]
    times = np.bincount(first[repeated], weights=reports.volume[repeated], minlength=len(first))
    for row in np.flatnonzero((times + 1 >= OFTEN) & (batch < 0)).tolist():
        last = int(repeated[first[repeated] == row][-1])
        count = int(times[row]) + 1
        notes.append(
            Note(
                "repeat",
                int(reports.day[row]),
                int(reports.day[last]),
                count,
                int(reports.category[row]),
                float(reports.x[row]),
                float(reports.y[row]),
                "repeat_place",
                {"times": count},
            )
        )
    return notes


def gap_notes(silent: Flags, first_day: int) -> list[Note]:
    """A note for each silence; of a category not where everybody was silent."""
    notes = []
    everybody = silent[-1] if len(silent) else np.zeros(0, dtype=np.bool_)
    for s in range(len(silent)):
        whole = s == len(silent) - 1
        quiet = silent[s] if whole else silent[s] & ~everybody
        begins, ends = adjacent(quiet.astype(np.int64))
        for b, e in zip(begins.tolist(), ends.tolist(), strict=True):
            if not quiet[b]:
                continue
            notes.append(
                Note(
                    "gap",
                    first_day + b,
                    first_day + e - 1,
                    e - b,
                    ALL if whole else s,
                    says="gap_all" if whole else "gap_class",
                    numbers={"days": e - b},
                )
            )
    return notes
