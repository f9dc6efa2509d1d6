"""Changes of reports: ordered, made, removed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from streetwise.directory import repository as directory
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Invalid
from streetwise.kernel.files import StoredFile
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer
from streetwise.resolve.reports import repository
from streetwise.resolve.reports.content import Content, stored
from streetwise.resolve.reports.spans import Span
from streetwise.resolve.reports.tables import Report, ReportFile

declare(
    {
        "report.ordered": "A report was ordered; data: kind, name (its period), edition.",
        "report.made": "A report was made, in all forms; data: kind, name, edition.",
        "report.failed": "A report could not be made; data: kind, name, edition, failure.",
        "report.downloaded": "A report was taken out as a file; data: kind, name, edition, form.",
        "report.removed": "Reports past their time were removed; data: reports.",
    }
)

MAKE_JOB = "resolve.report"
WAITING, MADE, FAILED = "waiting", "made", "failed"


async def order(uow: UnitOfWork, viewer: Viewer, area: str | None, span: Span) -> Report:
    """Order the report of a period that is over, once more where there is one. Raises Invalid."""
    viewer.require("report.make")
    here = await directory.area(uow.session, viewer, area)
    if span.period.end > uow.now:
        raise Invalid(
            f"'{span.name}' is not over yet; a report is made of what has happened.",
            code="period_not_over",
            name=span.name,
        )
    await repository.lock_reports(uow.session)
    before = await repository.editions(uow.session, viewer, here.code, span.kind, span.name)
    row = Report(
        id=new_id(), area=here.code, kind=span.kind, name=span.name, edition=before + 1,
        start_at=span.period.start, end_at=span.period.end, rules=span.rules.version,
        state=WAITING, ordered_at=uow.now, ordered_by=viewer.staff_id,
    )  # fmt: skip
    uow.session.add(row)
    uow.record(_entry(viewer, "report.ordered", row))
    uow.defer(MAKE_JOB, report_id=str(row.id))
    return row


def keep_content(row: Report, content: Content) -> None:
    """What it says, before it has a form."""
    row.content = stored(content)


def keep_file(uow: UnitOfWork, row: Report, form: str, file: StoredFile) -> None:
    """One form more is there."""
    uow.session.add(ReportFile(report_id=row.id, form=form, digest=file.digest, bytes=file.bytes))


def made(uow: UnitOfWork, viewer: Viewer, row: Report) -> None:
    """All of its forms are there."""
    row.state, row.made_at = MADE, uow.now
    uow.record(_entry(viewer, "report.made", row))


def failed(uow: UnitOfWork, viewer: Viewer, row: Report, failure: str) -> None:
    """It cannot be made; ``failure`` is a code that the screen has words for."""
    row.state, row.failure = FAILED, failure
    uow.record(_entry(viewer, "report.failed", row, failure=failure))


def downloaded(uow: UnitOfWork, viewer: Viewer, row: Report, form: str) -> None:
    """Somebody takes it out of the house."""
    uow.record(_entry(viewer, "report.downloaded", row, form=form))


async def remove(uow: UnitOfWork, viewer: Viewer, before: datetime, limit: int) -> list[UUID]:
    """Remove what was ordered before this time."""
    removed = await repository.remove_older(uow.session, viewer, before, limit)
    if removed:
        data = {"reports": len(removed)}
        uow.record(
            Entry(viewer.actor, "report.removed", "report", None, grade=GRADE_INTERNAL, data=data)
        )
    return removed


def _entry(viewer: Viewer, action: str, row: Report, **more: str) -> Entry:
    data = {"kind": row.kind, "name": row.name, "edition": row.edition, **more}
    return Entry(
        viewer.actor, action, "report", row.id, area=row.area, grade=GRADE_INTERNAL, data=data
    )
