"""What crosses the API of the telephone form. What is typed goes in bodies, never in addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.words import State

TEXT_MAX_CHARACTERS = 4000
PLACE_MAX_CHARACTERS = 200
CONTACT_MAX_CHARACTERS = 100

AnswerBy = Literal["phone", "message", "letter", "none"]


class HintsForm(BaseModel):
    """What has been typed so far. ``category`` is scheme:code."""

    model_config = ConfigDict(extra="forbid")
    area: str | None = Field(None, max_length=100)
    text: str = Field("", max_length=TEXT_MAX_CHARACTERS)
    place: str = Field("", max_length=PLACE_MAX_CHARACTERS)
    place_code: str | None = Field(None, max_length=100)
    category: str | None = Field(None, max_length=200)


class PlaceHint(Shown):
    """A place that fits what was typed; ``label`` is what to write for it."""

    __shows__ = shows(
        {
            "place": "code label=name kind",
            "grid": "grid=name",
            "unit": "community=name",
        }
    )

    code: str
    label: str
    kind: str
    grid: str | None
    community: str | None


class CategoryHint(Shown):
    """A class, and the words that spoke for it."""

    __shows__ = shows({"taxonomy_class": "scheme code", "L2 report": "words"})

    scheme: str
    code: str
    words: list[str]


class KnownCase(Shown):
    """An open case that may be the same, and why: near, class, words."""

    __shows__ = shows(
        {
            "cases": "id number title state place_text opened_at voices",
            "L2 place": "metres",
            "L2 work": "why",
        }
    )

    id: UUID
    number: str
    title: str
    state: State
    place_text: str | None
    opened_at: datetime
    voices: int
    metres: int | None
    why: list[Literal["near", "class", "words"]]


class Hints(Shown):
    """What fits what has been typed so far."""

    __shows__ = shows({"holds": "places known", "L2 work": "category"})

    places: list[PlaceHint]
    category: CategoryHint | None
    known: list[KnownCase]


class CallForm(BaseModel):
    """A call as it was written down. ``request_id`` makes sending it again harmless;
    ``caller`` and ``contact`` go to the vault alone; ``join``: the case that it is about."""

    model_config = ConfigDict(extra="forbid")
    request_id: UUID
    area: str | None = Field(None, max_length=100)
    text: str = Field(min_length=1, max_length=TEXT_MAX_CHARACTERS)
    place: str | None = Field(None, max_length=PLACE_MAX_CHARACTERS)
    place_code: str | None = Field(None, max_length=100)
    category: str | None = Field(None, max_length=200)
    caller: str | None = Field(None, max_length=CONTACT_MAX_CHARACTERS)
    contact: str | None = Field(None, max_length=CONTACT_MAX_CHARACTERS)
    answer_by: AnswerBy | None = None
    urgent: bool = False
    join: UUID | None = None


class Registered(Shown):
    """What to say to the caller: the case's number, and whether it was known already."""

    __shows__ = shows({"cases": "case_id=id number", "L2 work": "joined", "L1 own": "visible"})

    case_id: UUID
    number: str
    joined: bool
    visible: bool
