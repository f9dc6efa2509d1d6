"""What crosses the API of the daily reconciliation."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.reconcile.engine import Kind, Why
from streetwise.resolve.words import Named, State

TEXT_MAX_CHARACTERS = 2000
LineState = Literal["open", "explained", "gone"]


class KindCount(Shown):
    """How many lines of a kind last: not explained by anybody, and explained."""

    __shows__ = shows({"L1 catalogue": "kind", "L2 work": "open explained"})

    kind: Kind
    open: int
    explained: int


class RunView(Shown):
    """The last run of a platform. ``whole_at``: null where no list of all open orders was new
    enough, so that what is only here cannot be known; ``unread``: rows of its last file that could
    not be used."""

    __shows__ = shows(
        {
            "reconciliation": (
                "source=source_id scheme day made_at list_at whole_at unread ours theirs fresh gone"
            ),
            "holds": "kinds",
        }
    )

    source: Named
    scheme: str
    day: date
    made_at: datetime
    list_at: datetime | None
    whole_at: datetime | None
    unread: int
    ours: int
    theirs: int
    fresh: int
    gone: int
    kinds: list[KindCount]


class ReasonView(Shown):
    """What may be said of a difference."""

    __shows__ = shows({"L1 catalogue": "code name name_en"})

    code: str
    name: str
    name_en: str


class ReconciliationView(Shown):
    """The last run of each platform. ``at_hour``: from when on they are compared every day."""

    __shows__ = shows({"holds": "runs reasons", "L1 system": "may_explain at_hour"})

    runs: list[RunView]
    reasons: list[ReasonView]
    may_explain: bool
    at_hour: int


class LineCase(Shown):
    """The case of a line's order, in a few words."""

    __shows__ = shows({"cases": "id number title state"})

    id: UUID
    number: str
    title: str
    state: State


class LineView(Shown):
    """A difference. ``ours`` and ``theirs``: a word of the state, or a time; ``text`` is masked."""

    __shows__ = shows(
        {
            "reconciliation_line": (
                "id version source=source_id scheme number kind why ours theirs first_day last_day "
                "state gone_at because text explained_at"
            ),
            "L1 staff": "explained_by",
            "holds": "case",
        }
    )

    id: UUID
    version: int
    source: Named
    scheme: str
    number: str
    kind: Kind
    why: Why
    ours: str
    theirs: str
    first_day: date
    last_day: date
    state: LineState
    gone_at: datetime | None
    because: str | None
    text: str | None
    explained_at: datetime | None
    explained_by: str | None
    case: LineCase | None


class LinePage(Shown):
    """A page of differences: what nobody has explained first, the oldest first."""

    __shows__ = shows({"holds": "items", "L2 work": "next_cursor"})

    items: list[LineView]
    next_cursor: str | None


class ExplainForm(BaseModel):
    """Why a difference is there."""

    model_config = ConfigDict(extra="forbid")
    because: str = Field(max_length=50)
    text: str = Field(max_length=TEXT_MAX_CHARACTERS)
