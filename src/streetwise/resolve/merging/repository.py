"""SQL of merging: links of signals, prints, offers, merges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import psycopg
from sqlalchemy import Select, Table, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.bulk import insert_many
from streetwise.kernel.copying import json_text
from streetwise.kernel.database import among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.journal import Journal
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.contacts.tables import Contact
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.merging.tables import CaseMerge, CasePrint, MergeOffer
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.petitions import repository as petitions
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case, CaseSignal
from streetwise.resolve.understand.merge import Settings

#: So long a closed case is remembered, to ask whether its problem has come back.
GUARD = timedelta(days=Settings().guard_days)
OPEN, JOINED, REFUSED, VOID = "open", "joined", "refused", "void"
#: Joins that the engine decided by itself.
BY_ENGINE = "same_problem"


@dataclass(frozen=True, slots=True)
class KnownPrint:
    """What is kept of a case to compare signals with. ``until`` as in ``CasePrint``."""

    case_id: UUID
    area: str
    until: datetime | None
    voice: dict[str, Any]
    print: bytes


# --- prints --------------------------------------------------------------------------------


async def prints(
    session: AsyncSession,
    viewer: Viewer,
    now: datetime,
    *,
    ids: Iterable[UUID] | None = None,
) -> list[KnownPrint]:
    """Prints of cases that a signal may join or bring back; ``ids``: of these only."""
    viewer.require("*")
    query = select(
        CasePrint.case_id, CasePrint.area, CasePrint.until, CasePrint.voice, CasePrint.print
    ).where(or_(CasePrint.until.is_(None), CasePrint.until > now))
    if ids is not None:
        query = query.where(among(CasePrint.case_id, ids))
    return [KnownPrint(*row) for row in await session.execute(query)]


async def touched_since(
    session: AsyncSession, viewer: Viewer, seq: int
) -> tuple[int, Counter[UUID]]:
    """(the last entry's number, how many entries behind ``seq`` are about which case)."""
    viewer.require("*")
    rows = (await session.execute(_TOUCHED_SINCE, {"behind": seq})).all()
    return max([seq, *(row[0] for row in rows)]), Counter(row[1] for row in rows if row[1])


_TOUCHED_SINCE = select(Journal.seq, Journal.subject).where(
    Journal.seq > bindparam("behind"), Journal.subject_kind == "case"
)


async def last_seq(session: AsyncSession, viewer: Viewer) -> int:
    """The journal's last entry that anybody can see now."""
    viewer.require("*")
    return (await session.execute(select(func.coalesce(func.max(Journal.seq), 0)))).scalar_one()


async def store_prints(
    connection: psycopg.AsyncConnection[Any], rows: Sequence[KnownPrint]
) -> None:
    """Store the prints of new cases."""
    await insert_many(
        connection,
        "case_print",
        ("case_id", "area", "until", "voice", "print"),
        [(row.case_id, row.area, row.until, json_text(row.voice), row.print) for row in rows],
    )


async def print_of(session: AsyncSession, case_id: UUID) -> KnownPrint | None:
    """What is kept of a case, which the caller has locked; None: nothing joins it."""
    return (await prints_of(session, [case_id])).get(case_id)


async def prints_of(session: AsyncSession, case_ids: Iterable[UUID]) -> dict[UUID, KnownPrint]:
    """The same of many, by case."""
    found = await session.execute(_PRINTS_OF, {"case_ids": list(case_ids)})
    return {row[0]: KnownPrint(*row) for row in found}


_PRINTS_OF = select(
    CasePrint.case_id, CasePrint.area, CasePrint.until, CasePrint.voice, CasePrint.print
).where(among(CasePrint.case_id, bindparam("case_ids")))


async def end_print(session: AsyncSession, case_id: UUID, until: datetime | None) -> None:
    """A case was closed (its guard time runs until then) or opened again (None)."""
    await end_prints(session, [case_id], until)


async def end_prints(
    session: AsyncSession, case_ids: Collection[UUID], until: datetime | None
) -> None:
    """The same of many."""
    if case_ids:
        given = {"ended": list(case_ids), "upto": until}
        await (await session.connection()).execute(_END_PRINT, given)


_PRINTS = cast(Table, CasePrint.__table__)
_END_PRINT = (
    update(_PRINTS)
    .where(among(CasePrint.case_id, bindparam("ended")))
    .values(until=bindparam("upto", type_=_PRINTS.c.until.type))
)


async def put_print(session: AsyncSession, row: KnownPrint) -> None:
    """Store the print of one case, or bring it up to date."""
    await put_prints(session, [row])


async def put_prints(session: AsyncSession, rows: Sequence[KnownPrint]) -> None:
    """The same of many."""
    if rows:
        values = [{name: getattr(row, name) for name in _PRINT} for row in rows]
        await (await session.connection()).execute(_PUT_PRINT, values)


_PRINT = ("case_id", "area", "until", "voice", "print")
_INSERT_PRINT = insert(_PRINTS)
_PUT_PRINT = _INSERT_PRINT.on_conflict_do_update(
    index_elements=["case_id"],
    set_={name: _INSERT_PRINT.excluded[name] for name in _PRINT if name != "case_id"},
)


async def sweep_prints(session: AsyncSession, viewer: Viewer, now: datetime, limit: int) -> int:
    """Remove prints whose guard time is over; how many."""
    viewer.require("*")
    # A merge that is undone later wants it back.
    past = select(CasePrint.case_id).where(CasePrint.until <= now - GUARD).limit(limit)
    query = (
        delete(CasePrint)
        .where(CasePrint.case_id.in_(past.scalar_subquery()))
        .returning(CasePrint.case_id)
        .execution_options(synchronize_session=False)
    )
    return len((await session.execute(query)).all())


# --- voices --------------------------------------------------------------------------------


async def links(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> Sequence[CaseSignal]:
    """The links of cases that the viewer sees, oldest first."""
    rows = await session.execute(_links(viewer), {"case_ids": list(case_ids)})
    found: Sequence[CaseSignal] = rows.scalars().all()
    return found


@by_sight
def _links(viewer: Viewer) -> Select[Any]:
    wanted = among(CaseSignal.case_id, bindparam("case_ids"))
    return (
        select(CaseSignal)
        .join(Case, Case.id == CaseSignal.case_id)
        .where(wanted, visible(viewer))
        .order_by(CaseSignal.joined_at, CaseSignal.signal_id, CaseSignal.part)
    )


async def link(
    session: AsyncSession, viewer: Viewer, case_id: UUID, signal_id: UUID, part: int
) -> CaseSignal:
    """One link of a case, locked; NotFound when the signal does not feed it."""
    query = (
        select(CaseSignal)
        .join(Case, Case.id == CaseSignal.case_id)
        .where(
            CaseSignal.signal_id == signal_id,
            CaseSignal.part == part,
            CaseSignal.case_id == case_id,
            visible(viewer),
        )
        .with_for_update(of=CaseSignal)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("This voice does not belong to the case (any more).", id=str(signal_id))
    return found


async def move_links(
    session: AsyncSession, links: Iterable[CaseSignal], into: UUID, why: str | None = None
) -> None:
    """Give links to another case."""
    for one in links:
        one.case_id = into
        if why is not None:
            one.why, one.reason = why, None
    await session.flush()


async def last_parts(
    session: AsyncSession, viewer: Viewer, signal_ids: Iterable[UUID]
) -> dict[UUID, int]:
    """signal → the highest part number that it has in any case."""
    viewer.require("*")
    query = (
        select(CaseSignal.signal_id, func.max(CaseSignal.part))
        .where(among(CaseSignal.signal_id, signal_ids))
        .group_by(CaseSignal.signal_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def move_orders(
    session: AsyncSession,
    signal_ids: Iterable[UUID],
    from_id: UUID,
    into: UUID,
    *,
    also: Iterable[UUID] = (),
) -> list[UUID]:
    """Give the work orders of these signals, and ``also`` these, to another case; their clocks run
    on as they did. What was said to these reporters goes with them.
    """
    await session.execute(
        update(Contact)
        .where(among(Contact.signal_id, signal_ids), Contact.case_id == from_id)
        .values(case_id=into)
        .execution_options(synchronize_session=False)
    )
    await petitions.move(session, signal_ids, from_id, into)
    wanted = or_(among(WorkOrder.signal_id, signal_ids), among(WorkOrder.id, also))
    query = (
        update(WorkOrder)
        .where(wanted, WorkOrder.case_id == from_id)
        .values(case_id=into, version=WorkOrder.version + 1)
        .returning(WorkOrder.id)
        .execution_options(synchronize_session=False)
    )
    return list((await session.execute(query)).scalars())


async def joined_lately(
    session: AsyncSession, viewer: Viewer, area: str, since: datetime, limit: int
) -> Sequence[CaseSignal]:
    """What the engine joined by itself since then, newest first; open cases only."""
    query = (
        select(CaseSignal)
        .join(Case, Case.id == CaseSignal.case_id)
        .where(
            visible(viewer, area),
            Case.area == area,
            Case.state != CLOSED,
            CaseSignal.why == BY_ENGINE,
            CaseSignal.joined_at >= since,
        )
        .order_by(CaseSignal.joined_at.desc(), CaseSignal.signal_id.desc())
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()


# --- offers (further: offer_repository) ---------------------------------------------------------


async def apart(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> set[frozenset[UUID]]:
    """Pairs of these cases with others that an officer told apart."""
    viewer.require("*")
    wanted = list(case_ids)
    query = select(MergeOffer.case_id, MergeOffer.other_id).where(
        MergeOffer.state == REFUSED,
        or_(among(MergeOffer.case_id, wanted), among(MergeOffer.other_id, wanted)),
    )
    return {frozenset(row) for row in await session.execute(query)}


async def store_offers(
    connection: psycopg.AsyncConnection[Any], rows: Sequence[dict[str, Any]]
) -> None:
    """Store new offers."""
    columns = (
        *("id", "area", "case_id", "other_id", "kind", "score", "reasons", "state", "made_at"),
        "decided_at",
    )
    await insert_many(
        connection,
        "merge_offer",
        columns,
        [
            [json_text(row[name]) if name == "reasons" else row[name] for name in columns]
            for row in rows
        ],
    )


# --- merges --------------------------------------------------------------------------------


async def merges_of(session: AsyncSession, viewer: Viewer, case_id: UUID) -> Sequence[CaseMerge]:
    """What was merged into a case, or it into another, and is not undone; newest first."""
    viewer.require("case.read")
    query = (
        select(CaseMerge)
        .where(
            or_(CaseMerge.from_id == case_id, CaseMerge.into_id == case_id),
            CaseMerge.undone_at.is_(None),
        )
        .order_by(CaseMerge.merged_at.desc(), CaseMerge.id.desc())
    )
    return (await session.execute(query)).scalars().all()


async def merges_into(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> Sequence[CaseMerge]:
    """What was merged into these cases and is not undone, oldest first."""
    viewer.require("case.read")
    query = (
        select(CaseMerge)
        .where(among(CaseMerge.into_id, case_ids), CaseMerge.undone_at.is_(None))
        .order_by(CaseMerge.merged_at, CaseMerge.id)
    )
    return (await session.execute(query)).scalars().all()


async def children_of(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> list[tuple[UUID, UUID]]:
    """(child, parent) of cases that hang under one of these, oldest first."""
    query = (
        select(Case.id, Case.parent_id)
        .where(among(Case.parent_id, case_ids), visible(viewer))
        .order_by(Case.opened_at, Case.id)
    )
    return [(row[0], row[1]) for row in await session.execute(query) if row[1]]


async def parents_around(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, UUID | None]:
    """case → what it hangs under: of these cases, and of all that hang under one of them."""
    viewer.require("*")
    wanted = list(ids)
    query = select(Case.id, Case.parent_id).where(
        or_(among(Case.id, wanted), among(Case.parent_id, wanted))
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def children(session: AsyncSession, viewer: Viewer, case_id: UUID) -> list[UUID]:
    """The cases that hang under this one, oldest first."""
    query = (
        select(Case.id)
        .where(and_(Case.parent_id == case_id, visible(viewer)))
        .order_by(Case.opened_at, Case.id)
    )
    return list((await session.execute(query)).scalars())
