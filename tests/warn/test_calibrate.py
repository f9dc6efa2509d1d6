"""Calibrate: recurrence and budget keep what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from streetwise.warn.calibrate import (
    Budget,
    Tails,
    TailSettings,
    fit_tails,
    runs,
    shuffled,
    shuffled_days,
    strata,
    threshold_days,
    tops,
)
from streetwise.warn.values import Floats, Reports


def windowed(seed: int, kinds: int, nights: int, spread: float = 1.2) -> Floats:
    """Scores of overlapping windows over noise that is wider than the model believes."""
    noise = np.random.default_rng(seed).normal(size=(kinds, nights + 2))
    sums = (noise[:, 2:] + noise[:, 1:-1] + noise[:, :-2]) / np.sqrt(3.0)
    return np.asarray(-norm.logsf(sums * spread))


def within_chance(seen: int, promised: float, spread: float = 3.0) -> bool:
    """Whether a count of rare things is what was promised, give or take ``spread`` deviations."""
    return bool(abs(seen - promised) <= spread * np.sqrt(promised))


@pytest.mark.parametrize("days", [60.0, 120.0, 400.0])
def test_what_recurs_once_in_n_days_does_on_fresh_nights(days: float) -> None:
    past, fresh = windowed(1, 80, 500), windowed(2, 80, 500)
    tails = fit_tails(past, np.zeros(80, dtype=np.int64))
    seen = len(runs(tails.recurrence(fresh), days, 7))
    # What is learned from the past has its own chance: twice the variance of the count itself.
    assert within_chance(seen, 80 * 500 / days, spread=3.0 * np.sqrt(2.0))


def test_a_wrong_model_is_found_out() -> None:
    scores = windowed(3, 40, 400, spread=1.6)
    believed = np.exp(scores)
    tails = fit_tails(scores, np.zeros(40, dtype=np.int64))
    promised = 40 * 400 / 100
    assert len(runs(believed, 100.0, 7)) > 3 * promised
    assert within_chance(len(runs(tails.recurrence(scores), 100.0, 7)), promised)


def test_a_short_past_with_events_in_it_borrows_its_threshold_from_its_kin() -> None:
    scores = windowed(5, 30, 365)
    scores[0, 40:] = np.nan
    scores[0, [5, 25]] = 60.0
    alike = np.zeros(30, dtype=np.int64)
    by_itself = fit_tails(scores, alike, TailSettings(prior_threshold=1e-6))
    tails = fit_tails(scores, alike)
    # Two peaks are all that a threshold of its own would rest on.
    assert by_itself.threshold[0] == pytest.approx(60.0)
    kin = np.median(tails.threshold[1:])
    assert tails.threshold[0] - kin < 0.3 * (60.0 - kin)
    assert (np.abs(tails.threshold[1:] - by_itself.threshold[1:]) < 1.0).all()


def test_a_kind_without_kin_has_the_threshold_of_its_own_peaks() -> None:
    scores = windowed(6, 1, 200)
    alone = np.zeros(1, dtype=np.int64)
    much = fit_tails(scores, alone, TailSettings(prior_threshold=50))
    assert fit_tails(scores, alone).threshold == pytest.approx(much.threshold)


def test_a_threshold_without_any_prior_is_refused() -> None:
    with pytest.raises(ValueError, match="prior_threshold"):
        fit_tails(windowed(7, 2, 60), np.zeros(2, dtype=np.int64), TailSettings(prior_threshold=0))


def test_an_event_in_the_past_does_not_make_a_category_deaf() -> None:
    scores = windowed(4, 30, 365)
    clean = fit_tails(scores, np.zeros(30, dtype=np.int64))
    hit = scores.copy()
    hit[0, 200:206] = 400.0
    tails = fit_tails(hit, np.zeros(30, dtype=np.int64))
    probe = np.full((30, 1), 9.0)
    assert tails.recurrence(probe)[0, 0] > 0.4 * clean.recurrence(probe)[0, 0]


def test_events_in_the_past_make_intervals_shorter_and_confirmed_ones_do_not_count() -> None:
    scores = windowed(5, 20, 365)
    hit, out = scores.copy(), np.zeros(scores.shape, dtype=bool)
    for kind in range(20):
        hit[kind, 100:105] = hit[kind, 220:225] = 14.0
        out[kind, 95:110] = out[kind, 215:230] = True
    group = np.zeros(20, dtype=np.int64)
    probe = np.full((20, 1), 12.0)
    clean = np.median(fit_tails(scores, group).recurrence(probe))
    raw = np.median(fit_tails(hit, group).recurrence(probe))
    confirmed = np.median(fit_tails(hit, group, leave_out=out).recurrence(probe))
    assert raw < 0.5 * clean
    assert confirmed > raw


def test_a_longer_interval_than_history_can_say_is_at_least_that() -> None:
    scores = windowed(6, 10, 100)
    rules = TailSettings(reach=3.0)
    tails = fit_tails(scores, np.zeros(10, dtype=np.int64), rules)
    probe = np.full((10, 1), 300.0)
    assert tails.at_least(probe).all()
    assert np.allclose(tails.recurrence(probe), 10 * 100 * 3.0)
    assert not tails.at_least(np.full((10, 1), 4.0)).any()


def test_nothing_seen_is_no_finding() -> None:
    scores = np.zeros((3, 50))
    scores[2] = np.nan
    tails = fit_tails(scores, np.zeros(3, dtype=np.int64))
    assert (tails.recurrence(scores) == 0).all()


def _tails(seed: int) -> Tails:
    group = np.arange(12, dtype=np.int64) % 3
    return fit_tails(windowed(seed, 12, 120), group)


@given(st.integers(0, 30), st.floats(0.01, 80.0), st.floats(0.0, 20.0))
def test_a_larger_score_never_recurs_more_often(seed: int, score: float, more: float) -> None:
    tails = _tails(seed)
    low = tails.recurrence(np.full((12, 1), score))
    high = tails.recurrence(np.full((12, 1), score + more))
    assert np.isfinite(low).all()
    assert (high >= low * (1 - 1e-12)).all()


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(0, 5), st.integers(1, 9))
def test_runs_are_what_counting_by_hand_gives(row: list[int], gap: int, threshold: int) -> None:
    found = runs(np.array([row], dtype=np.float64), float(threshold), gap)
    expected: list[tuple[int, int]] = []
    for night, value in enumerate(row):
        if value < threshold:
            continue
        if expected and night - expected[-1][1] <= gap:
            expected[-1] = (expected[-1][0], night)
        else:
            expected.append((night, night))
    assert list(zip(found.first.tolist(), found.last.tolist(), strict=True)) == expected
    assert found.top.tolist() == [max(row[a : b + 1]) for a, b in expected]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=50), st.integers(0, 4))
def test_tops_lie_apart_and_every_night_has_one_at_least_as_high_near(
    row: list[int], gap: int
) -> None:
    scores = np.array([row], dtype=np.float64)
    at = np.flatnonzero(tops(scores, gap)[0])
    assert (np.diff(at) > gap).all()
    highest = max(row)
    assert (highest == 0) == (len(at) == 0)
    if highest:
        assert scores[0, at].max() == highest


def test_the_budget_is_kept_and_used() -> None:
    scores = windowed(7, 40, 700)
    days = fit_tails(scores, np.zeros(40, dtype=np.int64)).recurrence(scores)
    for a_week in (0.5, 1.0, 2.0):
        budget = Budget(a_week=a_week, shortest_days=2.0)
        found = threshold_days(days.ravel(), lambda at: len(runs(days, at, 3)), 700, budget)
        said = len(runs(days, found, 3))
        assert said <= a_week * 100
        assert said >= a_week * 100 - 3


def test_no_budget_says_nothing_and_a_large_one_stops_at_the_shortest_interval() -> None:
    days = np.array([[20.0, 40.0, 400.0]])
    count = lambda at: len(runs(days, at, 0))  # noqa: E731
    assert threshold_days(days.ravel(), count, 3, Budget(a_week=0.0)) > 400.0
    assert threshold_days(days.ravel(), count, 3, Budget(a_week=99.0, shortest_days=14.0)) == 14.0


def test_shuffling_keeps_days_whole_and_within_their_stratum() -> None:
    rng = np.random.default_rng(8)
    day = np.sort(rng.integers(1000, 1120, 600))
    reports = Reports(
        [str(n) for n in range(600)],
        day,
        np.full(600, -1),
        rng.normal(size=600),
        rng.normal(size=600),
        rng.integers(0, 3, 600),
        np.ones(600, dtype=np.int64),
        ("a", "b", "c"),
    )
    days = np.arange(1000, 1120)
    stratum = strata(days, np.zeros(120, dtype=np.int64), season_days=60)
    made = shuffled(reports, 1000, stratum, np.random.default_rng(9))
    assert sorted(made.ids) == sorted(reports.ids)
    assert (np.diff(made.day) >= 0).all()
    new = dict(zip(made.ids, made.day.tolist(), strict=True))
    moved: dict[int, set[int]] = {}
    for one, old in zip(reports.ids, reports.day.tolist(), strict=True):
        moved.setdefault(old, set()).add(new[one])
        assert (new[one] - old) % 7 == 0
    assert all(len(where) == 1 for where in moved.values())
    assert any(old not in where for old, where in moved.items())
    order = shuffled_days(days, np.zeros(120, dtype=np.int64), np.random.default_rng(9))
    assert sorted(order.tolist()) == days.tolist()
