"""What crosses the API of the vault. Values come in and go out in bodies, never in addresses."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.resolve.schemas import CaseRow

REASON_MAX_CHARACTERS = 500
VALUE_MAX_CHARACTERS = 100


class FieldView(BaseModel):
    """A field without its value. ``at``: where its token begins in the text ``place``."""

    n: int
    kind: str
    grade: str
    place: str
    at: int | None


class PersonalView(BaseModel):
    """What the vault holds of one signal or note; ``forgotten``: it was destroyed."""

    item: UUID
    forgotten: bool
    fields: list[FieldView]


class PurposeView(BaseModel):
    """A purpose to choose."""

    code: str
    name: str
    name_en: str
    needs_reason: bool


class CasePersonalView(BaseModel):
    """What the vault holds of a case, and what it may be read for."""

    items: list[PersonalView]
    purposes: list[PurposeView]
    restricted: bool


class RevealForm(BaseModel):
    """What the value is needed for. The reason is stored masked, outside the journal."""

    model_config = ConfigDict(extra="forbid")
    purpose: str = Field(max_length=50)
    reason: str | None = Field(None, max_length=REASON_MAX_CHARACTERS)


class Revealed(BaseModel):
    """One value in the clear."""

    kind: str
    value: str


class SearchForm(RevealForm):
    """A value to look for, whole."""

    kind: str = Field(max_length=50)
    value: str = Field(max_length=VALUE_MAX_CHARACTERS)


class VaultSearchResult(BaseModel):
    """The viewer's cases in which the value stands, newest first."""

    cases: list[CaseRow]


class NumberForm(BaseModel):
    """A number of a kind."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field(max_length=50)
    value: str = Field(max_length=VALUE_MAX_CHARACTERS)


class ForgetTarget(BaseModel):
    """What is to be forgotten: one signal, by its id or upstream number, or a number.

    ``whole_reporter``: everything of the reporter of that signal.
    """

    model_config = ConfigDict(extra="forbid")
    signal: UUID | None = None
    upstream_key: str | None = Field(None, max_length=200)
    number: NumberForm | None = None
    whole_reporter: bool = False


class ForgetForm(ForgetTarget):
    """A forgetting, with its reason (stored masked, outside the journal)."""

    reason: str = Field(max_length=REASON_MAX_CHARACTERS)


class ForgetView(BaseModel):
    """How much a forgetting concerns, or has destroyed."""

    items: int
    reporters: int


class RotationView(BaseModel):
    """How far the newest generation of keys is."""

    generation: int
    total: int
    done: int
    made_at: datetime | None
    finished_at: datetime | None
    running: bool


class VaultNumbers(BaseModel):
    """How much there is, and how much was forgotten."""

    items: int
    fields: int
    reporters: int
    items_forgotten: int
    reporters_forgotten: int


class UseView(BaseModel):
    """One use of the vault, for who checks it."""

    at: datetime
    action: str
    by: str | None
    unit: str | None
    case_number: str | None
    kind: str | None
    purpose: str | None
    reason: str | None
