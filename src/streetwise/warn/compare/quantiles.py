"""Quantiles and tails of counts: negative binomial by mean and dispersion, Poisson at 1. Compiled.

variance = dispersion * mean, so that size = mean / (dispersion - 1).
"""

from __future__ import annotations

import math

from streetwise.warn.compare.compiled import compiled

#: A dispersion nearer to 1 is Poisson: the difference is below what a double can hold.
NEARLY_POISSON = 1e-7
#: Below this the probability of no case cannot be held; the sum starts further up.
LOG_SMALLEST = -700.0
#: What a quantile forgives, as the sum of many terms is not exact.
SLACK = 1e-13


@compiled
def log_pmf(count: float, mean: float, dispersion: float) -> float:
    """The logarithm of the probability of ``count`` cases; ``mean`` above 0."""
    extra = dispersion - 1.0
    if extra < NEARLY_POISSON:
        return count * math.log(mean) - mean - math.lgamma(count + 1.0)
    size = mean / extra
    return (
        math.lgamma(count + size)
        - math.lgamma(size)
        - math.lgamma(count + 1.0)
        - size * math.log(dispersion)
        + count * math.log(extra / dispersion)
    )


@compiled
def next_ratio(count: float, mean: float, dispersion: float) -> float:
    """P(count + 1) / P(count)."""
    extra = dispersion - 1.0
    if extra < NEARLY_POISSON:
        return mean / (count + 1.0)
    return (count + mean / extra) / (count + 1.0) * (extra / dispersion)


@compiled
def quantile(level: float, mean: float, dispersion: float) -> float:
    """The smallest count whose cumulated probability reaches ``level``; 0 for a mean of 0."""
    if mean <= 0.0:
        return 0.0
    deviation = math.sqrt(mean * dispersion)
    count = 0.0
    if log_pmf(0.0, mean, dispersion) < LOG_SMALLEST:
        # Ten deviations below such a mean lies less than can be told from nothing.
        count = max(0.0, math.floor(mean - 10.0 * deviation))
    mass = math.exp(log_pmf(count, mean, dispersion))
    below = mass
    end = mean + 100.0 * deviation + 1000.0
    while below < level - SLACK and count < end:
        mass *= next_ratio(count, mean, dispersion)
        below += mass
        count += 1.0
    return count


@compiled
def tail(count: float, mean: float, dispersion: float) -> float:
    """The probability of ``count`` cases or more."""
    if count <= 0.0:
        return 1.0
    if mean <= 0.0:
        return 0.0
    if count <= mean:
        # Downwards from just below: the terms shrink, and the sum ends where they vanish.
        at = count - 1.0
        mass = math.exp(log_pmf(at, mean, dispersion))
        below = mass
        while at > 0.0 and mass > 1e-17 * below:
            at -= 1.0
            mass /= next_ratio(at, mean, dispersion)
            below += mass
        return max(0.0, 1.0 - below)
    at = count
    mass = math.exp(log_pmf(at, mean, dispersion))
    above = mass
    while mass > 1e-17 * above:
        mass *= next_ratio(at, mean, dispersion)
        at += 1.0
        above += mass
    return min(1.0, above)
