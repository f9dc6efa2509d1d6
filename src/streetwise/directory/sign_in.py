"""Sign-in: server-side sessions; the browser holds a random token, the database its hash."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import passwords, repository
from streetwise.directory.tables import Staff, StaffSession, Unit
from streetwise.kernel.clock import wall_now
from streetwise.kernel.database import Database
from streetwise.kernel.errors import TooManyRequests, Unauthenticated
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import viewer_for

TOKEN_BYTES = 32
#: A session's use is noted at most this often, so that reading pages does not write rows.
TOUCH_EVERY = timedelta(minutes=1)
#: Clocks of several machines, or one that was set right, may differ by so much.
CLOCK_TOLERANCE = timedelta(minutes=5)


#: Nobody is signed in yet while somebody signs in.
SYSTEM = Viewer.system("sign-in")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, and with what rights."""

    viewer: Viewer
    staff: Staff
    unit: Unit


def _hash(token: str) -> bytes:
    # The token is 256 random bits: a plain hash cannot be guessed back.
    return hashlib.sha256(token.encode()).digest()


async def sign_in(database: Database, settings: Settings, login: str, password: str) -> str:
    """Check the password and open a session; returns the token for the cookie.

    Raises Unauthenticated (one answer for a wrong login and a wrong password) or
    TooManyRequests. Wrong attempts are counted and journaled even though nothing else changes.
    """
    wall = wall_now()
    async with database.unit_of_work(SYSTEM) as uow:
        staff = await repository.staff_by_login(uow.session, login)
        _refuse_while_waiting(staff, settings, wall)
        right = await asyncio.to_thread(
            passwords.matches, staff.password_hash if staff else None, password
        )
        if staff is None or not right or not staff.active:
            if staff is not None:
                _count_failure(staff, settings, wall)
                uow.record(
                    Entry(
                        "system:sign-in",
                        "staff.sign_in_refused",
                        "staff",
                        staff.id,
                        grade=3,
                        data={"attempts": staff.failed_attempts},
                    )
                )
            token = None
        else:
            token = secrets.token_urlsafe(TOKEN_BYTES)
            staff.failed_attempts, staff.wait_until = 0, None
            uow.session.add(
                StaffSession(
                    token_hash=_hash(token), staff_id=staff.id, created_at=wall, seen_at=wall
                )
            )
            await repository.end_old_sessions(uow.session, *_oldest(settings, wall))
            uow.record(Entry(f"staff:{staff.id}", "staff.signed_in", "staff", staff.id, grade=3))
    if token is None:
        raise Unauthenticated("The login or the password is wrong.", code="wrong_login")
    return token


def _refuse_while_waiting(staff: Staff | None, settings: Settings, wall: datetime) -> None:
    if staff is None or staff.wait_until is None:
        return
    left = (staff.wait_until - wall).total_seconds()
    # More than there ever is to wait: the clock was set back meanwhile.
    if 0 < left <= settings.sign_in_wait_seconds:
        seconds = int(left) + 1
        raise TooManyRequests(
            f"Too many wrong passwords; try again in {seconds} seconds.",
            retry_after_seconds=seconds,
        )


def _count_failure(staff: Staff, settings: Settings, wall: datetime) -> None:
    staff.failed_attempts += 1
    if staff.failed_attempts >= settings.sign_in_attempts:
        staff.wait_until = wall + timedelta(seconds=settings.sign_in_wait_seconds)
        staff.failed_attempts = 0


def _oldest(settings: Settings, wall: datetime) -> tuple[datetime, datetime]:
    return (
        wall - timedelta(minutes=settings.session_idle_minutes),
        wall - timedelta(hours=settings.session_absolute_hours),
    )


async def signed_in(database: Database, settings: Settings, token: str) -> SignedIn:
    """Who holds this token. Raises Unauthenticated when the session is unknown or over."""
    wall = wall_now()
    unused_since, made = _oldest(settings, wall)
    async with database.read(SYSTEM) as session:
        found = await repository.session_staff(session, _hash(token))
        if found is None or not found[1].active:
            raise Unauthenticated("Please sign in.")
        held, staff, unit = found
        # Seen in the future: the clock was set back, and how old it is nobody knows.
        ahead = held.seen_at > wall + CLOCK_TOLERANCE
        if held.seen_at < unused_since or held.created_at < made or ahead:
            raise Unauthenticated("Your session has ended; please sign in again.")
        viewer = await viewer_of(session, staff)
    if wall - held.seen_at > TOUCH_EVERY:
        async with database.unit_of_work(SYSTEM) as uow:
            await repository.touch_session(uow.session, held.token_hash, wall)
    return SignedIn(viewer, staff, unit)


async def viewer_of(session: AsyncSession, staff: Staff) -> Viewer:
    """The Viewer of a member of staff, from what the directory says now."""
    belonging = await repository.belonging(session, staff.unit_id)
    return viewer_for(
        staff_id=staff.id,
        unit_id=staff.unit_id,
        role_codes=staff.roles,
        subtree=belonging.subtree,
        street_areas=belonging.street_areas,
        district_areas=belonging.district_areas,
    )


async def sign_out(database: Database, token: str) -> None:
    """End the session of this token, if there is one."""
    async with database.unit_of_work(SYSTEM) as uow:
        staff_id = await repository.end_session(uow.session, _hash(token))
        if staff_id is not None:
            uow.record(Entry(f"staff:{staff_id}", "staff.signed_out", "staff", staff_id, grade=3))
