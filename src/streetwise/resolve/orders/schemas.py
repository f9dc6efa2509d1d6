"""What crosses the API of work orders."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.words import Count, DueState, Named, State

TEXT_MAX_CHARACTERS = 4000

OrderState = Literal["open", "answered", "returned", "contested", "closed", "withdrawn"]
OrderAction = Literal["answer", "contest", "retract", "exclude", "acknowledge"]


class CallBack(Shown):
    """What the platform's call-back 回访 found; null is "not said"."""

    __shows__ = shows({"work_order": "reached resolved satisfied at=called_back_at"})

    reached: bool | None
    resolved: bool | None
    satisfied: Literal["yes", "basically", "no"] | None
    at: datetime | None


class GroundView(Shown):
    """A ground on which an order may be contested."""

    __shows__ = shows({"L1 catalogue": "code name name_en"})

    code: str
    name: str
    name_en: str


class OrderView(Shown):
    """A work order as it stands. Its clock is upstream's own; ``answer`` and ``grounds`` are
    masked; ``actions`` is what this viewer may do with it now. ``contact_state`` is the
    first-contact timer's; ``contest_grounds``: those to choose from, where it may be contested."""

    __shows__ = shows(
        {
            "work_order": (
                "id version number source=source_id scheme level state attention received_at "
                "due_at answer answered_at exclusion grounds updates closed_at urged urged_at "
                "added contact_due_at contacted_at contest contest_text contested_at"
            ),
            "L2 work": (
                "due_state answered_upstream call_back actions contact_state contest_ground"
            ),
            "holds": "contest_grounds",
        }
    )

    id: UUID
    version: int
    number: str
    source: Named
    scheme: str
    level: str | None
    state: OrderState
    attention: Literal["returned", "unresolved"] | None
    received_at: datetime
    due_at: datetime | None
    due_state: DueState
    answer: str | None
    answered_at: datetime | None
    answered_upstream: bool
    call_back: CallBack | None
    exclusion: Literal["none", "applied", "granted", "refused"]
    grounds: str | None
    updates: int
    closed_at: datetime | None
    urged: int
    urged_at: datetime | None
    added: int
    contact_due_at: datetime | None
    contacted_at: datetime | None
    contact_state: DueState
    contest: Literal["none", "applied", "accepted", "refused"]
    contest_ground: GroundView | None
    contest_text: str | None
    contested_at: datetime | None
    contest_grounds: list[GroundView]
    actions: list[OrderAction]


class OrderCase(Shown):
    """The case that an order belongs to, in a few words."""

    __shows__ = shows({"cases": "id number title state place_text unit=unit_id"})

    id: UUID
    number: str
    title: str
    state: State
    place_text: str | None
    unit: Named | None


class OrderLine(OrderView):
    """A work order as one line of a list."""

    __shows__ = shows({"work_order": "case=case_id"})

    case: OrderCase


class Reconciliation(Shown):
    """Where the two lists differ. ``unconfirmed``: answered here more than ``days`` days ago and
    not closed upstream; ``case_open``: closed upstream, and its case is open here."""

    __shows__ = shows({"L2 work": "unconfirmed case_open", "L1 system": "days"})

    unconfirmed: Count
    case_open: Count
    days: float


class OrderPageView(Shown):
    """A page of the list, what is due first first."""

    __shows__ = shows({"holds": "items reconciliation", "L2 work": "next_cursor count"})

    items: list[OrderLine]
    next_cursor: str | None
    count: Count
    reconciliation: Reconciliation


class UpstreamField(Shown):
    """A line of upstream's own form. ``over``: longer than it takes; ``missing``: it wants one."""

    __shows__ = shows(
        {"L1 catalogue": "label limit", "L2 report": "value", "L2 work": "over missing"}
    )

    label: str
    value: str
    limit: int | None
    over: bool
    missing: bool


class UpstreamForm(Shown):
    """What is to be typed into the platform, in its order; ``text`` is all of it to be copied."""

    __shows__ = shows({"L1 catalogue": "title title_en", "L2 report": "text", "holds": "fields"})

    title: str
    title_en: str
    fields: list[UpstreamField]
    text: str


class ContestForm(BaseModel):
    """Why an order is contested. ``photos``: of the case, or uploaded by who contests."""

    model_config = ConfigDict(extra="forbid")
    ground: str = Field(max_length=50)
    text: str = Field(max_length=TEXT_MAX_CHARACTERS)
    photos: list[UUID] = Field(default_factory=list, max_length=20)


class OrderForm(BaseModel):
    """The words that come with an action; masked before they are stored."""

    model_config = ConfigDict(extra="forbid")
    text: str | None = Field(None, max_length=TEXT_MAX_CHARACTERS)
