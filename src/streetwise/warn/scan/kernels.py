"""The cylinders of one night, counted and judged: the inner loops of the scan.

A cylinder is a zone (a set of places) and the last 1, 2, … W days. For each the kernels hold the
count C, the expected B and the excess E of its variance over B, sums over places and days. One
formula serves three models (``likelihood``), by the size K: infinite for Poisson, B²/E for
negative binomial, -N for the permutation of N reports.

Shapes: ``count`` (P, W) int32, ``mean`` and ``excess`` (P, W) float64, all cumulated: column w
holds the last w + 1 days. ``total``: N of a permutation, else 0. ``members``, ``start``, ``ends``
as in ``shapes.Neighbourhoods``. ``least``: a cylinder with fewer reports counts as no cluster.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from streetwise.warn.scan.compiled import compiled
from streetwise.warn.values import Flags, Floats, Ints

Int32s = NDArray[np.int32]

#: Replicates handled side by side: the last axis of their counts, one vector of the processor.
LANES = 16
#: A count that no cylinder reaches.
NEVER = 2_000_000_000


@compiled
def likelihood(count: float, mean: float, size: float) -> float:
    """Logarithm of the likelihood ratio of ``count`` where ``mean`` was expected; 0 if not more.

    C log(C/B) - (C + K) log((C + K)/(B + K)): the negative binomial's; for infinite K Poisson's,
    C log(C/B) - (C - B); for K = -N the binomial's, C log(C/B) + (N - C) log((N - C)/(N - B)).
    """
    if count <= mean:
        return 0.0
    gained = count * math.log(count / mean)
    if math.isinf(size):
        return gained - (count - mean)
    rest = count + size
    if rest == 0.0:  # all N reports lie in the cylinder
        return gained
    return gained - rest * math.log1p((count - mean) / (mean + size))


@compiled
def size_of(mean: float, excess: float, total: float) -> float:
    """K of a cylinder: matched to mean and variance of the sum, or -N for a permutation."""
    if total > 0.0:
        return -total
    if excess <= 0.0:
        return np.inf
    return mean * mean / excess


@compiled
def spread_of(mean: float, excess: float, total: float) -> float:
    """V such that the likelihood ratio is at most (C - B)²/2V for every C above B.

    For sizes above 0 it is the variance: the second derivative of the ratio by C falls with C and
    is 1/V at C = B. For a permutation log(1 - x) <= -x gives B (N - B)/(N + B).
    """
    if total > 0.0:
        return mean * (total - mean) / (total + mean)
    return mean + excess


@compiled
def best_cylinder(
    count: Int32s,
    mean: Floats,
    excess: Floats,
    total: float,
    members: Int32s,
    start: Ints,
    ends: Flags,
    least: int,
) -> tuple[float, int, int]:
    """The largest statistic of all cylinders, its zone and its days; (0, -1, 0) if there is none.

    Of equals the first zone, then the fewest days. Logarithms are taken only where (C - B)²/2V
    passes the best so far.
    """
    days = count.shape[1]
    found = np.zeros(days)
    wanted = np.zeros(days)
    beyond = np.zeros(days)
    best, zone, length = 0.0, -1, 0
    for group in range(len(start) - 1):
        found[:] = 0.0
        wanted[:] = 0.0
        beyond[:] = 0.0
        for member in range(start[group], start[group + 1]):
            place = members[member]
            open_ = False
            for day in range(days):
                found[day] += count[place, day]
                wanted[day] += mean[place, day]
                beyond[day] += excess[place, day]
                more = found[day] - wanted[day]
                spread = spread_of(wanted[day], beyond[day], total)
                open_ |= (found[day] >= least) & (more > 0.0) & (more * more > 2.0 * spread * best)
            if not (open_ and ends[member]):
                continue
            for day in range(days):
                if found[day] < least:
                    continue
                size = size_of(wanted[day], beyond[day], total)
                value = likelihood(found[day], wanted[day], size)
                if value > best:
                    best, zone, length = value, member, day + 1
    return best, zone, length


@compiled
def zone_bests(
    count: Int32s,
    mean: Floats,
    excess: Floats,
    total: float,
    members: Int32s,
    start: Ints,
    ends: Flags,
    least: int,
) -> tuple[Floats, Ints]:
    """For every zone its largest statistic (0 if none) and the number of days, both (M,)."""
    days = count.shape[1]
    best = np.zeros(len(members))
    length = np.zeros(len(members), dtype=np.int64)
    found = np.zeros(days)
    wanted = np.zeros(days)
    beyond = np.zeros(days)
    for group in range(len(start) - 1):
        found[:] = 0.0
        wanted[:] = 0.0
        beyond[:] = 0.0
        for member in range(start[group], start[group + 1]):
            place = members[member]
            for day in range(days):
                found[day] += count[place, day]
                wanted[day] += mean[place, day]
                beyond[day] += excess[place, day]
                if not ends[member] or found[day] < least:
                    continue
                size = size_of(wanted[day], beyond[day], total)
                value = likelihood(found[day], wanted[day], size)
                if value > best[member]:
                    best[member] = value
                    length[member] = day + 1
    return best, length


@compiled
def next_zone(best: Floats, taken: Flags, members: Int32s, start: Ints) -> int:
    """The zone with the largest statistic that holds none of the places taken; -1 if there is none.

    A chain is over at its first taken place: all its later sets hold it too.
    """
    zone = -1
    largest = 0.0
    for group in range(len(start) - 1):
        for member in range(start[group], start[group + 1]):
            if taken[members[member]]:
                break
            if best[member] > largest:
                largest = best[member]
                zone = member
    return zone


@compiled
def smallest_count(mean: float, excess: float, total: float, level: float) -> int:
    """The smallest count whose statistic is at least ``level`` (above 0 if ``level`` is 0)."""
    size = size_of(mean, excess, total)
    if level <= 0.0:
        return math.floor(mean) + 1
    if total > 0.0 and likelihood(total, mean, size) < level:
        return NEVER
    # Newton from below on a convex function: one step too far, then down to the root.
    point = mean + math.sqrt(2.0 * spread_of(mean, excess, total) * level)
    for _ in range(40):
        if total > 0.0 and point >= total:
            point = total - 0.5
        if point <= mean:
            break
        slope = math.log(point / mean)
        if not math.isinf(size):
            slope -= math.log1p((point - mean) / (mean + size))
        if slope <= 0.0:
            break
        step = (likelihood(point, mean, size) - level) / slope
        point -= step
        if abs(step) < 0.25:
            break
    whole = math.ceil(point)
    while whole - 1 > mean and likelihood(whole - 1.0, mean, size) >= level:
        whole -= 1
    while likelihood(float(whole), mean, size) < level and whole < NEVER:
        whole += 1
    return whole


@compiled
def critical_counts(
    mean: Floats,
    excess: Floats,
    total: float,
    members: Int32s,
    start: Ints,
    ends: Flags,
    least: int,
    level: float,
) -> Int32s:
    """For every zone and length, (M, W), the smallest count with a statistic of ``level``."""
    days = mean.shape[1]
    needed = np.full((len(members), days), NEVER, dtype=np.int32)
    wanted = np.zeros(days)
    beyond = np.zeros(days)
    for group in range(len(start) - 1):
        wanted[:] = 0.0
        beyond[:] = 0.0
        for member in range(start[group], start[group + 1]):
            place = members[member]
            for day in range(days):
                wanted[day] += mean[place, day]
                beyond[day] += excess[place, day]
                if ends[member]:
                    smallest = smallest_count(wanted[day], beyond[day], total, level)
                    needed[member, day] = max(smallest, least)
    return needed


@compiled
def screened(
    count: Int32s,
    mean: Floats,
    excess: Floats,
    total: float,
    members: Int32s,
    start: Ints,
    needed: Int32s,
) -> Floats:
    """The largest statistic of each of LANES replicates, where it reaches the level; else 0.

    ``count``: (P, W, LANES), cumulated. ``needed``: the critical counts of the level. For nearly
    every cylinder an addition and a comparison of whole numbers are all that happens.
    """
    days = count.shape[1]
    best = np.zeros(LANES)
    rows = count.reshape((count.shape[0], days * LANES))
    found = np.zeros(days * LANES, dtype=np.int32)
    wanted = np.zeros(days)
    beyond = np.zeros(days)
    for group in range(len(start) - 1):
        found[:] = 0
        wanted[:] = 0.0
        beyond[:] = 0.0
        for member in range(start[group], start[group + 1]):
            place = members[member]
            row = rows[place]
            # Written for the vectors of the processor: no branch, no width but 32 bits.
            for cell in range(days * LANES):
                found[cell] = np.int32(found[cell] + row[cell])
            for day in range(days):
                wanted[day] += mean[place, day]
                beyond[day] += excess[place, day]
                highest = np.int32(needed[member, day] - 1)
                signs = np.int32(0)
                for cell in range(day * LANES, day * LANES + LANES):
                    signs |= np.int32(highest - found[cell])
                if signs >= 0:  # no lane is above
                    continue
                size = size_of(wanted[day], beyond[day], total)
                for lane in range(LANES):
                    reports = found[day * LANES + lane]
                    if reports > highest:
                        value = likelihood(float(reports), wanted[day], size)
                        best[lane] = max(best[lane], value)
    return best
