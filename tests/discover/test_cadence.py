"""What is published of cadences equals a recount second by second."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.cadence import Looks, Reached

MOST = 4096


def _recount(looks: list[int], began: int, now: int, window: int, wanted: int) -> Reached:
    """Every second of the window asked how long the gap is that it lies in."""
    start = max(began, now - window)
    marks = [began, *looks, now]
    gaps, late = [], 0
    for second in range(start, now):
        left = max(mark for mark in marks[:-1] if mark <= second)
        right = min(mark for mark in marks[1:] if mark > second)
        gaps.append(right - left)
        late += second - left >= wanted
    gaps.sort()

    def quantile(share: float) -> float:
        return gaps[math.ceil(share * len(gaps)) - 1] if gaps else 0.0

    return Reached(
        window_seconds=len(gaps),
        looks=sum(start < look <= now for look in looks),
        half=quantile(0.5),
        p95=quantile(0.95),
        longest=max(gaps, default=0),
        since=now - looks[-1] if looks else None,
        late_share=late / len(gaps) if gaps else 0.0,
    )


@settings(max_examples=120, deadline=None)
@given(
    gaps=st.lists(st.integers(1, 40), max_size=40),
    began=st.integers(0, 30),
    after=st.integers(0, 60),
    window=st.integers(1, 200),
    wanted=st.integers(1, 30),
)
def test_published_is_a_recount(
    gaps: list[int], began: int, after: int, window: int, wanted: int
) -> None:
    looks = Looks(float(began))
    times: list[int] = []
    for gap in gaps:
        times.append((times[-1] if times else began) + gap)
        looks.add(float(times[-1]), window, MOST)
    now = (times[-1] if times else began) + after
    got = looks.reached(float(now), window, wanted)
    plain = _recount(times, began, now, window, wanted)
    for name in Reached.__dataclass_fields__:
        assert getattr(got, name) == pytest.approx(getattr(plain, name)), name


def test_a_long_gap_is_not_hidden_by_many_short_ones() -> None:
    looks = Looks(0.0)
    for at in range(2, 302, 2):
        looks.add(float(at), 900, MOST)
    looks.add(900.0, 900, MOST)
    got = looks.reached(900.0, 900, 10)
    assert got.longest == 600 and got.p95 == 600 and got.half == 600
    assert got.late_share == pytest.approx(590 / 900)


def test_no_more_looks_are_kept_than_the_window_needs() -> None:
    looks = Looks(0.0)
    for at in range(10_000):
        looks.add(float(at), 100, MOST)
    assert len(looks.times) == 101 and looks.before == 9_898
    few = Looks(0.0)
    for at in range(100):
        few.add(float(at), 1000, 10)
    assert len(few.times) == 10 and few.reached(100.0, 1000, 1).since == 1.0
