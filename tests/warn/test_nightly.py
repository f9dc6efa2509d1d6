"""The nightly run: what was known then, what is found, said once, and withheld with a reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from streetwise.warn.calibrate import Budget, fit_tails
from streetwise.warn.cleaning import Settings as Cleaning
from streetwise.warn.cleaning import clean, take
from streetwise.warn.nightly import (
    Calibrated,
    Finding,
    Night,
    NightSettings,
    Shard,
    Standing,
    Street,
    calibrate,
    carried_on,
    follow,
    no_weather,
    run_night,
    run_nights,
    run_shards,
    watch,
)
from streetwise.warn.nightly.calibrated import Told
from streetwise.warn.nightly.local import hoods_of
from streetwise.warn.nightly.replay import counted_days, replay
from streetwise.warn.nightly.sums import surprise, window_scores
from streetwise.warn.scan import ScanSettings
from streetwise.warn.values import Candidate, Places, Reports

FIRST_DAY, DAYS = 15_000, 240
RULES = NightSettings(scan=None, refit_days=14)
SCANNING = replace(RULES, scan=ScanSettings(min_count=5, max_days=5))


def street(side: int = 3, metres: float = 1_000.0) -> Street:
    """side x side places in three rows of regions."""
    at = np.arange(side * side)
    x = ((at % side + 0.5) * metres).astype(np.float64)
    y = ((at // side + 0.5) * metres).astype(np.float64)
    names = tuple(f"p{n}" for n in at)
    places = Places(names, x, y, np.full(side * side, metres * metres))
    return Street(places, (at // side).astype(np.int64), tuple(f"r{n}" for n in range(side)))


def ordinary(seed: int, days: int = DAYS, means: tuple[float, ...] = (6.0, 2.0)) -> Reports:
    """Reports of some categories all over the street, with a weekly pattern and seeded noise."""
    rng = np.random.default_rng(seed)
    day, category = [], []
    for number, mean in enumerate(means):
        week = 1.0 + 0.3 * np.cos(2 * np.pi * np.arange(days) / 7)
        counts = rng.poisson(mean * week)
        day.append(np.repeat(np.arange(days), counts))
        category.append(np.full(int(counts.sum()), number))
    return made(np.concatenate(day), np.concatenate(category), rng, len(means))


def made(
    day: np.ndarray,
    category: np.ndarray,
    rng: np.random.Generator,
    categories: int,
    x: np.ndarray | None = None,
    y: np.ndarray | None = None,
) -> Reports:
    """Reports in order of time, spread over the street where no place is given."""
    order = np.argsort(day, kind="stable")
    count = len(day)
    east = rng.uniform(0, 3_000, count) if x is None else x
    north = rng.uniform(0, 3_000, count) if y is None else y
    return Reports(
        [f"{n}" for n in range(count)],
        FIRST_DAY + day[order].astype(np.int64),
        np.full(count, -1, dtype=np.int64),
        east[order],
        north[order],
        category[order].astype(np.int64),
        np.ones(count, dtype=np.int64),
        tuple(f"c{n}" for n in range(categories)),
    )


def with_more(reports: Reports, seed: int, start: int, days: int, a_day: float) -> Reports:
    """More of category 0 at the middle place."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(a_day, days)
    day = np.r_[reports.day - FIRST_DAY, start + np.repeat(np.arange(days), counts)]
    count = int(counts.sum())
    category = np.r_[reports.category, np.zeros(count, dtype=np.int64)]
    # Apart by more than what counts as a repeat.
    x = np.r_[reports.x, rng.uniform(1_010, 1_990, count)]
    y = np.r_[reports.y, rng.uniform(1_010, 1_990, count)]
    return made(day, category, rng, len(reports.categories), x, y)


def night_of(reports: Reports, at: int, rules: NightSettings = RULES) -> Night:
    """The night of one day of the history."""
    return run_night(reports, street(), no_weather(FIRST_DAY, DAYS), rules, night=FIRST_DAY + at)


@settings(deadline=None)
@given(st.integers(0, 60), st.floats(0.05, 40.0), st.sampled_from([np.inf, 0.5, 3.0, 50.0]))
def test_surprise_is_the_tail_of_the_distribution(seen: int, mean: float, size: float) -> None:
    more = 0.0 if np.isinf(size) else mean * mean / size
    found = surprise(np.array([float(seen)]), np.array([mean]), np.array([more]))[0]
    known = poisson(mean) if np.isinf(size) else nbinom(size, size / (size + mean))
    assert found == pytest.approx(-known.logsf(seen - 1), rel=1e-6, abs=1e-9)


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=8, max_size=30),
    st.integers(1, 7),
    st.sampled_from([None, 0.01, 0.5]),
)
def test_windows_are_sums_of_their_days(row: list[int], width: int, unsure: float | None) -> None:
    counts = np.array([row])
    mean = np.linspace(0.5, 3.0, len(row))[None, :]
    mean[0, 0] = np.nan
    size = np.full(mean.shape, 4.0)
    beside = None if unsure is None else np.linspace(unsure, 2 * unsure, len(row))[None, :]
    found = window_scores(counts, mean, size, (width,), 2, beside)[0, 0]
    for end in range(len(row)):
        days = slice(end + 1 - width, end + 1)
        if end + 1 < width or np.isnan(mean[0, days]).any():
            assert np.isnan(found[end])
            continue
        due, seen = mean[0, days].sum(), counts[0, days].sum()
        spread = (mean[0, days] ** 2).sum() / 4.0
        if beside is not None:
            spread += due * due * beside[0, end]
        exact = surprise(np.array([float(seen)]), np.array([due]), np.array([spread]))[0]
        assert found[end] == pytest.approx(exact if seen >= 2 else 0.0)


@pytest.mark.parametrize("scan_finds", [False, True])
def test_a_doubling_is_said_once_with_its_evidence_and_then_it_is_over(scan_finds: bool) -> None:
    reports = with_more(ordinary(1), 2, start=200, days=10, a_day=9.0)
    rules = replace(SCANNING, scan_finds=scan_finds)
    nights = run_nights(reports, street(), no_weather(FIRST_DAY, DAYS), rules)
    mine = [
        one
        for one in nights.warnings
        if one.finding.candidate.category == 0 and 200 <= one.first_night - FIRST_DAY <= 203
    ]
    assert len(mine) == 1
    warning = mine[0]
    assert warning.state == "over"
    told = [one for night, one in nights.telling if night == warning.first_night]
    first = max(told, key=lambda one: one.candidate.observed)
    assert first.factor > 1.5
    assert first.candidate.observed > first.candidate.expected
    assert first.candidate.recurrence_days >= nights.thresholds[-1][1] / 3
    assert not first.candidate.places or 4 in first.candidate.places
    night = run_night(
        reports, street(), no_weather(FIRST_DAY, DAYS), rules, night=warning.first_night
    )
    (said,) = (one.finding for one in night.said if one.finding.candidate.category == 0)
    assert said.mostly_at == (4,)


def test_a_storm_is_told_though_a_small_warning_of_its_kind_stands() -> None:
    def of(night: int, factor: float) -> Finding:
        count = round(10 * factor)
        seen = Candidate("count", 0, (), night, night, count, 10.0, 9.0, recurrence_days=100.0)
        return Finding(seen, 100.0, factor, False, ("count",), "street", -1, ())

    standing: list[Standing] = []
    told = []
    for night, factor in ((1, 2.0), (2, 8.0), (3, 12.0), (4, 12.0), (5, 70.0)):
        standing, _ = follow(standing, [of(night, factor)], night, Budget(jump_times=5.0))
        (one,) = standing
        told.append(one.told)
    # 8 is less than 5 times 2, 12 is more; from then on 12 is what is known.
    assert told == [(1,), (1,), (1, 3), (1, 3), (1, 3, 5)]


def test_the_scan_says_where_a_finding_of_the_street_mostly_is_and_finds_nothing() -> None:
    # Without regions nothing but the scan can say a place.
    whole = Street.of(street().places)
    reports = with_more(ordinary(1), 2, start=200, days=10, a_day=9.0)
    calendar = no_weather(FIRST_DAY, DAYS)
    said = {}
    for rules in (RULES, SCANNING):
        night = run_night(reports, whole, calendar, rules, night=FIRST_DAY + 203)
        (said[rules],) = (one for one in night.said if one.finding.candidate.category == 0)
    plain, scanned = said[RULES].finding, said[SCANNING].finding
    assert "scan" not in plain.agreeing
    assert plain.mostly_at == ()
    assert "scan" in scanned.agreeing
    assert scanned.mostly_at == (4,)
    assert scanned.candidate == plain.candidate
    assert scanned.weighed_days == plain.weighed_days


def test_a_night_is_the_same_alone_and_carried_on_from_the_night_before() -> None:
    reports = with_more(ordinary(3), 4, start=150, days=14, a_day=12.0)
    before = night_of(reports, 151)
    alone = night_of(reports, 152)
    on = run_night(
        reports,
        street(),
        no_weather(FIRST_DAY, DAYS),
        RULES,
        night=FIRST_DAY + 152,
        replayed=before.replayed,
        previous=before.said,
    )
    assert np.allclose(on.replayed.tests, alone.replayed.tests, equal_nan=True)
    assert on.threshold_days == pytest.approx(alone.threshold_days)
    seen = {(one.finding.candidate.category, one.finding.candidate.places) for one in on.said}
    assert seen >= {
        (one.finding.candidate.category, one.finding.candidate.places) for one in alone.said
    }
    assert {one.state for one in on.said if one.first_night < FIRST_DAY + 152} <= {
        "ongoing",
        "over",
    }


def test_a_night_knows_nothing_of_the_days_after_it() -> None:
    quiet = ordinary(5)
    loud = with_more(quiet, 6, start=161, days=30, a_day=30.0)
    one, other = night_of(quiet, 160), night_of(loud, 160)
    assert np.array_equal(one.replayed.tests, other.replayed.tests, equal_nan=True)
    assert one.threshold_days == other.threshold_days


def test_expectations_of_a_replay_are_made_before_their_night() -> None:
    reports = ordinary(7, days=120)
    watched = watch(reports, street(), FIRST_DAY, FIRST_DAY + 119, 0.2)
    calendar = no_weather(FIRST_DAY, 120)
    found = replay(
        watched,
        calendar,
        hoods_of(street()),
        RULES,
        first_night=FIRST_DAY + 28,
        last_night=FIRST_DAY + 119,
    )
    changed = watched.series.counts.copy()
    changed[:, 100:] += 50
    later = replace(watched, series=replace(watched.series, counts=changed))
    again = replay(
        later, calendar, None, RULES, first_night=FIRST_DAY + 28, last_night=FIRST_DAY + 119
    )
    # Refitted every 14 nights from the 28th day on: the 98th, the 112th.
    assert np.array_equal(found.mean[:, : 112 - 28], again.mean[:, : 112 - 28])
    assert not np.array_equal(found.mean[:, 112 - 28 :], again.mean[:, 112 - 28 :])


def test_silent_days_are_missing_and_not_zero() -> None:
    reports = ordinary(15, days=120, means=(12.0, 12.0))
    rules = replace(RULES, cleaning=Cleaning(repeat_metres=0.0))
    silent = (reports.day >= FIRST_DAY + 80) & (reports.day < FIRST_DAY + 90)
    kept = take(reports, np.flatnonzero(~(silent & (reports.category == 0))))
    cleaned = clean(kept, rules.cleaning)
    watched = watch(cleaned.reports, street(), FIRST_DAY, FIRST_DAY + 119, 0.2)
    counted = counted_days(cleaned, watched)
    assert not counted[0, 80:90].any()
    assert counted[0].sum() == 110
    assert counted[1].all()
    made = {}
    for name, flags in (("as zeros", None), ("as missing", counted)):
        made[name] = replay(
            watched,
            no_weather(FIRST_DAY, 120),
            None,
            rules,
            first_night=FIRST_DAY + 28,
            last_night=FIRST_DAY + 119,
            counted=flags,
        )
    # Learned again on the 84th, 98th and 112th day: zeros pull down what is expected.
    fresh = slice(98 - 28, None)
    assert made["as missing"].mean[0, fresh].mean() > 1.05 * made["as zeros"].mean[0, fresh].mean()
    assert 11.0 < made["as missing"].mean[0, fresh].mean() < 13.0
    scores = made["as missing"].tests[:, 0]
    for test, width in enumerate(rules.windows_days):
        touched = slice(80 - 28, 90 - 28 + width - 1)
        assert np.isnan(scores[test, touched]).all()
        assert np.isfinite(scores[test, touched.stop :]).all()
    assert np.isfinite(made["as missing"].tests[0, 1]).all()


def test_false_ones_are_counted_on_the_replay_and_not_computed_from_categories() -> None:
    # Once in ten weeks something came that recurs in 100 days or more; nothing in 1,000.
    night = np.arange(0, 700, 70)
    none = np.zeros(len(night), dtype=bool)
    days = np.full(len(night), 100.0)
    told = Told(night, night * 0, days, none, [None] * len(night), Budget(), None)
    known = replace(_calibrated(), told=told, played=700)
    one = known.false_shares(np.array([90.0]))
    assert one == pytest.approx([11 / 701])
    # The second of two shares its night with the first; order does not matter.
    two = known.false_shares(np.array([90.0, 1_000.0]))
    assert two == pytest.approx([11 / 701 / 2, 1 / 701])
    assert known.false_shares(np.zeros(0)).shape == (0,)
    # Where nothing was counted nothing is known.
    assert _calibrated().false_shares(np.array([90.0])) == pytest.approx([1.0])


def _calibrated() -> Calibrated:
    """Of nothing: for what does not depend on tails."""
    tails = fit_tails(np.zeros((1, 1)), np.zeros(1, dtype=np.int64))
    return Calibrated(tails, np.ones((1, 1), dtype=bool), tails, 0.0, 0)


def test_a_week_that_is_full_has_room_for_what_is_beyond_all_history() -> None:
    def of(category: int, days: float, at_least: bool) -> Finding:
        seen = Candidate("count", category, (), 9, 9, 40, 10.0, 9.0, recurrence_days=days)
        return Finding(seen, days, 4.0, at_least, ("count",), "street", -1)

    # Seldom but within history, beyond all of it, and beyond a history that is short.
    found = [of(0, 900.0, False), of(1, 900.0, True), of(2, 50.0, True)]
    standing, crowded = follow([], found, 9, Budget(), room=0)
    assert [one.finding.candidate.category for one in standing] == [1]
    assert [one.candidate.category for one in crowded] == [0, 2]
    # And the threshold is counted as it is told.
    night, days = np.array([1, 1]), np.array([900.0, 900.0])
    category, places = np.array([0, 1]), [None, None]
    for beyond, count in (([False, False], 1), ([False, True], 2)):
        told = Told(night, category, days, np.array(beyond), places, Budget(), most_a_week=1)
        assert told.warnings(30.0) == count


def test_only_small_series_look_over_two_weeks() -> None:
    reports = ordinary(16, means=(9.0, 2.0, 0.3))
    watched = watch(reports, Street.of(street().places), FIRST_DAY, FIRST_DAY + DAYS - 1, 0.2)
    night = FIRST_DAY + DAYS - 1
    made = replay(
        watched, no_weather(FIRST_DAY, DAYS), None, RULES, first_night=night - 100, last_night=night
    )  # fmt: skip
    known = calibrate(watched, made, RULES, night)
    over = {width: known.looked[test].tolist() for test, width in enumerate(RULES.windows_days)}
    assert over[7] == [True, True, True]
    assert over[14] == [False, True, False]
    # A score that is not looked at is not the strangest, however strange.
    tests = made.tests[:, :, -1:].copy()
    tests[-1] = 600.0
    found = known.kinds(watched, tests, made.scan[:, -1:])
    assert RULES.windows_days[found.test[0, 1, 0]] == 14
    assert RULES.windows_days[found.test[0, 0, 0]] != 14


def test_nights_that_are_left_out_teach_nothing_of_themselves() -> None:
    watched = watch(ordinary(18), street(), FIRST_DAY, FIRST_DAY + DAYS - 1, 0.2)
    night = FIRST_DAY + DAYS - 1
    made = replay(
        watched, no_weather(FIRST_DAY, DAYS), None, RULES, first_night=night - 56, last_night=night
    )  # fmt: skip
    wild = made.tests.copy()
    wild[:, :, 14:21] = 200.0
    probe = np.full(made.tests.shape[0] * made.tests.shape[1], 8.0)
    found = [
        calibrate(watched, replace(made, tests=tests), RULES, night, None, without)
        .by_test.log_recurrence(probe)
        for tests in (made.tests, wild)
        for without in (slice(14, 21), None)
    ]  # fmt: skip
    assert np.array_equal(found[0], found[2])
    assert not np.array_equal(found[1], found[3])


def test_a_young_replay_has_a_threshold_from_its_first_night_on() -> None:
    reports = ordinary(17, means=(6.0, 2.0, 4.0, 3.0, 8.0, 5.0))
    nights = run_nights(reports, street(), no_weather(FIRST_DAY, DAYS), RULES)
    first = nights.thresholds[0]
    assert first[0] == nights.first_night
    assert first[1] > RULES.budget.shortest_days


def test_no_budget_withholds_all_and_says_why() -> None:
    reports = with_more(ordinary(8), 9, start=200, days=5, a_day=25.0)
    rules = replace(RULES, budget=Budget(a_week=0.0))
    said = night_of(reports, 203)
    silent = night_of(reports, 203, rules)
    assert any(one.finding.candidate.category == 0 for one in said.said)
    assert silent.said == []
    assert {one.reason for one in silent.withheld} == {"budget"}


def test_a_young_replay_is_silent_and_says_why() -> None:
    reports = with_more(ordinary(10), 11, start=44, days=5, a_day=40.0)
    found = night_of(reports, 46)
    assert found.said == []
    assert {one.reason for one in found.withheld} == {"history"}
    with pytest.raises(ValueError, match="history"):
        night_of(reports, 10)


def test_piles_typed_in_at_one_point_are_noted_and_not_warned() -> None:
    plain = ordinary(12)
    rng = np.random.default_rng(13)
    day = np.r_[plain.day - FIRST_DAY, np.full(60, 210)]
    category = np.r_[plain.category, np.zeros(60, dtype=np.int64)]
    x, y = np.r_[plain.x, np.full(60, 321.0)], np.r_[plain.y, np.full(60, 123.0)]
    found = night_of(made(day, category, rng, 2, x, y), 210)
    assert any(note.kind == "batch" and note.count >= 60 for note in found.notes)
    assert not [one for one in found.said if one.finding.candidate.category == 0]


def test_shards_give_each_street_its_night_and_a_broken_one_its_error() -> None:
    shard = Shard("a", ordinary(14), street(), no_weather(FIRST_DAY, DAYS), FIRST_DAY + 120, RULES)
    broken = replace(shard, name="b", night=FIRST_DAY + 3)
    found = dict(run_shards([shard, broken]))
    assert isinstance(found["a"], Night)
    assert isinstance(found["b"], ValueError)
    following = carried_on(shard, found["a"], shard.reports)
    assert following.night == shard.night + 1
    assert dict(run_shards([following]))["a"].night == following.night  # type: ignore[union-attr]


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000))
def test_settings_that_make_no_sense_are_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="windows_days"):
        NightSettings(windows_days=(seed % 3 - 3,))
    with pytest.raises(ValueError, match="budget"):
        NightSettings(budget=Budget(a_week=-1.0 - seed))
    with pytest.raises(ValueError, match="longest_days"):
        NightSettings(windows_days=(2 + seed,), longest_days=(7, 1, 7))
