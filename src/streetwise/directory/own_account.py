"""What people change of their own accounts: password, second factor, devices, stand-ins."""

from __future__ import annotations

import asyncio
from uuid import UUID

from streetwise.directory import (
    account_repository,
    passwords,
    second_factor,
    staff_repository,
    waits,
)
from streetwise.directory.account_words import entry
from streetwise.directory.new_password import set_new_password
from streetwise.directory.second_factor import Offer
from streetwise.directory.sessions import SYSTEM, SignedIn, new_token, token_hash
from streetwise.directory.sign_in import Came
from streetwise.directory.tables import Staff
from streetwise.kernel.clock import wall_now
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid, NotFound
from streetwise.kernel.runtime import Runtime


async def _checked(runtime: Runtime, came: Came, who: SignedIn, password: str) -> None:
    """The person's own password once more. Wrong ones are counted like those at sign-in."""
    wall = wall_now()
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        attempt = await waits.count(uow, runtime, who.staff.login, came.address, wall)
        staff = await account_repository.lock_staff(uow.session, who.staff.id)
        known = staff.password_hash
    right = await asyncio.to_thread(passwords.matches, known, password)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        if right:
            await waits.give_back(uow, attempt, wall, finished=True)
        else:
            uow.record(
                entry(
                    _actor(who),
                    "staff.sign_in_refused",
                    who.staff.id,
                    factor="own_password",
                    attempts=attempt.attempts,
                    wait_seconds=attempt.wait_seconds,
                )
            )
    if not right:
        raise Invalid("Your present password is not this one.", code="wrong_password")


def _actor(who: SignedIn) -> str:
    return f"staff:{who.staff.id}"


async def _renew(uow: UnitOfWork, who: SignedIn) -> str:
    """End all other sessions, and let this one go on under a new token."""
    token = new_token()
    old = who.session.token_hash
    await account_repository.end_sessions(uow.session, [who.staff.id], but=old)
    await account_repository.change_token(uow.session, old, token_hash(token))
    return token


async def change_password(runtime: Runtime, came: Came, who: SignedIn, old: str, new: str) -> str:
    """Take a new password; the other sessions end. The session's new token."""
    await _checked(runtime, came, who, old)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        staff = await account_repository.lock_staff(uow.session, who.staff.id)
        await set_new_password(uow, runtime.settings, staff, new, wall_now(), must_change=False)
        token = await _renew(uow, who)
        uow.record(entry(_actor(who), "staff.password_changed", staff.id))
    return token


async def offer_second_factor(runtime: Runtime, came: Came, who: SignedIn, password: str) -> Offer:
    """Begin to set up a second factor, or another one instead of the present."""
    if second_factor.off_here(runtime):
        raise Conflict("The second factor is off in this demo.", code="second_factor_off")
    await _checked(runtime, came, who, password)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        return await second_factor.offer(uow.session, runtime.keys, who.staff, who.session)


async def confirm_second_factor(
    runtime: Runtime, who: SignedIn, code: str
) -> tuple[str, list[str]]:
    """Take the offered second factor into use: the session's new token, the recovery codes."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        staff = await account_repository.lock_staff(uow.session, who.staff.id)
        codes = await second_factor.confirm(uow, runtime.keys, staff, who.session, code, wall_now())
        token = await _renew(uow, who)
    return token, codes


async def give_up_second_factor(runtime: Runtime, came: Came, who: SignedIn, password: str) -> str:
    """Sign in without a second factor from now on; refused to those who must have one."""
    if second_factor.required(runtime, who.staff):
        raise Conflict("Your account must have a second factor.", code="second_factor_required")
    await _checked(runtime, came, who, password)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        staff = await account_repository.lock_staff(uow.session, who.staff.id)
        await second_factor.remove(uow, staff)
        token = await _renew(uow, who)
        uow.record(entry(_actor(who), "staff.second_factor_ended", staff.id))
    return token


async def end_device(uow: UnitOfWork, who: SignedIn, session_id: UUID) -> None:
    """Sign out one of one's own devices. Raises NotFound."""
    if not await account_repository.end_session_of(uow.session, who.staff.id, session_id):
        raise NotFound("There is no such device (any more).")
    uow.record(entry(_actor(who), "staff.sessions_ended", who.staff.id, number=1))


async def end_other_devices(uow: UnitOfWork, who: SignedIn) -> None:
    """Sign out everywhere else."""
    number = await account_repository.end_sessions(
        uow.session, [who.staff.id], but=who.session.token_hash
    )
    uow.record(entry(_actor(who), "staff.sessions_ended", who.staff.id, number=number))


async def stand_in(uow: UnitOfWork, who: SignedIn, login: str | None) -> None:
    """Act for another from the next request on, or for oneself again (None)."""
    chosen: Staff | None = None
    stand_in_id = None
    if login is not None:
        offers = await staff_repository.my_stand_ins(uow.session, who.viewer, uow.now)
        found = next((one for one in offers if one.stands_in_for.login == login), None)
        if found is None:
            raise NotFound("You may not stand in for this person now.", code="no_stand_in")
        chosen, stand_in_id = found.stands_in_for, found.id
    await account_repository.set_stand_in(uow.session, who.session.token_hash, stand_in_id)
    # Entries about the switch are the person's own, not the absent one's.
    uow.stand_in_for = None
    if who.stand_in_for is not None:
        told = {"for": str(who.stand_in_for.id)}
        uow.record(entry(_actor(who), "staff.stand_in_ended", who.staff.id, **told))
    if chosen is not None:
        told = {"for": str(chosen.id)}
        uow.record(entry(_actor(who), "staff.stand_in_began", who.staff.id, **told))
