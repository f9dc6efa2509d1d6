"""Routes of the process view."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.shown import sends
from streetwise.resolve.flow import engine, event_log, export, repository
from streetwise.resolve.flow.engine import Flow, Line, Log
from streetwise.resolve.flow.repository import Asked
from streetwise.resolve.flow.schemas import (
    EventLog,
    FlowBehindPage,
    FlowBouncesView,
    FlowCaseView,
    FlowEdgeView,
    FlowLineView,
    FlowPeriodView,
    FlowStayView,
    FlowView,
    FlowWayView,
    Format,
)
from streetwise.resolve.periods import span
from streetwise.resolve.repository import visible
from streetwise.resolve.words import State

router = APIRouter(tags=["flow"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
Area = Annotated[str | None, Query(max_length=100)]
Class = Annotated[str | None, Query(max_length=200)]
BEHIND_MOST = 200
#: Units and classes with the most cases; the rest is in the total.
LINES_MOST = 60
MEDIA = {"xes": "application/xml", "ocel": "application/json"}
NAMES = {"xes": "streetwise.xes", "ocel": "streetwise.ocel.json"}


@dataclass(frozen=True, slots=True)
class Cut:
    """What of the flow is asked for: the days, a class, a unit."""

    area: Area = None
    since: date | None = None
    until: date | None = None
    cls: Class = None
    unit: UUID | None = None


async def _asked(session: AsyncSession, deps: Deps, cut: Cut) -> Asked:
    deps.viewer.require("score.read")
    here = await directory.area(session, deps.viewer, cut.area)
    now = deps.runtime.database.clock.now()
    start, stop = span(cut.since, cut.until, now, ZoneInfo(here.timezone))
    return Asked(here.code, start, stop, cut.cls, cut.unit)


@router.get("/flow", openapi_extra=needs("score.read"))
async def flow(
    deps: Current,
    cut: Annotated[Cut, Depends()],
    against_since: date | None = None,
    against_until: date | None = None,
) -> FlowView:
    """The real flow of the cases that began in a period (without days: the last 90), of one class
    (``cls``, scheme:code) or of those that one unit had; another period beside it where asked for.
    """
    async with deps.runtime.database.read(deps.viewer) as session:
        asked = await _asked(session, deps, cut)
        now = await _period(session, deps, asked)
        against = None
        if against_since is not None or against_until is not None:
            other = Cut(cut.area, against_since, against_until, cut.cls, cut.unit)
            against = await _period(session, deps, await _asked(session, deps, other))
    return FlowView(now=now, against=against)


@router.get("/flow/behind", openapi_extra=needs("score.read"))
async def behind(
    deps: Current,
    cut: Annotated[Cut, Depends()],
    target: State,
    source: State | None = None,
    action: Annotated[str | None, Query(max_length=100)] = None,
) -> FlowBehindPage:
    """The cases behind an edge (``source`` none: the beginning), those that had waited longest
    first.
    """
    async with deps.runtime.database.read(deps.viewer) as session:
        asked = await _asked(session, deps, cut)
        rows = await repository.behind(
            session, deps.viewer, asked, (source or "", target, action), BEHIND_MOST + 1,
            mine=visible(deps.viewer),
        )  # fmt: skip
    items = [
        FlowCaseView(
            id=row.case_id,
            number=row.number,
            title=row.title,
            state=cast(State, row.state),
            at=row.at,
            waited=_hours(row.waited),
        )
        for row in rows[:BEHIND_MOST]
    ]
    return FlowBehindPage(items=items, more=len(rows) > BEHIND_MOST)


@router.get("/flow/export", openapi_extra=needs("score.read"), response_class=StreamingResponse)
@sends(EventLog)
async def export_log(
    deps: Current, cut: Annotated[Cut, Depends()], form: Annotated[Format, Query(alias="format")]
) -> StreamingResponse:
    """The steps of the cases as an event log: XES (IEEE 1849-2016) or OCEL 2.0 (JSON). No person
    stands in it, units are the only resource. Who took it is noted.
    """
    viewer, runtime = deps.viewer, deps.runtime
    viewer.require("score.read")
    async with runtime.database.unit_of_work(viewer) as uow:
        asked = await _asked(uow.session, deps, cut)
        ids, actions = await export.begin(uow, viewer, asked, form)
    rows = export.batches(runtime, viewer, asked.area, ids)
    pieces: AsyncIterator[str] = (
        event_log.xes(rows, f"Streetwise {asked.area}")
        if form == "xes"
        else event_log.ocel(rows, actions)
    )
    headers = {
        "Content-Disposition": f'attachment; filename="{NAMES[form]}"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(pieces, media_type=MEDIA[form], headers=headers)


async def _period(session: AsyncSession, deps: Deps, asked: Asked) -> FlowPeriodView:
    log, classes = await repository.log(session, deps.viewer, asked)
    found, units, by_class = await asyncio.to_thread(_counted, log, classes)
    names = await repository.names_of(
        session,
        deps.viewer,
        [UUID(one.key) for one in units if one.key],
        [one.key for one in by_class if one.key],
    )
    return _view(asked, found, _lines(units, names), _lines(by_class, names))


def _counted(log: Log, classes: Sequence[str]) -> tuple[Flow, list[Line], list[Line]]:
    units, by_class = engine.by_unit(log), engine.by_case(log, classes)
    return engine.flow(log), list(units[:LINES_MOST]), list(by_class[:LINES_MOST])


def _view(
    asked: Asked, found: Flow, units: list[FlowLineView], classes: list[FlowLineView]
) -> FlowPeriodView:
    return FlowPeriodView(
        start=asked.start,
        stop=asked.stop,
        cases=found.cases,
        closed=found.closed,
        median=_hours(found.total[0]),
        p90=_hours(found.total[1]),
        edges=[
            FlowEdgeView(
                source=cast("State | None", one.source or None),
                target=cast(State, one.target),
                action=one.action,
                count=one.count,
                cases=one.cases,
                median=_hours(one.median),
                p90=_hours(one.p90),
            )
            for one in found.edges
        ],
        stays=[
            FlowStayView(
                state=cast(State, one.state),
                visits=one.visits,
                cases=one.cases,
                here=one.here,
                median=_hours(one.median),
                p90=_hours(one.p90),
            )
            for one in found.stays
        ],
        ways=[
            FlowWayView(states=cast("list[State]", list(one.states)), cases=one.cases)
            for one in found.ways
        ],
        other_ways=found.other_ways,
        bounces=FlowBouncesView(**found.bounces),
        units=units,
        classes=classes,
    )


def _lines(lines: Iterable[Line], names: Mapping[str, str]) -> list[FlowLineView]:
    return [
        FlowLineView(
            key=one.key or None,
            name=names.get(one.key),
            cases=one.cases,
            median=_hours(one.median),
            p90=_hours(one.p90),
            returned=one.returned,
            reassigned=one.reassigned,
            reopened=one.reopened,
            sent_back=one.sent_back,
        )
        for one in lines
    ]


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 3)
