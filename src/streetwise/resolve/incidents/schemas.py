"""What crosses the API of incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.schemas import ActorView
from streetwise.resolve.words import State

TEXT_MAX_CHARACTERS = 4000
Level = Annotated[int, Field(ge=1, le=4)]


class TellView(Shown):
    """Who must be told of a report, how, by when; and when it was done."""

    __shows__ = shows(
        {"incident_tell": "id recipient way due_at told_at", "L2 work": "late", "holds": "told_by"}
    )

    id: UUID
    recipient: Literal["leader_on_duty", "commander", "district_duty", "district_bureau"]
    way: Literal["phone", "written"]
    due_at: datetime
    late: bool
    told_at: datetime | None
    told_by: ActorView | None


class ReportView(Shown):
    """A report; without words it is owed."""

    __shows__ = shows(
        {
            "incident_report": "id n kind since written_at note=body_id",
            "L2 report": "text",
            "holds": "written_by tells",
        }
    )

    id: UUID
    n: int
    kind: Literal["first", "follow_up", "final"]
    since: datetime
    text: str | None
    note: UUID | None
    written_at: datetime | None
    written_by: ActorView | None
    tells: list[TellView]


class IncidentCase(Shown):
    """The case that is reported."""

    __shows__ = shows({"cases": "id number title state place_text"})

    id: UUID
    number: str
    title: str
    state: State
    place_text: str | None


class IncidentView(Shown):
    """An incident, whole. ``street``: who reports; ``late``: how many tellings are past due."""

    __shows__ = shows(
        {
            "incident": "id version level state happened_at known_at opened_at over_at",
            "L2 work": "late may_write",
            "L1 catalogue": "street",
            "holds": "case opened_by reports",
        }
    )

    id: UUID
    version: int
    level: int
    state: Literal["open", "over", "done"]
    happened_at: datetime
    known_at: datetime
    opened_at: datetime
    opened_by: ActorView | None
    over_at: datetime | None
    case: IncidentCase
    street: str
    reports: list[ReportView]
    late: int
    may_write: bool


class IncidentList(Shown):
    """Incidents of an area, those that go on first."""

    __shows__ = shows({"holds": "items"})

    items: list[IncidentView]


class CaseIncident(Shown):
    """The incident of a case, if it is one, and whether this viewer may make it one."""

    __shows__ = shows({"L2 work": "may_open", "holds": "incident"})

    incident: IncidentView | None
    may_open: bool


class OpenForm(BaseModel):
    """``level``: 1 特别重大 to 4 一般."""

    model_config = ConfigDict(extra="forbid")

    level: Level
    happened_at: AwareDatetime
    known_at: AwareDatetime | None = None


class LevelForm(BaseModel):
    """Another grade."""

    model_config = ConfigDict(extra="forbid")

    level: Level


class ReportForm(BaseModel):
    """The words of the report that is owed."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=TEXT_MAX_CHARACTERS)
