"""Intervals for counts: negative binomial, then made honest on past forecasts.

For each past forecast that is over by now the distribution's value at what came, F(y), and just
below it, F(y - 1), are known; a draw between the two is uniform where the model is right (Czado,
Gneiting and Held 2009). Where it is wrong, its quantiles say by how much: the levels that the
interval is cut at are quantiles of those draws (recalibration, as in conformal prediction), chosen
so that the whole-number interval held the wanted share of what came. Nothing then depends on the
distribution being true, only on tomorrow's errors being like those of late.

Counts are whole: where 0 alone has 90 % there is no interval of 80 %. ``covered`` counts whether a
count lies in the whole-number interval; it is more than was promised in sparse cells. ``covered_part``
counts the part of F(y - 1) … F(y) between two levels, which has no such excess.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammaincc

from streetwise.warn.values import Flags, Floats, Ints

POISSON_SIZE = 1e5
_SIZE_LEAST = 0.02
#: A side may be cut at no less and no more than these.
_STEPS = np.linspace(0.01, 0.45, 89)


@dataclass(frozen=True, slots=True)
class Cut:
    """``size`` of the negative binomial, and the levels at which its interval is cut.

    ``part_low``, ``part_high``: the levels between which just the share lay, a count on the edge
    taken in part; they differ from ``low`` and ``high`` where counts are so few that whole ones
    cannot hit the share.
    """

    size: float
    low: float
    high: float
    part_low: float
    part_high: float


def cdf(count: Floats, mean: Floats, size: Floats) -> Floats:
    """P(Y ≤ count) of negative binomials; below 0 it is 0. Shapes broadcast."""
    at = np.maximum(count, 0.0) + 1.0
    plain = gammaincc(at, mean)
    wide = betainc(np.minimum(size, POISSON_SIZE), at, size / (size + mean))
    found: Floats = np.where(count < 0, 0.0, np.where(size >= POISSON_SIZE, plain, wide))
    return found


def quantile(level: Floats, mean: Floats, size: Floats) -> Ints:
    """The smallest count with P(Y ≤ count) ≥ level; by doubling and halving."""
    low = np.full(np.broadcast(level, mean, size).shape, -1.0)
    high = np.maximum(np.ceil(mean), 1.0) * np.ones_like(low)
    for _ in range(40):
        short = cdf(high, mean, size) < level
        if not short.any():
            break
        low, high = np.where(short, high, low), np.where(short, high * 2, high)
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        enough = cdf(middle, mean, size) >= level
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high.astype(np.int64)


def size_of(counts: Floats, mean: Floats) -> float:
    """The size by moments: Σ((y - m)² - m) = Σ m² / size; ``POISSON_SIZE`` for no excess."""
    excess = float(((counts - mean) ** 2 - mean).sum())
    square = float((mean * mean).sum())
    if excess <= 0 or square <= 0:
        return POISSON_SIZE
    return float(np.clip(square / excess, _SIZE_LEAST, POISSON_SIZE))


def cut(counts: Floats, mean: Floats, share: float, rng: np.random.Generator) -> Cut:
    """The levels whose whole-number intervals held at least ``share`` of past counts, just."""
    size = size_of(counts, mean)
    below, upto = cdf(counts - 1, mean, np.float64(size)), cdf(counts, mean, np.float64(size))
    drawn = below + rng.uniform(size=len(counts)) * (upto - below)
    lows, highs = np.quantile(drawn, _STEPS), np.quantile(drawn, 1 - _STEPS)
    held = [float(np.mean((upto >= a) & (below < b))) for a, b in zip(lows, highs, strict=True)]
    enough = np.flatnonzero(np.array(held) >= share)
    # The narrowest that still holds it; the widest tried where even that one does not.
    best = int(enough[-1]) if len(enough) else 0
    part = np.quantile(drawn, [(1 - share) / 2, (1 + share) / 2])
    return Cut(size, float(lows[best]), float(highs[best]), float(part[0]), float(part[1]))


def plain_cut(share: float) -> Cut:
    """Poisson's own levels, where there is no past to learn from."""
    low, high = (1 - share) / 2, (1 + share) / 2
    return Cut(POISSON_SIZE, low, high, low, high)


def covered(counts: Floats, low: Ints, high: Ints) -> Flags:
    """Whether counts lie in whole-number intervals, ends included."""
    return (counts >= low) & (counts <= high)


def covered_part(counts: Floats, mean: Floats, size: Floats, low: Floats, high: Floats) -> Floats:
    """What part of each count's own probability lies between two levels, 0 … 1."""
    below, upto = cdf(counts - 1, mean, size), cdf(counts, mean, size)
    inside = np.minimum(upto, high) - np.maximum(below, low)
    return np.clip(inside / np.maximum(upto - below, 1e-12), 0.0, 1.0)
