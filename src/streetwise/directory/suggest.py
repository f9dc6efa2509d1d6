"""Places for a form while somebody types. Pure.

What is typed is looked for in names and aliases; a number at its end is a house of the road or
a building of the compound that stands before it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from streetwise.directory.numbers import NumberRange, parse_numbers
from streetwise.kernel.search import fold

#: Places that a number may belong to, of those that the words before it name.
PARENTS_TRIED = 5
_NUMBER = re.compile(r"(.+?)(\d{1,5})(?:号楼|号院|号|栋|幢|弄|座|楼|#)?$")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place of the gazetteer. WGS-84."""

    code: str
    name: str
    kind: str
    lon: float
    lat: float
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    numbers: str = ""
    grid_code: str | None = None
    grid_name: str | None = None
    community_name: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``via``: the name that was found. ``inexact``: the point is not the house's own."""

    place: KnownPlace
    via: str
    number: str | None = None
    parent_name: str | None = None
    inexact: bool = False


class Suggester:
    """Finds places of one area by what is typed."""

    def __init__(self, places: Sequence[KnownPlace]) -> None:
        self._places = {place.code: place for place in places}
        self._names = [
            (fold(name), name, place)
            for place in places
            for name in (place.name, *place.aliases)
            if name
        ]
        self._below: dict[str, list[KnownPlace]] = defaultdict(list)
        for place in places:
            if place.parent:
                self._below[place.parent].append(place)

    def find(self, typed: str, limit: int) -> list[Suggestion]:
        """The best places first, each once; none when nothing is typed."""
        wanted = fold(typed)
        if not wanted:
            return []
        found: dict[tuple[str, str | None], Suggestion] = {}
        for one in (*self._numbered(wanted), *self._named(wanted)):
            found.setdefault((one.place.code, one.number), one)
            if len(found) >= limit:
                break
        return list(found.values())

    def _named(self, wanted: str) -> Iterator[Suggestion]:
        """The same name, then names that begin so, then names that hold it; short ones first."""
        hits = []
        for order, (folded, name, place) in enumerate(self._names):
            at = folded.find(wanted)
            if at >= 0:
                rank = 0 if folded == wanted else 1 if at == 0 else 2
                hits.append((rank, len(folded), order, name, place))
        for _, _, _, name, place in sorted(hits, key=lambda hit: hit[:3]):
            yield Suggestion(place, name, parent_name=self._parent_name(place))

    def _numbered(self, wanted: str) -> Iterator[Suggestion]:
        match = _NUMBER.fullmatch(wanted)
        if match is None:
            return
        number = int(match[2])
        parents: dict[str, tuple[KnownPlace, str]] = {}
        for one in self._named(match[1]):
            if one.place.kind in ("road", "compound"):
                parents.setdefault(one.place.code, (one.place, one.via))
            if len(parents) >= PARENTS_TRIED:
                break
        for parent, via in parents.values():
            yield from self._house(parent, via, number)

    def _house(self, parent: KnownPlace, via: str, number: int) -> Iterator[Suggestion]:
        """The building of that number, or the road where its numbers hold it."""
        exact = False
        for place in self._below[parent.code]:
            if _number_of(place, parent) == number:
                exact = True
                yield Suggestion(place, place.name, str(number), parent.name)
        if not exact and any(number in one for one in _ranges(parent.numbers)):
            yield Suggestion(parent, via, str(number), None, inexact=True)

    def _parent_name(self, place: KnownPlace) -> str | None:
        parent = self._places.get(place.parent or "")
        return parent.name if parent else None


def _number_of(place: KnownPlace, parent: KnownPlace) -> int | None:
    """The first number in a building's name behind its parent's."""
    match = _DIGITS.search(place.name.removeprefix(parent.name))
    return int(match[0]) if match else None


def _ranges(numbers: str) -> tuple[NumberRange, ...]:
    try:
        return parse_numbers(numbers)
    except ValueError:
        return ()  # an old folder may hold what is none
