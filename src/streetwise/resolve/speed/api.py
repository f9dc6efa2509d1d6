"""Routes of handling times against a baseline."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.errors import NotFound
from streetwise.resolve.flow.repository import names_of
from streetwise.resolve.periods import span
from streetwise.resolve.speed import actions, repository
from streetwise.resolve.speed.engine import Ratio
from streetwise.resolve.speed.report import (
    NOTHING,
    WINDOW_DAYS,
    Comparison,
    Line,
    Report,
    Timed,
)
from streetwise.resolve.speed.schemas import (
    BaselineForm,
    BaselineView,
    CurvePoint,
    SpeedBriefView,
    SpeedLineView,
    SpeedRatioView,
    SpeedReportView,
    SpeedView,
)
from streetwise.resolve.speed.tables import SpeedBaseline

router = APIRouter(tags=["speed"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
Area = Annotated[str | None, Query(max_length=100)]
End = Literal["reported", "closed"]


@router.get("/speed", openapi_extra=needs("score.read"))
async def speed(
    deps: Current,
    area: Area = None,
    since: date | None = None,
    until: date | None = None,
    end: End = "reported",
    baseline: Annotated[int | None, Query(ge=1, le=10**6)] = None,
) -> SpeedView:
    """A period's handling times beside the baseline's, by class, unit and month, with intervals.

    Without days the last 90, of them those after the baseline; without ``baseline`` the newest.
    ``end``: when a case counts as done.
    """
    viewer, now = deps.viewer, deps.runtime.database.clock.now()
    viewer.require("score.read")
    async with deps.runtime.database.read(viewer) as session:
        here = await directory.area(session, viewer, area)
        zone = ZoneInfo(here.timezone)
        known = await repository.baselines(session, viewer, here.code)
        chosen = _chosen(known, baseline)
        start, stop = _days(since, until, now, zone, chosen)
        report = None
        if chosen is not None:
            before = await repository.frozen(session, viewer, chosen)
            after, left_out = await repository.timed(session, viewer, here.code, start, stop, now)
            whole = await asyncio.to_thread(_whole, before, after, end, zone)
            names = await _names(session, deps, whole)
            report = _report(whole, left_out, names)
    return SpeedView(
        baseline=_baseline(chosen) if chosen else None,
        known=[_baseline(one) for one in known],
        start=start,
        stop=stop,
        end=end,
        window_days=WINDOW_DAYS,
        may_freeze=viewer.may("baseline.freeze"),
        report=report,
    )


@router.get("/speed/brief", openapi_extra=needs("score.read"))
async def brief(deps: Current, area: Area = None) -> SpeedBriefView:
    """The last 90 days beside the newest baseline, in one ratio."""
    viewer, now = deps.viewer, deps.runtime.database.clock.now()
    viewer.require("score.read")
    async with deps.runtime.database.read(viewer) as session:
        here = await directory.area(session, viewer, area)
        zone = ZoneInfo(here.timezone)
        chosen = _chosen(await repository.baselines(session, viewer, here.code), None)
        if chosen is None:
            return SpeedBriefView(baseline=None, total=None)
        before = await repository.frozen(session, viewer, chosen)
        days = _days(None, None, now, zone, chosen)
        after, _ = await repository.timed(session, viewer, here.code, *days, now)
    line = await asyncio.to_thread(_brief, before, after, zone)
    return SpeedBriefView(baseline=_baseline(chosen), total=_line(line, {}))


@router.post("/speed/baseline", openapi_extra=needs("baseline.freeze"), status_code=201)
async def freeze(deps: Current, form: BaselineForm) -> BaselineView:
    """Freeze a period that is over: from now on times are compared with it."""
    viewer = deps.viewer
    viewer.require("baseline.freeze")
    async with deps.runtime.database.unit_of_work(viewer) as uow:
        row = await actions.freeze(uow, viewer, form.area, form.since, form.until)
        return _baseline(row)


def _days(
    since: date | None,
    until: date | None,
    now: datetime,
    zone: ZoneInfo,
    baseline: SpeedBaseline | None,
) -> tuple[datetime, datetime]:
    """The days that are looked at; unless somebody says so, none of the baseline is among them."""
    start, stop = span(since, until, now, zone)
    if since is None and baseline is not None and start < baseline.stop < stop:
        return baseline.stop, stop
    return start, stop


def _chosen(known: Sequence[SpeedBaseline], number: int | None) -> SpeedBaseline | None:
    if number is None:
        return known[0] if known else None
    found = next((one for one in known if one.number == number), None)
    if found is None:
        raise NotFound(f"There is no baseline {number}.", code="baseline_unknown", number=number)
    return found


def _whole(
    before: Sequence[Timed],
    after: Sequence[Timed],
    end: End,
    zone: ZoneInfo,
) -> Report:
    return Comparison(before, after, end, zone).whole()


def _brief(before: Sequence[Timed], after: Sequence[Timed], zone: ZoneInfo) -> Line:
    return Comparison(before, after, "reported", zone).brief()


async def _names(session: AsyncSession, deps: Deps, report: Report) -> dict[str, str]:
    units = [UUID(one.key) for one in report.units if one.key != NOTHING]
    classes = [one.key for one in report.classes if one.key != NOTHING]
    return await names_of(session, deps.viewer, units, classes)


def _report(report: Report, left_out: int, names: Mapping[str, str]) -> SpeedReportView:
    unlike_before, unlike_after = report.left_out
    return SpeedReportView(
        total=_line(report.total, names),
        crude=_ratio(report.crude),
        unlike_before=unlike_before,
        unlike_after=unlike_after,
        left_out=left_out,
        p90_before=_hours(report.p90_before),
        p90_after=_hours(report.p90_after),
        classes=_lines(report.classes, names),
        units=_lines(report.units, names),
        months=_lines(report.months, names),
        curve=[
            CurvePoint(hours=round(hours, 3), before=round(before, 4), after=round(after, 4))
            for hours, before, after in report.curve
        ],
    )


def _lines(lines: Iterable[Line], names: Mapping[str, str]) -> list[SpeedLineView]:
    return [_line(one, names) for one in lines]


def _line(line: Line, names: Mapping[str, str]) -> SpeedLineView:
    return SpeedLineView(
        key=line.key or None,
        name=names.get(line.key),
        before=line.before,
        after=line.after,
        open=line.open,
        median_before=_hours(line.median_before),
        median_after=_hours(line.median_after),
        ratio=_ratio(line.ratio),
    )


def _ratio(found: Ratio | None) -> SpeedRatioView | None:
    if found is None:
        return None
    high = None if math.isinf(found.high) else round(found.high, 4)
    return SpeedRatioView(ratio=round(found.ratio, 4), low=round(found.low, 4), high=high)


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 3)


def _baseline(row: SpeedBaseline) -> BaselineView:
    return BaselineView(
        id=row.id,
        number=row.number,
        start=row.start,
        stop=row.stop,
        frozen_at=row.frozen_at,
        cases=row.cases,
        left_out=row.left_out,
    )
