"""All SQL of the reconciliation. A line shows what its case shows; one without a case is shown to
who sees the whole street and answers orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.gather import CodeName, source_names
from streetwise.kernel.database import among, of_areas
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.contacts.rules import SPOKEN
from streetwise.resolve.contacts.tables import Contact
from streetwise.resolve.orders import loop
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.paging import read_cursor, write_cursor
from streetwise.resolve.reconcile.tables import (
    EXPLAINED,
    GONE,
    OPEN,
    Reconciliation,
    ReconciliationLine,
)
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Aside, Case

_SORT = "reconcile"
_LINE = ReconciliationLine
#: What nobody has explained first, then the oldest.
_RANK = case((_LINE.state == OPEN, "0"), (_LINE.state == EXPLAINED, "1"), else_="2")
_PLACE = func.concat(_RANK, func.to_char(_LINE.first_day, "YYYYMMDD"))


@dataclass(frozen=True, slots=True)
class OrderHere:
    """An order, whether its case is closed, and whether somebody was spoken to."""

    order: WorkOrder
    case_closed: bool
    reached: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line, its platform, and its case in a few words: (id, number, title, state)."""

    line: ReconciliationLine
    source: CodeName
    case: tuple[UUID, str, str, str] | None


async def one_at_a_time(session: AsyncSession, area: str) -> None:
    """One reconciliation of an area at a time."""
    key = func.hashtext(f"resolve.reconcile:{area}")
    await session.execute(select(func.pg_advisory_xact_lock(key)))


# --- for the job ---------------------------------------------------------------------------


async def orders_here(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    source_id: UUID,
    *,
    since: datetime | None = None,
    numbers: Iterable[str] = (),
) -> list[OrderHere]:
    """The orders of a platform that are not over, or ended ``since``; or those of these numbers."""
    viewer.require("*")
    if since is not None:
        wanted = or_(WorkOrder.state.not_in(loop.ENDED), WorkOrder.closed_at >= since)
    else:
        wanted = among(WorkOrder.number, numbers)
    spoken = (
        select(Contact.id)
        .where(Contact.signal_id == WorkOrder.signal_id, Contact.result == SPOKEN[0])
        .exists()
    )
    query = (
        select(WorkOrder, Case.state, spoken)
        .join(Case, Case.id == WorkOrder.case_id)
        .where(WorkOrder.area == area, WorkOrder.source_id == source_id, wanted)
    )
    found = await session.execute(query)
    return [OrderHere(row[0], row[1] == "closed", row[2]) for row in found]


async def put_aside(session: AsyncSession, viewer: Viewer, signal_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these signals were put aside as no case."""
    viewer.require("*")
    query = select(Aside.signal_id).where(among(Aside.signal_id, signal_ids))
    return set((await session.execute(query)).scalars())


async def run_of(
    session: AsyncSession, viewer: Viewer, area: str, source_id: UUID, day: date
) -> Reconciliation | None:
    """The run of a day, if there was one."""
    viewer.require("*")
    query = select(Reconciliation).where(
        Reconciliation.area == area,
        Reconciliation.source_id == source_id,
        Reconciliation.day == day,
    )
    return (await session.execute(query)).scalar_one_or_none()


async def lasting(
    session: AsyncSession, viewer: Viewer, area: str, source_id: UUID
) -> list[ReconciliationLine]:
    """The lines that are not gone, locked in the order of their ids."""
    viewer.require("*")
    query = (
        select(_LINE)
        .where(_LINE.area == area, _LINE.source_id == source_id, _LINE.state != GONE)
        .order_by(_LINE.id)
        .with_for_update()
    )
    return list((await session.execute(query)).scalars())


# --- for people ----------------------------------------------------------------------------


def _shown(viewer: Viewer) -> ColumnElement[bool]:
    """A line with a case by that; one without by the whole street."""
    of_case = and_(_LINE.case_id.is_not(None), visible(viewer))
    if not (viewer.wide and viewer.may("order.answer")):
        return of_case
    return or_(of_case, and_(_LINE.case_id.is_(None), of_areas(_LINE.area, viewer)))


async def latest_runs(
    session: AsyncSession, viewer: Viewer, area: str
) -> list[tuple[Reconciliation, CodeName]]:
    """The last run of each platform, by its code."""
    viewer.require("case.read")
    query = (
        select(Reconciliation)
        .where(Reconciliation.area == area, of_areas(Reconciliation.area, viewer))
        .ext(distinct_on(Reconciliation.source_id))
        .order_by(Reconciliation.source_id, Reconciliation.day.desc())
    )
    rows = list((await session.execute(query)).scalars())
    names = await source_names(session, viewer, {row.source_id for row in rows})
    return sorted(((row, names[row.source_id]) for row in rows), key=lambda one: one[1].code)


async def counted(
    session: AsyncSession, viewer: Viewer, area: str
) -> list[tuple[UUID, str, str, int]]:
    """(platform, kind, state, how many) of the lines that last, as far as the viewer sees them."""
    query = (
        select(_LINE.source_id, _LINE.kind, _LINE.state, func.count())
        .outerjoin(Case, Case.id == _LINE.case_id)
        .where(_LINE.area == area, _LINE.state != GONE, _shown(viewer))
        .group_by(_LINE.source_id, _LINE.kind, _LINE.state)
        .order_by(_LINE.source_id, _LINE.kind, _LINE.state)
    )
    return [(row[0], row[1], row[2], row[3]) for row in await session.execute(query)]


async def lines(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    *,
    source: str | None,
    kind: str | None,
    state: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[LineRow], str | None]:
    """A page of lines, and where the next begins: open ones first, the oldest first.

    ``state`` None: all that last.
    """
    query = _lines(viewer).where(_LINE.area == area)
    query = query.where(_LINE.state == state if state else _LINE.state != GONE)
    if kind is not None:
        query = query.where(_LINE.kind == kind)
    if cursor is not None:
        place, row_id = read_cursor(cursor, _SORT, words=True)
        query = query.where(tuple_(_PLACE, _LINE.id) > tuple_(place, row_id))
    names = await _source_codes(session, viewer, area)
    if source is not None:
        query = query.where(among(_LINE.source_id, [one for one in names if names[one] == source]))
    query = query.add_columns(_PLACE).order_by(_PLACE, _LINE.id).limit(limit + 1)
    found = (await session.execute(query)).all()
    rows = await _rows(session, viewer, found[:limit])
    if len(found) <= limit:
        return rows, None
    last = found[limit - 1]
    return rows, write_cursor(_SORT, last[-1], last[0].id)


async def line(session: AsyncSession, viewer: Viewer, line_id: UUID) -> LineRow:
    """One line; NotFound when there is none that the viewer may see."""
    found = (await session.execute(_lines(viewer).where(_LINE.id == line_id))).all()
    if not found:
        raise _unknown(line_id)
    return (await _rows(session, viewer, found))[0]


async def lock(
    session: AsyncSession, viewer: Viewer, line_id: UUID
) -> tuple[ReconciliationLine, Case | None]:
    """A line locked for change, behind its case; NotFound as with ``line``."""
    row = await line(session, viewer, line_id)
    if row.case is not None:
        await session.execute(select(Case).where(Case.id == row.case[0]).with_for_update())
    query = (
        select(_LINE, Case)
        .outerjoin(Case, Case.id == _LINE.case_id)
        .where(_LINE.id == line_id, _shown(viewer))
        .with_for_update(of=_LINE)
        .execution_options(populate_existing=True)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise _unknown(line_id)
    return found[0], found[1]


def _unknown(line_id: UUID) -> NotFound:
    return NotFound("There is no such difference, or it is not yours to see.", id=str(line_id))


def _lines(viewer: Viewer) -> Select[Any, Any, Any, Any, Any]:
    return (
        select(_LINE, Case.id, Case.number, Case.title, Case.state)
        .outerjoin(Case, Case.id == _LINE.case_id)
        .where(_shown(viewer))
    )


async def _source_codes(session: AsyncSession, viewer: Viewer, area: str) -> dict[UUID, str]:
    query = select(Reconciliation.source_id).where(Reconciliation.area == area).distinct()
    ids = list((await session.execute(query)).scalars())
    return {one: name.code for one, name in (await source_names(session, viewer, ids)).items()}


async def _rows(session: AsyncSession, viewer: Viewer, found: Sequence[Any]) -> list[LineRow]:
    names = await source_names(session, viewer, {row[0].source_id for row in found})
    return [
        LineRow(
            row[0],
            names[row[0].source_id],
            (row[1], row[2], row[3], row[4]) if row[1] else None,
        )
        for row in found
    ]
