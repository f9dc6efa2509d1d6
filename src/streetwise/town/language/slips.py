"""What happens to words on the way: misheard, mistyped, or said as one says them at home."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from .phrase import read_yaml

# What a Telling's `errors` may name.
VAGUE_PLACE = "vague_place"  # only the caller knows where it is
VAGUE_MATTER = "vague_matter"  # words that several classes share
HALF_VAGUE = "half_vague"  # the same, but what it does or what is asked for gives it away
MISHEARD_WORD = "misheard_word"
MISHEARD_PLACE = "misheard_place"
MISTYPED = "mistyped"
NO_STOPS = "no_stops"
DIALECT = "dialect"
ASIDE = "aside"  # another problem mentioned in passing
CONTRADICTION = "contradiction"  # the place is said twice and differently
TWO = "two"  # two problems in one call
ERRORS = (
    VAGUE_PLACE, VAGUE_MATTER, HALF_VAGUE, MISHEARD_WORD, MISHEARD_PLACE, MISTYPED, NO_STOPS,
    DIALECT, ASIDE, CONTRADICTION, TWO,
)  # fmt: skip

_STOPS = re.compile(r"[，。；！、：]+")
_TWICE = re.compile(
    r"(门口|旁边|附近|路边|里面|院里|对面|路上|楼上|楼下|东头|西头|中间|街坊|请|让|麻烦|希望)\1"
)
_RUN = re.compile(r"[，。；：、]+(?=[，。；！？、])")
_TOO_MANY = re.compile(r"(?<=[：“（？！])[，。；、]+")


@cache
def _table(name: str) -> Mapping[str, Sequence[str]]:
    content: dict[str, Any] = read_yaml("phrases_slips.yaml")[name]
    return {k: list(v) for k, v in content.items()}


@cache
def _pairs(name: str) -> Mapping[str, str]:
    content: dict[str, str] = read_yaml("phrases_slips.yaml")[name]
    return content


def mishear(text: str, rng: random.Random) -> str:
    """One to three words as a recogniser of speech wrote them; unchanged where none is known."""
    table = _table("misheard_words")
    heard = [w for w in table if w in text]
    if not heard:
        return text
    for word in rng.sample(heard, min(len(heard), 1 + int(rng.random() * 2.4))):
        text = text.replace(word, rng.choice(table[word]), 1)
    return text


def mishear_place(text: str, place: str, rng: random.Random) -> str:
    """One character of the place's name by another of the same sound, everywhere in the text."""
    table = _table("misheard_places")
    heard = [c for c in place if c in table]
    if not heard or place not in text:
        return text
    sign = rng.choice(heard)
    return text.replace(place, place.replace(sign, rng.choice(table[sign])))


def mistype(text: str, rng: random.Random) -> str:
    """One or two words as a thumb types them."""
    return _some(text, _pairs("typed"), 2, rng)


def at_home(text: str, rng: random.Random) -> str:
    """Up to three words in the speech of the place."""
    return _some(text, _pairs("home_words"), 3, rng)


def _some(text: str, pairs: Mapping[str, str], most: int, rng: random.Random) -> str:
    known = [w for w in pairs if w in text]
    if not known:
        return text
    for word in rng.sample(known, min(len(known), 1 + int(rng.random() * most))):
        text = text.replace(word, pairs[word], 1)
    return text


def without_stops(text: str, rng: random.Random) -> str:
    """Typed in one go: blanks for stops, or nothing at all."""
    return _STOPS.sub(" " if rng.random() < 0.6 else "", text)


def tidy(text: str) -> str:
    """No stop right before another, and no "door door" where a place and a phrase meet."""
    text = _RUN.sub("", _TWICE.sub(r"\1", text))
    return _TOO_MANY.sub("", text).lstrip("，。；、 ")
