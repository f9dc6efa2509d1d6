"""The coefficients of many series at once: damped Newton steps on the penalised likelihood.

All series have the same rows, so the second derivatives of all of them are one matrix product:
(series, days) weights times (days, p (p + 1) / 2) products of columns. That is what makes it fast;
the rest are p × p equations.

A step is shortened to ln(1 + d) / d of itself, d being the largest change of a logarithm of an
expected count. For likelihoods like this one (log link, generalised self-concordant with constant
1, order 2) that climbs from anywhere without a line search, and keeps the quadratic end: Sun and
Tran-Dinh, Generalized self-concordant functions, Mathematical Programming 178 (2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.warn.values import Floats, Ints

#: Series at a time, so that their days stay near the processor.
BATCH = 64
#: A step that changes no logarithm of an expected count by more is the last: what is left is about
#: the square of it.
TOLERANCE = 1e-5
MOST_STEPS = 60
#: Added to the second derivatives alone, so that steps are shorter where neither data nor prior say
#: anything, and the top is where it was: of each on the diagonal, and at least.
DAMPING, LEAST_DAMPING = 1e-11, 1e-8
#: No logarithm of an expected count is ever taken to be more.
MOST_LOG = 60.0


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of S series' coefficients before their counts are seen.

    ``centre``, ``precision``: (S, p), normal. ``count``, ``level``: (S,), gamma for the level
    itself: as if ``count`` reports had come in ``count / level`` average days.
    """

    centre: Floats
    precision: Floats
    count: Floats
    level: Floats

    def of(self, rows: Ints | slice) -> Prior:
        """That of some of the series."""
        return Prior(self.centre[rows], self.precision[rows], self.count[rows], self.level[rows])


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of the design, and the products of their columns."""

    rows: Floats
    products: Floats
    place: Ints

    @classmethod
    def of(cls, rows: Floats) -> Rows:
        """Of (T, p) rows; ``place`` says where the product of two columns is."""
        first, second = np.triu_indices(rows.shape[1])
        place = np.zeros((rows.shape[1], rows.shape[1]), dtype=np.int64)
        place[first, second] = place[second, first] = np.arange(len(first))
        return cls(rows, np.ascontiguousarray(rows[:, first] * rows[:, second]), place)


def solve(
    counts: Floats,
    weights: Floats,
    design: Rows,
    prior: Prior,
    scatter: Floats,
    start: Floats,
    steps: int = MOST_STEPS,
) -> Floats:
    """The most likely coefficients, (S, p).

    ``counts``, ``weights``: (S, T). ``scatter``: (S,), variance = mean + scatter · mean²; 0 for
    Poisson. ``start``: (S, p). ``steps``: at most so many.
    """
    found = start.copy()
    for at in range(0, len(counts), BATCH):
        part = slice(at, at + BATCH)
        _climb(
            counts[part], weights[part], design, prior.of(part), scatter[part], found[part], steps
        )
    return found


def _climb(
    counts: Floats,
    weights: Floats,
    design: Rows,
    prior: Prior,
    scatter: Floats,
    found: Floats,
    steps: int,
) -> None:
    """Change ``found`` in place until every series is at its top."""
    left = np.arange(len(counts))
    for _ in range(steps):
        step = newton_step(
            counts[left], weights[left], design, prior.of(left), scatter[left], found[left]
        )
        change = np.abs(step @ design.rows.T).max(axis=1, initial=0.0)
        with np.errstate(invalid="ignore"):
            share = np.where(change > 0.0, np.log1p(change) / change, 1.0)
        found[left] += share[:, None] * step
        left = left[change > TOLERANCE]
        if len(left) == 0:
            return


def newton_step(
    counts: Floats,
    weights: Floats,
    design: Rows,
    prior: Prior,
    scatter: Floats,
    at: Floats,
) -> Floats:
    """The whole Newton step from ``at``, (S, p)."""
    mean = mean_of(at, design.rows)
    tilt = weights * (counts - mean)
    curve = weights * mean
    if scatter.any():
        spread = 1.0 + scatter[:, None] * mean
        tilt /= spread
        curve *= 1.0 + scatter[:, None] * counts
        spread *= spread
        curve /= spread
    slope = tilt @ design.rows
    pull = prior.count / prior.level * np.exp(at[:, 0])
    slope -= prior.precision * (at - prior.centre)
    slope[:, 0] += prior.count - pull
    bend = _bend(curve, design, prior, pull)
    return np.asarray(np.linalg.solve(bend, slope[:, :, None])[:, :, 0], dtype=np.float64)


def mean_of(coefficients: Floats, rows: Floats) -> Floats:
    """Expected counts, (S, T), of (S, p) coefficients and (T, p) rows."""
    log = coefficients @ rows.T
    np.minimum(log, MOST_LOG, out=log)
    return np.asarray(np.exp(log, out=log), dtype=np.float64)


def variances(weights: Floats, design: Rows, prior: Prior, scatter: Floats, at: Floats) -> Floats:
    """About how uncertain each coefficient is, (S, p), from the expected second derivatives."""
    found = np.empty_like(at)
    for start in range(0, len(at), BATCH):
        part = slice(start, start + BATCH)
        mean = mean_of(at[part], design.rows)
        curve = weights[part] * mean / (1.0 + scatter[part, None] * mean)
        one = prior.of(part)
        pull = one.count / one.level * np.exp(at[part, 0])
        inverse = np.linalg.inv(_bend(curve, design, one, pull))
        found[part] = np.diagonal(inverse, axis1=1, axis2=2)
    return found


def _bend(curve: Floats, design: Rows, prior: Prior, pull: Floats) -> Floats:
    """Minus the second derivatives, (S, p, p)."""
    bend: Floats = (curve @ design.products)[:, design.place]
    diagonal = np.arange(bend.shape[1])
    bend[:, 0, 0] += pull
    bend[:, diagonal, diagonal] *= 1.0 + DAMPING
    bend[:, diagonal, diagonal] += prior.precision + LEAST_DAMPING
    return bend
