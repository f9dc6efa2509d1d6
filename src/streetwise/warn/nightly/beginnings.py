"""Classes and sources that begin within the history: what their first weeks teach, and what not.

The nights before a class was known (a new version's code, a new source) are no quiet nights, and
those on which it began are no storm: were they counted as such, nothing that comes later could be
strange, and the class would be deaf for months. So they teach nothing. They are judged, though: one
new class with many reports is worth saying. Where many begin at once it is a change in the books.
"""

from __future__ import annotations

import math

import numpy as np

from streetwise.warn.values import Flags, Ints

#: A silence is one before the beginning if by chance it came less often than this, at the rate that
#: a series has had since.
SILENCE_CHANCE = 0.01
#: So many days from its first one on a series is not known yet.
FRESH_DAYS = 35
#: Of more classes (and of a larger share of them) that begin within ``FRESH_DAYS`` nothing is said.
MOST_AT_ONCE, MOST_SHARE = 2, 0.1


def beginnings(counts: Ints) -> Ints:
    """(S,): the column of the first report of series (S, T) that began after the first, else 0."""
    some = counts > 0
    first = np.where(some.any(axis=1), some.argmax(axis=1), 0).astype(np.int64)
    days = np.maximum(counts.shape[1] - first, 1)
    due = first * counts.sum(axis=1) / days
    found: Ints = np.where(due >= -math.log(SILENCE_CHANCE), first, 0)
    return found


def untaught(counts: Ints) -> Flags:
    """(S, T): days up to the end of a beginning, which teach nothing of what is usual."""
    begun = beginnings(counts)
    column = np.arange(counts.shape[1])
    found: Flags = (begun[:, None] > 0) & (column[None, :] < begun[:, None] + FRESH_DAYS)
    return found


def in_the_books(counts: Ints) -> Flags:
    """(C, T): days on which a class is new with too many others to be news. ``counts``: (C, T)."""
    begun = beginnings(counts)
    column = np.arange(counts.shape[1])
    since = column[None, :] - begun[:, None]
    fresh = (begun[:, None] > 0) & (since >= 0) & (since < FRESH_DAYS)
    most = max(MOST_AT_ONCE, MOST_SHARE * len(counts))
    found: Flags = fresh & (fresh.sum(axis=0) > most)[None, :]
    return found
