"""Routes of checks."""

from __future__ import annotations

from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.verify import repository
from streetwise.resolve.verify.schemas import CaseCheckView, ClosingView, DrawView, SightingView
from streetwise.resolve.verify.tables import CaseSighting
from streetwise.resolve.verify.ways import closings, open_ways

router = APIRouter(tags=["verify"], route_class=ShownRoute)


@router.get("/cases/{case_id}/check", openapi_extra=needs("case.read", hides=True))
async def get_check(deps: Annotated[Deps, Depends(current)], case_id: UUID) -> CaseCheckView:
    """How a case is to be checked: whether it was drawn and why, in which ways, what must be so."""
    async with deps.runtime.database.read(deps.viewer) as session:
        far = deps.runtime.settings.photo_far_metres
        return await _view(session, deps.viewer, case_id, far)


async def _view(session: AsyncSession, viewer: Viewer, case_id: UUID, far: float) -> CaseCheckView:
    case = await cases.case(session, viewer, case_id)
    asked = closings(await repository.conditions_of(session, viewer, case), case.category_condition)
    last = await repository.last_check(session, viewer, case_id)
    return CaseCheckView(
        case_id=case.id,
        draw=DrawView(**case.check_draw) if case.check_draw else None,
        ways=cast(Any, list(open_ways(case.check_draw))),
        closings=[
            ClosingView(code=one.code, text=one.text, points=list(one.points)) for one in asked
        ],
        lon=case.lon,
        lat=case.lat,
        far_metres=far,
        way=cast(Any, last.way) if last else None,
        passed=last.passed if last else None,
        at=last.at if last else None,
        sightings=[
            sighting_view(one) for one in await repository.sightings(session, viewer, case_id)
        ],
    )


def sighting_view(row: CaseSighting) -> SightingView:
    """A device's last look as shown."""
    return SightingView(
        device=row.device,
        kind=cast(Any, row.kind),
        seen_at=row.seen_at,
        clear_at=row.clear_at,
        clear=row.clear,
        sees=repository.still_sees(row),
    )
