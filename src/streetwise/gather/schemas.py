"""What crosses the API of gather."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel


class CodeName(BaseModel):
    """A thing with a code and a name."""

    code: str
    name: str


class SignalView(BaseModel):
    """A signal as shown: masked."""

    id: UUID
    source: CodeName
    channel: str | None
    upstream_key: str | None
    received_at: datetime
    reported_at: datetime
    title: str | None
    text: str | None
    text_withheld: bool
    masked: dict[str, int]
    reply: str | None
    replied_at: datetime | None
    upstream_category: str | None
    place_text: str | None
    lon: float | None
    lat: float | None
    is_update: bool
    answer_by: Literal["phone", "message", "letter", "none"] | None


class MappingView(BaseModel):
    """A mapping that an import can use."""

    name: str
    title: str
    title_en: str
    description: str
    area: str | None
    columns: list[str]


class ImportView(BaseModel):
    """An import and how far it is. ``rows_triaged`` counts signals that found their case."""

    id: UUID
    mapping: str
    area: str
    file_name: str
    state: Literal["queued", "running", "done", "failed"]
    rows_total: int
    rows_read: int
    rows_new: int
    rows_known: int
    rows_bad: int
    rows_triaged: int
    created_at: datetime
    finished_at: datetime | None
    by: str | None
    problem: dict[str, Any] | None


class ImportList(BaseModel):
    """The newest imports."""

    items: list[ImportView]


class QuarantineView(BaseModel):
    """A row that could not be used; its content stays in the vault."""

    row: int
    code: str
    column: str | None
    reason: str


class QuarantinePage(BaseModel):
    """Rows in quarantine, in the order of the file."""

    items: list[QuarantineView]
    next_cursor: str | None
