"""What the place engine is asked and what it answers. Pure data; WGS-84, metres.

No field ever holds a unit, floor or room: of an address the building is the finest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

#: Candidates that a screen shows when the engine is unsure.
CANDIDATES_MAX = 5


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A gazetteer entry. WGS-84. ``numbers``: a road's house numbers. ``parent``: the code
    of what it lies in. ``roads``: of a junction, the codes of its roads.
    """

    name: str
    aliases: tuple[str, ...]
    kind: str
    lon: float
    lat: float
    grid_id: UUID | None
    code: str = ""
    numbers: str = ""
    parent: str | None = None
    roads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceAsked:
    """A text to find the place of, masked. ``lon``, ``lat``: the reported point, if any; it only
    helps to tell places of one name apart.
    """

    place_text: str | None = None
    title: str | None = None
    text: str | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class PlaceCandidate:
    """A place that may be meant. ``confidence``: 0 to 1; ``label``: how to write it."""

    place: NamedPlace
    label: str
    lon: float
    lat: float
    confidence: float


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """The place that a text names, or that none was found (``place`` None, confidence 0).

    ``matched``: the words of the text that named it. ``label``: how to write it. ``how``: name,
    short, number, building, junction, relative, shared or fuzzy. ``confidence``: the share of such
    answers that are right within 100 m (measured on made-up streets). ``metres``: within what
    radius of the point the matter lies. ``why``: code and params, of which a screen makes a
    sentence. ``candidates``: the best first, this one among them.
    """

    place: NamedPlace | None = None
    matched: str = ""
    label: str = ""
    lon: float | None = None
    lat: float | None = None
    how: str = ""
    confidence: float = 0.0
    metres: float = 0.0
    candidates: tuple[PlaceCandidate, ...] = ()
    why: dict[str, Any] = field(default_factory=dict)


#: Nothing in the text names a place.
NOWHERE = PlaceFound()
