"""What crosses the API of work orders."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.words import Count, DueState, Named, State

TEXT_MAX_CHARACTERS = 4000

OrderState = Literal["open", "answered", "returned", "closed"]
OrderAction = Literal["answer", "exclude", "acknowledge"]


class CallBack(Shown):
    """What the platform's call-back 回访 found; null is "not said"."""

    __shows__ = shows({"work_order": "reached resolved satisfied at=called_back_at"})

    reached: bool | None
    resolved: bool | None
    satisfied: Literal["yes", "basically", "no"] | None
    at: datetime | None


class OrderView(Shown):
    """A work order as it stands. Its clock is upstream's own; ``answer`` and ``grounds`` are
    masked; ``actions`` is what this viewer may do with it now."""

    __shows__ = shows(
        {
            "work_order": (
                "id version number source=source_id scheme level state attention received_at "
                "due_at answer answered_at exclusion grounds updates closed_at"
            ),
            "L2 work": "due_state answered_upstream call_back actions",
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


class OrderForm(BaseModel):
    """The words that come with an action; masked before they are stored."""

    model_config = ConfigDict(extra="forbid")
    text: str | None = Field(None, max_length=TEXT_MAX_CHARACTERS)
