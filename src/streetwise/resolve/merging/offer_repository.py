"""SQL of offers: two cases that may be one problem, and what asks for a decision on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from streetwise.kernel.database import among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.merging.repository import OPEN, VOID
from streetwise.resolve.merging.tables import MergeOffer
from streetwise.resolve.tables import Case

#: Kind of offer → the doubt that stands for it (``opening.SAME`` and ``AGAIN``).
DOUBT_OF = {"same": "merge", "cause": "merge", "again": "again"}


async def offers_of(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID], *, lock: bool = False
) -> Sequence[MergeOffer]:
    """Offers in which one of these cases takes part, the likeliest first."""
    viewer.require("case.read")
    query = _OFFERS_LOCKED if lock else _OFFERS_OF
    return (await session.execute(query, {"wanted": list(case_ids)})).scalars().all()


_WANTED: BindParameter[Any] = bindparam("wanted")
_OFFERS_OF = (
    select(MergeOffer)
    .where(or_(among(MergeOffer.case_id, _WANTED), among(MergeOffer.other_id, _WANTED)))
    .order_by(MergeOffer.score.desc(), MergeOffer.id)
)
_OFFERS_LOCKED = _OFFERS_OF.with_for_update()


async def open_offers(
    session: AsyncSession, viewer: Viewer, area: str, limit: int
) -> Sequence[MergeOffer]:
    """Offers of an area's open cases that wait for a decision, the likeliest first."""
    viewer.require("case.read")
    other = aliased(Case)
    query = (
        select(MergeOffer)
        .join(Case, Case.id == MergeOffer.case_id)
        .join(other, other.id == MergeOffer.other_id)
        .where(MergeOffer.area == area, MergeOffer.state == OPEN, Case.state != CLOSED)
        # One that was closed just now can take nothing in.
        .where(or_(MergeOffer.kind == "again", other.state != CLOSED))
        .order_by(MergeOffer.score.desc(), MergeOffer.id)
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()


async def offer(
    session: AsyncSession, viewer: Viewer, offer_id: UUID, *, lock: bool = False
) -> MergeOffer:
    """One offer; NotFound when there is none to be seen. Locked, it is read anew."""
    viewer.require("case.read")
    query = select(MergeOffer).where(MergeOffer.id == offer_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such offer, or it is not yours to see.", id=str(offer_id))
    return found


async def void_offers(
    session: AsyncSession, viewer: Viewer, closed: Iterable[UUID], now: datetime
) -> list[tuple[UUID, UUID]]:
    """Open offers of closed cases become void: (offer, the case that it was made for).

    Whether a closed case has come back is still to be asked, of the other one.
    """
    viewer.require("*")
    wanted = list(closed)
    of_one = or_(
        among(MergeOffer.case_id, wanted),
        and_(among(MergeOffer.other_id, wanted), MergeOffer.kind != "again"),
    )
    query = (
        update(MergeOffer)
        .where(MergeOffer.state == OPEN, of_one)
        .values(state=VOID, decided_at=now)
        .returning(MergeOffer.id, MergeOffer.case_id)
        .execution_options(synchronize_session=False)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def open_again(session: AsyncSession, viewer: Viewer, offers: Iterable[UUID]) -> None:
    """These void offers stand again where both cases are open; each asks for a decision again."""
    viewer.require("*")
    one, other = aliased(Case), aliased(Case)
    both = (
        select(MergeOffer.id)
        .join(one, one.id == MergeOffer.case_id)
        .join(other, other.id == MergeOffer.other_id)
        .where(among(MergeOffer.id, offers), MergeOffer.state == VOID, one.state != CLOSED)
        .where(or_(other.state != CLOSED, MergeOffer.kind == "again"))
    )
    query = (
        update(MergeOffer)
        .where(MergeOffer.id.in_(both))
        .values(state=OPEN, decided_at=None)
        .returning(MergeOffer.case_id, MergeOffer.kind)
        .execution_options(synchronize_session=False)
    )
    for case_id, kind in list(await session.execute(query)):
        word = DOUBT_OF[kind]
        await session.execute(
            update(Case)
            .where(Case.id.in_(_idle(Case.id == case_id, ~Case.doubts.contains([word]))))
            .values(doubts=func.array_append(Case.doubts, word))
            .execution_options(synchronize_session=False)
        )


async def drop_doubts(session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]) -> None:
    """Of these cases, those whose offers are all decided ask for no decision on them."""
    viewer.require("*")
    wanted = list(case_ids)
    if not wanted:
        return
    for word in dict.fromkeys(DOUBT_OF.values()):
        idle = _idle(among(Case.id, wanted), Case.doubts.contains([word]), ~_has_offer(word))
        await session.execute(
            update(Case)
            .where(Case.id.in_(idle))
            .values(doubts=func.array_remove(Case.doubts, word))
            .execution_options(synchronize_session=False)
        )


def _has_offer(word: str) -> ColumnElement[bool]:
    kinds = [kind for kind, doubt in DOUBT_OF.items() if doubt == word]
    return exists().where(
        MergeOffer.case_id == Case.id, MergeOffer.state == OPEN, among(MergeOffer.kind, kinds)
    )


def _idle(*conditions: ColumnElement[bool]) -> Select[UUID]:
    """Cases that nobody else holds; of one that is held, the next sweep sees to it."""
    return select(Case.id).where(*conditions).with_for_update(skip_locked=True)


async def offers_of_closed(session: AsyncSession, viewer: Viewer, limit: int) -> list[UUID]:
    """Closed cases that an open offer would have somebody decide on."""
    viewer.require("*")
    query = (
        select(Case.id)
        .join(
            MergeOffer,
            or_(
                MergeOffer.case_id == Case.id,
                and_(MergeOffer.other_id == Case.id, MergeOffer.kind != "again"),
            ),
        )
        .where(MergeOffer.state == OPEN, Case.state == CLOSED)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def doubted_without_offer(session: AsyncSession, viewer: Viewer, limit: int) -> list[UUID]:
    """Open cases that ask about an offer which is decided."""
    viewer.require("*")
    stale = [
        and_(Case.doubts.contains([word]), ~_has_offer(word))
        for word in dict.fromkeys(DOUBT_OF.values())
    ]
    query = select(Case.id).where(Case.state != CLOSED, Case.doubts != [], or_(*stale)).limit(limit)
    return list((await session.execute(query)).scalars())
