"""The nightly run of a street: the first night (a year is replayed), and a night carried on.

200,000 reports a year of 40 categories over 150 places of 200 m in 10 communities: negative
binomial days with weekday and season, places by a Dirichlet share. ``warn.nightly.first`` replays
the 365 nights before, which is what the product does every night. ``warn.nightly.night`` is a
night on which everything is learned anew, with the replay of the night before. Goal of both: under
60 s on 2 cores. By the clock, one thread. In the last days ``PLANTED`` categories have more at one
place, so that something is said: of it ``warn.nightly.evidence`` is the part that is looked for
beside what is said (two scans with 999 replicates each, NB-CUSUM, EARS or Farrington), in seconds a
finding, with all of it in ``first``.

Baseline in the same run, of the heaviest step: statsmodels (Poisson, then negative binomial) looped
over some of the series, scaled to all, and for ``first`` to the year's 52 times of learning.

``warn.nightly.shards``: 20 small streets (a twentieth of the reports, 56 nights replayed), a night
each, on Ray with as many processes as there are cores, against one after the other. District (20
streets) and city (300) are sketched from these in docs/reference/warn-calibrate.md.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import Any

import numpy as np
import statsmodels.api as sm

from bench.report import Row, row
from bench.street import Bench
from streetwise.warn.cleaning import Settings as CleaningSettings
from streetwise.warn.nightly import (
    Night,
    NightSettings,
    Shard,
    Street,
    carried_on,
    no_weather,
    run_shard,
    run_shards,
)
from streetwise.warn.values import Calendar, Floats, Ints, Places, Reports

FIRST, DAYS, CATEGORIES, SIDE = 19_000, 394, 40, (15, 10)
REPORTS, QUICK_REPORTS = 200_000, 20_000
SAMPLE, QUICK_SAMPLE = 6, 2
SHARDS = 20
PLANTED, PLANTED_DAYS, PLANTED_A_DAY = 6, 4, 15


def run(bench: Bench) -> list[Row]:
    """A first night, a night carried on, their baseline, and 20 streets."""
    settings = NightSettings(replay_days=365, cleaning=CleaningSettings(repeat_metres=1.0))
    reports = _with_more(_reports(bench.size(REPORTS, QUICK_REPORTS), 1), 2)
    shard = Shard("street", _until(reports, DAYS - 2), _street(), _calendar(), FIRST + DAYS - 2)
    shard = replace(shard, settings=settings)
    bench.note("warn.nightly: a first night")
    first, first_s = _timed(shard)
    tonight = [one.finding for one in first.said if one.last_night == first.night]
    if not any(one.zones and one.zones[0].replicates == 999 for one in tonight):
        raise AssertionError("nothing was said, so no zone was looked for")
    # The next night learns anew, as every seventh does.
    following = carried_on(shard, first, reports)
    learned = replace(first.replayed, fitted_for=first.night - settings.refit_days + 1)
    following = replace(following, replayed=learned)
    bench.note("warn.nightly: a night carried on")
    night, night_s = _timed(following)
    bench.note("warn.nightly: the baseline")
    fits = _plain(bench, night)
    series = len(night.series.counts)
    return [
        row(
            "warn.nightly.first",
            first_s,
            f"s, {series} series, 365 nights replayed",
            baseline=("statsmodels weekly per series, scaled", fits * 365 / settings.refit_days),
            goal="value <= 60",
        ),
        row(
            "warn.nightly.night",
            night_s,
            f"s, {series} series, one night added",
            baseline=("statsmodels per series, scaled", fits),
            goal="value <= 60",
        ),
        row(
            "warn.nightly.evidence",
            first.seconds["evidence"] / len(tonight),
            f"s a finding, {len(tonight)} said, 2 scans of 999 replicates each",
            baseline=("the whole first night", first_s),
        ),
        *_shards(bench),
    ]


def _timed(shard: Shard) -> tuple[Night, float]:
    began = time.perf_counter()
    found = run_shard(shard)
    return found, time.perf_counter() - began


def _street() -> Street:
    at = np.arange(SIDE[0] * SIDE[1])
    x = ((at % SIDE[0] + 0.5) * 200.0).astype(np.float64)
    y = ((at // SIDE[0] + 0.5) * 200.0).astype(np.float64)
    places = Places(tuple(f"p{n}" for n in at), x, y, np.full(len(at), 40_000.0))
    return Street(places, (at // SIDE[0]).astype(np.int64), tuple(f"r{n}" for n in range(SIDE[1])))


def _calendar() -> Calendar:
    return no_weather(FIRST, DAYS)


def _reports(count: int, seed: int) -> Reports:
    rng = np.random.default_rng(seed)
    days = np.arange(DAYS)
    shape = (1.0 + 0.3 * np.cos(2 * np.pi * days / 7)) * np.exp(0.3 * np.sin(days / 58.0))
    level = np.exp(rng.normal(0.0, 1.0, CATEGORIES))
    mean = level[:, None] * shape * count / 365.0 / level.sum()
    counts = rng.negative_binomial(8.0, 8.0 / (8.0 + mean))
    category, day = np.nonzero(counts)
    many = counts[category, day]
    category, day = np.repeat(category, many), np.repeat(day, many)
    share = rng.dirichlet(np.full(SIDE[0] * SIDE[1], 1.0), CATEGORIES).cumsum(axis=1)
    place = np.minimum((share[category] < rng.random(len(day))[:, None]).sum(axis=1), 149)
    return _scattered(FIRST + day, place, category, rng)


def _with_more(reports: Reports, seed: int) -> Reports:
    """In the last nights more of some categories, each at a place of its own."""
    rng = np.random.default_rng(seed)
    many = PLANTED_A_DAY * PLANTED_DAYS
    category = np.repeat(np.arange(PLANTED), many)
    day = FIRST + DAYS - 1 - np.tile(np.repeat(np.arange(PLANTED_DAYS), PLANTED_A_DAY), PLANTED)
    place = np.repeat(rng.permutation(SIDE[0] * SIDE[1])[:PLANTED], many)
    more = _scattered(day, place, category, rng)
    order = np.argsort(np.r_[reports.day, more.day], kind="stable")

    def both(one: Ints | Floats, other: Ints | Floats) -> Any:
        return np.r_[one, other][order]

    return Reports(
        [str(n) for n in range(len(order))],
        both(reports.day, more.day),
        both(reports.seconds, more.seconds),
        both(reports.x, more.x),
        both(reports.y, more.y),
        both(reports.category, more.category),
        both(reports.volume, more.volume),
        reports.categories,
    )


def _scattered(day: Ints, place: Ints, category: Ints, rng: np.random.Generator) -> Reports:
    """Somewhere in their places, in order of time."""
    order = np.lexsort((rng.random(len(day)), day))
    x = (place % SIDE[0] + rng.random(len(day))) * 200.0
    y = (place // SIDE[0] + rng.random(len(day))) * 200.0
    return Reports(
        [str(n) for n in range(len(day))],
        day[order].astype(np.int64),
        np.full(len(day), -1, dtype=np.int64),
        x[order],
        y[order],
        category[order].astype(np.int64),
        np.ones(len(day), dtype=np.int64),
        tuple(f"c{n}" for n in range(CATEGORIES)),
    )


def _until(reports: Reports, last: int) -> Reports:
    keep = int(np.searchsorted(reports.day, FIRST + last, side="right"))
    return Reports(
        reports.ids[:keep],
        reports.day[:keep],
        reports.seconds[:keep],
        reports.x[:keep],
        reports.y[:keep],
        reports.category[:keep],
        reports.volume[:keep],
        reports.categories,
    )


def _plain(bench: Bench, night: Night) -> float:
    """Seconds of one fit of all series, done plainly."""
    counts = night.series.counts
    sample = np.linspace(0, len(counts) - 1, bench.size(SAMPLE, QUICK_SAMPLE)).astype(np.int64)
    days = np.arange(counts.shape[1])
    waves = [f(2 * np.pi * days * k / 365.25) for k in (1, 2, 3) for f in (np.sin, np.cos)]
    week = [(days % 7 == k).astype(np.float64) for k in range(7)]
    lines = np.column_stack([*week, *waves, days / 365.25])
    began = time.perf_counter()
    for one in counts[sample]:
        mean = sm.GLM(one, lines, family=sm.families.Poisson()).fit(maxiter=100).mu
        scatter = max(1e-6, float(((one - mean) ** 2 - mean).sum() / (mean**2).sum()))
        family = sm.families.NegativeBinomial(alpha=scatter)
        sm.GLM(one, lines, family=family).fit(maxiter=100)
    return (time.perf_counter() - began) * len(counts) / len(sample)


def _shards(bench: Bench) -> list[Row]:
    """20 small streets on Ray and without."""
    import ray

    rules = NightSettings(replay_days=56, cleaning=CleaningSettings(repeat_metres=1.0))
    shards = [
        Shard(
            f"s{n}", _reports(REPORTS // SHARDS, n), _street(), _calendar(), FIRST + DAYS - 1, rules
        )
        for n in range(SHARDS)
    ]
    bench.note("warn.nightly: 20 streets, one after the other")
    began = time.perf_counter()
    alone = dict(run_shards(shards))
    alone_s = time.perf_counter() - began
    bench.note("warn.nightly: 20 streets on Ray")
    ray.init(num_cpus=os.cpu_count(), include_dashboard=False, log_to_driver=False)
    try:
        dict(run_shards(shards[:2], ray=True))  # processes begin, and compile
        began = time.perf_counter()
        spread = dict(run_shards(shards, ray=True))
        spread_s = time.perf_counter() - began
    finally:
        ray.shutdown()
    for name, night in alone.items():
        other = spread[name]
        if not (isinstance(night, Night) and isinstance(other, Night)):
            raise AssertionError(f"{name} failed")
        assert night.threshold_days == other.threshold_days
    what = ("the same one after the other", alone_s)
    return [row("warn.nightly.shards", spread_s, f"s, {SHARDS} streets on Ray", baseline=what)]
