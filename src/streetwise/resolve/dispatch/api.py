"""Routes of dispatch: preview, many at once, and what may be done with several together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.problems import problem_of
from streetwise.resolve import actions, lists, views
from streetwise.resolve.dispatch import repository
from streetwise.resolve.dispatch.schemas import (
    MOST,
    BulkOffers,
    DispatchForm,
    DispatchLine,
    DispatchPreview,
    DispatchResult,
    OffersForm,
    PreviewForm,
)
from streetwise.resolve.dispatch.suggest import suggester, suggestions
from streetwise.resolve.dispatch.together import offers_together
from streetwise.resolve.dispatch.views import loads, option_views, reason_view, unit_names
from streetwise.resolve.inputs import Inputs, Item
from streetwise.resolve.lists import Row
from streetwise.resolve.loop import ACCEPTED
from streetwise.resolve.schemas import RefusedCase

router = APIRouter(tags=["dispatch"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]


@router.post("/cases/dispatch/preview", openapi_extra=needs("case.dispatch"))
async def preview_dispatch(deps: Current, form: PreviewForm) -> DispatchPreview:
    """Who each case would go to, how sure, and what each unit has on hand. Changes nothing.

    Of named cases those that wait to be dispatched and lie in the area.
    """
    viewer, settings = deps.viewer, deps.runtime.settings
    viewer.require("case.dispatch")
    now = deps.runtime.database.clock.now()
    soon = timedelta(hours=settings.due_soon_hours)
    async with deps.runtime.database.read(viewer) as session:
        area = await directory.area(session, viewer, form.area)
        rows, left = await _rows(session, deps, area.code, form.ids)
        known = await suggester(session, viewer, area, now)
        found = await suggestions(
            session, viewer, known, rows, now, settings.dispatch_border_metres
        )
    names = unit_names(known)
    lines = [
        DispatchLine(
            case=views.case_row(row, now, soon),
            unit=one.unit,
            confidence=round(one.confidence, 3) if one.confidence is not None else None,
            options=option_views(known, one, names),
            asks=[reason_view(reason, names) for reason in one.asks],
        )
        for row, one in zip(rows, found, strict=True)
    ]
    return DispatchPreview(lines=lines, units=loads(known, found), left=left)


async def _rows(
    session: AsyncSession, deps: Deps, area: str, named: Sequence[UUID]
) -> tuple[list[Row], int]:
    """The cases that wait, and how many more of them there are."""
    ids, left = list(dict.fromkeys(named)), 0
    if not ids:
        ids = await repository.waiting(session, deps.viewer, area, MOST)
        if len(ids) == MOST:
            left = await repository.how_many_wait(session, deps.viewer, area) - MOST
    rows = await lists.by_ids(session, deps.viewer, ids)
    here = [row for row in rows if row.case.state == ACCEPTED and row.case.area == area]
    return here, max(left, 0)


@router.post("/cases/dispatch", openapi_extra=needs("case.dispatch"))
async def dispatch_cases(deps: Current, form: DispatchForm) -> DispatchResult:
    """Dispatch cases, each to its own unit; each is done or refused for itself."""
    note = (form.note or "").strip() or None
    inputs = {unit: Inputs(unit=unit, note=note) for unit in {item.unit for item in form.items}}
    each = [(Item(item.id, item.version), inputs[item.unit]) for item in form.items]
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        result = await actions.act_each(uow, deps.viewer, deps.runtime.keys, "dispatch", each)
    return DispatchResult(
        done=[case.id for case in result.done],
        refused=[
            RefusedCase(id=case_id, number=number, problem=problem_of(error))
            for case_id, number, error in result.refused
        ],
    )


@router.post("/cases/offers", openapi_extra=needs("case.read"))
async def offers_of_cases(deps: Current, form: OffersForm) -> BulkOffers:
    """What the viewer may do with these cases together, each action with its cases."""
    deps.viewer.require("case.read")
    async with deps.runtime.database.read(deps.viewer) as session:
        rows = await lists.by_ids(session, deps.viewer, form.ids)
    return BulkOffers(offers=offers_together(deps.viewer, [row.case for row in rows]))
