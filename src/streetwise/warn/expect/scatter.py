"""How much days scatter around what is expected, and which of them are out of line."""

from __future__ import annotations

import numpy as np

from streetwise.warn.values import Floats

#: Series at a time, so that their days stay near the processor.
BATCH = 32
#: Past weeks are looked at as well as days: a doubling for two weeks has no single strange day.
WINDOWS_DAYS = (1, 7)
#: So few reports in a window are never out of line, however rare the series.
ORDINARY_REPORTS = 3
#: The largest ``scatter``: a size of a hundredth.
MOST_SCATTER = 100.0
#: Scatter below this is none.
LEAST_SCATTER = 1e-6


def weights_of(counts: Floats, mean: Floats, scatter: Floats, outlier_sd: float) -> Floats:
    """How much each day counts, (S, T), 0 to 1.

    1 where no window that holds the day lies more than ``outlier_sd`` above what is expected, by
    the Anscombe residual r = 3 (y^(2/3) - m^(2/3)) / (2 f^(1/2) m^(1/6)) of its count y, mean m and
    variance f m; (outlier_sd / r)² beyond. Noufaily et al., Statistics in Medicine 32 (2013), take
    1 / r² of single weeks; here the weight has no jump, and too few reports are never too many.
    """
    found = np.ones_like(mean)
    for at in range(0, len(mean), BATCH):
        part = slice(at, at + BATCH)
        spread = mean[part] + scatter[part, None] * mean[part] * mean[part]
        for days in WINDOWS_DAYS:
            if days <= counts.shape[1]:
                _lighten(found[part], counts[part], mean[part], spread, days, outlier_sd)
    return found


def _lighten(
    found: Floats, counts: Floats, mean: Floats, spread: Floats, days: int, outlier_sd: float
) -> None:
    """Lower ``found`` in place on the days of windows that are out of line."""
    y, m, v = (_windows(of, days) for of in (counts, mean, spread))
    away = y - m
    # The Anscombe residual is never above Pearson's, which costs less: look at few.
    above = (away > 0.0) & (away * away > outlier_sd**2 * v) & (y >= ORDINARY_REPORTS)
    row, first = np.nonzero(above)
    y, m, v = y[row, first], m[row, first], v[row, first]
    residual = 1.5 * (np.cbrt(y) ** 2 - np.cbrt(m) ** 2) / np.sqrt(v / m * np.cbrt(m))
    weight = (outlier_sd / np.maximum(residual, outlier_sd)) ** 2
    for offset in range(days):
        np.minimum.at(found, (row, first + offset), weight)


def _windows(of: Floats, days: int) -> Floats:
    """Sums of so many successive days, (S, T - days + 1)."""
    count = of.shape[1] - days + 1
    found = of[:, :count]
    for offset in range(1, days):
        found = found + of[:, offset : offset + count]
    return found


def scatter_of(counts: Floats, mean: Floats, weights: Floats, before: Floats) -> Floats:
    """a of variance = mean + a · mean² for each series, (S,), shrunk to what all have in common.

    One series: the weighted moments sum(u ((y - m)² - m)) / sum(u m²), u = w / (1 + b m)² with b
    from ``before``. Its own variance is about 2 sum(u² (m + b m²)²) / sum(u m²)². All: the mean of
    them weighted by precision and the variance between them by DerSimonian and Laird (1986); each
    is taken to the mean in proportion to the two variances.
    """
    u = weights / (1.0 + before[:, None] * mean) ** 2
    squares = (u * mean * mean).sum(axis=1)
    known = squares > 0.0
    under = np.where(known, squares, 1.0)
    own = (u * ((counts - mean) ** 2 - mean)).sum(axis=1) / under
    spread = mean + np.maximum(before, own)[:, None] * mean * mean
    error = 2.0 * (u * u * spread * spread).sum(axis=1) / under**2
    error = np.where(known, np.maximum(error, 1e-12), np.inf)
    own = np.where(known, np.minimum(own, MOST_SCATTER), 0.0)
    if len(own) > 1:
        own = shrunk(own, error)
    found = np.clip(own, 0.0, MOST_SCATTER)
    found[found < LEAST_SCATTER] = 0.0
    return found


def shrunk(own: Floats, error: Floats) -> Floats:
    """Each of S figures, taken to their common mean as far as its variance ``error`` (which may be
    infinite) is large beside the variance between them."""
    known = np.isfinite(error)
    if known.sum() < 2:
        return np.where(known, own, own[known].mean() if known.any() else 0.0)
    precision = np.where(known, 1.0 / error, 0.0)
    total = precision.sum()
    centre = (precision * own).sum() / total
    away = (precision * (own - centre) ** 2).sum()
    degrees = total - (precision**2).sum() / total
    between = max(0.0, (away - (known.sum() - 1)) / degrees) if degrees > 0.0 else 0.0
    centre = (own * known / np.where(known, error + between, 1.0)).sum() / (
        known / np.where(known, error + between, 1.0)
    ).sum()
    found: Floats = np.where(
        known, (own * between + centre * error) / np.where(known, between + error, 1.0), centre
    )
    return found
