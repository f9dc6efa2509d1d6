"""The rounds, the share of 未诉先办 and its effect: rules, and worlds with a known effect."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from streetwise.warn.forecast import (
    NEVER,
    EffectSettings,
    Forecast,
    HotSpots,
    RoundsSettings,
    effect_of_visits,
    forecast_counts,
    rounds,
    share_of_preventive,
)
from streetwise.warn.values import ALL, Floats, Ints, Places, Series


def _street() -> tuple[Forecast, Series, Places]:
    """Six places x two categories and two totals; place p has about p + 1 reports a day."""
    rng = np.random.default_rng(1)
    place = np.repeat(np.arange(6), 2)
    category = np.tile([0, 1], 6)
    inner = rng.poisson((place + 1.0)[:, None] * 0.5, (12, 300))
    totals = np.array([inner[category == c].sum(axis=0) for c in (0, 1)])
    series = Series(
        np.vstack([totals, inner]),
        18_000,
        np.concatenate([[ALL, ALL], place]),
        np.concatenate([[0, 1], category]),
        np.concatenate([[-1, -1], category]),
    )
    names = tuple(f"p{p}" for p in range(6))
    places = Places(names, np.arange(0.0, 600.0, 100.0), np.zeros(6), np.full(6, 1e4))
    return forecast_counts(series), series, places


def test_rounds_go_where_most_is_expected_and_never_to_a_total() -> None:
    made, series, places = _street()
    stops = rounds(made, series, places, RoundsSettings(stops_per_community=99))
    assert len(stops) == 12
    assert [s.expected for s in stops] == sorted((s.expected for s in stops), reverse=True)
    assert {s.place for s in stops[:4]} == {4, 5} and {s.place for s in stops[-2:]} == {0}
    best = stops[0]
    row = int(np.flatnonzero((series.place == best.place) & (series.category == best.category))[0])
    assert best.recent == series.counts[row, -28:].sum()
    assert (best.x, best.low, best.high) == (
        best.place * 100.0,
        made.low[row, 1],
        made.high[row, 1],
    )
    again = rounds(made, series, places, RoundsSettings(stops_per_community=99))
    assert repr(again) == repr(stops)  # NaN is not itself


def test_a_community_gets_no_more_than_it_can_walk() -> None:
    made, series, places = _street()
    community = np.array([0, 0, 0, 1, 1, 1])
    settings = RoundsSettings(stops_per_community=2, stops_most=3)
    stops = rounds(made, series, places, settings, community=community)
    assert [s.community for s in stops] == [1, 1, 0]


def test_where_somebody_looked_lately_nobody_is_sent() -> None:
    made, series, places = _street()
    visit = np.full(len(series.place), NEVER)
    visit[series.place == 5] = made.first_day - 3
    settings = RoundsSettings(stops_per_community=99, rest_days=3)
    stops = rounds(made, series, places, settings, last_visit=visit)
    assert 5 not in {s.place for s in stops}
    visit[series.place == 5] = made.first_day - 4
    assert 5 in {s.place for s in rounds(made, series, places, settings, last_visit=visit)}


def test_little_is_no_reason_to_go() -> None:
    made, series, places = _street()
    assert rounds(made, series, places, RoundsSettings(expected_least=1e9)) == []
    with pytest.raises(ValueError, match="no forecast for 3 days"):
        rounds(made, series, places, RoundsSettings(horizon_days=3))


def test_a_stop_says_what_lifts_it() -> None:
    made, series, places = _street()
    one = RoundsSettings(stops_most=1)
    row = int(np.flatnonzero(series.place == 5)[0])
    lifted, season = made.mean.copy(), made.seasonal.copy()
    lifted[row] *= 3
    assert rounds(replace(made, mean=lifted), series, places, one)[0].driver == "recent"
    season[row] = 2.9
    both = replace(made, mean=lifted, seasonal=season)
    assert rounds(both, series, places, one)[0].driver == "season"
    calm = replace(made, usual=made.mean[:, 1], seasonal=np.ones_like(season))
    assert rounds(calm, series, places, one)[0].driver == "chronic"


def test_a_stop_lies_at_the_hottest_cell_of_its_place() -> None:
    made, series, places = _street()
    three = np.array([0, 1, 2])
    spots = HotSpots(
        made.first_day, 50.0, three, three * 7.0, three * 11.0, np.array([9.0, 8.0, 7.0]), three,
        np.ones(3), True,
    )  # fmt: skip
    stops = rounds(
        made, series, places, RoundsSettings(stops_per_community=99), spots=spots,
        place_of_spot=np.array([-1, 5, 5]),
    )  # fmt: skip
    at = {(s.place, s.x, s.y, s.cell_expected) for s in stops if s.place == 5}
    assert at == {(5, 7.0, 11.0, 8.0)}
    other = next(s for s in stops if s.place == 4)
    assert other.x == 400.0 and np.isnan(other.cell_expected)


# The share


def test_share_counts_only_what_was_mended_before_anybody_complained() -> None:
    whole, by_category = share_of_preventive(
        task_category=np.array([1, 1, 1, 1, 2]),
        found=np.array([True, True, True, False, False]),
        mended=np.array([True, True, False, False, False]),
        complaint_came_first=np.array([False, True, False, False, False]),
        complaint_category=np.array([1, 1, 1, 2, 3, 3, 3]),
    )
    assert (whole.prevented, whole.complaints, whole.share) == (1, 4, 0.2)  # 3 was never tried
    assert by_category[1].share == 0.25 and by_category[2].share == 0
    assert whole.low < 0.2 < whole.high
    assert by_category[2].low == 0 < by_category[2].high


def test_share_of_nothing_is_not_a_number() -> None:
    none = np.zeros(0, dtype=np.int64)
    flags = np.zeros(0, dtype=np.bool_)
    whole, by_category = share_of_preventive(none, flags, flags, flags, none)
    assert np.isnan(whole.share) and (whole.low, whole.high) == (0, 1) and not by_category


# The effect


def _visited(
    effect: float, seed: int, visits: int = 120, places: int = 400
) -> tuple[Ints, Ints, Ints, Floats]:
    """Places whose level wanders; whoever has had most lately is visited (regression to the mean).

    Every second one of the first forty of the ranking is visited, once.
    """
    rng = np.random.default_rng(seed)
    days = 500
    level = np.exp(np.cumsum(rng.normal(0, 0.03, (places, days)), axis=1)) * 0.4
    free = rng.poisson(np.minimum(level, 3.0))
    counts = free.copy()
    place: list[int] = []
    column: list[int] = []
    ranking: list[Floats] = []
    last = np.full(places, -999)
    for day in range(100, 470, 6):
        score = free[:, day - 28 : day].sum(axis=1) + rng.uniform(0, 0.01, places)
        chosen = [p for p in np.argsort(-score)[:40:4] if day - last[p] > 84][:4]
        for p in chosen:
            if len(place) < visits:
                last[p] = day
                place.append(int(p))
                column.append(day)
                ranking.append(score)
                after = counts[p, day : day + 28]
                counts[p, day : day + 28] = rng.binomial(after, 1 + effect)
    return counts, np.array(place), np.array(column), np.array(ranking)


def test_a_known_effect_is_found() -> None:
    found = [effect_of_visits(*_visited(-0.3, seed=seed)) for seed in range(6)]
    assert all(one.visits > 60 and one.high < 0 for one in found)
    assert np.mean([one.change for one in found]) == pytest.approx(-0.3, abs=0.05)
    assert sum(one.believable for one in found) >= 3


def test_doing_nothing_has_no_effect_though_visited_places_get_better_anyway() -> None:
    """Worlds without effect: the raw fall is large, the estimates lie around 0, the placebo too."""
    found = [effect_of_visits(*_visited(0.0, seed=100 + seed)) for seed in range(12)]
    raw = [one.reports_after / one.reports_before - 1 for one in found]
    assert np.mean(raw) < -0.05
    assert abs(np.mean([one.change for one in found])) < 0.04
    assert abs(np.mean([one.placebo for one in found])) < 0.04
    # Of 80 % intervals: fewer than 6 of 12 has a chance of 1 in 250.
    assert sum(one.low <= 0 <= one.high for one in found) >= 6


def test_visits_without_untreated_neighbours_or_windows_do_not_count() -> None:
    counts = np.ones((4, 200), dtype=np.int64)
    scores = np.tile([3.0, 2.0, 1.0, np.nan], (2, 1))
    settings = EffectSettings(visits_least=1, reports_least=1)
    busy = effect_of_visits(counts, np.array([1, 2]), np.array([101, 100]), scores, settings)
    assert busy.visits == 0 and np.isnan(busy.change) and not busy.believable
    for place, column in ((1, 20), (0, 100), (3, 100)):  # no past, nobody above, not ranked
        none = effect_of_visits(counts, np.array([place]), np.array([column]), scores[:1], settings)
        assert none.visits == 0
    one = effect_of_visits(counts, np.array([1]), np.array([100]), scores[:1], settings)
    assert (one.visits, one.controls) == (1, 2)
    assert one.change == pytest.approx(0.0)


def test_few_visits_are_not_believed() -> None:
    found = effect_of_visits(*_visited(-0.3, seed=3, visits=5))
    assert found.visits <= 5 and not found.believable
