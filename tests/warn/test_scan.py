"""The scan's clusters: against a slow reference, on planted clusters, and at the edges."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warn.scan_reference import cylinders, ranked, zones_of

from streetwise.warn.scan import (
    Layer,
    Neighbourhoods,
    ScanSettings,
    connected_of,
    joined,
    neighbourhoods_of,
    permutation_scan,
    scan,
    sets_of,
    statistics_only,
)
from streetwise.warn.scan.kernels import likelihood
from streetwise.warn.values import Expected, Places

FIRST_DAY = 20_000


def places(count: int, generator: np.random.Generator) -> Places:
    """Places strewn over a square kilometre."""
    x, y = generator.uniform(0.0, 1000.0, (2, count))
    return Places(tuple(str(number) for number in range(count)), x, y, np.full(count, 1e4))


def layer(
    count: int, days: int, generator: np.random.Generator, *, mean: float = 0.5, category: int = 0
) -> Layer:
    """An uneven baseline with sizes of 0.5 to 5, and counts that follow it."""
    expected = generator.gamma(2.0, mean / 2.0, (count, 1)) * generator.uniform(
        0.5, 1.5, (count, days)
    )
    size = generator.uniform(0.5, 5.0, count)
    counts = generator.negative_binomial(size[:, None], size[:, None] / (size[:, None] + expected))
    return Layer(category, counts.astype(np.int64), FIRST_DAY, Expected(expected, size))


def even(count: int, days: int, generator: np.random.Generator) -> Layer:
    """A tenth of a report a day everywhere, scattering alike, and counts that follow it."""
    expected = Expected(np.full((count, days), 0.1), np.full(count, 2.0))
    counts = generator.negative_binomial(2.0, 2.0 / 2.1, (count, days))
    return Layer(0, counts.astype(np.int64), FIRST_DAY, expected)


def planted(one: Layer, where: list[int], days: int, more: int) -> Layer:
    """The same with ``more`` reports a day at each of some places in the last days."""
    counts = one.counts.copy()
    counts[where, -days:] += more
    return replace(one, counts=counts)


SHAPES = st.tuples(
    st.integers(1, 7), st.integers(1, 9), st.integers(1, 6), st.integers(1, 4), st.integers(0, 9999)
)


@pytest.mark.parametrize("kind", ["poisson", "negative_binomial", "permutation"])
@settings(max_examples=40, deadline=None)
@given(shape=SHAPES, mean=st.sampled_from([0.05, 0.5, 5.0]))
def test_clusters_are_those_of_the_slow_reference(
    kind: str, shape: tuple[int, int, int, int, int], mean: float
) -> None:
    count, days, max_days, least, seed = shape
    generator = np.random.default_rng(seed)
    street = places(count, generator)
    some = sorted({0, count // 2, count - 1})
    hoods = joined(neighbourhoods_of(street, max_share=0.8), sets_of([some], count))
    one = layer(count, days, generator, mean=mean)
    wanted = ScanSettings(
        statistic="poisson" if kind == "poisson" else "negative_binomial",
        max_days=max_days,
        study_days=7,
        min_count=least,
        replicates=0,
    )
    night = one.last_day - int(generator.integers(0, min(3, days)))
    run = permutation_scan if kind == "permutation" else scan
    found = run([one], hoods, wanted, night=night)
    every = cylinders(
        one,
        zones_of(hoods),
        column=night - FIRST_DAY,
        days=max_days,
        least=least,
        kind=kind,
        study=7,
    )
    reference = ranked(every, wanted.clusters_at_most)
    # A permutation's means are made of whole numbers: many cylinders are exactly as good.
    if kind != "permutation":
        assert [frozenset(cluster.places) for cluster in found] == [
            cylinder.places for cylinder in reference
        ]
        assert [cluster.last_day - cluster.first_day + 1 for cluster in found] == [
            cylinder.days for cylinder in reference
        ]
    assert bool(found) == bool(reference)
    assert [cluster.rank for cluster in found] == list(range(1, len(found) + 1))
    if found:
        assert found[0].statistic == pytest.approx(reference[0].statistic, rel=1e-9, abs=1e-11)
    by_cylinder = {(cylinder.places, cylinder.days): cylinder for cylinder in every}
    for cluster in found:
        same = by_cylinder[frozenset(cluster.places), night - cluster.first_day + 1]
        assert cluster.statistic == pytest.approx(same.statistic, rel=1e-9, abs=1e-11)
        assert cluster.observed == same.observed
        assert cluster.expected == pytest.approx(same.expected)
        assert cluster.relative_risk == pytest.approx(same.observed / same.expected)
    used = [place for cluster in found for place in cluster.places]
    assert len(used) == len(set(used))


@pytest.mark.parametrize("permutation", [False, True])
def test_replaying_gives_the_best_cluster_of_every_night(permutation: bool) -> None:
    generator = np.random.default_rng(3)
    hoods = neighbourhoods_of(places(9, generator))
    one = layer(9, 40, generator, mean=0.2)
    nights = list(range(FIRST_DAY, FIRST_DAY + 40))
    wanted = ScanSettings(replicates=0, max_days=5, study_days=20)
    quick = statistics_only(one, hoods, wanted, nights=nights, permutation=permutation, threads=2)
    run = permutation_scan if permutation else scan
    for row, night in enumerate(nights):
        found = run([one], hoods, wanted, night=night)
        if not found:
            assert (quick.statistic[row], quick.zone[row], quick.length[row]) == (0.0, -1, 0)
            continue
        assert quick.statistic[row] == found[0].statistic
        assert hoods.places_of(int(quick.zone[row])) == found[0].places
        assert night - quick.length[row] + 1 == found[0].first_day
        assert quick.observed[row] == found[0].observed
        assert quick.expected[row] == found[0].expected
    assert list(quick.night) == nights


@pytest.mark.parametrize("statistic", ["poisson", "negative_binomial"])
def test_a_planted_cluster_is_found_and_others_beside_it(statistic: str) -> None:
    generator = np.random.default_rng(11)
    street = places(60, generator)
    hoods = neighbourhoods_of(street, max_share=0.2)
    quiet = even(60, 30, generator)
    near = [int(place) for place in hoods.places_of(int(hoods.start[7]) + 3)]
    far = int(np.argmax(np.hypot(street.x - street.x[7], street.y - street.y[7])))
    loud = planted(planted(quiet, near, 4, 3), [far], 2, 5)
    wanted = ScanSettings(statistic="poisson" if statistic == "poisson" else "negative_binomial")
    found = scan([loud], hoods, wanted, seed=1)
    assert set(found[0].places) == set(near)
    assert (found[0].first_day, found[0].last_day) == (loud.last_day - 3, loud.last_day)
    assert far in found[1].places
    assert found[0].p == found[1].p == 1 / 1000
    assert 0.0 < found[0].gumbel_p < found[1].gumbel_p < 1e-3
    assert found[2].p > 0.05
    assert found[0].observed > 2 * found[0].expected


def test_a_permutation_finds_what_gathers_in_place_and_time_only() -> None:
    generator = np.random.default_rng(5)
    hoods = neighbourhoods_of(places(30, generator), max_share=0.3)
    quiet = Layer(4, generator.poisson(0.3, (30, 90)), FIRST_DAY)
    everywhere = planted(quiet, list(range(30)), 1, 2)
    always = replace(quiet, counts=quiet.counts + 3 * (np.arange(30) == 8)[:, None])
    here = planted(quiet, [8], 3, 4)
    assert permutation_scan([everywhere], hoods, seed=2)[0].p > 0.05
    assert permutation_scan([always], hoods, seed=2)[0].p > 0.05
    found = permutation_scan([here], hoods, seed=2)
    assert (found[0].places, found[0].p, found[0].method) == ((8,), 1 / 1000, "permutation")
    assert found[0].first_day == here.last_day - 2
    # Against a baseline, a bad day of the whole street is a cluster.
    baseline = Expected(np.full((30, 90), 0.3), np.full(30, np.inf))
    assert scan([replace(everywhere, expected=baseline)], hoods, seed=2)[0].p == 1 / 1000


def test_a_category_is_answered_alike_whatever_else_is_scanned() -> None:
    generator = np.random.default_rng(8)
    hoods = neighbourhoods_of(places(12, generator))
    layers = [layer(12, 20, generator, category=category) for category in range(5)]
    wanted = ScanSettings(replicates=59)
    together = scan(layers, hoods, wanted, seed=9, threads=3)
    alone = [cluster for one in layers for cluster in scan([one], hoods, wanted, seed=9)]
    assert together == alone
    assert {cluster.category for cluster in together} == set(range(5))
    other = scan(layers, hoods, wanted, seed=10)
    assert [one.statistic for one in other] == [one.statistic for one in together]
    assert [one.p for one in other] != [one.p for one in together]


def test_a_cluster_needs_its_least_count() -> None:
    generator = np.random.default_rng(2)
    hoods = neighbourhoods_of(places(6, generator))
    counts = np.zeros((6, 20), dtype=np.int64)
    counts[2, -1] = 2
    one = Layer(0, counts, FIRST_DAY, Expected(np.full((6, 20), 0.01), np.full(6, 3.0)))
    assert scan([one], hoods, ScanSettings(min_count=3)) == []
    assert scan([one], hoods, ScanSettings(min_count=2))[0].places == (2,)


def test_odd_streets_are_scanned_too() -> None:
    generator = np.random.default_rng(1)
    single = neighbourhoods_of(places(1, generator))
    counts = np.array([[0, 0, 9]])
    zero = Expected(np.zeros((1, 3)), np.ones(1))
    found = scan([Layer(0, counts, FIRST_DAY, zero)], single)
    assert (found[0].places, found[0].observed, found[0].first_day) == ((0,), 9, FIRST_DAY + 2)
    assert math.isfinite(found[0].statistic)
    nothing = Layer(0, np.zeros((1, 3), dtype=np.int64), FIRST_DAY, zero)
    assert scan([nothing], single) == permutation_scan([nothing], single) == []
    assert scan([], single) == []
    assert statistics_only(nothing, single, nights=[]).statistic.shape == (0,)
    assert permutation_scan([Layer(0, counts, FIRST_DAY)], single) == []
    nowhere = Layer(
        0, np.zeros((0, 3), dtype=np.int64), FIRST_DAY, Expected(np.zeros((0, 3)), np.zeros(0))
    )
    assert scan([nowhere], neighbourhoods_of(places(0, generator))) == []
    huge = Layer(0, np.array([[10**6]]), FIRST_DAY, Expected(np.array([[9e5]]), np.array([1e12])))
    assert scan([huge], single, ScanSettings(statistic="poisson", replicates=19))[0].p == 1 / 20


@pytest.mark.parametrize(
    "expected",
    [
        None,
        Expected(np.full((2, 2), 1.0), np.ones(2)),
        Expected(np.full((2, 3), np.nan), np.ones(2)),
        Expected(np.full((2, 3), -1.0), np.ones(2)),
        Expected(np.full((2, 3), 1.0), np.zeros(2)),
    ],
    ids=["none", "shape", "nan", "negative", "size"],
)
def test_a_baseline_that_does_not_fit_is_refused(expected: Expected | None) -> None:
    hoods = sets_of([[0, 1]], 2)
    with pytest.raises(ValueError, match=r"[Ee]xpected|size"):
        scan([Layer(0, np.ones((2, 3), dtype=np.int64), FIRST_DAY, expected)], hoods)


def test_settings_and_nights_that_make_no_sense_are_refused() -> None:
    one = Layer(0, np.ones((2, 3), dtype=np.int64), FIRST_DAY)
    with pytest.raises(ValueError, match="not one of the layer's"):
        permutation_scan([one], sets_of([[0]], 2), night=FIRST_DAY + 3)
    with pytest.raises(ValueError, match="same places"):
        permutation_scan([one], sets_of([[0]], 3))
    with pytest.raises(ValueError, match="1 or more"):
        ScanSettings(max_days=0)
    with pytest.raises(ValueError, match="no statistic"):
        ScanSettings(statistic="normal")  # type: ignore[arg-type]


@given(
    mean=st.floats(1e-6, 1e5),
    more=st.floats(1.001, 50.0),
    size=st.floats(1e-3, 1e9),
)
def test_overdispersion_makes_a_count_less_strange(mean: float, more: float, size: float) -> None:
    count = mean * more
    assert 0.0 <= likelihood(count, mean, size) <= likelihood(count, mean, math.inf) * (1 + 1e-12)
    assert likelihood(mean, mean, size) == 0.0


def test_neighbourhoods_are_the_nearest_within_every_limit() -> None:
    generator = np.random.default_rng(4)
    street = places(20, generator)
    for limits in ({"max_metres": 300.0}, {"max_places": 3}, {"max_share": 0.25}):
        hoods = neighbourhoods_of(street, **limits)
        for centre in range(20):
            metres = np.hypot(street.x - street.x[centre], street.y - street.y[centre])
            near = [int(place) for place in np.argsort(metres)]
            near = [place for place in near if metres[place] <= limits.get("max_metres", 1e9)]
            near = near[: int(limits.get("max_places", 20))]
            near = near[: int(20 * limits.get("max_share", 0.5))]
            last = int(hoods.start[centre + 1]) - 1
            assert hoods.places_of(last) == tuple(near)
            assert hoods.centre[hoods.group_of(last)] == centre
        assert hoods.zones == len(hoods.members)


def test_given_sets_are_zones_and_nothing_between() -> None:
    hoods = sets_of([[3, 1, 3], [], [0]], 4)
    assert zones_of(hoods) == [frozenset({1, 3}), frozenset({0})]
    assert hoods.zones == 2
    both: Neighbourhoods = joined(hoods, sets_of([[2, 0]], 4))
    assert zones_of(both) == [frozenset({1, 3}), frozenset({0}), frozenset({0, 2})]
    with pytest.raises(ValueError, match="outside"):
        sets_of([[4]], 4)
    with pytest.raises(ValueError, match="same places"):
        joined(hoods, sets_of([[0]], 5))
    with pytest.raises(ValueError, match="limits"):
        neighbourhoods_of(places(3, np.random.default_rng(1)), max_places=0)


def test_connected_sets_have_every_shape_and_no_gap() -> None:
    # 0 - 1 - 2
    #     |
    #     3 - 4      5 touches nothing
    borders = [[1], [], [1], [1, 4], [], []]
    pairs = {(0, 1), (1, 2), (1, 3), (3, 4)}
    found = zones_of(connected_of(borders, max_places=3))
    assert found[:6] == [frozenset({place}) for place in range(6)]
    expected = {frozenset({place}) for place in range(6)} | {frozenset(pair) for pair in pairs}
    expected |= {
        frozenset(first) | frozenset(second)
        for first in pairs
        for second in pairs
        if len(set(first) & set(second)) == 1
    }
    assert set(found) == expected
    assert len(found) == len(expected)
    assert connected_of(borders, max_places=1).zones == 6
    with pytest.raises(ValueError, match="outside"):
        connected_of([[7]])
