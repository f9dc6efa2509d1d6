"""Tails: how often a statistic comes by chance, from its own past and from its kin's.

A kind of statistic (one method on one level of one category) has one score per night, on the
scale of -ln p. Were its model right, its peaks above a high threshold would be exponential with
scale 1; they seldom are. In two steps:

1. **Its own.** The threshold of a kind is the score that its peaks reach once in ``every_nights``;
   the scale of what lies above it is found from its own peaks, shrunk to its group's (a gamma
   prior worth ``prior_peaks`` peaks), with what lies over ``far`` scales counted as "at least that
   far" (a censored exponential). So one hurricane in the past does not make a category deaf.
2. **The group's.** ln(recurrence) by step 1, over all peaks of the group, has a tail of its own:
   where it is heavier than promised (by real happenings, by models that are wrong), every
   recurrence is brought down to what the group's past bears out: in the range seen by counting,
   beyond it by a generalised Pareto tail (Coles 2001, ch. 4; shape by probability-weighted
   moments, Hosking & Wallis 1987, held between 0 and 0.5).

A history that holds real happenings so makes intervals too short, never too long: "once in N days
such a thing was seen here", by chance or not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.warn.calibrate.peaks import tops
from streetwise.warn.values import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class TailSettings:
    """``gap_nights``: peaks nearer than this are one. ``every_nights``: a kind's threshold is
    reached once in so many nights. ``prior_peaks``: how many peaks of its own weigh as much as
    its group for the scale, ``prior_threshold`` (above 0) for the threshold.
    ``far``: in scales; what lies beyond counts as at least so far. ``prior_scale``: of
    a group before anything was seen (1 is a model that is right), worth ``prior_group_peaks``.
    ``trusted_peaks``: with so many peaks above it in the group, a recurrence is counted, not
    extrapolated. ``reach``: what was seen (nights of all kinds of a group) times this is the
    longest interval that is said; beyond, it is "at least" that.
    """

    gap_nights: int = 7
    every_nights: float = 28.0
    prior_peaks: float = 8.0
    far: float = 4.0
    prior_scale: float = 1.2
    prior_group_peaks: float = 4.0
    trusted_peaks: int = 10
    reach: float = 3.0
    prior_threshold: float = 5.0


@dataclass(frozen=True, slots=True)
class GroupTail:
    """Of one group: ln(recurrence) by step 1 -> ln(recurrence) by counting.

    ``nominal``: (n,), the group's peaks by step 1, rising. ``borne``: (n,), what the group's past
    bears out, rising. ``start``: from this nominal value on the tail holds. ``shape``, ``scale``:
    of the tail above ``start``. ``longest``: ln of the longest interval in days that is said.
    """

    nominal: Floats
    borne: Floats
    start: float
    start_borne: float
    shape: float
    scale: float
    longest: float


@dataclass(frozen=True, slots=True)
class Tails:
    """K kinds' tails. ``threshold``, ``scale``, ``every``: (K,); ``group``: (K,), numbers into
    ``groups``. ``nights``: how many nights were replayed for each, (K,).
    """

    threshold: Floats
    scale: Floats
    every: Floats
    nights: Ints
    group: Ints
    groups: tuple[GroupTail, ...]

    def log_recurrence(self, scores: Floats) -> Floats:
        """ln(days) of (K,) or (K, N) scores, as far as the tail goes: to compare, not to be said.

        -inf where the score is NaN, or 0 and below: nothing was seen.
        """
        nominal = self._nominal(scores)
        found = np.full_like(nominal, -np.inf)
        for number, tail in enumerate(self.groups):
            rows = self.group == number
            found[rows] = _borne(tail, nominal[rows])
        return np.where(np.isfinite(scores) & (scores > 0), found, -np.inf)

    def recurrence(self, scores: Floats) -> Floats:
        """Days of (K,) or (K, N) scores: by chance once in so many. 0 where nothing was seen."""
        longest = np.array([tail.longest for tail in self.groups])[self.group]
        wide = longest[(slice(None),) + (None,) * (scores.ndim - 1)]
        days: Floats = np.exp(np.minimum(self.log_recurrence(scores), wide))
        return days

    def at_least(self, scores: Floats) -> Flags:
        """Whether the interval is longer than history can say: "at least so many days"."""
        longest = np.array([tail.longest for tail in self.groups])[self.group]
        wide = longest[(slice(None),) + (None,) * (scores.ndim - 1)]
        found: Flags = self.log_recurrence(scores) >= wide
        return found

    def _nominal(self, scores: Floats) -> Floats:
        wide = (slice(None),) + (None,) * (scores.ndim - 1)
        over = (np.where(np.isfinite(scores), scores, -np.inf) - self.threshold[wide]) / self.scale[
            wide
        ]
        nominal: Floats = np.log(self.every[wide]) + over
        return nominal


def fit_tails(
    scores: Floats,
    group: Ints,
    settings: TailSettings | None = None,
    leave_out: Flags | None = None,
) -> Tails:
    """The tails of ``scores`` (K, N): a replayed night each column, NaN where there was none.

    ``group``: (K,), kinds that are alike (one method on one level). ``leave_out``: (K, N), nights
    of happenings that officers confirmed: they are no chance, so they do not count.
    ``ValueError`` where a threshold has no prior at all.
    """
    rules = settings or TailSettings()
    if rules.prior_threshold <= 0:
        raise ValueError("TailSettings.prior_threshold must be above 0, in peaks.")
    known = np.where(np.isfinite(scores), scores, np.nan)
    if leave_out is not None:
        known = np.where(leave_out, np.nan, known)
    nights = np.isfinite(known).sum(axis=1).astype(np.int64)
    top = tops(known, rules.gap_nights)
    highest = _highest_first(np.where(top, known, -np.inf))
    threshold, every = _thresholds(highest, nights, group, rules)
    excess = np.where(highest > threshold[:, None], highest - threshold[:, None], np.nan)
    count = int(group.max()) + 1 if len(group) else 0
    scale = np.ones(len(known))
    for number in range(count):
        rows = group == number
        pool = excess[rows].reshape(1, -1)
        prior = np.full(1, rules.prior_scale)
        whole = censored_scale(pool, rules.far, rules.prior_group_peaks, prior)
        kin = np.full(int(rows.sum()), whole[0])
        scale[rows] = censored_scale(excess[rows], rules.far, rules.prior_peaks, kin)
    first = Tails(threshold, scale, every, nights, group, ())
    nominal = first._nominal(known)
    groups = tuple(
        _group_tail(nominal[group == n][top[group == n]], int(nights[group == n].sum()), rules)
        for n in range(count)
    )
    return Tails(threshold, scale, every, nights, group, groups)


def censored_scale(excess: Floats, far: float, prior: float, prior_scale: Floats) -> Floats:
    """(K,) scales of exponential excesses (K, n), NaN where there is none.

    Those over ``far`` scales count as at least so far. The prior is worth ``prior`` excesses of
    ``prior_scale`` (K,). Solved by going round, at most 30 times: each round cuts at ``far`` times
    the scale found before.
    """
    scale = prior_scale
    for _ in range(30):
        cut = far * scale[:, None]
        inside = (excess < cut).sum(axis=1)
        total = np.nansum(np.minimum(excess, cut), axis=1)
        found = (total + prior * prior_scale) / (inside + prior)
        settled = bool(np.all(np.abs(found - scale) < 1e-5 * scale))
        scale = found
        if settled:
            break
    return scale


def _highest_first(scores: Floats) -> Floats:
    """Each row from its highest on, without the columns in which no row has anything (-inf)."""
    ordered = -np.sort(-scores, axis=1)
    found: Floats = ordered[:, : max(1, int(np.isfinite(ordered).sum(axis=1).max(initial=0)))]
    return found


def _thresholds(
    highest: Floats, nights: Ints, group: Ints, rules: TailSettings
) -> tuple[Floats, Floats]:
    """(K,) thresholds, and once in how many nights each is reached.

    ``highest``: each kind's peaks from the highest on. A kind with too few peaks above 0 (seldom
    anything at all) takes the middle threshold of its group, or 0 where none has one.
    """
    want = np.maximum(1, np.round(nights / rules.every_nights)).astype(np.int64)
    enough = np.isfinite(highest).sum(axis=1) >= want
    column = np.minimum(want, highest.shape[1]) - 1
    threshold = np.where(enough, np.take_along_axis(highest, column[:, None], axis=1)[:, 0], 0.0)
    for number in range(int(group.max()) + 1 if len(group) else 0):
        rows = group == number
        if (rows & enough).any():
            threshold[rows & ~enough] = np.median(threshold[rows & enough])
        _pool(threshold, rows, highest, nights, rules)
    have = (highest >= threshold[:, None]).sum(axis=1)
    # With the group's peaks comes how often they reach it, so that no history says "every night".
    more = rules.prior_threshold
    every = (nights + more * rules.every_nights) / (have + more)
    return threshold, every


def _pool(
    threshold: Floats, rows: Flags, highest: Floats, nights: Ints, rules: TailSettings
) -> None:
    """Take the thresholds of a group's ``rows``, in place, towards what all its peaks together
    reach once in ``every_nights`` for each kind.
    """
    pooled = np.sort(highest[rows][np.isfinite(highest[rows])])[::-1]
    at = round(float(nights[rows].sum()) / rules.every_nights) - 1
    if 0 <= at < len(pooled):
        mine = nights[rows] / rules.every_nights
        more = rules.prior_threshold
        threshold[rows] = (mine * threshold[rows] + more * pooled[at]) / (mine + more)


def _group_tail(nominal: Floats, nights: int, rules: TailSettings) -> GroupTail:
    """Step 2 on the pooled peaks; ``nights`` of all kinds of the group together."""
    rising = np.sort(nominal)
    order = np.arange(len(rising), 0, -1)
    counted = np.log((nights + 1.0) / order)
    # Step 1 may promise more than the past bears out, never less: the shorter of both.
    borne = np.maximum.accumulate(np.minimum(counted, rising)) if len(rising) else counted
    longest = float(np.log(max(nights, 1) * rules.reach))
    trusted = min(rules.trusted_peaks, len(rising))
    if trusted < rules.trusted_peaks:
        low = float(np.log(rules.every_nights))
        return GroupTail(rising[:0], borne[:0], low, low, 0.0, 1.0, longest)
    at = len(rising) - trusted
    shape, scale = _pareto(rising[-4 * trusted :], float(rising[at]))
    return GroupTail(
        rising[: at + 1],
        borne[: at + 1],
        float(rising[at]),
        float(borne[at]),
        shape,
        scale,
        longest,
    )


def _pareto(rising: Floats, start: float) -> tuple[float, float]:
    """Shape (0 to 0.5) and scale above ``start`` of the generalised Pareto of those over the first.

    The scale is held at 1 or more: a tail lighter than step 1 promises is not believed.
    """
    excess = rising[1:] - rising[0]
    count = len(excess)
    if count < 5 or excess.mean() <= 0:
        return 0.0, 1.0
    mean = float(excess.mean())
    weights = 1.0 - (np.arange(1, count + 1) - 0.35) / count
    moment = float((weights * excess).mean())
    shape = float(np.clip(2.0 - mean / max(mean - 2.0 * moment, 1e-9), 0.0, 0.5))
    return shape, max(1.0, mean * (1.0 - shape) + shape * (start - float(rising[0])))


def _borne(tail: GroupTail, nominal: Floats) -> Floats:
    """ln(recurrence) that the group's past bears out."""
    if len(tail.nominal):
        inside = np.interp(nominal, tail.nominal, tail.borne, left=-np.inf)
        inside = np.where(nominal < tail.nominal[0], np.minimum(nominal, tail.borne[0]), inside)
    else:
        inside = nominal
    over = np.maximum(nominal - tail.start, 0.0) / tail.scale
    more = np.log1p(tail.shape * over) / tail.shape if tail.shape > 1e-6 else over
    found: Floats = np.where(nominal > tail.start, tail.start_borne + more, inside)
    return found
