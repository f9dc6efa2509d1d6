"""Which past answers are most like this case? By words that both share. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from uuid import UUID

from streetwise.kernel.search import bigrams

SHOWN = 5
#: What each part counts: the words of the matter, its class, its place.
WORDS, SAME_CLASS, PLACE = 1.0, 0.4, 0.15
#: Below this there is nothing in common but chance.
ENOUGH = 0.25


@dataclass(frozen=True, slots=True)
class Matter:
    """A case in words; ``cls`` is scheme and code."""

    title: str
    text: str
    place: str | None
    cls: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Past:
    """An answer that was given: to which case, in which form, when."""

    case_id: UUID
    number: str
    form: str
    given_at: datetime
    answer: str
    matter: Matter


@dataclass(frozen=True, slots=True)
class Similar:
    """A past answer and how like it is (0 to about 1.5)."""

    past: Past
    score: float
    same_class: bool


def rank(matter: Matter, past: Iterable[Past]) -> list[Similar]:
    """The most similar first, of equals the newer; the same words are shown once."""
    words, places = _grams(matter.title, matter.text), _grams(matter.place)
    found = []
    for one in past:
        same = matter.cls is not None and matter.cls == one.matter.cls
        score = WORDS * _overlap(words, _grams(one.matter.title, one.answer))
        score += SAME_CLASS if same else 0.0
        score += PLACE * _overlap(places, _grams(one.matter.place))
        if score >= ENOUGH:
            found.append(Similar(one, round(score, 3), same))
    found.sort(key=lambda one: (one.score, one.past.given_at), reverse=True)
    once = {one.past.answer: one for one in reversed(found)}
    return sorted(once.values(), key=found.index)[:SHOWN]


def _grams(*texts: str | None) -> frozenset[str]:
    return frozenset(bigrams(*texts))


def _overlap(some: frozenset[str], others: frozenset[str]) -> float:
    """What both share, by the mean of their sizes (cosine; 0 to 1)."""
    return len(some & others) / sqrt(len(some) * len(others)) if some and others else 0.0
