"""What crosses the API of the triage desk, and of what was understood of a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.gather import SignalView
from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.schemas import CaseRow, StepView
from streetwise.resolve.words import Count, State

Doubt = Literal["category", "place", "merge", "again", "cause"]
AsideKind = Literal["thanks", "question", "nonsense"]


class RankedClass(Shown):
    """One of the likeliest classes."""

    __shows__ = shows({"taxonomy_class": "scheme code name", "cases": "confidence=category_ranked"})

    scheme: str
    code: str
    name: str
    confidence: float


class PlaceOption(Shown):
    """One of the places that may be meant. WGS-84."""

    __shows__ = shows({"place": "code name lon lat", "cases": "confidence=place_ranked"})

    code: str
    name: str
    lon: float
    lat: float
    confidence: float


class CaseRef(Shown):
    """Another case, as far as it matters beside this one."""

    __shows__ = shows({"cases": "id number title state place_text opened_at voices lon lat"})

    id: UUID
    number: str
    title: str
    state: State
    place_text: str | None
    opened_at: datetime
    voices: int
    lon: float | None
    lat: float | None


class MergeOfferView(Shown):
    """Another case that may be the same, and why; ``score``: 0 to 1."""

    __shows__ = shows({"merge_offer": "id kind score reasons", "holds": "other case"})

    id: UUID
    kind: Literal["same", "again", "cause"]
    score: float
    reasons: list[StepView]
    other: CaseRef
    #: The case that it was offered for, in a list of offers.
    case: CaseRef | None = None


class CauseOfferView(Shown):
    """Cases that may have one cause (一因多案), oldest first. ``parent``: which of them may be it,
    or under which others of the cause hang already; None: one would be opened.
    """

    __shows__ = shows({"cause_offer": "id reasons made_at parent=parent_id", "holds": "cases"})

    id: UUID
    cases: list[CaseRef]
    parent: CaseRef | None
    reasons: list[StepView]
    made_at: datetime


class LinkView(Shown):
    """Why a voice is with its case. ``score``: 0 to 1 where an engine decided."""

    __shows__ = shows({"case_signal": "signal_id part why joined_at", "L2 report": "score reasons"})

    signal_id: UUID
    part: int
    why: str
    joined_at: datetime
    score: float | None
    reasons: list[StepView]


class Understanding(Shown):
    """What was understood of a case, how sure, and what of it waits for a decision."""

    __shows__ = shows(
        {
            "cases": "id version doubts urgent_why matter merged_into parent=parent_id",
            "holds": "categories places links offers children merged causes",
            "L2 work": "may_correct",
        }
    )

    id: UUID
    version: int
    doubts: list[Doubt]
    categories: list[RankedClass]
    places: list[PlaceOption]
    urgent_why: StepView | None
    matter: list[StepView]
    links: list[LinkView]
    offers: list[MergeOfferView]
    causes: list[CauseOfferView]
    merged_into: CaseRef | None
    parent: CaseRef | None
    children: list[CaseRef]
    #: Cases that were merged into this one.
    merged: list[CaseRef]
    may_correct: bool


class DeskItem(Shown):
    """A case that waits for a decision, with its first voice."""

    __shows__ = shows({"holds": "case signal understanding"})

    case: CaseRow
    signal: SignalView | None
    understanding: Understanding


class AsideView(Shown):
    """A message that is no case: who reads it decides."""

    __shows__ = shows({"aside": "kind why made_at", "holds": "signal"})

    kind: AsideKind
    why: list[StepView]
    made_at: datetime
    signal: SignalView


class DeskView(Shown):
    """What waits at the triage desk."""

    __shows__ = shows(
        {"L1 system": "now", "holds": "items asides", "L2 work": "count asides_count"}
    )

    now: datetime
    items: list[DeskItem]
    count: Count
    asides: list[AsideView]
    asides_count: Count


class JoinView(Shown):
    """A voice that the engine gave to a case by itself."""

    __shows__ = shows({"holds": "link signal case first", "cases": "version"})

    link: LinkView
    signal: SignalView
    case: CaseRef
    version: int
    #: The case's first voice, to compare with.
    first: SignalView | None


class MergeReview(Shown):
    """What was merged lately, and what is offered."""

    __shows__ = shows({"holds": "joins offers causes"})

    joins: list[JoinView]
    offers: list[MergeOfferView]
    causes: list[CauseOfferView]


class CorrectForm(BaseModel):
    """``category``: scheme:code, also the one it has (then confirmed). ``place``: a code of the
    gazetteer. ``lon`` and ``lat``: a point instead. ``settled``: doubts that may stay as it is.
    ``condition``: which of the class's conditions it is, by its code.
    """

    model_config = ConfigDict(extra="forbid")
    category: str | None = Field(None, max_length=200)
    place: str | None = Field(None, max_length=100)
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    settled: list[Doubt] = Field(default_factory=list, max_length=5)
    condition: str | None = Field(None, max_length=100)


class MergeForm(BaseModel):
    """The case that this one is the same as."""

    model_config = ConfigDict(extra="forbid")
    into: UUID


class SeparateForm(BaseModel):
    """The voice that tells of another problem."""

    model_config = ConfigDict(extra="forbid")
    signal_id: UUID
    part: int = Field(0, ge=0, le=20)


class ParentForm(BaseModel):
    """The case with the same cause to hang under; None: under none."""

    model_config = ConfigDict(extra="forbid")
    parent: UUID | None


class CauseForm(BaseModel):
    """The case that is the cause, one of those offered; None: one is opened for it."""

    model_config = ConfigDict(extra="forbid")
    parent: UUID | None


class Opened(Shown):
    """A case that was opened, or that now has the voices."""

    __shows__ = shows({"cases": "id number", "L2 work": "visible"})

    id: UUID
    number: str
    visible: bool


class LearnedNight(Shown):
    """What a night's training came to."""

    __shows__ = shows({"learned": "made_at lessons figures"})

    made_at: datetime
    lessons: int
    figures: dict[str, Any]


class LearningView(Shown):
    """How the classifier does: lessons so far and the last nights."""

    __shows__ = shows({"holds": "nights", "L2 work": "lessons"})

    lessons: int
    nights: list[LearnedNight]
