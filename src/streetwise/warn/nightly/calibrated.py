"""From the scores of a replay to recurrence intervals of a category's findings.

Three kinds of finding a category: of the street, of one of its regions, of places by the scan. In
two steps, each calibrated on the past nights (``calibrate.fit_tails``):

1. each test (a window) of each series has its own tail, shrunk to that of the
   same test on the same level;
2. the strangest over a category's tests (and over its regions) is a score again, and has a tail
   itself: so looking at many windows and many regions is paid for.

The scan is one score a category already, and goes to step 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from streetwise.warn.calibrate import Budget, Tails, fit_tails, threshold_days
from streetwise.warn.nightly.beginnings import in_the_books, untaught
from streetwise.warn.nightly.layout import Watched
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.scan import Neighbourhoods
from streetwise.warn.values import Flags, Floats, Ints

if TYPE_CHECKING:  # a replay carries what was judged
    from streetwise.warn.nightly.replay import Replayed

STREET, REGION, PLACES = 0, 1, 2
KINDS = 3
#: Reports a day from which a series is small, and from which large; below, it is rare.
CLASS_FROM = (1.0, 5.0)
CLASSES = len(CLASS_FROM) + 1
#: Nights that were judged by so short a past say little of those to come.
YOUNG_NIGHTS = 84
#: Fewer nights of a replay teach nothing.
FEWEST_NIGHTS = 28


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

    @classmethod
    def none(cls, categories: int, nights: int = 0) -> Kinds:
        """Nights on which nothing was strange."""
        shape, two = (KINDS, categories, nights), (2, categories, nights)
        zero = np.zeros(two, dtype=np.int64)
        return cls(np.zeros(shape), np.zeros(shape, dtype=bool), zero, zero.copy())

    @classmethod
    def joined(cls, parts: Sequence[Kinds]) -> Kinds:
        """Nights after nights."""
        return cls(
            np.concatenate([one.days for one in parts], axis=2),
            np.concatenate([one.at_least for one in parts], axis=2),
            np.concatenate([one.test for one in parts], axis=2),
            np.concatenate([one.row for one in parts], axis=2),
        )

    def weighed(self, settings: NightSettings) -> Floats:
        """(KINDS, C, n) recurrence as it is compared with the threshold."""
        weighed: Floats = self.days * np.array(settings.weights)[:, None, None]
        return weighed

    def at(self, nights: slice) -> Kinds:
        """Some of the nights."""
        return Kinds(
            self.days[:, :, nights],
            self.at_least[:, :, nights],
            self.test[:, :, nights],
            self.row[:, :, nights],
        )


@dataclass(frozen=True, slots=True)
class Calibrated:
    """``by_test``: (V * S,) tails of step 1; ``looked``: (V, S), which of them count, as a series
    looks over longer windows if it is of a size that needs them. ``by_kind``: (KINDS * C,) of
    step 2.
    ``threshold_days``: what comes by chance at least so seldom is within the budget. ``nights``:
    how many nights it rests on. ``told``: the findings of ``played`` of them, on which the
    threshold was counted; None where it was not yet.
    """

    by_test: Tails
    looked: Flags
    by_kind: Tails
    threshold_days: float
    nights: int
    told: Told | None = None
    played: int = 0

    def false_shares(self, weighed: Floats) -> Floats:
        """(n,): of one night's findings as seldom as each and more seldom, how many are false.

        ``weighed``: (n,) recurrence of all of them, in days. Benjamini & Hochberg's (1995) share
        with the number of false ones counted, not computed: so many new ones a night came at this
        recurrence in the replay (as a permutation's p-value, one more of each: Phipson & Smyth
        2010). A recurrence by itself says it badly where there are many categories: most of them
        seldom have anything to say. Real happenings of the past count as false here.
        """
        order = np.argsort(-weighed, kind="stable")
        seen = [0 if self.told is None else self.told.warnings(one) for one in weighed[order]]
        due = (np.array(seen, dtype=np.float64) + 1.0) / (self.played + 1.0)
        shares = np.minimum(1.0, due / np.arange(1, len(order) + 1))
        found = np.empty(len(order))
        found[order] = np.minimum.accumulate(shares[::-1])[::-1]
        return found

    def kinds(self, watched: Watched, tests: Floats, scan: Floats) -> Kinds:
        """Recurrence of the nights whose scores (V, S, n) and scans (C, n) are given."""
        scores, test, row = _strangest(self.by_test, self.looked, watched, tests, scan)
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
    without: slice | None = None,
) -> Calibrated:
    """What the nights before ``night`` teach, but for the threshold, which is 0 days yet.

    ``confirmed``: (C, N) nights of the replay on which an officer confirmed a happening of a
    category; they count as no chance. ``without``: columns that teach nothing either, nor do those
    within ``gap_nights`` of them, which may share a happening with them.
    """
    before = replayed.before(night)
    newest = slice(max(0, before.stop - settings.replay_days), before.stop)
    tests, scan = replayed.tests[:, :, newest], replayed.scan[:, newest]
    count, series, nights = tests.shape
    known = np.zeros((len(scan), nights), dtype=np.bool_)
    if confirmed is not None:
        known |= confirmed[:, newest]
    if without is not None:
        column = np.arange(newest.start, newest.stop)
        gap = settings.tails.gap_nights
        known |= ((column >= without.start - gap) & (column < without.stop + gap))[None, :]
    until = max(1, night - watched.series.first_day)
    young = untaught(watched.series.counts[:, :until])
    young = young[:, until - nights :] if nights else young[:, :0]
    flat = tests.reshape(count * series, nights)
    usual = _usual(watched, replayed.first_night, night)
    alike = watched.regional.astype(np.int64) * CLASSES + usual
    group = (np.arange(count)[:, None] * 2 * CLASSES + alike[None, :]).ravel()
    out = np.tile(known[watched.series.category] | young, (count, 1))
    by_test = fit_tails(flat, _dense(group), settings.tails, out)
    longest = np.array(settings.longest_days)[usual]
    looked = np.array(settings.windows_days)[:, None] <= longest[None, :]
    scores, _, _ = _strangest(by_test, looked, watched, tests, scan)
    of_street = usual[: len(watched.categories)]
    kind = (np.arange(KINDS)[:, None] * CLASSES + of_street[None, :]).ravel()
    out = np.tile(known | young[: len(scan)], (KINDS, 1))
    by_kind = fit_tails(scores, _dense(kind), settings.tails, out)
    return Calibrated(by_test, looked, by_kind, 0.0, nights)


def kinds_of(
    watched: Watched, replayed: Replayed, calibrated: Calibrated, first: int, last: int
) -> Kinds:
    """Recurrence of the nights from ``first`` to ``last``, both included; 0 where a class is new
    with many others (``beginnings``).
    """
    columns = slice(first - replayed.first_night, last - replayed.first_night + 1)
    kinds = calibrated.kinds(watched, replayed.tests[:, :, columns], replayed.scan[:, columns])
    until = last - watched.series.first_day + 1
    booked = in_the_books(watched.series.counts[: len(watched.categories), :until])
    booked = booked[:, until - kinds.days.shape[2] :]
    return replace(kinds, days=np.where(booked[None], 0.0, kinds.days)) if booked.any() else kinds


def judged_before(
    watched: Watched, replayed: Replayed, settings: NightSettings, night: int
) -> Kinds:
    """All nights before ``night`` as each was judged by what was known before it.

    A budget must be counted on these: a night that has itself taught what is usual looks less
    strange than a fresh one. Those judged already (``replayed.judged``) stay as they were; others
    are judged in blocks of a week at first, of a month later. Nights before ``FEWEST_NIGHTS`` of
    the replay are never strange.
    """
    done = replayed.judged or Kinds.none(len(watched.categories))
    at = replayed.first_night + done.days.shape[2]
    parts = [done]
    while at < night:
        past = at - replayed.first_night
        if past < FEWEST_NIGHTS:
            until = min(replayed.first_night + FEWEST_NIGHTS, night) - 1
            parts.append(Kinds.none(len(watched.categories), until - at + 1))
        else:
            until = min(at + block_nights(past), night) - 1
            known = calibrate(watched, replayed, settings, at)
            parts.append(kinds_of(watched, replayed, known, at, until))
        at = until + 1
    return Kinds.joined(parts)


def block_nights(past: int) -> int:
    """How many nights one calibration serves in a replay, with so many nights before them."""
    return int(np.clip(past // 8, 7, 28))


def with_threshold(
    calibrated: Calibrated,
    judged: Kinds,
    watched: Watched,
    replayed: Replayed,
    hoods: Neighbourhoods | None,
    settings: NightSettings,
    confirmed: Flags | None = None,
) -> Calibrated:
    """With the threshold that would have kept the budget on the ``judged`` nights, the newest
    ``budget_days`` of them. Of a young replay the first half does not count (up to
    ``YOUNG_NIGHTS``): it was judged by a past that was too short. Where fewer than
    ``FEWEST_NIGHTS`` are left, all of them count, each week judged by the others.
    """
    nights = judged.days.shape[2]
    young = max(FEWEST_NIGHTS, min(nights // 2, YOUNG_NIGHTS))
    newest = slice(max(young, nights - settings.budget_days), nights)
    kinds = judged.at(newest)
    if nights - newest.start < FEWEST_NIGHTS:
        newest = slice(0, nights)
        kinds = _judged_by_others(watched, replayed, settings, nights, confirmed)
    until = replayed.first_night + nights - watched.series.first_day
    out = untaught(watched.series.counts[: len(watched.categories), :until])
    out = out[:, until - nights :][:, newest]
    if confirmed is not None:
        out = out | confirmed[:, newest]
    kinds = replace(kinds, days=np.where(out[None], 0.0, kinds.days))
    told = Told.of(kinds, watched, replayed.zone[:, newest], hoods, settings)
    played = kinds.days.shape[2]
    found = threshold_days(kinds.weighed(settings).ravel(), told.warnings, played, settings.budget)
    return replace(calibrated, threshold_days=found, told=told, played=played)


def _judged_by_others(
    watched: Watched,
    replayed: Replayed,
    settings: NightSettings,
    nights: int,
    confirmed: Flags | None,
) -> Kinds:
    """The first ``nights`` of a replay, each week judged by what the other weeks teach."""
    first, parts = replayed.first_night, [Kinds.none(len(watched.categories))]
    for begin in range(0, nights, 7):
        end = min(begin + 7, nights)
        others = calibrate(
            watched, replayed, settings, first + nights, confirmed, slice(begin, end)
        )
        parts.append(kinds_of(watched, replayed, others, first + begin, first + end - 1))
    return Kinds.joined(parts)


@dataclass(frozen=True, slots=True)
class Told:
    """Findings of many nights, to count what would have been said: n of them, by night, and in a
    night the most seldom first. ``places``: None for the whole street. ``beyond``: (n,), more
    seldom than history can say.
    """

    night: Ints
    category: Ints
    days: Floats
    beyond: Flags
    places: Sequence[frozenset[int] | None]
    budget: Budget
    most_a_week: int | None

    @classmethod
    def of(
        cls,
        kinds: Kinds,
        watched: Watched,
        zone: Ints,
        hoods: Neighbourhoods | None,
        settings: NightSettings,
    ) -> Told:
        """Those that come by chance less often than the budget's shortest interval."""
        weighed = kinds.weighed(settings)
        kind, category, night = np.nonzero(weighed >= settings.budget.shortest_days)
        days = weighed[kind, category, night]
        past = kinds.at_least & (kinds.days >= settings.budget.beyond_days)
        order = np.lexsort((-days, night))
        kind, category, night, days = kind[order], category[order], night[order], days[order]
        whole: dict[tuple[int, int], frozenset[int] | None] = {}
        places: list[frozenset[int] | None] = []
        for one, what, when in zip(kind.tolist(), category.tolist(), night.tolist(), strict=True):
            if one == STREET:
                places.append(None)
                continue
            found = int(zone[what, when] if one == PLACES else kinds.row[one, what, when])
            if (one, found) not in whole:
                whole[one, found] = _places(one, found, watched, hoods)
            places.append(whole[one, found])
        beyond = past[kind, category, night]
        return cls(night, category, days, beyond, places, settings.budget, settings.most_a_week)

    def warnings(self, threshold: float) -> int:
        """How often something is told: findings that share category and place, and follow, once.

        And once more where they last (``Budget.again_nights``), and new ones no more than
        ``most_a_week`` in seven nights, but for what is beyond all history: as ``follow`` tells
        them.
        """
        count: list[int] = []
        alive: dict[int, list[_Alive]] = {}
        for at in np.flatnonzero(self.days >= threshold).tolist():
            night, mine, days = int(self.night[at]), self.places[at], float(self.days[at])
            of = int(self.category[at])
            known = [
                one for one in alive.get(of, []) if night - one.last_night <= self.budget.gap_nights
            ]
            same = [one for one in known if _meet(one.places, mine)]
            last = max(same, key=lambda one: one.told, default=None)
            if last is None and not self.beyond[at] and self._full(count, night):
                continue
            if last is None or self.budget.tells_again(night - last.told, last.told_days, days):
                count.append(night)
                last = _Alive(mine, night, night, days)
            rest = [one for one in known if not _meet(one.places, mine)]
            alive[of] = [*rest, replace(last, places=mine, last_night=night)]
        return len(count)

    def _full(self, count: list[int], night: int) -> bool:
        if self.most_a_week is None:
            return False
        newest = count[max(0, len(count) - self.most_a_week) :]
        return sum(night - 7 < one for one in newest) >= self.most_a_week


@dataclass(frozen=True, slots=True)
class _Alive:
    """What was told: where it was last found and when, when it was told and how seldom it was."""

    places: frozenset[int] | None
    last_night: int
    told: int
    told_days: float


def _places(
    kind: int, found: int, watched: Watched, hoods: Neighbourhoods | None
) -> frozenset[int] | None:
    if kind == REGION:
        return frozenset(watched.street.places_in(int(watched.series.place[found])))
    return frozenset(hoods.places_of(found)) if hoods is not None and found >= 0 else None


def _meet(one: frozenset[int] | None, other: frozenset[int] | None) -> bool:
    return one is None or other is None or not one.isdisjoint(other)


def _usual(watched: Watched, first_night: int, night: int) -> Ints:
    """(S,): whether a series is rare, small or large: only such are kin to each other.

    What comes seldom comes in bursts, and five reports of it are strange to any model.
    """
    first = first_night - watched.series.first_day
    until = max(first + 1, night - watched.series.first_day)
    mean = watched.series.counts[:, :until].mean(axis=1)
    usual: Ints = np.searchsorted(np.array(CLASS_FROM), mean, side="right").astype(np.int64)
    return usual


def _dense(group: Ints) -> Ints:
    found: Ints = np.unique(group, return_inverse=True)[1].astype(np.int64)
    return found


def _strangest(
    by_test: Tails, looked: Flags, watched: Watched, tests: Floats, scan: Floats
) -> tuple[Floats, Ints, Ints]:
    """(KINDS * C, n) scores of step 2; (2, C, n) the test and the series that gave them."""
    count, series, nights = tests.shape
    categories = len(watched.categories)
    logs = by_test.log_recurrence(tests.reshape(count * series, nights))
    logs = np.where(looked[:, :, None], logs.reshape(count, series, nights), -np.inf)
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
