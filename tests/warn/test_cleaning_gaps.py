"""Silence that is no peace, who reports, and counting into places and series."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.warn.cleaning import clean, in_order, reporting_bias, reporting_rates, silent_days
from streetwise.warn.counting import grid_places, nearest_place, series_of
from streetwise.warn.values import ALL, Places, Reports

DAYS = 140


def _of_counts(counts: np.ndarray, first: int = 18_000) -> Reports:
    category, day = np.nonzero(counts)
    times = counts[category, day]
    category, day = np.repeat(category, times), np.repeat(day, times)
    n = len(day)
    return in_order(
        Reports(
            [str(i) for i in range(n)],
            day.astype(np.int64) + first,
            np.full(n, -1, dtype=np.int64),
            np.full(n, np.nan),
            np.full(n, np.nan),
            category.astype(np.int64),
            np.ones(n, dtype=np.int64),
            tuple(f"c{i}" for i in range(len(counts))),
        )
    )


def test_a_daily_series_that_falls_silent_is_a_gap() -> None:
    counts = np.random.default_rng(1).poisson(8.0, (2, DAYS)) + 2
    counts[0, 100:105] = 0
    cleaned = clean(_of_counts(counts))
    (note,) = cleaned.notes
    assert (note.kind, note.category, note.count) == ("gap", 0, 5)
    assert (note.first_day, note.last_day) == (18_100, 18_104)
    assert cleaned.silent.sum() == 5 and cleaned.silent[0, 100:105].all()


def test_everybody_silent_is_one_note() -> None:
    counts = np.random.default_rng(2).poisson(8.0, (3, DAYS)) + 2
    counts[:, 100:105] = 0
    cleaned = clean(_of_counts(counts))
    assert [(n.kind, n.category, n.count) for n in cleaned.notes] == [("gap", ALL, 5)]
    assert cleaned.silent[:, 100:105].all()


def test_weekends_seasons_rare_kinds_and_the_end_of_a_build_up_are_no_gaps() -> None:
    rng = np.random.default_rng(3)
    day = np.arange(2 * DAYS)
    office = rng.poisson(20.0, 2 * DAYS) * (day % 7 < 5)
    season = rng.poisson(np.clip(12 - day / 12, 0, None))
    rare = rng.poisson(0.4, 2 * DAYS)
    build_up = rng.poisson(np.where((day > 100) & (day < 150), 3.0, 0.05))
    silent = silent_days(np.stack([office, season, rare, build_up]), 12.0)
    assert not silent.any()
    assert not silent_days(np.zeros((2, 300), dtype=np.int64), 12.0).any()
    assert silent_days(np.zeros((0, 0), dtype=np.int64), 12.0).shape == (0, 0)


def test_bias_is_said_in_a_sentence_with_a_figure() -> None:
    rng = np.random.default_rng(4)
    n = 1_000
    x = np.where(np.arange(n) < 400, 50.0, rng.integers(0, 20, n) * 200.0)
    reports = Reports(
        [str(i) for i in range(n)],
        np.arange(n, dtype=np.int64),
        np.full(n, -1, dtype=np.int64),
        x,
        np.where(np.arange(n) % 10 == 9, np.nan, 0.0),
        np.zeros(n, dtype=np.int64),
        np.ones(n, dtype=np.int64),
        ("c",),
    )
    note = reporting_bias(reports)
    assert note is not None and note.kind == "bias"
    assert (note.says, note.numbers["unplaced"]) == ("bias", 100)
    assert note.count == 900


def test_rates_are_of_places_and_say_where_they_are_too_few() -> None:
    rates = reporting_rates(
        np.array([0] * 10 + [1] * 3 + [-1] * 5), np.array([1_000.0, 2_000.0, 0.0]), 365
    )
    assert rates.rate[:2] == pytest.approx([10.0, 1.5], rel=1e-3)
    assert rates.low[0] == pytest.approx(4.795, rel=2e-3)
    assert rates.high[0] == pytest.approx(18.39, rel=2e-3)
    assert rates.few.tolist() == [False, True, True]
    assert np.isnan(rates.rate[2]) and np.isnan(rates.ratio[2])
    assert rates.ratio[0] == pytest.approx(10 / (13 / 3), rel=1e-6)
    with pytest.raises(ValueError, match="no negative population"):
        reporting_rates(np.array([0]), np.array([-1.0]), 3)


# --- counting -----------------------------------------------------------------------------

_ROWS = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.one_of(st.just(float("nan")), st.floats(-900, 900)),
        st.floats(-900, 900),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=50,
)


def _of_rows(rows: list[tuple[int, float, float, int]]) -> Reports:
    day, x, y, category = (np.array(column) for column in zip(*rows, strict=True))
    return in_order(
        Reports(
            [str(i) for i in range(len(rows))],
            day.astype(np.int64),
            np.full(len(rows), -1, dtype=np.int64),
            x.astype(np.float64),
            y.astype(np.float64),
            category.astype(np.int64),
            np.ones(len(rows), dtype=np.int64),
            ("a", "b", "c"),
        )
    )


@settings(max_examples=50, deadline=None)
@given(_ROWS, st.booleans())
def test_series_count_what_is_there(rows: list[tuple[int, float, float, int]], empty: bool) -> None:
    reports = _of_rows(rows)
    places, where = grid_places(reports, 250.0, empty=empty)
    known = np.isfinite(reports.x)
    assert np.array_equal(where >= 0, known)
    assert (np.abs(places.x[where[known]] - reports.x[known]) <= 125.0 + 1e-6).all()
    assert (np.abs(places.y[where[known]] - reports.y[known]) <= 125.0 + 1e-6).all()
    levels = ("all", "place", "category", "place_category")
    series = series_of(reports, where, len(places), 1, 8, levels)
    slow: Counter[tuple[int, int, int]] = Counter()
    for day, place, kind in zip(
        reports.day.tolist(), where.tolist(), reports.category.tolist(), strict=True
    ):
        if 1 <= day <= 8:
            for key in {(ALL, ALL), (ALL, kind)} | (
                {(place, ALL), (place, kind)} if place >= 0 else set()
            ):
                slow[*key, day - 1] += 1
    counted = {
        (int(series.place[s]), int(series.category[s]), int(t)): int(series.counts[s, t])
        for s, t in zip(*np.nonzero(series.counts), strict=True)
    }
    assert counted == dict(slow)
    assert series.counts.shape[1] == 8 and (series.place[:4] == ALL).all()
    for s, parent in enumerate(series.parent.tolist()):
        if parent >= 0:
            assert parent != s
            assert (series.counts[parent] >= series.counts[s]).all()
        else:
            assert series.place[s] == ALL and series.category[s] == ALL


def test_parents_are_the_next_coarser_that_were_asked_for() -> None:
    reports = _of_rows([(0, 10.0, 10.0, 0), (1, 10.0, 10.0, 1), (1, 600.0, 10.0, 1)])
    places, where = grid_places(reports, 500.0)
    assert places.names == ("x0y0", "x1y0") and where.tolist() == [0, 0, 1]
    two = series_of(reports, where, 2, 0, 1)
    assert two.place.tolist() == [ALL, ALL, ALL, 0, 0, 1]
    assert two.parent.tolist() == [-1, -1, -1, 0, 1, 1]
    by_place = series_of(reports, where, 2, 0, 1, ("place", "place_category"))
    assert by_place.parent.tolist() == [-1, -1, 0, 0, 1]
    assert len(series_of(reports, where, 2, 0, 1, ("place_category",), least=0).counts) == 6
    assert len(series_of(reports, where, 2, 0, 1, ("place_category",), least=2).counts) == 0


def test_places_of_a_box_the_nearest_and_what_is_refused() -> None:
    box, none = grid_places((0.0, 0.0, 999.0, 499.0), 500.0)
    assert box.names == ("x0y0", "x1y0") and len(none) == 0
    assert box.area.tolist() == [250_000.0, 250_000.0]
    x, y = np.array([0.0, 900.0, np.nan]), np.array([0.0, 260.0, 1.0])
    assert nearest_place(box, x, y).tolist() == [0, 1, -1]
    assert nearest_place(box, x, y, within_metres=200.0).tolist() == [-1, 1, -1]
    nowhere = Places((), np.zeros(0), np.zeros(0), np.zeros(0))
    assert nearest_place(nowhere, x, y).tolist() == [-1, -1, -1]
    reports = _of_rows([(0, 10.0, 10.0, 0)])
    with pytest.raises(ValueError, match="cell_metres"):
        grid_places(reports, 0.0)
    with pytest.raises(ValueError, match="larger cells"):
        grid_places((0.0, 0.0, 1e7, 1e7), 100.0)
    with pytest.raises(ValueError, match="No such level"):
        series_of(reports, np.array([0]), 1, 0, 1, ("street",))
    with pytest.raises(ValueError, match="number into"):
        series_of(reports, np.array([1]), 1, 0, 1)
    with pytest.raises(ValueError, match="before"):
        series_of(reports, np.array([0]), 1, 2, 1)
