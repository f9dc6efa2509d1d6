"""Is this known here already? Open cases ranked by place, words and class. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from streetwise.kernel.geo import haversine_m
from streetwise.kernel.search import bigrams

SHOWN = 5
#: What each reason counts; a case is named from ENOUGH on, so that one weak reason is none.
NEAR, SAME_CLASS, SAME_WORDS = 3.0, 1.5, 3.0
ENOUGH = 1.4
#: Fewer bigrams in common than these are chance.
WORDS_LEAST = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open case, as far as it matters here. WGS-84."""

    id: UUID
    title: str
    place_text: str | None
    lon: float | None
    lat: float | None
    cls: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Call:
    """What has been typed so far."""

    text: str
    point: tuple[float, float] | None
    cls: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Known:
    """A case that may be the same, how far away it is, and why it is named."""

    id: UUID
    score: float
    metres: float | None
    why: tuple[str, ...]


def rank(call: Call, candidates: Iterable[Candidate], metres_most: float) -> list[Known]:
    """The likeliest first; among equals the newer (ids ascend with time)."""
    typed = set(bigrams(call.text))
    found = [_known(call, typed, one, metres_most) for one in candidates]
    likely = [one for one in found if one.score >= ENOUGH]
    return sorted(likely, key=lambda one: (one.score, one.id), reverse=True)[:SHOWN]


def _known(call: Call, typed: set[str], one: Candidate, metres_most: float) -> Known:
    score, why = 0.0, []
    metres = None
    if call.point and one.lon is not None and one.lat is not None:
        metres = haversine_m(*call.point, one.lon, one.lat)
        if metres <= metres_most:
            score += NEAR * (1 - metres / metres_most / 2)
            why.append("near")
    if call.cls is not None and call.cls == one.cls:
        score += SAME_CLASS
        why.append("class")
    shared = typed.intersection(bigrams(one.title, one.place_text))
    if len(shared) >= WORDS_LEAST:
        least = min(len(typed), len(set(bigrams(one.title, one.place_text))))
        score += SAME_WORDS * min(1.0, len(shared) / max(4, least))
        why.append("words")
    if why == ["near"]:
        # Many things happen at one place: near alone says little, and less the farther.
        score /= 2
    return Known(one.id, score, metres, tuple(why))
