"""Where a history begins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.warn.cleaning import history_begins
from streetwise.warn.values import Ints

LAST = 20_000


def days(*parts: tuple[int, int, float]) -> Ints:
    """Reports from so many days before the last to so many, so many a day (on average)."""
    rng = np.random.default_rng(1)
    rows = [
        np.repeat(np.arange(LAST - old, LAST - new + 1), rng.poisson(mean, old - new + 1))
        for old, new, mean in parts
    ]
    return np.sort(np.concatenate(rows)).astype(np.int64)


@pytest.mark.parametrize("mean", [0.3, 2.0, 50.0])
def test_a_steady_history_begins_with_its_first_report(mean: float) -> None:
    whole = days((400, 0, mean))
    assert whole[0] <= history_begins(whole, LAST) <= whole[0] + 3


def test_a_stray_report_of_years_ago_is_no_history() -> None:
    own = days((150, 0, 8.0))
    stray = np.concatenate([[LAST - 1050, LAST - 400], own]).astype(np.int64)
    assert history_begins(stray, LAST) == own[0]


def test_a_small_source_that_is_older_is_no_history() -> None:
    for since in (150, 300, 900):
        thin, main = days((1050, since + 1, 0.15)), days((since, 0, 57.0))
        begins = history_begins(np.concatenate([thin, main]), LAST)
        assert LAST - since - 28 <= begins <= LAST - since


def test_a_street_that_grew_keeps_its_history() -> None:
    grown = days((700, 365, 10.0), (364, 0, 60.0))
    assert grown[0] <= history_begins(grown, LAST) <= grown[0] + 3


def test_an_outage_of_two_months_is_no_beginning() -> None:
    broken = days((500, 200, 5.0), (140, 0, 5.0))
    assert history_begins(broken, LAST) == broken[0]


def test_of_nothing_and_of_one_day() -> None:
    assert history_begins(np.empty(0, dtype=np.int64), LAST) == LAST + 1
    assert history_begins(np.array([LAST, LAST]), LAST) == LAST


@given(st.lists(st.integers(0, 600), min_size=1, max_size=60))
def test_it_is_a_day_with_a_report(ago: list[int]) -> None:
    some = np.sort(LAST - np.array(ago, dtype=np.int64))
    assert history_begins(some, LAST) in some
