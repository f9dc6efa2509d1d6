"""Finding the place that a text names: the public face of the place engine. Pure.

Takes masked texts and the directory's places; gives the place, its point, how sure that is, and
candidates. The parts lie in ``understand/place_*.py``: names, numbers, words around names, sounds,
points, reading, choice. Decision 0029 says why it works as it does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from streetwise.kernel.search import fold
from streetwise.resolve.understand.place_choice import UNSURE_ROLES, choose, far_from
from streetwise.resolve.understand.place_names import Names
from streetwise.resolve.understand.place_numbers import bare_building
from streetwise.resolve.understand.place_points import Point
from streetwise.resolve.understand.place_reading import Mention, read, read_heard
from streetwise.resolve.understand.place_sounds import Hearing
from streetwise.resolve.understand.place_types import (
    CANDIDATES_MAX,
    NOWHERE,
    NamedPlace,
    PlaceAsked,
    PlaceCandidate,
    PlaceFound,
)

__all__ = [
    "CANDIDATES_MAX",
    "NOWHERE",
    "Gazetteer",
    "NamedPlace",
    "PlaceAsked",
    "PlaceCandidate",
    "PlaceFound",
    "PlaceGuess",
    "disagrees",
]

#: A place in the text that lies farther from the reported point is worth a doubt.
DOUBT_METRES = 300.0
#: A building without a name is looked for around the reported point.
_AROUND_METRES = 200.0
#: At or below this fineness (a road) a misheard name may say more.
_COARSE = 3.0
_BARE_CONFIDENCE = 0.6
#: How far behind a road's name a building without a name may stand.
_BEHIND_CHARACTERS = 14
_CLAUSE_END = re.compile("[,。;、:!?.]")
#: Ways of finding a road that leave open where on it.
_BY_ROAD = frozenset(("name", "relative", "fuzzy"))


@dataclass(frozen=True, slots=True)
class PlaceGuess:
    """A place found in a text, and the words that named it."""

    place: NamedPlace
    matched: str


class Gazetteer:
    """Finds the places of an area in texts. Made once per area; finding changes nothing."""

    def __init__(self, places: Sequence[NamedPlace]) -> None:
        self._known = Names(places)
        self._hearing: Hearing | None = None

    def locate(self, asked: Sequence[PlaceAsked]) -> list[PlaceFound]:
        """The place of each text, in order; ``NOWHERE`` for one that names none."""
        return [self._locate(one) for one in asked]

    def find(self, *texts: str | None) -> PlaceGuess | None:
        """The place alone. ``texts``: place, title, text as far as given; the last is the text."""
        place_text, title, text = (None, None, None, *texts)[-3:]
        found = self._locate(PlaceAsked(place_text, title, text))
        return PlaceGuess(found.place, found.matched) if found.place else None

    def _locate(self, asked: PlaceAsked) -> PlaceFound:
        said = (asked.place_text, asked.title, asked.text)
        folded = [fold(text) if text else "" for text in said]
        point = (asked.lon, asked.lat) if asked.lon is not None and asked.lat is not None else None
        mentions = [read(self._known, text) if text else [] for text in folded]
        if not self._enough(mentions):
            mentions = self._heard(folded, mentions)
        for source, found in enumerate(mentions):
            for one in found:
                one.source = source
        answer = choose(self._known, [one for found in mentions for one in found], point)
        if answer.place is None and point is not None:
            return self._bare(folded, lambda place: self._known.distance(place, point)) or answer
        if answer.place is not None and answer.place.kind == "road" and answer.how in _BY_ROAD:
            return self._bare_by_road(folded, answer.place, answer) or answer
        return answer

    def _bare_by_road(
        self, folded: Sequence[str], road: NamedPlace, answer: PlaceFound
    ) -> PlaceFound | None:
        """A building right behind a road's name (澄江街边上那个小区3号楼), if one lies there."""
        behind = [
            _CLAUSE_END.split(text.partition(answer.matched)[2][:_BEHIND_CHARACTERS])[0]
            for text in folded
        ]
        found = self._bare(behind, lambda place: self._known.distance(road, (place.lon, place.lat)))
        if found is None:
            return None
        doubt = replace(answer.candidates[0], confidence=found.candidates[-1].confidence)
        return replace(found, candidates=(*found.candidates[: CANDIDATES_MAX - 1], doubt))

    def _enough(self, mentions: Sequence[Sequence[Mention]]) -> bool:
        """Whether something finer than a road or a whole compound was found by its own name."""
        return any(
            one.fine > _COARSE and one.role not in UNSURE_ROLES
            for found in mentions
            for one in found
        )

    def _heard(
        self, folded: Sequence[str], mentions: Sequence[list[Mention]]
    ) -> list[list[Mention]]:
        """The mentions with those that sound like a name, and, if there is none at all, those
        with one character off.
        """
        if self._hearing is None:
            self._hearing = _hearing(self._known)
        hearing = self._hearing
        found = [
            read_heard(self._known, text, old, hearing.alike(text)) if text else list(old)
            for text, old in zip(folded, mentions, strict=True)
        ]
        if all(one.half or one.role in UNSURE_ROLES for mentions in found for one in mentions):
            found = [
                read_heard(self._known, text, old, hearing.edited(text)) if text else old
                for text, old in zip(folded, found, strict=True)
            ]
        return found

    def _bare(
        self, folded: Sequence[str], metres: Callable[[NamedPlace], float]
    ) -> PlaceFound | None:
        """A building said without its compound: those of its number that ``metres`` finds near."""
        for text in folded:
            said = bare_building(text)
            if said is None:
                continue
            key, start, end = said
            buildings = self._known.buildings_of(key)
            far = {place.code: metres(place) for place in buildings}
            near = [place for place in buildings if far[place.code] <= _AROUND_METRES]
            if near:
                near.sort(key=lambda place: far[place.code])
                return self._bare_answer(text[start:end], key, near)
        return None

    def _bare_answer(self, said: str, key: str, near: Sequence[NamedPlace]) -> PlaceFound:
        share = round(_BARE_CONFIDENCE / len(near) ** 0.5, 3)
        candidates = tuple(
            PlaceCandidate(place, place.name, place.lon, place.lat, round(share / (at + 1), 3))
            for at, place in enumerate(near[:CANDIDATES_MAX])
        )
        best = near[0]
        compound = self._known.by_code.get(best.parent or "")
        params = {"compound": compound.name if compound else "", "building": key}
        return PlaceFound(
            best,
            said,
            best.name,
            best.lon,
            best.lat,
            "building",
            share,
            self._known.reach(best),
            candidates,
            {"code": "place_building_near", "params": params},
        )


def _hearing(known: Names) -> Hearing:
    """What may be misheard: full names. Short forms and common words would hear too much."""
    names = known.names
    stops = {name for name, one in names.items() if not one.places or one.generic}
    return Hearing([n for n, one in names.items() if n not in stops and not one.short], stops)


def disagrees(point: Point, found: PlaceFound) -> float | None:
    """Metres between a reported point and a found place where that is worth a doubt, else None.

    A long road or a large park is not far from a point that lies on it: what counts is how far the
    point lies outside the place's radius.
    """
    return far_from(point, found, DOUBT_METRES)
