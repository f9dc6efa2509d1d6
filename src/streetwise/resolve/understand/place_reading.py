"""The places that a text mentions, each with its number, its relation and its role. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from streetwise.resolve.understand.place_names import Name, Names, fineness
from streetwise.resolve.understand.place_numbers import building_after, house_after
from streetwise.resolve.understand.place_points import Point, shift
from streetwise.resolve.understand.place_sounds import Heard
from streetwise.resolve.understand.place_types import NamedPlace
from streetwise.resolve.understand.place_words import (
    JUNCTION_END,
    LEANING,
    MEETING,
    OTHER_NAME,
    Relation,
    half_a_junction,
    is_office,
    relation_after,
    role_of,
)

#: Words that show that a weak short form is a compound and no ordinary word.
_COMPOUND_MARKS = ("小区", "社区里", "家属院", "大院")


@dataclass(slots=True)
class Mention:
    """A place in a text. ``said``: the words, number included. ``number``: key of a house or a
    building that was read; ``part_of``: whose. ``metres``: how far around ``point`` it reaches.
    ``heard``: set where the words are not the name's own. ``others``: places of the same name;
    ``settled``: those of them that something speaks against. ``half``: of a junction.
    """

    place: NamedPlace
    start: int
    end: int
    said: str
    point: Point
    metres: float
    how: str
    label: str
    fine: float
    number: str = ""
    number_known: bool = True
    relation: Relation | None = None
    role: str = "at"
    heard: Heard | None = None
    short: bool = False
    weak: bool = False
    generic: bool = False
    half: bool = False
    part_of: NamedPlace | None = None
    roads: tuple[NamedPlace, ...] = ()
    others: tuple[NamedPlace, ...] = ()
    settled: tuple[NamedPlace, ...] = ()
    source: int = 0
    context: str = field(default="", repr=False)


def read(names: Names, folded: str) -> list[Mention]:
    """What a folded text mentions by its own names, from left to right."""
    found = []
    for start, word in names.words.spans(folded):
        name = names.names[word]
        if name.places:
            found.append(_mention(names, folded, start, start + len(word), name, None))
    return _joined(names, folded, [one for one in found if one is not None])


def read_heard(
    names: Names, folded: str, known: Sequence[Mention], heard: Sequence[Heard]
) -> list[Mention]:
    """The mentions and those that sound like a name, where these do not overlap or hold them."""
    found: list[Mention] = []
    for one in heard:
        if any(one.start < other.end and other.start < one.end for other in found):
            continue
        inside = [old for old in known if one.start < old.end and old.start < one.end]
        if all(one.start <= old.start and old.end < one.end for old in inside):
            name = _all_that_sound_so(names, one, heard)
            new = _mention(names, folded, one.start, one.end, name, one)
            if new is not None:
                found.append(new)
    gone = [old for old in known if any(one.start <= old.start < one.end for one in found)]
    left = [old for old in known if old not in gone]
    return _joined(names, folded, sorted([*left, *found], key=lambda one: one.start))


def _all_that_sound_so(names: Names, one: Heard, heard: Sequence[Heard]) -> Name:
    """The name, and the places of others that explain the same words as well."""
    name = names.names[one.name]
    places = dict.fromkeys(name.places)
    for other in heard:
        if (other.start, other.end, other.wrong) == (one.start, one.end, one.wrong):
            places.update(dict.fromkeys(names.names[other.name].places))
    return replace(name, places=tuple(places)) if len(places) > len(name.places) else name


def _mention(
    names: Names, folded: str, start: int, end: int, name: Name, heard: Heard | None
) -> Mention | None:
    place = name.places[0]
    if place.kind == "station" and folded[end : end + 1] in "着在了满不":
        return None  # 站着, 站在: somebody stands there
    if (name.short or heard) and OTHER_NAME.match(folded, end):
        return None
    found = Mention(
        place,
        start,
        end,
        folded[start:end],
        (place.lon, place.lat),
        0.0,
        _how(place, name, heard),
        place.name,
        fineness(place),
        heard=heard,
        short=name.short,
        weak=name.weak,
        generic=name.generic,
        others=name.places[1:],
        context=folded,
    )
    _number(names, folded, found)
    found.relation = relation_after(folded, found.end)
    if name.weak and not _looks_like_a_compound(folded, found):
        return None
    found.role = _role(folded, found)
    return found


def _how(place: NamedPlace, name: Name, heard: Heard | None) -> str:
    if heard is not None:
        return "fuzzy"
    if name.short:
        return "short"
    return "junction" if place.kind == "junction" else "name"


def _role(folded: str, found: Mention) -> str:
    role = role_of(folded, found.start, found.end)
    if role != "at":
        return role
    if found.relation is None and is_office(found.said):
        return "office"
    if found.place.kind == "road" and found.said.endswith("街"):
        before, behind = folded[: found.start][-1:], folded[found.end : found.end + 1]
        if behind in ("到", "倒") and before not in ("从", "由", "自"):
            return "passing"  # 澄江街到松柏里: the sub-district misheard, or the way to 松柏里
    return role


def _looks_like_a_compound(folded: str, found: Mention) -> bool:
    if found.number or folded.startswith(_COMPOUND_MARKS, found.end):
        return True
    return found.relation is not None and found.relation.kind == "gate"


def _number(names: Names, folded: str, found: Mention) -> None:
    """Read the number behind the name and go to the house or building that has it."""
    place = found.place
    if place.kind == "road":
        read = house_after(folded, found.end)
        found.half = read is None and half_a_junction(folded, found.end)
    elif names.has_numbers(place):
        read = building_after(folded, found.end)
    else:
        return
    if read is None:
        return
    key, end = read
    known = [child for one in (place, *found.others) if (child := names.child(one, key))]
    if known:
        child, *others = known
        found.others = tuple(others)
        found.part_of = names.by_code.get(child.parent or "", place)
        _becomes(found, child, "number" if place.kind == "road" else "building")
        found.label = (
            child.name
            if child.name.startswith(found.part_of.name)
            else f"{found.part_of.name}{child.name}"
        )
    elif place.kind == "road":
        at = names.house(place, key)
        found.part_of, found.label = place, f"{place.name}{key}号"
        found.how = "fuzzy" if found.heard else "number"
        found.fine += 2.5
        if at is not None:
            found.point, found.metres, found.number_known = at
        else:
            found.number_known = True
    else:
        # A building that the directory does not know: it lies in its compound.
        found.number_known, found.label, found.part_of = False, f"{place.name}{key}号楼", place
        found.fine += 1.0
    found.number = key
    found.said, found.end = folded[found.start : end], end


def _becomes(found: Mention, place: NamedPlace, how: str) -> None:
    found.place, found.point, found.fine = place, (place.lon, place.lat), fineness(place)
    found.how = "fuzzy" if found.heard else how


def _joined(names: Names, folded: str, mentions: list[Mention]) -> list[Mention]:
    """Two roads said together become their junction."""
    if len(mentions) < 2:
        return mentions
    found: list[Mention] = []
    for one in mentions:
        last = found[-1] if found else None
        meeting = _meeting(names, folded, last, one) if last else None
        if meeting is not None:
            found[-1] = meeting
        else:
            found.append(one)
    return found


def _meeting(names: Names, folded: str, a: Mention, b: Mention) -> Mention | None:
    if a.place.kind != "road" or b.place.kind != "road" or a.place is b.place:
        return None
    if b.number or not 0 <= b.start - a.end <= 5:
        return None
    between = folded[a.end : b.start]
    tail = JUNCTION_END.match(folded, b.end)
    if not (between == "" or between in LEANING or (tail and between in MEETING)):
        return None
    met = names.meeting(a.place, b.place)
    if met is None:
        return None
    end = tail.end() if tail else b.end
    place = met.place or a.place
    heard = a.heard or b.heard
    return Mention(
        place,
        a.start,
        end,
        folded[a.start : end],
        met.point,
        met.metres,
        "fuzzy" if heard else "junction",
        met.place.name if met.place else f"{a.place.name}与{b.place.name}交叉口",
        4,
        number_known=bool(tail),
        relation=relation_after(folded, end),
        role=a.role,
        heard=heard,
        roads=(a.place, b.place),
        context=folded,
    )


def shifted(found: Mention, reach: float) -> tuple[Point, float]:
    """The point and radius with the relation taken in."""
    point, metres = found.point, found.metres or reach
    relation = found.relation
    if relation is None or relation.kind == "inside":
        return point, metres
    if relation.kind == "gate":
        return shift(point, relation.way, reach * 0.8), max(40.0, reach * 0.5)
    if relation.kind == "shift":
        if relation.way:
            return shift(point, relation.way, relation.metres), metres + relation.metres * 0.3
        return point, metres + relation.metres
    return point, metres + 40.0
