"""SQL of urgent notifications: what sounds, who took it up, and what nobody heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import among
from streetwise.kernel.viewer import Viewer
from streetwise.notify.tables import Notification


async def sounding(session: AsyncSession, viewer: Viewer, most: int) -> list[UUID]:
    """The viewer's own urgent ones that nobody has acknowledged, the oldest first."""
    query = (
        select(Notification.id)
        .where(
            Notification.staff_id == viewer.staff_id,
            Notification.shown,
            Notification.urgent,
            Notification.ack_at.is_(None),
        )
        .order_by(Notification.id)
        .limit(most)
    )
    return list((await session.execute(query)).scalars())


async def own(session: AsyncSession, viewer: Viewer, notification_id: UUID) -> Notification | None:
    """One of the viewer's own; None: another's, or gone."""
    query = select(Notification).where(
        Notification.id == notification_id, Notification.staff_id == viewer.staff_id
    )
    return (await session.execute(query)).scalar_one_or_none()


async def acknowledge(
    session: AsyncSession, viewer: Viewer, key: str, by: UUID | None, now: datetime
) -> int:
    """Note for everybody whom this fact was told that somebody has taken it up; how many were
    told. Once: who was first stays."""
    viewer.require("*")
    query = (
        update(Notification)
        .where(Notification.key == key, Notification.urgent, Notification.ack_at.is_(None))
        .values(ack_at=now, ack_by=by)
        .returning(Notification.id)
    )
    return len((await session.execute(query)).all())


async def unheard(
    session: AsyncSession,
    viewer: Viewer,
    before: datetime,
    *,
    without: Iterable[str] = (),
    unraised: bool = False,
    limit: int,
) -> Sequence[Notification]:
    """Urgent ones made before that which nobody acknowledged, the oldest first; ``unraised``:
    those alone of which no leader was told, locked, what another worker holds left out."""
    viewer.require("*")
    query = (
        select(Notification)
        .where(
            Notification.urgent,
            Notification.ack_at.is_(None),
            Notification.made_at <= before,
            Notification.kind.not_in(list(without)),
        )
        .order_by(Notification.made_at, Notification.id)
        .limit(limit)
    )
    if unraised:
        query = query.where(Notification.raised_at.is_(None)).with_for_update(skip_locked=True)
    return (await session.execute(query)).scalars().all()


async def made(session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]) -> list[Notification]:
    """Notifications by id, whosever they are, the oldest first: for lists that name no person."""
    viewer.require("*")
    query = select(Notification).where(among(Notification.id, ids)).order_by(Notification.id)
    return list((await session.execute(query)).scalars())
