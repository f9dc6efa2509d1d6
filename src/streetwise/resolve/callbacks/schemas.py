"""What crosses the API of call-backs. No number ever does: the vault shows those."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.callbacks.script import Satisfied
from streetwise.resolve.contacts.schemas import ResultWord
from streetwise.resolve.words import Named, State

TEXT_MAX_CHARACTERS = 2000
TOKEN_MAX_CHARACTERS = 100

StateWord = Literal["waiting", "answered", "given_up"]


class CallBackView(Shown):
    """One reporter asked. ``said``: their own words, masked, whose original the vault has under
    ``note``. ``link_open``: a link that was sent can still be answered. ``present``: of the round
    that the case is in. ``text_state``: of the text message with the link, which is tried again at
    ``text_due_at``, was given up, or is wanted no more.
    """

    __shows__ = shows(
        {
            "call_back": (
                "id version signal_id drawn state opened_at attempts last_at last_result way "
                "answered_at reached resolved satisfied note=said_note_id link_until link_sent_at "
                "text_state text_attempts text_due_at"
            ),
            "note": "said=text",
            "L2 work": "link_open present",
        }
    )

    id: UUID
    version: int
    signal_id: UUID
    drawn: bool
    state: StateWord
    opened_at: datetime
    attempts: int
    last_at: datetime | None
    last_result: str | None
    way: Literal["phone", "link"] | None
    answered_at: datetime | None
    reached: bool | None
    resolved: bool | None
    satisfied: Satisfied | None
    said: str | None
    note: UUID | None
    link_until: datetime | None
    link_sent_at: datetime | None
    link_open: bool
    present: bool
    text_state: Literal["waiting", "sent", "failed", "over"] | None
    text_attempts: int
    text_due_at: datetime | None


class ScriptLine(Shown):
    """A line to say."""

    __shows__ = shows({"L1 catalogue": "code", "L2 work": "text"})

    code: str
    text: str


class CallBacksView(Shown):
    """The call-backs of a case. ``may_ask``: whether this viewer may; ``may_send``: links too.

    ``unresolved``: a reporter says that it is not done, and the case is through with it: somebody
    decides whether it is opened again.
    """

    __shows__ = shows(
        {"holds": "items script", "L1 system": "may_ask may_send", "L2 work": "unresolved"}
    )

    items: list[CallBackView]
    script: list[ScriptLine]
    may_ask: bool
    may_send: bool
    unresolved: bool


class CallBackLine(Shown):
    """A reporter to be called, with the case in a few words."""

    __shows__ = shows(
        {
            "call_back": (
                "id signal_id attempts opened_at last_at last_result answered_at resolved satisfied"
            ),
            "cases": "case_id=id case_number=number title state unit=unit_id",
        }
    )

    id: UUID
    signal_id: UUID
    attempts: int
    opened_at: datetime
    last_at: datetime | None
    last_result: str | None
    answered_at: datetime | None
    resolved: bool | None
    satisfied: Satisfied | None
    case_id: UUID
    case_number: str
    title: str
    state: State
    unit: Named | None


class CallBackList(Shown):
    """Reporters to be called, or those who said that it is not done; longest waiting first."""

    __shows__ = shows({"holds": "items"})

    items: list[CallBackLine]


class EstimateView(Shown):
    """What our own call-backs say of one unit (预估): counts, pooled. ``unit`` None: nobody held
    the case. ``*_of``: how many answered that question.
    """

    __shows__ = shows(
        {
            "unit": "unit=name",
            "L2 work": (
                "asked answered reached reached_of resolved resolved_of satisfied basically "
                "satisfied_of"
            ),
        }
    )

    unit: Named | None
    asked: int
    answered: int
    reached: int
    reached_of: int
    resolved: int
    resolved_of: int
    satisfied: int
    basically: int
    satisfied_of: int


class Estimates(Shown):
    """The estimates of all units from ``start`` to ``end``; ``share_percent`` are called."""

    __shows__ = shows({"holds": "items", "L1 system": "start end share_percent"})

    start: datetime
    end: datetime
    share_percent: float
    items: list[EstimateView]


class CallBackForm(BaseModel):
    """A call, as it is written down. Who is reached says whether it is done."""

    model_config = ConfigDict(extra="forbid")
    signal_id: UUID
    result: ResultWord
    resolved: bool | None = None
    satisfied: Satisfied | None = None
    reached: bool | None = None
    text: str | None = Field(None, max_length=TEXT_MAX_CHARACTERS)


class PublicCallBack(Shown):
    """What a link shows to whoever holds it: whose question it is, and of which day's report."""

    __shows__ = shows({"L1 catalogue": "street", "L1 system": "day until"})

    street: str
    day: date
    until: datetime


class PublicAnswer(BaseModel):
    """The two answers."""

    model_config = ConfigDict(extra="forbid")
    resolved: bool
    satisfied: Satisfied
