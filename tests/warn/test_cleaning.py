"""Cleaning: what is one problem, held against slow references, invariants and real cities."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.evaluation.warn.files import read_reports
from streetwise.warn.cleaning import Cleaned, Settings, clean, in_order, joined, take
from streetwise.warn.cleaning.repeats import first_of_each
from streetwise.warn.values import ALL, Ints, Reports, day_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "service_requests"
NAN = float("nan")


def _reports(rows: list[tuple[int, int, float, float, int]], categories: int = 3) -> Reports:
    """Reports of (day, seconds, x, y, category), put in order."""
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), ()]
    return in_order(
        Reports(
            [f"r{i}" for i in range(len(rows))],
            np.array(columns[0], dtype=np.int64),
            np.array(columns[1], dtype=np.int64),
            np.array(columns[2], dtype=np.float64),
            np.array(columns[3], dtype=np.float64),
            np.array(columns[4], dtype=np.int64),
            np.ones(len(rows), dtype=np.int64),
            tuple(f"c{k}" for k in range(categories)),
        )
    )


def _same(one: Reports, other: Reports) -> None:
    assert list(one.ids) == list(other.ids)
    for name in ("day", "seconds", "x", "y", "category", "volume"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


_PLACES = st.one_of(st.just((NAN, NAN)), st.tuples(st.integers(0, 6), st.integers(0, 6)))
_ROWS = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.one_of(st.just(-1), st.integers(0, 400)),
        _PLACES,
        st.integers(0, 2),
    ).map(lambda r: (r[0], r[1], r[2][0] * 45.0, r[2][1] * 45.0, r[3])),
    max_size=80,
)
# Small numbers, so that every rule has its turn among few rows.
_EAGER = Settings(
    default_least=8, default_times=2.0, batch_least=4,
    batch_spread_least=6, batch_point_least=3, habit_days=2,
)  # fmt: skip


def _slow_firsts(reports: Reports, settings_: Settings) -> Ints:
    """Every report against every first before it."""
    order = sorted(range(len(reports)), key=lambda i: i)
    first = list(range(len(reports)))
    last_day: dict[int, int] = {}
    for i in order:
        if np.isnan(reports.x[i]) or np.isnan(reports.y[i]):
            continue
        day = int(reports.day[i])
        reach = []
        for j, last in last_day.items():
            away2 = (
                float(reports.x[i] - reports.x[j]) ** 2 + float(reports.y[i] - reports.y[j]) ** 2
            )
            if (
                reports.category[j] == reports.category[i]
                and day - last <= settings_.repeat_days
                and day - int(reports.day[j]) <= settings_.repeat_longest_days
                and away2 <= settings_.repeat_metres**2
            ):
                reach.append((away2, j))
        if reach:
            first[i] = min(reach)[1]
            last_day[first[i]] = day
        else:
            last_day[i] = day
    return np.array(first, dtype=np.int64)


@settings(max_examples=80, deadline=None)
@given(_ROWS)
def test_repeats_are_those_of_the_slow_reference(
    rows: list[tuple[int, int, float, float, int]],
) -> None:
    reports = _reports(rows)
    np.testing.assert_array_equal(
        first_of_each(reports, Settings()), _slow_firsts(reports, Settings())
    )


def test_repeats_are_those_of_the_slow_reference_among_many() -> None:
    rng = np.random.default_rng(4)
    rows = [
        (int(d), -1, float(x), float(y), int(c))
        for d, x, y, c in zip(
            rng.integers(0, 120, 1500),
            rng.uniform(-700, 700, 1500),
            rng.uniform(-700, 700, 1500),
            rng.integers(0, 3, 1500),
            strict=True,
        )
    ]
    reports = _reports(rows)
    found = first_of_each(reports, Settings())
    np.testing.assert_array_equal(found, _slow_firsts(reports, Settings()))
    assert 100 < (found != np.arange(1500)).sum() < 1400


@settings(max_examples=80, deadline=None)
@given(_ROWS)
def test_nothing_is_thrown_away_and_clean_is_clean(
    rows: list[tuple[int, int, float, float, int]],
) -> None:
    reports = replace(_reports(rows), place=np.arange(len(rows), dtype=np.int64))
    once = clean(reports, _EAGER)
    again = clean(once.reports, _EAGER)
    _same(again.reports, once.reports)
    assert not again.batched.any()
    assert once.reports.volume.sum() == len(rows)
    # The parts fit together: kept rows stand for themselves, all others for a kept one of
    # their category that came no later.
    assert np.array_equal(np.flatnonzero(once.stands_for == np.arange(len(rows))), once.kept)
    assert np.array_equal(reports.category[once.stands_for], reports.category)
    assert (once.stands_for <= np.arange(len(rows))).all()
    assert [reports.ids[i] for i in once.kept.tolist()] == list(once.reports.ids)
    counted = np.bincount(once.stands_for, minlength=len(rows))
    assert np.array_equal(counted[once.kept], once.reports.volume)
    assert (np.diff(once.reports.day) >= 0).all()
    lost = once.place_lost[once.kept]
    assert np.isnan(once.reports.x[lost]).all()
    # Who knows the place better than the point knows nothing of a point that is none.
    assert once.reports.place is not None
    np.testing.assert_array_equal(once.reports.place, np.where(lost, -1, once.kept))


@settings(max_examples=40, deadline=None)
@given(_ROWS, st.integers(-3_000, 3_000), st.integers(-10, 10))
def test_where_and_when_zero_lies_does_not_matter(
    rows: list[tuple[int, int, float, float, int]], days: int, east: int
) -> None:
    reports = _reports(rows)
    moved = replace(reports, day=reports.day + days, x=reports.x + east * 45.0)
    one, other = clean(reports, _EAGER), clean(moved, _EAGER)
    assert np.array_equal(one.stands_for, other.stands_for)
    assert np.array_equal(one.place_lost, other.place_lost)


def test_a_chain_counts_from_its_last_but_ends_after_weeks() -> None:
    days = [0, 7, 14, 21, 28, 35, 43, 51]
    cleaned = clean(_reports([(d, -1, 5.0, 5.0, 0) for d in days]))
    # 35 is within a week of 28 but more than 28 days from 0; 43 and 51 come after more than a week.
    assert cleaned.reports.day.tolist() == [0, 35, 43, 51]
    assert cleaned.reports.volume.tolist() == [5, 1, 1, 1]


def test_other_kinds_and_unknown_places_repeat_nothing() -> None:
    rows = [(0, -1, 0.0, 0.0, 0), (0, -1, 0.0, 0.0, 1), (0, -1, NAN, NAN, 0), (1, -1, NAN, NAN, 0)]
    assert len(clean(_reports(rows)).reports) == 4
    near = [(0, -1, 0.0, 0.0, 0), (1, -1, 100.0, 0.0, 0), (1, -1, 100.5, 0.0, 0)]
    assert clean(_reports(near)).reports.volume.tolist() == [2, 1]


@pytest.mark.parametrize("rows", [[], [(5, -1, 1.0, 2.0, 0)], [(5, -1, NAN, NAN, 0)] * 3])
def test_little_or_nothing_is_cleaned_too(rows: list[tuple[int, int, float, float, int]]) -> None:
    cleaned = clean(_reports(rows))
    assert len(cleaned.reports) == len(rows)
    assert list(cleaned.notes) == []
    assert cleaned.silent.shape == (4, min(len(rows), 1))


def test_what_is_out_of_order_is_refused_with_advice() -> None:
    reports = _reports([(1, -1, 0.0, 0.0, 0), (2, -1, 0.0, 0.0, 0)])
    turned = take(reports, np.array([1, 0]))
    with pytest.raises(ValueError, match=r"in_order\(\)"):
        clean(turned)
    _same(in_order(turned), reports)
    with pytest.raises(ValueError, match="number into"):
        clean(replace(reports, category=np.array([0, 9])))
    with pytest.raises(ValueError, match="another length"):
        clean(replace(reports, volume=np.array([1])))
    with pytest.raises(ValueError, match="repeat_metres"):
        Settings(repeat_metres=-1)


def test_joined_keeps_time_and_refuses_other_categories() -> None:
    one, other = _reports([(3, 10, 0.0, 0.0, 0)]), _reports([(3, 9, 0.0, 0.0, 1)])
    assert joined(one, other).category.tolist() == [1, 0]
    with pytest.raises(ValueError, match="same categories"):
        joined(one, replace(other, categories=("a", "b", "c")))
    placed = replace(one, place=np.array([4])), replace(other, place=np.array([7]))
    both = joined(*placed).place
    assert both is not None
    assert both.tolist() == [7, 4]
    with pytest.raises(ValueError, match="places"):
        joined(placed[0], other)
    with pytest.raises(ValueError, match=r"Reports\.place"):
        clean(replace(one, place=np.array([4, 5])))


# --- default points and batches -----------------------------------------------------------


def _background(
    rng: np.random.Generator, n: int = 3_000, days: int = 200
) -> list[tuple[int, int, float, float, int]]:
    return [
        (int(d), int(s), float(x), float(y), int(c))
        for d, s, x, y, c in zip(
            rng.integers(0, days, n),
            rng.integers(8 * 3600, 20 * 3600, n),
            rng.uniform(0, 4_000, n),
            rng.uniform(0, 4_000, n),
            rng.integers(0, 3, n),
            strict=True,
        )
    ]


def test_a_default_point_loses_its_place_and_nothing_else() -> None:
    rng = np.random.default_rng(1)
    rows = _background(rng)
    rows += [(int(d), 40_000, 500.0, 500.0, int(d) % 3) for d in range(0, 200, 2)]
    # An address that is complained about as often, but for one thing only.
    rows += [(int(d), 50_000, 900.0, 900.0, 0) for d in range(0, 200, 2)]
    cleaned = clean(_reports(rows))
    (note,) = [note for note in cleaned.notes if note.kind == "default_point"]
    assert (note.count, note.x, note.y, note.category) == (100, 500.0, 500.0, ALL)
    assert cleaned.place_lost.sum() == 100
    # Without a place they are no repeats of each other: all of them still count.
    assert np.isnan(cleaned.reports.x).sum() == 100


def test_a_pile_of_forms_typed_in_one_evening_is_one_act() -> None:
    rows = _background(np.random.default_rng(2))
    rows += [(100, 70_000 + 2 * k, 1_000.0, 1_000.0, k % 3) for k in range(30)]
    reports = _reports(rows)
    cleaned = clean(reports)
    (note,) = [note for note in cleaned.notes if note.kind == "batch"]
    assert (note.count, note.first_day, note.category) == (30, 100, ALL)
    at = cleaned.batched[cleaned.kept]
    assert sorted(cleaned.reports.category[at].tolist()) == [0, 1, 2]
    assert cleaned.reports.volume[at].tolist() == [10, 10, 10]
    assert np.isnan(cleaned.reports.x[at]).all()


def test_a_list_typed_in_is_a_batch_and_an_emergency_is_not() -> None:
    rng = np.random.default_rng(3)
    rows = _background(rng)
    all_over = [
        (60, 50_000 + 10 * k, float(x), float(y), 0)
        for k, (x, y) in enumerate(rng.uniform(0, 4_000, (40, 2)))
    ]
    close_by = [
        (120, 50_000 + 10 * k, float(x), float(y), 1)
        for k, (x, y) in enumerate(rng.uniform(0, 600, (40, 2)))
    ]
    reports = _reports(rows + all_over + close_by)
    cleaned = clean(reports)
    batched = set(zip(reports.day[cleaned.batched], reports.category[cleaned.batched], strict=True))
    assert batched == {(60, 0)}
    (note,) = [note for note in cleaned.notes if note.kind == "batch"]
    assert 40 <= note.count <= 41 and np.isnan(note.x)


def test_a_storm_is_no_batch() -> None:
    rng = np.random.default_rng(5)
    storm = [
        (60, int(s), float(x), float(y), 0)
        for s, x, y in zip(
            rng.integers(9 * 3600, 18 * 3600, 900),
            rng.uniform(0, 4_000, 900),
            rng.uniform(0, 4_000, 900),
            strict=True,
        )
    ]
    cleaned = clean(_reports(_background(rng) + storm))
    assert not cleaned.batched.any()


def test_many_of_a_kind_at_a_point_on_a_day_are_a_batch_where_they_come_at_once() -> None:
    days_only = [(3, -1, 10.0, 10.0, 0)] * 5 + [(3, -1, 900.0, 10.0, 0)] * 4
    cleaned = clean(_reports(days_only))
    assert [(n.kind, n.count) for n in cleaned.notes] == [("batch", 5), ("repeat", 3)]
    assert cleaned.reports.x.tolist() == [10.0, 900.0]
    over_the_day = [(3, 30_000 + 3_000 * k, 10.0, 10.0, 0) for k in range(5)]
    assert [n.kind for n in clean(_reports(over_the_day)).notes] == ["repeat"]


# --- real cities --------------------------------------------------------------------------


@cache
def _city(kind: str, file: str) -> tuple[Reports, Cleaned]:
    path = DATA / file
    if not path.exists():
        pytest.skip(f"the real service requests are not here: {file}")
    reports = read_reports(path, kind).reports
    return reports, clean(reports)


def test_boston_loses_city_hall_and_keeps_irene() -> None:
    reports, cleaned = _city("boston", "boston_311_2011h2.csv.gz")
    assert len(reports) == cleaned.reports.volume.sum() == 58_251
    points = [note for note in cleaned.notes if note.kind == "default_point"]
    assert [note.count for note in points] == [4_775, 154]  # 8.2 % and the hall's other address
    irene = day_of(date(2011, 8, 28))
    trees = reports.categories.index("Tree Emergencies")
    storm = (reports.category == trees) & (reports.day == irene)
    assert storm.sum() == 752 and not cleaned.batched[storm].any()
    each_day = np.bincount(
        cleaned.reports.day[cleaned.reports.category == trees] - cleaned.first_day, minlength=184
    )
    assert each_day[irene - cleaned.first_day] > 400 and np.median(each_day) <= 2
    typed = {
        (n.first_day, reports.categories[n.category]) for n in cleaned.notes if n.kind == "batch"
    }
    assert (day_of(date(2011, 7, 6)), "Unsatisfactory Living Conditions") in typed
    assert (day_of(date(2011, 10, 11)), "Street Light Outages") in typed
    _same(clean(cleaned.reports).reports, cleaned.reports)


def test_chicago_has_batches_at_single_points_and_no_default_point() -> None:
    reports, cleaned = _city("chicago", "chicago_sanitation_2011_2013.csv.gz")
    assert cleaned.reports.volume.sum() == len(reports) == 55_343
    assert not cleaned.place_lost.any()
    batches = [note for note in cleaned.notes if note.kind == "batch"]
    assert len(batches) == 10
    assert (batches[0].count, batches[0].first_day) == (17, day_of(date(2012, 9, 12)))
    # One of the ten tells again what was told there some days before.
    kept = cleaned.batched[cleaned.kept]
    assert kept.sum() == 9 and np.isfinite(cleaned.reports.x[kept]).all()
