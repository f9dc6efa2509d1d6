"""All SQL of sign-in: sessions, passwords, second factor, waits, the code of the first start."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from streetwise.directory.tables import (
    SetupCode,
    SignInThrottle,
    Staff,
    StaffPassword,
    StaffRecoveryCode,
    StaffSession,
    StaffStandIn,
    Unit,
)
from streetwise.directory.throttle import Count
from streetwise.kernel.crypto import Renew
from streetwise.kernel.database import among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.ids import new_id
from streetwise.kernel.viewer import Viewer

_SECRETS = (undefer(Staff.password_hash), undefer(Staff.totp_sealed))


# --- who -----------------------------------------------------------------------------------


async def staff_by_login(session: AsyncSession, login: str) -> Staff | None:
    """A member of staff with password hash and second factor."""
    query = select(Staff).options(*_SECRETS).where(Staff.login == login)
    return (await session.execute(query)).scalar_one_or_none()


async def lock_staff(session: AsyncSession, staff_id: UUID) -> Staff:
    """A member of staff with the secrets, locked. Raises NotFound."""
    query = select(Staff).options(*_SECRETS).where(Staff.id == staff_id).with_for_update()
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such person.")
    return found


async def any_security_admin(session: AsyncSession) -> bool:
    """Whether there is somebody who can give passwords and roles to the others."""
    query = (
        select(Staff.id)
        .where(
            Staff.active,
            Staff.password_hash.is_not(None),
            Staff.roles.contains(["security_admin"]),
        )
        .limit(1)
    )
    return (await session.execute(query)).first() is not None


# --- sessions ------------------------------------------------------------------------------


async def session_staff(
    session: AsyncSession, token_hash: bytes, *, pending: bool
) -> tuple[StaffSession, Staff, Unit] | None:
    """The session of a token, finished or pending, with who holds it."""
    given = {"token_hash": token_hash, "pending": pending}
    row = (await session.execute(_SESSION_STAFF, given)).one_or_none()
    return (row[0], row[1], row[2]) if row else None


_SESSION_STAFF = (
    select(StaffSession, Staff, Unit)
    .join(Staff, Staff.id == StaffSession.staff_id)
    .join(Unit, Unit.id == Staff.unit_id)
    .where(
        StaffSession.token_hash == bindparam("token_hash"),
        StaffSession.pending == bindparam("pending"),
    )
)


async def stood_in_for(
    session: AsyncSession, stand_in_id: UUID, staff_id: UUID, now: datetime
) -> tuple[Staff, Unit] | None:
    """Whom a person acts for by this stand-in, if it runs now and the other is still there."""
    query = (
        select(Staff, Unit)
        .join(StaffStandIn, StaffStandIn.stands_in_for == Staff.id)
        .join(Unit, Unit.id == Staff.unit_id)
        .where(
            StaffStandIn.id == stand_in_id,
            StaffStandIn.staff_id == staff_id,
            StaffStandIn.starts_at <= now,
            StaffStandIn.ends_at > now,
            Staff.active,
        )
    )
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1]) if row else None


async def touch_session(session: AsyncSession, token_hash: bytes, wall: datetime) -> None:
    """Note that a session was used."""
    await session.execute(
        update(StaffSession).where(StaffSession.token_hash == token_hash).values(seen_at=wall)
    )


async def end_session(session: AsyncSession, token_hash: bytes) -> UUID | None:
    """End a session; the staff id it belonged to, or None when there was none."""
    query = (
        delete(StaffSession)
        .where(StaffSession.token_hash == token_hash)
        .returning(StaffSession.staff_id)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def change_token(session: AsyncSession, old: bytes, new: bytes) -> None:
    """The session goes on under another token."""
    await session.execute(
        update(StaffSession).where(StaffSession.token_hash == old).values(token_hash=new)
    )


async def set_stand_in(session: AsyncSession, token_hash: bytes, stand_in_id: UUID | None) -> None:
    """The session acts by this stand-in, or by none."""
    await session.execute(
        update(StaffSession)
        .where(StaffSession.token_hash == token_hash)
        .values(stand_in_id=stand_in_id)
    )


async def offer_secret(session: AsyncSession, token_hash: bytes, sealed: bytes | None) -> None:
    """Keep the secret that an enrolment offers, until it is confirmed."""
    await session.execute(
        update(StaffSession)
        .where(StaffSession.token_hash == token_hash)
        .values(totp_offered=sealed)
    )


async def sessions_of(session: AsyncSession, staff_id: UUID) -> Sequence[StaffSession]:
    """The finished sessions of a person, the last used first; for that person alone."""
    query = (
        select(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.pending.is_(False))
        .order_by(StaffSession.seen_at.desc(), StaffSession.id)
    )
    return (await session.execute(query)).scalars().all()


async def end_sessions(
    session: AsyncSession, staff_ids: Iterable[UUID], *, but: bytes | None = None
) -> int:
    """End all sessions of these people but for the one of a token; how many."""
    query = delete(StaffSession).where(among(StaffSession.staff_id, staff_ids))
    if but is not None:
        query = query.where(StaffSession.token_hash != but)
    return len((await session.execute(query.returning(StaffSession.id))).all())


async def end_session_of(session: AsyncSession, staff_id: UUID, session_id: UUID) -> bool:
    """End one session of a person; False when there is none."""
    query = (
        delete(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.id == session_id)
        .returning(StaffSession.id)
    )
    return (await session.execute(query)).first() is not None


async def end_old_sessions(
    session: AsyncSession, unused_since: datetime, made: datetime, pending_since: datetime
) -> None:
    """Delete sessions unused since, or made before, and sign-ins that nobody finished."""
    await session.execute(
        delete(StaffSession).where(
            (StaffSession.seen_at < unused_since)
            | (StaffSession.created_at < made)
            | (StaffSession.pending & (StaffSession.created_at < pending_since))
        )
    )


# --- passwords and recovery codes ----------------------------------------------------------


async def former_passwords(session: AsyncSession, staff_id: UUID, number: int) -> list[str]:
    """The newest former hashes."""
    query = (
        select(StaffPassword.password_hash)
        .where(StaffPassword.staff_id == staff_id)
        .order_by(StaffPassword.id.desc())
        .limit(number)
    )
    return list((await session.execute(query)).scalars())


async def keep_password(
    session: AsyncSession, staff_id: UUID, password_hash: str, number: int
) -> None:
    """Remember a former hash, and no more than ``number`` of them."""
    await session.execute(
        insert(StaffPassword).values(id=new_id(), staff_id=staff_id, password_hash=password_hash)
    )
    newest = (
        select(StaffPassword.id)
        .where(StaffPassword.staff_id == staff_id)
        .order_by(StaffPassword.id.desc())
        .limit(number)
    )
    await session.execute(
        delete(StaffPassword).where(
            StaffPassword.staff_id == staff_id, StaffPassword.id.not_in(newest)
        )
    )


async def replace_recovery_codes(
    session: AsyncSession, staff_id: UUID, hashes: Sequence[bytes]
) -> None:
    """These recovery codes count from now on, and no others."""
    await session.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.staff_id == staff_id))
    if hashes:
        await session.execute(
            insert(StaffRecoveryCode),
            [{"staff_id": staff_id, "code_hash": code_hash} for code_hash in hashes],
        )


async def use_recovery_code(session: AsyncSession, staff_id: UUID, code_hash: bytes) -> bool:
    """Take a recovery code; False when there is none such (any more)."""
    query = (
        delete(StaffRecoveryCode)
        .where(StaffRecoveryCode.staff_id == staff_id, StaffRecoveryCode.code_hash == code_hash)
        .returning(StaffRecoveryCode.staff_id)
    )
    return (await session.execute(query)).first() is not None


async def recovery_codes_left(session: AsyncSession, staff_id: UUID) -> int:
    """How many recovery codes a person still has."""
    query = (
        select(func.count())
        .select_from(StaffRecoveryCode)
        .where(StaffRecoveryCode.staff_id == staff_id)
    )
    return (await session.execute(query)).scalar_one()


# --- waits ---------------------------------------------------------------------------------


async def lock_counts(
    session: AsyncSession, keys: Sequence[bytes], wall: datetime
) -> dict[bytes, Count]:
    """The counts of these keys, made where there are none, locked in the order of keys."""
    ordered = sorted(keys)
    await session.execute(
        insert(SignInThrottle).on_conflict_do_nothing(),
        [{"key": key, "failures": 0, "first_at": wall, "last_at": wall} for key in ordered],
    )
    query = (
        select(SignInThrottle)
        .where(SignInThrottle.key.in_(ordered))
        .order_by(SignInThrottle.key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {
        row.key: Count(row.failures, row.first_at, row.last_at, row.wait_until)
        for row in (await session.execute(query)).scalars()
    }


async def save_count(session: AsyncSession, key: bytes, count: Count) -> None:
    """Write a count back."""
    await session.execute(
        update(SignInThrottle)
        .where(SignInThrottle.key == key)
        .values(
            failures=count.failures,
            first_at=count.first_at,
            last_at=count.last_at,
            wait_until=count.wait_until,
        )
    )


async def forget_count(session: AsyncSession, key: bytes) -> bool:
    """Begin anew; whether there was anything to forget."""
    query = delete(SignInThrottle).where(SignInThrottle.key == key).returning(SignInThrottle.key)
    return (await session.execute(query)).first() is not None


async def trim_counts(session: AsyncSession, wall: datetime, before: datetime, most: int) -> None:
    """Delete what is forgotten anyway, and, of too many, the oldest that do not wait."""
    await session.execute(delete(SignInThrottle).where(SignInThrottle.last_at < before))
    number = (await session.execute(select(func.count()).select_from(SignInThrottle))).scalar_one()
    if number <= most:
        return
    oldest = (
        select(SignInThrottle.key)
        .order_by(
            func.coalesce(SignInThrottle.wait_until, SignInThrottle.first_at) > wall,
            SignInThrottle.last_at,
        )
        .limit(number - most)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(SignInThrottle).where(SignInThrottle.key.in_(oldest)))


async def waiting_keys(session: AsyncSession, wall: datetime) -> set[bytes]:
    """Keys that wait now."""
    query = select(SignInThrottle.key).where(SignInThrottle.wait_until > wall)
    return set((await session.execute(query)).scalars())


# --- another master key --------------------------------------------------------------------


async def renew_secrets(session: AsyncSession, viewer: Viewer, renew: Renew) -> int:
    """Seal the second factors anew; how many. What ``renew`` gives None for stays."""
    viewer.require("*")
    done = 0
    held = await session.execute(
        select(Staff.id, Staff.totp_sealed).where(Staff.totp_sealed.is_not(None)).with_for_update()
    )
    for staff_id, sealed in held.all():
        if sealed is not None and (anew := renew(sealed, staff_id.bytes)) is not None:
            await session.execute(
                update(Staff).where(Staff.id == staff_id).values(totp_sealed=anew)
            )
            done += 1
    # What is only offered is offered afresh.
    await session.execute(update(StaffSession).values(totp_offered=None))
    return done


# --- the first start -----------------------------------------------------------------------


async def setup_code(session: AsyncSession, *, lock: bool = False) -> SetupCode | None:
    """The code of the first start."""
    query = select(SetupCode)
    if lock:
        query = query.with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def save_setup_code(session: AsyncSession, code_hash: bytes, expires_at: datetime) -> None:
    """A new code instead of the old one, unless that was used."""
    values = {"code_hash": code_hash, "expires_at": expires_at}
    statement = insert(SetupCode).values(single=True, **values)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["single"], set_=values, where=SetupCode.used_at.is_(None)
        )
    )
