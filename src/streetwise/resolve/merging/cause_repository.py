"""SQL of common causes: open cases to look over, and what was offered of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, any_, cast, exists, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from streetwise.kernel.database import Uuid, among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.merging.repository import OPEN, REFUSED, KnownPrint
from streetwise.resolve.merging.tables import CasePrint, CauseOffer
from streetwise.resolve.tables import Case

#: The doubt of the case that stands first in an offer.
CAUSE = "cause"


async def lock_causes(session: AsyncSession) -> None:
    """One look at a time brings offers up to date: two at once would offer the same twice."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("resolve.causes"))))


async def open_prints(
    session: AsyncSession, viewer: Viewer, since: datetime, limit: int
) -> list[KnownPrint]:
    """Prints of open cases opened since then, the newest; none of a case that only some may see."""
    viewer.require("*")
    query = (
        select(CasePrint.case_id, CasePrint.area, CasePrint.until, CasePrint.voice, CasePrint.print)
        .join(Case, Case.id == CasePrint.case_id)
        .where(CasePrint.until.is_(None), Case.state != CLOSED, Case.grade <= GRADE_INTERNAL)
        .where(Case.opened_at >= since)
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(limit)
    )
    return [KnownPrint(*row) for row in await session.execute(query)]


async def hung(session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """case → the open case that it hangs under, of these and of all that hang under one of them."""
    viewer.require("*")
    wanted = list(ids)
    parent = aliased(Case)
    query = (
        select(Case.id, parent.id)
        .join(parent, parent.id == Case.parent_id)
        .where(among(Case.id, wanted) | among(Case.parent_id, wanted), parent.state != CLOSED)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def refused_of(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> list[tuple[list[UUID], UUID | None]]:
    """(members, parent) of refused offers in which one of these cases took part."""
    viewer.require("*")
    query = select(CauseOffer.members, CauseOffer.parent_id).where(
        CauseOffer.state == REFUSED, CauseOffer.members.overlap(_array(ids))
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def open_offers(
    session: AsyncSession, viewer: Viewer, area: str | None, limit: int, *, lock: bool = False
) -> Sequence[CauseOffer]:
    """Offers that wait for a decision, the newest first; ``area`` None: of all."""
    viewer.require("case.read")
    query = (
        select(CauseOffer)
        .where(CauseOffer.state == OPEN)
        .order_by(CauseOffer.made_at.desc(), CauseOffer.id.desc())
        .limit(limit)
    )
    if area is not None:
        query = query.where(CauseOffer.area == area)
    if lock:
        query = query.with_for_update(skip_locked=True)
    return (await session.execute(query)).scalars().all()


async def offers_of(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> Sequence[CauseOffer]:
    """Open offers in which one of these cases takes part, the newest first."""
    viewer.require("case.read")
    query = (
        select(CauseOffer)
        .where(CauseOffer.state == OPEN, CauseOffer.members.overlap(_array(ids)))
        .order_by(CauseOffer.made_at.desc(), CauseOffer.id.desc())
    )
    return (await session.execute(query)).scalars().all()


async def offer(
    session: AsyncSession, viewer: Viewer, offer_id: UUID, *, lock: bool = False
) -> CauseOffer:
    """One offer; NotFound when there is none to be seen. Locked, it is read anew."""
    viewer.require("case.read")
    query = select(CauseOffer).where(CauseOffer.id == offer_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such offer, or it is not yours to see.", id=str(offer_id))
    return found


async def doubted_without_offer(session: AsyncSession, viewer: Viewer, limit: int) -> list[UUID]:
    """Open cases that ask about a cause of which no offer is open."""
    viewer.require("*")
    of_it = and_(CauseOffer.state == OPEN, Case.id == any_(CauseOffer.members))
    query = (
        select(Case.id)
        .where(Case.state != CLOSED, Case.doubts != [], Case.doubts.contains([CAUSE]))
        .where(~exists().where(of_it))
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


def _array(ids: Iterable[UUID]) -> object:
    return cast(literal(list(ids), ARRAY(Uuid)), ARRAY(Uuid))
