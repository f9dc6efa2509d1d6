"""What a class of one scheme is called in another. Pure.

A crosswalk is read both ways: what is broader there is narrower here. Exact lines may be
followed one after the other, and one line that is not exact may end such a way; two of those in
a row would say nothing that anybody has said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

EXACT, BROADER, NARROWER, RELATED = "exact", "broader", "narrower", "related"
_INVERSE = {EXACT: EXACT, BROADER: NARROWER, NARROWER: BROADER, RELATED: RELATED}
_ORDER = (EXACT, BROADER, NARROWER, RELATED)


class ClassKey(NamedTuple):
    """A class, named wholly."""

    scheme: str
    version: str
    code: str


@dataclass(frozen=True, slots=True)
class Crossing:
    """One line: ``relation`` says what ``target`` is, seen from ``source``."""

    source: ClassKey
    target: ClassKey
    relation: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """A class that stands for another, in what relation, over how many lines."""

    target: ClassKey
    relation: str
    steps: int


class Crosswalk:
    """All lines, ready to be asked."""

    def __init__(self, crossings: Iterable[Crossing]) -> None:
        self._from: dict[ClassKey, list[tuple[ClassKey, str]]] = defaultdict(list)
        for one in crossings:
            self._from[one.source].append((one.target, one.relation))
            self._from[one.target].append((one.source, _INVERSE[one.relation]))

    def meanings(self, source: ClassKey, scheme: str, version: str | None = None) -> list[Meaning]:
        """The classes of a scheme that stand for ``source``: exact ones first, then fewer steps."""
        best = self._reached(source)
        found = [
            Meaning(target, relation, steps)
            for target, (relation, steps) in best.items()
            if target != source and target.scheme == scheme and version in (None, target.version)
        ]
        return sorted(found, key=lambda one: (_ORDER.index(one.relation), one.steps, one.target))

    def _reached(self, source: ClassKey) -> dict[ClassKey, tuple[str, int]]:
        """Breadth first along exact lines; each class in its closest relation."""
        best: dict[ClassKey, tuple[str, int]] = {source: (EXACT, 0)}
        front, steps = [source], 0
        while front:
            steps += 1
            ahead: list[ClassKey] = []
            for at in front:
                for target, relation in self._from[at]:
                    held = best.get(target)
                    if held is not None and _ORDER.index(held[0]) <= _ORDER.index(relation):
                        continue
                    best[target] = (relation, steps)
                    if relation == EXACT:
                        ahead.append(target)
            front = ahead
        return best
