"""Gaps: days on which a source was silent, so that nobody takes silence for peace."""

from __future__ import annotations

import numpy as np

from streetwise.warn.cleaning.rows import adjacent
from streetwise.warn.values import Flags, Floats, Ints, Reports

WEEK = 7
#: As long as a slow build-up lasts, so that its end is not taken for a gap.
WEEKS = 8
#: A silence is judged by its first days: what a seasonal category does not do for months it
#: had stopped doing slowly before.
JUDGED_DAYS = 14


def daily_counts(reports: Reports) -> Ints:
    """(C + 1, T): reports a day by category, and of all in the last row, from first to last day."""
    if not len(reports):
        return np.zeros((len(reports.categories) + 1, 0), dtype=np.int64)
    categories = len(reports.categories)
    days = int(reports.day[-1] - reports.day[0]) + 1
    flat = reports.category * days + (reports.day - reports.day[0])
    counts = np.bincount(flat, minlength=categories * days).reshape(categories, days)
    return np.vstack([counts, counts.sum(axis=0)]).astype(np.int64)


def silent_days(counts: Ints, gap_expected: float) -> Flags:
    """(S, T): True where a series that reports every day fell silent all at once.

    ``counts``: (S, T), day by day. What a silent day would have had is the least of the same
    weekday in the eight weeks before the silence began; with ``gap_expected`` or more of that in
    its first fortnight, a silence is a gap. The first eight weeks are judged by nothing and are
    never a gap; neither is a category that comes only now and then (its least is 0).
    """
    silent = np.zeros(counts.shape, dtype=np.bool_)
    days = counts.shape[1]
    if days <= WEEK * WEEKS:
        return silent
    usual = usual_days(counts)
    # A row that is silent is looked at only where its weekdays had anything before.
    for s in np.flatnonzero(((counts == 0) & (usual > 0)).any(axis=1)):
        zero = counts[s] == 0
        begins, ends = adjacent(zero.astype(np.int64))
        for b, e in zip(begins.tolist(), ends.tolist(), strict=True):
            if zero[b] and _missed(usual[s], b, e) >= gap_expected:
                silent[s, b:e] = True
    return silent


def usual_days(counts: Ints) -> Floats:
    """(S, T): the least of the same weekday in the eight weeks before; 0 in the first eight."""
    usual = np.zeros(counts.shape)
    first = WEEK * WEEKS
    if counts.shape[1] <= first:
        return usual
    before = np.stack(
        [counts[:, first - WEEK * k : counts.shape[1] - WEEK * k] for k in range(1, WEEKS + 1)]
    )
    usual[:, first:] = before.min(axis=0)
    return usual


def _missed(usual: Floats, begin: int, end: int) -> float:
    """What a silence from ``begin`` to ``end`` would have had in its first days."""
    if begin < WEEK * WEEKS:
        return 0.0
    length = min(end - begin, JUDGED_DAYS)
    week = usual[begin : begin + min(length, WEEK)]
    return float(week.sum() + week[: max(length - WEEK, 0)].sum())
