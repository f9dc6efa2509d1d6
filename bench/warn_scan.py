"""The scan: a prospective night with 999 replicates, and the nights of a replay.

Places strewn over 3 km by 3 km, a mean of 0.1 reports a place and day (gamma over the places),
negative binomial of size 2. Cylinders: round each place its 1 to 50 nearest (at most a tenth of
all), the last 1 to 14 days: 350,000 for 500 places, 700,000 for 1,000; half of all for 150.

Baseline in the same run, over the same cylinders and the same statistic: NumPy as one would write
it, cumulated sums over days and over the neighbours (of what is expected once, not for every
replicate), one array of statistics, its maximum; counts
drawn by ``Generator.negative_binomial``, or the days shuffled by ``Generator.permuted``. On some
replicates, scaled to 999. That both see the same is asserted: the night's largest statistic.

CPU seconds of this process, one thread, best of some rounds: the machine may be shared.
``warn_scan.1000.clock`` is by the clock with two threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.report import Row, row
from bench.street import Bench
from streetwise.warn.scan import (
    Layer,
    Neighbourhoods,
    ScanSettings,
    neighbourhoods_of,
    permutation_scan,
    scan,
    statistics_only,
)
from streetwise.warn.values import Expected, Floats, Ints, Places

DAYS, MAX_DAYS, STUDY_DAYS = 400, 14, 90
MEAN, SIZE = 0.1, 2.0
REPLICATES, QUICK_REPLICATES = 999, 99
PLAIN, QUICK_PLAIN = 30, 3
NIGHTS, QUICK_NIGHTS = 365, 60
SETTINGS = ScanSettings(max_days=MAX_DAYS, study_days=STUDY_DAYS, min_count=1)


def run(bench: Bench) -> list[Row]:
    """Nights of 500 and 1,000 places, a permutation, a replay of 150."""
    rows = []
    for places in (500, 1_000):
        bench.note(f"scan: {places} places")
        rows += _night(bench, places)
    bench.note("scan: a replay")
    return [*rows, *_replay(bench)]


def _night(bench: Bench, places: int) -> list[Row]:
    layer, hoods = _street(places, share=0.1)
    orders = hoods.members.reshape(places, -1).astype(np.int64)
    rounds = bench.size(3, 1)
    settings = _with(bench.size(REPLICATES, QUICK_REPLICATES))
    plain = bench.size(PLAIN, QUICK_PLAIN)
    mean, size = _today(layer)

    found = scan([layer], hoods, settings, seed=1)
    against = _against(mean, size, orders)
    largest = against.negative_binomial(layer.counts[:, -MAX_DAYS:])
    assert np.isclose(found[0].statistic, largest), (found[0].statistic, largest)
    quick = _least(lambda: scan([layer], hoods, settings, seed=1), rounds)
    generator, wide = np.random.default_rng(2), size[:, None]

    def plainly() -> None:
        for _ in range(plain):
            against.negative_binomial(generator.negative_binomial(wide, wide / (wide + mean)))

    slow = _least(plainly, rounds) / plain * settings.replicates
    named = f"NumPy, the same cylinders, {plain} replicates scaled"
    rows = [row(f"warn_scan.{places}", quick, "s", baseline=(named, slow))]

    shuffled = permutation_scan([layer], hoods, settings, seed=1)
    study = layer.counts[:, -STUDY_DAYS:]
    within = _within(study, orders)
    largest = within.permutation(study[:, -MAX_DAYS:])
    assert np.isclose(shuffled[0].statistic, largest), (shuffled[0].statistic, largest)
    quick = _least(lambda: permutation_scan([layer], hoods, settings, seed=1), rounds)

    def shuffling() -> None:
        where, when = np.nonzero(study)
        often = study[where, when]
        where, when = np.repeat(where, often), np.repeat(when, often)
        for _ in range(plain):
            drawn = np.zeros_like(study)
            np.add.at(drawn, (where, generator.permuted(when)), 1)
            within.permutation(drawn[:, -MAX_DAYS:])

    slow = _least(shuffling, rounds) / plain * settings.replicates
    rows.append(row(f"warn_scan.{places}.permutation", quick, "s", baseline=(named, slow)))
    if places == 1_000:
        began = time.perf_counter()
        scan([layer], hoods, settings, seed=1, threads=2)
        wall = time.perf_counter() - began
        began = time.perf_counter()
        plainly()
        slow = (time.perf_counter() - began) / plain * settings.replicates
        rows.append(row("warn_scan.1000.clock", wall, "s", baseline=(named, slow)))
    return rows


def _replay(bench: Bench) -> list[Row]:
    layer, hoods = _street(150, share=0.5)
    orders = hoods.members.reshape(150, -1).astype(np.int64)
    nights = list(range(layer.last_day + 1 - bench.size(NIGHTS, QUICK_NIGHTS), layer.last_day + 1))
    rounds = bench.size(3, 1)
    made = statistics_only(layer, hoods, SETTINGS, nights=nights)
    quick = _least(lambda: statistics_only(layer, hoods, SETTINGS, nights=nights), rounds)
    some = nights[:: max(1, len(nights) // 20)]
    assert layer.expected is not None
    expected = layer.expected

    def plainly() -> list[float]:
        values = []
        for night in some:
            last = night - layer.first_day + 1
            days = slice(last - MAX_DAYS, last)
            against = _against(expected.mean[:, days], expected.size, orders)
            values.append(against.negative_binomial(layer.counts[:, days]))
        return values

    of_night = dict(zip(nights, made.statistic, strict=True))
    assert np.allclose([of_night[night] for night in some], plainly())
    slow = _least(plainly, rounds) / len(some)
    return [
        row(
            "warn_scan.replay.150",
            quick / len(nights) * 1e3,
            "ms a category and night",
            baseline=("NumPy, the same cylinders", slow * 1e3),
            goal="value <= 3",
        )
    ]


def _street(places: int, *, share: float) -> tuple[Layer, Neighbourhoods]:
    generator = np.random.default_rng(places)
    x, y = generator.uniform(0.0, 3_000.0, (2, places))
    names = tuple(str(number) for number in range(places))
    street = Places(names, x, y, np.full(places, 9e6 / places))
    most = 50 if places > 150 else places
    mean = generator.gamma(2.0, MEAN / 2.0, (places, 1)) * np.ones(DAYS)
    counts = generator.negative_binomial(SIZE, SIZE / (SIZE + mean)).astype(np.int64)
    layer = Layer(0, counts, 20_000, Expected(mean, np.full(places, SIZE)))
    return layer, neighbourhoods_of(street, max_share=share, max_places=most)


def _with(replicates: int) -> ScanSettings:
    return ScanSettings(
        max_days=MAX_DAYS, study_days=STUDY_DAYS, min_count=1, replicates=replicates
    )


def _today(layer: Layer) -> tuple[Floats, Floats]:
    assert layer.expected is not None
    return layer.expected.mean[:, -MAX_DAYS:], layer.expected.size


def _summed(cells: Ints | Floats, orders: Ints) -> Floats:
    """Over the last 1, 2 … days and the nearest 1, 2 … places: (P, K, W)."""
    of_days = np.cumsum(cells[:, ::-1], axis=1, dtype=np.float64)
    return np.cumsum(of_days[orders], axis=1)


@dataclass(frozen=True, slots=True)
class _Plain:
    """The baseline of one night: what does not change with the replicates is worked out once."""

    orders: Ints
    wanted: Floats
    size: Floats | None
    total: int

    def negative_binomial(self, counts: Ints) -> float:
        """The largest statistic of counts (P, W)."""
        assert self.size is not None
        above = np.maximum(_summed(counts, self.orders), self.wanted)
        value = above * np.log(above / self.wanted)
        value -= (above + self.size) * np.log((above + self.size) / (self.wanted + self.size))
        return float(value.max())

    def permutation(self, counts: Ints) -> float:
        """The largest statistic of shuffled counts (P, W)."""
        above = np.maximum(_summed(counts, self.orders), self.wanted)
        rest = np.maximum(self.total - above, 1e-12)
        value = above * np.log(above / self.wanted)
        value += rest * np.log(rest / (self.total - self.wanted))
        return float(value.max())


def _against(mean: Floats, size: Floats, orders: Ints) -> _Plain:
    wanted = _summed(mean, orders)
    return _Plain(orders, wanted, wanted**2 / _summed(mean**2 / size[:, None], orders), 0)


def _within(study: Ints, orders: Ints) -> _Plain:
    total = int(study.sum())
    cells = np.outer(study.sum(axis=1), study.sum(axis=0)[-MAX_DAYS:]) / total
    return _Plain(orders, np.maximum(_summed(cells, orders), 1e-12), None, total)


def _least(work: Callable[[], object], rounds: int) -> float:
    """CPU seconds of the best round."""
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best
