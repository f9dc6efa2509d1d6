"""What crosses the API of clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.schemas import NoteView, StepView
from streetwise.resolve.words import DueState


class ClockView(Shown):
    """A clock of a case. ``left_seconds``: of the time that counts, where it stands still."""

    __shows__ = shows(
        {
            "unit": "unit=name",
            "case_clock": "id kind scheme state started_at due_at why stopped_at",
            "work_order": "order_number=number",
            "L2 work": "due_state left_seconds office_time extended",
        }
    )

    id: UUID
    kind: str
    scheme: str | None
    unit: str | None
    order_number: str | None
    state: Literal["running", "paused", "met", "late"]
    started_at: datetime
    due_at: datetime | None
    due_state: DueState
    stopped_at: datetime | None
    left_seconds: int | None
    #: Whether only office time counts.
    office_time: bool
    extended: int
    why: list[StepView]


class ConditionView(Shown):
    """A condition of the case's class, as it can be picked; its limit, where it has one."""

    __shows__ = shows({"taxonomy_class": "code=conditions text=conditions limit=conditions"})

    code: str
    text: str
    limit: dict[str, Any] | None


class RequestView(Shown):
    """What was asked for of a case, and what became of it."""

    __shows__ = shows(
        {"case_request": "kind state asked_at until decided_at", "holds": "note decision"}
    )

    kind: Literal["extension", "suspension"]
    state: Literal["open", "granted", "refused", "lapsed"]
    asked_at: datetime
    until: datetime | None
    decided_at: datetime | None
    note: NoteView | None
    decision: NoteView | None


class CaseClocks(Shown):
    """Why a case is due when it is: all of its clocks, and what was asked for."""

    __shows__ = shows(
        {
            "cases": (
                "version condition=category_condition suspended_until extended suspended "
                "scheme=clock_scheme"
            ),
            "L2 work": "extensions_most suspensions_most",
            "L1 system": "now",
            "holds": "clocks requests conditions",
        }
    )

    version: int
    now: datetime
    scheme: str | None
    condition: str | None
    conditions: list[ConditionView]
    clocks: list[ClockView]
    requests: list[RequestView]
    extended: int
    extensions_most: int
    suspended: int
    suspensions_most: int
    suspended_until: datetime | None
