"""Routes of disputes. What parties are called, and said, the vault's routes show alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.if_match import version_of
from streetwise.resolve import repository as cases
from streetwise.resolve.disputes import actions, repository
from streetwise.resolve.disputes.actions import MAY, Given
from streetwise.resolve.disputes.schemas import (
    ColourWord,
    DisputeAction,
    DisputeForm,
    DisputePage,
    DisputeView,
    PartyForm,
)
from streetwise.resolve.disputes.tables import Dispute
from streetwise.resolve.disputes.views import dispute_rows, dispute_view

router = APIRouter(tags=["disputes"], route_class=ShownRoute)

PAGE_MOST = 100
Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]


@router.get("/disputes", openapi_extra=needs("case.read"))
async def list_disputes(
    deps: Current,
    area: Annotated[str | None, Query(max_length=100)] = None,
    ended: Annotated[bool, Query()] = False,
    colour: ColourWord | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MOST)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> DisputePage:
    """Disputes of an area that have no end yet, or that have one, newest first."""
    viewer = deps.viewer
    viewer.require("case.read")
    now = deps.runtime.database.clock.now()
    soon = timedelta(hours=deps.runtime.settings.due_soon_hours)
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        ids, whole = await repository.listed(
            session, viewer, here, ended=ended, colour=colour, limit=limit, offset=offset
        )
        items = await dispute_rows(session, viewer, ids, now, soon)
    return DisputePage(items=items, count=whole)


@router.get("/cases/{case_id}/dispute", openapi_extra=needs("case.read", hides=True))
async def case_dispute(deps: Current, case_id: UUID, response: Response) -> DisputeView:
    """The dispute of a case; without a state where the case is none."""
    async with deps.runtime.database.read(deps.viewer) as session:
        return await _view(session, deps, case_id, response)


@router.post("/cases/{case_id}/dispute/parties", openapi_extra=needs(MAY), status_code=201)
async def add_party(
    deps: Current, case_id: UUID, form: PartyForm, response: Response, if_match: IfMatch = None
) -> DisputeView:
    """Write down a party: the role is seen, name and number go into the vault."""

    async def do(uow: UnitOfWork) -> Dispute:
        version = version_of(if_match, "dispute")
        return await actions.add_party(
            uow, deps.viewer, deps.runtime.keys, case_id, version, form.role, form.name, form.phone
        )

    return await _change(deps, case_id, response, do)


@router.post("/cases/{case_id}/dispute/{step}", openapi_extra=needs(MAY))
async def act_on_dispute(
    deps: Current,
    case_id: UUID,
    step: DisputeAction,
    form: DisputeForm,
    response: Response,
    if_match: IfMatch = None,
) -> DisputeView:
    """Give it to who mediates, visit, end it, follow up. All words go into the vault."""

    async def do(uow: UnitOfWork) -> Dispute:
        version = version_of(if_match, "dispute")
        given = Given(**form.model_dump())
        return await actions.act(uow, deps.viewer, deps.runtime.keys, case_id, version, step, given)

    return await _change(deps, case_id, response, do)


async def _change(
    deps: Deps,
    case_id: UUID,
    response: Response,
    do: Callable[[UnitOfWork], Awaitable[Dispute]],
) -> DisputeView:
    deps.viewer.require(MAY)
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await do(uow)
        await uow.session.flush()
        return await _view(uow.session, deps, case_id, response)


async def _view(
    session: AsyncSession, deps: Deps, case_id: UUID, response: Response
) -> DisputeView:
    view = await dispute_view(session, deps.viewer, await cases.case(session, deps.viewer, case_id))
    response.headers["ETag"] = f'"{view.version}"'
    return view
