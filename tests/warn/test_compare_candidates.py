"""What the comparisons give the nightly run."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from streetwise.kernel.errors import Invalid
from streetwise.warn.compare import (
    FarringtonSettings,
    compare_buildup,
    compare_days,
    compare_weekly,
    farrington,
    weekly_counts,
)
from streetwise.warn.values import ALL, Expected, Ints, Series, day_of

FIRST = day_of(date(2022, 3, 2))  # a Wednesday


def series(counts: Ints) -> Series:
    """The first over the whole street, the others in places 4, 5, …"""
    rows = len(counts)
    place = np.array([ALL, *range(4, 3 + rows)], dtype=np.int64)
    return Series(counts, FIRST, place, np.arange(rows, dtype=np.int64), np.full(rows, -1))


def daily(rows: int, days: int, mean: float = 2.0) -> Ints:
    return np.random.default_rng(2).poisson(mean, (rows, days)).astype(np.int64)


def test_weeks_end_on_the_day_that_is_asked_for() -> None:
    counts = daily(2, 30)
    weeks, first = weekly_counts(series(counts), FIRST + 24)
    assert weeks.shape == (2, 3)
    assert first == FIRST + 4
    assert (weeks[:, 0] == counts[:, 4:11].sum(axis=1)).all()
    assert (weeks[:, 2] == counts[:, 18:25].sum(axis=1)).all()


def test_weeks_that_are_not_there_are_refused() -> None:
    with pytest.raises(Invalid, match="ends before"):
        weekly_counts(series(daily(1, 30)), FIRST + 30)
    with pytest.raises(Invalid, match="whole week"):
        weekly_counts(series(daily(1, 30)), FIRST + 5)


def test_a_loud_week_becomes_a_candidate_with_its_place_and_days() -> None:
    counts = daily(3, 3 * 365)
    last = FIRST + 3 * 365 - 4
    counts[:, -80:] = 1
    counts[0, -10:-3] += 3
    counts[2, -17:-10] += 9
    one = compare_weekly(series(counts), last)
    both = compare_weekly(series(counts), last, weeks=2)
    assert [found.category for found in one] == [0]
    assert [found.category for found in both] == [2, 0]
    loud, street = both
    assert (loud.method, loud.places, street.places) == ("farrington", (5,), ())
    assert (loud.first_day, loud.last_day) == (last - 13, last - 7)
    assert (street.first_day, street.last_day) == (last - 6, last)
    assert (loud.observed, street.observed) == (70, 28)
    assert 8 < loud.expected < 20
    assert loud.score > street.score > 1
    assert math.isnan(loud.recurrence_days)


def test_weeks_are_judged_by_their_dates() -> None:
    counts = daily(2, 6 * 366)
    last = FIRST + 6 * 366 - 2
    counts[:, -8:-1] += 20
    found = compare_weekly(series(counts), last, FarringtonSettings())
    weeks, first = weekly_counts(series(counts), last)
    newest = np.array([weeks.shape[1] - 1])
    known = farrington(weeks, weeks=newest, first_day=first)
    assert [one.expected for one in found] == known.expected[:, 0].tolist()
    assert known.expected[0] != farrington(weeks, weeks=newest).expected[0]


def test_too_short_or_silent_series_give_no_candidates() -> None:
    assert compare_weekly(series(daily(2, 300)), FIRST + 299) == []
    assert compare_weekly(series(np.zeros((2, 900), np.int64)), FIRST + 899) == []
    assert compare_days(series(daily(2, 5))) == []
    assert compare_days(series(np.zeros((2, 60), np.int64))) == []


def test_a_loud_day_becomes_a_candidate() -> None:
    counts = daily(2, 60)
    counts[1, -2] = 30
    assert compare_days(series(counts)) == []
    (found,) = compare_days(series(counts), days=2)
    assert (found.method, found.category, found.places) == ("ears", 1, (4,))
    assert found.first_day == found.last_day == FIRST + 58
    assert found.observed == 30
    assert 1 < found.expected < 4
    assert found.score > 3


def test_a_build_up_covers_the_days_since_it_began() -> None:
    counts = np.full((2, 60), 2, dtype=np.int64)
    counts[1, 50:] = 4
    expected = Expected(np.full((2, 60), 2.0), np.full(2, np.inf))
    found = compare_buildup(series(counts), expected, false_alarm_days=365, days=10)
    # Each day adds 4 log 2 - 2; log 365 is reached on the eighth.
    (one,) = found
    assert (one.method, one.category, one.places) == ("cusum", 1, (4,))
    assert (one.first_day, one.last_day) == (FIRST + 50, FIRST + 57)
    assert one.observed == 32
    assert one.expected == pytest.approx(16)
    assert one.score == pytest.approx(8 * (4 * math.log(2) - 2) / math.log(365))
