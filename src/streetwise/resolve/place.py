"""Finding the place that a text names: names and aliases of the gazetteer. Pure.

The thin engine: exact names, the longest wins. The real one (numbers, junctions, fuzzy) comes
with its own issue and keeps ``Gazetteer.find``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from streetwise.kernel.search import Words, fold

#: Among names of the same length the finer kind wins.
FINENESS = ("building", "shop", "school", "landmark", "underpass", "compound", "park", "junction")
NAME_MIN_CHARACTERS = 2


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A gazetteer entry. WGS-84. ``numbers``: a road's house numbers. ``parent``: the code
    of what it lies in.
    """

    name: str
    aliases: tuple[str, ...]
    kind: str
    lon: float
    lat: float
    grid_id: UUID | None
    code: str = ""
    numbers: str = ""
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceGuess:
    """A place found in a text, and the words that named it."""

    place: NamedPlace
    matched: str


class Gazetteer:
    """Finds names in texts, in one pass per text."""

    def __init__(self, places: Sequence[NamedPlace]) -> None:
        self._by_name: dict[str, NamedPlace] = {}
        for place in sorted(places, key=_coarseness, reverse=True):
            for name in (place.name, *place.aliases):
                folded = fold(name)
                if len(folded) >= NAME_MIN_CHARACTERS:
                    self._by_name[folded] = place
        self._names = Words(self._by_name)

    def find(self, *texts: str | None) -> PlaceGuess | None:
        """The longest name in the texts; among equals the finer place, then the earlier."""
        best: tuple[tuple[int, int], str] | None = None
        for text in texts:
            for name in self._names.find(fold(text)) if text else ():
                rank = (len(name), -_coarseness(self._by_name[name]))
                if best is None or rank > best[0]:
                    best = (rank, name)
        return PlaceGuess(self._by_name[best[1]], best[1]) if best else None


def _coarseness(place: NamedPlace) -> int:
    return FINENESS.index(place.kind) if place.kind in FINENESS else len(FINENESS)
