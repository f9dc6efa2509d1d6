"""How often chance does as well: Monte Carlo replicates of one night, and what follows from them.

The largest statistic of each replicate is found exactly, but mostly without computing any: a few
first replicates tell a level that nearly all will pass; for every cylinder the smallest count
that reaches it is worked out once; then a replicate is additions and comparisons, and statistics
are computed only where that count is reached. A replicate that stays below the level is computed
in full.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from streetwise.warn.compiled import each
from streetwise.warn.scan.draws import Seeds
from streetwise.warn.scan.kernels import (
    LANES,
    Int32s,
    best_cylinder,
    critical_counts,
    screened,
)
from streetwise.warn.scan.night import Night
from streetwise.warn.scan.shapes import Neighbourhoods
from streetwise.warn.values import Floats, Ints

#: The level, as a part of the smallest of the first LANES maxima.
_LEVEL_SHARE = 0.85
#: Of equal statistics one may come out a rounding apart: that much is still "as large".
_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Chance:
    """The largest statistics of the replicates that were made, in their order: (R,).

    ``stopped``: whether the last of them was the one at which counting could stop.
    """

    maxima: Floats
    stopped: bool = False

    def as_large(self, statistic: float) -> int:
        """How many replicates reached a statistic."""
        return int(np.count_nonzero(self.maxima >= statistic * (1.0 - _TOLERANCE)))

    def p(self, statistic: float) -> float:
        """The rank of a statistic among the replicates: (1 + as large) / (1 + R).

        After an early stop the last replicate was as large by the rule of stopping, and p is
        as large / R (Besag and Clifford 1991).
        """
        large = self.as_large(statistic)
        if self.stopped:
            return large / len(self.maxima)
        return (1 + large) / (1 + len(self.maxima))

    def gumbel_p(self, statistic: float) -> float:
        """p from a Gumbel distribution with the maxima's mean and variance (Abrams et al. 2010).

        Goes below 1 / (R + 1). NaN where the maxima do not vary or there are fewer than two.
        """
        if len(self.maxima) < 2:
            return math.nan
        scale = float(self.maxima.std(ddof=1)) * math.sqrt(6.0) / math.pi
        if scale <= 0.0:
            return math.nan
        place = float(self.maxima.mean()) - np.euler_gamma * scale
        exponent = min(-(statistic - place) / scale, 700.0)
        return -math.expm1(-math.exp(exponent))


def replicated(
    night: Night,
    hoods: Neighbourhoods,
    *,
    least: int,
    replicates: int,
    stop_after: int,
    statistic: float,
    seed: np.random.SeedSequence,
    threads: int,
) -> Chance:
    """Make replicates of a night; the same seed gives the same, whatever the ``threads``.

    ``stop_after``: stop at the replicate that is the so-many-th as large as ``statistic``; 0 for
    never.
    """
    if replicates < 1:
        return Chance(np.empty(0))
    one = _Replicates(night, hoods, least, replicates, seed)
    made: list[Floats] = []
    large = 0
    for blocks in _waves(one.blocks, max(1, threads) if stop_after else one.blocks):
        made.extend(each(one.maxima, blocks, threads))
        large = sum(int((part >= statistic * (1.0 - _TOLERANCE)).sum()) for part in made)
        if stop_after and large >= stop_after:
            break
    maxima = np.concatenate(made)
    if stop_after and large >= stop_after:
        as_large = np.flatnonzero(maxima >= statistic * (1.0 - _TOLERANCE))
        return Chance(maxima[: as_large[stop_after - 1] + 1], stopped=True)
    return Chance(maxima)


def _waves(blocks: int, width: int) -> Iterator[range]:
    for first in range(0, blocks, width):
        yield range(first, min(blocks, first + width))


class _Replicates:
    """Blocks of LANES replicates of one night, any of which can be computed by itself."""

    def __init__(
        self,
        night: Night,
        hoods: Neighbourhoods,
        least: int,
        replicates: int,
        seed: np.random.SeedSequence,
    ) -> None:
        self._night, self._hoods, self._least = night, hoods, least
        self._replicates = replicates
        self.blocks = -(-replicates // LANES)
        self._drawing = night.source.drawing()
        of_streams, of_totals = seed.spawn(2)
        words: Seeds = of_streams.generate_state(self.blocks * LANES, np.uint64).astype(np.uint64)
        self._seeds = words.reshape(self.blocks, LANES)
        generator = np.random.default_rng(of_totals)
        totals: Ints = self._drawing.totals(generator, self.blocks * LANES)
        self._totals = totals.reshape(self.blocks, LANES)
        self._first = self._in_full(self._counts(0))
        self._level = _LEVEL_SHARE * float(self._first.min())
        self._needed = critical_counts(
            night.mean,
            night.excess,
            night.total,
            hoods.members,
            hoods.start,
            hoods.ends,
            least,
            self._level,
        )

    def maxima(self, block: int) -> Floats:
        """The largest statistics of a block's replicates; the last block may have fewer."""
        wanted = min(LANES, self._replicates - block * LANES)
        if block == 0:
            return self._first[:wanted]
        count = self._counts(block)
        night, hoods = self._night, self._hoods
        found = screened(
            count, night.mean, night.excess, night.total, hoods.members, hoods.start, self._needed
        )
        # At level 0 everything above 0 was seen: what is left is 0.
        if self._level > 0.0:
            for lane in np.flatnonzero(found < self._level):
                found[lane] = self._in_full(count, int(lane))[0]
        return found[:wanted]

    def _counts(self, block: int) -> Int32s:
        return self._drawing.fill(self._seeds[block], self._totals[block])

    def _in_full(self, count: Int32s, lane: int | None = None) -> Floats:
        lanes = range(LANES) if lane is None else [lane]
        night, hoods = self._night, self._hoods
        return np.array(
            [
                best_cylinder(
                    np.ascontiguousarray(count[:, :, one]),
                    night.mean,
                    night.excess,
                    night.total,
                    hoods.members,
                    hoods.start,
                    hoods.ends,
                    self._least,
                )[0]
                for one in lanes
            ]
        )
