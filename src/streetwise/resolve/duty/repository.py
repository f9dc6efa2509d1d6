"""SQL of the duty room: log, hand-overs, and what is open when a shift ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import among, of_areas
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.duty.tables import DutyEntry, Handover
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.repository import count_to, visible
from streetwise.resolve.tables import Case

#: A hand-over names so many of a kind; the rest is counted.
NAMED_MOST = 500
#: Counted so far.
COUNTED_MOST = 100_000


async def lock_duty(session: AsyncSession, area: str) -> None:
    """One hand-over of an area at a time."""
    key = func.hashtext(f"resolve.duty:{area}")
    await session.execute(select(func.pg_advisory_xact_lock(key)))


def _log_seen(viewer: Viewer) -> ColumnElement[bool]:
    return of_areas(DutyEntry.area, viewer) if viewer.may("duty.read") else false()


def _handover_seen(viewer: Viewer) -> ColumnElement[bool]:
    return of_areas(Handover.area, viewer) if viewer.may("duty.read") else false()


async def log(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> Sequence[DutyEntry]:
    """The lines of an area written after ``since`` up to ``until``, the newest first."""
    query = select(DutyEntry).where(_log_seen(viewer), DutyEntry.area == area)
    if since is not None:
        query = query.where(DutyEntry.written_at > since)
    if until is not None:
        query = query.where(DutyEntry.written_at <= until)
    query = query.order_by(DutyEntry.written_at.desc(), DutyEntry.id.desc()).limit(limit)
    return (await session.execute(query)).scalars().all()


async def handovers(
    session: AsyncSession, viewer: Viewer, area: str, before: datetime | None, limit: int
) -> Sequence[Handover]:
    """Hand-overs of an area, the newest first; ``before``: given earlier than that."""
    query = select(Handover).where(_handover_seen(viewer), Handover.area == area)
    if before is not None:
        query = query.where(Handover.given_at < before)
    query = query.order_by(Handover.given_at.desc(), Handover.id.desc()).limit(limit)
    return (await session.execute(query)).scalars().all()


async def handover(
    session: AsyncSession, viewer: Viewer, handover_id: UUID, *, lock: bool = False
) -> Handover:
    """One hand-over; NotFound when it is not the viewer's to see."""
    query = select(Handover).where(Handover.id == handover_id, _handover_seen(viewer))
    if lock:
        query = query.with_for_update()
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such hand-over for you.", id=str(handover_id))
    return found


# --- what is open --------------------------------------------------------------------------


async def open_cases(
    session: AsyncSession, viewer: Viewer, area: str, *, overdue_at: datetime | None
) -> tuple[int, list[UUID]]:
    """(how many, the first of them) open cases of an area, what is due first first: the urgent
    ones, or with ``overdue_at`` those that were due by then."""
    which = Case.priority == "high" if overdue_at is None else Case.due_at <= overdue_at
    query = select(Case.id).where(visible(viewer, area), Case.state != CLOSED, which)
    counted = query.with_only_columns(literal(1))
    count, _ = await count_to(session, counted, COUNTED_MOST)
    ordered = query.order_by(func.coalesce(Case.due_at, Case.opened_at), Case.id)
    found = await session.execute(ordered.limit(NAMED_MOST))
    return count, list(found.scalars())


async def cases_of_area(
    session: AsyncSession, viewer: Viewer, area: str | None, ids: Iterable[UUID]
) -> dict[UUID, Case]:
    """Cases by id that the viewer sees; of one area, or of all."""
    wanted: list[Any] = [among(Case.id, ids), visible(viewer, area)]
    if area is not None:
        wanted.append(Case.area == area)
    query: Select[Any] = select(Case).where(and_(*wanted))
    return {row.id: row for row in (await session.execute(query)).scalars()}


async def case_with_number(session: AsyncSession, viewer: Viewer, number: str) -> Case:
    """A case as people call it; NotFound when the viewer sees none."""
    query = select(Case).where(Case.number == number, visible(viewer))
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no case {number} for you.", code="case_number", number=number)
    return found
