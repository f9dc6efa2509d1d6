"""From counts to rates, a composite and an order. Pure.

Counts are pooled and never rates averaged: the street's rate is the sum of its units' counts
divided by the sum of theirs. Rates are exact until they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from streetwise.resolve.scores.rules import Rules

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Counted:
    """Of one rate: the sum of values, and of how many rows."""

    value: Decimal = Decimal(0)
    of: int = 0

    @property
    def rate(self) -> Decimal | None:
        """0 to 1; None where nothing was counted."""
        return self.value / self.of if self.of else None

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.value + other.value, self.of + other.of)


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of one group, by rate; cases opened, closed and orders called back; hours to
    close, and the same without the time in which the case's own clock stood still (``net_``).

    ``estimated`` (预估): rates from our own call-backs. They are never pooled with ``counts``,
    which are upstream's, and are in no composite.
    """

    counts: Mapping[str, Counted] = field(default_factory=dict)
    opened: int = 0
    closed: int = 0
    orders: int = 0
    median_hours: float | None = None
    p90_hours: float | None = None
    net_median_hours: float | None = None
    net_p90_hours: float | None = None
    estimated: Mapping[str, Counted] = field(default_factory=dict)


def quantiles(seconds: NDArray[np.signedinteger[Any]]) -> tuple[float, float] | tuple[None, None]:
    """(the middle, nine tenths) in hours, between two values where it falls between; of none none.

    As PostgreSQL's percentile_cont.
    """
    if not seconds.size:
        return None, None
    middle, most = np.percentile(seconds, (50, 90)) / 3600
    return float(middle), float(most)


def pooled(tallies: Iterable[Tally]) -> Tally:
    """All counts together. Quantiles cannot be pooled: they are left out."""
    known = list(tallies)
    return Tally(
        _summed(one.counts for one in known),
        opened=sum(one.opened for one in known),
        closed=sum(one.closed for one in known),
        orders=sum(one.orders for one in known),
        estimated=_summed(one.estimated for one in known),
    )


def _summed(several: Iterable[Mapping[str, Counted]]) -> dict[str, Counted]:
    found: dict[str, Counted] = {}
    for counts in several:
        for name, counted in counts.items():
            found[name] = found.get(name, Counted()) + counted
    return found


def composite(tally: Tally, rules: Rules) -> Decimal | None:
    """0 to 100 with one decimal, halves up; None where one of its rates has nothing to count."""
    total = Decimal(0)
    for name, weight in rules.composite.items():
        rate = tally.counts.get(name, Counted()).rate
        if rate is None:
            return None
        total += Decimal(str(weight)) * rate
    return (total * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)


def ranked(groups: Mapping[Key, Tally], rules: Rules) -> list[tuple[Key, Tally]]:
    """Best composite first; of equals the one with more orders; without a composite at the end."""

    def place(one: tuple[Key, Tally]) -> tuple[bool, Decimal, int, int]:
        score = composite(one[1], rules)
        return score is None, -(score or Decimal(0)), -one[1].orders, -one[1].closed

    return sorted(groups.items(), key=place)
