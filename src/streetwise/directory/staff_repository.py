"""All SQL of account administration: people and their state, stand-ins, the journal of access."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, undefer

from streetwise.directory.tables import Staff, StaffStandIn, Unit
from streetwise.kernel.errors import Forbidden
from streetwise.kernel.journal import Journal
from streetwise.kernel.viewer import Viewer

#: Whoever has one of these works with the list of accounts.
ADMINISTERS = ("account.manage", "staff.manage", "role.grant")
#: Most stand-ins that a list shows: the newest.
STAND_INS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Account:
    """What of an account a folder may change."""

    id: UUID
    name: str
    unit_id: UUID
    roles: Sequence[str]
    active: bool


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who acts for whom, from when to when (business time)."""

    id: UUID
    staff: Staff
    stands_in_for: Staff
    unit: Unit
    starts_at: datetime
    ends_at: datetime


def require_administrator(viewer: Viewer) -> None:
    """Raise Forbidden for those who administer no accounts."""
    if not any(viewer.may(one) for one in ADMINISTERS):
        raise Forbidden("Your role does not administer accounts.", capability=ADMINISTERS[0])


async def people(
    session: AsyncSession, viewer: Viewer, q: str, after: str, limit: int
) -> Sequence[tuple[Staff, Unit]]:
    """People by login, behind ``after``, whose login, name or unit has the words."""
    require_administrator(viewer)
    query = (
        select(Staff, Unit)
        .join(Unit, Unit.id == Staff.unit_id)
        .options(undefer(Staff.password_hash))
        .where(Staff.login > after)
        .order_by(Staff.login)
        .limit(limit)
    )
    if q:
        columns = (Staff.login, Staff.name, Unit.name)
        query = query.where(or_(*(one.icontains(q, autoescape=True) for one in columns)))
    return [(row[0], row[1]) for row in await session.execute(query)]


async def person(
    session: AsyncSession, viewer: Viewer, staff_id: UUID
) -> tuple[Staff, Unit] | None:
    """One of them."""
    require_administrator(viewer)
    query = (
        select(Staff, Unit)
        .join(Unit, Unit.id == Staff.unit_id)
        .options(undefer(Staff.password_hash))
        .where(Staff.id == staff_id)
    )
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1]) if row else None


async def other_active(session: AsyncSession, viewer: Viewer, role: str, but: UUID) -> bool:
    """Whether somebody else with an open account has this role."""
    require_administrator(viewer)
    query = select(Staff.id).where(Staff.active, Staff.roles.contains([role]), Staff.id != but)
    return (await session.execute(query.limit(1))).first() is not None


async def anybody(session: AsyncSession, viewer: Viewer, role: str) -> bool:
    """Whether there is an open account with this role."""
    require_administrator(viewer)
    query = select(Staff.id).where(Staff.active, Staff.roles.contains([role])).limit(1)
    return (await session.execute(query)).first() is not None


async def accounts(session: AsyncSession, viewer: Viewer) -> dict[str, Account]:
    """All accounts by login, open or not."""
    viewer.require("*")
    query = select(Staff.login, Staff.id, Staff.name, Staff.unit_id, Staff.roles, Staff.active)
    return {row[0]: Account(*row[1:]) for row in await session.execute(query)}


async def closed_on_screen(session: AsyncSession, viewer: Viewer) -> frozenset[str]:
    """Logins of accounts that an administrator closed: no folder opens these again."""
    viewer.require("*")
    query = select(Staff.login).where(~Staff.active, ~Staff.from_folder)
    return frozenset((await session.execute(query)).scalars())


async def lock_accounts(session: AsyncSession) -> None:
    """One change of roles or open accounts at a time: two may not remove each other's last."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('directory.accounts'))"))


# --- stand-ins -----------------------------------------------------------------------------


_Absent = aliased(Staff)
_STAND_INS = (
    select(StaffStandIn, Staff, _Absent, Unit)
    .join(Staff, Staff.id == StaffStandIn.staff_id)
    .join(_Absent, _Absent.id == StaffStandIn.stands_in_for)
    .join(Unit, Unit.id == _Absent.unit_id)
)


async def stand_ins(session: AsyncSession, viewer: Viewer, ends_after: datetime) -> list[StandIn]:
    """Stand-ins that run or will, the newest first."""
    require_administrator(viewer)
    query = _STAND_INS.where(StaffStandIn.ends_at > ends_after)
    query = query.order_by(StaffStandIn.starts_at.desc(), StaffStandIn.id).limit(STAND_INS_SHOWN)
    return [_stand_in(*row) for row in await session.execute(query)]


async def my_stand_ins(session: AsyncSession, viewer: Viewer, now: datetime) -> list[StandIn]:
    """Whom the viewer may stand in for right now."""
    query = _STAND_INS.where(
        StaffStandIn.staff_id == viewer.staff_id,
        StaffStandIn.starts_at <= now,
        StaffStandIn.ends_at > now,
        _Absent.active,
    )
    return [_stand_in(*row) for row in await session.execute(query.order_by(_Absent.login))]


def _stand_in(found: StaffStandIn, staff: Staff, absent: Staff, unit: Unit) -> StandIn:
    return StandIn(found.id, staff, absent, unit, found.starts_at, found.ends_at)


async def delete_stand_in(
    session: AsyncSession, viewer: Viewer, stand_in_id: UUID
) -> StaffStandIn | None:
    """Take a stand-in back; what it was, or None when there is none."""
    viewer.require("staff.manage")
    query = delete(StaffStandIn).where(StaffStandIn.id == stand_in_id).returning(StaffStandIn)
    return (await session.execute(query)).scalar_one_or_none()


async def drop_stand_ins(
    session: AsyncSession, viewer: Viewer, staff_id: UUID
) -> Sequence[StaffStandIn]:
    """A person who becomes an administrator stands in for nobody, and nobody for them; what
    was dropped.
    """
    viewer.require("role.grant")
    query = delete(StaffStandIn).where(
        or_(StaffStandIn.staff_id == staff_id, StaffStandIn.stands_in_for == staff_id)
    )
    return (await session.execute(query.returning(StaffStandIn))).scalars().all()


# --- the journal of access -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What of the journal of access is wanted. ``before`` is a ``seq``: older than that."""

    actions: Sequence[str]
    person: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


async def audit_entries(
    session: AsyncSession, viewer: Viewer, wanted: AuditFilter, limit: int
) -> Sequence[Journal]:
    """The newest entries of these actions; ``person`` as who did it or to whom it was done."""
    viewer.require("audit.read")
    query = select(Journal).where(Journal.action.in_(wanted.actions))
    if wanted.person is not None:
        query = query.where(
            or_(Journal.actor == f"staff:{wanted.person}", Journal.subject == wanted.person)
        )
    if wanted.since is not None:
        query = query.where(Journal.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Journal.at < wanted.until)
    if wanted.before is not None:
        query = query.where(Journal.seq < wanted.before)
    return (await session.execute(query.order_by(Journal.seq.desc()).limit(limit))).scalars().all()


async def people_named(session: AsyncSession, viewer: Viewer, words: str) -> UUID | None:
    """The person with this login or name; None when there is none, or more than one."""
    viewer.require("audit.read")
    query = select(Staff.id).where(or_(Staff.login == words, Staff.name == words)).limit(2)
    found = (await session.execute(query)).scalars().all()
    return found[0] if len(found) == 1 else None
