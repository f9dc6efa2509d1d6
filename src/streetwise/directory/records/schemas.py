"""What crosses the API of the directory's records."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from streetwise.directory.records.kinds import ColumnType
from streetwise.kernel.shown import Shown, Withholding, shows

#: Most changes in one request; more than that is a folder.
CHANGES_MAX = 500


class ColumnView(Shown):
    """A column of a kind; ``open_choices``: other values are taken too."""

    __shows__ = shows(
        {
            "L1 catalogue": (
                "name label label_en type required ref several choices open_choices help"
            ),
        }
    )

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


class KindView(Shown):
    """A kind of record and how many there are that have not ended."""

    __shows__ = shows(
        {
            "L1 catalogue": "kind name name_en title count by_area",
            "holds": "columns",
            "L1 own": "writable",
        }
    )

    kind: str
    name: str
    name_en: str
    title: str
    columns: list[ColumnView]
    count: int
    writable: bool
    by_area: bool


class RecordView(Shown):
    """One record. ``version`` stands for its content; ``ended_at``: from when it holds no more."""

    __shows__ = shows(
        {
            "L1 catalogue": "kind code title values ended_at",
            "L1 system": "version",
        }
    )

    kind: str
    code: str
    title: str
    values: dict[str, Any]
    version: str
    ended_at: datetime | None


class RecordFile(Shown):
    """Records as a file: a table, or the whole folder. Each column is one of a record."""

    __shows__ = shows({"L1 catalogue": "content"})

    content: bytes


class RecordPage(Shown):
    """A page of records; ``next``: what to give as ``after`` for the following one."""

    __shows__ = shows({"holds": "items", "L1 catalogue": "next"})

    items: list[RecordView]
    next: str | None


class FieldChange(Shown):
    """What a column held and holds."""

    __shows__ = shows({"L1 catalogue": "name before after"})

    name: str
    before: Any
    after: Any


class HistoryEntry(Withholding):
    """One change of one record."""

    __shows__ = shows(
        {
            "directory_history": "at op actor reason fields=after",
            "L2 staff": "actor_name",
        }
    )

    at: datetime
    actor: str | None
    actor_name: str | None
    reason: str | None
    op: Literal["new", "changed", "ended", "revived"]
    fields: list[FieldChange] | None


class HistoryView(Shown):
    """The newest changes of a record first."""

    __shows__ = shows({"directory_history": "kind code", "holds": "entries"})

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


class Effect(Shown):
    """What would happen to a record."""

    __shows__ = shows({"L1 catalogue": "kind code title op fields"})

    kind: str
    code: str
    title: str
    op: Literal["new", "changed", "ended", "revived"]
    fields: list[FieldChange]


class Touch(Shown):
    """What refers to a record: a sentence's key, how many, and a few of them."""

    __shows__ = shows({"L1 catalogue": "key kind code count examples"})

    key: str
    kind: str
    code: str
    count: int
    examples: list[str]


class EffectCount(Shown):
    """How many records of a kind would be new, changed, ended or revived."""

    __shows__ = shows({"L1 catalogue": "kind op count"})

    kind: str
    op: Literal["new", "changed", "ended", "revived"]
    count: int


class Preview(Shown):
    """What would change. ``effects`` holds the first ones, ``counts`` all of them.

    ``mistakes``: nothing can be applied while there is one. ``left_out``: files that an upload
    does not touch. ``digest`` goes with the request that applies it.
    """

    __shows__ = shows(
        {
            "L1 catalogue": "area mistakes left_out",
            "L1 system": "digest",
            "holds": "counts effects touches",
        }
    )

    area: str
    counts: list[EffectCount]
    effects: list[Effect]
    touches: list[Touch]
    mistakes: list[str]
    left_out: list[str]
    digest: str


class Applied(Shown):
    """What was changed."""

    __shows__ = shows({"L1 catalogue": "area", "holds": "counts"})

    area: str
    counts: list[EffectCount]


class MeaningView(Shown):
    """A class that stands for another. ``steps``: over how many lines of the crosswalks."""

    __shows__ = shows({"L1 catalogue": "scheme version code name relation steps"})

    scheme: str
    version: str
    code: str
    name: str | None
    relation: str
    steps: int


class PlaceSuggestion(Shown):
    """A place for a form: ``via`` is the name or alias that was found, ``number`` a house number.

    WGS-84. ``inexact``: the point is the road's or the compound's, not the house's.
    """

    __shows__ = shows(
        {
            "place": "code name kind via=aliases number=numbers parent_name=parent lon lat",
            "grid": "grid_code=code grid_name=name",
            "unit": "community_name=name",
            "L1 system": "inexact",
        }
    )

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


class PlaceSuggestions(Shown):
    """The best places first."""

    __shows__ = shows({"holds": "items"})

    items: list[PlaceSuggestion]
