"""Who has handled such cases: a suggestion from counts, with how sure it is. Pure.

Counts lie at three places, each within the one before: the class in the whole area, in the
community, in the grid. The share of a unit at a place is drawn towards its share at the place
before it, the more the fewer cases there are (a Dirichlet prior of ``DRAWN`` cases, the mean of
which is the share before; e.g. Gelman et al., *Bayesian Data Analysis*, ch. 5); the first is drawn
to what the responsibility matrix says. What a unit returned, or what was taken from it, counts
against that unit alone: its share is divided by so many cases more.

So the share that comes out is what one can expect of units that were given such a case: how
often they keep it. It is the confidence. Constants were chosen on town seed 11
(``scripts/eval_dispatch.py``); figures in docs/decisions/0037-dispatch.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

#: Where counts lie, the widest first.
Level = Literal["area", "community", "grid"]
LEVELS: tuple[Level, ...] = ("area", "community", "grid")
#: So many cases weigh what is known of the place before.
DRAWN: Mapping[Level, float] = {"area": 2.0, "community": 4.0, "grid": 4.0}
#: How sure the matrix is before anything has happened; and its line for everything else (兜底).
MATRIX, REST = 0.9, 0.3
#: A case that was returned weighs so many that were kept.
AGAINST = 1.0


@dataclass(frozen=True, slots=True)
class Past:
    """So many cases of a class at a place a unit kept until it reported, and did not keep."""

    scheme: str
    code: str
    community: str
    grid: str
    unit: str
    kept: int
    against: int


@dataclass(frozen=True, slots=True)
class Guess:
    """A unit, how sure, and on what it rests: ``kept`` of ``of`` cases at that place, and how
    many of those it was given it did not keep. ``of`` 0: nothing like it has happened.
    """

    unit: str
    confidence: float
    kept: int
    of: int
    against: int
    level: Level


class _Counts:
    """Units' counts at one place."""

    __slots__ = ("against", "kept", "total")

    def __init__(self) -> None:
        self.kept: dict[str, int] = defaultdict(int)
        self.against: dict[str, int] = defaultdict(int)
        self.total = 0

    def add(self, past: Past) -> None:
        self.total += past.kept
        if past.kept:
            self.kept[past.unit] += past.kept
        if past.against:
            self.against[past.unit] += past.against


_Key = tuple[Level, str, str, str]


class History:
    """What has happened, to be asked many times."""

    def __init__(self, past: Iterable[Past] = (), units: Iterable[str] | None = None) -> None:
        """``units``: those that can get a case; what others had says nothing. None: all."""
        able = None if units is None else frozenset(units)
        self._counts: dict[_Key, _Counts] = {}
        self._units: set[str] = set(able or ())
        for one in past:
            if able is not None and one.unit not in able:
                continue
            self._units.add(one.unit)
            for level, place in zip(LEVELS, ("", one.community, one.grid), strict=True):
                if place or level == "area":
                    key = (level, one.scheme, one.code, place)
                    self._counts.setdefault(key, _Counts()).add(one)

    def guesses(
        self,
        scheme: str | None,
        code: str | None,
        community: str | None,
        grid: str | None,
        matrix: str | None = None,
        sure: float = MATRIX,
    ) -> list[Guess]:
        """Units by how likely they keep such a case, the likeliest first; equal ones by code.

        Only those that anything speaks for: the matrix (``matrix``, so ``sure``), or a case that
        they had.
        """
        found = [
            (level, counts)
            for level, place in zip(LEVELS, ("", community, grid), strict=True)
            if scheme and code and (place or level == "area") and place is not None
            if (counts := self._counts.get((level, scheme, code, place))) is not None
        ]
        units = {unit for _, counts in found for unit in (*counts.kept, *counts.against)}
        if matrix is not None:
            units.add(matrix)
        guesses = [
            self._guess(unit, found, self._before(unit, matrix, sure)) for unit in sorted(units)
        ]
        return sorted(guesses, key=lambda guess: -guess.confidence)

    def _guess(self, unit: str, found: list[tuple[Level, _Counts]], share: float) -> Guess:
        guess = Guess(unit, share, 0, 0, 0, "area")
        for level, counts in found:
            kept, against = counts.kept.get(unit, 0), counts.against.get(unit, 0)
            drawn = DRAWN[level]
            share = (kept + drawn * share) / (counts.total + AGAINST * against + drawn)
            guess = Guess(unit, share, kept, counts.total, against, level)
        return guess

    def _before(self, unit: str, matrix: str | None, sure: float) -> float:
        """The share before anything has happened."""
        others = max(len(self._units | {unit}) - 1, 1)
        if matrix is None:
            return 1 / (others + 1)
        return sure if unit == matrix else (1 - sure) / others
