"""What is understood of signals before they find their case: the engines, one batch at a time.

Class, place, what is asked, how urgent, how many problems. Of the database it knows only what
was read of it before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from streetwise.gather import SignalFacts, by_device
from streetwise.resolve.knowledge import AreaKnowledge, Knowledge
from streetwise.resolve.place import NOWHERE, PlaceAsked, PlaceCandidate, PlaceFound, disagrees
from streetwise.resolve.understand.classifier import Classifier
from streetwise.resolve.understand.hearing import POINT_METRES, Heard
from streetwise.resolve.understand.lessons import CategoryGuess
from streetwise.resolve.understand.matter import LIKELY, Matter, read_matter
from streetwise.resolve.understand.nature import NatureAsked, NatureGuess, read_nature
from streetwise.resolve.understand.split import Part, PartGuess, parts, worth_splitting

#: Below this the place is for somebody to look at; below the second none was found.
PLACE_SURE, PLACE_LEAST = 0.8, 0.5
#: What is wider than this says less of where the matter is than the point does.
WIDE_METRES = 100.0
#: So sure the engine must be that something is no case: a real one must never be put aside.
ASIDE_SURE = LIKELY
#: Longitude and latitude, WGS-84.
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """Where a signal's problem is, as far as anybody knows. WGS-84; ``metres``: how exactly;
    ``matched``: the words that named it.
    """

    name: str | None
    code: str | None
    parent: str | None
    lon: float | None
    lat: float | None
    metres: float
    grid_id: UUID | None
    why: dict[str, Any] | None
    candidates: tuple[PlaceCandidate, ...]
    doubtful: bool
    matched: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """All that is understood of a signal, or of one part of it.

    ``aside``: thanks, question or nonsense where it is no case. ``part``: the words that tell of
    this problem, where the message tells of several; ``further``: the other problems.
    ``urgent_why``: ``{code, params}``; ``matter``: what lies heavy, ``[{code, params}]``.
    ``nature``: problem, hazard, dispute or request, how sure, by which words.
    """

    category: CategoryGuess
    place: FoundPlace
    nature: NatureGuess
    urgent_why: dict[str, Any] | None
    matter: tuple[dict[str, Any], ...]
    aside: str | None = None
    aside_why: tuple[dict[str, Any], ...] = ()
    part: str | None = None
    further: tuple[Understood, ...] = ()


def as_heard(
    id_: str,
    at: datetime,
    words: tuple[str | None, str | None],
    category: CategoryGuess,
    place: FoundPlace,
    **more: Any,
) -> Heard:
    """What merging compares of a signal: its title and text, and what was understood of them.
    ``more``: further fields of ``Heard``.
    """
    title, text = words
    return Heard(
        id=id_,
        at=at,
        title=title,
        text=text,
        place=place.code,
        above=(place.parent,) if place.parent else (),
        lon=place.lon,
        lat=place.lat,
        metres=place.metres,
        matched=(place.matched,) if place.matched else (),
        classes=tuple((one.cls, one.confidence) for one in category.ranked),
        **more,
    )


def understand(
    signals: Sequence[SignalFacts], knowledge: Knowledge, classifier: Classifier
) -> list[Understood]:
    """One for each signal, in the same order."""
    texts = [(signal.title, signal.text) for signal in signals]
    guesses = classifier.guess(texts)
    matters = read_matter(texts)
    places = find_places(signals, knowledge)
    found = [
        _understood(signal, guess, place, matter, knowledge)
        for signal, guess, place, matter in zip(signals, guesses, places, matters, strict=True)
    ]
    for at, further in _several(signals, found, knowledge, classifier):
        found[at] = further
    return found


def _understood(
    signal: SignalFacts,
    guess: CategoryGuess,
    place: FoundPlace,
    matter: Matter,
    knowledge: Knowledge,
) -> Understood:
    urgent = None
    if matter.urgency == "high":
        urgent = {"code": "urgent_words", "params": {"words": list(matter.urgent_words)}}
    aside = (
        not matter.is_case
        and matter.confidence >= ASIDE_SURE
        and urgent is None
        and signal.upstream is None
        # A device asks nothing and thanks for nothing.
        and not by_device(signal.source_code)
        # What was answered, or closed, before it came here is history: a case that is over.
        and signal.reply is None
        and signal.closed_at is None
    )
    return Understood(
        category=guess,
        place=place,
        nature=_nature(signal, guess, matter, knowledge),
        urgent_why=urgent,
        matter=tuple(
            {"code": f"matter_{fact.kind}", "params": {"amount": fact.amount, "words": fact.words}}
            for fact in matter.weight
        ),
        aside=matter.asked if aside else None,
        aside_why=tuple(
            {"code": f"asked_{why.code}", "params": {"words": list(why.words)}}
            for why in matter.why
        ),
    )


def _nature(
    signal: SignalFacts, guess: CategoryGuess, matter: Matter, knowledge: Knowledge
) -> NatureGuess:
    """By the words, and by the class where that is sure."""
    key = guess.ranked[0].cls if guess.ranked and guess.sure else None
    cls = knowledge.classes.get(key) if key else None
    request = matter.asked == "request" or (cls is not None and cls.kind == "request")
    asked = NatureAsked(signal.title, signal.text, key if cls else None, request)
    return read_nature([asked])[0]


# --- place ---------------------------------------------------------------------------------


def find_places(signals: Sequence[SignalFacts], knowledge: Knowledge) -> list[FoundPlace]:
    """Where each signal's problem is; all of an area at once."""
    found: dict[UUID, FoundPlace] = {}
    for area in knowledge.areas.values():
        here = [signal for signal in signals if signal.area == area.code]
        asked = [PlaceAsked(one.place_text, one.title, one.text, one.lon, one.lat) for one in here]
        located = area.gazetteer.locate(asked)
        said = [_reported(one) for one in here]
        grids = _grids([_point(*both) for both in zip(said, located, strict=True)], area)
        for one, reported, place, grid_id in zip(here, said, located, grids, strict=True):
            found[one.id] = where_is(reported, place, grid_id)
    return [found[signal.id] for signal in signals]


def _reported(signal: SignalFacts) -> Point | None:
    if signal.lon is None or signal.lat is None:
        return None
    return signal.lon, signal.lat


def _point(reported: Point | None, found: PlaceFound) -> Point | None:
    """The reported point where there is one, else that of the named place."""
    if reported is not None or found.lon is None or found.lat is None:
        return reported
    return found.lon, found.lat


def _grids(points: Sequence[tuple[float, float] | None], area: AreaKnowledge) -> list[UUID | None]:
    """The grid of each point; all points of an area at once, which costs as much as one."""
    known = [at for at, point in enumerate(points) if point is not None]
    grids: list[UUID | None] = [None] * len(points)
    if known:
        lons, lats = zip(*(point for point in points if point is not None), strict=True)
        for at, within in zip(known, area.grids.locate(lons, lats), strict=True):
            grids[at] = area.grids.ids[within] if within >= 0 else None
    return grids


def where_is(reported: Point | None, found: PlaceFound, grid_id: UUID | None) -> FoundPlace:
    """What holds of a reported point and of the place that the words name. Pure."""
    if found.confidence < PLACE_LEAST:
        found = replace(NOWHERE, candidates=found.candidates)
    point = _point(reported, found)
    place = found.place
    if point is None:
        return FoundPlace(
            None, None, None, None, None, 0.0, None, None, found.candidates, doubtful=True
        )
    known = FoundPlace(
        found.label or None,
        place.code if place else None,
        place.parent if place else None,
        *point,
        found.metres,
        grid_id,
        found.why or None,
        found.candidates,
        doubtful=found.confidence < PLACE_SURE,
        matched=found.matched,
    )
    if reported is None:
        return known if known.doubtful else replace(known, candidates=())
    apart = disagrees(reported, found)
    if apart is not None and found.confidence >= PLACE_SURE:
        # The point counts, for most are right; but somebody should look.
        why = {"code": "place_point_far", "params": {"name": found.label, "metres": round(apart)}}
        return replace(known, metres=apart, why=why, code=None, parent=None, doubtful=True)
    why = {"code": "place_point", "params": {}}
    if place is not None and found.metres > WIDE_METRES:
        # Two points of one long road are two places.
        known = replace(known, code=None, parent=place.code)
    return replace(known, metres=POINT_METRES, why=why, candidates=(), doubtful=False)


# --- several problems ------------------------------------------------------------------------


def _several(
    signals: Sequence[SignalFacts],
    found: Sequence[Understood],
    knowledge: Knowledge,
    classifier: Classifier,
) -> list[tuple[int, Understood]]:
    """Messages that tell of several problems: where, and what is understood of each part."""
    cut = []
    for at, signal in enumerate(signals):
        if signal.text and signal.refers_to is None and found[at].aside is None:
            spans = parts(signal.title, signal.text)
            if len(spans) > 1:
                cut.append((at, signal.text, spans))
    texts = [(None, text[span.start : span.end]) for _, text, spans in cut for span in spans]
    guesses = iter(classifier.guess(texts))
    several = []
    for at, text, spans in cut:
        told = [_Told(span, text[span.start : span.end], next(guesses)) for span in spans]
        if not worth_splitting([one.as_guess for one in told]).split:
            continue
        # One case for each class that is sure; what is said further of it goes with the first.
        problems: dict[tuple[str, str], _Told] = {}
        for one in told:
            if one.guess.sure:
                problems.setdefault(one.guess.ranked[0].cls, one)
        pieces = [_part(signals[at], found[at], one, knowledge) for one in problems.values()]
        several.append((at, replace(pieces[0], further=tuple(pieces[1:]))))
    return several


@dataclass(frozen=True, slots=True)
class _Told:
    """A part of a message, its words, and what class they are of."""

    part: Part
    words: str
    guess: CategoryGuess

    @property
    def as_guess(self) -> PartGuess:
        """The same as the rule for splitting wants it."""
        best = self.guess.ranked[0] if self.guess.ranked else None
        return PartGuess(
            self.part, best.cls if best else None, best.confidence if best else 0.0, self.guess.sure
        )


def _part(signal: SignalFacts, whole: Understood, told: _Told, knowledge: Knowledge) -> Understood:
    """One problem of several: its own words say its class, its urgency and, maybe, its place."""
    (matter,) = read_matter([(None, told.words)])
    (place,) = find_places([replace(signal, title=None, text=told.words)], knowledge)
    here = whole.place if place.code is None else place
    own = _understood(signal, told.guess, here, matter, knowledge)
    return replace(own, aside=None, part=told.words)
