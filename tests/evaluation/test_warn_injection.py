"""Planted doublings: as many again, apart from each other, and nothing else changed."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from streetwise.evaluation.warn.injection import Plan, Planted, plant
from streetwise.warn.cleaning import take
from streetwise.warn.values import Reports, date_of

DAYS = 730
#: Reports a day of each category, all over 8 x 8 km.
RATES = (24.0, 3.0, 0.6)


def _year(seed: int = 7) -> Reports:
    rng = np.random.default_rng(seed)
    count = rng.poisson(np.repeat(np.array(RATES)[:, None], DAYS, axis=1))
    category, day = np.nonzero(count)
    repeat = count[category, day]
    category, day = np.repeat(category, repeat), np.repeat(day, repeat)
    n = len(day)
    seconds = rng.integers(8 * 3_600, 20 * 3_600, n)
    order = np.lexsort((seconds, day))
    return Reports(
        [f"real-{i}" for i in range(n)],
        day[order].astype(np.int64) + 19_000,
        seconds[order],
        rng.uniform(0, 8_000, n),
        rng.uniform(0, 8_000, n),
        category[order].astype(np.int64),
        np.ones(n, dtype=np.int64),
        ("busy", "some", "rare"),
    )


AVOID = (19_500, 19_520)
PLAN = Plan(each=4, cells_metres=(0.0, 4_000.0), avoid=(AVOID,))


@pytest.fixture(scope="module")
def planted() -> Planted:
    return plant(_year(), PLAN, 3)


def test_real_reports_are_all_there_and_in_order(planted: Planted) -> None:
    real = [i for i, name in enumerate(planted.reports.ids) if name.startswith("real-")]
    kept, before = take(planted.reports, np.array(real)), _year()
    assert list(kept.ids) == list(before.ids)
    for name in ("day", "seconds", "x", "y", "category"):
        np.testing.assert_array_equal(getattr(kept, name), getattr(before, name))
    assert (np.diff(planted.reports.day) >= 0).all()


def test_a_seed_plants_the_same_and_another_something_else(planted: Planted) -> None:
    again = plant(_year(), PLAN, 3)
    assert again.truth == planted.truth or repr(again.truth) == repr(planted.truth)
    assert list(again.reports.ids) == list(planted.reports.ids)
    np.testing.assert_array_equal(again.reports.x, planted.reports.x)
    assert repr(plant(_year(), PLAN, 4).truth) != repr(planted.truth)


def test_classes_days_and_distances_are_kept(planted: Planted) -> None:
    sizes = Counter(change.size for change in planted.truth)
    assert sizes == {"large": 4, "small": 4, "tiny": 4}
    for change in planted.truth:
        assert change.last_day - change.first_day == 13
        assert 19_000 + PLAN.history_days <= change.first_day
        assert change.last_day < 19_000 + DAYS
        assert change.last_day < AVOID[0] or change.first_day > AVOID[1], date_of(change.first_day)
        assert PLAN.size(change.expected) == change.size
        for other in planted.truth:
            if other is change or other.category != change.category:
                continue
            apart = max(other.first_day - change.last_day, change.first_day - other.last_day)
            away = math.hypot(other.x - change.x, other.y - change.y)
            together = math.isnan(away) or away < change.radius + other.radius
            assert apart > PLAN.apart_days or not together


def test_as_many_again_come_where_they_belong(planted: Planted) -> None:
    reports = planted.reports
    total = expected = 0.0
    for change in planted.truth:
        mine = np.array([n.rsplit("-", 1)[0] == change.id for n in reports.ids])
        category = reports.categories.index(change.category)
        assert (reports.category[mine] == category).all()
        assert (
            (reports.day[mine] >= change.first_day) & (reports.day[mine] <= change.last_day)
        ).all()
        if not change.everywhere:
            away = np.hypot(reports.x[mine] - change.x, reports.y[mine] - change.y)
            assert (away <= change.radius).all()
        total += mine.sum()
        expected += change.expected * 14
    # Poisson, all of them together: four deviations.
    assert abs(total - expected) < 4 * math.sqrt(expected)
    assert expected > 400


def test_no_room_plants_less_and_nothing_plants_nothing() -> None:
    few = plant(_year(), Plan(each=50, cells_metres=(0.0,), history_days=600), 1)
    assert 0 < len(few.truth) < 20
    none = take(_year(), np.zeros(0, dtype=np.int64))
    assert len(plant(none, PLAN, 1).reports) == 0
