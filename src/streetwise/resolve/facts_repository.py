"""What other rooms may know of cases: plain facts, no rows. Part of resolve's public face."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import among
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case, CaseSignal


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as another room may know it. WGS-84; ``category``: scheme and code; ``outcome``: how
    it ended where that is not "fixed".
    """

    id: UUID
    number: str
    area: str
    title: str
    state: str
    closed: bool
    category: tuple[str, str] | None
    lon: float | None
    lat: float | None
    outcome: str | None


_COLUMNS = (
    Case.id,
    Case.number,
    Case.area,
    Case.title,
    Case.state,
    Case.category_scheme,
    Case.category_code,
    Case.lon,
    Case.lat,
    Case.outcome,
)


async def case_facts(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, CaseFacts]:
    """Cases by id; those that the viewer may not see are left out."""
    wanted = among(Case.id, set(ids))
    return {one.id: one for one in await _facts(session, viewer, wanted)}


async def open_cases(
    session: AsyncSession, viewer: Viewer, classes: Sequence[tuple[str, str]], limit: int
) -> list[CaseFacts]:
    """Open cases of these classes (scheme, code) that have a point; the newest."""
    if not classes:
        return []
    of_class = tuple_(Case.category_scheme, Case.category_code).in_(list(classes))
    here = (Case.state != CLOSED) & Case.merged_into.is_(None) & Case.lon.is_not(None)
    return await _facts(session, viewer, of_class & here, limit)


async def _facts(
    session: AsyncSession, viewer: Viewer, wanted: ColumnElement[bool], limit: int | None = None
) -> list[CaseFacts]:
    query = select(*_COLUMNS).where(wanted, visible(viewer)).order_by(Case.id.desc()).limit(limit)
    return [_case(row) for row in await session.execute(query)]


def _case(row: Any) -> CaseFacts:
    id_, number, area, title, state, scheme, code, lon, lat, outcome = row
    category = (scheme, code) if scheme and code else None
    return CaseFacts(id_, number, area, title, state, state == CLOSED, category, lon, lat, outcome)


async def cases_of_signals(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, UUID]:
    """signal → case, for signals that have one which the viewer sees."""
    query = (
        select(CaseSignal.signal_id, CaseSignal.case_id)
        .join(Case, Case.id == CaseSignal.case_id)
        .where(among(CaseSignal.signal_id, set(ids)), CaseSignal.part == 0, visible(viewer))
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def signals_of_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> list[UUID]:
    """The signals of a case that the viewer sees."""
    query = (
        select(CaseSignal.signal_id)
        .join(Case, Case.id == CaseSignal.case_id)
        .where(CaseSignal.case_id == case_id, visible(viewer))
    )
    return list((await session.execute(query)).scalars())
