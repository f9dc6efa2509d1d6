"""Routes of the duty room."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.database import looking_as
from streetwise.kernel.if_match import version_of
from streetwise.resolve import whom
from streetwise.resolve.duty import actions, repository, views
from streetwise.resolve.duty.actions import Noting
from streetwise.resolve.duty.open_items import open_items
from streetwise.resolve.duty.schemas import (
    DutyView,
    GiveHandoverForm,
    HandoverView,
    LogForm,
    LogView,
)
from streetwise.resolve.duty.tables import Handover

router = APIRouter(tags=["duty"], route_class=ShownRoute)

#: Lines of one shift, hand-overs in the list, and open items of a kind that are named.
LINES_MOST, HANDOVERS_MOST, NAMED_MOST = 200, 30, 100
Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]


@router.get("/duty", openapi_extra=needs("duty.read"))
async def duty(
    deps: Current,
    area: Annotated[str | None, Query(max_length=100)] = None,
) -> DutyView:
    """The shift that is running: its log, what is open, and the hand-overs before it."""
    viewer, now = deps.viewer, deps.runtime.database.clock.now()
    viewer.require("duty.read")
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        leaders = await _leaders(session, here, now)
        rows = await repository.handovers(session, viewer, here, None, HANDOVERS_MOST)
        last = rows[0] if rows else None
        since = last.given_at if last else None
        entries = await repository.log(session, viewer, here, since, None, LINES_MOST)
        items = await open_items(session, viewer, here, now)
        waiting = last if last is not None and last.taken_at is None else None
        return DutyView(
            since=since,
            log=await views.log_views(session, viewer, entries),
            groups=await views.group_views(session, viewer, items, NAMED_MOST),
            handovers=await views.handover_rows(session, viewer, rows, leaders),
            waiting=waiting.id if waiting else None,
            may_write=viewer.may("duty.write"),
            may_give=viewer.may("duty.write") and waiting is None,
            leading=not viewer.people.isdisjoint(leaders),
        )


@router.post("/duty/log", openapi_extra=needs("duty.write"), status_code=201)
async def write_line(deps: Current, form: LogForm) -> LogView:
    """Write a line of the duty log; it cannot be changed, only followed by another."""
    viewer, runtime = deps.viewer, deps.runtime
    viewer.require("duty.write")
    noting = Noting(form.kind, form.text, form.happened_at, form.case)
    async with runtime.database.unit_of_work(viewer) as uow:
        entry = await actions.note(uow, viewer, runtime.keys, form.area, noting)
        await uow.session.flush()
        return (await views.log_views(uow.session, viewer, [entry]))[0]


@router.get("/duty/handovers/{handover_id}", openapi_extra=needs("duty.read"))
async def handover(deps: Current, handover_id: UUID) -> HandoverView:
    """A hand-over as it was signed, with the log of its shift."""
    viewer = deps.viewer
    viewer.require("duty.read")
    async with deps.runtime.database.read(viewer) as session:
        row = await repository.handover(session, viewer, handover_id)
        return await _view(session, deps, row)


@router.post("/duty/handovers", openapi_extra=needs("duty.write"), status_code=201)
async def give_handover(deps: Current, form: GiveHandoverForm) -> HandoverView:
    """Hand the shift over (交班): what is open is frozen, and signed by who gives it."""
    viewer = deps.viewer
    viewer.require("duty.write")
    async with deps.runtime.database.unit_of_work(viewer) as uow:
        row = await actions.give(uow, viewer, form.area, form.text)
        await uow.session.flush()
        return await _view(uow.session, deps, row)


@router.post("/duty/handovers/{handover_id}/take", openapi_extra=needs("duty.write"))
async def take_handover(deps: Current, handover_id: UUID, if_match: IfMatch = None) -> HandoverView:
    """Sign for a hand-over (接班); never who gave it."""
    viewer = deps.viewer
    viewer.require("duty.write")
    version = version_of(if_match, "hand-over")
    async with deps.runtime.database.unit_of_work(viewer) as uow:
        row = await actions.take(uow, viewer, handover_id, version)
        await uow.session.flush()
        return await _view(uow.session, deps, row)


@router.post("/duty/handovers/{handover_id}/read", openapi_extra=needs("duty.lead"))
async def read_handover(deps: Current, handover_id: UUID, if_match: IfMatch = None) -> HandoverView:
    """Note that the leader on duty has read a hand-over that both signed."""
    viewer, now = deps.viewer, deps.runtime.database.clock.now()
    viewer.require("duty.lead")
    version = version_of(if_match, "hand-over")
    async with deps.runtime.database.unit_of_work(viewer) as uow:
        found = await repository.handover(uow.session, viewer, handover_id)
        leaders = await _leaders(uow.session, found.area, now)
        row = await actions.read(uow, viewer, handover_id, version, leaders)
        await uow.session.flush()
        return await _view(uow.session, deps, row)


async def _leaders(session: AsyncSession, area: str, now: datetime) -> list[UUID]:
    async with looking_as(session, whom.SYSTEM):
        return await whom.People(session, now).leaders(area)


async def _view(session: AsyncSession, deps: Deps, row: Handover) -> HandoverView:
    viewer, now = deps.viewer, deps.runtime.database.clock.now()
    leaders = await _leaders(session, row.area, now)
    entries = await repository.log(session, viewer, row.area, row.from_at, row.given_at, LINES_MOST)
    return await views.handover_view(session, viewer, row, leaders, entries, NAMED_MOST)
