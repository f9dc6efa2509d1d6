"""What crosses the API of the duty room."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.schemas import ActorView
from streetwise.resolve.words import State

LINE_MAX_CHARACTERS = 2000
LogKind = Literal[
    "call", "order_above", "notice", "patrol", "visit", "weather", "incident", "other"
]
Group = Literal["urgent", "overdue", "unacknowledged", "directives", "reports"]


class LineCase(Shown):
    """The case that a line of the log is about."""

    __shows__ = shows({"cases": "id number"})

    id: UUID
    number: str


class LogView(Shown):
    """A line of the duty log, masked; ``masked``: how many pieces were."""

    __shows__ = shows(
        {
            "duty_log": "id kind text masked happened_at written_at note=note_id",
            "holds": "by case",
        }
    )

    id: UUID
    kind: LogKind
    text: str
    masked: int
    happened_at: datetime
    written_at: datetime
    by: ActorView | None
    case: LineCase | None
    note: UUID | None


class ItemView(Shown):
    """Something that is open: the case, and its state now. ``detail``: the kind of the directive,
    the message or the report; ``settled``: it has been seen to since."""

    __shows__ = shows(
        {"cases": "number title state due_at", "L2 work": "id case_id detail settled"}
    )

    id: UUID
    case_id: UUID | None
    number: str | None
    title: str | None
    state: State | None
    due_at: datetime | None
    detail: str | None
    settled: bool


class GroupView(Shown):
    """What is open of a kind: how many, and those of them that are named and the viewer sees."""

    __shows__ = shows({"L2 work": "group count", "holds": "items"})

    group: Group
    count: int
    items: list[ItemView]


class HandoverRow(Shown):
    """A hand-over in a list."""

    __shows__ = shows(
        {
            "handover": "id version from_at given_at taken_at read_at",
            "L2 work": "may_take may_read open",
            "holds": "given_by taken_by read_by",
        }
    )

    id: UUID
    version: int
    from_at: datetime | None
    given_at: datetime
    given_by: ActorView | None
    taken_at: datetime | None
    taken_by: ActorView | None
    read_at: datetime | None
    read_by: ActorView | None
    open: int
    may_take: bool
    may_read: bool


class HandoverView(HandoverRow):
    """A hand-over, whole: what was open, as it was signed, and the log of its shift."""

    __shows__ = shows({"handover": "text", "holds": "groups log"})

    text: str | None
    groups: list[GroupView]
    log: list[LogView]


class DutyView(Shown):
    """The shift that is running: since when, its log, what is open, and the hand-overs before."""

    __shows__ = shows(
        {
            "L2 work": "since may_write may_give leading waiting",
            "holds": "log groups handovers",
        }
    )

    since: datetime | None
    log: list[LogView]
    groups: list[GroupView]
    handovers: list[HandoverRow]
    #: The hand-over that waits for its second signature.
    waiting: UUID | None
    may_write: bool
    may_give: bool
    #: The viewer is the leader on duty.
    leading: bool


class LogForm(BaseModel):
    """``case``: the number of the case that it is about."""

    model_config = ConfigDict(extra="forbid")

    kind: LogKind
    text: str = Field(min_length=1, max_length=LINE_MAX_CHARACTERS)
    happened_at: AwareDatetime | None = None
    case: str | None = Field(None, max_length=40)
    area: str | None = Field(None, max_length=100)


class GiveHandoverForm(BaseModel):
    """``text``: what the next shift should know besides."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field("", max_length=LINE_MAX_CHARACTERS)
    area: str | None = Field(None, max_length=100)
