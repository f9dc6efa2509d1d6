"""What crosses the API of hazards."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.schemas import ActorView, CaseRow, UnitOffer
from streetwise.resolve.words import Named

TEXT_MAX_CHARACTERS = 2000
HazardState = Literal["found", "ordered", "rectified", "passed", "written_off"]
HazardAction = Literal["assess", "order", "rectify", "recheck", "write_off"]
Level = Literal["general", "major"]
What = Literal["found", "rectified", "written_off", "open", "overdue"]


class HazardOrderView(Shown):
    """An order to rectify (责令整改通知书), and what came of it."""

    __shows__ = shows(
        {
            "hazard_order": (
                "id n number rectify_by ordered_at rectified_at rechecked_at passed "
                "measure_note=measure_id report_note=report_id recheck_note=recheck_id"
            ),
            "note": "measure=text report=text recheck=text",
            "L2 work": "late",
            "L1 catalogue": "premises",
            "holds": "unit ordered_by rectified_by rechecked_by",
        }
    )

    id: UUID
    n: int
    number: str
    unit: Named
    premises: str | None
    measure: str
    measure_note: UUID
    rectify_by: datetime
    late: bool
    ordered_at: datetime
    ordered_by: ActorView | None
    rectified_at: datetime | None
    rectified_by: ActorView | None
    report: str | None
    report_note: UUID | None
    rechecked_at: datetime | None
    rechecked_by: ActorView | None
    passed: bool | None
    recheck: str | None
    recheck_note: UUID | None


class HazardOffer(Shown):
    """An action that this viewer may take now. ``due``: when an order of a level is proposed to
    be rectified by."""

    __shows__ = shows({"L2 work": "action needs results due_general due_major", "holds": "units"})

    action: HazardAction
    needs: list[str]
    results: list[str]
    units: list[UnitOffer]
    due_general: datetime | None
    due_major: datetime | None


class HazardView(Shown):
    """The hazard of a case; ``state`` None: the case is none. ``version``: the ETag."""

    __shows__ = shows(
        {
            "hazard": "version state kind level found_how rectified_at written_off_at",
            "L1 catalogue": "kinds",
            "holds": "orders actions",
        }
    )

    version: int
    state: HazardState | None
    kind: str
    level: Level
    found_how: str
    rectified_at: datetime | None
    written_off_at: datetime | None
    orders: list[HazardOrderView]
    actions: list[HazardOffer]
    kinds: list[str]


class HazardForm(BaseModel):
    """What comes with an action."""

    model_config = ConfigDict(extra="forbid")
    kind: str | None = Field(None, max_length=50)
    level: Level | None = None
    unit: str | None = Field(None, max_length=100)
    premises: str | None = Field(None, max_length=100)
    note: str | None = Field(None, max_length=TEXT_MAX_CHARACTERS)
    until: AwareDatetime | None = None
    result: Literal["pass", "fail"] | None = None


class HazardLetter(Shown):
    """An order as a document, in Chinese: what stands before its measure and after it."""

    __shows__ = shows(
        {
            "cases": "case_id=id case_number=number",
            "L1 catalogue": "heading office addressee dated",
            "L2 report": "before after",
            "holds": "order",
        }
    )

    order: HazardOrderView
    case_id: UUID
    case_number: str
    heading: str
    office: str
    addressee: str
    before: list[str]
    after: list[str]
    dated: str


class MonthCell(Shown):
    """What is counted of a kind in a month; open and overdue are so at its end."""

    __shows__ = shows({"L2 work": "month kind found rectified written_off open overdue"})

    month: date
    kind: str
    found: int
    rectified: int
    written_off: int
    open: int
    overdue: int


class MonthsView(Shown):
    """The monthly count. ``compared_with``: what a real platform found in a month."""

    __shows__ = shows(
        {"L1 catalogue": "kinds compared_with", "L2 work": "months now", "holds": "cells"}
    )

    now: datetime
    months: list[date]
    kinds: list[str]
    cells: list[MonthCell]
    compared_with: int


class HazardRow(Shown):
    """A line of the list behind a number."""

    __shows__ = shows(
        {
            "hazard": "state kind level",
            "hazard_order": "number rectify_by",
            "L2 work": "late",
            "holds": "case",
        }
    )

    case: CaseRow
    state: HazardState | None
    kind: str
    level: Level
    number: str | None
    rectify_by: datetime | None
    late: bool


class HazardPage(Shown):
    """A page of that list; ``count``: of all pages."""

    __shows__ = shows({"L2 work": "count", "holds": "items"})

    items: list[HazardRow]
    count: int
