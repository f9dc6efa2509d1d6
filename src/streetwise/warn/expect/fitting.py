"""Fit all series: the coarse ones first, then the finer ones around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.warn.expect import priors
from streetwise.warn.expect.design import Design, design
from streetwise.warn.expect.fitted import Fitted
from streetwise.warn.expect.scatter import scatter_of, weights_of
from streetwise.warn.expect.settings import Settings
from streetwise.warn.expect.solve import Prior, Rows, mean_of, solve, variances
from streetwise.warn.values import Calendar, Flags, Floats, Ints, Series

#: Rounds of learning scatter, odd days and widths, before the last ascent; fewer from a warm start.
ROUNDS, WARM_ROUNDS = 4, 1
#: Newton steps of the first round from nothing, and of every other: the last ascent, after the
#: rounds, goes to the top.
FIRST_STEPS, STEPS = 4, 1


def fit(
    series: Series,
    calendar: Calendar,
    settings: Settings | None = None,
    *,
    counted: Flags | None = None,
    start: Fitted | None = None,
) -> Fitted:
    """What the history of S series shows, to say what any day should have.

    ``calendar``: of the days of the history (and before, for weather with lags); days that it does
    not cover are taken for ordinary. ``counted``: (S, T) or (T,), False for days that do not count
    (a source was silent, an outbreak that is known). ``start``: an earlier fit of the same series,
    to be faster: learned widths and scatter are taken over and refined by one round.
    Raises ValueError where there is no day, or where counts, parents or ``counted`` cannot be.
    """
    settings = settings or Settings()
    depth = _depths(series, settings)
    counts, weights, first_day = _history(series, settings, counted)
    last_day = first_day + counts.shape[1] - 1
    columns = design(calendar, first_day, last_day, settings)
    rows = Rows.of(columns.rows(calendar, first_day, last_day))
    warm = start if start is not None and start.fits(columns, len(counts)) else None

    shape = (len(counts), len(columns.group))
    found = _Found(np.zeros(shape), np.zeros(len(counts)), np.ones(len(counts)), [])
    for level in range(int(depth.max(initial=-1)) + 1):
        mine = np.flatnonzero(depth == level)
        layer = _Layer(counts[mine], weights[mine], rows, columns, settings)
        above = np.unique(series.parent[mine]) if level else None
        _fit_layer(layer, mine, series, above, found, warm, level)
    return Fitted(
        series, calendar, settings, columns, first_day, found.coefficients, found.scatter,
        found.own, tuple(found.widths),
    )  # fmt: skip


@dataclass(slots=True)
class _Found:
    """What is found, for all series; ``widths`` by depth."""

    coefficients: Floats
    scatter: Floats
    own: Floats
    widths: list[Floats]


@dataclass(frozen=True, slots=True)
class _Layer:
    """The series of one depth."""

    counts: Floats
    weights: Floats
    rows: Rows
    design: Design
    settings: Settings


def _fit_layer(
    layer: _Layer,
    mine: Ints,
    series: Series,
    above: Ints | None,
    found: _Found,
    warm: Fitted | None,
    level: int,
) -> None:
    settings = layer.settings
    widths = priors.first_widths(settings)
    scatter = np.zeros(len(mine))
    if warm is not None and level < len(warm.widths):
        widths, scatter = warm.widths[level].copy(), warm.scatter[mine].copy()
    weights = layer.weights
    prior = _prior(layer, weights, mine, series, above, found, widths)
    at = _start(layer, prior) if warm is None else warm.coefficients[mine].copy()
    for turn in range(ROUNDS if warm is None else WARM_ROUNDS):
        steps = FIRST_STEPS if warm is None and turn == 0 else STEPS
        at = solve(layer.counts, weights, layer.rows, prior, _bent(settings, scatter), at, steps)
        mean = mean_of(at, layer.rows.rows)
        if np.isfinite(settings.outlier_sd):
            # Days that do not count are neither high nor low.
            seen = np.where(layer.weights > 0.0, layer.counts, mean)
            odd = weights_of(seen, mean, scatter, settings.outlier_sd)
            odd *= layer.weights
        else:
            odd = layer.weights
        scatter = scatter_of(layer.counts, mean, odd, scatter)
        weights = odd
        if settings.family == "quasi_poisson":
            weights = odd / (1.0 + scatter * mean.mean(axis=1))[:, None]
        if settings.learn_widths and turn % 2 == 0:
            uncertain = variances(weights, layer.rows, prior, _bent(settings, scatter), at)
            away = at - prior.centre
            widths = priors.learned(layer.design, settings, widths, away, uncertain)
        prior = _prior(layer, weights, mine, series, above, found, widths)
    at = solve(layer.counts, weights, layer.rows, prior, _bent(settings, scatter), at)
    found.coefficients[mine], found.scatter[mine] = at, scatter
    reports = (weights * layer.counts).sum(axis=1)
    found.own[mine] = reports / np.maximum(reports + prior.count, 1e-300)
    found.widths.append(widths)


def _bent(settings: Settings, scatter: Floats) -> Floats:
    """The scatter that bends the likelihood: a quasi-Poisson one is only flattened by it."""
    return np.zeros_like(scatter) if settings.family == "quasi_poisson" else scatter


def _prior(
    layer: _Layer,
    weights: Floats,
    mine: Ints,
    series: Series,
    above: Ints | None,
    found: _Found,
    widths: Floats,
) -> Prior:
    if above is None:
        return priors.roots(layer.counts, layer.weights, layer.design, widths, layer.settings)
    parents = np.searchsorted(above, series.parent[mine])
    return priors.children(
        layer.counts, weights, parents, found.coefficients[above], layer.rows.rows,
        layer.design, widths,
    )  # fmt: skip


def _start(layer: _Layer, prior: Prior) -> Floats:
    """The prior's centre, at the level that the counts have with it."""
    at = prior.centre.copy()
    at[:, 0] = 0.0
    total = (layer.weights * mean_of(at, layer.rows.rows)).sum(axis=1)
    had = (layer.weights * layer.counts).sum(axis=1)
    at[:, 0] = np.log((had + 0.5) / (total + 0.5 / prior.level))
    return at


def _depths(series: Series, settings: Settings) -> Ints:
    """How many series are above each."""
    count = len(series.parent)
    depth = np.zeros(count, dtype=np.int64)
    if not settings.use_parents:
        return depth
    if np.any((series.parent < -1) | (series.parent >= count)):
        raise ValueError("A parent is a row of the same series, or -1")
    at = series.parent.copy()
    for _ in range(count):
        if np.all(at < 0):
            return depth
        depth += at >= 0
        at = np.where(at >= 0, series.parent[at], -1)
    if np.any(at >= 0):
        raise ValueError("A series cannot be above itself")
    return depth


def _history(
    series: Series, settings: Settings, counted: Flags | None
) -> tuple[Floats, Floats, int]:
    """Counts and weights of the newest days, (S, T'), and the first of them."""
    days = series.counts.shape[1]
    if days == 0:
        raise ValueError("A series needs one day at least")
    if np.any(series.counts < 0):
        raise ValueError("Counts cannot be below nought")
    kept = min(days, settings.history_days)
    counts = series.counts[:, days - kept :].astype(np.float64)
    weights = np.ones_like(counts)
    if counted is not None:
        if counted.shape not in (series.counts.shape, (days,)):
            raise ValueError("counted is of the shape of the counts, or of their days")
        weights *= np.broadcast_to(counted, series.counts.shape)[:, days - kept :]
    if settings.guard_days > 0 and kept > settings.guard_days:
        weights[:, kept - settings.guard_days :] = 0.0
    return counts, weights, series.first_day + days - kept
