"""Reports made in the background: those that are ordered, and by themselves when it is time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from streetwise.directory import repository as directory
from streetwise.kernel import arriving
from streetwise.kernel.jobs import job
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.reports import actions, docx, fonts, pdf, repository, xlsx
from streetwise.resolve.reports.actions import MAKE_JOB, WAITING
from streetwise.resolve.reports.content import Content, read
from streetwise.resolve.reports.gathering import gather
from streetwise.resolve.reports.spans import KINDS, Kind, last_over, span
from streetwise.resolve.reports.tables import Report
from streetwise.resolve.reports.writing import write
from streetwise.resolve.scores.actions import derive_facts

ORDER_JOB = "resolve.reports"
VIEWER = Viewer.system("reports")
#: The forms that are drawn with a font. A file says that it was written when its period ended: made
#: again it is the same.
DRAWN: Mapping[str, Callable[[Content, datetime, fonts.Fonts], bytes]] = {
    "docx": docx.write,
    "pdf": pdf.write,
}
#: Reports removed in one transaction.
REMOVED_AT_ONCE = 500


@job(ORDER_JOB, every=lambda settings: settings.report_look_minutes * 60)
async def order_what_is_due(runtime: Runtime) -> None:
    """Order the reports of periods that are over and have none; remove those past their time.

    While an invented past is still arriving none is: it would say less than there will be.
    """
    settings = runtime.settings
    if runtime.database.clock.simulated and arriving.share(settings.home) is not None:
        return
    keep, delay = (
        timedelta(days=settings.report_keep_days),
        timedelta(hours=settings.report_delay_hours),
    )
    async with runtime.database.unit_of_work(VIEWER) as uow:
        await actions.remove(uow, VIEWER, uow.now - keep, REMOVED_AT_ONCE)
    async with runtime.database.read(VIEWER) as session:
        areas = [(one.code, one.timezone) for one in await directory.areas(session, VIEWER)]
    for code, timezone in areas:
        for kind in KINDS:
            await _order_one(runtime, code, kind, ZoneInfo(timezone), delay)


async def _order_one(
    runtime: Runtime, area: str, kind: Kind, zone: ZoneInfo, delay: timedelta
) -> None:
    """The latest period alone: what was missed is ordered by who wants it."""
    async with runtime.database.unit_of_work(VIEWER) as uow:
        due = last_over(kind, uow.now, zone)
        if uow.now < due.period.end + delay:
            return
        if await repository.editions(uow.session, VIEWER, area, kind, due.name):
            return
        if await repository.has_cases(uow.session, VIEWER, area, due.period):
            await actions.order(uow, VIEWER, area, due)


async def _give_up(runtime: Runtime, *, report_id: str) -> None:
    await _fail(runtime, UUID(report_id), "failed")


@job(MAKE_JOB, given_up=_give_up)
async def make(runtime: Runtime, *, report_id: str) -> None:
    """Make a report in all forms; done in part and begun again, what is there stays."""
    wanted = UUID(report_id)
    async with runtime.database.read(VIEWER) as session:
        row, files = await repository.report(session, VIEWER, wanted)
    if row.state != WAITING:
        return
    content = read(row.content) if row.content else await _say(runtime, row)
    there = {one.form for one in files}
    # What needs no font comes first: without one it is there all the same, and the page too.
    if "xlsx" not in there:
        await _keep(runtime, row, "xlsx", lambda: xlsx.write(content, row.end_at))
    try:
        face = await asyncio.to_thread(fonts.find, runtime.settings.report_font_file)
    except fonts.NoFont:
        # Said on the page, with what to install. Trying again would find none either.
        await _fail(runtime, wanted, fonts.NoFont.code)
        return
    for form, writer in DRAWN.items():
        if form not in there:
            await _keep(runtime, row, form, partial(writer, content, row.end_at, face))
    async with runtime.database.unit_of_work(VIEWER) as uow:
        row, _ = await repository.report(uow.session, VIEWER, wanted, lock=True)
        actions.made(uow, VIEWER, row)


async def _keep(runtime: Runtime, row: Report, form: str, writer: Callable[[], bytes]) -> None:
    """Write one form and store it; in a thread, for it takes a second of thinking."""
    written = await asyncio.to_thread(writer)
    file = await asyncio.to_thread(runtime.files.put, written)
    async with runtime.database.unit_of_work(VIEWER) as uow:
        actions.keep_file(uow, row, form, file)


async def _fail(runtime: Runtime, report_id: UUID, failure: str) -> None:
    async with runtime.database.unit_of_work(VIEWER) as uow:
        row, _ = await repository.report(uow.session, VIEWER, report_id, lock=True)
        actions.failed(uow, VIEWER, row, failure)


async def _say(runtime: Runtime, row: Report) -> Content:
    """Gather and write, by the rules of its period, and keep it."""
    await derive_facts(runtime)
    async with runtime.database.unit_of_work(VIEWER) as uow:
        kept, _ = await repository.report(uow.session, VIEWER, row.id, lock=True)
        here = await directory.area(uow.session, VIEWER, row.area)
        zone = ZoneInfo(here.timezone)
        kind: Kind = row.kind  # type: ignore[assignment]  # as it was ordered
        due = span(kind, row.name, zone)
        figures = await gather(uow.session, VIEWER, here.code, here.name, due, zone)
        content = write(figures, zone)
        actions.keep_content(kept, content)
    return content
