"""Poisson regression with a ridge, by iteratively reweighted least squares (Newton's steps)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.warn.values import Floats

#: Predictors are kept within what exp() bears and a street can have.
_LOG_LEAST, _LOG_MOST = -16.0, 12.0
_ENOUGH = 1e-8


@dataclass(frozen=True, slots=True)
class PoissonFit:
    """log mean = intercept + ((features - centre) / spread) · slopes; arrays of shape (K,)."""

    intercept: float
    slopes: Floats
    centre: Floats
    spread: Floats

    def mean(self, features: Floats) -> Floats:
        """Means, shape (n,), of features of shape (n, K); above 0 and finite."""
        log = self.intercept + ((features - self.centre) / self.spread) @ self.slopes
        return np.exp(np.clip(log, _LOG_LEAST, _LOG_MOST))


def fit_poisson(
    features: Floats, counts: Floats, *, ridge: float, steps_most: int = 25
) -> PoissonFit:
    """The fit that maximises the log likelihood less ridge / 2 times the squared slopes.

    ``features``: (n, K), finite; ``counts``: (n,), 0 and more; ``ridge`` above 0, on standardised
    features, so that a constant or a repeated feature does no harm. Newton's step is halved until
    it does not make matters worse: the fit cannot diverge. Where no count is above 0 the mean is
    half a report over all rows (Jeffreys' prior), without slopes.
    """
    if ridge <= 0:
        raise ValueError("the ridge must be above 0")
    rows, width = features.shape
    centre = features.mean(axis=0) if rows else np.zeros(width)
    spread = features.std(axis=0) if rows else np.ones(width)
    spread = np.where(spread > _ENOUGH, spread, 1.0)
    total = float(counts.sum())
    start = float(np.log((total + 0.5) / max(rows, 1)))
    if total <= 0:
        return PoissonFit(start, np.zeros(width), centre, spread)
    design = np.column_stack([np.ones(rows), (features - centre) / spread])
    penalty = np.full(width + 1, ridge)
    penalty[0] = 0.0
    beta = np.zeros(width + 1)
    beta[0] = start
    mean, value = _judge(design, counts, penalty, beta)
    for _ in range(steps_most):
        gradient = design.T @ (counts - mean) - penalty * beta
        curvature = (design * mean[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        for halving in range(20):
            tried = beta + step * 0.5**halving
            mean_tried, value_tried = _judge(design, counts, penalty, tried)
            if value_tried >= value:
                break
        else:
            break
        gained = value_tried - value
        beta, mean, value = tried, mean_tried, value_tried
        if gained < _ENOUGH * (1.0 + abs(value)):
            break
    return PoissonFit(float(beta[0]), beta[1:], centre, spread)


def _judge(design: Floats, counts: Floats, penalty: Floats, beta: Floats) -> tuple[Floats, float]:
    log = np.clip(design @ beta, _LOG_LEAST, _LOG_MOST)
    mean = np.exp(log)
    return mean, float(counts @ log - mean.sum() - 0.5 * (penalty * beta * beta).sum())
