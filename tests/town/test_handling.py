"""How long people take: what is planted about it, and when they work."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from statistics import median

import pytest

from streetwise.town import handling
from streetwise.town.almanac import ZONE, kind_of

BEFORE, AFTER = datetime(2025, 12, 15, 10, tzinfo=ZONE), datetime(2026, 7, 6, 10, tzinfo=ZONE)


def hours(action: str, now: datetime, urgent: bool = False) -> list[float]:
    """Hours until it is done, drawn 2,000 times."""
    times = []
    for n in range(2000):
        at = handling.when(action, now, urgent=urgent, rng=random.Random(n))
        times.append((at - now) / timedelta(hours=1))
    return times


@pytest.mark.parametrize("action", ["start", "report", "verify"])
def test_the_office_became_a_quarter_quicker(action: str) -> None:
    """What is planted: at the same chance a quarter less, where nobody waits for the morning."""
    slow, quick = hours(action, BEFORE, urgent=True), hours(action, AFTER, urgent=True)
    assert median(quick) / median(slow) == pytest.approx(1 - handling.QUICKER_BY, abs=0.01)
    half = handling.pace(date(2026, 4, 1))
    assert handling.pace(BEFORE.date()) == 1.0 > half > handling.pace(AFTER.date()) == 0.75


@pytest.mark.parametrize("hour", [3, 10, 21])
def test_the_desk_has_its_quarter_of_an_hour_at_any_hour(hour: int) -> None:
    now = AFTER.replace(hour=hour)
    for action in handling.WITHIN_MINUTES:
        times = sorted(hours(action, now))
        assert times[len(times) // 2] < 0.25
        assert times[int(len(times) * 0.95)] < 0.5


def test_inspectors_work_in_shifts_and_units_in_office_hours() -> None:
    saturday = datetime(2026, 7, 11, 20, 30, tzinfo=ZONE)
    for n in range(500):
        checked = handling.when("verify", saturday, urgent=False, rng=random.Random(n))
        assert handling.CHECKED[0] <= checked.hour < handling.CHECKED[1]
        assert checked - saturday < timedelta(days=1.5)
        begun = handling.when("start", saturday, urgent=False, rng=random.Random(n))
        assert kind_of(begun.date()) == "workday"
        assert handling.OFFICE[0] <= begun.hour < handling.OFFICE[1]
