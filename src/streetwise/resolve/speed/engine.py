"""How many times as long do cases take as before? Like is compared with like. Pure.

The ratio is a scale: it is by what the times of now must be divided to lie as those before do. It
is found by ranks, pair by pair within a stratum (a class at a unit), so one case of half a year
moves it no more than one of a week. Without open cases it is the estimator of Hodges and Lehmann
(1963) on logarithms; a case that is still open says only "longer than this" and is compared where
that says something (Gehan 1965), so recent months are not flattered by what is not done yet.
Strata weigh as van Elteren (1960) has it. The estimate is where the statistic is nought; the
interval is where it lies within its own error (Louis 1981), and that error is counted by weeks
and not by cases, since cases of one week wait in the same queue.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Shorter times count as this: below it clocks, not people, are compared.
SHORTEST_SECONDS = 60.0
#: A stratum needs so many on both sides, and a ratio so many that are done.
STRATUM_LEAST, DONE_LEAST = 3, 20
#: So many weeks a side; with fewer the error is counted by cases.
WEEKS_LEAST = 4
WEEK_SECONDS = 7 * 86_400.0
#: No ratio beyond 1:1000 is looked for; logarithms are found to this.
_FARTHEST, _TOLERANCE = float(np.log(1000.0)), 2e-5
#: Sums of weighed pairs are equal within this; one pair among ten million weighs more.
_ROUNDING = 1e-8
#: Between strata, on the axis of logarithms: farther than any two times are apart.
_APART = 1_000.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Cases of a period. ``seconds``: until done, or for as long as they were followed;
    ``done``: which of the two; ``week``: any number that cases opened in one week share.
    """

    seconds: Floats
    done: Bools
    week: Ints

    def __len__(self) -> int:
        return len(self.seconds)

    def take(self, which: Bools) -> Sample:
        """Some of them."""
        return Sample(self.seconds[which], self.done[which], self.week[which])


@dataclass(frozen=True, slots=True)
class Ratio:
    """Times of now to times before: 0.75 is a quarter quicker. ``low``, ``high``: the interval
    (95 % unless asked otherwise); infinite or 0 where the cases do not say how far it reaches.
    """

    ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Strata:
    """The stratum of each case, -1: nothing to compare it with."""

    before: Ints
    after: Ints

    @property
    def left_out(self) -> tuple[int, int]:
        """How many of either side are not compared."""
        return int((self.before < 0).sum()), int((self.after < 0).sum())


def within(sample: Sample, seconds: float) -> Sample:
    """The cases as they looked after so long: what took longer was open then."""
    done = sample.done & (sample.seconds <= seconds)
    return Sample(np.minimum(sample.seconds, seconds), done, sample.week)


def strata(before: Sequence[Sequence[object]], after: Sequence[Sequence[object]]) -> Strata:
    """Put like with like. Each case brings its keys, the finest first (class at unit, class): the
    first of them that has enough cases on both sides is its stratum.
    """
    numbers: dict[tuple[int, object], int] = {}
    found = [np.full(len(before), -1, np.int64), np.full(len(after), -1, np.int64)]
    sides = (before, after)
    for level in range(max((len(keys) for side in sides for keys in side), default=0)):
        counts: list[dict[object, int]] = [{}, {}]
        for side, own, stratum in zip(sides, counts, found, strict=True):
            for case in np.flatnonzero(stratum < 0).tolist():
                key = side[case][level]
                own[key] = own.get(key, 0) + 1
        enough = {
            key for key, count in counts[0].items()
            if count >= STRATUM_LEAST and counts[1].get(key, 0) >= STRATUM_LEAST
        }  # fmt: skip
        for side, stratum in zip(sides, found, strict=True):
            for case in np.flatnonzero(stratum < 0).tolist():
                if side[case][level] in enough:
                    key = (level, side[case][level])
                    stratum[case] = numbers.setdefault(key, len(numbers))
    return Strata(found[0], found[1])


def ratio(before: Sample, after: Sample, like: Strata, level: float = 0.95) -> Ratio | None:
    """The ratio within strata; None where too few are done to say anything."""
    first, second = like.before >= 0, like.after >= 0
    one, two = before.take(first), after.take(second)
    if min(int(one.done.sum()), int(two.done.sum())) < DONE_LEAST:
        return None
    pairs = _Pairs(one, two, like.before[first], like.after[second])
    middle = (_where(pairs.total, 0.0) + _where(pairs.total, 0.0, beyond=True)) / 2
    reach = _error(pairs, middle, one, two, level)
    low, high = _where(pairs.total, -reach), _where(pairs.total, reach, beyond=True)
    return Ratio(
        float(np.exp(middle)),
        0.0 if low <= -_FARTHEST else float(np.exp(low)),
        float("inf") if high >= _FARTHEST else float(np.exp(high)),
    )


def crude(before: Sample, after: Sample) -> Ratio | None:
    """The ratio as if all cases were alike: what it differs from ``ratio`` by is the mix."""
    alike = Strata(np.zeros(len(before), np.int64), np.zeros(len(after), np.int64))
    return ratio(before, after, alike)


class _Pairs:
    """All pairs of a case before and a case now within a stratum, never written out."""

    def __init__(self, before: Sample, after: Sample, ours: Ints, theirs: Ints) -> None:
        self._before, self._after = _logs(before), _logs(after)
        self._done, self._done_after = before.done, after.done
        size = 1 + int(max(ours.max(), theirs.max()))
        count = np.bincount(ours, minlength=size) + np.bincount(theirs, minlength=size)
        self._weight = 1.0 / (count + 1.0)
        self._ours, self._theirs = ours, theirs
        # Those of now in order of stratum and time: a shift does not change it, and what is
        # looked up in order is found quickly.
        self._order = np.lexsort((self._after, theirs))
        own, key = theirs[self._order], self._before + ours * _APART
        self._sorted = (self._after + theirs * _APART)[self._order]
        self._sorted_done, self._sorted_weight = after.done[self._order], self._weight[own]
        self._finished, self._waiting = np.sort(key[before.done]), np.sort(key[~before.done])
        middle = own.astype(np.float64) * _APART
        self._first = np.searchsorted(self._finished, middle - _APART / 2)
        self._all = np.searchsorted(self._finished, middle + _APART / 2)
        self._all += np.searchsorted(self._waiting, middle + _APART / 2)

    def total(self, shift: float) -> float:
        """Weighed pairs in which now is known to be shorter, less those in which it is known to
        be longer, were the logarithms of now so much smaller; never falls with ``shift``.
        """
        return float(self._in_order(shift).sum())

    def of_after(self, shift: float) -> Floats:
        """What each case of now adds to ``total``."""
        found = np.empty(len(self._after))
        found[self._order] = self._in_order(shift)
        return found

    def _in_order(self, shift: float) -> Floats:
        at = self._sorted - shift
        upto = np.searchsorted(self._finished, at, side="right")
        before = np.searchsorted(self._finished, at, side="left")
        longer = self._all - upto - np.searchsorted(self._waiting, at, side="left")
        shorter = np.where(self._sorted_done, before, upto) - self._first
        score = np.where(self._sorted_done, longer, 0) - shorter
        return np.asarray(self._sorted_weight * score, np.float64)

    def of_before(self, shift: float) -> Floats:
        """What each case before adds, its sign turned."""
        moved = self._after - shift
        score = _longer_less_shorter(
            self._before, self._done, self._ours, moved, self._done_after, self._theirs
        )
        return self._weight[self._ours] * score


def _logs(sample: Sample) -> Floats:
    return np.log(np.maximum(sample.seconds, SHORTEST_SECONDS))


def _longer_less_shorter(
    mine: Floats, done: Bools, stratum: Ints, theirs: Floats, their_done: Bools, their_stratum: Ints
) -> Floats:
    """For each of mine, how many of theirs in its stratum are known to be longer, less how many
    are known to be shorter. Of two equal times the open one is the longer.
    """
    at = mine + stratum * _APART
    middle = stratum.astype(np.float64) * _APART
    floor, ceiling = middle - _APART / 2, middle + _APART / 2
    key = theirs + their_stratum * _APART
    finished, waiting = np.sort(key[their_done]), np.sort(key[~their_done])

    def upto(keys: Floats, where: Floats, side: str) -> Ints:
        found: Ints = np.searchsorted(keys, where, side=side)  # type: ignore[call-overload]
        return found

    longer = upto(finished, ceiling, "left") - upto(finished, at, "right")
    longer += upto(waiting, ceiling, "left") - upto(waiting, at, "left")
    below = np.where(done, upto(finished, at, "left"), upto(finished, at, "right"))
    shorter = below - upto(finished, floor, "left")
    return np.where(done, longer, 0) - shorter.astype(np.float64)


def _where(total: Callable[[float], float], value: float, *, beyond: bool = False) -> float:
    """The smallest shift at which ``total`` is the value or more (``beyond``: more than it)."""

    def there(shift: float) -> bool:
        found = total(shift)
        return found > value + _ROUNDING if beyond else found >= value - _ROUNDING

    low, high = -_FARTHEST, _FARTHEST
    if there(low):
        return low
    if not there(high):
        return high
    while high - low > _TOLERANCE:
        middle = (low + high) / 2
        low, high = (low, middle) if there(middle) else (middle, high)
    return (low + high) / 2


def _error(pairs: _Pairs, shift: float, one: Sample, two: Sample, level: float) -> float:
    """How far ``total`` is from nought by chance: its standard error by weeks, times the quantile
    of the level (Student's, with the weeks less two).
    """
    adds = (pairs.of_before(shift), pairs.of_after(shift))
    weeks = [np.unique(side.week, return_inverse=True)[1] for side in (one, two)]
    sizes = [int(side.max()) + 1 for side in weeks]
    if min(sizes) < WEEKS_LEAST:
        spread = sum(float((add**2).sum()) for add in adds)
        return float(ndtri((1 + level) / 2) * np.sqrt(spread))
    spread = 0.0
    for add, week, size in zip(adds, weeks, sizes, strict=True):
        sums = np.bincount(week, weights=add, minlength=size)
        spread += float((sums**2).sum()) * size / (size - 1)
    return float(stdtrit(sum(sizes) - 2, (1 + level) / 2) * np.sqrt(spread))


# --- what is shown beside the ratio -----------------------------------------------------------


def share_done(sample: Sample, at: Floats) -> Floats:
    """The share that is done by each of the times, open cases counted for as long as they were
    followed (Kaplan and Meier 1958). Rising; 0 of an empty sample.
    """
    if len(sample) == 0:
        return np.zeros(len(at))
    times, ended = np.unique(sample.seconds[sample.done], return_counts=True)
    if len(times) == 0:
        return np.zeros(len(at))
    watched = len(sample) - np.searchsorted(np.sort(sample.seconds), times, side="left")
    open_still = np.concatenate(([1.0], np.cumprod(1.0 - ended / watched)))
    shares: Floats = 1.0 - open_still[np.searchsorted(times, at, side="right")]
    return shares


def quantile(sample: Sample, part: float) -> float | None:
    """The time by which this part is done; None: not within what was followed."""
    times = np.unique(sample.seconds[sample.done])
    shares = share_done(sample, times)
    reached = np.flatnonzero(shares >= part - 1e-12)
    return float(times[reached[0]]) if len(reached) else None
