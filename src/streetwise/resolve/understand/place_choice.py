"""Which of the mentioned places a text is about, and how sure that is. Pure.

The confidences were set by measuring: on made-up streets, the share of answers of each sort that
lay within 100 m (docs/decisions/0029).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streetwise.resolve.understand.place_names import Names
from streetwise.resolve.understand.place_points import Point, apart, point_of
from streetwise.resolve.understand.place_reading import Mention, shifted
from streetwise.resolve.understand.place_types import (
    CANDIDATES_MAX,
    NOWHERE,
    PlaceCandidate,
    PlaceFound,
)
from streetwise.resolve.understand.place_words import CONTRADICTION

#: Two places nearer than this may be one spot told twice.
_TOGETHER_METRES = 120.0
#: What a role takes from the confidence; the lower, the later it is chosen.
_ROLES = {
    "at": 1.0,
    "voice": 0.99,
    "mended": 0.95,
    "home": 0.9,
    "passing": 0.8,
    "office": 0.7,
    "asked": 0.35,
    "denied": 0.1,
}
#: Mentions of these roles may be all that a text says, and yet its place was not heard.
UNSURE_ROLES = frozenset(("passing", "office", "asked", "denied"))
_NAMED = 0.985
_TWO_CHARACTERS = 0.93
_SHORT = 0.93
_GENERIC = 0.9
#: 派出所 alone, not said to be where the matter is.
_GENERIC_OFFICE = 0.4
_SAME_SOUND = 0.95
_ONE_OFF = 0.85
_UNKNOWN_NUMBER = 0.93
_HALF_A_JUNCTION = 0.85
_SHARED_SETTLED = 0.95
_CONTRADICTED = 0.97
_RIVAL = 0.93
_BESIDE = 0.99


def choose(names: Names, mentions: Sequence[Mention], point: Point | None) -> PlaceFound:
    """The answer. ``mentions`` in the order in which fields are believed."""
    if not mentions:
        return NOWHERE
    for one in mentions:
        if one.others:
            _settle(names, one, mentions, point)
    first = max(mentions, key=_believed)
    together = [one for one in mentions if one.role != "denied" and _together(names, first, one)]
    best = max(together or [first], key=lambda one: (_ROLES[one.role] > 0.5, one.fine))
    rivals = [
        one for one in mentions if one not in together and one is not best and _rival(best, one)
    ]
    confidence = _confidence(best, bool(rivals))
    return _answer(names, best, rivals, confidence)


def _believed(one: Mention) -> tuple[float, float]:
    """The first that is at the matter; ``max`` keeps the earliest of equals."""
    return (1.1 if one.role == "mended" else _ROLES[one.role], -one.source)


def _together(names: Names, first: Mention, one: Mention) -> bool:
    """Whether two mentions are one place told coarsely and finely."""
    if first is one:
        return True
    a, b = first.place, one.place
    if names.belongs(a, b) or names.belongs(b, a) or a in one.roads or b in first.roads:
        return True
    if first.fine >= one.fine or (one.heard and one.heard.edited and not first.heard):
        return False
    near = _TOGETHER_METRES if a.kind == "road" else _TOGETHER_METRES / 2 + names.reach(a)
    return names.distance(a, one.point) <= near


def _rival(best: Mention, one: Mention) -> bool:
    return one.role in ("at", "voice", "mended") and one.place is not best.place


def _settle(names: Names, one: Mention, mentions: Sequence[Mention], point: Point | None) -> None:
    """Of places of one name, take that which lies in another place of the text, or is the nearest
    to the reported point or to another place of the text; leave it open if there is neither.
    """
    known = (one.place, *one.others)
    said = [other for other in mentions if other is not one and other.place not in known]
    wholes = {other.place.code for other in said}
    inside = [place for place in known if place.parent in wholes]
    if len(inside) == 1:
        choice = inside[0]
    elif point is not None:
        choice = min(known, key=lambda place: names.distance(place, point))
    elif said:
        choice = min(known, key=lambda place: names.distance(said[0].place, point_of(place)))
    else:
        return
    if one.label == one.place.name:
        one.label = choice.name
    one.settled = tuple(place for place in known if place is not choice)
    one.place, one.point, one.others = choice, point_of(choice), ()


def _confidence(best: Mention, rivals: bool) -> float:
    sure = _NAMED * _ROLES[best.role]
    if best.heard is not None:
        sure *= (_ONE_OFF if best.heard.edited else _SAME_SOUND) ** min(best.heard.wrong, 2)
    elif best.short:
        sure *= _SHORT
    elif len(best.said) <= 2:
        sure *= _TWO_CHARACTERS
    if best.generic:
        sure *= _GENERIC_OFFICE if best.role in UNSURE_ROLES else _GENERIC
    if best.half:
        sure *= _HALF_A_JUNCTION
    if not best.number_known:
        sure *= _UNKNOWN_NUMBER
    if best.others:
        sure /= 1 + len(best.others)
    elif best.settled:
        sure *= _SHARED_SETTLED
    if rivals:
        sure *= _RIVAL
    if best.relation is not None and best.relation.kind in ("beside", "shift"):
        sure *= _BESIDE
    if any(words in best.context for words in CONTRADICTION):
        sure *= _CONTRADICTED
    return round(sure, 3)


def _answer(
    names: Names,
    best: Mention,
    rivals: Sequence[Mention],
    confidence: float,
) -> PlaceFound:
    reach = names.reach(best.place)
    point, metres = shifted(best, reach)
    how = _how(best)
    return PlaceFound(
        best.place,
        best.said,
        best.label,
        point[0],
        point[1],
        how,
        confidence,
        round(metres, 1),
        _candidates(best, point, rivals, confidence),
        _why(best, how),
    )


def _how(best: Mention) -> str:
    if best.heard is not None:
        return "fuzzy"
    if best.others:
        return "shared"
    if best.relation is not None and best.relation.kind != "inside":
        return "relative"
    return best.how


def _candidates(
    best: Mention,
    point: Point,
    rivals: Sequence[Mention],
    confidence: float,
) -> tuple[PlaceCandidate, ...]:
    """The answer itself, places of its name, then other places of the text."""
    found = [PlaceCandidate(best.place, best.label, *point, confidence)]
    left = max(0.0, 1.0 - confidence)
    namesakes = best.others or best.settled
    others = [(place, place.name, place.lon, place.lat) for place in namesakes]
    others += [(one.place, one.label, *one.point) for one in rivals]
    seen = {best.place.code}
    for at, (place, label, lon, lat) in enumerate(others):
        if place.code not in seen and len(found) < CANDIDATES_MAX:
            seen.add(place.code)
            share = confidence if place in best.others else min(confidence, left / (at + 1))
            found.append(PlaceCandidate(place, label, lon, lat, round(share, 3)))
    return tuple(found)


def _why(best: Mention, how: str) -> dict[str, Any]:
    """Code and params; the screen makes the sentence."""
    relation = best.relation.said if best.relation else ""
    whole = best.part_of.name if best.part_of else ""
    if how == "fuzzy":
        return {"code": "place_fuzzy", "params": {"said": best.said, "name": best.label}}
    if how == "shared":
        count = 1 + len(best.others)
        return {"code": "place_shared", "params": {"words": best.said, "count": count}}
    if how == "relative":
        return {"code": "place_relative", "params": {"base": best.label, "relation": relation}}
    if how == "number":
        return {"code": "place_number", "params": {"road": whole, "number": best.number}}
    if how == "building":
        return {"code": "place_building", "params": {"compound": whole, "building": best.number}}
    if how == "junction":
        return {"code": "place_junction", "params": {"name": best.label}}
    if how == "short":
        return {"code": "place_short", "params": {"said": best.said, "name": best.place.name}}
    return {"code": "place_name", "params": {"words": best.said}}


def far_from(point: Point, found: PlaceFound, doubt_metres: float) -> float | None:
    """Metres by which a found place lies beyond what point and radius allow; see ``disagrees``."""
    if found.place is None or found.lon is None or found.lat is None:
        return None
    gap = apart(point, (found.lon, found.lat))
    return gap if gap - found.metres > doubt_metres else None
