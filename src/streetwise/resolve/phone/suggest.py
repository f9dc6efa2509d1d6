"""Places by typing: names, aliases, and a road with a number. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from streetwise.kernel.search import fold
from streetwise.resolve.place import NamedPlace

SUGGESTIONS = 6
#: "梧桐路12", "梧桐路12号", "梧桐路 12 号院": a name, a number, and what may follow.
_NUMBERED = re.compile(r"^(.*?[^\d])(\d{1,5})(?:号.*)?$")
_RANGE = re.compile(r"^(\d+)-(\d+)$")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place, and what to write for it ("梧桐路12号")."""

    place: NamedPlace
    label: str


class PlaceIndex:
    """The places of an area, to be found by the beginning or a part of a name."""

    def __init__(self, places: Sequence[NamedPlace]) -> None:
        self._by_code = {place.code: place for place in places}
        self._names = [
            (fold(name), place) for place in places for name in (place.name, *place.aliases)
        ]

    def by_code(self, code: str) -> NamedPlace | None:
        """The place of this code."""
        return self._by_code.get(code)

    def suggest(self, typed: str, limit: int = SUGGESTIONS) -> list[Suggestion]:
        """The places that fit what was typed, the likeliest first, each once."""
        wanted = fold(typed)
        if not wanted:
            return []
        found = self._numbered(wanted)
        ranked = []
        for name, place in self._names:
            rank = _rank(name, wanted)
            if rank is not None:
                ranked.append((rank, len(name), name, place.code, place))
        found += [Suggestion(entry[-1], entry[-1].name) for entry in sorted(ranked, key=_key)]
        once = {one.place.code: one for one in reversed(found)}
        return [one for one in found if once.get(one.place.code) is one][:limit]

    def _numbered(self, wanted: str) -> list[Suggestion]:
        match = _NUMBERED.match(wanted)
        if match is None:
            return []
        road, number = match.group(1), int(match.group(2))
        return [
            Suggestion(place, f"{place.name}{number}号")
            for name, place in self._names
            if name == road and place.kind == "road" and _holds(place.numbers, number)
        ]


def _key(entry: tuple[tuple[int, int], int, str, str, NamedPlace]) -> tuple[object, ...]:
    return entry[:-1]


def _rank(name: str, wanted: str) -> tuple[int, int] | None:
    """How well a name fits; smaller is better, None not at all."""
    if name == wanted:
        return 0, 0
    if name.startswith(wanted):
        return 1, 0
    at = name.find(wanted)
    if at >= 0:
        return 2, at
    if len(name) > 1 and name in wanted:
        # "松柏小区3号楼": the longest known name in it.
        return 3, -len(name)
    return None


def _holds(numbers: str, number: int) -> bool:
    """Whether a road's range of numbers holds a number; an unknown range holds all."""
    match = _RANGE.match(numbers)
    return match is None or int(match.group(1)) <= number <= int(match.group(2))
