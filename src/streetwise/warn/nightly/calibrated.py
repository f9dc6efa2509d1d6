"""From the scores of a replay to recurrence intervals of a category's findings.

Three kinds of finding a category: of the street, of one of its regions, of places by the scan. In
two steps, each calibrated on the past nights (``calibrate.fit_tails``):

1. each test (a window, the running sum) of each series has its own tail, shrunk to that of the
   same test on the same level;
2. the strangest over a category's tests (and over its regions) is a score again, and has a tail
   itself: so looking at many windows and many regions is paid for.

The scan is one score a category already, and goes to step 2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from streetwise.warn.calibrate import Tails, fit_tails, threshold_days
from streetwise.warn.nightly.layout import Watched
from streetwise.warn.nightly.replay import Replayed
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.values import Flags, Floats, Ints

STREET, REGION, PLACES = 0, 1, 2
KINDS = 3


@dataclass(frozen=True, slots=True)
class Kinds:
    """n nights, C categories. ``days``: (KINDS, C, n) recurrence. ``at_least``: the same shape,
    history cannot say how much longer. ``test``, ``row``: (2, C, n), which test of which series
    was the strangest of the street and of its regions.
    """

    days: Floats
    at_least: Flags
    test: Ints
    row: Ints


@dataclass(frozen=True, slots=True)
class Calibrated:
    """``by_test``: (V * S,) tails of step 1. ``by_kind``: (KINDS * C,) of step 2.
    ``threshold_days``: what comes by chance at least so seldom is within the budget. ``nights``:
    how many nights it rests on.
    """

    by_test: Tails
    by_kind: Tails
    threshold_days: float
    nights: int

    def kinds(self, watched: Watched, tests: Floats, scan: Floats) -> Kinds:
        """Recurrence of the nights whose scores (V, S, n) and scans (C, n) are given."""
        scores, test, row = _strangest(self.by_test, watched, tests, scan)
        categories, nights = scan.shape
        shape = (KINDS, categories, nights)
        days = self.by_kind.recurrence(scores).reshape(shape)
        return Kinds(days, self.by_kind.at_least(scores).reshape(shape), test, row)


def calibrate(
    watched: Watched,
    replayed: Replayed,
    settings: NightSettings,
    night: int,
    confirmed: Flags | None = None,
) -> Calibrated:
    """What the nights before ``night`` teach. ``confirmed``: (C, N) nights of the replay on which
    an officer confirmed a happening of a category; they count as no chance.
    """
    before = replayed.before(night)
    newest = slice(max(0, before.stop - settings.replay_days), before.stop)
    tests, scan = replayed.tests[:, :, newest], replayed.scan[:, newest]
    count, series, nights = tests.shape
    known = None if confirmed is None else confirmed[:, newest]
    flat = tests.reshape(count * series, nights)
    level = watched.regional.astype(np.int64)
    group = (np.arange(count)[:, None] * 2 + level[None, :]).ravel()
    out = None if known is None else np.tile(known[watched.series.category], (count, 1))
    by_test = fit_tails(flat, _dense(group), settings.tails, out)
    scores, _, _ = _strangest(by_test, watched, tests, scan)
    kind = np.repeat(np.arange(KINDS), len(watched.categories))
    out = None if known is None else np.tile(known, (KINDS, 1))
    by_kind = fit_tails(scores, kind, settings.tails, out)
    made = Calibrated(by_test, by_kind, np.inf, nights)
    days = made.kinds(watched, tests, scan).days.max(axis=0)
    played = np.isfinite(tests).any(axis=(0, 1))
    if known is not None:
        days = np.where(known, 0.0, days)
    return replace(made, threshold_days=threshold_days(days, settings.budget, played))


def _dense(group: Ints) -> Ints:
    return np.unique(group, return_inverse=True)[1].astype(np.int64)


def _strangest(
    by_test: Tails, watched: Watched, tests: Floats, scan: Floats
) -> tuple[Floats, Ints, Ints]:
    """(KINDS * C, n) scores of step 2; (2, C, n) the test and the series that gave them."""
    count, series, nights = tests.shape
    categories = len(watched.categories)
    logs = by_test.log_recurrence(tests.reshape(count * series, nights))
    logs = logs.reshape(count, series, nights)
    test = logs.argmax(axis=0)
    best = np.take_along_axis(logs, test[None], axis=0)[0]
    scores = np.full((KINDS, categories, nights), np.nan)
    which_test = np.zeros((2, categories, nights), dtype=np.int64)
    which_row = np.zeros((2, categories, nights), dtype=np.int64)
    for category in range(categories):
        for kind, regional in ((STREET, False), (REGION, True)):
            rows = np.flatnonzero(
                (watched.series.category == category) & (watched.regional == regional)
            )
            if len(rows) == 0:
                continue
            at = best[rows].argmax(axis=0)
            row = rows[at]
            scores[kind, category] = best[row, np.arange(nights)]
            which_row[kind, category] = row
            which_test[kind, category] = test[row, np.arange(nights)]
    scores[PLACES] = scan
    flat = scores.reshape(KINDS * categories, nights)
    return np.where(np.isfinite(flat), flat, np.nan), which_test, which_row
