"""The route of a case's history."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.shown import sends
from streetwise.resolve import repository as cases
from streetwise.resolve import views
from streetwise.resolve.clocks.schemas import CaseClocks
from streetwise.resolve.clocks.views import case_clocks
from streetwise.resolve.history import lines
from streetwise.resolve.history.actions import exported
from streetwise.resolve.history.wording import Language, words
from streetwise.resolve.schemas import CaseView

router = APIRouter(tags=["cases"], route_class=ShownRoute)

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json; charset=utf-8",
}


@router.get(
    "/cases/{case_id}/history.{ending}",
    openapi_extra=needs("case.read", hides=True),
    response_class=Response,
)
@sends(CaseView, CaseClocks)
async def case_history(
    deps: Annotated[Deps, Depends(current)],
    case_id: UUID,
    ending: Literal["xlsx", "csv", "json"],
    language: Language = "zh-CN",
) -> Response:
    """The whole history of a case (journal, notes, reports, orders, clocks), masked; taking it is
    an entry of the journal. Tables have words beside the codes, in this language; JSON has codes
    alone."""
    viewer = deps.viewer
    async with deps.runtime.database.unit_of_work(viewer) as uow:
        case = await cases.case(uow.session, viewer, case_id)
        settings = deps.runtime.settings
        soon = timedelta(hours=settings.due_soon_hours)
        shown = await views.case_view(
            uow.session,
            viewer,
            case_id,
            uow.now,
            soon,
            settings.dispatch_border_metres,
            settings.photo_far_metres,
        )
        clocks = await case_clocks(uow.session, viewer, case_id, uow.now, soon)
        spoken = words(language)
        found = lines.history_lines(shown, clocks, spoken)
        exported(uow, viewer, case, ending, len(found))
    if ending == "csv":
        content = lines.as_csv(found, spoken)
    elif ending == "json":
        content = lines.as_json(shown, clocks)
    else:
        content = lines.as_xlsx(shown, found, spoken)
    return Response(
        content,
        media_type=_TYPES[ending],
        headers={
            "Content-Disposition": f'attachment; filename="{shown.number}.{ending}"',
            "Cache-Control": "no-store",
        },
    )
