"""What is planted is there, as strongly as its truth says, and nowhere else."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from statistics import mean, pvariance

import pytest
from hypothesis import given
from hypothesis import strategies as st
from town.conftest import SEED

from streetwise.town import almanac, rates
from streetwise.town.history import Problem, Teller
from streetwise.town.language import themes
from streetwise.town.planted import CLUSTER_METRES, FOLLOWS, WORKS, Planted, Planter
from streetwise.town.planting import planted_courses
from streetwise.town.rates import RateBook, driven, poisson
from streetwise.town.world import World

YEAR = (date(2026, 1, 1), date(2027, 1, 1))


@pytest.fixture(scope="module")
def teller(world: World) -> Teller:
    return Teller(world, SEED)


@pytest.fixture(scope="module")
def planted(teller: Teller) -> Planted:
    return teller.planter.between(*YEAR)


def days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=n) for n in range((end - start).days)]


def near_mean(found: int, expected: float) -> bool:
    """Within five standard deviations of a Poisson's mean."""
    return abs(found - expected) <= 5 * math.sqrt(expected) + 1


def test_every_quarter_has_a_sudden_and_a_slow_cluster(planted: Planted) -> None:
    begun = Counter((c.shape, (c.start.month - 1) // 3) for c in planted.clusters
                    if c.start.year == 2026)  # fmt: skip
    assert begun == {(s, q): 1 for s in ("sudden", "slow") for q in range(4)}


def test_a_cluster_brings_what_it_says_where_it_says(teller: Teller, planted: Planted) -> None:
    for cluster in planted.clusters:
        if cluster.start.year != 2026 or cluster.end > YEAR[1]:
            continue
        span = days(cluster.start - timedelta(days=3), cluster.end + timedelta(days=3))
        found = [p for day in span for p in teller.problems(day) if p.planted == cluster.key]
        assert near_mean(len(found), sum(map(cluster.rate, span)))
        assert all(cluster.start <= p.day < cluster.end for p in found)
        centre = teller.centre(cluster)
        for problem in found:
            assert problem.theme.key == cluster.theme
            # A road or a compound counts by its middle; a problem is at one house of it.
            if problem.stage.spot.kind not in ("road", "compound"):
                far = math.dist((centre.x, centre.y), (problem.stage.x, problem.stage.y))
                assert far <= CLUSTER_METRES + 1


def test_a_slow_cluster_rises_and_a_sudden_one_jumps(planted: Planted) -> None:
    for cluster in planted.clusters:
        curve = [cluster.rate(cluster.start + timedelta(days=n)) for n in range(cluster.days)]
        assert max(curve) == pytest.approx(cluster.height)
        assert cluster.rate(cluster.end) == cluster.rate(cluster.start - timedelta(days=1)) == 0
        if cluster.shape == "slow":
            assert curve == sorted(curve)
            assert curve[0] < 0.1 * curve[-1]
        else:
            assert set(curve) == {cluster.height}


def test_an_association_follows_with_its_lag_in_its_grid(teller: Teller, planted: Planted) -> None:
    (link,) = [a for a in planted.associations if a.start.year == 2026]
    causes = 0
    followers: list[Problem] = []
    for day in days(link.start, link.end):
        begun = teller.problems(day)
        daily = [p for p in begun if not p.planted and p.theme.category == link.cause]
        causes += len(daily)
        late = teller.problems(day + timedelta(days=link.lag_days))
        heirs = [p for p in late if p.planted == link.key]
        followers += heirs
        grids = Counter(p.stage.grid for p in daily)
        assert all(grids[p.stage.grid] for p in heirs)
        assert all(p.theme.category == link.follows for p in heirs)
    assert causes > 40
    # Where a grid has no place for it, nothing follows: a few less than the probability says.
    share = len(followers) / causes
    assert FOLLOWS - 0.2 < share < FOLLOWS + 3 * math.sqrt(FOLLOWS * (1 - FOLLOWS) / causes)


@pytest.mark.parametrize(("kind", "left"), [("works", WORKS), ("idle", 1.0)])
def test_an_action_does_what_its_truth_says(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str, left: float
) -> None:
    """Against the same town in which nothing was done: the same chance, one thing different."""
    with_it, without = Teller(world, SEED), Teller(world, SEED)
    between = Planter.between

    def nothing_done(planter: Planter, start: date, end: date) -> Planted:
        found = between(planter, start, end)
        return replace(found, effects=())

    span = days(date(2026, 3, 1), date(2026, 12, 1))
    (effect,) = [e for e in with_it.planter.between(*YEAR).effects
                 if e.key == f"{kind}-2026"]  # fmt: skip
    where = with_it.atlas.communities[effect.community % len(with_it.atlas.communities)]

    def counted(teller: Teller, *, before: bool) -> int:
        return sum(
            p.theme.category == effect.category and p.stage.community == where and not p.planted
            for day in span
            if (day < effect.start) == before
            for p in teller.problems(day)
        )

    done = (counted(with_it, before=True), counted(with_it, before=False))
    monkeypatch.setattr(Planter, "between", nothing_done)
    undone = (counted(without, before=True), counted(without, before=False))
    assert done[0] == undone[0]
    assert undone[1] > 20
    if left == 1.0:
        assert done[1] == undone[1]
    else:
        spread = math.sqrt(left * (1 - left) / undone[1])
        assert abs(done[1] / undone[1] - left) < 4 * spread


def test_a_pile_of_forms_comes_in_one_minute_at_one_point(teller: Teller, planted: Planted) -> None:
    batch = next(b for b in planted.batches if b.day.year == 2026)
    typed = [r for r in teller.day(batch.day) if r.planted == batch.key]
    assert len(typed) == batch.rows
    assert {(r.at.hour, r.at.minute) for r in typed} == {(batch.hour, batch.minute)}
    assert len({(r.lon, r.lat) for r in typed}) == 1
    assert len({r.truth_place for r in typed}) > 5


def test_a_cloudburst_of_the_past_is_told_minute_by_minute(world: World) -> None:
    courses = planted_courses(SEED, *YEAR)
    burst = next(course for course in courses if course.name == "cloudburst")
    teller = Teller(world, SEED, courses)
    day = burst.start.astimezone(teller.zone).date()
    told = [r for n in range(3) for r in teller.day(day + timedelta(days=n))
            if r.planted.startswith("cloudburst")]  # fmt: skip
    assert len(told) == sum(planned.voice_count for planned in burst.reports) > 60
    assert all(burst.start <= r.at <= burst.end for r in told)
    assert {r.truth_category for r in told} >= {"urban-management:E-05-06", "request:R-08"}
    under = {p["code"] for p in world.places if p["kind"] == "underpass"}
    assert any(r.truth_place in under for r in told)
    # And the sky of that day is as the course says: it rains on the rates as well.
    dry = Teller(world, SEED)
    assert teller.rates.drivers(day)["rain"] > dry.rates.drivers(day).get("rain", 0.0)


def test_what_is_planted_does_not_depend_on_the_period(teller: Teller) -> None:
    whole = teller.planter.between(date(2025, 1, 1), date(2027, 1, 1))
    for month in range(1, 13):
        first = date(2026, month, 1)
        part = teller.planter.between(first, first + timedelta(days=28))
        assert set(part.clusters) <= set(whole.clusters)
        assert set(part.batches) <= set(whole.batches)
        assert set(part.associations) <= set(whole.associations)
        assert set(part.effects) <= set(whole.effects)


# --- rates ---------------------------------------------------------------------------------------


@given(st.floats(0.01, 200), st.integers(0, 1000))
def test_counts_have_the_mean_and_variance_of_a_poisson(expected: float, seed: int) -> None:
    rng = random.Random(seed)
    drawn = [poisson(rng, expected) for _ in range(400)]
    error = math.sqrt(expected / 400)
    assert abs(mean(drawn) - expected) < 6 * error + 0.02
    assert pvariance(drawn) < expected * 1.7 + 1
    assert pvariance(drawn) > expected * 0.5 - 0.2


def test_days_scatter_more_than_by_chance_and_rates_agree_however_asked() -> None:
    book = RateBook(SEED, themes())
    span = [d for d in days(*YEAR) if almanac.kind_of(d) == "workday" and d.weekday() == 2]
    totals = [book.rates(d).total for d in span]
    # The expected numbers themselves scatter: weather and shocks.
    assert pvariance(totals) / mean(totals) > 0.5
    again = RateBook(SEED, themes())
    assert [again.rates(d) for d in reversed(span)] == [book.rates(d) for d in reversed(span)]


def test_weekday_holiday_and_swapped_weekend() -> None:
    assert rates.rhythm(date(2026, 10, 1)) == rates.HOLIDAY
    assert rates.rhythm(date(2026, 10, 10)) == rates.SWAPPED_WORKDAY  # a worked Saturday
    assert rates.rhythm(date(2026, 10, 19)) == rates.WEEKDAY[0]
    assert rates.trend(date(2025, 6, 1)) < rates.trend(date(2026, 6, 1))


@given(st.floats(0, 1))
def test_a_driver_works_as_strongly_as_it_is_there(strength: float) -> None:
    theme = next(t for t in themes() if t.drivers.get("rain", 1) > 1)
    factor = driven(theme, {"rain": strength})
    assert factor == pytest.approx(theme.drivers["rain"] ** strength)
    assert driven(theme, {}) == 1.0


def test_the_parts_of_a_day_add_up_to_the_whole() -> None:
    shares = rates._shares(themes())
    assert sum(shares) == pytest.approx(1.0)
    by_nature: defaultdict[str, float] = defaultdict(float)
    for theme, share in zip(themes(), shares, strict=True):
        by_nature[theme.nature] += share
    assert by_nature == pytest.approx(rates.NATURE_SHARE)
