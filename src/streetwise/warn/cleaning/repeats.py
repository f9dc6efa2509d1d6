"""Repeats: the same kind of problem at the same place, told again before it is gone.

The window runs from the last of a chain: what is told every few days is one problem that nobody
has solved, and from the first it would come anew every eighth day and beat like a pulse. But a
chain ends after some weeks all the same, so that a place where it happens again and again does
not vanish behind its first report.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from streetwise.warn.cleaning.settings import Settings
from streetwise.warn.values import Floats, Ints, Reports


def first_of_each(reports: Reports, settings: Settings) -> Ints:
    """(n,): the row of the first report of the problem that each tells again; its own if new.

    The nearest first within reach counts, of equally near ones the earlier. A report without a
    place repeats nothing.
    """
    n = len(reports)
    first = np.arange(n, dtype=np.int64)
    known = np.isfinite(reports.x) & np.isfinite(reports.y)
    rows = np.flatnonzero(known)
    if len(rows) < 2 or settings.repeat_metres == 0:
        return first
    # Category by category, in order of time within each: a table of cells can then be small.
    rows = rows[np.argsort(reports.category[rows], kind="stable")]
    x, y = reports.x[rows], reports.y[rows]
    cell = settings.repeat_metres
    column = np.floor((x - x.min()) / cell).astype(np.int64)
    row = np.floor((y - y.min()) / cell).astype(np.int64)
    width = int(column.max()) + 3  # an empty column on either side: neighbours never wrap round
    key = (row + 1) * width + column + 1
    keys = np.unique(key)
    slot = np.searchsorted(keys, key)
    around = np.empty((len(keys), 9), dtype=np.int64)
    for i, step in enumerate((r * width + c) for r in (-1, 0, 1) for c in (-1, 0, 1)):
        at = np.minimum(np.searchsorted(keys, keys + step), len(keys) - 1)
        around[:, i] = np.where(keys[at] == keys + step, at, -1)
    found = _chains(
        reports.day[rows],
        reports.category[rows],
        np.ascontiguousarray(x),
        np.ascontiguousarray(y),
        slot.astype(np.int64),
        around,
        cell * cell,
        settings.repeat_days,
        settings.repeat_longest_days,
    )
    first[rows] = rows[found]
    return first


@njit(cache=True, nogil=True)
def _chains(
    day: Ints,
    category: Ints,
    x: Floats,
    y: Floats,
    slot: Ints,
    around: Ints,
    reach2: float,
    days: int,
    longest: int,
) -> Ints:  # pragma: no cover - compiled
    """(n,): index of the first of each chain. Rows are sorted by category, then time.

    Each cell keeps a linked list of the firsts in it that may still be repeated, the newest at
    its head; those that are over are taken out when somebody passes.
    """
    n = len(day)
    first = np.arange(n)
    last_day = day.copy()
    after = np.full(n, -1)
    head = np.full(len(around), -1)
    for i in range(n):
        best = -1
        best2 = reach2
        for k in range(9):
            cell = around[slot[i], k]
            if cell < 0:
                continue
            before = -1
            j = head[cell]
            while j >= 0:
                following = after[j]
                if (
                    category[j] != category[i]
                    or day[i] - last_day[j] > days
                    or day[i] - day[j] > longest
                ):
                    if before < 0:
                        head[cell] = following
                    else:
                        after[before] = following
                else:
                    dx = x[i] - x[j]
                    dy = y[i] - y[j]
                    d2 = dx * dx + dy * dy
                    if d2 < best2 or (d2 == best2 and (best < 0 or j < best)):
                        best = j
                        best2 = d2
                    before = j
                j = following
        if best < 0:
            after[i] = head[slot[i]]
            head[slot[i]] = i
        else:
            first[i] = best
            last_day[best] = day[i]
    return first
