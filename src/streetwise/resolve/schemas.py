"""What crosses the API of resolve."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.gather import SignalView
from streetwise.resolve.orders.schemas import OrderView
from streetwise.resolve.words import Count, DueState, Named, State

ActionName = Literal["accept", "dispatch", "start", "report", "verify", "close"]

NOTE_MAX_CHARACTERS = 4000
PHOTOS_MAX = 9
BULK_MAX_CASES = 200


class CategoryView(BaseModel):
    """A class of a scheme; never a bare code."""

    scheme: str
    version: str
    code: str
    name: str


class CaseRow(BaseModel):
    """A case as one line of a list."""

    id: UUID
    number: str
    version: int
    area: str
    title: str
    state: State
    nature: str
    category: CategoryView | None
    place_text: str | None
    grid: Named | None
    unit: Named | None
    community: Named | None
    opened_at: datetime
    due_at: datetime | None
    due_state: DueState
    closed_at: datetime | None
    voices: int
    photos: int
    priority: Literal["normal", "high"]
    order_attention: Literal["returned", "unresolved"] | None


class CasePage(BaseModel):
    """A page of a list."""

    items: list[CaseRow]
    next_cursor: str | None
    count: Count


class ActorView(BaseModel):
    """Who did it."""

    name: str
    unit_name: str


class SubjectView(BaseModel):
    """What it was done to."""

    kind: str
    id: UUID | None
    number: str | None = None
    title: str | None = None
    state: State | None = None


class NoteView(BaseModel):
    """Free text of an action."""

    kind: str
    text: str


class PhotoView(BaseModel):
    """A photo of a case."""

    id: UUID
    url: str
    width: int
    height: int
    at: datetime


class EntryView(BaseModel):
    """A journal entry as shown."""

    seq: int
    at: datetime
    action: str
    actor: ActorView | None
    subject: SubjectView
    area: str | None
    data: dict[str, Any]
    note: NoteView | None = None
    photos: list[PhotoView] = []
    drill: bool


class StepView(BaseModel):
    """A step of a "why"; the screen makes a sentence of code and params."""

    code: str
    params: dict[str, Any]


class UnitOffer(BaseModel):
    """A unit that a case can be dispatched to."""

    code: str
    name: str
    suggested: bool
    why: str | None


class ActionOffer(BaseModel):
    """An action that this viewer may take now."""

    action: ActionName
    primary: bool
    needs: list[str]
    takes: list[str]
    units: list[UnitOffer]


class CaseView(CaseRow):
    """A case, whole."""

    lon: float | None
    lat: float | None
    place_why: StepView | None
    category_why: StepView | None
    due_why: list[StepView]
    timezone: str
    reworked: int
    signals: list[SignalView]
    timeline: list[EntryView]
    photo_list: list[PhotoView]
    actions: list[ActionOffer]
    orders: list[OrderView]


class ActionForm(BaseModel):
    """What comes with an action."""

    model_config = ConfigDict(extra="forbid")
    unit: str | None = Field(None, max_length=100)
    note: str | None = Field(None, max_length=NOTE_MAX_CHARACTERS)
    photos: list[UUID] = Field(default_factory=list, max_length=PHOTOS_MAX)
    result: Literal["pass", "fail"] | None = None


class CaseVersion(BaseModel):
    """A case and the version that the viewer decided on."""

    model_config = ConfigDict(extra="forbid")
    id: UUID
    version: int = Field(ge=1)


class BulkForm(ActionForm):
    """One action on many cases; each stands for itself."""

    items: list[CaseVersion] = Field(min_length=1, max_length=BULK_MAX_CASES)


class RefusedCase(BaseModel):
    """A case that the action was not taken on, and the problem."""

    id: UUID
    number: str | None
    problem: dict[str, Any]


class BulkResult(BaseModel):
    """What came of a bulk action."""

    done: list[CaseRow]
    refused: list[RefusedCase]


class CounterView(BaseModel):
    """One of the six numbers. ``series`` is 14 days, oldest first, or empty if not known."""

    key: str
    value: int
    series: list[int]
    query: str


class OverviewView(BaseModel):
    """The overview of an area."""

    area: str
    now: datetime
    counters: list[CounterView]
    needs_me: list[CaseRow]
    feed: list[EntryView]


class MapCase(BaseModel):
    """A case on the map."""

    id: UUID
    number: str
    title: str
    lon: float
    lat: float
    state: State
    due_state: DueState
    voices: int


class MapCases(BaseModel):
    """Open cases with a place."""

    now: datetime
    cases: list[MapCase]


class FileView(BaseModel):
    """An uploaded photo."""

    id: UUID
    width: int
    height: int
    bytes: int
