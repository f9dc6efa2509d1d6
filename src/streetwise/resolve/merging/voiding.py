"""Offers that nobody can decide on any more, because one of the two cases is closed; and the doubts
that stood for them.

The cases on the other side belong to others who may be changing them: a case that somebody holds
is left as it is, and the next sweep (``resolve.causes``) finds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import looking_as
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.merging import offer_repository as offers

SYSTEM = Viewer.system("merging")


async def void_offers(session: AsyncSession, closed: Iterable[UUID], now: datetime) -> list[UUID]:
    """Close the open offers of cases that were closed, in both directions; which those were."""
    wanted = list(closed)
    if not wanted:
        return []
    # The officer may see one side only.
    async with looking_as(session, SYSTEM):
        await session.flush()
        void = await offers.void_offers(session, SYSTEM, wanted, now)
        await offers.drop_doubts(session, SYSTEM, {case_id for _, case_id in void})
    return [offer_id for offer_id, _ in void]


async def open_again(session: AsyncSession, offer_ids: Iterable[UUID]) -> None:
    """Offers that a merge made void, where both cases are open again."""
    async with looking_as(session, SYSTEM):
        await session.flush()
        await offers.open_again(session, SYSTEM, offer_ids)


async def sweep_offers(session: AsyncSession, now: datetime, limit: int) -> int:
    """What was left over: open offers of closed cases, and doubts that no offer stands for."""
    left = await offers.offers_of_closed(session, SYSTEM, limit)
    await void_offers(session, left, now)
    stale = await offers.doubted_without_offer(session, SYSTEM, limit)
    await offers.drop_doubts(session, SYSTEM, stale)
    return len(left) + len(stale)
