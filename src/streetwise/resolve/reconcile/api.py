"""Routes of the daily reconciliation."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import BaseModel, ConfigDict

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.if_match import version_of
from streetwise.resolve.reconcile import actions, jobs, repository, views
from streetwise.resolve.reconcile.actions import Explaining
from streetwise.resolve.reconcile.engine import Kind
from streetwise.resolve.reconcile.schemas import (
    ExplainForm,
    LinePage,
    LineState,
    LineView,
    ReconciliationView,
)

router = APIRouter(tags=["orders"], route_class=ShownRoute)

PAGE_MAX = 200
Current = Annotated[Deps, Depends(current)]
Area = Annotated[str | None, Query(max_length=100)]


class AgainForm(BaseModel):
    """Of which area; the home area where none is named."""

    model_config = ConfigDict(extra="forbid")
    area: str | None = None


@router.get("/reconciliation", openapi_extra=needs("case.read"))
async def reconciliation(deps: Current, area: Area = None) -> ReconciliationView:
    """The last comparison of both lists, by platform: how many differ, by kind."""
    deps.viewer.require("case.read")
    return await _view(deps, area)


@router.post("/reconciliation", openapi_extra=needs("order.answer"))
async def reconcile_again(deps: Current, form: AgainForm) -> ReconciliationView:
    """Compare both lists now: a new list has come, or something was put right."""
    viewer, runtime = deps.viewer, deps.runtime
    viewer.require("order.answer")
    async with runtime.database.read(viewer) as session:
        here = await directory.area(session, viewer, form.area)
    # As the system: it compares what nobody need be allowed to see one by one.
    async with runtime.database.unit_of_work(jobs.VIEWER) as uow:
        await jobs.of_area(uow, jobs.VIEWER, runtime.settings, here, again=True, by=viewer.actor)
    return await _view(deps, here.code)


@router.get("/reconciliation/lines", openapi_extra=needs("case.read"))
async def reconciliation_lines(
    deps: Current,
    area: Area = None,
    source: Annotated[str | None, Query(max_length=100)] = None,
    kind: Annotated[Kind | None, Query()] = None,
    state: Annotated[LineState | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> LinePage:
    """The differences that last (or, by ``state``, those that are gone), open ones first."""
    viewer = deps.viewer
    viewer.require("case.read")
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        rows, following = await repository.lines(
            session, viewer, here, source=source, kind=kind, state=state, cursor=cursor, limit=limit
        )
        return LinePage(items=await views.line_views(session, viewer, rows), next_cursor=following)


@router.post("/reconciliation/lines/{line_id}/explain", openapi_extra=needs("order.answer"))
async def explain_line(
    deps: Current,
    line_id: UUID,
    form: ExplainForm,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> LineView:
    """Say why the two lists differ there (说明)."""
    viewer, runtime = deps.viewer, deps.runtime
    viewer.require("order.answer")
    saying = Explaining(line_id, version_of(if_match, "difference"), form.because, form.text)
    async with runtime.database.unit_of_work(viewer) as uow:
        await actions.explain(uow, viewer, runtime.keys, saying)
    async with runtime.database.read(viewer) as session:
        row = await repository.line(session, viewer, line_id)
        (view,) = await views.line_views(session, viewer, [row])
    response.headers["ETag"] = f'"{view.version}"'
    return view


async def _view(deps: Deps, area: str | None) -> ReconciliationView:
    viewer = deps.viewer
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        runs = await repository.latest_runs(session, viewer, here)
        counted = await repository.counted(session, viewer, here)
    return views.reconciliation_view(
        runs,
        counted,
        may_explain=viewer.may("order.answer"),
        at_hour=deps.runtime.settings.reconcile_at_hours,
    )
