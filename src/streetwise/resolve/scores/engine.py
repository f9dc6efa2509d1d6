"""From counts to rates, a composite and an order. Pure.

Counts are pooled and never rates averaged: the street's rate is the sum of its units' counts
divided by the sum of theirs. Rates are exact until they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

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
    """The counts of one group, by rate; cases closed and orders called back; hours to close."""

    counts: Mapping[str, Counted] = field(default_factory=dict)
    closed: int = 0
    orders: int = 0
    median_hours: float | None = None
    p90_hours: float | None = None


def pooled(tallies: Iterable[Tally]) -> Tally:
    """All counts together. Quantiles cannot be pooled: they are left out."""
    counts: dict[str, Counted] = {}
    closed = orders = 0
    for tally in tallies:
        closed, orders = closed + tally.closed, orders + tally.orders
        for name, counted in tally.counts.items():
            counts[name] = counts.get(name, Counted()) + counted
    return Tally(counts, closed, orders)


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
