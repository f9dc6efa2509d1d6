"""The scan's chance: what replicates are drawn from, that their maxima are exact, what p means."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest, chisquare, gumbel_r, kstest, nbinom
from scipy.stats import poisson as poisson_law
from warn.scan_reference import largest, zones_of
from warn.test_scan import FIRST_DAY, layer, places, planted

from streetwise.warn.scan import Layer, ScanSettings, neighbourhoods_of, permutation_scan, scan
from streetwise.warn.scan.draws import alias_table
from streetwise.warn.scan.kernels import (
    LANES,
    NEVER,
    best_cylinder,
    critical_counts,
    likelihood,
    size_of,
    spread_of,
)
from streetwise.warn.scan.night import Night, expected_night, shuffled_night
from streetwise.warn.scan.replicates import Chance, _Replicates, replicated
from streetwise.warn.values import Expected, Floats


def drawn(night: Night, blocks: int) -> np.ndarray:
    """Replicates of a night as counts of single days, latest first: (blocks · LANES, P, W)."""
    generator = np.random.default_rng(1)
    drawing = night.source.drawing()
    made = []
    for _ in range(blocks):
        seeds = generator.integers(0, 2**63, LANES).astype(np.uint64)
        count = drawing.fill(seeds, drawing.totals(generator, LANES))
        made.append(np.diff(count, axis=1, prepend=0))
    return np.concatenate(made, axis=2).transpose(2, 0, 1)


@pytest.mark.parametrize("size", [math.inf, 4.0, 0.3])
def test_replicates_have_the_law_of_the_baseline(size: float) -> None:
    mean = np.array([[0.02, 0.5], [1.5, 6.0], [0.1, 20.0]])
    one = Layer(0, np.zeros((3, 2), dtype=np.int64), FIRST_DAY, Expected(mean, np.full(3, size)))
    night = expected_night(one, one.last_day, 2, "negative_binomial")
    counts = drawn(night, 500)
    latest_first = mean[:, ::-1]
    for place, day in np.ndindex(3, 2):
        middle = latest_first[place, day]
        law = poisson_law(middle) if math.isinf(size) else nbinom(size, size / (size + middle))
        top = int(law.ppf(0.995)) + 1
        share = np.append(law.pmf(np.arange(top)), law.sf(top - 1))
        seen = np.bincount(np.minimum(counts[:, place, day], top), minlength=top + 1)
        rare = share * len(counts) < 5.0
        share = np.append(share[~rare], share[rare].sum() + 1e-12)
        seen = np.append(seen[~rare], seen[rare].sum())
        assert chisquare(seen, share / share.sum() * len(counts)).pvalue > 1e-4
    # Cells are independent of each other.
    between = np.corrcoef(counts.reshape(len(counts), -1).T)
    assert np.abs(between[~np.eye(6, dtype=bool)]).max() < 5.0 / math.sqrt(len(counts))


def test_shuffled_days_keep_how_many_came_each_day_and_spread_them_by_place() -> None:
    generator = np.random.default_rng(6)
    one = Layer(0, generator.poisson(0.8, (5, 30)), FIRST_DAY)
    night = shuffled_night(one, one.last_day, 4, 20)
    counts = drawn(night, 200)
    by_day = one.counts[:, -4:].sum(axis=0)[::-1]
    assert (counts.sum(axis=1) == by_day).all()
    of_place = one.counts[:, -20:].sum(axis=1)
    assert (counts.sum(axis=2) <= of_place).all()
    single = np.diff(night.mean, axis=1, prepend=0.0)
    error = np.sqrt(single / len(counts))
    assert (np.abs(counts.mean(axis=0) - single) < 5.0 * error).all()


def test_the_alias_table_gives_every_cell_its_weight() -> None:
    weight = np.array([0.0, 3.0, 1e-9, 0.5, 12.0, 0.5])
    keep, other = alias_table(weight)
    share = keep / len(weight)
    np.add.at(share, other, (1.0 - keep) / len(weight))
    np.testing.assert_allclose(share, weight / weight.sum(), atol=1e-15)


@pytest.mark.parametrize("total", [0.0, 60.0])
@pytest.mark.parametrize("level", [0.0, 1e-3, 2.0, 9.0])
def test_the_critical_count_is_the_smallest_that_reaches_the_level(
    total: float, level: float
) -> None:
    generator = np.random.default_rng(7)
    mean = np.cumsum(generator.gamma(0.5, 1.0, (8, 3)), axis=1)
    excess = np.cumsum(generator.gamma(0.5, 1.0, (8, 3)) * (np.arange(8)[:, None] > 2), axis=1)
    hoods = neighbourhoods_of(places(8, generator), max_share=1.0)
    needed = critical_counts(mean, excess, total, hoods.members, hoods.start, hoods.ends, 2, level)
    for zone in range(len(hoods.members)):
        inside = list(hoods.places_of(zone))
        for day in range(3):
            of_mean, of_excess = float(mean[inside, day].sum()), float(excess[inside, day].sum())
            size = size_of(of_mean, of_excess, total)
            spread = spread_of(of_mean, of_excess, total)
            for count in range(2, 61):
                value = likelihood(float(count), of_mean, size)
                reached = count > of_mean and value >= level
                assert (count >= needed[zone, day]) == reached
                assert value <= (count - of_mean) ** 2 / (2.0 * spread) * (1.0 + 1e-9) or (
                    count <= of_mean
                )
    if total and level == 9.0:
        assert (needed == NEVER).any() or needed.max() <= total


@pytest.mark.parametrize("kind", ["poisson", "negative_binomial", "permutation"])
@pytest.mark.parametrize("mean", [0.02, 0.6])
def test_maxima_of_replicates_are_exact(kind: str, mean: float) -> None:
    generator = np.random.default_rng(13)
    hoods = neighbourhoods_of(places(15, generator), max_share=0.4)
    one = layer(15, 40, generator, mean=mean)
    one = planted(one, [3, 4], 2, 1)  # a permutation needs reports in its last days
    if kind == "permutation":
        night = shuffled_night(one, one.last_day, 5, 30)
    elif kind == "poisson":
        night = expected_night(one, one.last_day, 5, "poisson")
    else:
        night = expected_night(one, one.last_day, 5, "negative_binomial")
    made = _Replicates(night, hoods, 2, 300, np.random.SeedSequence(4))
    screened = np.concatenate([made.maxima(block) for block in range(made.blocks)])
    assert screened.shape == (300,)
    assert (screened > 0.0).any()
    for number in range(300):
        count = made._counts(number // LANES)[:, :, number % LANES]
        count = np.ascontiguousarray(count)
        plain = best_cylinder(
            count,
            night.mean,
            night.excess,
            night.total,
            hoods.members,
            hoods.start,
            hoods.ends,
            2,
        )[0]
        assert screened[number] == plain
        if kind == "poisson" and number % 30 == 0:
            slow = largest(np.where(count >= 2, count, 0), night.mean, [frozenset({0})])
            assert plain >= slow - 1e-9
    if kind == "poisson":
        zones = zones_of(hoods)
        made = _Replicates(night, hoods, 1, 16, np.random.SeedSequence(4))
        for number in range(4):
            count = made._counts(0)[:, :, number]
            assert made.maxima(0)[number] == pytest.approx(
                largest(count, night.mean, zones), rel=1e-9, abs=1e-12
            )


def quiet_p(permutation: bool) -> Floats:
    """p of the best cluster of 200 categories in which nothing is going on; 1 for no cluster."""
    generator = np.random.default_rng(17)
    hoods = neighbourhoods_of(places(12, generator), max_share=0.5)
    layers = [layer(12, 30, generator, mean=0.4, category=number) for number in range(200)]
    if permutation:
        # Its null: place and day of a report have nothing to do with each other.
        flat = generator.poisson(0.4, (200, 12, 30))
        layers = [Layer(number, flat[number], FIRST_DAY) for number in range(200)]
    wanted = ScanSettings(max_days=7, study_days=30, replicates=99, clusters_at_most=1)
    run = permutation_scan if permutation else scan
    found = {one.category: one.p for one in run(layers, hoods, wanted, seed=3)}
    return np.array([found.get(number, 1.0) for number in range(200)])


@pytest.mark.parametrize("permutation", [False, True])
def test_where_nothing_is_going_on_p_is_uniform(permutation: bool) -> None:
    values = quiet_p(permutation)
    for bound in (0.05, 0.1, 0.25, 0.5):
        low = int((values <= bound).sum())
        assert binomtest(low, 200, bound).pvalue > 0.005, bound
    assert kstest(values, "uniform").pvalue > 0.01


def test_replicates_do_not_depend_on_threads_and_stop_where_they_may() -> None:
    generator = np.random.default_rng(19)
    hoods = neighbourhoods_of(places(10, generator))
    one = layer(10, 20, generator)
    night = expected_night(one, one.last_day, 7, "negative_binomial")

    def run(statistic: float, stop_after: int, threads: int) -> Chance:
        return replicated(
            night,
            hoods,
            least=3,
            replicates=250,
            stop_after=stop_after,
            statistic=statistic,
            seed=np.random.SeedSequence(21),
            threads=threads,
        )

    whole = run(0.0, 0, 1)
    assert len(whole.maxima) == 250
    assert not whole.stopped
    assert (run(0.0, 0, 4).maxima == whole.maxima).all()
    usual, rare = float(np.median(whole.maxima)), float(np.sort(whole.maxima)[-5])
    for threads in (1, 3):
        early = run(usual, 20, threads)
        assert early.stopped
        assert (early.maxima == whole.maxima[: len(early.maxima)]).all()
        assert early.maxima[-1] >= usual
        assert (early.maxima >= usual).sum() == 20
        assert early.p(usual) == 20 / len(early.maxima)
        late = run(rare, 20, threads)
        assert not late.stopped
        assert late.p(rare) == whole.p(rare) == 6 / 251


def test_gumbel_goes_on_where_ranks_end() -> None:
    law = gumbel_r(6.0, 1.2)
    chance = Chance(law.rvs(5000, random_state=23))
    for wanted in (0.5, 0.05, 1e-3, 1e-6):
        assert chance.gumbel_p(law.isf(wanted)) == pytest.approx(wanted, rel=0.35)
    assert chance.p(law.isf(0.05)) == pytest.approx(0.05, abs=0.01)
    assert chance.p(1e3) == 1 / 5001
    assert chance.gumbel_p(-1e6) == 1.0
    assert math.isnan(Chance(np.ones(20)).gumbel_p(2.0))
    assert math.isnan(Chance(np.empty(0)).gumbel_p(2.0))
