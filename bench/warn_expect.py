"""Expect: all series at once, beside a model of statsmodels for each, and how good it is.

``warn.expect.plain``: Poisson with weekday, holidays, season, trend and weather, 500 series of
three years, the same model to the same coefficients (the largest difference of a logarithm of an
expected count is noted; more than 1e-6 ends the run). ``warn.expect``: what the product does,
beside what it takes with statsmodels one by one: Poisson, scatter by moments, negative binomial.
Baselines are timed on some of the series, those with a report on every kind of day, and scaled.
``.refit``: a week later, from the fit before. CPU seconds of this process.

``warn.expect.chicago``, ``.boston``: one week ahead, fitted anew every week, over 2013 and over the
last 17 weeks of 2011: mean deviance (Poisson) per series and day of kinds, and of kinds in an area,
beside the mean of the last 28 days and that of the same weekday in eight weeks. Weather of the week
ahead is not known. Left out where the real material is missing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import TypeVar

import numpy as np
import statsmodels.api as sm

from bench.report import Row, row
from bench.street import Bench
from bench.warn_expect_data import Real, boston, chicago
from streetwise.warn.expect import PLAIN, Fitted, Settings, fit
from streetwise.warn.values import Calendar, Floats, Ints, Series, day_of

_T = TypeVar("_T")

DAYS, FIRST = 1096, day_of(date(2023, 1, 1))
#: Kinds, and areas in which each may be: 20 + 20 · 24 = 500 series.
KINDS, AREAS = 20, 24
QUICK_KINDS, QUICK_AREAS = 4, 9
SAMPLE, QUICK_SAMPLE = 25, 5
AGREES = 1e-6
WEEK = 7
#: Days of history before the first week that is foretold.
CHICAGO_BEFORE, BOSTON_BEFORE = 731, 63
#: Added to a mean of a baseline, that a silent month does not expect nothing at all.
HALF = 0.5


def run(bench: Bench) -> list[Row]:
    """Fit, fit again, and compare; then foretell the real weeks."""
    series, calendar = _made(bench)
    rows = _speed(bench, series, calendar)
    for name, read, before in (
        ("chicago", chicago, CHICAGO_BEFORE),
        ("boston", boston, BOSTON_BEFORE),
    ):
        real = read()
        if real is None:
            bench.note(f"warn.expect.{name}: left out, the real material is not there")
            continue
        bench.note(f"warn.expect.{name}: {real.series.counts.shape[0]} series, week by week")
        rows += _quality(name, real, before)
    return rows


def _speed(bench: Bench, series: Series, calendar: Calendar) -> list[Row]:
    count = len(series.parent)
    size = bench.size(SAMPLE, QUICK_SAMPLE)
    total = series.counts.sum(axis=1)
    order = np.argsort(total, kind="stable")
    # Where a kind of day never had a report the likelihood has no top; statsmodels gives up there,
    # or goes on for long.
    seen = np.array([series.counts[:, calendar.kind == kind].sum(axis=1) for kind in range(4)])
    order = order[seen.min(axis=0)[order] > 0]
    sample = order[np.linspace(0, len(order) - 1, size).astype(np.int64)]
    rounds = bench.size(3, 1)
    bench.note(f"warn.expect: {count} series")
    plain, plain_s = _timed(lambda: fit(series, calendar, PLAIN), rounds)
    full, full_s = _timed(lambda: fit(series, calendar), rounds)
    shorter = _until(series, DAYS - WEEK)
    before = fit(shorter, calendar)
    _, warm_s = _timed(lambda: fit(series, calendar, start=before), rounds)
    bench.note(f"warn.expect: statsmodels on {len(sample)} of them")
    lines = plain.design.rows(calendar, FIRST, FIRST + DAYS - 1)
    lines = lines[:, np.abs(lines).max(axis=0) > 0.0]
    theirs, theirs_s = _timed(lambda: _poisson(series.counts[sample], lines), 1)
    both, both_s = _timed(lambda: _negative_binomial(series.counts[sample], lines), 1)
    assert np.all(np.isfinite(both))
    ours = plain.expected(FIRST, FIRST + DAYS - 1).mean[sample]
    away = float(np.abs(np.log(ours / theirs)).max())
    bench.note(f"warn.expect: largest difference of a logarithm {away:.1e}")
    if away > AGREES:
        raise AssertionError(f"expected counts differ from statsmodels by {away:.1e}")
    assert full.coefficients.shape == plain.coefficients.shape
    scale = count / len(sample)
    of = f"CPU s, {count} series × {DAYS} days"
    one, two = "statsmodels GLM per series", "statsmodels GLMs per series, Poisson then NB"
    wanted = "ratio <= 0.0667"
    return [
        row("warn.expect.plain", plain_s, of, baseline=(one, theirs_s * scale), goal=wanted),
        row("warn.expect", full_s, of, baseline=(two, both_s * scale), goal=wanted),
        row("warn.expect.refit", warm_s, of, baseline=(two, both_s * scale), goal=wanted),
    ]


def _timed(work: Callable[[], _T], rounds: int) -> tuple[_T, float]:
    """What it gives, and the least CPU seconds of some rounds."""
    least = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        found = work()
        least = min(least, time.process_time() - began)
    return found, least


def _poisson(counts: Ints, rows: Floats) -> Floats:
    found = []
    for one in counts:
        model = sm.GLM(one, rows, family=sm.families.Poisson())
        found.append(model.fit(tol=1e-10, maxiter=100).mu)
    return np.array(found)


def _negative_binomial(counts: Ints, rows: Floats) -> Floats:
    found = []
    for one in counts:
        first = sm.GLM(one, rows, family=sm.families.Poisson()).fit(maxiter=100).mu
        scatter = max(1e-6, float(((one - first) ** 2 - first).sum() / (first**2).sum()))
        family = sm.families.NegativeBinomial(alpha=scatter)
        found.append(sm.GLM(one, rows, family=family).fit(maxiter=100).mu)
    return np.array(found)


def _made(bench: Bench) -> tuple[Series, Calendar]:
    """Kinds over the whole street, and each of them in its areas."""
    kinds, areas = bench.size(KINDS, QUICK_KINDS), bench.size(AREAS, QUICK_AREAS)
    rng = np.random.default_rng(20)
    days = np.arange(DAYS)
    week = np.array([1.15, 1.1, 1.05, 1.05, 1.05, 0.9, 0.75])[(FIRST + days + 3) % 7]
    year = np.exp(0.35 * np.sin(2 * np.pi * days / 365.25))
    warm = 12 + 14 * np.sin(2 * np.pi * (days - 100) / 365.25) + rng.normal(0, 3, DAYS)
    rain = np.maximum(0.0, rng.normal(-2.0, 5.0, DAYS))
    rain[rng.random(DAYS) < 0.03] = np.nan
    kind = np.zeros(DAYS, dtype=np.int64)
    kind[30::61], kind[31::61], kind[27::91] = 1, 2, 3
    level = np.exp(rng.normal(1.5, 1.0, kinds))
    share = rng.dirichlet(np.full(areas, 0.8), kinds)
    mean = level[:, None, None] * share[:, :, None] * week * year
    fine = rng.negative_binomial(5.0, 5.0 / (5.0 + mean))
    counts = np.concatenate([fine.sum(axis=1), fine.reshape(-1, DAYS)]).astype(np.int64)
    numbers = np.arange(kinds)
    category = np.concatenate([numbers, np.repeat(numbers, areas)])
    place = np.concatenate([np.full(kinds, -1), np.tile(np.arange(areas), kinds)])
    parent = np.concatenate([np.full(kinds, -1), np.repeat(numbers, areas)])
    calendar = Calendar(FIRST, kind, np.stack([warm, rain], axis=1), ("warm", "rain"))
    return Series(counts, FIRST, place, category, parent), calendar


def _until(series: Series, days: int) -> Series:
    return Series(
        series.counts[:, :days], series.first_day, series.place, series.category, series.parent
    )


def _quality(name: str, real: Real, before: int) -> list[Row]:
    counts = real.series.counts
    ours, seconds = _foretold(real, before)
    month, weekday = _month(counts, before), _weekday(counts, before)
    top = real.series.parent < 0
    fine = np.zeros(len(top), dtype=np.bool_)
    fine[~top] = real.series.parent[real.series.parent[~top]] >= 0
    rows = []
    for part, chosen in (("kinds", ~top & ~fine), ("areas", fine)):
        seen = counts[chosen, before:]
        value = _deviance(seen, ours[chosen, before:])
        for of, other in (("28 days", month), ("weekday", weekday)):
            baseline = _deviance(seen, other[chosen, before:])
            rows.append(
                row(f"warn.expect.{name}.{part}", value, "deviance a day, one week ahead",
                    baseline=(f"mean of {of}" if of == "28 days" else "same weekday of 8 weeks",
                              baseline), goal="ratio < 1")
            )  # fmt: skip
    weeks = -(-(counts.shape[1] - before) // WEEK)
    rows.append(
        row(f"warn.expect.{name}.week", seconds / weeks, f"CPU s a week, {len(top)} series",
            baseline=("all weeks", seconds))
    )  # fmt: skip
    return rows


def _foretold(real: Real, before: int) -> tuple[Floats, float]:
    """What each week had to expect on the evening before it, and the CPU seconds of it all."""
    days = real.series.counts.shape[1]
    mean = np.ones(real.series.counts.shape)
    last: Fitted | None = None
    began = time.process_time()
    for at in range(before, days, WEEK):
        until = min(at + WEEK, days)
        weather = real.calendar.weather.copy()
        weather[at:] = np.nan
        calendar = Calendar(
            real.calendar.first_day, real.calendar.kind, weather, real.calendar.weather_names
        )
        last = fit(_until(real.series, at), calendar, Settings(), start=last)
        first = real.series.first_day
        mean[:, at:until] = last.expected(first + at, first + until - 1).mean
    return mean, time.process_time() - began


def _month(counts: Ints, before: int) -> Floats:
    mean = np.ones(counts.shape)
    for at in range(before, counts.shape[1], WEEK):
        mean[:, at : at + WEEK] = (counts[:, at - 28 : at].sum(axis=1, keepdims=True) + HALF) / 28
    return mean


def _weekday(counts: Ints, before: int) -> Floats:
    mean = np.ones(counts.shape)
    for at in range(before, counts.shape[1]):
        mean[:, at] = (counts[:, at - 56 : at : WEEK].sum(axis=1) + HALF) / 8
    return mean


def _deviance(seen: Ints, mean: Floats) -> float:
    ratio = np.where(seen > 0, seen, 1) / np.where(seen > 0, mean, 1.0)
    return float((2.0 * (seen * np.log(ratio) - (seen - mean))).mean())
