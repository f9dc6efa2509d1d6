"""Routes of clocks."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.resolve.clocks import views
from streetwise.resolve.clocks.schemas import CaseClocks

router = APIRouter(tags=["clocks"], route_class=ShownRoute)


@router.get("/cases/{case_id}/clocks", openapi_extra=needs("case.read", hides=True))
async def get_clocks(deps: Annotated[Deps, Depends(current)], case_id: UUID) -> CaseClocks:
    """Why a case is due when it is: all of its clocks, step by step."""
    soon = timedelta(hours=deps.runtime.settings.due_soon_hours)
    async with deps.runtime.database.read(deps.viewer) as session:
        now = deps.runtime.database.clock.now()
        return await views.case_clocks(session, deps.viewer, case_id, now, soon)
