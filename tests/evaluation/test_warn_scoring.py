"""Warnings held against truth, and the truth file."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from streetwise.evaluation.warn.intervals import median, median_interval, poisson_rate, wilson
from streetwise.evaluation.warn.scoring import Said, folded, score, touches
from streetwise.evaluation.warn.truth import TrueChange, read_truth, write_truth
from streetwise.kernel.errors import Invalid
from streetwise.warn.plane import Plane
from streetwise.warn.values import ALL, Candidate, Places

PLANE = Plane(116.4, 39.9)
#: Four squares of 200 m in a row.
ROW = np.array([100.0, 300.0, 500.0, 700.0])
PLACES = Places(("a", "b", "c", "d"), ROW, np.full(4, 100.0), np.full(4, 40_000.0))
KINDS = ("lamp", "waste")


def _said(
    day: int, category: int = 0, places: tuple[int, ...] = (), first: int | None = None
) -> Said:
    begin = day if first is None else first
    return Said(day, Candidate("scan", category, places, begin, day, 9, 3.0, 5.0))


def _change(name: str, first: int, last: int, size: str = "large", **more: Any) -> TrueChange:
    return TrueChange(name, "lamp", first, last, size=size, **more)


CIRCLE: dict[str, Any] = {"x": 100.0, "y": 100.0, "radius": 130.0}


@pytest.mark.parametrize(
    ("said", "change", "touched"),
    [
        (_said(10), _change("t", 10, 20), True),
        (_said(20, first=5), _change("t", 10, 20), True),
        (_said(9), _change("t", 10, 20), False),
        (_said(21), _change("t", 10, 20), False),
        (_said(25, first=18), _change("t", 10, 20), True),
        (_said(12, 1), _change("t", 10, 20), False),
        (_said(12, ALL), _change("t", 10, 20), False),
        (_said(12, ALL), TrueChange("t", "", 10, 20), True),
        (_said(12, 1), TrueChange("t", "", 10, 20), True),
        (_said(12, 0, (0,)), _change("t", 10, 20, **CIRCLE), True),
        (_said(12, 0, (1,)), _change("t", 10, 20, **CIRCLE), False),
        (_said(12, 0, (1, 0)), _change("t", 10, 20, **CIRCLE), True),
        (_said(12, 0, ()), _change("t", 10, 20, **CIRCLE), True),
        (_said(12, 0, (3,)), _change("t", 10, 20), True),
        # A circle that is smaller than a square, away from its middle.
        (_said(12, 0, (2,)), _change("t", 10, 20, x=580.0, y=20.0, radius=10.0), True),
        (_said(12, 0, (3,)), _change("t", 10, 20, x=580.0, y=20.0, radius=10.0), False),
        (_said(12, 0, (1,)), _change("t", 10, 20, places=("b", "z")), True),
        (_said(12, 0, (0,)), _change("t", 10, 20, places=("b", "z")), False),
    ],
)
def test_what_touches_what(said: Said, change: TrueChange, touched: bool) -> None:
    assert touches(said, change, PLACES, KINDS) is touched


def test_figures_of_a_small_example() -> None:
    truth = [
        _change("one", 100, 113, **CIRCLE),
        _change("two", 150, 163),
        _change("three", 200, 213, "small"),
        _change("before", 50, 63),
    ]
    storm = _change("storm", 300, 310, "storm")
    said = [
        _said(101, 0, (1,)),  # elsewhere: false
        _said(102, 0, (0,)),
        _said(104, 0, (0,)),
        _said(156, 0, ()),
        _said(216, 0, (), first=205),  # too late to find, and no noise
        _said(300, 0, (2,)),
        _said(330, 1, ()),  # false
        _said(60, 0, ()),  # not watched
    ]
    result = score(said, truth, PLACES, KINDS, 91, 370, known=[storm])
    assert (result.warnings, result.true, result.known, result.false) == (7, 4, 1, 2)
    assert (result.weeks, result.false_per_week) == (40.0, 0.05)
    assert result.false_per_week_interval == poisson_rate(2, 40.0)
    assert (result.ppv, result.ppv_interval) == (5 / 7, wilson(5, 7))
    assert result.known_delays == {"storm": 0.0}
    large, small = result.classes
    assert (large.size, large.planted, large.found, large.delay) == ("large", 2, 2, 4.0)
    assert (large.local, large.located) == (1, 1)
    assert (small.size, small.planted, small.found, small.share) == ("small", 1, 0, 0.0)
    assert math.isnan(small.delay) and small.delay_of_all == math.inf
    assert (result.overall.planted, result.overall.found) == (3, 2)
    assert (result.overall.delay, result.overall.delay_of_all) == (4.0, 6.0)
    written = json.loads(json.dumps(result.as_dict(), allow_nan=False))
    assert written["classes"][1]["delay"] is None
    assert written["classes"][0]["share"] == 1.0


def test_nothing_said_and_nothing_true_has_figures_too() -> None:
    result = score([], [], PLACES, KINDS, 0, 6)
    assert (result.warnings, result.weeks, result.false_per_week) == (0, 1.0, 0.0)
    assert math.isnan(result.ppv) and result.ppv_interval == (0.0, 1.0)
    assert result.overall.planted == 0 and not result.classes
    with pytest.raises(ValueError, match="no day was watched"):
        score([], [], PLACES, KINDS, 7, 6)


def test_what_is_said_again_is_folded() -> None:
    said = [
        _said(1, 0, (0, 1)),
        _said(3, 0, (1, 2)),
        _said(3, 1, (1,)),
        _said(4, 0, (3,)),
        _said(9, 0, (0,)),
        _said(20, 0, (0,)),
    ]
    assert [w.day for w in folded(said, 7)] == [1, 3, 4, 20]
    assert [w.day for w in folded(said, 0)] == [1, 3, 3, 4, 9, 20]
    assert [w.day for w in folded([_said(5, 0, (1,)), _said(4, 0)], 1)] == [4]


@given(st.integers(0, 40), st.integers(1, 40))
def test_wilson_is_that_of_scipy(found: int, more: int) -> None:
    of = max(found, more)
    low, high = wilson(found, of)
    known = binomtest(found, of).proportion_ci(method="wilson")
    assert low == pytest.approx(known.low, abs=1e-12)
    assert high == pytest.approx(known.high, abs=1e-12)


def test_rates_and_medians_have_the_known_intervals() -> None:
    # Garwood's for 0 and 10 events, from any table.
    assert poisson_rate(0, 1.0) == pytest.approx((0.0, 3.6889), abs=1e-4)
    assert poisson_rate(10, 2.0) == pytest.approx((4.7954 / 2, 18.3904 / 2), abs=1e-4)
    assert median([3, 1, math.inf]) == 3
    assert median([1, 2, math.inf, math.inf]) == math.inf
    assert math.isnan(median([]))
    # Ranks 6 and 15 of 20: the known interval of a median.
    assert median_interval(range(1, 21)) == (6, 15)
    assert median_interval([2, 9]) == (2, 9)


def test_truth_is_read_back_as_written(tmp_path: Path) -> None:
    truth = [
        TrueChange("a", "灯, 路", 20_000, 20_013, 120.0, -40.0, 500.0, "large", 6.25),
        TrueChange("b", "", 20_100, 20_100, places=("g1", "g2")),
    ]
    path = tmp_path / "truth.csv"
    write_truth(path, truth, PLANE)
    one, other = read_truth(path, PLANE)
    assert (one.x, one.y) == pytest.approx((120.0, -40.0), abs=0.02)
    for name in ("id", "category", "first_day", "last_day", "radius", "size", "expected"):
        assert getattr(one, name) == getattr(truth[0], name)
    assert other.places == ("g1", "g2") and other.category == "" and math.isnan(other.x)


def test_clusters_of_the_town_are_truth(tmp_path: Path) -> None:
    path = tmp_path / "clusters.csv"
    path.write_text(
        "key,shape,category,theme,place,grid,community,lon,lat,start,end,problems_a_day\n"
        "k,sudden,s:c,t,P,G,C,116.4,39.9,2026-03-01,2026-03-08,5\n"
    )
    (change,) = read_truth(path, PLANE)
    assert (change.size, change.category, change.radius) == ("sudden", "s:c", 130.0)
    assert change.last_day - change.first_day == 6
    assert abs(change.x) < 0.01


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,category\n", "no column first_day, last_day"),
        (
            "id,category,first_day,last_day\na,b,2026-01-02,2026-01-01\n",
            "row 2: last_day is before",
        ),
        ("id,category,first_day,last_day\na,b,soon,2026-01-01\n", "row 2"),
        ("id,category,first_day,last_day,lon\na,b,2026-01-01,2026-01-01,116\n", "go together"),
    ],
)
def test_bad_truth_is_refused_with_its_row(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(text)
    with pytest.raises(Invalid, match=says):
        read_truth(path, PLANE)
