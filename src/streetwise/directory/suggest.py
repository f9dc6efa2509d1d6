"""Places for a form while somebody types. Pure.

What is typed is looked for in names and aliases; a number at its end is a house of the road or
a building of the compound that stands before it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Generic, Protocol, TypeVar

from streetwise.directory.numbers import NumberRange, parse_numbers
from streetwise.kernel.search import fold

#: Places that a number may belong to, of those that the words before it name.
PARENTS_TRIED = 5
#: "梧桐路12", "梧桐路12号院", "松柏家园3栋": a name, a number, and what may follow.
_NUMBER = re.compile(r"(.+?)(\d{1,5})(?:号.*|栋|幢|弄|座|楼|#)?$")
#: One character alone is no name that a longer text may be taken for.
_NAME_CHARACTERS = 2
_DIGITS = re.compile(r"\d+")


class Findable(Protocol):
    """What of a place it is found by."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def kind(self) -> str:
        """road, compound, building and so on."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names."""

    @property
    def parent(self) -> str | None:
        """The code of what it lies in."""

    @property
    def numbers(self) -> str:
        """The house numbers of a road, as ``numbers.parse_numbers`` reads them."""


P = TypeVar("P", bound=Findable)


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
class Suggestion(Generic[P]):
    """``via``: the name that was found. ``inexact``: the point is not the house's own."""

    place: P
    via: str
    number: str | None = None
    parent_name: str | None = None
    inexact: bool = False

    @property
    def label(self) -> str:
        """What to write for it: the road with the number, a building with what it belongs to."""
        if self.inexact:
            return f"{self.place.name}{self.number}号"
        if self.number and self.parent_name and not self.place.name.startswith(self.parent_name):
            return f"{self.parent_name}{self.place.name}"
        return self.place.name


class Suggester(Generic[P]):
    """Finds places of one area by what is typed."""

    def __init__(self, places: Sequence[P]) -> None:
        self._places = {place.code: place for place in places}
        self._names = [
            (fold(name), name, place)
            for place in places
            for name in (place.name, *place.aliases)
            if name
        ]
        self._below: dict[str, list[P]] = defaultdict(list)
        for place in places:
            if place.parent:
                self._below[place.parent].append(place)

    def by_code(self, code: str) -> P | None:
        """The place of this code."""
        return self._places.get(code)

    def find(self, typed: str, limit: int) -> list[Suggestion[P]]:
        """The best places first, each once; none when nothing is typed."""
        wanted = fold(typed)
        if not wanted:
            return []
        found: dict[str, Suggestion[P]] = {}
        for one in chain(self._numbered(wanted), self._named(wanted), self._within(wanted)):
            found.setdefault(one.place.code, one)
            if len(found) >= limit:
                break
        return list(found.values())

    def _within(self, wanted: str) -> Iterator[Suggestion[P]]:
        """Names that stand in what was typed, the longest first: "松柏小区北门对面"."""
        hits = [
            (-len(folded), order, name, place)
            for order, (folded, name, place) in enumerate(self._names)
            if len(folded) >= _NAME_CHARACTERS and folded in wanted
        ]
        for _, _, name, place in sorted(hits, key=lambda hit: hit[:2]):
            yield Suggestion(place, name, parent_name=self._parent_name(place))

    def _named(self, wanted: str) -> Iterator[Suggestion[P]]:
        """The same name, then names that begin so, then names that hold it; short ones first."""
        hits = []
        for order, (folded, name, place) in enumerate(self._names):
            at = folded.find(wanted)
            if at >= 0:
                rank = 0 if folded == wanted else 1 if at == 0 else 2
                hits.append((rank, len(folded), order, name, place))
        for _, _, _, name, place in sorted(hits, key=lambda hit: hit[:3]):
            yield Suggestion(place, name, parent_name=self._parent_name(place))

    def _numbered(self, wanted: str) -> Iterator[Suggestion[P]]:
        match = _NUMBER.fullmatch(wanted)
        if match is None:
            return
        number = int(match[2])
        parents: dict[str, tuple[P, str]] = {}
        for one in self._named(match[1]):
            if one.place.kind in ("road", "compound"):
                parents.setdefault(one.place.code, (one.place, one.via))
            if len(parents) >= PARENTS_TRIED:
                break
        for parent, via in parents.values():
            yield from self._house(parent, via, number)

    def _house(self, parent: P, via: str, number: int) -> Iterator[Suggestion[P]]:
        """The building of that number, or the road where its numbers hold it.

        A road whose numbers nobody knows may have any.
        """
        exact = False
        for place in self._below[parent.code]:
            if _number_of(place, parent) == number:
                exact = True
                yield Suggestion(place, place.name, str(number), parent.name)
        ranges = _ranges(parent.numbers)
        unknown = parent.kind == "road" and not ranges
        if not exact and (unknown or any(number in one for one in ranges)):
            yield Suggestion(parent, via, str(number), None, inexact=True)

    def _parent_name(self, place: P) -> str | None:
        parent = self._places.get(place.parent or "")
        return parent.name if parent else None


def _number_of(place: Findable, parent: Findable) -> int | None:
    """The first number in a building's name behind its parent's."""
    match = _DIGITS.search(place.name.removeprefix(parent.name))
    return int(match[0]) if match else None


def _ranges(numbers: str) -> tuple[NumberRange, ...]:
    try:
        return parse_numbers(numbers)
    except ValueError:
        return ()  # an old folder may hold what is none
