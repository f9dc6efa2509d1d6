"""What crosses the API of resolve."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.gather import SignalView
from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.orders.schemas import OrderView
from streetwise.resolve.words import Count, DueState, Named, State

ActionName = Literal[
    "accept",
    "dispatch",
    "start",
    "report",
    "verify",
    "close",
    "arrive",
    "co_report",
    "return",
    "reassign",
    "whistle",
    "release",
    "close_otherwise",
    "reopen",
    "appeal",
    "review_appeal",
    "ask_extension",
    "grant_extension",
    "refuse_extension",
    "ask_suspension",
    "grant_suspension",
    "refuse_suspension",
    "resume",
]

NOTE_MAX_CHARACTERS = 4000
PHOTOS_MAX = 9
BULK_MAX_CASES = 200
UNITS_MAX = 10
POINT_MAX_CHARACTERS = 200
POINTS_MAX = 20


class CategoryView(Shown):
    """A class of a scheme; never a bare code."""

    __shows__ = shows({"taxonomy_class": "scheme version code name"})

    scheme: str
    version: str
    code: str
    name: str


class CaseRow(Shown):
    """A case as one line of a list."""

    __shows__ = shows(
        {
            "cases": (
                "id number version area title state nature category=category_code place_text "
                "grid=grid_id unit=unit_id community=community_id opened_at due_at closed_at "
                "voices photos priority order_attention returned reopened parties_left outcome"
            ),
            "L2 work": "due_state bounces",
        }
    )

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
    returned: int
    reopened: int
    #: It goes to and fro: returned twice, or with the unit again that returned it.
    bounces: bool
    parties_left: int
    outcome: str | None


class CasePage(Shown):
    """A page of a list."""

    __shows__ = shows({"holds": "items", "L2 work": "next_cursor count"})

    items: list[CaseRow]
    next_cursor: str | None
    #: With the first page only.
    count: Count | None


class ActorView(Shown):
    """Who did it."""

    __shows__ = shows({"staff": "name", "unit": "unit_name=name"})

    name: str
    unit_name: str


class SubjectView(Shown):
    """What it was done to."""

    __shows__ = shows(
        {
            "journal": "kind=subject_kind id=subject",
            "cases": "number title state",
        }
    )

    kind: str
    id: UUID | None
    number: str | None = None
    title: str | None = None
    state: State | None = None


class NoteView(Shown):
    """Free text of an action."""

    __shows__ = shows({"note": "kind text"})

    kind: str
    text: str


class PhotoView(Shown):
    """A photo of a case. ``away_metres``: how far from the case's place its browser said it was
    taken; ``far``: farther than is to be expected (setting photo_far_metres).
    """

    __shows__ = shows(
        {
            "photo": "id width height at=uploaded_at taken_at accuracy_metres",
            "L1 system": "url",
            "L2 place": "away_metres far",
        }
    )

    id: UUID
    url: str
    width: int
    height: int
    at: datetime
    taken_at: datetime | None
    accuracy_metres: float | None
    away_metres: float | None
    far: bool


class EntryView(Shown):
    """A journal entry as shown."""

    __shows__ = shows(
        {
            "journal": "seq at action actor subject area data drill",
            "holds": "note photos",
        }
    )

    seq: int
    at: datetime
    action: str
    actor: ActorView | None
    subject: SubjectView
    area: str | None
    data: dict[str, Any]
    note: NoteView | None = None
    photos: list[PhotoView] = []  # noqa: RUF012 - pydantic copies it
    drill: bool


class StepView(Shown):
    """A step of a "why"; the screen makes a sentence of code and params."""

    __shows__ = shows({"L2 work": "code params"})

    code: str
    params: dict[str, Any]


class UnitOffer(Shown):
    """A unit that a case can be dispatched to."""

    __shows__ = shows(
        {"unit": "code name", "L2 work": "suggested why confidence open overdue",
         "holds": "because"}
    )  # fmt: skip

    code: str
    name: str
    suggested: bool
    #: The note of the matrix' line.
    why: str | None
    #: How likely it keeps the case, where anything speaks for it; and what does.
    confidence: float | None = None
    because: list[StepView] = []  # noqa: RUF012 - pydantic copies it
    #: Cases that it holds, and how many of them are overdue; not told where it does not matter.
    open: int | None = None
    overdue: int | None = None


class OutcomeOffer(Shown):
    """How a case may end; ``body``: then it must be said who is right, or which case it is."""

    __shows__ = shows({"L1 catalogue": "code body"})

    code: str
    body: bool


class ActionOffer(Shown):
    """An action that this viewer may take now.

    ``units``: to choose one (``unit``) or several (``units``) of. ``ground``: the likely one.
    """

    __shows__ = shows(
        {
            "L2 work": "action primary needs takes units ground",
            "L1 catalogue": "grounds",
            "holds": "outcomes asks",
        }
    )

    action: ActionName
    primary: bool
    needs: list[str]
    takes: list[str]
    units: list[UnitOffer]
    #: Why none of the units is preselected (a boundary case).
    asks: list[StepView] = []  # noqa: RUF012 - pydantic copies it
    grounds: list[str]
    ground: str | None
    outcomes: list[OutcomeOffer]


class PartyView(Shown):
    """A unit that was called to a case (吹哨报到), and how far it is."""

    __shows__ = shows(
        {
            "case_party": "unit=unit_id ground called_at due_at arrived_at reported_at released_at",
            "L2 work": "stage late",
        }
    )

    unit: Named
    ground: str
    stage: Literal["called", "here", "reported", "released"]
    #: It had not reported when it should have.
    late: bool
    called_at: datetime
    due_at: datetime
    arrived_at: datetime | None
    reported_at: datetime | None
    released_at: datetime | None


class CaseView(CaseRow):
    """A case, whole."""

    __shows__ = shows(
        {
            "cases": (
                "lon lat place_why category_why due_why reworked outcome_body lead=lead_unit_id"
            ),
            "area": "timezone",
            "holds": "signals timeline photo_list orders parties",
            "L2 work": "actions appeal",
        }
    )

    lon: float | None
    lat: float | None
    place_why: StepView | None
    category_why: StepView | None
    due_why: list[StepView]
    timezone: str
    reworked: int
    outcome_body: str | None
    lead: Named | None
    parties: list[PartyView]
    appeal: Literal["asked", "seconded", "granted", "refused"] | None
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
    units: list[str] = Field(default_factory=list, max_length=UNITS_MAX)
    until: datetime | None = None
    outcome: str | None = Field(None, max_length=100)
    ground: str | None = Field(None, max_length=100)
    body: str | None = Field(None, max_length=100)
    #: Of a check: how it was made, and which points of the conditions for closing were met.
    way: Literal["site", "call_back", "record"] | None = None
    met: list[Annotated[str, Field(max_length=POINT_MAX_CHARACTERS)]] = Field(
        default_factory=list, max_length=POINTS_MAX
    )


class CaseVersion(BaseModel):
    """A case and the version that the viewer decided on."""

    model_config = ConfigDict(extra="forbid")
    id: UUID
    version: int = Field(ge=1)


class BulkForm(ActionForm):
    """One action on many cases; each stands for itself."""

    items: list[CaseVersion] = Field(min_length=1, max_length=BULK_MAX_CASES)


class RefusedCase(Shown):
    """A case that the action was not taken on, and the problem."""

    __shows__ = shows({"cases": "id number", "L2 work": "problem"})

    id: UUID
    number: str | None
    problem: dict[str, Any]


class BulkResult(Shown):
    """What came of a bulk action."""

    __shows__ = shows({"holds": "done refused"})

    done: list[CaseRow]
    refused: list[RefusedCase]


class CounterView(Shown):
    """One of the six numbers. ``series`` is 14 days, oldest first, or empty if not known."""

    __shows__ = shows({"L2 work": "key value series query"})

    key: str
    value: int
    series: list[int]
    query: str


class OverviewView(Shown):
    """The overview of an area."""

    __shows__ = shows(
        {
            "area": "area=code",
            "L1 system": "now",
            "holds": "counters needs_me feed",
        }
    )

    area: str
    now: datetime
    counters: list[CounterView]
    needs_me: list[CaseRow]
    feed: list[EntryView]


class MapCase(Shown):
    """A case on the map."""

    __shows__ = shows({"cases": "id number title lon lat state voices", "L2 work": "due_state"})

    id: UUID
    number: str
    title: str
    lon: float
    lat: float
    state: State
    due_state: DueState
    voices: int


class MapCases(Shown):
    """Open cases with a place."""

    __shows__ = shows({"L1 system": "now", "holds": "cases"})

    now: datetime
    cases: list[MapCase]


class Picture(Shown):
    """A photo as it is sent: the picture, made anew."""

    __shows__ = shows({"L2 report": "content"})

    content: bytes


class FileView(Shown):
    """An uploaded photo."""

    __shows__ = shows({"photo": "id width height bytes"})

    id: UUID
    width: int
    height: int
    bytes: int
