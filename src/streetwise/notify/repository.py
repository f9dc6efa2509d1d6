"""All SQL of notifications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.tables import Staff
from streetwise.kernel.database import among
from streetwise.kernel.viewer import Viewer
from streetwise.notify.tables import Delivery, Notification, NotifyPreference

OPERATE = "system.operate"
#: Held deliveries that are released, and old notifications that are removed, in a transaction.
RELEASED_AT_ONCE, REMOVED_AT_ONCE = 5000, 1000
_TRY_RELEASE = text("SELECT pg_try_advisory_xact_lock(hashtext('streetwise.notify.release'))")


# --- one's own -----------------------------------------------------------------------------


async def listed(
    session: AsyncSession, viewer: Viewer, before: UUID | None, limit: int
) -> Sequence[Notification]:
    """The viewer's own notifications, the newest first; ``before``: older than this one."""
    query = (
        select(Notification)
        .where(Notification.staff_id == viewer.staff_id, Notification.shown)
        .order_by(Notification.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Notification.id < before)
    return (await session.execute(query)).scalars().all()


async def deliveries_of(
    session: AsyncSession, viewer: Viewer, notifications: Iterable[UUID]
) -> Sequence[Delivery]:
    """How the viewer's own notifications went out."""
    query = (
        select(Delivery)
        .join(Notification, Notification.id == Delivery.notification_id)
        .where(
            Notification.staff_id == viewer.staff_id,
            among(Delivery.notification_id, notifications),
        )
        .order_by(Delivery.channel)
    )
    return (await session.execute(query)).scalars().all()


async def with_addresses(session: AsyncSession, viewer: Viewer) -> Sequence[NotifyPreference]:
    """Everybody's wishes that hold a sealed address, locked: for another master key."""
    viewer.require("*")
    query = (
        select(NotifyPreference)
        .where(
            or_(
                NotifyPreference.email_sealed.is_not(None),
                NotifyPreference.mobile_sealed.is_not(None),
            )
        )
        .with_for_update()
    )
    return (await session.execute(query)).scalars().all()


async def unread(session: AsyncSession, viewer: Viewer, most: int) -> int:
    """How many of the viewer's own are unread; counted up to ``most``."""
    query = (
        select(Notification.id)
        .where(
            Notification.staff_id == viewer.staff_id,
            Notification.shown,
            Notification.read_at.is_(None),
        )
        .limit(most)
    )
    return (await session.execute(select(func.count()).select_from(query.subquery()))).scalar_one()


async def mark_read(
    session: AsyncSession,
    viewer: Viewer,
    now: datetime,
    *,
    only: UUID | None = None,
    until: UUID | None = None,
) -> None:
    """Note that the viewer has read one of their own, or all up to one."""
    query = update(Notification).where(
        Notification.staff_id == viewer.staff_id, Notification.read_at.is_(None)
    )
    if only is not None:
        query = query.where(Notification.id == only)
    if until is not None:
        query = query.where(Notification.id <= until)
    await session.execute(query.values(read_at=now))


async def preference(
    session: AsyncSession, viewer: Viewer, *, lock: bool = False
) -> NotifyPreference | None:
    """What the viewer wants; None: nothing was ever chosen."""
    query = select(NotifyPreference).where(NotifyPreference.staff_id == viewer.staff_id)
    if lock:
        query = query.with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def held_of(session: AsyncSession, viewer: Viewer) -> Sequence[tuple[Delivery, Notification]]:
    """The viewer's own deliveries that are held, locked."""
    query = (
        select(Delivery, Notification)
        .join(Notification, Notification.id == Delivery.notification_id)
        .where(Notification.staff_id == viewer.staff_id, Delivery.state == "held")
        .order_by(Delivery.notification_id, Delivery.id)  # in the order in which they are released
        .with_for_update(of=Delivery)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


# --- telling -------------------------------------------------------------------------------


async def preferences_of(
    session: AsyncSession, viewer: Viewer, people: Iterable[UUID]
) -> dict[UUID, NotifyPreference]:
    """What these people want, those of them who have chosen."""
    viewer.require("*")
    query = select(NotifyPreference).where(among(NotifyPreference.staff_id, people))
    return {row.staff_id: row for row in (await session.execute(query)).scalars()}


async def add_notifications(
    session: AsyncSession, viewer: Viewer, rows: Sequence[Mapping[str, Any]]
) -> set[UUID]:
    """Store notifications; the ids of those that are new: a fact is told to a person once."""
    viewer.require("*")
    if not rows:
        return set()
    query = (
        insert(Notification)
        .on_conflict_do_nothing(constraint="notification_once")
        .returning(Notification.id)
    )
    return set((await session.execute(query, list(rows))).scalars())


async def add_deliveries(
    session: AsyncSession, viewer: Viewer, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Store deliveries."""
    viewer.require("*")
    if rows:
        await session.execute(insert(Delivery), list(rows))


# --- delivering ----------------------------------------------------------------------------


async def only_releaser(session: AsyncSession) -> bool:
    """Whether this transaction may release what is held; False: another one does."""
    return bool((await session.execute(_TRY_RELEASE)).scalar_one())


async def due_held(
    session: AsyncSession, viewer: Viewer, now: datetime
) -> Sequence[tuple[Delivery, UUID]]:
    """Held deliveries whose time has come, each with its recipient, oldest first, locked."""
    viewer.require("*")
    query = (
        select(Delivery, Notification.staff_id)
        .join(Notification, Notification.id == Delivery.notification_id)
        .where(Delivery.state == "held", Delivery.due_at <= now)
        .order_by(Delivery.notification_id, Delivery.id)
        .limit(RELEASED_AT_ONCE)
        .with_for_update(of=Delivery)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


def _abandoned(after: timedelta) -> Any:
    """Claimed by somebody who has not come back; a claim in the future: the clock was set."""
    wall = func.clock_timestamp()
    return and_(
        Delivery.state == "sending",
        or_(Delivery.claimed_at < wall - after, Delivery.claimed_at > wall),
    )


async def give_up_abandoned(
    session: AsyncSession, viewer: Viewer, after: timedelta, attempts: int
) -> None:
    """Fail what was abandoned at its last attempt."""
    viewer.require("*")
    await session.execute(
        update(Delivery)
        .where(_abandoned(after), Delivery.attempts >= attempts)
        .values(state="failed", error="interrupted")
    )


async def claim(
    session: AsyncSession,
    viewer: Viewer,
    channel: str,
    now: datetime,
    *,
    abandoned_after: timedelta,
    limit: int,
) -> list[UUID]:
    """Mark deliveries of a channel that are due as being sent; nobody else gets them."""
    viewer.require("*")
    due = (
        select(Delivery.id)
        .where(
            Delivery.channel == channel,
            or_(
                and_(Delivery.state == "waiting", Delivery.due_at <= now),
                _abandoned(abandoned_after),
            ),
        )
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
        .prefix_with("MATERIALIZED")
    )
    query = (
        update(Delivery)
        .where(Delivery.id == due.c.id)
        .values(
            state="sending",
            attempts=Delivery.attempts + 1,
            claimed_at=func.clock_timestamp(),
        )
        .returning(Delivery.id)
    )
    return sorted((await session.execute(query)).scalars())


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery with all that it is written from. ``parts``: what a digest sums up."""

    delivery: Delivery
    notification: Notification
    login: str
    active: bool
    preference: NotifyPreference | None
    parts: tuple[Notification, ...]


async def claimed(
    session: AsyncSession, viewer: Viewer, deliveries: Sequence[UUID], parts: int
) -> list[Claimed]:
    """Deliveries with notification and recipient; of a digest the first ``parts``."""
    viewer.require("*")
    query = (
        select(Delivery, Notification, Staff.login, Staff.active, NotifyPreference)
        .join(Notification, Notification.id == Delivery.notification_id)
        .join(Staff, Staff.id == Notification.staff_id)
        .outerjoin(NotifyPreference, NotifyPreference.staff_id == Staff.id)
        .where(among(Delivery.id, deliveries))
        .order_by(Delivery.due_at, Delivery.id)
    )
    found = []
    for row in (await session.execute(query)).all():
        summed = (
            select(Notification)
            .join(Delivery, Delivery.notification_id == Notification.id)
            .where(Delivery.digest_id == row[1].id)
            .order_by(Notification.id)
            .limit(parts)
        )
        # Only a digest is not shown; no other has parts.
        of = () if row[1].shown else tuple((await session.execute(summed)).scalars())
        found.append(Claimed(row[0], row[1], row[2], row[3], row[4], of))
    return found


async def settle(
    session: AsyncSession, viewer: Viewer, delivery: UUID, attempt: int, **values: Any
) -> bool:
    """Note how an attempt came out; False: somebody else has taken the delivery up since."""
    viewer.require("*")
    query = (
        update(Delivery)
        .where(
            Delivery.id == delivery,
            Delivery.state == "sending",
            Delivery.attempts == attempt,
        )
        .values(**values)
        .returning(Delivery.id)
    )
    return (await session.execute(query)).scalar_one_or_none() is not None


async def remove_old(session: AsyncSession, viewer: Viewer, before: datetime) -> None:
    """Remove notifications of before, with their deliveries."""
    viewer.require("*")
    old = (
        select(Notification.id)
        .where(Notification.made_at < before)
        .order_by(Notification.made_at)
        .limit(REMOVED_AT_ONCE)
    )
    await session.execute(delete(Notification).where(Notification.id.in_(old.scalar_subquery())))


async def standing(session: AsyncSession, viewer: Viewer) -> list[tuple[str, str, int]]:
    """(channel, state, number) of deliveries that wait or failed: numbers, nobody's names.

    Asked with the eyes of the system; the caller has checked who wants to know.
    """
    viewer.require(OPERATE)
    query = (
        select(Delivery.channel, Delivery.state, func.count())
        .where(Delivery.state.in_(("waiting", "held", "sending", "failed")))
        .group_by(Delivery.channel, Delivery.state)
        .order_by(Delivery.channel, Delivery.state)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]
