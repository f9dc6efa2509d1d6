"""What crosses the API of answers. Words come in bodies, never in addresses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.gather import CodeName
from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.understand.draft import Step
from streetwise.resolve.words import DueState

#: As long as an order's answer may be.
TEXT_MAX_CHARACTERS = 4000

WayWord = Literal[
    "work_order", "petition", "referral", "media", "call", "message", "letter", "nobody"
]
FormWord = Literal["order", "letter", "referral", "call", "message", "none"]
NobodyWhyWord = Literal["declined", "no_contact", "anonymous", "staff", "device"]
VoiceStateWord = Literal["none", "draft", "interim", "given", "upstream"]


class HintView(Shown):
    """What a draft lacks for a mark, or might say besides; the screen makes the sentence."""

    __shows__ = shows({"L2 work": "code params"})

    code: str
    params: dict[str, str]


class MarkView(Shown):
    """One of the three marks of a good answer, whether it is met, and what to look at."""

    __shows__ = shows({"L2 work": "mark met", "holds": "hints"})

    mark: Literal["complete", "explained", "relevant"]
    met: bool
    hints: list[HintView]


class BlockedView(Shown):
    """A piece of the text that must not go out: personal data, of which ``kind``. Positions count
    UTF-16 units, as a browser does."""

    __shows__ = shows({"L2 work": "start end kind"})

    start: int
    end: int
    kind: str


class CheckView(Shown):
    """What a look at an answer found. ``blocked`` and ``unfinished`` (places still to be filled
    in) keep it from going; the marks are advice."""

    __shows__ = shows({"holds": "marks blocked", "L2 work": "unfinished"})

    marks: list[MarkView]
    blocked: list[BlockedView]
    unfinished: int


class DraftView(Shown):
    """What is written and not given, masked."""

    __shows__ = shows({"answer": "text machine at=written_at by=written_by"})

    text: str
    machine: bool
    at: datetime
    by: str | None


class GivenView(Shown):
    """What a voice was told, masked; ``interim``: how far it is, not the last word."""

    __shows__ = shows({"answer": "kind text machine at=given_at by=given_by interim=state"})

    kind: FormWord
    text: str | None
    machine: bool
    at: datetime
    by: str | None
    interim: bool


class AnsweredOrder(Shown):
    """The work order with which a voice is answered."""

    __shows__ = shows({"work_order": "id version number state"})

    id: UUID
    version: int
    number: str
    state: Literal["open", "answered", "returned", "contested", "closed", "withdrawn"]


LetterKindWord = Literal["reply", "decision"]
NoticeKindWord = Literal["extension", "not_accepted", "transfer"]


class LetterRef(Shown):
    """A letter to a petitioner: the answer, or a notice. ``case_id``: where it was made out;
    ``until``: of an extension, when the petition is due then."""

    __shows__ = shows({"letter": "id case_id kind number issued_on until"})

    id: UUID
    case_id: UUID
    kind: LetterKindWord | NoticeKindWord
    number: str
    issued_on: date
    until: datetime | None = None


class NoticeOffer(Shown):
    """A notice that may be made out now, and how it begins; 〔待填〕 is to be filled in."""

    __shows__ = shows({"L1 catalogue": "kind title", "L2 report": "text"})

    kind: NoticeKindWord
    title: str
    text: str


class PetitionLetter(LetterRef):
    """A letter to be printed. ``addressee`` and ``body`` are masked; the vault has what stood,
    under the ids of the notes."""

    __shows__ = shows(
        {
            "letter": "office addressee_note=addressee_id body_note=body_id",
            "note": "addressee=text body=text",
            "L2 work": "title dated",
        }
    )

    #: What stands at its head, and its date as it is written; the document is in Chinese.
    title: str
    dated: str
    office: str
    addressee: str
    addressee_note: UUID
    body: str
    body_note: UUID


class ProposalView(Shown):
    """A draft, and of which step of the case it tells; null: it is the answer itself."""

    __shows__ = shows({"L2 work": "step", "L2 report": "text"})

    step: Step | None
    text: str


class VoiceView(Shown):
    """One who told: how to be answered, by when, and how far that is.

    ``to``: whom, where that is an organ or a platform; else the reporter. ``nobody_why``: why
    nobody is answered. ``contact``: the vault holds one. ``with_first``: the earlier signal of the
    same reporter, with which this is answered. ``proposal``: a draft from the case's facts, for
    who writes the answer. ``version`` goes into ``If-Match``.
    """

    __shows__ = shows(
        {
            "signal": "signal_id=id source=source_id channel upstream_key=source_key reported_at",
            "work_order": "order=id",
            "L2 work": (
                "way form to nobody_why contact with_first due_at due_state accept_by state version"
                " interim_only may_issue"
            ),
            "L2 report": "proposal",
            "holds": "draft given check letter notices may_notice proposals",
        }
    )

    signal_id: UUID
    source: CodeName
    channel: str | None
    upstream_key: str | None
    reported_at: datetime
    way: WayWord
    form: FormWord
    to: str | None
    nobody_why: NobodyWhyWord | None
    contact: bool
    with_first: UUID | None
    due_at: datetime | None
    due_state: DueState
    accept_by: datetime | None
    state: VoiceStateWord
    version: int
    interim_only: bool
    order: AnsweredOrder | None
    draft: DraftView | None
    given: list[GivenView]
    proposal: str | None
    #: All drafts that fit, ``proposal`` first.
    proposals: list[ProposalView]
    check: CheckView | None
    #: In which a petition was answered.
    letter: LetterRef | None
    #: Whether a letter may be made out now.
    may_issue: bool
    #: A petition's further letters: its time was extended, it was not accepted, it was passed on.
    notices: list[LetterRef]
    may_notice: list[NoticeOffer]


class AnswersView(Shown):
    """The voices of a case; ``answered`` of ``of`` have their answer. ``assist``: a machine may be
    asked for drafts."""

    __shows__ = shows(
        {"L2 work": "answered of may_answer", "holds": "voices", "L1 system": "assist"}
    )

    answered: int
    of: int
    may_answer: bool
    voices: list[VoiceView]
    assist: bool


class SimilarView(Shown):
    """A past answer to a case like this one, masked."""

    __shows__ = shows(
        {
            "cases": "case_id=id number title place_text",
            "answer": "kind given_at text",
            "L2 work": "score same_class",
        }
    )

    case_id: UUID
    number: str
    title: str
    place_text: str | None
    kind: str
    given_at: datetime
    text: str
    score: float
    same_class: bool


class SimilarAnswers(Shown):
    """The most similar first."""

    __shows__ = shows({"holds": "items"})

    items: list[SimilarView]


class CheckForm(BaseModel):
    """Words to be looked at."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=TEXT_MAX_CHARACTERS)


class DraftForm(BaseModel):
    """A draft to be kept. ``machine``: a machine wrote it."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=TEXT_MAX_CHARACTERS)
    machine: bool = False


class GiveForm(DraftForm):
    """An answer that was given. ``interim``: it says how far it is; needed while the case is not
    done. ``order_version``: of the work order, where the voice has one."""

    interim: bool = False
    order_version: int | None = Field(None, ge=1)


class LetterForm(BaseModel):
    """``addressee``: to whom it goes; it is kept in the vault alone."""

    model_config = ConfigDict(extra="forbid")
    kind: LetterKindWord
    addressee: str = Field(min_length=1, max_length=60)


class NoticeForm(BaseModel):
    """A notice to a petitioner, with all its words; ``addressee`` is kept in the vault alone."""

    model_config = ConfigDict(extra="forbid")
    kind: NoticeKindWord
    addressee: str = Field(min_length=1, max_length=60)
    text: str = Field(min_length=1, max_length=4000)
