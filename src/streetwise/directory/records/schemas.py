"""What crosses the API of the directory's records."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from streetwise.directory.records.kinds import ColumnType

#: Most changes in one request; more than that is a folder.
CHANGES_MAX = 500


class ColumnView(BaseModel):
    """A column of a kind; ``open_choices``: other values are taken too."""

    name: str
    label: str
    label_en: str
    type: ColumnType
    required: bool
    ref: str | None
    several: bool
    choices: list[str]
    open_choices: bool
    help: str


class KindView(BaseModel):
    """A kind of record and how many there are that have not ended."""

    kind: str
    name: str
    name_en: str
    title: str
    columns: list[ColumnView]
    count: int
    writable: bool
    by_area: bool


class RecordView(BaseModel):
    """One record. ``version`` stands for its content; ``ended_at``: from when it holds no more."""

    kind: str
    code: str
    title: str
    values: dict[str, Any]
    version: str
    ended_at: datetime | None


class RecordPage(BaseModel):
    """A page of records; ``next``: what to give as ``after`` for the following one."""

    items: list[RecordView]
    next: str | None


class FieldChange(BaseModel):
    """What a column held and holds."""

    name: str
    before: Any
    after: Any


class HistoryEntry(BaseModel):
    """One change of one record."""

    at: datetime
    actor: str
    actor_name: str | None
    reason: str
    op: Literal["new", "changed", "ended", "revived"]
    fields: list[FieldChange]


class HistoryView(BaseModel):
    """The newest changes of a record first."""

    kind: str
    code: str
    entries: list[HistoryEntry]


class Change(BaseModel):
    """A record to write, or to end. ``values`` may name only the columns that change.

    ``code`` empty: a new record of a kind whose codes are given by the system. ``version``: that
    of the record which the change was decided on; None for a new one.
    """

    model_config = ConfigDict(extra="forbid")
    kind: str = Field(max_length=40)
    code: str = Field(default="", max_length=500)
    op: Literal["put", "end"]
    values: dict[str, Any] = Field(default_factory=dict)
    version: str | None = Field(default=None, max_length=100)


class ChangeSet(BaseModel):
    """Changes that are made together or not at all."""

    model_config = ConfigDict(extra="forbid")
    area: str | None = Field(default=None, max_length=100)
    changes: list[Change] = Field(min_length=1, max_length=CHANGES_MAX)


class DecidedChanges(ChangeSet):
    """Changes, why they are made, and the digest of the preview that was looked at."""

    reason: str = Field(min_length=1, max_length=500)
    digest: str = Field(min_length=1, max_length=100)


class Effect(BaseModel):
    """What would happen to a record."""

    kind: str
    code: str
    title: str
    op: Literal["new", "changed", "ended", "revived"]
    fields: list[FieldChange]


class Touch(BaseModel):
    """What refers to a record: a sentence's key, how many, and a few of them."""

    key: str
    kind: str
    code: str
    count: int
    examples: list[str]


class EffectCount(BaseModel):
    """How many records of a kind would be new, changed, ended or revived."""

    kind: str
    op: Literal["new", "changed", "ended", "revived"]
    count: int


class Preview(BaseModel):
    """What would change. ``effects`` holds the first ones, ``counts`` all of them.

    ``mistakes``: nothing can be applied while there is one. ``left_out``: files that an upload
    does not touch. ``digest`` goes with the request that applies it.
    """

    area: str
    counts: list[EffectCount]
    effects: list[Effect]
    touches: list[Touch]
    mistakes: list[str]
    left_out: list[str]
    digest: str


class Applied(BaseModel):
    """What was changed."""

    area: str
    counts: list[EffectCount]


class MeaningView(BaseModel):
    """A class that stands for another. ``steps``: over how many lines of the crosswalks."""

    scheme: str
    version: str
    code: str
    name: str | None
    relation: str
    steps: int


class PlaceSuggestion(BaseModel):
    """A place for a form: ``via`` is the name or alias that was found, ``number`` a house number.

    WGS-84. ``inexact``: the point is the road's or the compound's, not the house's.
    """

    code: str
    name: str
    kind: str
    via: str
    number: str | None
    parent_name: str | None
    lon: float
    lat: float
    grid_code: str | None
    grid_name: str | None
    community_name: str | None
    inexact: bool


class PlaceSuggestions(BaseModel):
    """The best places first."""

    items: list[PlaceSuggestion]
