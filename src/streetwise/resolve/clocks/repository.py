"""SQL of clocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import psycopg
from sqlalchemy import Row, Select, Table, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.util import identity_key

from streetwise.kernel.bulk import insert_many
from streetwise.kernel.copying import json_text
from streetwise.kernel.database import among
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.clocks.rows import VOID, ClockRow
from streetwise.resolve.clocks.tables import CaseClock, CaseRequest
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case

COLUMNS = tuple(one.name for one in fields(ClockRow))
_TABLE = cast(Table, CaseClock.__table__)
_IN_ORDER = [_TABLE.c[name] for name in COLUMNS]


async def of_cases(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> list[ClockRow]:
    """The clocks of cases that the viewer sees, but those that count no more; oldest first."""
    found = await session.execute(_of_cases(viewer), {"case_ids": list(case_ids)})
    return [ClockRow(*row) for row in found]


@by_sight
def _of_cases(viewer: Viewer) -> Select[Any]:
    wanted = among(CaseClock.case_id, bindparam("case_ids"))
    return (
        select(*_IN_ORDER)
        .join(Case, Case.id == CaseClock.case_id)
        .where(wanted, CaseClock.state != VOID, visible(viewer))
        .order_by(CaseClock.started_at, CaseClock.id)
    )


async def void_of(session: AsyncSession, viewer: Viewer, case_id: UUID) -> list[ClockRow]:
    """The clocks of a case that count no more, oldest first."""
    viewer.require("*")
    query = (
        select(*_IN_ORDER)
        .where(CaseClock.case_id == case_id, CaseClock.state == VOID)
        .order_by(CaseClock.started_at, CaseClock.id)
    )
    return [ClockRow(*row) for row in await session.execute(query)]


async def insert_new(connection: psycopg.AsyncConnection[Any], rows: Sequence[ClockRow]) -> None:
    """Insert new clocks, many at once."""
    if rows:
        await insert_many(connection, "case_clock", COLUMNS, (_values(row) for row in rows))


def _values(row: ClockRow) -> list[Any]:
    return [
        json_text(value) if name in ("events", "why") else value
        for name, value in ((name, getattr(row, name)) for name in COLUMNS)
    ]


async def put(session: AsyncSession, rows: Sequence[ClockRow]) -> None:
    """Insert clocks, or bring them to what these say."""
    if rows:
        connection = await session.connection()
        # Not ``asdict``, which copies every step of every reason: a quarter of a bulk dispatch.
        values = [{name: getattr(row, name) for name in COLUMNS} for row in rows]
        await connection.execute(_PUT, values)


_INSERT = insert(_TABLE)
_PUT = _INSERT.on_conflict_do_update(
    index_elements=["id"],
    set_={name: _INSERT.excluded[name] for name in COLUMNS if name not in ("id", "area", "kind")},
)


async def due_of_cases(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> Sequence[Row[UUID, str, datetime | None]]:
    """(id, area, due_at) of cases."""
    viewer.require("*")
    return (await session.execute(_DUE_OF_CASES, {"ids": list(case_ids)})).all()


_DUE_OF_CASES = select(Case.id, Case.area, Case.due_at).where(among(Case.id, bindparam("ids")))


async def put_due(
    session: AsyncSession,
    viewer: Viewer,
    case_id: UUID,
    due_at: datetime | None,
    why: list[dict[str, Any]],
) -> None:
    """When a case is due, and why; of one that is in hand, in the hand too."""
    viewer.require("*")
    held = session.sync_session.identity_map.get(identity_key(Case, case_id))
    if isinstance(held, Case):
        held.due_at, held.due_why = due_at, why
        return
    await session.execute(
        update(Case)
        .where(Case.id == case_id)
        .values(due_at=due_at, due_why=why)
        .execution_options(synchronize_session=False)
    )


async def orders_of(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> Sequence[WorkOrder]:
    """The work orders of cases."""
    viewer.require("*")
    return (await session.execute(_ORDERS_OF, {"ids": list(case_ids)})).scalars().all()


_ORDERS_OF = (
    select(WorkOrder).where(among(WorkOrder.case_id, bindparam("ids"))).order_by(WorkOrder.id)
)


async def claim(
    session: AsyncSession, viewer: Viewer, now: datetime, limit: int
) -> list[tuple[ClockRow, Case]]:
    """Clocks at which something is to be done now, the longest waiting first, locked with their
    cases. What somebody else holds is passed by and waits for the next time.
    """
    viewer.require("*")
    found = await session.execute(_due(now, limit))
    return [(ClockRow(*row[:-1]), row[-1]) for row in found]


def _due(now: datetime, limit: int) -> Select[Any]:
    return (
        select(*_IN_ORDER, Case)
        .join(Case, Case.id == CaseClock.case_id)
        .where(CaseClock.next_at <= now)
        .order_by(CaseClock.next_at)
        .limit(limit)
        .with_for_update(of=[_TABLE, Case.__table__], skip_locked=True)
    )


async def how_many_wait(session: AsyncSession, viewer: Viewer, now: datetime) -> int:
    """Clocks whose next step is past."""
    viewer.require("*")
    query = select(func.count()).where(CaseClock.next_at <= now)
    return int((await session.execute(query)).scalar_one())


async def open_request(session: AsyncSession, viewer: Viewer, case_id: UUID) -> CaseRequest | None:
    """What is asked for of a case and not decided, locked."""
    query = (
        select(CaseRequest)
        .join(Case, Case.id == CaseRequest.case_id)
        .where(CaseRequest.case_id == case_id, CaseRequest.state == "open", visible(viewer))
        .with_for_update(of=CaseRequest)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def requests_of(
    session: AsyncSession, viewer: Viewer, case_id: UUID
) -> Sequence[CaseRequest]:
    """What was ever asked for of a case, oldest first."""
    query = (
        select(CaseRequest)
        .join(Case, Case.id == CaseRequest.case_id)
        .where(CaseRequest.case_id == case_id, visible(viewer))
        .order_by(CaseRequest.asked_at)
    )
    return (await session.execute(query)).scalars().all()
