"""The names of a gazetteer as people say them, and what lies in what. Pure.

Numbered houses and buildings are no names of their own: they are read behind the name of their
road or compound. Junctions of two roads are read as two names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from streetwise.directory.numbers import NumberRange, parse_numbers
from streetwise.kernel.search import Words, fold
from streetwise.resolve.understand.place_numbers import child_key, number_of
from streetwise.resolve.understand.place_points import Houses, Point, apart, nearest_pair, point_of
from streetwise.resolve.understand.place_types import NamedPlace
from streetwise.resolve.understand.place_words import (
    COMPOUND_ENDINGS,
    COMPOUND_EXTRA,
    JUNCTION_END,
    MEETING,
    ROAD_ENDINGS,
    is_generic,
)

NAME_MIN_CHARACTERS = 2
#: The finer of two places that go together is the one that is meant.
FINENESS = {
    "building": 6, "shop": 5, "gate": 5, "station": 5, "school": 4, "hospital": 4, "office": 4,
    "underpass": 4, "junction": 4, "landmark": 4, "park": 3, "compound": 3, "road": 1,
}  # fmt: skip
_FINENESS_OTHER = 3
#: Where nothing is known of how far a place reaches.
_REACH = {
    "building": 25.0, "shop": 20.0, "gate": 20.0, "station": 20.0, "junction": 30.0, "park": 150.0,
    "compound": 90.0, "school": 60.0, "road": 150.0,
}  # fmt: skip
_REACH_OTHER = 50.0
#: Roads farther apart than this do not meet.
_MEETING_METRES = 150.0


@dataclass(frozen=True, slots=True)
class Name:
    """What a folded name means. Several places: they share it. None: it is no place (澄江街道 holds
    the name of 澄江街). ``short``: a form that leaves something out; ``weak``: it is a word too,
    and counts only before a building, a gate or 小区. ``generic``: made of words for kinds alone.
    """

    places: tuple[NamedPlace, ...]
    short: bool = False
    weak: bool = False
    generic: bool = False


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where two roads meet; ``place`` None: the gazetteer has no such junction."""

    place: NamedPlace | None
    point: Point
    metres: float


class Names:
    """All that is known of an area's places, made once."""

    def __init__(self, places: Sequence[NamedPlace]) -> None:
        self.by_code = {place.code: place for place in places if place.code}
        self._below: dict[str, list[NamedPlace]] = defaultdict(list)
        for place in places:
            if place.parent:
                self._below[place.parent].append(place)
        self._children: dict[tuple[str, str], NamedPlace] = {}
        self.names = self._spoken(places)
        self.words = Words(self.names)
        self._junctions = self._meetings(places)
        self._houses: dict[str, Houses] = {}
        self._along: dict[str, list[Point]] = self._points_along(places)

    # --- names -----------------------------------------------------------------------------

    def _spoken(self, places: Sequence[NamedPlace]) -> dict[str, Name]:
        """Every form of every name, but for those that a number makes."""
        meant: dict[str, list[NamedPlace]] = defaultdict(list)
        for place in sorted(places, key=fineness, reverse=True):
            for name in _distinct((place.name, *place.aliases)):
                if not self._is_numbered(place, name) and place not in meant[name]:
                    meant[name].append(place)
        names = {
            name: Name(tuple(known), generic=is_generic(name))
            for name, known in meant.items()
            if known
        }
        for place in places:
            for form in _longer_forms(place):
                names.setdefault(form, Name((place,)))
        for form, short in self._short_forms(places, names).items():
            names.setdefault(form, short)
        for name in [name for name, one in names.items() if _is_road(one) and name.endswith("街")]:
            names.setdefault(f"{name}道", Name(()))  # the sub-district, not its road
        return names

    def _is_numbered(self, place: NamedPlace, name: str) -> bool:
        """Whether a number behind the parent's name makes this name; then it is a child."""
        parent = self.by_code.get(place.parent or "")
        if parent is None:
            return False
        names = _distinct((parent.name, *parent.aliases))
        key = child_key(name, names, road=parent.kind == "road")
        if key is None:
            return False
        known = self._children.setdefault((parent.code, key), place)
        # A name without its parent's (3号楼) would be found in any text.
        return known is place or not name.startswith(names)

    def _short_forms(self, places: Sequence[NamedPlace], names: dict[str, Name]) -> dict[str, Name]:
        """Names of compounds without their ending, where no other place is called so."""
        meant: dict[str, list[NamedPlace]] = defaultdict(list)
        for place in places:
            if place.kind == "compound":
                for name in _distinct((place.name, *place.aliases)):
                    form = _without(name, COMPOUND_ENDINGS)
                    if form and place not in meant[form]:
                        meant[form].append(place)
        found = {}
        for form, known in meant.items():
            elsewhere = any(
                form in name and not self._related_all(one.places, known)
                for name, one in names.items()
            )
            if elsewhere:  # 渡口 may be 渡口新村, but 渡口一里 as well
                known += [
                    place
                    for place in places
                    if place.kind == "compound"
                    and place not in known
                    and fold(place.name).startswith(form)
                ]
            found[form] = Name(tuple(known), short=True, weak=elsewhere or len(form) < 3)
        return found

    def _related_all(self, places: Iterable[NamedPlace], known: Sequence[NamedPlace]) -> bool:
        return all(any(self.belongs(place, one) for one in known) for place in places)

    # --- what lies in what -----------------------------------------------------------------

    def belongs(self, place: NamedPlace, whole: NamedPlace) -> bool:
        """Whether a place is the other or lies in it, as far as the directory says."""
        for _ in range(4):
            if place is whole:
                return True
            parent = self.by_code.get(place.parent or "")
            if parent is None or parent is place:
                return False
            place = parent
        return False

    def child(self, parent: NamedPlace, key: str) -> NamedPlace | None:
        """The house or building of this number."""
        return self._children.get((parent.code, key))

    def has_numbers(self, place: NamedPlace) -> bool:
        """Whether a number behind its name may be a building."""
        return place.kind == "compound" or bool(self._below.get(place.code))

    def buildings_of(self, key: str) -> list[NamedPlace]:
        """All buildings of this number."""
        return [
            place
            for (parent, known), place in self._children.items()
            if known == key and self.by_code[parent].kind != "road"
        ]

    def reach(self, place: NamedPlace) -> float:
        """How far from its point a place reaches, in metres."""
        along = self._along.get(place.code) if place.kind in ("road", "compound") else None
        if along and len(along) > 1:
            here = point_of(place)
            return max(apart(here, point) for point in along) + 15.0
        return _REACH.get(place.kind, _REACH_OTHER)

    def distance(self, place: NamedPlace, point: Point) -> float:
        """Metres from a point to the nearest known point of a place."""
        along = self._along.get(place.code) or [point_of(place)]
        return min(apart(point, one) for one in along)

    # --- numbers and junctions -------------------------------------------------------------

    def house(self, road: NamedPlace, key: str) -> tuple[Point, float, bool] | None:
        """Where a number of a road stands, within how many metres, and whether the road's
        numbers hold it; None where there is nothing to tell it by.
        """
        number = number_of(key)
        if number is None:
            return None
        ranges = _ranges(road.numbers)
        held = not ranges or any(number in one for one in ranges)
        if road.code not in self._houses:
            self._houses[road.code] = self._numbered(road)
        at = self._houses[road.code].at(number)
        if at is None:
            return None
        reach = self.reach(road)
        return at[0], min(at[1], reach), held

    def _numbered(self, road: NamedPlace) -> Houses:
        return Houses(
            [
                (number, point_of(place))
                for (code, key), place in self._children.items()
                if code == road.code and (number := number_of(key)) is not None
            ]
        )

    def meeting(self, a: NamedPlace, b: NamedPlace) -> Meeting | None:
        """Where two roads meet; None where they do not, as far as their known points say."""
        known = self._junctions.get(frozenset((a.code, b.code)))
        if known is not None:
            return Meeting(known, (known.lon, known.lat), _REACH["junction"])
        points = [self._along.get(road.code, []) for road in (a, b)]
        if not all(points):
            return None
        point, gap = nearest_pair(*points)
        if gap > _MEETING_METRES:
            return None
        return Meeting(None, point, max(60.0, gap))

    def _meetings(self, places: Sequence[NamedPlace]) -> dict[frozenset[str], NamedPlace]:
        """Two roads → their junction: by its codes, else by its name."""
        found = {}
        for place in places:
            if place.kind != "junction":
                continue
            roads = set(place.roads) or self._roads_in(fold(place.name))
            if len(roads) == 2:
                found[frozenset(roads)] = place
        return found

    def _roads_in(self, name: str) -> set[str]:
        """The two roads of a junction's name; empty for any other name.

        The name itself is a word as well, so the roads are looked for behind each beginning.
        """
        roads: set[str] = set()
        at = 0
        while at < len(name):
            road = self._road_at(name, at)
            if road is None:
                return roads if JUNCTION_END.match(name, at) and len(roads) == 2 else set()
            roads.add(road[0].code)
            at = road[1]
            at += 1 if name[at : at + 1] in MEETING else 0
        return roads

    def _road_at(self, name: str, at: int) -> tuple[NamedPlace, int] | None:
        for end in range(len(name), at + 1, -1):
            known = self.names.get(name[at:end])
            if known is not None and _is_road(known):
                return known.places[0], end
        return None

    def _points_along(self, places: Sequence[NamedPlace]) -> dict[str, list[Point]]:
        along: dict[str, list[Point]] = defaultdict(list)
        for place in places:
            along[place.code].append(point_of(place))
            if place.parent:
                along[place.parent].append(point_of(place))
        for roads, place in self._junctions.items():
            for code in roads:
                along[code].append(point_of(place))
        return along


def fineness(place: NamedPlace) -> int:
    """How finely a place says where: a building more than its compound, this more than a road."""
    return FINENESS.get(place.kind, _FINENESS_OTHER)


def _is_road(name: Name) -> bool:
    return bool(name.places) and all(place.kind == "road" for place in name.places)


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    folded = (fold(name) for name in names)
    return tuple(dict.fromkeys(one for one in folded if len(one) >= NAME_MIN_CHARACTERS))


def _without(name: str, endings: Sequence[str]) -> str | None:
    """The name without the longest of the endings; None where too little is left."""
    for ending in sorted(endings, key=len, reverse=True):
        if name.endswith(ending):
            left = name[: -len(ending)]
            return left if len(left) >= NAME_MIN_CHARACTERS else None
    return None


def _longer_forms(place: NamedPlace) -> list[str]:
    """What people say more than the name: 松柏家园小区, 梧桐胡同儿; and 梧桐街 for 梧桐大街."""
    forms = []
    for name in _distinct((place.name, *place.aliases)):
        if place.kind == "compound" and not name.endswith(COMPOUND_EXTRA):
            forms.append(name + COMPOUND_EXTRA)
        if place.kind == "road":
            if name.endswith("胡同"):
                forms.append(f"{name}儿")
            if name.endswith("大街"):
                forms.append(f"{name[:-2]}街")
            elif name.endswith("街") and _without(name, ROAD_ENDINGS):
                forms.append(f"{name[:-1]}大街")
    return forms


def _ranges(numbers: str) -> tuple[NumberRange, ...]:
    try:
        return parse_numbers(numbers)
    except ValueError:
        return ()  # an old folder may hold what is none
