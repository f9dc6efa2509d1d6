"""What crosses the API where a case is split."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.desk.schemas import Opened
from streetwise.resolve.splitting.plan import LAST_PART, PARTS_MOST, SPANS_MOST

TITLE_MOST = 80
VOICES_MOST = 1000

#: From (inclusive) and to (exclusive), in characters (not UTF-16 units) of the masked text.
SpanForm = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=1)]]


class SplitVoice(BaseModel):
    """A voice of the case; ``spans``: which of its words tell of the problem, none: all."""

    model_config = ConfigDict(extra="forbid")
    signal_id: UUID
    part: int = Field(0, ge=0, le=LAST_PART)
    spans: list[SpanForm] = Field(default_factory=list, max_length=SPANS_MOST)


class SplitPart(BaseModel):
    """One problem. Where ``title``, ``category`` (scheme:code) or ``place`` (a code of the
    gazetteer) are not said, the old case keeps its own and a new one has what is understood of its
    words. ``orders``: work orders that stay with it; one that nobody names goes with the first
    problem that its voice tells of.
    """

    model_config = ConfigDict(extra="forbid")
    title: str | None = Field(None, min_length=1, max_length=TITLE_MOST)
    category: str | None = Field(None, max_length=200)
    place: str | None = Field(None, max_length=100)
    voices: list[SplitVoice] = Field(min_length=1, max_length=VOICES_MOST)
    orders: list[UUID] = Field(default_factory=list, max_length=VOICES_MOST)


class SplitForm(BaseModel):
    """The problems that a case holds; the first stays the old case."""

    model_config = ConfigDict(extra="forbid")
    parts: list[SplitPart] = Field(min_length=2, max_length=PARTS_MOST)


class SplitDone(Shown):
    """The cases of a split: the old one and those that were opened, in the order of the form."""

    __shows__ = shows({"holds": "cases"})

    cases: list[Opened]
