"""What crosses the API of directives."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.directives.rules import Action
from streetwise.resolve.schemas import ActorView
from streetwise.resolve.words import Count, Named, State

TEXT_MAX_CHARACTERS = 2000
KindWord = Literal["instruction", "urge", "supervise", "charge"]
DirectiveState = Literal["open", "reported", "done", "withdrawn"]


class DirectiveCase(Shown):
    """The case that it is about."""

    __shows__ = shows({"cases": "id number title state"})

    id: UUID
    number: str
    title: str
    state: State


class DirectiveView(Shown):
    """A leader's note: what, to whom, by when, how far it is; ``actions``: what this viewer may
    do with it now. Texts are masked; ``text_note`` names what the vault keeps."""

    __shows__ = shows(
        {
            "directive": (
                "id version kind state due_at given_at reported_at checked_at sent_back "
                "text_note=text_id report_note=report_id"
            ),
            "L2 report": "text report check",
            "L1 staff": "person",
            "L2 work": "late actions",
            "holds": "case unit given_by reported_by checked_by",
        }
    )

    id: UUID
    version: int
    kind: KindWord
    state: DirectiveState
    late: bool
    case: DirectiveCase
    unit: Named
    person: str | None
    text: str
    text_note: UUID
    due_at: datetime
    given_at: datetime
    given_by: ActorView | None
    report: str | None
    report_note: UUID | None
    reported_at: datetime | None
    reported_by: ActorView | None
    check: str | None
    checked_at: datetime | None
    checked_by: ActorView | None
    sent_back: int
    actions: list[Action]


class DirectivePage(Shown):
    """Directives, and how many there are."""

    __shows__ = shows({"holds": "items count"})

    items: list[DirectiveView]
    count: Count


class OfferedKind(Shown):
    """A kind that this viewer may give; ``person``: it is laid on one person by name."""

    __shows__ = shows({"L1 catalogue": "kind person due_hours"})

    kind: KindWord
    person: bool
    due_hours: float


class Leader(Shown):
    """Somebody who can answer for a case by name."""

    __shows__ = shows({"staff": "login name"})

    login: str
    name: str


class CaseDirectives(Shown):
    """The directives of a case, and what this viewer may give."""

    __shows__ = shows({"holds": "items kinds people units"})

    items: list[DirectiveView]
    kinds: list[OfferedKind]
    people: list[Leader]
    units: list[Named]


class DirectiveGiveForm(BaseModel):
    """``unit``: a unit's code; none: who holds the case. ``login``: one person (包案)."""

    model_config = ConfigDict(extra="forbid")

    kind: KindWord
    text: str = Field(min_length=1, max_length=TEXT_MAX_CHARACTERS)
    unit: str | None = Field(None, max_length=100)
    login: str | None = Field(None, max_length=100)
    due_at: AwareDatetime | None = None


class DirectiveForm(BaseModel):
    """What is said with an action; a report and a refusal need words."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field("", max_length=TEXT_MAX_CHARACTERS)
