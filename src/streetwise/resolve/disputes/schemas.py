"""What crosses the API of disputes. No name, number or word of a party does: those the vault
shows, one at a time."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.schemas import ActorView, CaseRow, UnitOffer
from streetwise.resolve.words import Named

TEXT_MAX_CHARACTERS = 4000
DisputeState = Literal["open", "mediating", "agreed", "not_agreed", "referred", "kept"]
DisputeAction = Literal["assign", "visit", "agree", "disagree", "refer", "follow_up", "resume"]
ColourWord = Literal["red", "yellow", "green"]


class DisputeRecordView(Shown):
    """A party, a visit, an agreement or a word: that there is one, not what it says. ``id`` is the
    item of the vault."""

    __shows__ = shows({"dispute_record": "id n kind role result at", "holds": "by"})

    id: UUID
    n: int
    kind: Literal["party", "visit", "agreement", "word"]
    role: str | None
    result: str | None
    at: datetime
    by: ActorView | None


class DisputeOffer(Shown):
    """An action that this viewer may take now."""

    __shows__ = shows({"L2 work": "action needs", "holds": "units"})

    action: DisputeAction
    needs: list[str]
    units: list[UnitOffer]


class ColourView(Shown):
    """How a dispute of a colour is handled."""

    __shows__ = shows({"L1 catalogue": "code visit_days tell"})

    code: ColourWord
    visit_days: int
    tell: list[str]


class DisputeView(Shown):
    """The dispute of a case; ``state`` None: the case is none. ``version``: the ETag."""

    __shows__ = shows(
        {
            "dispute": (
                "version state kind colour visits visited_at ended_at referred_to follow_up_on"
            ),
            "L1 catalogue": "kinds roles results bodies follow_up_days",
            "L1 system": "may_add",
            "holds": "mediator records actions colours",
        }
    )

    version: int
    state: DisputeState | None
    kind: str
    colour: ColourWord
    mediator: Named | None
    visits: int
    visited_at: datetime | None
    ended_at: datetime | None
    referred_to: str | None
    follow_up_on: date | None
    records: list[DisputeRecordView]
    actions: list[DisputeOffer]
    may_add: bool
    kinds: list[str]
    roles: list[str]
    results: list[str]
    bodies: list[str]
    colours: list[ColourView]
    follow_up_days: int


class DisputeForm(BaseModel):
    """What comes with an action."""

    model_config = ConfigDict(extra="forbid")
    kind: str | None = Field(None, max_length=50)
    colour: ColourWord | None = None
    unit: str | None = Field(None, max_length=100)
    note: str | None = Field(None, max_length=TEXT_MAX_CHARACTERS)
    day: date | None = None
    body: str | None = Field(None, max_length=50)
    result: str | None = Field(None, max_length=50)


class PartyForm(BaseModel):
    """A party. Name and number go into the vault and nowhere else."""

    model_config = ConfigDict(extra="forbid")
    role: str = Field(max_length=50)
    name: str = Field(min_length=1, max_length=100)
    phone: str | None = Field(None, max_length=50)


class DisputeRow(Shown):
    """A line of a list: no party, a number of them."""

    __shows__ = shows(
        {
            "dispute": "state kind colour visits visited_at follow_up_on",
            "L2 work": "parties",
            "holds": "case mediator",
        }
    )

    case: CaseRow
    state: DisputeState | None
    kind: str
    colour: ColourWord
    mediator: Named | None
    visits: int
    visited_at: datetime | None
    follow_up_on: date | None
    parties: int


class DisputePage(Shown):
    """A page of a list; ``count``: of all pages."""

    __shows__ = shows({"L2 work": "count", "holds": "items"})

    items: list[DisputeRow]
    count: int
