"""SQL of the triage desk: cases with doubts, and signals that are no case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.bulk import insert_many
from streetwise.kernel.copying import json_text
from streetwise.kernel.database import among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.repository import count_to, visible
from streetwise.resolve.tables import Aside, Case, CaseSignal

OPEN, SETTLED, CASE = "open", "settled", "case"
#: The desk counts no further.
COUNT_CAP = 999


def _doubted(viewer: Viewer, area: str) -> ColumnElement[bool]:
    return and_(visible(viewer, area), Case.area == area, Case.state != CLOSED, Case.doubts != [])


async def doubted(session: AsyncSession, viewer: Viewer, area: str, limit: int) -> list[UUID]:
    """Open cases with doubts: the urgent ones first, then the oldest."""
    query = (
        select(Case.id)
        .where(_doubted(viewer, area))
        .order_by(Case.priority, Case.opened_at, Case.id)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def count_doubted(session: AsyncSession, viewer: Viewer, area: str) -> tuple[int, bool]:
    """(how many, exact)."""
    query = select(literal(1)).select_from(Case).where(_doubted(viewer, area))
    return await count_to(session, query, COUNT_CAP)


async def first_signals(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> dict[UUID, UUID]:
    """case → its first signal, of cases that the viewer sees."""
    found = await session.execute(_first_signals(viewer), {"case_ids": list(case_ids)})
    return {row[0]: UUID(row[1]) for row in found}


@by_sight
def _first_signals(viewer: Viewer) -> Select[Any]:
    wanted = among(CaseSignal.case_id, bindparam("case_ids"))
    return (
        select(CaseSignal.case_id, func.min(CaseSignal.signal_id.cast(Text)))
        .join(Case, Case.id == CaseSignal.case_id)
        .where(wanted, visible(viewer))
        .group_by(CaseSignal.case_id)
    )


# --- signals that are no case ----------------------------------------------------------------


async def asides(session: AsyncSession, viewer: Viewer, area: str, limit: int) -> Sequence[Aside]:
    """What waits to be read, oldest first; questions, which want an answer, before the rest."""
    viewer.require("case.read")
    if not viewer.sees_area(area):
        return []
    query = (
        select(Aside)
        .where(Aside.area == area, Aside.state == OPEN)
        .order_by(Aside.kind != "question", Aside.made_at, Aside.signal_id)
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()


async def count_asides(session: AsyncSession, viewer: Viewer, area: str) -> tuple[int, bool]:
    """(how many wait, exact)."""
    viewer.require("case.read")
    if not viewer.sees_area(area):
        return 0, True
    query = select(literal(1)).select_from(Aside).where(Aside.area == area, Aside.state == OPEN)
    return await count_to(session, query, COUNT_CAP)


async def aside(session: AsyncSession, viewer: Viewer, signal_id: UUID) -> Aside:
    """One of them, locked; NotFound when there is none to be seen."""
    viewer.require("case.read")
    query = select(Aside).where(Aside.signal_id == signal_id).with_for_update()
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None or not viewer.sees_area(found.area):
        raise NotFound("There is no such message, or it is not yours to see.", id=str(signal_id))
    return found


async def store_asides(
    connection: psycopg.AsyncConnection[Any],
    rows: Sequence[tuple[UUID, str, str, list[dict[str, Any]], datetime]],
) -> None:
    """Store (signal_id, area, kind, why, made_at)."""
    columns = ("signal_id", "area", "kind", "why", "state", "made_at")
    await insert_many(
        connection,
        "aside",
        columns,
        [(one[0], one[1], one[2], json_text(one[3]), OPEN, one[4]) for one in rows],
    )
