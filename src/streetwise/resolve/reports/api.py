"""Routes of reports."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.errors import NotFound
from streetwise.kernel.shown import sends
from streetwise.resolve.reports import actions, repository, views
from streetwise.resolve.reports.schemas import (
    FormName,
    KindName,
    ReportContent,
    ReportLineView,
    ReportOrderForm,
    ReportPeriodView,
    ReportsView,
    WholeReportView,
)
from streetwise.resolve.reports.spans import KINDS, lately, span

router = APIRouter(tags=["reports"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
Area = Annotated[str | None, Query(max_length=100)]
LISTED_MOST = 200
#: So many periods of each kind are offered; others can be asked for by name.
OFFERED = {"daily": 14, "weekly": 8, "monthly": 12}
MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@router.get("/reports", openapi_extra=needs("score.read"))
async def reports(deps: Current, area: Area = None, kind: KindName | None = None) -> ReportsView:
    """The reports of an area, the latest period first, and the periods that can be reported of."""
    deps.viewer.require("score.read")
    now = deps.runtime.database.clock.now()
    async with deps.runtime.database.read(deps.viewer) as session:
        here = await directory.area(session, deps.viewer, area)
        rows = await repository.listed(session, deps.viewer, here.code, kind, LISTED_MOST)
    zone = ZoneInfo(here.timezone)
    return ReportsView(
        items=views.lines(rows),
        periods=[
            ReportPeriodView(kind=one, name=found.name)
            for one in KINDS
            for found in lately(one, now, OFFERED[one], zone)
        ],
        may_make=deps.viewer.may("report.make"),
    )


@router.post("/reports", openapi_extra=needs("report.make"), status_code=201)
async def order_report(deps: Current, form: ReportOrderForm) -> ReportLineView:
    """Order the report of a period that is over; once more where there is one."""
    deps.viewer.require("report.make")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        here = await directory.area(uow.session, deps.viewer, form.area)
        due = span(form.kind, form.name, ZoneInfo(here.timezone))
        row = await actions.order(uow, deps.viewer, here.code, due)
        await uow.session.flush()
        return views.line(row, [])


@router.get("/reports/{report_id}", openapi_extra=needs("score.read"))
async def report(deps: Current, report_id: UUID) -> WholeReportView:
    """A report to be read: the same content that its files were written from."""
    deps.viewer.require("score.read")
    async with deps.runtime.database.read(deps.viewer) as session:
        return views.whole(*await repository.report(session, deps.viewer, report_id))


@router.get(
    "/reports/{report_id}/files/{form}",
    openapi_extra=needs("score.read"),
    response_class=Response,
)
@sends(ReportContent)
async def report_file(deps: Current, report_id: UUID, form: FormName) -> Response:
    """A report as a workbook, a document or a PDF, as it was made."""
    deps.viewer.require("score.read")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        row, files = await repository.report(uow.session, deps.viewer, report_id)
        found = next((one for one in files if one.form == form), None)
        if found is None:
            raise NotFound("The report is not there in this form yet.", form=form)
        actions.downloaded(uow, deps.viewer, row, form)
        name = f"{row.kind}-{row.name}-{row.edition}.{form}"
    content = await asyncio.to_thread(deps.runtime.files.get, found.digest)
    return Response(
        content,
        media_type=MEDIA[form],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
