"""A young street: EARS, with recurrence counted over the few nights there are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.warn.calibrate import Budget
from streetwise.warn.nightly import NightSettings, Standing, Street, run_young
from streetwise.warn.nightly.cells import Cells
from streetwise.warn.nightly.layout import Watched
from streetwise.warn.nightly.young import (
    BASELINE_DAYS,
    YOUNG_FROM_DAYS,
    judged,
    recurrences,
    scored,
)
from streetwise.warn.values import Ints, Places, Reports, Series

FIRST_DAY = 20_000
RULES = NightSettings(scan=None)
WEEK = 7


def watched(counts: Ints) -> Watched:
    """Counts of a street without places, a category a row."""
    rows = len(counts)
    whole = np.full(rows, -1, dtype=np.int64)
    series = Series(counts, FIRST_DAY, whole, np.arange(rows, dtype=np.int64), whole)
    nowhere = Street.of(Places((), np.zeros(0), np.zeros(0), np.zeros(0)))
    return Watched(
        nowhere,
        tuple(f"c{n}" for n in range(rows)),
        series,
        Cells.counted(np.zeros((rows, 0, counts.shape[1]), dtype=np.int64)),
        np.zeros(rows, dtype=np.bool_),
    )


def standing(counts: Ints, rules: NightSettings = RULES) -> list[Standing]:
    """What stands after the last night of counts."""
    return judged(watched(counts), rules).standing


def said(counts: Ints, rules: NightSettings = RULES) -> list[tuple[int, int]]:
    """Night (its column) and category of all that was ever said, in order."""
    found: dict[str, tuple[int, int]] = {}
    for days in range(1, counts.shape[1] + 1):
        for one in standing(counts[:, :days], rules):
            found[one.identity] = (one.first_night - FIRST_DAY, one.finding.candidate.category)
    return sorted(found.values())


@pytest.mark.parametrize("level", [0, 1, 6, 200])
@pytest.mark.parametrize("days", [1, 9, 13, 14, 56])
def test_what_is_always_the_same_is_never_said(level: int, days: int) -> None:
    counts = np.full((3, days), level, dtype=np.int64)
    night = judged(watched(counts), RULES)
    assert night.standing == []
    assert np.isfinite(night.mean).all()


@pytest.mark.parametrize("at", [YOUNG_FROM_DAYS - 1, 20, 40, 55])
def test_a_spike_is_said_on_its_day_as_the_strangest_so_far(at: int) -> None:
    counts = np.full((3, 56), 2, dtype=np.int64)
    counts[1, at] = 30
    assert said(counts) == [(at, 1)]
    (one,) = standing(counts[:, : at + 1])
    of = one.finding.candidate
    assert (of.method, of.observed, of.first_day) == ("ears", 30, FIRST_DAY + at)
    assert of.expected == pytest.approx(2.0)
    assert of.recurrence_days == at + 1 - BASELINE_DAYS
    assert one.finding.at_least
    assert one.finding.agreeing == ("ears",)


def test_few_reports_are_no_finding_however_few_were_usual() -> None:
    counts = np.zeros((1, 30), dtype=np.int64)
    counts[0, -1] = RULES.least - 1
    assert standing(counts) == []
    counts[0, -1] = RULES.least
    assert len(standing(counts)) == 1


def test_before_two_weeks_nothing_is_said_and_no_budget_says_nothing() -> None:
    counts = np.ones((1, 20), dtype=np.int64)
    counts[0, -1] = 40
    assert standing(counts[:, -(YOUNG_FROM_DAYS - 1) :]) == []
    assert len(standing(counts[:, -YOUNG_FROM_DAYS:])) == 1
    assert standing(counts, replace(RULES, budget=Budget(a_week=0.0))) == []


def test_a_large_cluster_in_a_part_of_the_street_is_said_of_that_part() -> None:
    rng = np.random.default_rng(5)
    places = Places(("a", "b"), np.array([0.0, 900.0]), np.zeros(2), np.full(2, 1e5))
    street = Street(places, np.array([0, 1]), ("A", "B"))
    days = np.r_[np.repeat(np.arange(40), 2), np.full(12, 39)]
    x = np.r_[np.tile([0.0, 900.0], 40), np.full(12, 900.0)] + rng.uniform(-300, 300, 92)
    order = np.argsort(days, kind="stable")
    reports = Reports(
        [str(n) for n in range(92)],
        FIRST_DAY + days[order],
        np.full(92, -1),
        x[order],
        rng.uniform(-5_000, 5_000, 92),
        np.zeros(92, dtype=np.int64),
        np.ones(92, dtype=np.int64),
        ("c",),
    )
    (one,) = run_young(reports, street, RULES, night=FIRST_DAY + 39).standing
    assert one.finding.level == "region"
    assert one.finding.candidate.places == (1,)
    with pytest.raises(ValueError, match="no report"):
        run_young(reports, street, RULES, night=FIRST_DAY - 1)


COUNTS = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).negative_binomial(
        0.7, 0.7 / (0.7 + np.exp(np.random.default_rng(seed).normal(0.5, 1.2, (12, 1)))), (12, 56)
    )
)


@settings(max_examples=30, deadline=None)
@given(COUNTS, st.integers(14, 56))
def test_no_interval_is_longer_than_the_nights_seen(counts: Ints, days: int) -> None:
    seen = counts[:, :days]
    _, scores = scored(seen, RULES.least, RULES.evidence.ears_chance)
    category = np.arange(len(seen), dtype=np.int64)
    found, at_least = recurrences(scores, category, RULES.budget.gap_nights)
    assert (found <= days - BASELINE_DAYS).all()
    assert (found[scores[:, -1] <= 0] == 0).all()
    assert not at_least[scores[:, -1] < scores.max()].any()
    # What is stranger is no more frequent.
    order = np.argsort(scores[:, -1])
    assert (np.diff(found[order]) >= 0).all()


@settings(max_examples=25, deadline=None)
@given(COUNTS, st.sampled_from([0.5, 1.0, 2.0]))
def test_chance_alone_brings_no_more_than_the_budget(counts: Ints, a_week: float) -> None:
    """Days without order: whatever is said of them is false."""
    rules = replace(RULES, budget=Budget(a_week=a_week))
    nights = [night for night, _ in said(counts, rules)]
    for night in range(YOUNG_FROM_DAYS - 1, 56):
        weeks = 1.0 + (night - YOUNG_FROM_DAYS + 1) / WEEK
        assert sum(one <= night for one in nights) <= a_week * weeks + 1e-6


def test_a_night_run_again_says_the_same_and_a_later_day_changes_nothing() -> None:
    counts = np.random.default_rng(8).poisson(3.0, (30, 56))
    counts[4, 30:40] += 12
    assert (30, 4) in said(counts)
    for days in (25, 31, 40):
        later = counts.copy()
        later[:, days:] += 50
        one, other = standing(counts[:, :days]), standing(later[:, :days])
        assert [(s.identity, s.told) for s in one] == [(s.identity, s.told) for s in other]
