"""Classes that begin within the history: they are neither deaf for months nor all news at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from warn.test_nightly import FIRST_DAY, RULES, made, street

from streetwise.warn.nightly import no_weather, run_nights
from streetwise.warn.nightly.beginnings import (
    FRESH_DAYS,
    beginnings,
    in_the_books,
    untaught,
)
from streetwise.warn.values import Floats, Reports

MEANS = (0.5, 2.0, 6.0)


def of(rates: Floats, seed: int) -> Reports:
    """Reports by rates (C, T)."""
    rng = np.random.default_rng(seed)
    category, day = np.nonzero(np.ones(rates.shape, dtype=bool))
    count = rng.poisson(rates).ravel()
    found: Reports = made(np.repeat(day, count), np.repeat(category, count), rng, len(rates))
    return found


def rates(classes: int, days: int) -> Floats:
    found: Floats = np.repeat(np.resize(MEANS, classes)[:, None], days, axis=1).astype(np.float64)
    return found


@pytest.mark.parametrize("begun", [0, 380])
def test_what_grows_in_a_class_that_is_new_is_found(begun: int) -> None:
    """Three times as much for two weeks, in a class that was always there or is 100 days old."""
    found = 0
    for seed in range(3):
        wanted = rates(9, 500)
        wanted[4, :begun] = 0.0
        wanted[4, 480:494] *= 3
        reports = of(wanted, seed)
        nights = run_nights(reports, street(), no_weather(FIRST_DAY, 560), RULES)
        found += any(
            one.finding.candidate.category == 4
            and any(FIRST_DAY + 480 <= night < FIRST_DAY + 494 for night in one.told)
            for one in nights.warnings
        )
    assert found >= 2


def test_new_codes_of_many_classes_are_a_change_in_the_books() -> None:
    wanted = rates(12, 400)
    wanted[6:9, :300] = 0.0
    reports = of(wanted, 5)
    nights = run_nights(reports, street(), no_weather(FIRST_DAY, 460), RULES)
    told = [
        one.finding.candidate.category
        for one in nights.warnings
        if FIRST_DAY + 300 <= one.first_night < FIRST_DAY + 300 + FRESH_DAYS
    ]
    assert not set(told) & {6, 7, 8}
    # One class by itself is news.
    wanted = rates(12, 400)
    wanted[8, :300] = 0.0
    nights = run_nights(of(wanted, 5), street(), no_weather(FIRST_DAY, 460), RULES)
    assert any(
        one.finding.candidate.category == 8 and FIRST_DAY + 300 <= one.first_night < FIRST_DAY + 308
        for one in nights.warnings
    )


def test_a_silence_that_chance_brings_is_no_beginning() -> None:
    counts = np.zeros((4, 200), dtype=np.int64)
    counts[0, 60::2] = 1  # 60 days of silence at one every other day
    counts[1, 60::40] = 1  # at one in forty days
    counts[2] = 1
    assert beginnings(counts).tolist() == [60, 0, 0, 0]
    assert untaught(counts).sum(axis=1).tolist() == [60 + FRESH_DAYS, 0, 0, 0]
    assert not in_the_books(counts).any()


@given(arrays(np.int64, (5, 90), elements=st.integers(0, 3)))
def test_days_that_do_not_teach_come_before_those_that_do(counts: np.ndarray) -> None:
    out = untaught(counts)
    assert (np.diff(out.astype(int), axis=1) <= 0).all()
    assert not (in_the_books(counts) & ~out).any()
    assert not (in_the_books(counts) & (counts.cumsum(axis=1) == 0)).any()
