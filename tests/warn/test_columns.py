"""Where a warning was, and where it is: findings of a night in the columns of its row."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from streetwise.warn.columns import BEFORE, BEFORE_MOST, beside_each_other, places_before
from streetwise.warn.night import Chart, Found
from streetwise.warn.tables import Warning  # noqa: A004

GRIDS = [UUID(int=n) for n in range(20)]


def found(*places: int, days: float = 100.0, first_day: int = 4, chart_from: int = 0) -> Found:
    """Two a day where one is expected, on the days up to the ninth."""
    chart = Chart(chart_from, (2,) * (10 - chart_from), (1.0,) * (10 - chart_from))
    many = 10 - first_day
    return Found(("count",), 0, places, first_day, 9, 2 * many, float(many), days, chart)


def row(grids: list[UUID], observed: int = 9) -> Warning:
    return Warning(
        grid_ids=grids, evidence={}, first_day=date(2026, 5, 1), last_day=date(2026, 5, 3),
        observed=observed, expected=2.0,
    )  # fmt: skip


def walk(*stations: list[UUID]) -> list[tuple[list[str], int]]:
    """What is kept of a warning that was at each of these, a night each; observed by number."""
    at = row(stations[0], 0)
    for n, places in enumerate(stations[1:], start=1):
        before = places_before(at, places, again=False)
        at = row(places, n)
        at.evidence = {BEFORE: before}
    return [(one["grids"], one["observed"]) for one in at.evidence[BEFORE]]


def test_what_was_said_first_stays_first() -> None:
    street: list[UUID] = []
    one, two = GRIDS[:1], GRIDS[1:2]
    name = str(GRIDS[0])
    assert walk(street, street, one) == [([], 1)]
    assert walk(street, one, two) == [([], 0), ([name], 1)]
    # Back and forth: the first as it was said first, others as they were last.
    assert walk(street, one, street, one, two) == [([], 0), ([name], 3)]
    far = walk(street, *([one] for one in GRIDS))
    assert len(far) == BEFORE_MOST
    assert far[0] == ([], 0) and far[-1][0] == [str(GRIDS[18])]


def test_a_night_that_is_run_again_was_not_before() -> None:
    at = row([])
    assert places_before(at, GRIDS[:1], again=True) == []
    assert len(places_before(at, GRIDS[:1], again=False)) == 1
    assert places_before(row(GRIDS[:2]), GRIDS[1::-1], again=False) == []


def test_what_lies_apart_is_shown_together_and_what_overlaps_is_counted_once() -> None:
    strong, weak = found(3, days=400.0), found(1, 2, first_day=7)
    both = beside_each_other([weak, strong])
    assert (both.places, both.recurrence_days) == ((1, 2, 3), 400.0)
    # From the earlier of both days on, each counted on all of them.
    assert (both.first_day, both.observed, both.expected) == (4, 24, 12.0)
    assert both.chart.observed == (4,) * 10
    assert beside_each_other([strong, found(3, 4)]) == strong
    assert beside_each_other([strong, found()]) == strong
    # Charts of other days cannot be added.
    assert beside_each_other([strong, found(1, chart_from=2)]) == strong
