"""Routes of hazards: the one of a case, the order as a document, the monthly count."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.if_match import version_of
from streetwise.resolve import repository as cases
from streetwise.resolve.hazards import actions, count, count_repository
from streetwise.resolve.hazards.actions import Given
from streetwise.resolve.hazards.rules import rules
from streetwise.resolve.hazards.schemas import (
    HazardAction,
    HazardForm,
    HazardLetter,
    HazardPage,
    HazardView,
    MonthCell,
    MonthsView,
    What,
)
from streetwise.resolve.hazards.views import hazard_rows, hazard_view, letter_view

router = APIRouter(tags=["hazards"], route_class=ShownRoute)

MONTHS_MOST, PAGE_MOST = 36, 100
#: Which of them a step wants, its line in the table says.
STEPS_NEED = ("hazard.order", "case.report", "case.verify")
Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]


@router.get("/cases/{case_id}/hazard", openapi_extra=needs("case.read", hides=True))
async def case_hazard(deps: Current, case_id: UUID, response: Response) -> HazardView:
    """The hazard of a case with its orders; without a state where the case is none."""
    async with deps.runtime.database.read(deps.viewer) as session:
        return await _view(session, deps, case_id, response)


@router.post(
    "/cases/{case_id}/hazard/{step}",
    openapi_extra=needs(*STEPS_NEED),
)
async def act_on_hazard(
    deps: Current,
    case_id: UUID,
    step: HazardAction,
    form: HazardForm,
    response: Response,
    if_match: IfMatch = None,
) -> HazardView:
    """Assess it, order it to be rectified, report that, re-check it, write it off."""
    viewer = deps.viewer
    if not any(viewer.may(one) for one in STEPS_NEED):
        viewer.require(STEPS_NEED[0])
    given = Given(**form.model_dump())
    async with deps.runtime.database.unit_of_work(viewer) as uow:
        version = version_of(if_match, "hazard")
        await actions.act(uow, viewer, deps.runtime.keys, case_id, version, step, given)
        await uow.session.flush()
        return await _view(uow.session, deps, case_id, response)


async def _view(session: AsyncSession, deps: Deps, case_id: UUID, response: Response) -> HazardView:
    case = await cases.case(session, deps.viewer, case_id)
    view = await hazard_view(session, deps.viewer, case, deps.runtime.database.clock.now())
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.get("/hazards/orders/{hazard_order_id}", openapi_extra=needs("case.read"))
async def hazard_order(deps: Current, hazard_order_id: UUID) -> HazardLetter:
    """An order as a document (责令整改通知书): what is printed."""
    deps.viewer.require("case.read")
    now = deps.runtime.database.clock.now()
    async with deps.runtime.database.read(deps.viewer) as session:
        return await letter_view(session, deps.viewer, hazard_order_id, now)


@router.get("/hazards/months", openapi_extra=needs("case.read"))
async def hazard_months(
    deps: Current,
    area: Annotated[str | None, Query(max_length=100)] = None,
    months: Annotated[int, Query(ge=1, le=MONTHS_MOST)] = 12,
) -> MonthsView:
    """Hazards found, rectified, written off, open and overdue, by month and kind."""
    viewer = deps.viewer
    viewer.require("case.read")
    now = deps.runtime.database.clock.now()
    async with deps.runtime.database.read(viewer) as session:
        here = await directory.area(session, viewer, area)
        sums = await count_repository.sums(session, viewer, here.code, here.timezone, now)
    last = count_repository.month_of(now, ZoneInfo(here.timezone))
    wanted, kinds = count.months_back(last, months), rules().codes
    cells = count.table(sums, wanted, kinds)
    return MonthsView(
        now=now,
        months=wanted,
        kinds=list(kinds),
        cells=[MonthCell.model_validate(one, from_attributes=True) for one in cells],
        compared_with=rules().per_month,
    )


@router.get("/hazards", openapi_extra=needs("case.read"))
async def list_hazards(
    deps: Current,
    what: What = "open",
    area: Annotated[str | None, Query(max_length=100)] = None,
    month: Annotated[date | None, Query()] = None,
    kind: Annotated[str | None, Query(max_length=50)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MOST)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> HazardPage:
    """The hazards behind a number of the monthly count; without a month: of this one."""
    viewer = deps.viewer
    viewer.require("case.read")
    now = deps.runtime.database.clock.now()
    async with deps.runtime.database.read(viewer) as session:
        here = await directory.area(session, viewer, area)
        zone = ZoneInfo(here.timezone)
        first = (month or count_repository.month_of(now, zone)).replace(day=1)
        # Not past now: what is not yet cannot be open or overdue.
        until = min(_begins(count.after(first), zone), now + timedelta(microseconds=1))
        ids, whole = await count_repository.behind(
            session, viewer, here.code, what, kind, _begins(first, zone), until, limit, offset
        )
        soon = timedelta(hours=deps.runtime.settings.due_soon_hours)
        items = await hazard_rows(session, viewer, ids, now, soon)
    return HazardPage(items=items, count=whole)


def _begins(month: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(month, time(), zone).astimezone(UTC)
