"""What crosses the API of handling times."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows


class BaselineForm(BaseModel):
    """The first and the last day of the period to be frozen."""

    model_config = ConfigDict(extra="forbid")

    area: str | None = Field(None, max_length=100)
    since: date
    until: date


class BaselineView(Shown):
    """A frozen period; ``left_out``: cases of it that are not compared with."""

    __shows__ = shows({"speed_baseline": "id number start stop frozen_at cases left_out"})

    id: UUID
    number: int
    start: datetime
    stop: datetime
    frozen_at: datetime
    cases: int
    left_out: int


class SpeedRatioView(Shown):
    """Times of now to times before, with its interval of 95 %; ``high`` none: it has no end."""

    __shows__ = shows({"L2 work": "ratio low high"})

    ratio: float
    low: float
    high: float | None


class SpeedLineView(Shown):
    """A unit, a class, a month, or all (``key`` none); medians in hours. ``ratio`` none: too few
    cases to say.
    """

    __shows__ = shows(
        {
            "L2 work": "key name before after open median_before median_after",
            "holds": "ratio",
        }
    )

    key: str | None
    name: str | None
    before: int
    after: int
    open: int
    median_before: float | None
    median_after: float | None
    ratio: SpeedRatioView | None


class SpeedBriefView(Shown):
    """What the tile says; all none where no baseline is frozen."""

    __shows__ = shows({"holds": "baseline total"})

    baseline: BaselineView | None
    total: SpeedLineView | None


class CurvePoint(Shown):
    """The share of cases that is done so many hours after they began."""

    __shows__ = shows({"L2 work": "hours before after"})

    hours: float
    before: float
    after: float


class SpeedReportView(Shown):
    """A period beside the baseline. ``crude``: with the mix of cases left in. ``unlike``: cases
    that nothing is like, before and now; ``left_out``: of now, not compared at all.
    """

    __shows__ = shows(
        {
            "holds": "total crude classes units months curve",
            "L2 work": "unlike_before unlike_after left_out p90_before p90_after",
        }
    )

    total: SpeedLineView
    crude: SpeedRatioView | None
    unlike_before: int
    unlike_after: int
    left_out: int
    p90_before: float | None
    p90_after: float | None
    classes: list[SpeedLineView]
    units: list[SpeedLineView]
    months: list[SpeedLineView]
    curve: list[CurvePoint]


class SpeedView(Shown):
    """Did it get faster? ``report`` none where no baseline is frozen."""

    __shows__ = shows(
        {
            "holds": "baseline known report",
            "L2 work": "start stop end window_days",
            "L1 system": "may_freeze",
        }
    )

    baseline: BaselineView | None
    known: list[BaselineView]
    start: datetime
    stop: datetime
    end: Literal["reported", "closed"]
    window_days: int
    may_freeze: bool
    report: SpeedReportView | None
