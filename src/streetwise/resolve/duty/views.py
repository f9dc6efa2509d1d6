"""From rows of the duty room to what a screen shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.kernel.database import looking_as
from streetwise.kernel.viewer import Viewer
from streetwise.notify import made
from streetwise.resolve import repository as cases
from streetwise.resolve import whom
from streetwise.resolve.directives import repository as directives
from streetwise.resolve.directives.rules import UNDONE
from streetwise.resolve.directives.views import actor_view
from streetwise.resolve.duty import actions
from streetwise.resolve.duty.open_items import Open, first_of_each, thawed
from streetwise.resolve.duty.schemas import (
    GroupView,
    HandoverRow,
    HandoverView,
    ItemView,
    LineCase,
    LogView,
)
from streetwise.resolve.duty.tables import DutyEntry, Handover
from streetwise.resolve.incidents import repository as incidents
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.tables import Case


async def log_views(
    session: AsyncSession, viewer: Viewer, entries: Sequence[DutyEntry]
) -> list[LogView]:
    """Lines of the log with who wrote them and what they are about."""
    names = await directory.staff_names(session, viewer, (one.written_by for one in entries))
    titles = await cases.titles(session, viewer, {one.case_id for one in entries if one.case_id})
    return [
        LogView(
            id=one.id,
            kind=one.kind,
            text=one.text,
            masked=one.masked,
            happened_at=one.happened_at,
            written_at=one.written_at,
            by=actor_view(names, one.written_by),
            case=LineCase(id=one.case_id, number=titles[one.case_id].number)
            if one.case_id in titles and one.case_id
            else None,
            note=one.note_id,
        )
        for one in entries
    ]


async def group_views(
    session: AsyncSession, viewer: Viewer, items: Mapping[str, Open], most: int
) -> list[GroupView]:
    """What is open by kind, so many of each named, each with its case as it is now."""
    lines = {
        "urgent": await _case_lines(session, viewer, items["urgent"].ids[:most]),
        "overdue": await _case_lines(session, viewer, items["overdue"].ids[:most]),
        "unacknowledged": await _told_lines(session, viewer, items["unacknowledged"].ids[:most]),
        "directives": await _directive_lines(session, viewer, items["directives"].ids[:most]),
        "reports": await _report_lines(session, viewer, items["reports"].ids[:most]),
    }
    return [
        GroupView(group=group, count=one.count, items=lines[group]) for group, one in items.items()
    ]


async def _case_lines(session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]) -> list[ItemView]:
    found = await cases.cases_by_id(session, viewer, ids)
    return [_line(one, found[one], None) for one in ids if one in found]


async def _told_lines(session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]) -> list[ItemView]:
    async with looking_as(session, whom.SYSTEM):
        told = first_of_each(await made(session, whom.SYSTEM, ids))
    found = await cases.cases_by_id(session, viewer, [one.subject for one in told if one.subject])
    return [
        _line(one.id, found[one.subject], one.kind, settled=one.ack_at is not None)
        for one in told
        if one.subject in found and one.subject
    ]


async def _directive_lines(
    session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
) -> list[ItemView]:
    rows = await directives.by_ids(session, viewer, ids)
    return [
        _line(
            row.directive.id, row.case, row.directive.kind,
            settled=row.directive.state not in UNDONE, due_at=row.directive.due_at,
        )
        for row in rows
    ]  # fmt: skip


async def _report_lines(
    session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
) -> list[ItemView]:
    rows = await incidents.tells_by_ids(session, viewer, ids)
    return [
        _line(
            row.tell.id, row.case, row.report.kind,
            settled=row.tell.told_at is not None, due_at=row.tell.due_at,
        )
        for row in rows
    ]  # fmt: skip


def _line(
    item: UUID, case: Case, detail: str | None, *, settled: bool | None = None, **more: Any
) -> ItemView:
    values: dict[str, Any] = {
        "id": item,
        "case_id": case.id,
        "number": case.number,
        "title": case.title,
        "state": case.state,
        "due_at": case.due_at,
        "detail": detail,
        "settled": case.state == CLOSED if settled is None else settled,
        **more,
    }
    return ItemView(**values)


async def handover_rows(
    session: AsyncSession, viewer: Viewer, rows: Sequence[Handover], leaders: list[UUID]
) -> list[HandoverRow]:
    """Hand-overs for a list."""
    names = await _names(session, viewer, rows)
    return [HandoverRow(**_values(viewer, row, names, leaders)) for row in rows]


async def handover_view(
    session: AsyncSession,
    viewer: Viewer,
    row: Handover,
    leaders: list[UUID],
    entries: Sequence[DutyEntry],
    most: int,
) -> HandoverView:
    """A hand-over, whole."""
    names = await _names(session, viewer, [row])
    return HandoverView(
        **_values(viewer, row, names, leaders),
        text=row.text,
        groups=await group_views(session, viewer, thawed(row.items), most),
        log=await log_views(session, viewer, entries),
    )


def _values(
    viewer: Viewer, row: Handover, names: Mapping[UUID, tuple[str, str]], leaders: list[UUID]
) -> dict[str, Any]:
    may_read = viewer.may("duty.lead") and actions.may_not_read(viewer, row, leaders) is None
    return {
        "id": row.id,
        "version": row.version,
        "from_at": row.from_at,
        "given_at": row.given_at,
        "given_by": actor_view(names, row.given_by),
        "taken_at": row.taken_at,
        "taken_by": actor_view(names, row.taken_by),
        "read_at": row.read_at,
        "read_by": actor_view(names, row.read_by),
        "open": sum(one.count for one in thawed(row.items).values()),
        "may_take": actions.may_take(viewer, row),
        "may_read": may_read,
    }


async def _names(
    session: AsyncSession, viewer: Viewer, rows: Iterable[Handover]
) -> dict[UUID, tuple[str, str]]:
    people = {one for row in rows for one in (row.given_by, row.taken_by, row.read_by) if one}
    return await directory.staff_names(session, viewer, people)
