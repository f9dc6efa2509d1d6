"""All SQL of work orders. What a viewer sees of them is what they see of their cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.tables import Unit
from streetwise.gather import CodeName, source_names
from streetwise.kernel.database import among
from streetwise.kernel.errors import Invalid, NotFound
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.loop import CLOSED as CASE_CLOSED
from streetwise.resolve.orders import loop
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.paging import INFINITY, read_cursor, write_cursor
from streetwise.resolve.repository import count_to, visible
from streetwise.resolve.tables import Case, CaseSignal

COUNT_CAP = 1_000
_SORT = "due"
_DUE = func.coalesce(WorkOrder.due_at, INFINITY)


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What a list is narrowed to. ``check``: a list of the reconciliation."""

    area: str
    states: tuple[str, ...] = ()
    attention: bool = False
    due: str | None = None
    check: str | None = None
    words: str | None = None
    urged: bool = False
    contact: bool = False


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order, its case, and the unit that holds that."""

    order: WorkOrder
    case: Case
    source: CodeName
    unit: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Rows, and where the next page begins."""

    rows: list[OrderRow]
    next_cursor: str | None


async def page(
    session: AsyncSession,
    viewer: Viewer,
    wanted: OrderFilter,
    *,
    cursor: str | None,
    limit: int,
    now: datetime,
    soon: timedelta,
    patience: timedelta,
) -> OrderPage:
    """One page, what is due first first."""
    query = _whole().where(_where(viewer, wanted, now, soon, patience))
    if cursor is not None:
        query = query.where(tuple_(_DUE, WorkOrder.id) > tuple_(*read_cursor(cursor, _SORT)))
    query = query.order_by(_DUE, WorkOrder.id).limit(limit + 1)
    found = (await session.execute(query)).all()
    rows = await _rows(session, viewer, found[:limit])
    if len(found) <= limit:
        return OrderPage(rows, None)
    last = rows[-1].order
    return OrderPage(rows, write_cursor(_SORT, last.due_at, last.id))


async def count(
    session: AsyncSession,
    viewer: Viewer,
    wanted: OrderFilter,
    now: datetime,
    soon: timedelta,
    patience: timedelta,
) -> tuple[int, bool]:
    """(count, exact): counts no further than the cap."""
    inner = (
        select(literal(1))
        .select_from(WorkOrder)
        .join(Case, Case.id == WorkOrder.case_id)
        .where(_where(viewer, wanted, now, soon, patience))
    )
    return await count_to(session, inner, COUNT_CAP)


async def of_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> list[OrderRow]:
    """The orders that a case carries, the one that is due first first."""
    found = (await session.execute(_of_case(viewer), {"case_id": case_id})).all()
    return await _rows(session, viewer, found) if found else []


@by_sight
def _of_case(viewer: Viewer) -> Select[Any]:
    query = _whole().where(WorkOrder.case_id == bindparam("case_id"), visible(viewer))
    return query.order_by(_DUE, WorkOrder.id)


async def of_cases(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> list[OrderRow]:
    """The orders that these cases carry, the one that is due first first."""
    found = (await session.execute(_of_cases(viewer), {"case_ids": list(case_ids)})).all()
    return await _rows(session, viewer, found) if found else []


@by_sight
def _of_cases(viewer: Viewer) -> Select[Any]:
    wanted = among(WorkOrder.case_id, bindparam("case_ids"))
    return _whole().where(wanted, visible(viewer)).order_by(_DUE, WorkOrder.id)


async def by_ids(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, OrderRow]:
    """id → the order, of those whose case the viewer may see."""
    found = (await session.execute(_by_ids(viewer), {"ids": list(ids)})).all()
    return {row.order.id: row for row in await _rows(session, viewer, found)} if found else {}


@by_sight
def _by_ids(viewer: Viewer) -> Select[Any]:
    return _whole().where(among(WorkOrder.id, bindparam("ids")), visible(viewer))


async def order(session: AsyncSession, viewer: Viewer, order_id: UUID) -> OrderRow:
    """One order; NotFound when there is none whose case the viewer may see."""
    query = _whole().where(WorkOrder.id == order_id, visible(viewer))
    rows = await _rows(session, viewer, (await session.execute(query)).all())
    if not rows:
        raise _unknown(order_id)
    return rows[0]


async def lock(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, tuple[WorkOrder, Case]]:
    """Orders locked for change, after their cases (always in that order); NotFound for an id of
    none that the viewer may see.
    """
    wanted = list(ids)
    cases, orders = _locked(viewer)
    await session.execute(cases, {"ids": wanted})
    found = {row[0].id: (row[0], row[1]) for row in await session.execute(orders, {"ids": wanted})}
    for order_id in wanted:
        if order_id not in found:
            raise _unknown(order_id)
    return found


@by_sight
def _locked(viewer: Viewer) -> tuple[Select[Any, Any], Select[Any, Any]]:
    query = (
        select(WorkOrder, Case)
        .join(Case, Case.id == WorkOrder.case_id)
        .where(among(WorkOrder.id, bindparam("ids")), visible(viewer))
        .order_by(Case.id, WorkOrder.id)
    )
    return query.with_for_update(of=Case), query.with_for_update(of=WorkOrder)


def _unknown(order_id: UUID) -> NotFound:
    return NotFound("There is no such work order, or it is not yours to see.", id=str(order_id))


async def known(
    session: AsyncSession, viewer: Viewer, signal_ids: Iterable[UUID]
) -> dict[UUID, WorkOrder]:
    """first signal → its order, locked in the order of their ids."""
    viewer.require("*")
    query = (
        select(WorkOrder)
        .where(among(WorkOrder.signal_id, signal_ids))
        .order_by(WorkOrder.id)
        .with_for_update()
    )
    return {row.signal_id: row for row in (await session.execute(query)).scalars()}


async def said_of(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID], firsts: Iterable[UUID]
) -> set[UUID]:
    """The signals that said something of the orders of these cases: the first ones, and what
    upstream said further. (Others of their cases are other people's voices.)
    """
    viewer.require("*")
    query = select(CaseSignal.signal_id).where(
        among(CaseSignal.case_id, case_ids),
        or_(CaseSignal.why == "same_upstream_item", among(CaseSignal.signal_id, firsts)),
    )
    return set((await session.execute(query)).scalars())


async def show_attention(session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]) -> None:
    """Bring up to date what cases show of their orders: whether one asks for attention."""
    viewer.require("case.read")
    worst = (
        select(
            # "returned" asks for more than "unresolved".
            func.min(WorkOrder.attention)
        )
        .where(WorkOrder.case_id == Case.id)
        .scalar_subquery()
    )
    await session.execute(
        update(Case)
        .where(among(Case.id, case_ids), Case.order_attention.is_distinct_from(worst))
        .values(order_attention=worst)
        .execution_options(synchronize_session=False)
    )


def _whole() -> Select[Any, Any, Any, Any]:
    return (
        select(WorkOrder, Case, Unit.code, Unit.name)
        .join(Case, Case.id == WorkOrder.case_id)
        .outerjoin(Unit, Unit.id == Case.unit_id)
    )


async def _sources(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, CodeName]:
    """Sources by id, each asked for once in a transaction: many orders, few sources."""
    known: dict[UUID, CodeName] = session.info.setdefault("order sources", {})
    missing = set(ids) - known.keys()
    if missing:
        known.update(await source_names(session, viewer, missing))
    return known


async def _rows(session: AsyncSession, viewer: Viewer, found: Sequence[Any]) -> list[OrderRow]:
    sources = await _sources(session, viewer, {line[0].source_id for line in found})
    return [
        OrderRow(
            line[0], line[1], sources[line[0].source_id], (line[2], line[3]) if line[2] else None
        )
        for line in found
    ]


def _where(
    viewer: Viewer, wanted: OrderFilter, now: datetime, soon: timedelta, patience: timedelta
) -> ColumnElement[bool]:
    parts = [visible(viewer), WorkOrder.area == wanted.area]
    running = WorkOrder.state.not_in(loop.ENDED)
    if wanted.states:
        parts.append(WorkOrder.state.in_(wanted.states))
    if wanted.attention:
        parts.append(WorkOrder.attention.is_not(None))
    if wanted.urged:
        waiting = (loop.OPEN, loop.RETURNED, loop.CONTESTED)
        parts += [WorkOrder.urged > 0, WorkOrder.state.in_(waiting)]
    if wanted.contact:
        parts += [running, WorkOrder.contacted_at.is_(None), WorkOrder.contact_due_at < now]
    if wanted.due == "overdue":
        parts += [running, WorkOrder.due_at < now]
    elif wanted.due == "soon":
        parts += [running, WorkOrder.due_at.between(now, now + soon)]
    elif wanted.due is not None:
        raise Invalid(f"Unknown filter due={wanted.due}; there are overdue and soon.")
    if wanted.check == "unconfirmed":
        # Done here, and upstream has said nothing for too long.
        parts += [WorkOrder.state == loop.ANSWERED, WorkOrder.answered_at < now - patience]
    elif wanted.check == "case_open":
        parts += [WorkOrder.state == loop.CLOSED, Case.state != CASE_CLOSED]
    elif wanted.check is not None:
        raise Invalid(f"Unknown check={wanted.check}; there are unconfirmed and case_open.")
    for word in (wanted.words or "").split():
        parts.append(
            or_(
                WorkOrder.number.icontains(word, autoescape=True),
                Case.number.icontains(word, autoescape=True),
                Case.title.icontains(word, autoescape=True),
            )
        )
    return and_(*parts)
