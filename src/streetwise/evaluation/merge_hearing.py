"""From signals of a file to voices, by the product's own engines: the seam of ``eval merge``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from streetwise.evaluation.merge_files import Signal
from streetwise.kernel.geo import haversine_m
from streetwise.privacy.masking import mask
from streetwise.resolve.category import shipped_rules
from streetwise.resolve.place import Gazetteer, NamedPlace
from streetwise.resolve.understand.evidence import Voice
from streetwise.resolve.understand.hearing import (
    PLACE_METRES,
    PLACE_METRES_OTHERWISE,
    POINT_METRES,
    Heard,
    voices,
)
from streetwise.resolve.understand.kinds import Class
from streetwise.resolve.understand.similar import Rarity

#: Of so few texts no rarity of words is learned.
LEARN_FROM = 200
#: How sure a keyword rule is, measured on no data: it names one class of many that fit.
KEYWORD_SURE = 0.75
#: A point farther than this from the place that the words name is somebody else's: the office's.
POINT_ASTRAY_METRES = 400.0
#: How an item is referred to in a text: its number.
_NUMBERS = re.compile(r"[A-Za-z]{0,6}\d{8,}")

Classes = tuple[tuple[Class, float], ...]
#: From title and text of each signal, masked, to its classes.
Guess = Callable[[Sequence[tuple[str, str]]], list[Classes]]


def hear(
    signals: Sequence[Signal], places: Sequence[NamedPlace] = (), guess: Guess | None = None
) -> list[Voice]:
    """The voices of signals: masked, placed, with classes. The seam to the other engines."""
    masked = [(mask(one.title).text, mask(one.text).text) for one in signals]
    rarity = None
    if len(signals) >= LEARN_FROM:
        rarity = Rarity.learned([f"{title} {text}" for title, text in masked])
    gazetteer = Gazetteer(places)
    classes = (guess or guess_by_keywords)(masked)
    ids = {one.id for one in signals}
    heard = [
        _heard(signal, words, gazetteer, cls, ids)
        for signal, words, cls in zip(signals, masked, classes, strict=True)
    ]
    return voices(heard, rarity)


def guess_by_keywords(texts: Sequence[tuple[str, str]]) -> list[Classes]:
    """The shipped keyword rules: one class or none."""
    rules = shipped_rules()
    guesses = [rules.guess(title, text) for title, text in texts]
    return [(((one.scheme, one.code), KEYWORD_SURE),) if one else () for one in guesses]


def _heard(
    signal: Signal, words: tuple[str, str], gazetteer: Gazetteer, classes: Classes, ids: set[str]
) -> Heard:
    title, text = words
    found = gazetteer.find(title, text)
    place = found.place if found else None
    lon, lat, metres = signal.lon, signal.lat, POINT_METRES
    if place is not None:
        size = PLACE_METRES.get(place.kind, PLACE_METRES_OTHERWISE)
        if lon is None or lat is None or _astray(lon, lat, place, size):
            lon, lat, metres = place.lon, place.lat, size
    told = _NUMBERS.findall(f"{signal.title} {signal.text}")
    refers = dict.fromkeys([signal.refers_to, *(one for one in told if one in ids)])
    return Heard(
        id=signal.id,
        at=signal.at,
        title=title,
        text=text,
        place=place.code if place else None,
        above=(place.parent,) if place and place.parent else (),
        lon=lon,
        lat=lat,
        metres=metres,
        matched=(place.name, *place.aliases) if place else (),
        classes=classes,
        channel=signal.channel,
        refers=tuple(one for one in refers if one and one != signal.id),
    )


def _astray(lon: float, lat: float, place: NamedPlace, size: float) -> bool:
    return float(haversine_m(lon, lat, place.lon, place.lat)) > POINT_ASTRAY_METRES + 2 * size
