"""What crosses the API of the contact log. No number ever does: the vault shows those."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.words import State

TEXT_MAX_CHARACTERS = 2000

WayWord = Literal["phone", "message", "visit"]
ResultWord = Literal["reached", "no_answer", "busy", "refused", "wrong_number"]


class ContactView(Shown):
    """One try. ``n``: the how manieth of its voice. ``text`` and ``promise`` are masked, and the
    vault has what stood under the ids of their notes. ``promise_late``: its day is over and nobody
    has said that it was kept."""

    __shows__ = shows(
        {
            "contact": (
                "id version signal_id at way result note=note_id promised_on promise_due_at "
                "promise_note=promise_note_id kept kept_at"
            ),
            "L1 staff": "by",
            "note": "text promise=text",
            "L2 work": "n promise_late",
        }
    )

    id: UUID
    version: int
    signal_id: UUID
    n: int
    at: datetime
    by: str | None
    way: WayWord
    result: ResultWord
    text: str | None
    note: UUID | None
    promise: str | None
    promise_note: UUID | None
    promised_on: date | None
    promise_due_at: datetime | None
    promise_late: bool
    kept: bool | None
    kept_at: datetime | None


class ContactsView(Shown):
    """The contact log of a case, oldest first. ``whom``: the voices for which somebody is to be
    spoken to; a grid worker's report, or a device's, is none. ``may_write``: whether this viewer
    writes in it."""

    __shows__ = shows({"holds": "items", "L1 system": "may_write", "L2 work": "whom"})

    items: list[ContactView]
    whom: list[UUID]
    may_write: bool


class PromiseView(Shown):
    """A promise that nobody has said was kept or not, with its case in a few words."""

    __shows__ = shows(
        {
            "contact": "id version promised_on promise_due_at",
            "note": "promise=text",
            "cases": "case_id=id case_number=number title state",
            "L2 work": "late",
        }
    )

    id: UUID
    version: int
    promised_on: date
    promise_due_at: datetime
    late: bool
    promise: str
    case_id: UUID
    case_number: str
    title: str
    state: State


class PromisesView(Shown):
    """Promises, what was promised for the earliest day first."""

    __shows__ = shows({"holds": "items"})

    items: list[PromiseView]


class ContactForm(BaseModel):
    """A try, as it is written down. A promise needs its words and its day."""

    model_config = ConfigDict(extra="forbid")
    signal_id: UUID
    way: WayWord = "phone"
    result: ResultWord
    text: str | None = Field(None, max_length=TEXT_MAX_CHARACTERS)
    promise: str | None = Field(None, max_length=TEXT_MAX_CHARACTERS)
    promised_on: date | None = None


class KeptForm(BaseModel):
    """Whether a promise was kept."""

    model_config = ConfigDict(extra="forbid")
    kept: bool
