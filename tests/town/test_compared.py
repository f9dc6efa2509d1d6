"""The figures of the comparison with real places, on inputs whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench.compare import statistics
from bench.compare.__main__ import filled
from bench.compare.charts import Axis, Line, chart
from bench.compare.sources import day_number, metres

MONDAY = 4  # 1970-01-05


def test_weekdays_are_counted_from_monday() -> None:
    # Four weeks with two reports on each Monday and one on every other day.
    days = [MONDAY + d for d in range(28)] + [MONDAY + 7 * w for w in range(4)]
    means = statistics.weekday_means(np.array(days))
    assert means == pytest.approx(np.array([2, 1, 1, 1, 1, 1, 1]) * 7 / 8)


def test_profile_shares_add_up_to_one() -> None:
    assert statistics.profile(np.array([0, 0, 3]), 4) == pytest.approx([2 / 3, 0, 0, 1 / 3])


def test_a_poisson_has_no_extra_and_a_shaken_rate_has_it() -> None:
    rng = np.random.default_rng(1)
    plain = statistics.scatter(rng.poisson(60.0, 2_000))
    assert plain.ratio == pytest.approx(1.0, abs=0.1)
    assert plain.extra < 0.05
    rate = 60.0 * rng.lognormal(-0.03125, 0.25, 2_000)
    shaken = statistics.scatter(rng.poisson(rate))
    assert shaken.extra == pytest.approx(0.25, abs=0.03)
    assert abs(shaken.lag1) < 0.1


def test_weekday_and_slow_trend_are_no_scatter() -> None:
    week = np.tile([120, 110, 100, 100, 90, 60, 50], 60)
    rising = np.round(week * np.linspace(1.0, 1.5, len(week))).astype(np.int64)
    assert statistics.scatter(rising).ratio < 0.05


def test_kinds_are_aligned_to_the_same_days() -> None:
    # Of kind 1 one report a day but none on the first two: its counts begin with noughts.
    days = np.array([MONDAY, MONDAY + 1, *(MONDAY + d for d in range(2, 40))])
    found = statistics.scatter_by_type(days, np.array([0, 0, *[1] * 38]), least=0.5)
    assert [s.mean for s in found] == [pytest.approx(38 / 40)]


def test_correlation_with_an_earlier_day() -> None:
    assert statistics.correlation(np.tile([1.0, -1.0], 50), 1) == pytest.approx(-1.0)
    assert statistics.correlation(np.ones(20), 1) == 0.0


def test_exact_repeats_count_all_but_the_first() -> None:
    assert statistics.exact_repeats(["a", "b", "a", "a"]) == 0.5
    assert statistics.exact_repeats([]) == 0.0


def test_near_repeats_need_kind_place_and_time() -> None:
    xy = np.array([[0, 0], [60, 0], [0, 500], [0, 0], [0, 10]], dtype=np.float64)
    times = np.array([0.0, 3.0, 3.0, 20.0, 21.0])
    kinds = np.array([1, 1, 1, 1, 2])
    # The second is near the first; the third too far, the fourth too late, the fifth another kind.
    assert statistics.near_repeats(xy, times, kinds) == pytest.approx(1 / 5)


def test_what_density_brings_is_found_by_dealing_times_anew() -> None:
    # Pairs at one place and time: dealt anew over three years, few remain.
    rng = np.random.default_rng(2)
    xy = np.repeat(rng.uniform(0, 1e5, (100, 2)), 2, axis=0)
    times = np.repeat(rng.uniform(0, 1_000, 100), 2)
    kinds = np.zeros(200, dtype=np.int64)
    assert statistics.near_repeats(xy, times, kinds) >= 0.5
    assert statistics.near_by_chance(xy, times, kinds, rng) < 0.1


def test_concentration_of_equal_and_of_single_cells() -> None:
    assert statistics.gini(np.array([5, 5, 5, 5])) == pytest.approx(0.0)
    assert statistics.gini(np.array([0, 0, 0, 8])) == pytest.approx(0.75)
    assert statistics.top_share(np.array([1, 7, 1, 1]), 0.25) == pytest.approx(0.7)
    assert statistics.top_share(np.array([8, 2]), 0.25) == pytest.approx(0.4)  # half of the first
    assert statistics.lorenz(np.array([3, 1]), 3) == pytest.approx([0.0, 0.75, 1.0])


def test_cells_and_pieces() -> None:
    xy = np.array([[1, 1], [99, 99], [101, 1], [-1, -1], [5, 5]], dtype=np.float64)
    assert statistics.cells(xy, 100.0).tolist() == [3, 1, 1]
    assert [len(p) for p in statistics.squares(xy, 100.0, 2)] == [3]
    assert statistics.commonest(np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])) == 0.5


def test_variety_of_equal_kinds_is_their_number() -> None:
    even = statistics.variety(["a", "b", "c", "d"])
    assert (even.kinds, even.top1, even.top5) == (4, 0.25, 1.0)
    assert even.effective == pytest.approx(4.0)
    assert statistics.variety(["a"] * 99 + ["b"]).effective < 1.1


def test_what_is_still_open_counts_as_longest() -> None:
    w = statistics.waits(np.array([0.5] * 5 + [5.0] * 4 + [math.inf]))
    assert (w.within1, w.within7, w.within30) == (0.5, 0.9, 0.9)
    assert (w.p10, w.p50, w.p99) == (0.5, 5.0, math.inf)


def test_degrees_become_metres() -> None:
    xy = metres(np.array([[42.0, -71.0], [42.001, -71.0], [42.0, -70.999]]))
    assert xy[1, 1] - xy[0, 1] == pytest.approx(111.1, abs=0.1)
    assert xy[2, 0] - xy[0, 0] == pytest.approx(82.7, abs=0.2)


def test_a_chart_shows_every_line_and_clips_what_lies_outside() -> None:
    x = Axis("days", [(1, "1"), (100, "100")], log=True)
    y = Axis("%", [(0, "0"), (100, "100")])
    drawn = chart("A & B", [Line("a", [(1, 0), (1_000, 100)]), Line("b", [(10, 50)], True)], x, y)
    assert drawn.count("<polyline") == 2
    assert "A &amp; B" in drawn
    assert 'points="78.0,312.0 614.0,44.0"' in drawn
    assert x.place(10) == pytest.approx(0.5)


def test_a_page_keeps_its_words_and_misses_no_table() -> None:
    page = "before\n<!-- measured: a -->\nold\n<!-- end: a -->\nafter"
    new = filled(page, {"a": "| 1 |"})
    assert new == "before\n<!-- measured: a -->\n\n| 1 |\n\n<!-- end: a -->\nafter"
    with pytest.raises(ValueError, match="'b'"):
        filled(page, {"b": ""})


def test_days_are_local_days() -> None:
    from datetime import datetime

    from streetwise.town.almanac import ZONE

    assert day_number(datetime(1970, 1, 2, 12, tzinfo=ZONE)) == 1.5
