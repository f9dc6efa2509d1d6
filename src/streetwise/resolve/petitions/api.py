"""Routes of petitions after their answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.errors import NotFound
from streetwise.kernel.if_match import version_of
from streetwise.resolve import repository as cases
from streetwise.resolve.petitions import actions, loop, repository, views
from streetwise.resolve.petitions.actions import MAY, Given
from streetwise.resolve.petitions.schemas import (
    PetitionAction,
    PetitionForm,
    PetitionPage,
    PetitionsView,
    PetitionView,
)

router = APIRouter(tags=["petitions"], route_class=ShownRoute)

PAGE_MOST = 100
Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]

_RUNNING = (*loop.OPEN[loop.REVIEW], *loop.OPEN[loop.REEXAM])
#: What a list shows: under review, to be decided again, the period in which may be asked, ended.
_SHOWN = {
    "running": _RUNNING,
    "redo": (loop.REDO,),
    "served": (loop.OPINION, loop.SERVED, loop.REVIEWED),
    "ended": (loop.ENDED,),
}


@router.get("/petitions", openapi_extra=needs("case.read"))
async def list_petitions(
    deps: Current,
    area: Annotated[str | None, Query(max_length=100)] = None,
    what: Literal["running", "redo", "served", "ended"] = "running",
    limit: Annotated[int, Query(ge=1, le=PAGE_MOST)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> PetitionPage:
    """Petitions of an area that went further after their answer, the newest first."""
    viewer = deps.viewer
    viewer.require("case.read")
    now = deps.runtime.database.clock.now()
    soon = timedelta(hours=deps.runtime.settings.due_soon_hours)
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        found, count = await repository.listed(
            session, viewer, here, _SHOWN[what], limit=limit, offset=offset
        )
        items = await views.rows_of(session, viewer, found, now, soon)
        return PetitionPage(
            items=items,
            count=count,
            running=await repository.count(session, viewer, here, _RUNNING),
            redo=await repository.count(session, viewer, here, (loop.REDO,)),
        )


@router.get("/cases/{case_id}/petitions", openapi_extra=needs("case.read", hides=True))
async def case_petitions(deps: Current, case_id: UUID) -> PetitionsView:
    """The petitions of a case that were answered: served, reviewed, decided again, ended."""
    async with deps.runtime.database.read(deps.viewer) as session:
        return PetitionsView(items=await _views(session, deps, case_id))


@router.post("/cases/{case_id}/petitions/{signal_id}/{step}", openapi_extra=needs(MAY))
async def act_on_petition(
    deps: Current,
    case_id: UUID,
    signal_id: UUID,
    step: PetitionAction,
    form: PetitionForm,
    response: Response,
    if_match: IfMatch = None,
) -> PetitionView:
    """Write down that it was served, asked about, heard, decided; hand the file over; decide
    again. Names go into the vault."""
    deps.viewer.require(MAY)
    version, runtime = version_of(if_match, "petition"), deps.runtime
    given = Given(**form.model_dump())
    async with runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.act(
            uow, deps.viewer, runtime.keys, runtime.settings, case_id, signal_id, version, step,
            given,
        )  # fmt: skip
    async with runtime.database.read(deps.viewer) as session:
        found = await _views(session, deps, case_id)
    view = next((one for one in found if one.id == signal_id), None)
    if view is None:
        raise NotFound("This case has no such petition.", id=str(signal_id))
    response.headers["ETag"] = f'"{view.version}"'
    return view


async def _views(session: AsyncSession, deps: Deps, case_id: UUID) -> list[PetitionView]:
    case = await cases.case(session, deps.viewer, case_id)
    now = deps.runtime.database.clock.now()
    return await views.of_case(session, deps.viewer, case, deps.runtime.settings, now)
