"""What crosses the API of petitions after their answer. No name of a petitioner does."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.answers.schemas import LetterRef
from streetwise.resolve.schemas import CaseRow, NoteView, StepView
from streetwise.resolve.words import DueState

TEXT_MAX_CHARACTERS = 4000
PetitionState = Literal[
    "opinion", "served", "review_asked", "review_sent", "reviewed",
    "reexam_asked", "reexam_sent", "hearing", "redo", "ended",
]  # fmt: skip
PetitionAction = Literal["serve", "ask", "hand_over", "hearing", "hearing_over", "outcome", "opine"]
OutcomeWord = Literal["upheld", "changed", "revoked", "redo", "dropped"]
StageWord = Literal["review", "reexam"]
PeriodWord = Literal[
    "ask_review", "ask_reexam", "petition_file", "petition_answer", "petition_redo"
]


class PetitionPeriodView(Shown):
    """A period of time, when it ends, and why. ``due_at`` is the first moment after it: the end of
    its last day; None: it stands still."""

    __shows__ = shows({"L2 work": "kind state due_state started_at due_at", "holds": "why"})

    kind: PeriodWord
    state: Literal["running", "paused", "stopped"]
    due_state: DueState
    started_at: datetime
    due_at: datetime | None
    why: list[StepView]


class PetitionOpinionView(Shown):
    """An opinion of ours: when it was made out, when and how it was served."""

    __shows__ = shows(
        {"petition": "on=opinions served_on=opinions how=opinions", "holds": "letter"}
    )

    on: date
    served_on: date | None
    how: str | None
    letter: LetterRef | None


class PetitionHearingView(Shown):
    """A hearing; ``over`` None: it goes on."""

    __shows__ = shows({"petition_review": "on=hearings over=hearings"})

    on: date
    over: date | None


class PetitionReviewView(Shown):
    """A review 复查 or re-examination 复核. ``late``: asked for after the petitioner's time."""

    __shows__ = shows(
        {
            "petition_review": (
                "n stage round asked_on received_on told_on organ file_on outcome outcome_on "
                "served_on"
            ),
            "L2 work": "late",
            "holds": "hearings note periods",
        }
    )

    n: int
    stage: StageWord
    round: int
    asked_on: date
    received_on: date
    told_on: date
    organ: str | None
    late: bool
    file_on: date | None
    hearings: list[PetitionHearingView]
    outcome: OutcomeWord | None
    outcome_on: date | None
    served_on: date | None
    note: NoteView | None
    #: What runs, or ran, of this review.
    periods: list[PetitionPeriodView]


class PetitionOffer(Shown):
    """An action that this viewer may take now. ``least``: the first day that it may be of;
    ``results``: how a review may come out."""

    __shows__ = shows({"L2 work": "action needs results least"})

    action: PetitionAction
    needs: list[str]
    results: list[OutcomeWord]
    least: date


class PetitionView(Shown):
    """A petition after its answer. ``id``: the signal's; ``version``: the ETag; ``number``:
    upstream's, or the one that it came under. ``today``: the street's day."""

    __shows__ = shows(
        {
            "petition": "id version state",
            "signal": "number=source_key",
            "L1 catalogue": "organs ways",
            "L2 work": "today",
            "holds": "opinions reviews periods actions",
        }
    )

    id: UUID
    version: int
    number: str | None
    state: PetitionState
    today: date
    opinions: list[PetitionOpinionView]
    reviews: list[PetitionReviewView]
    #: What runs of it as a whole: until when may be asked, until when we decide again.
    periods: list[PetitionPeriodView]
    actions: list[PetitionOffer]
    organs: list[str]
    ways: list[str]


class PetitionsView(Shown):
    """The petitions of a case that were answered."""

    __shows__ = shows({"holds": "items"})

    items: list[PetitionView]


class PetitionForm(BaseModel):
    """What comes with an action. ``text`` is masked before it is stored; ``addressee`` is kept in
    the vault alone."""

    model_config = ConfigDict(extra="forbid")
    on: date | None = None
    received: date | None = None
    served: date | None = None
    how: str | None = Field(None, max_length=50)
    organ: str | None = Field(None, max_length=50)
    result: OutcomeWord | None = None
    addressee: str | None = Field(None, max_length=60)
    text: str | None = Field(None, max_length=TEXT_MAX_CHARACTERS)


class PetitionRow(Shown):
    """A line of the list. ``next``: what ends next of what runs, else what stands still."""

    __shows__ = shows(
        {
            "petition": "id version state",
            "signal": "number=source_key",
            "petition_review": "stage organ outcome",
            "holds": "case next",
        }
    )

    id: UUID
    version: int
    number: str | None
    state: PetitionState
    case: CaseRow
    #: Of the last review, where there was one.
    stage: StageWord | None
    organ: str | None
    outcome: OutcomeWord | None
    next: PetitionPeriodView | None


class PetitionPage(Shown):
    """A page of the list; ``count``: of all pages; ``running``, ``redo``: under review, and to be
    decided again, whatever the list shows."""

    __shows__ = shows({"L2 work": "count running redo", "holds": "items"})

    items: list[PetitionRow]
    count: int
    running: int
    redo: int
