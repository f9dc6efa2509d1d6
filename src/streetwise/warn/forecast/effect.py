"""Whether looking first pays: the share of 未诉先办, and fewer complaints where it was done.

Pure scoring over arrays; rows of tasks and complaints become arrays elsewhere.

The effect is a difference in differences (Card and Krueger 1994): reports at places that were
visited, after over before, against the same at places that stood next to them in the same ranking
and were not. The ranking is what decides who is visited, so places beside each other in it are
alike in what was expected of them; this is what keeps regression to the mean (a place is visited
when it has just been bad, and would be better next week anyway) out of the effect. A placebo
repeats the estimate with a visit that never was, one window earlier: if that finds an effect, the
comparison is not to be believed, and the result says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.warn.values import Flags, Floats, Ints

_Z = 1.2815515655446004  # 80 % two-sided


@dataclass(frozen=True, slots=True)
class ShareScore:
    """``share`` = prevented / (prevented + complaints), with its 80 % interval (Wilson 1927).

    NaN, 0 and 1 where there was neither.
    """

    prevented: int
    complaints: int
    share: float
    low: float
    high: float


def share_of_preventive(
    task_category: Ints,
    found: Flags,
    mended: Flags,
    complaint_came_first: Flags,
    complaint_category: Ints,
) -> tuple[ShareScore, dict[int, ShareScore]]:
    """Of all categories with a task together, and of each of them.

    n tasks and m complaints of a period. A task counts as prevented when it ``found`` a problem,
    ``mended`` it, and nobody had complained of it before that (``complaint_came_first`` False).
    Complaints of categories for which nobody was ever sent do not count: nothing was tried.
    """
    good = found & mended & ~complaint_came_first
    tried = np.unique(task_category)
    by_category = {
        category: _share(
            int((good & (task_category == category)).sum()),
            int((complaint_category == category).sum()),
        )
        for category in tried.tolist()
    }
    complaints = int(np.isin(complaint_category, tried).sum())
    return _share(int(good.sum()), complaints), by_category


def _share(prevented: int, complaints: int) -> ShareScore:
    whole = prevented + complaints
    if whole == 0:
        return ShareScore(0, 0, float("nan"), 0.0, 1.0)
    share = prevented / whole
    middle = (share + _Z**2 / (2 * whole)) / (1 + _Z**2 / whole)
    half = _Z * np.sqrt(share * (1 - share) / whole + _Z**2 / (4 * whole**2)) / (1 + _Z**2 / whole)
    low, high = float(max(middle - half, 0.0)), float(min(middle + half, 1.0))
    return ShareScore(prevented, complaints, share, low, high)


@dataclass(frozen=True, slots=True)
class EffectSettings:
    """Windows before and after a visit in days, and how many untreated places per visit.

    ``rank_apart_most``: matched places may stand so many ranks apart; ``visits_least`` and
    ``reports_least`` (at the visited places before the visits): with fewer nothing is claimed.
    """

    before_days: int = 28
    after_days: int = 28
    controls: int = 3
    rank_apart_most: int = 10
    visits_least: int = 10
    reports_least: int = 30
    share: float = 0.8
    draws: int = 999
    seed: int = 1


@dataclass(frozen=True, slots=True)
class EffectScore:
    """``change``: share of the reports more (below 0: fewer) after visits than without them.

    ``placebo``: the same one window earlier. ``believable``: enough visits and reports, and the
    placebo's interval holds 0; only then is the change to be shown. NaN where nothing was left.
    ``visits``: those that found untreated neighbours.
    """

    change: float
    low: float
    high: float
    placebo: float
    placebo_low: float
    placebo_high: float
    visits: int
    controls: int
    reports_before: int
    reports_after: int
    believable: bool


def effect_of_visits(
    counts: Ints, place: Ints, column: Ints, ranking: Floats, settings: EffectSettings | None = None
) -> EffectScore:
    """The effect of E visits on the reports of P places over T days.

    ``counts``: (P, T). ``place``, ``column``: (E,), where and in which column of ``counts`` the
    visit was. ``ranking``: (E, P), what was expected of every place when that visit was decided
    (larger is first; NaN for places that were not ranked). A visit counts when its windows, and
    the placebo's before them, lie in the data; its controls are the nearest in the ranking that
    nobody visited in these windows.
    """
    settings = settings or EffectSettings()
    first = 2 * settings.before_days
    matched = [
        (event, near)
        for event in np.argsort(column, kind="stable").tolist()
        if first <= column[event] <= counts.shape[1] - settings.after_days
        and len(near := _near(event, place, column, ranking, settings))
    ]
    real = _windows(counts, place, column, matched, settings, 0)
    fake = _windows(counts, place, column, matched, settings, settings.before_days)
    change, low, high = _change(real, settings)
    placebo, placebo_low, placebo_high = _change(fake, settings)
    before, after = (int(real[:, number].sum()) for number in (0, 1))
    enough = len(matched) >= settings.visits_least and before >= settings.reports_least
    return EffectScore(
        change, low, high, placebo, placebo_low, placebo_high,
        visits=len(matched),
        controls=sum(len(near) for _, near in matched),
        reports_before=before,
        reports_after=after,
        believable=bool(enough and placebo_low <= 0 <= placebo_high),
    )  # fmt: skip


def _near(event: int, place: Ints, column: Ints, ranking: Floats, settings: EffectSettings) -> Ints:
    """The untreated places next to a visited one in its ranking."""
    score = ranking[event]
    ranked = np.flatnonzero(np.isfinite(score))
    if not np.isfinite(score[place[event]]):
        return np.zeros(0, dtype=np.int64)
    order = ranked[np.argsort(-score[ranked], kind="stable")]
    rank = np.full(len(score), 10**9, dtype=np.int64)
    rank[order] = np.arange(len(order))
    apart = np.abs(rank[order] - rank[place[event]])
    # A visit still works on the days behind it: as long as a window counts it.
    first = column[event] - 2 * settings.before_days - settings.after_days
    last = column[event] + settings.after_days
    busy = np.unique(place[(column > first) & (column < last)])
    free = ~np.isin(order, busy) & (apart <= settings.rank_apart_most) & (apart > 0)
    chosen: Ints = order[free][np.argsort(apart[free], kind="stable")][: settings.controls]
    return chosen


def _windows(
    counts: Ints,
    place: Ints,
    column: Ints,
    matched: list[tuple[int, Ints]],
    settings: EffectSettings,
    earlier: int,
) -> Floats:
    """(V, 4): before and after at the visited place; the same as a mean of its controls."""
    found = np.zeros((len(matched), 4))
    for number, (event, near) in enumerate(matched):
        at = int(column[event]) - earlier
        before = slice(at - settings.before_days, at)
        after = slice(at, at + (settings.before_days if earlier else settings.after_days))
        mine = int(place[event])
        found[number] = (
            counts[mine, before].sum(),
            counts[mine, after].sum(),
            counts[near, before].sum() / len(near),
            counts[near, after].sum() / len(near),
        )
    return found


def _change(windows: Floats, settings: EffectSettings) -> tuple[float, float, float]:
    """The pooled ratio of ratios less 1, and its interval over visits drawn anew."""
    if not len(windows):
        return float("nan"), float("nan"), float("nan")
    rng = np.random.default_rng(settings.seed)
    draws = rng.multinomial(len(windows), np.full(len(windows), 1 / len(windows)), settings.draws)
    sums = draws @ windows
    edge = (1 - settings.share) / 2
    low, high = np.quantile(_ratio(sums), [edge, 1 - edge])
    return float(_ratio(windows.sum(axis=0)[None])[0]) - 1, float(low) - 1, float(high) - 1


def _ratio(sums: Floats) -> Floats:
    # Half a report more in each, so that an empty window has a ratio.
    more = sums + 0.5
    found: Floats = (more[:, 1] / more[:, 0]) / (more[:, 3] / more[:, 2])
    return found
