"""Sessions: the browser holds a random token, the database its hash; who stands behind it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import account_repository, repository
from streetwise.directory.tables import Staff, StaffSession, Unit
from streetwise.kernel.clock import wall_now
from streetwise.kernel.database import Database
from streetwise.kernel.errors import Unauthenticated
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import ADMINISTRATORS, viewer_for

TOKEN_BYTES = 32
#: A session's use is noted at most this often, so that reading pages does not write rows.
TOUCH_EVERY = timedelta(minutes=1)
#: Clocks of several machines, or one that was set right, may differ by so much.
CLOCK_TOLERANCE = timedelta(minutes=5)

#: Nobody is signed in yet while somebody signs in.
SYSTEM = Viewer.system("sign-in")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, and with what rights. ``unit`` and ``viewer`` are those acted with."""

    viewer: Viewer
    staff: Staff
    unit: Unit
    session: StaffSession
    stand_in_for: Staff | None = None


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """What the database keeps of a token."""
    # The token is 256 random bits: a plain hash cannot be guessed back.
    return hashlib.sha256(token.encode()).digest()


def oldest(settings: Settings, wall: datetime) -> tuple[datetime, datetime]:
    """Sessions end that were unused since, or made before, these moments."""
    return (
        wall - timedelta(minutes=settings.session_idle_minutes),
        wall - timedelta(hours=settings.session_absolute_hours),
    )


async def signed_in(
    database: Database, settings: Settings, token: str, *, touch: bool = True
) -> SignedIn:
    """Who holds this token. Raises Unauthenticated when the session is unknown or over.

    ``touch`` False: only look; the session does not count as used.
    """
    wall = wall_now()
    unused_since, made = oldest(settings, wall)
    async with database.read(SYSTEM) as session:
        found = await account_repository.session_staff(session, token_hash(token), pending=False)
        if found is None or not found[1].active:
            raise Unauthenticated("Please sign in.")
        held, staff, unit = found
        # Seen in the future: the clock was set back, and how old it is nobody knows.
        ahead = held.seen_at > wall + CLOCK_TOLERANCE
        if held.seen_at < unused_since or held.created_at < made or ahead:
            raise Unauthenticated("Your session has ended; please sign in again.")
        seen = await _acting(session, SignedIn(SYSTEM, staff, unit, held), database.clock.now())
    if touch and wall - held.seen_at > TOUCH_EVERY:
        async with database.unit_of_work(SYSTEM) as uow:
            await account_repository.touch_session(uow.session, held.token_hash, wall)
    return seen


async def _acting(session: AsyncSession, who: SignedIn, now: datetime) -> SignedIn:
    """With the rights that count now: one's own, or those of whom one stands in for."""
    chosen = who.session.stand_in_id
    if chosen is not None and ADMINISTRATORS.isdisjoint(who.staff.roles):
        # A stand-in ends by itself: it is looked up at every request.
        found = await account_repository.stood_in_for(session, chosen, who.staff.id, now)
        if found is not None and ADMINISTRATORS.isdisjoint(found[0].roles):
            other, unit = found
            viewer = replace(
                await viewer_of(session, other),
                actor=f"staff:{who.staff.id}",
                staff_id=who.staff.id,
                stand_in_for=other.id,
            )
            return replace(who, viewer=viewer, unit=unit, stand_in_for=other)
    return replace(who, viewer=await viewer_of(session, who.staff))


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
        staff_id = await account_repository.end_session(uow.session, token_hash(token))
        if staff_id is not None:
            uow.record(Entry(f"staff:{staff_id}", "staff.signed_out", "staff", staff_id, grade=4))
