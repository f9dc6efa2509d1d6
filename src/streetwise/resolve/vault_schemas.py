"""What crosses the API of the vault. Values come in and go out in bodies, never in addresses."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.schemas import CaseRow

REASON_MAX_CHARACTERS = 500
VALUE_MAX_CHARACTERS = 100


class FieldView(Shown):
    """A field without its value. ``at``: where its token begins in the text ``place``."""

    __shows__ = shows({"vault_field": "n kind grade place at"})

    n: int
    kind: str
    grade: str
    place: str
    at: int | None


class PersonalView(Shown):
    """What the vault holds of one signal or note; ``forgotten``: it was destroyed."""

    __shows__ = shows(
        {
            "vault_item": "item=id",
            "vault_key": "forgotten=destroyed_at",
            "holds": "fields",
        }
    )

    item: UUID
    forgotten: bool
    fields: list[FieldView]


class PurposeView(Shown):
    """A purpose to choose."""

    __shows__ = shows({"L1 catalogue": "code name name_en needs_reason"})

    code: str
    name: str
    name_en: str
    needs_reason: bool


class CasePersonalView(Shown):
    """What the vault holds of a case, and what it may be read for."""

    __shows__ = shows({"holds": "items purposes", "L1 own": "restricted"})

    items: list[PersonalView]
    purposes: list[PurposeView]
    restricted: bool


class RevealForm(BaseModel):
    """What the value is needed for. The reason is stored masked, outside the journal."""

    model_config = ConfigDict(extra="forbid")
    purpose: str = Field(max_length=50)
    reason: str | None = Field(None, max_length=REASON_MAX_CHARACTERS)


class Revealed(Shown):
    """One value in the clear."""

    __shows__ = shows({"vault_field": "kind", "L3 personal": "value"})

    kind: str
    value: str


class SearchForm(RevealForm):
    """A value to look for, whole."""

    kind: str = Field(max_length=50)
    value: str = Field(max_length=VALUE_MAX_CHARACTERS)


class VaultSearchResult(Shown):
    """The viewer's cases in which the value stands, newest first."""

    __shows__ = shows({"holds": "cases"})

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


class ForgetView(Shown):
    """How much a forgetting concerns, or has destroyed."""

    __shows__ = shows({"L2 system": "items reporters"})

    items: int
    reporters: int


class RotationView(Shown):
    """How far the newest generation of keys is."""

    __shows__ = shows(
        {
            "vault_generation": (
                "generation=id total=keys_total done=keys_done made_at finished_at"
            ),
            "L2 system": "running",
        }
    )

    generation: int
    total: int
    done: int
    made_at: datetime | None
    finished_at: datetime | None
    running: bool


class VaultNumbers(Shown):
    """How much there is, and how much was forgotten."""

    __shows__ = shows(
        {
            "L2 system": "items fields reporters items_forgotten reporters_forgotten",
        }
    )

    items: int
    fields: int
    reporters: int
    items_forgotten: int
    reporters_forgotten: int


class UseView(Shown):
    """One use of the vault, for who checks it."""

    __shows__ = shows(
        {
            "journal": "at action",
            "L2 staff": "by unit",
            "cases": "case_number=number",
            "L2 work": "kind purpose",
            "vault_reason": "reason=text",
        }
    )

    at: datetime
    action: str
    by: str | None
    unit: str | None
    case_number: str | None
    kind: str | None
    purpose: str | None
    reason: str | None
