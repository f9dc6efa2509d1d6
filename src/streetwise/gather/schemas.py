"""What crosses the API of gather."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from streetwise.kernel.shown import Shown, shows


class CodeName(Shown):
    """A thing with a code and a name."""

    __shows__ = shows({"source": "code name"})

    code: str
    name: str


class SignalView(Shown):
    """A signal as shown: masked."""

    __shows__ = shows(
        {
            "signal": (
                "id source=source_id channel upstream_key=source_key received_at reported_at "
                "title text text_withheld masked reply replied_at upstream_category "
                "place_text lon lat is_update=refers_to answer_by"
            ),
        }
    )

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


class MappingView(Shown):
    """A mapping that an import can use."""

    __shows__ = shows({"L1 catalogue": "name title title_en description area columns"})

    name: str
    title: str
    title_en: str
    description: str
    area: str | None
    columns: list[str]


class ImportView(Shown):
    """An import and how far it is. ``rows_triaged`` counts signals that found their case."""

    __shows__ = shows(
        {
            "import_batch": (
                "id mapping area file_name state rows_total rows_read rows_new rows_known "
                "rows_bad created_at finished_at by=actor problem"
            ),
            "L2 work": "rows_triaged",
        }
    )

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


class ImportList(Shown):
    """The newest imports."""

    __shows__ = shows({"holds": "items"})

    items: list[ImportView]


class QuarantineView(Shown):
    """A row that could not be used; its content stays in the vault."""

    __shows__ = shows({"quarantine": "row code column reason"})

    row: int
    code: str
    column: str | None
    reason: str


class QuarantinePage(Shown):
    """Rows in quarantine, in the order of the file."""

    __shows__ = shows({"holds": "items", "L2 work": "next_cursor"})

    items: list[QuarantineView]
    next_cursor: str | None
