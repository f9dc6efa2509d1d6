"""A night by the real engines, on some months that were made up."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from streetwise.warn.cleaning import take
from streetwise.warn.compute import CHART_DAYS, compute
from streetwise.warn.night import Found, Material, Night, Stood
from streetwise.warn.values import ALL, Calendar, Places, Reports

FIRST, DAYS = 20_000, 200
LAST = FIRST + DAYS - 1
SIDE = 4
METRES = 500.0


def street() -> Places:
    """4 x 4 areas."""
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    middle_x, middle_y = (column + 0.5) * METRES, (row + 0.5) * METRES
    return Places(
        tuple(f"g{n}" for n in range(SIDE * SIDE)),
        middle_x,
        middle_y,
        np.full(SIDE * SIDE, METRES**2),
    )


def material(planted_a_day: float, *, days: int = DAYS, at: int = 5, category: int = 1) -> Material:
    """Months of two classes, 4 and 2 a day all over the street; in the last 10 days so many more of
    one of them in one area. No two lie nearer than some metres, or they would be repeats.
    """
    rng = np.random.default_rng(3)
    places = street()
    rows: list[tuple[int, int, float, float, int]] = []
    for day in range(LAST - days + 1, LAST + 1):
        for number, mean in ((0, 4.0), (1, 2.0)):
            for _ in range(rng.poisson(mean)):
                x, y = rng.uniform(0, SIDE * METRES, 2)
                rows.append((day, int(rng.integers(86_400)), x, y, number))
        if day > LAST - 10:
            for _ in range(rng.poisson(planted_a_day)):
                x, y = rng.uniform(-0.45 * METRES, 0.45 * METRES, 2)
                seconds = int(rng.integers(86_400))
                rows.append((day, seconds, places.x[at] + x, places.y[at] + y, category))
    rows.sort()
    day_, seconds_, x_, y_, category_ = (np.array(column) for column in zip(*rows, strict=True))
    reports = Reports(
        [str(n) for n in range(len(rows))],
        day_.astype(np.int64),
        seconds_.astype(np.int64),
        x_.astype(np.float64),
        y_.astype(np.float64),
        category_.astype(np.int64),
        np.ones(len(rows), dtype=np.int64),
        ("a:1", "a:2"),
    )
    first = int(day_[0])
    known = Calendar(
        first, np.zeros(LAST - first + 29, dtype=np.int64), np.zeros((LAST - first + 29, 0)), ()
    )
    region = np.array([0, 0, 1, 1] * SIDE, dtype=np.int64)
    return Material(reports, places, region, ("c1", "c2"), known, LAST, 1.0, {})


@cache
def with_more() -> Night:
    """The night after ten days of six more a day."""
    return compute(material(6.0))


def test_what_builds_up_is_found_where_it_is_with_its_days() -> None:
    found = with_more().found
    assert found, with_more().told
    best = found[0]
    assert best.category == 1
    assert 5 in (best.places or best.mostly_at)
    assert LAST - 14 <= best.first_day <= best.last_day == LAST
    assert best.observed > 2 * best.expected
    assert best.recurrence_days >= 30


def test_the_chart_shows_what_the_warning_counts() -> None:
    for one in with_more().found:
        chart = one.chart
        assert len(chart.observed) == len(chart.expected) == CHART_DAYS
        assert chart.first_day == LAST - CHART_DAYS + 1
        begins = one.first_day - chart.first_day
        assert sum(chart.observed[begins:]) == one.observed
        assert sum(chart.expected[begins:]) == pytest.approx(one.expected, rel=0.1)


def test_the_forecast_is_of_known_areas_and_honest_about_order() -> None:
    outlooks = with_more().outlooks
    whole = [one for one in outlooks if one.place == ALL and one.category == ALL]
    assert [one.days for one in whole] == [1, 7, 28]
    assert whole[0].mean < whole[1].mean < whole[2].mean
    for one in outlooks:
        assert 0 <= one.low <= one.high
        assert -1 <= one.place < SIDE * SIDE
        assert -1 <= one.category < 2


def test_rounds_begin_where_most_comes_and_not_where_somebody_just_was() -> None:
    spots = with_more().spots
    assert (spots[0].place, spots[0].category) == (5, 1)
    assert len({(one.place, one.category) for one in spots}) == len(spots)
    known = material(6.0)
    visits = {(5, 1): LAST}
    again = compute(
        Material(
            known.reports, known.places, known.region, known.regions, known.calendar, LAST, 1.0,
            visits,
        )
    )  # fmt: skip
    assert (5, 1) not in {(one.place, one.category) for one in again.spots}


def best() -> Found:
    """What the night after ten days of six more a day says."""
    return with_more().found[0]


def stood(first_night: int, last_night: int, told_factor: float | None = None) -> Stood:
    """The same warning, from an earlier night."""
    return Stood(1, best().places, first_night, last_night, 100.0, (), told_factor)


def after(*before: Stood) -> Found:
    """What the night says of it then."""
    night = compute(replace(material(6.0), stood=before))
    (one,) = (one for one in night.found if one.category == 1)
    return one


def test_a_finding_has_its_zone_and_who_agrees() -> None:
    one = best()
    assert one.methods[0] == "count"
    assert {"scan", "permutation", "cusum"} <= set(one.methods)
    assert one.mostly_at == (5,)
    zone = one.zones[0]
    assert 5 in zone.places
    assert (zone.replicates, zone.first_night, zone.over) == (999, LAST, False)
    assert zone.as_dense <= 0.05 * zone.replicates
    assert not one.told_again
    assert not one.young


@pytest.mark.parametrize(
    ("nights_ago", "share", "again"),
    [
        (5, 0.15, True),  # seven times as much beyond its expectation as when it was told
        (5, 0.5, False),
        (5, None, False),
        (14, None, True),  # it lasts
        (13, None, False),
        (20, None, False),  # told again six nights ago
    ],
)
def test_what_stands_is_told_again_where_it_lasts_or_became_much_more(
    nights_ago: int, share: float | None, again: bool
) -> None:
    factor = best().observed / best().expected
    told = None if share is None else share * factor
    assert after(stood(LAST - nights_ago, LAST - 1, told)).told_again == again


def test_a_zone_is_known_again_the_next_night_and_a_night_run_again_gives_the_same() -> None:
    before = stood(LAST - 2, LAST - 1)
    seen = tuple(replace(zone, first_night=LAST - 2, last_day=LAST - 1) for zone in best().zones)
    gone = replace(seen[0], places=(15,))
    once = after(replace(before, zones=(*seen, gone)))
    assert [one.first_night for one in once.zones if not one.over] == [LAST - 2] * len(seen)
    assert [one.places for one in once.zones if one.over] == [(15,)]
    assert after(replace(before, last_night=LAST, zones=once.zones)).zones == once.zones


def test_a_young_street_hears_what_is_strange_for_its_few_nights() -> None:
    whole = material(9.0, days=40)
    tonight = LAST - 9
    days = tonight - (LAST - 40)
    reports = take(whole.reports, np.flatnonzero(whole.reports.day <= tonight).astype(np.int64))
    night = compute(replace(whole, reports=reports, last_day=tonight))
    (one,) = night.found
    assert (one.category, one.young, one.methods) == (1, True, ("ears",))
    assert one.first_day == one.last_day == tonight
    assert one.recurrence_days <= days - 7
    assert one.chart.observed[-1] == one.observed
    assert one.chart.expected[-1] == pytest.approx(one.expected)
    assert night.told["waits_days"] == 56 - days + 1
    assert night.told["young_nights"] == days - 7


def test_before_two_weeks_nothing_is_warned_of_and_it_says_how_long_still() -> None:
    night = compute(material(6.0, days=13))
    assert night.found == ()
    assert night.told["waits_days"] == 56 - 13 + 1
    assert night.outlooks
