"""Whether it got faster: against plain definitions, against what was planted, and by chance."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.resolve.speed.engine import (
    Ratio,
    Sample,
    Strata,
    crude,
    quantile,
    ratio,
    share_done,
    strata,
    within,
)
from streetwise.town import handling

HOUR = 3600.0
SHANGHAI = ZoneInfo("Asia/Shanghai")


def sample(hours: Any, done: Any = True, week: Any = None) -> Sample:
    seconds = np.asarray(hours, dtype=np.float64) * HOUR
    ended = np.broadcast_to(np.asarray(done, dtype=bool), seconds.shape).copy()
    weeks = np.arange(len(seconds)) % 13 if week is None else np.asarray(week)
    return Sample(seconds, ended, weeks.astype(np.int64))


def drawn(seed: int, size: int, median: float, sigma: float = 1.5) -> Sample:
    rng = np.random.default_rng(seed)
    return sample(median * np.exp(sigma * rng.standard_normal(size)))


def alike(before: Sample, after: Sample) -> Strata:
    return Strata(np.zeros(len(before), np.int64), np.zeros(len(after), np.int64))


def found(before: Sample, after: Sample, like: Strata | None = None) -> Ratio:
    told = ratio(before, after, like or alike(before, after))
    assert told is not None
    return told


# --- against plain definitions ----------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 5.0))
def test_without_open_cases_it_is_the_median_of_all_pairs(seed: int, factor: float) -> None:
    before, after = drawn(seed, 31, 20.0), drawn(seed + 1, 26, 20.0 * factor)
    pairs = np.log(after.seconds)[:, None] - np.log(before.seconds)[None, :]
    assert found(before, after).ratio == pytest.approx(np.exp(np.median(pairs)), rel=1e-4)


def plainly(before: Sample, after: Sample, like: Strata, shift: float) -> float:
    """Pair by pair: +1 where now is known to be shorter, -1 where it is known to be longer."""
    total = 0.0
    for stratum in set(like.before) & set(like.after):
        ours, theirs = np.flatnonzero(like.before == stratum), np.flatnonzero(like.after == stratum)
        weight = 1 / (len(ours) + len(theirs) + 1)
        for i in ours:
            for j in theirs:
                one, two = np.log(before.seconds[i]), np.log(after.seconds[j]) - shift
                if after.done[j] and (two < one or (two == one and not before.done[i])):
                    total += weight
                if before.done[i] and (one < two or (two == one and not after.done[j])):
                    total -= weight
    return total


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_with_open_cases_and_strata_pairs_balance_at_the_estimate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, two = (
        sample(np.round(30 * np.exp(rng.standard_normal(45)), 1) + 0.1, rng.random(45) < 0.8)
        for _ in range(2)
    )
    like = Strata(rng.integers(0, 4, 45), rng.integers(0, 4, 45))
    told = found(one, two, like)
    middle = np.log(told.ratio)
    assert plainly(one, two, like, middle - 0.02) <= plainly(one, two, like, middle + 0.02)
    assert plainly(one, two, like, middle - 1e-3) <= 1e-9 or told.ratio == told.low
    assert plainly(one, two, like, middle + 1e-3) >= -1e-9 or told.ratio == told.high
    assert told.low <= told.ratio <= told.high


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 10.0))
def test_times_twice_as_long_are_twice_as_long(seed: int, factor: float) -> None:
    before, after = drawn(seed, 60, 2000.0), drawn(seed + 1, 60, 2000.0)
    longer = Sample(after.seconds * factor, after.done, after.week)
    one, other = found(before, after), found(before, longer)
    for name in ("ratio", "low", "high"):
        assert getattr(other, name) == pytest.approx(factor * getattr(one, name), rel=1e-3)


def test_turned_round_it_is_the_inverse() -> None:
    before, after = drawn(1, 200, 20.0), drawn(2, 150, 12.0)
    one, other = found(before, after), found(after, before)
    assert one.ratio * other.ratio == pytest.approx(1, rel=1e-3)
    assert one.low * other.high == pytest.approx(1, rel=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=40))
def test_the_share_done_is_the_product_over_each_moment(cases: list[tuple[int, bool]]) -> None:
    told = sample([hours for hours, _ in cases], [done for _, done in cases])
    for hour in (0, 1, 7, 40):
        open_still = 1.0
        for moment in sorted({hours for hours, done in cases if done and hours <= hour}):
            watched = sum(hours >= moment for hours, _ in cases)
            ended = sum(done and hours == moment for hours, done in cases)
            open_still *= 1 - ended / watched
        assert share_done(told, np.array([hour * HOUR]))[0] == pytest.approx(1 - open_still)


def test_quantiles_reach_no_farther_than_what_is_done() -> None:
    told = sample([1, 2, 3, 4], [True, True, False, False])
    assert quantile(told, 0.5) == 2 * HOUR
    assert quantile(told, 0.9) is None
    assert quantile(sample([]), 0.5) is None


# --- open cases, mix, little data -------------------------------------------------------------


def test_recent_cases_that_are_still_open_do_not_flatter() -> None:
    """The same office: the ended ones of a month that is half over are the quick ones."""
    rng = np.random.default_rng(5)
    before = drawn(6, 1500, 48.0)
    times = 48.0 * np.exp(1.5 * rng.standard_normal(1500))
    followed = rng.uniform(1, 30 * 24, 1500)
    done = times <= followed
    after = sample(np.minimum(times, followed), done)
    told = found(before, after)
    naive = found(before, after.take(done))
    assert told.low < 1 < told.high
    assert naive.high < 1


def test_a_changed_mix_is_no_change_of_speed() -> None:
    quick, slow = drawn(1, 2000, 4.0, 0.8), drawn(2, 2000, 100.0, 0.8)
    before = Sample(*(np.concatenate([getattr(quick, n)[:500], getattr(slow, n)[:1500]])
                      for n in ("seconds", "done", "week")))  # fmt: skip
    after = Sample(*(np.concatenate([getattr(quick, n)[500:2000], getattr(slow, n)[1500:2000]])
                     for n in ("seconds", "done", "week")))  # fmt: skip
    like = strata([("q",)] * 500 + [("s",)] * 1500, [("q",)] * 1500 + [("s",)] * 500)
    told, mixed = found(before, after, like), crude(before, after)
    assert mixed is not None
    assert told.low < 1 < told.high
    assert mixed.ratio < 0.5


def test_what_nothing_is_like_is_left_out_and_counted() -> None:
    keys = [(("lamp", 1), "lamp")] * 5 + [(("lamp", 2), "lamp")] * 2 + [(("hole", 1), "hole")] * 4
    theirs = [(("lamp", 1), "lamp")] * 3 + [(("lamp", 3), "lamp")] * 4 + [(("bin", 1), "bin")]
    like = strata(keys, theirs)
    # At the same unit; then those of the class that are left, too few before; holes only before.
    assert [len(set(like.before[:5])), len(set(like.after[:3]))] == [1, 1]
    assert like.before[0] == like.after[0] >= 0
    assert like.left_out == (6, 5)
    more = strata([*keys, (("lamp", 4), "lamp")], theirs)
    assert more.left_out == (4, 1)
    assert more.before[5] == more.before[-1] == more.after[3] != more.before[0]


def test_of_too_few_nothing_is_said() -> None:
    few = sample(np.arange(1, 30), np.arange(29) < 19)
    assert ratio(few, drawn(1, 100, 10.0), alike(few, drawn(1, 100, 10.0))) is None


def test_what_takes_longer_than_the_window_was_open_then() -> None:
    told = within(sample([1, 5, 9], [True, True, False]), 4 * HOUR)
    assert list(told.seconds / HOUR) == [1, 4, 4]
    assert list(told.done) == [True, False, False]


# --- the interval -----------------------------------------------------------------------------


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Two hundred quarters of an office whose weeks are good or bad as a whole."""
    rng = np.random.default_rng(11)

    def quarter(factor: float) -> Sample:
        week = rng.integers(0, 13, 150)
        queue = 0.3 * rng.standard_normal(13)
        times = 20 * factor * np.exp(rng.standard_normal(150) + queue[week])
        return sample(times, week=week)

    holds = 0
    for _ in range(200):
        told = found(quarter(1.0), quarter(0.8))
        holds += told.low <= 0.8 <= told.high
    # Of 200 at 95 %, fewer than 180 happens once in a thousand times.
    assert holds >= 180


def planted(day: datetime, count: int, rng: random.Random) -> Sample:
    """From dispatch to report of urgent cases of the town, which no office hours distort."""
    hours, weeks = [], []
    for _ in range(count):
        began = day + timedelta(days=rng.randrange(90), minutes=rng.randrange(1440))
        weeks.append(began.toordinal() // 7)
        at = began
        for action in ("start", "report"):
            at = handling.when(action, at, urgent=True, rng=rng)
        hours.append((at - began).total_seconds() / 3600)
    return sample(hours, week=weeks)


def test_what_the_town_plants_is_found_and_a_placebo_is_not() -> None:
    rng = random.Random(21)
    before = planted(datetime(2025, 7, 1, tzinfo=SHANGHAI), 6000, rng)
    placebo = planted(datetime(2025, 9, 30, tzinfo=SHANGHAI), 6000, rng)
    after = planted(datetime(2026, 7, 1, tzinfo=SHANGHAI), 6000, rng)
    truth = 1 - handling.QUICKER_BY
    told, nothing = found(before, after), found(before, placebo)
    assert told.low <= truth <= told.high
    assert told.high < 0.85
    assert nothing.low <= 1 <= nothing.high
