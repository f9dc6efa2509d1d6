"""Sign-in in steps: the password; then, where needed, a code, a new password, a second factor.

Until the last step is done the browser holds the token of a pending session, which opens nothing
but the next step. Every step gives a new token and ends the old one, so that nobody can slip a
token in beforehand and find it signed in afterwards.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from streetwise.directory import account_repository, passwords, second_factor, waits
from streetwise.directory.account_words import entry
from streetwise.directory.new_password import must_change, set_new_password, still_good
from streetwise.directory.second_factor import Offer
from streetwise.directory.sessions import SYSTEM, new_token, oldest, token_hash
from streetwise.directory.tables import Staff, StaffSession
from streetwise.kernel.clock import wall_now
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Unauthenticated
from streetwise.kernel.ids import new_id
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings

Step = Literal["second_factor", "password", "enrolment"]


@dataclass(frozen=True, slots=True)
class Came:
    """Where an attempt came from: the full address is counted by and never stored."""

    address: str
    network: str
    device: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A token, and the step that it waits for; None: signed in."""

    token: str
    step: Step | None


def next_step(runtime: Runtime, staff: Staff, *, proven: bool, wall: datetime) -> Step | None:
    """What this person must do next; None: nothing, the sign-in is finished."""
    asked = second_factor.asked_for(runtime, staff)
    enrolled = staff.totp_since is not None
    if asked and enrolled and not proven:
        return "second_factor"
    if must_change(runtime.settings, staff, wall):
        return "password"
    if asked and not enrolled:
        return "enrolment"
    return None


async def sign_in(
    runtime: Runtime, came: Came, login: str, password: str, *, held: str | None = None
) -> Begun:
    """Check the password; the token of a session, or of a pending one.

    ``held`` is the token that the browser had before: it ends. Raises Unauthenticated (one
    answer for a wrong login, a wrong password, a closed account and one without a password,
    after the same work) or TooManyRequests.
    """
    wall = wall_now()
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        attempt = await waits.count(uow, runtime, login, came.address, wall)
    async with runtime.database.read(SYSTEM) as session:
        staff = await account_repository.staff_by_login(session, login)
    right = await asyncio.to_thread(
        passwords.matches, staff.password_hash if staff else None, password
    )
    good = staff is not None and staff.active and still_good(runtime.settings, staff, wall)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        begun = None
        if staff is None or not right or not good:
            _refused(uow, staff, "password", attempt)
        # Between the look and now the password may have been changed: then it was the old one.
        elif await _unchanged(uow, staff):
            begun = await _advance(uow, runtime, came, staff, proven=False, wall=wall)
            await waits.give_back(uow, attempt, wall, finished=begun.step is None)
            if held is not None:
                await account_repository.end_session(uow.session, token_hash(held))
    if begun is None:
        raise Unauthenticated("The login or the password is wrong.", code="wrong_login")
    return begun


async def _unchanged(uow: UnitOfWork, seen: Staff) -> bool:
    now = await account_repository.lock_staff(uow.session, seen.id)
    return now.active and now.password_hash == seen.password_hash


def _refused(uow: UnitOfWork, staff: Staff | None, factor: str, attempt: waits.Attempt) -> None:
    uow.record(
        entry(
            "system:sign-in",
            "staff.sign_in_refused",
            staff.id if staff else None,
            factor=factor,
            attempts=attempt.attempts,
            wait_seconds=attempt.wait_seconds,
        )
    )


async def _advance(
    uow: UnitOfWork, runtime: Runtime, came: Came, staff: Staff, *, proven: bool, wall: datetime
) -> Begun:
    """Open the next session of a sign-in: pending, or, after the last step, the real one."""
    step = next_step(runtime, staff, proven=proven, wall=wall)
    token = new_token()
    uow.session.add(
        StaffSession(
            token_hash=token_hash(token),
            id=new_id(),
            staff_id=staff.id,
            created_at=wall,
            seen_at=wall,
            pending=step is not None,
            proven=proven,
            device=came.device,
            address=came.network,
        )
    )
    settings = runtime.settings
    await account_repository.end_old_sessions(
        uow.session, *oldest(settings, wall), _pending_since(settings, wall)
    )
    if step is None:
        uow.record(entry(f"staff:{staff.id}", "staff.signed_in", staff.id))
    return Begun(token, step)


def _pending_since(settings: Settings, wall: datetime) -> datetime:
    return wall - timedelta(minutes=settings.sign_in_pending_minutes)


async def pending(runtime: Runtime, token: str | None) -> tuple[StaffSession, Staff, Step]:
    """The pending session of a token and its next step. Raises Unauthenticated."""
    wall = wall_now()
    async with runtime.database.read(SYSTEM) as session:
        found = await account_repository.session_staff(
            session, token_hash(token or ""), pending=True
        )
    if (
        found is None
        or not found[1].active
        or found[0].created_at < _pending_since(runtime.settings, wall)
    ):
        raise Unauthenticated("Please begin the sign-in again.", code="sign_in_over")
    held, staff, _ = found
    step = next_step(runtime, staff, proven=held.proven, wall=wall)
    # Somebody may have changed the account meanwhile, so that nothing is left to do.
    if step is None:
        raise Unauthenticated("Please begin the sign-in again.", code="sign_in_over")
    return held, staff, step


async def _at_step(runtime: Runtime, token: str | None, wanted: Step) -> tuple[StaffSession, Staff]:
    held, staff, step = await pending(runtime, token)
    if step != wanted:
        raise Conflict(f"The sign-in waits for '{step}'.", code="other_step", step=step)
    return held, staff


async def give_code(runtime: Runtime, came: Came, token: str | None, code: str) -> Begun:
    """The second factor: a code of the application, or a recovery code. Wrong ones are counted."""
    wall = wall_now()
    held, staff = await _at_step(runtime, token, "second_factor")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        attempt = await waits.count(uow, runtime, staff.login, came.address, wall)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        staff = await account_repository.lock_staff(uow.session, staff.id)
        begun = None
        if await second_factor.prove(uow, runtime.keys, staff, code, wall):
            begun = await _next(uow, runtime, came, staff, held, proven=True, wall=wall)
            await waits.give_back(uow, attempt, wall, finished=begun.step is None)
        else:
            _refused(uow, staff, "code", attempt)
    if begun is None:
        raise second_factor.wrong_code()
    return begun


async def _next(
    uow: UnitOfWork,
    runtime: Runtime,
    came: Came,
    staff: Staff,
    held: StaffSession,
    *,
    proven: bool,
    wall: datetime,
) -> Begun:
    """End the pending session and open the next. Raises Unauthenticated when it was used twice."""
    if await account_repository.end_session(uow.session, held.token_hash) is None:
        raise Unauthenticated("Please begin the sign-in again.", code="sign_in_over")
    begun = await _advance(uow, runtime, came, staff, proven=proven, wall=wall)
    if begun.step is None:
        await account_repository.forget_count(
            uow.session, waits.login_key(runtime.keys, staff.login)
        )
    return begun


async def give_password(runtime: Runtime, came: Came, token: str | None, password: str) -> Begun:
    """A new password, where it must be changed; the old one was given just now."""
    wall = wall_now()
    held, staff = await _at_step(runtime, token, "password")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        staff = await account_repository.lock_staff(uow.session, staff.id)
        await set_new_password(uow, runtime.settings, staff, password, wall, must_change=False)
        begun = await _next(uow, runtime, came, staff, held, proven=held.proven, wall=wall)
        new = token_hash(begun.token)
        await uow.session.flush()
        await account_repository.end_sessions(uow.session, [staff.id], but=new)
        uow.record(entry(f"staff:{staff.id}", "staff.password_changed", staff.id))
    return begun


async def offer(runtime: Runtime, token: str | None) -> Offer:
    """The secret of a second factor that must be set up."""
    held, staff = await _at_step(runtime, token, "enrolment")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        return await second_factor.offer(uow.session, runtime.keys, staff, held)


async def enrol(
    runtime: Runtime, came: Came, token: str | None, code: str
) -> tuple[Begun, list[str]]:
    """Confirm the second factor by a code; the recovery codes, and how the sign-in goes on."""
    wall = wall_now()
    held, staff = await _at_step(runtime, token, "enrolment")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        staff = await account_repository.lock_staff(uow.session, staff.id)
        codes = await second_factor.confirm(uow, runtime.keys, staff, held, code, wall)
        begun = await _next(uow, runtime, came, staff, held, proven=True, wall=wall)
    return begun, codes
