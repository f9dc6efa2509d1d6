"""Counts as they would be if nothing were going on: the replicates, drawn.

A replicate costs what its reports cost, not its places times days: how many reports there are is
drawn once, then each falls into a cell (place, day) by Walker's alias table. A negative binomial
count is a Poisson number of batches whose sizes follow the logarithmic distribution (Quenouille
1949), so it is drawn the same way; the batch sizes by Kemp (1981, algorithm LS).

Random numbers are SplitMix64 (Steele, Lea, Flood 2014): every replicate has a stream of its own,
so the answer does not depend on how replicates are shared out among threads.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from streetwise.warn.scan.compiled import compiled
from streetwise.warn.scan.kernels import LANES, Int32s
from streetwise.warn.values import Floats, Ints

Seeds = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _32, _11 = (np.uint64(bits) for bits in (30, 27, 31, 32, 11))
_LOW = np.uint64(0xFFFFFFFF)
_TO_UNIT = 2.0**-53
_TO_UNIT_32 = 2.0**-32


@compiled
def mixed(state: np.uint64) -> np.uint64:
    """The random number of a state; the next state is the state plus ``_STEP``."""
    word = (state ^ (state >> _30)) * _MIX_1
    word = (word ^ (word >> _27)) * _MIX_2
    return np.uint64(word ^ (word >> _31))


@compiled
def alias_table(weight: Floats) -> tuple[Floats, Int32s]:
    """Walker's table for weights (n,) with a sum above 0, built as Vose (1991) does.

    Cell i keeps its draw with probability ``keep[i]``, else it goes to ``other[i]``.
    """
    count = len(weight)
    scaled = weight * (count / weight.sum())
    keep = np.ones(count)
    other = np.arange(count).astype(np.int32)
    small = np.empty(count, dtype=np.int64)
    large = np.empty(count, dtype=np.int64)
    smalls, larges = 0, 0
    for cell in range(count):
        if scaled[cell] < 1.0:
            small[smalls] = cell
            smalls += 1
        else:
            large[larges] = cell
            larges += 1
    while smalls > 0 and larges > 0:
        smalls -= 1
        low = small[smalls]
        high = large[larges - 1]
        keep[low] = scaled[low]
        other[low] = high
        scaled[high] -= 1.0 - scaled[low]
        if scaled[high] < 1.0:
            larges -= 1
            small[smalls] = high
            smalls += 1
    return keep, other


@compiled
def cumulated(count: Int32s) -> None:
    """Turn counts of single days, latest first, (P, W, LANES), into those of the last 1 … W."""
    for place in range(count.shape[0]):
        for day in range(1, count.shape[1]):
            for lane in range(LANES):
                count[place, day, lane] += count[place, day - 1, lane]


@compiled
def drawn_batches(
    seeds: Seeds, batches: Ints, keep: Floats, other: Int32s, chance: Floats, count: Int32s
) -> None:
    """Fill ``count`` (P, W, LANES), cumulated, with one replicate a lane.

    ``batches``: (LANES,), how many batches each has. ``keep``, ``other``: the alias table of the
    P · W cells. ``chance``: (P · W,), the logarithmic distribution's parameter, 0 for single
    reports (Poisson).
    """
    days = count.shape[1]
    cells = np.uint64(len(keep))
    count[:] = 0
    for lane in range(LANES):
        state = seeds[lane]
        for _ in range(batches[lane]):
            state += _STEP
            word = mixed(state)
            cell = np.int64(((word >> _32) * cells) >> _32)
            if float(word & _LOW) * _TO_UNIT_32 >= keep[cell]:
                cell = np.int64(other[cell])
            reports = 1
            odds = chance[cell]
            if odds > 0.0:
                state += _STEP
                first = (float(mixed(state) >> _11) + 0.5) * _TO_UNIT
                if first < odds:
                    state += _STEP
                    second = (float(mixed(state) >> _11) + 0.5) * _TO_UNIT
                    edge = -math.expm1(math.log1p(-odds) * second)
                    if first <= edge * edge:
                        reports = int(1.0 + math.log(first) / math.log(edge))
                    elif first <= edge:
                        reports = 2
            count[cell // days, cell % days, lane] += reports
    cumulated(count)


@compiled
def drawn_days(seeds: Seeds, place: Int32s, back: Int32s, count: Int32s) -> None:
    """Fill ``count`` (P, W, LANES), cumulated, with the days of all reports shuffled, one a lane.

    ``place``: (N,), of every report of the period. ``back``: how many days ago each report of the
    last W days came; only these days are dealt out, each to another report.
    """
    reports = len(place)
    count[:] = 0
    for lane in range(LANES):
        state = seeds[lane]
        order = place.copy()
        for turn in range(len(back)):
            state += _STEP
            left = np.uint64(reports - turn)
            other = turn + np.int64(((mixed(state) >> _32) * left) >> _32)
            picked = order[other]
            order[other] = order[turn]
            order[turn] = picked
            count[picked, back[turn], lane] += 1
    cumulated(count)
