"""What crosses the API of reports."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows

FormName = Literal["docx", "pdf", "xlsx"]
KindName = Literal["daily", "weekly", "monthly"]
StateName = Literal["waiting", "made", "failed"]


class ReportFileView(Shown):
    """A form in which it can be had."""

    __shows__ = shows({"report_file": "form bytes"})

    form: FormName
    bytes: int


class ReportLineView(Shown):
    """A report; ``same``: says what the edition before said, in all forms. ``by_itself``: nobody
    ordered it."""

    __shows__ = shows(
        {
            "report": (
                "id kind name edition start=start_at end=end_at rules state failure ordered_at "
                "made_at"
            ),
            "L2 work": "same by_itself",
            "holds": "files",
        }
    )

    id: UUID
    kind: KindName
    name: str
    edition: int
    start: datetime
    end: datetime
    rules: str
    state: StateName
    failure: str | None
    ordered_at: datetime
    made_at: datetime | None
    same: bool
    by_itself: bool
    files: list[ReportFileView]


class ReportPeriodView(Shown):
    """A period that is over and can be reported of."""

    __shows__ = shows({"L2 work": "kind name"})

    kind: KindName
    name: str


class ReportsView(Shown):
    """The reports of an area, the latest period first, and what can be ordered."""

    __shows__ = shows({"holds": "items periods", "L2 work": "may_make"})

    items: list[ReportLineView]
    periods: list[ReportPeriodView]
    may_make: bool


class ReportSeriesView(Shown):
    """Values of a chart; ``told``: as they are shown."""

    __shows__ = shows({"L2 work": "name values told"})

    name: str
    values: list[float | None]
    told: list[str]


class ReportBlockView(Shown):
    """A paragraph (``text``), a table (``columns``, ``numeric``, ``rows``) or a chart (``shape``,
    ``labels``, ``series``)."""

    __shows__ = shows(
        {"L2 work": "kind title text columns numeric rows total shape labels", "holds": "series"}
    )

    kind: Literal["paragraph", "table", "chart"]
    title: str = ""
    text: str = ""
    columns: list[str] = Field(default_factory=list)
    numeric: list[bool] = Field(default_factory=list)
    #: As they are shown, so that the page says what the files say.
    rows: list[list[str]] = Field(default_factory=list)
    total: bool = False
    shape: Literal["bar", "line"] | None = None
    labels: list[str] = Field(default_factory=list)
    series: list[ReportSeriesView] = Field(default_factory=list)


class ReportSectionView(Shown):
    """A heading with what stands below it."""

    __shows__ = shows({"L2 work": "title", "holds": "blocks"})

    title: str
    blocks: list[ReportBlockView]


class WholeReportView(Shown):
    """A whole report to be read; without sections while it is not made."""

    __shows__ = shows({"L2 work": "title subtitle notes", "holds": "line sections"})

    line: ReportLineView
    title: str
    subtitle: str
    notes: list[str]
    sections: list[ReportSectionView]


class ReportContent(Shown):
    """A report as a file."""

    __shows__ = shows({"L2 work": "content"})

    content: bytes


class ReportOrderForm(BaseModel):
    """Which report: of the period of this name (2026-05-11, 2026-W20, 2026-05)."""

    model_config = ConfigDict(extra="forbid")

    kind: KindName
    name: str = Field(min_length=1, max_length=20)
    area: str | None = Field(default=None, max_length=100)
