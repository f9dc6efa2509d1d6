"""The quasi-Poisson fit of Farrington's method for many series and weeks. Compiled.

The model of one series before one week: log mean = level of the zone + slope * time, with prior
weights. Its normal equations are one diagonal block (the zones) bordered by one column (the
trend), so each step of iteratively reweighted least squares is solved in O(n) by taking the
trend's residual after the zones: nothing is factorised, and an empty zone is simply skipped.

Time is in years and 0 in the week that is judged, so the expected count is exp(level of zone 0).
"""

from __future__ import annotations

import math

import numpy as np

from streetwise.warn.compare.compiled import compiled
from streetwise.warn.compare.quantiles import quantile, tail
from streetwise.warn.values import Flags, Floats, Ints

#: IRLS ends when the deviance changes by less than this share, or after so many steps.
TOLERANCE = 1e-8
STEPS_MAX = 25
#: What a linear predictor is held within: a zone without a case drifts towards minus infinity,
#: by about 1 a step, and never reaches this.
LOWEST, HIGHEST = -40.0, 50.0

#: A trend is not fitted where time hardly differs within the zones.
SPREAD_LEAST = 1e-10

#: Rows of what is known of each week of a series, (4, T): its cases; their log, after 0.1 is
#: added; cases * log cases (0 for none); their 2/3 power.
CASES, START, ENTROPY, POWER = range(4)
#: Further rows, of the past weeks of one judged week, (9, L): time in years, prior weight, fitted
#: mean, working weight, and the leverage or, while a fit is under way, the working response.
TIME, PRIOR, MEAN, WORK, LIFT = range(4, 9)
#: Rows of what is known of its zones, (3, Z): log mean in the judged week, working weight, and
#: mean time.
LEVEL, MASS, MIDDLE = range(3)
#: Rows of the figures of a judged week.
EXPECTED, UPPER, P_VALUE, DISPERSION, SLOPE = range(5)
#: States of a judged week: as the enumeration ``State`` of farrington.py numbers them.
JUDGED, FEW, NO_HISTORY = 0, 1, 2


@compiled
def judge(
    counts: Ints,
    week: Ints,
    start: Ints,
    zone: Ints,
    years: Ints,
    zones: int,
    alpha: float,
    normal: float,
    two_thirds: bool,
    reweight_above: float,
    trend_years: int,
    trend_above: Floats,
    few_cases: int,
    few_weeks: int,
    figures: Floats,
    state: Ints,
    alarm: Flags,
) -> None:
    """Judge series ``counts`` (S, T) in the columns ``week`` (N,) by a plan (weeks.py).

    ``normal``: the normal quantile of 1 - alpha. ``reweight_above``: infinite for none.
    ``trend_years``: years from which a trend is fitted. ``trend_above``: (L + 1,), |t| above
    which it is kept, by degrees of freedom. Fills ``figures`` (5, S, N), ``state`` and ``alarm``
    (S, N).
    """
    past, used = np.empty((9, zone.shape[1])), np.empty(zone.shape[1], np.int64)
    known = np.empty((4, counts.shape[1]))
    levels = np.empty((3, zones))
    for s in range(counts.shape[0]):
        know(counts[s], known)
        for j in range(len(week)):
            now = week[j]
            if years[j] == 0:
                state[s, j] = NO_HISTORY
                figures[UPPER, s, j] = np.inf
                figures[P_VALUE, s, j] = figures[DISPERSION, s, j] = 1.0
                continue
            n = gather(known, now, start[j], zone[j], past, used)
            expected, dispersion, variance, slope = model(
                past, used, n, levels, years[j] >= trend_years, reweight_above, trend_above
            )
            seen = float(counts[s, now])
            if two_thirds and expected > 0.0:
                upper, p_value = by_two_thirds(seen, expected, dispersion, variance, normal)
            else:
                upper = quantile(1.0 - alpha, expected, dispersion)
                p_value = tail(seen, expected, dispersion)
            recent = 0
            for i in range(max(0, now - few_weeks + 1), now + 1):
                recent += counts[s, i]
            figures[EXPECTED, s, j] = expected
            figures[UPPER, s, j] = upper
            figures[P_VALUE, s, j] = p_value
            figures[DISPERSION, s, j] = dispersion
            figures[SLOPE, s, j] = slope
            state[s, j] = JUDGED if recent >= few_cases else FEW
            alarm[s, j] = recent >= few_cases and seen > upper


@compiled
def know(counts: Ints, known: Floats) -> None:
    """Fill the rows of each week of one series."""
    for i in range(len(counts)):
        cases = float(counts[i])
        known[CASES, i] = cases
        known[START, i] = math.log(cases + 0.1)
        known[ENTROPY, i] = cases * math.log(cases) if cases > 0.0 else 0.0
        known[POWER, i] = math.pow(cases, 2.0 / 3.0)


@compiled
def gather(known: Floats, now: int, start: int, zone: Ints, past: Floats, used: Ints) -> int:
    """Put the used weeks of one series in front of ``past`` and ``used``; how many they are."""
    n = 0
    for i in range(len(zone)):
        if zone[i] >= 0:
            for row in range(4):
                past[row, n] = known[row, start + i]
            past[TIME, n] = (start + i - now) / 52.0
            used[n] = zone[i]
            n += 1
    return n


@compiled
def model(
    past: Floats,
    zone: Ints,
    n: int,
    levels: Floats,
    trend: bool,
    reweight_above: float,
    trend_above: Floats,
) -> tuple[float, float, float, float]:
    """The expected count, the dispersion, the variance of the expected count, the slope.

    A trend that is too weak, or expects more than any past week had, is left out. Without a
    single case in the past nothing is expected.
    """
    most = past[CASES, :n].max()
    if most == 0.0:
        return 0.0, 1.0, 0.0, 0.0
    while True:
        slope, spread, pearson, scale = fit(past, zone, n, levels, trend)
        if reweight_above < np.inf:
            down_weigh(past, n, max(pearson, 1.0), reweight_above)
            # As the reference's tables have it: once weeks weigh differently, the scale of the
            # standard errors is the one with the prior weights, not held to 1 or more.
            slope, spread, pearson, scale = refit(past, zone, n, levels, trend)
        expected = math.exp(min(max(levels[LEVEL, 0], LOWEST), HIGHEST))
        freedom = max(n - parameters(levels, spread), 1)
        strength = abs(slope) * math.sqrt(spread / max(scale, 1e-12))
        if not trend or (expected <= most and strength >= trend_above[freedom]):
            break
        trend = False
    variance = 1.0 / levels[MASS, 0]
    if spread > 0.0:
        variance += levels[MIDDLE, 0] ** 2 / spread
    return expected, max(pearson, 1.0), variance * scale * expected * expected, slope


@compiled
def fit(
    past: Floats, zone: Ints, n: int, levels: Floats, trend: bool
) -> tuple[float, float, float, float]:
    """Fit with equal weights: slope a year, weight about it, dispersion, scale of errors."""
    past[PRIOR, :n] = 1.0
    slope, spread, pearson, _ = reweighted_least_squares(past, zone, n, levels, trend)
    return slope, spread, pearson, max(pearson, 1.0)


@compiled
def refit(
    past: Floats, zone: Ints, n: int, levels: Floats, trend: bool
) -> tuple[float, float, float, float]:
    """Fit with the weights that are there: as ``fit``, with the scale by the prior weights."""
    return reweighted_least_squares(past, zone, n, levels, trend)


@compiled
def reweighted_least_squares(
    past: Floats, zone: Ints, n: int, levels: Floats, trend: bool
) -> tuple[float, float, float, float]:
    """Fit one series to its first n ``past`` weeks with their prior weights.

    Fills ``MEAN`` (fitted), ``WORK`` (working weights of the last step) and ``LIFT`` (leverage)
    of ``past``, and ``levels``. Returns the slope a year, the working weight about it (0: no
    trend fitted), Pearson's dispersion (by the working weights), and the same by the prior ones.
    """
    cases, time, prior = past[CASES], past[TIME], past[PRIOR]
    mean, work, lift, entropy = past[MEAN], past[WORK], past[LIFT], past[ENTROPY]
    eta = past[START, :n].copy()
    deviance = 0.0
    for i in range(n):
        mean[i] = cases[i] + 0.1
        deviance += prior[i] * (entropy[i] - cases[i] * eta[i] + 0.1)
    deviance *= 2.0
    slope = spread = 0.0
    for _ in range(STEPS_MAX):
        slope, spread = step(past, zone, n, eta, levels, trend)
        before, deviance = deviance, 0.0
        for i in range(n):
            eta[i] = min(max(levels[LEVEL, zone[i]] + slope * time[i], LOWEST), HIGHEST)
            mean[i] = math.exp(eta[i])
            deviance += prior[i] * (entropy[i] - cases[i] * eta[i] - cases[i] + mean[i])
        deviance *= 2.0
        if abs(deviance - before) < TOLERANCE * (abs(deviance) + 0.1):
            break
    by_work = by_prior = 0.0
    for i in range(n):
        off = (cases[i] - mean[i]) / mean[i]
        by_work += work[i] * off * off
        by_prior += prior[i] * off * off
        lift[i] = work[i] / levels[MASS, zone[i]]
        if spread > 0.0:
            lift[i] += work[i] * (time[i] - levels[MIDDLE, zone[i]]) ** 2 / spread
    freedom = max(n - parameters(levels, spread), 1)
    return slope, spread, by_work / freedom, by_prior / freedom


@compiled
def step(
    past: Floats, zone: Ints, n: int, eta: Floats, levels: Floats, trend: bool
) -> tuple[float, float]:
    """One weighted least-squares step from ``eta``: fills ``WORK`` and ``levels``."""
    levels[:, :] = 0.0
    for i in range(n):
        mean, z = past[MEAN, i], zone[i]
        work = past[PRIOR, i] * mean
        past[WORK, i] = work
        levels[MASS, z] += work
        levels[MIDDLE, z] += work * past[TIME, i]
        past[LIFT, i] = eta[i] + (past[CASES, i] - mean) / mean
        levels[LEVEL, z] += work * past[LIFT, i]
    mass = 0.0
    for z in range(levels.shape[1]):
        if levels[MASS, z] > 0.0:
            mass += levels[MASS, z]
            levels[MIDDLE, z] /= levels[MASS, z]
            levels[LEVEL, z] /= levels[MASS, z]
    slope = spread = 0.0
    if trend:
        for i in range(n):
            off = past[TIME, i] - levels[MIDDLE, zone[i]]
            share = past[WORK, i] * off
            spread += share * off
            slope += share * (past[LIFT, i] - levels[LEVEL, zone[i]])
        if spread > SPREAD_LEAST * mass:
            slope /= spread
        else:
            slope = spread = 0.0
    for z in range(levels.shape[1]):
        levels[LEVEL, z] -= slope * levels[MIDDLE, z]
    return slope, spread


@compiled
def parameters(levels: Floats, spread: float) -> int:
    """How many coefficients were fitted: zones with a week, and the trend."""
    count = 1 if spread > 0.0 else 0
    for z in range(levels.shape[1]):
        if levels[MASS, z] > 0.0:
            count += 1
    return count


@compiled
def down_weigh(past: Floats, n: int, dispersion: float, above: float) -> None:
    """Fill ``PRIOR``: weeks with a large Anscombe residual weigh less; all sum to n."""
    total = 0.0
    for i in range(n):
        weight = 1.0
        room = 1.0 - past[LIFT, i]
        # A week that has a zone to itself is fitted exactly: it has no residual.
        if room > 1e-9:
            third = np.cbrt(past[MEAN, i])
            residual = 1.5 * (past[POWER, i] - third * third) / math.sqrt(third * room * dispersion)
            if residual > above:
                weight = 1.0 / (residual * residual)
        past[PRIOR, i] = weight
        total += weight
    for i in range(n):
        past[PRIOR, i] *= n / total


@compiled
def by_two_thirds(
    seen: float, expected: float, dispersion: float, variance: float, normal: float
) -> tuple[float, float]:
    """The bound and the p-value where the 2/3 power of a count is taken as normal."""
    two = math.pow(expected, 2.0 / 3.0)
    tau = dispersion + variance / expected
    deviation = 2.0 / 3.0 * math.pow(expected, 1.0 / 6.0) * math.sqrt(tau)
    standard = (math.pow(seen, 2.0 / 3.0) - two) / deviation
    upper = math.pow(two + normal * deviation, 1.5)
    return upper, 0.5 * math.erfc(standard / math.sqrt(2.0))
