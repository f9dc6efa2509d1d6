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
BATCH = 128
#: Steps are over when no logarithm of an expected count changes by more.
TOLERANCE = 1e-9
MOST_STEPS = 60
#: Binds what no data and no prior bind, far below what anybody could see.
LEAST_PRECISION = 1e-8


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
    mean = np.exp(at @ design.rows.T)
    spread = 1.0 + scatter[:, None] * mean
    slope = (weights * (counts - mean) / spread) @ design.rows
    pull = prior.count / prior.level * np.exp(at[:, 0])
    slope -= prior.precision * (at - prior.centre)
    slope[:, 0] += prior.count - pull
    curve = weights * mean * (1.0 + scatter[:, None] * counts) / (spread * spread)
    found: Floats = np.linalg.solve(_bend(curve, design, prior, pull), slope[:, :, None])[:, :, 0]
    return found


def variances(weights: Floats, design: Rows, prior: Prior, scatter: Floats, at: Floats) -> Floats:
    """About how uncertain each coefficient is, (S, p), from the expected second derivatives."""
    found = np.empty_like(at)
    for start in range(0, len(at), BATCH):
        part = slice(start, start + BATCH)
        mean = np.exp(at[part] @ design.rows.T)
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
    bend[:, diagonal, diagonal] += prior.precision + LEAST_PRECISION
    bend[:, 0, 0] += pull
    return bend
