"""Routes of incidents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.if_match import version_of
from streetwise.resolve import repository as cases
from streetwise.resolve.incidents import actions, repository
from streetwise.resolve.incidents.actions import Opening
from streetwise.resolve.incidents.schemas import (
    CaseIncident,
    IncidentList,
    IncidentView,
    LevelForm,
    OpenForm,
    ReportForm,
)
from streetwise.resolve.incidents.tables import Incident
from streetwise.resolve.incidents.views import incident_views
from streetwise.resolve.loop import CLOSED

router = APIRouter(tags=["incidents"], route_class=ShownRoute)

LISTED_MOST = 100
Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]


@router.get("/incidents", openapi_extra=needs("case.read"))
async def list_incidents(
    deps: Current, area: Annotated[str | None, Query(max_length=100)] = None
) -> IncidentList:
    """Incidents of an area, those that go on first."""
    viewer, now = deps.viewer, deps.runtime.database.clock.now()
    viewer.require("case.read")
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        rows = await repository.listed(session, viewer, here, LISTED_MOST)
        return IncidentList(items=await incident_views(session, viewer, rows, now))


@router.get("/cases/{case_id}/incident", openapi_extra=needs("case.read", hides=True))
async def case_incident(deps: Current, case_id: UUID) -> CaseIncident:
    """Whether a case is reported upward, and how far that is."""
    viewer, now = deps.viewer, deps.runtime.database.clock.now()
    async with deps.runtime.database.read(viewer) as session:
        case = await cases.case(session, viewer, case_id)
        row = await repository.of_case(session, viewer, case_id)
        views = await incident_views(session, viewer, [(row, case)] if row else [], now)
    may_open = row is None and case.state != CLOSED and viewer.may("incident.write")
    return CaseIncident(incident=views[0] if views else None, may_open=may_open)


@router.post("/cases/{case_id}/incident", openapi_extra=needs("incident.write"), status_code=201)
async def open_incident(deps: Current, case_id: UUID, form: OpenForm) -> IncidentView:
    """Report a case upward (突发事件信息报送)."""
    deps.viewer.require("incident.write")
    opening = Opening(form.level, form.happened_at, form.known_at)
    return await _change(
        deps, lambda uow: actions.open_incident(uow, deps.viewer, case_id, opening)
    )


@router.get("/incidents/{incident_id}", openapi_extra=needs("case.read"))
async def incident(deps: Current, incident_id: UUID) -> IncidentView:
    """An incident, whole: what is printed."""
    deps.viewer.require("case.read")
    async with deps.runtime.database.read(deps.viewer) as session:
        return await _view(session, deps, incident_id)


@router.post("/incidents/{incident_id}/level", openapi_extra=needs("incident.write"))
async def regrade_incident(
    deps: Current, incident_id: UUID, form: LevelForm, if_match: IfMatch = None
) -> IncidentView:
    """Give it another grade; what is still owed goes by the new times."""
    version = _version(deps, if_match)
    return await _change(
        deps, lambda uow: actions.regrade(uow, deps.viewer, incident_id, version, form.level)
    )


@router.post("/incidents/{incident_id}/report", openapi_extra=needs("incident.write"))
async def write_report(
    deps: Current, incident_id: UUID, form: ReportForm, if_match: IfMatch = None
) -> IncidentView:
    """Write the report that is owed next (首报, 续报, 终报)."""
    version, keys = _version(deps, if_match), deps.runtime.keys
    return await _change(
        deps,
        lambda uow: actions.write(uow, deps.viewer, keys, incident_id, version, form.text),
    )


@router.post("/incidents/{incident_id}/tells/{tell_id}", openapi_extra=needs("incident.write"))
async def note_told(
    deps: Current, incident_id: UUID, tell_id: UUID, if_match: IfMatch = None
) -> IncidentView:
    """Write down that somebody was told, now."""
    version = _version(deps, if_match)
    return await _change(
        deps, lambda uow: actions.tell(uow, deps.viewer, incident_id, version, tell_id)
    )


@router.post("/incidents/{incident_id}/over", openapi_extra=needs("incident.write"))
async def end_incident(deps: Current, incident_id: UUID, if_match: IfMatch = None) -> IncidentView:
    """It is over: the final report is owed."""
    version = _version(deps, if_match)
    return await _change(deps, lambda uow: actions.over(uow, deps.viewer, incident_id, version))


def _version(deps: Deps, if_match: str | None) -> int:
    deps.viewer.require("incident.write")
    return version_of(if_match, "incident")


async def _change(deps: Deps, change: Callable[[UnitOfWork], Awaitable[Incident]]) -> IncidentView:
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        row = await change(uow)
        await uow.session.flush()
        return await _view(uow.session, deps, row.id)


async def _view(session: AsyncSession, deps: Deps, incident_id: UUID) -> IncidentView:
    viewer, now = deps.viewer, deps.runtime.database.clock.now()
    found = await repository.incident(session, viewer, incident_id)
    return (await incident_views(session, viewer, [found], now))[0]
