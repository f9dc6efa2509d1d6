"""What a series is believed to be before its own counts are known: its parent, and how far series
usually are from their parents."""

from __future__ import annotations

import math

import numpy as np

from streetwise.warn.expect.design import HOLIDAY, SEASON, TREND, WEATHER, WEEKDAY, Design
from streetwise.warn.expect.settings import Settings
from streetwise.warn.expect.solve import Prior, mean_of
from streetwise.warn.values import Floats, Ints

GROUPS = (WEEKDAY, HOLIDAY, SEASON, TREND, WEATHER)
#: Coefficients that the settings' widths are worth when widths are learned.
BELIEF = 10.0
#: Widths are never learned to be outside of these.
NARROWEST, WIDEST = 0.005, 1.5
#: Reports that a level is believed to rest on, at least and at most, and with too few siblings.
FEWEST_REPORTS, MOST_REPORTS, REPORTS = 0.1, 50.0, 0.5
FEWEST_SIBLINGS = 3


def first_widths(settings: Settings) -> Floats:
    """The settings' width of each group, by its number; the level's is infinite."""
    return np.array(
        [
            math.inf,
            settings.weekday_log_sd,
            settings.holiday_log_sd,
            settings.season_log_sd,
            settings.trend_log_sd,
            settings.weather_log_sd,
        ]
    )


def precision_of(design: Design, widths: Floats) -> Floats:
    """1 / (width · scale)² of each column, (p,); 0 where nothing binds."""
    return 1.0 / (widths[design.group] * design.scale) ** 2


def learned(
    design: Design, settings: Settings, widths: Floats, away: Floats, variance: Floats
) -> Floats:
    """The widths that these series show, by group.

    ``away``: (S, p), coefficients less their centres; ``variance``: (S, p), of each. MacKay's
    fixed point (Neural Computation 4, 1992): sum of squares over the effective number of
    coefficients, sum(1 - variance / width²), together with the settings' width as if it had been
    seen in ``BELIEF`` coefficients more.
    """
    found = widths.copy()
    first = first_widths(settings)
    for group in GROUPS:
        columns = design.group == group
        if not columns.any() or not math.isfinite(first[group]):
            continue
        scale = design.scale[columns]
        effective = 1.0 - variance[:, columns] / (widths[group] * scale) ** 2
        squares = ((away[:, columns] / scale) ** 2).sum() + BELIEF * first[group] ** 2
        width = math.sqrt(squares / (np.clip(effective, 0.0, 1.0).sum() + BELIEF))
        found[group] = min(WIDEST, max(NARROWEST, width))
    return found


def roots(
    counts: Floats, weights: Floats, design: Design, widths: Floats, settings: Settings
) -> Prior:
    """Of series that stand alone: no effects, and a level near their own mean."""
    series = len(counts)
    level = ((weights * counts).sum(axis=1) + 0.5) / np.maximum(weights.sum(axis=1), 1.0)
    precision = np.tile(precision_of(design, widths), (series, 1))
    count = np.full(series, settings.level_count)
    return Prior(np.zeros_like(precision), precision, count, level)


def children(
    counts: Floats, weights: Floats, parents: Ints, above: Floats, rows: Floats,
    design: Design, widths: Floats,
) -> Prior:  # fmt: skip
    """Of series with a parent: the parent's effects, and a level near its siblings' mean share.

    ``parents``: (S,), the row of each in ``above``, (parents, p), coefficients of the coarser
    series. A child's count is taken for a gamma share of its parent's: mean m and shape k by the
    moments of its siblings, so that it is as if k reports had come already.
    """
    series = len(counts)
    centre = above[parents]
    expected = mean_of(above, rows)
    had = (weights * counts).sum(axis=1)
    should = (weights * expected[parents]).sum(axis=1)
    level, count = np.empty(series), np.empty(series)
    for parent in np.unique(parents):
        mine = np.flatnonzero(parents == parent)
        share, reports = _shares(had[mine], should[mine])
        level[mine] = share * math.exp(above[parent, 0])
        count[mine] = reports
    # Before its counts are known a child's own level is its share; the level is bound by that only.
    centre[:, 0] = np.log(level)
    precision = np.tile(precision_of(design, widths), (series, 1))
    return Prior(centre, precision, count, level)


def _shares(had: Floats, should: Floats) -> tuple[float, float]:
    """Mean share of siblings, and how many reports that is worth (the shape of a gamma)."""
    share = (had.sum() + 0.5) / max(should.sum(), 1e-12)
    if len(had) < FEWEST_SIBLINGS:
        return share, REPORTS
    between = ((had - share * should) ** 2).sum() - (share * should).sum()
    if between <= 0.0:
        return share, MOST_REPORTS
    reports = ((share * should) ** 2).sum() / between
    return share, float(np.clip(reports, FEWEST_REPORTS, MOST_REPORTS))
