"""The second factor of a person: who needs one, offering a secret, taking codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import account_repository, totp
from streetwise.directory.account_words import entry
from streetwise.directory.tables import Staff, StaffSession
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.runtime import Runtime
from streetwise.privacy import ADMINISTRATORS

ISSUER = "Streetwise 街智"


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that waits to be confirmed by a code."""

    key: str
    uri: str


def off_here(runtime: Runtime) -> bool:
    """Whether nobody is asked for a code: only a synthetic street may say so."""
    return runtime.settings.second_factor == "nobody" and runtime.database.clock.simulated


def required(runtime: Runtime, staff: Staff) -> bool:
    """Whether this person must have a second factor."""
    if off_here(runtime):
        return False
    everybody = runtime.settings.second_factor == "everybody"
    return everybody or not ADMINISTRATORS.isdisjoint(staff.roles)


def asked_for(runtime: Runtime, staff: Staff) -> bool:
    """Whether this person signs in with a code."""
    return not off_here(runtime) and (staff.totp_since is not None or required(runtime, staff))


async def offer(session: AsyncSession, keys: Keys, staff: Staff, held: StaffSession) -> Offer:
    """The secret that this session offers; asked again, the same."""
    sealer, context = keys.sealer("totp"), staff.id.bytes
    if held.totp_offered is None:
        secret = totp.new_secret()
        await account_repository.offer_secret(
            session, held.token_hash, sealer.seal(secret, context)
        )
    else:
        secret = sealer.open(held.totp_offered, context)
    return Offer(totp.key_text(secret), totp.uri(secret, staff.login, ISSUER))


async def confirm(
    uow: UnitOfWork, keys: Keys, staff: Staff, held: StaffSession, code: str, wall: datetime
) -> list[str]:
    """Take the offered secret into use; the recovery codes, to be shown once.

    ``staff`` is locked. Raises Conflict when nothing is offered, Invalid for a wrong code.
    """
    if held.totp_offered is None:
        raise Conflict("Begin again: no second factor is being set up.", code="nothing_offered")
    secret = keys.sealer("totp").open(held.totp_offered, staff.id.bytes)
    step = totp.matching_step(secret, code, wall, None)
    if step is None:
        raise wrong_code()
    staff.totp_sealed, staff.totp_since, staff.totp_step = held.totp_offered, wall, step
    codes = totp.new_recovery_codes()
    hashes = [_recovery_hash(keys, staff, code) for code in codes]
    await account_repository.replace_recovery_codes(
        uow.session, staff.id, [one for one in hashes if one is not None]
    )
    await account_repository.offer_secret(uow.session, held.token_hash, None)
    uow.record(entry(f"staff:{staff.id}", "staff.second_factor_set", staff.id))
    return codes


async def prove(uow: UnitOfWork, keys: Keys, staff: Staff, code: str, wall: datetime) -> bool:
    """Take a code of the application, or a recovery code. ``staff`` is locked."""
    if staff.totp_sealed is None:
        return False
    secret = keys.sealer("totp").open(staff.totp_sealed, staff.id.bytes)
    step = totp.matching_step(secret, code, wall, staff.totp_step)
    if step is not None:
        staff.totp_step = step
        return True
    recovery = _recovery_hash(keys, staff, code)
    if recovery is None:
        return False
    if not await account_repository.use_recovery_code(uow.session, staff.id, recovery):
        return False
    left = await account_repository.recovery_codes_left(uow.session, staff.id)
    uow.record(entry(f"staff:{staff.id}", "staff.recovery_code_used", staff.id, left=left))
    return True


async def remove(uow: UnitOfWork, staff: Staff) -> None:
    """The person has no second factor any more. ``staff`` is locked."""
    staff.totp_sealed = staff.totp_since = staff.totp_step = None
    await account_repository.replace_recovery_codes(uow.session, staff.id, [])


def wrong_code() -> Invalid:
    """The refusal of a code."""
    return Invalid("This code is wrong, too old, or was used already.", code="wrong_code")


def _recovery_hash(keys: Keys, staff: Staff, code: str) -> bytes | None:
    text = totp.recovery_text(code)
    if text is None:
        return None
    return keys.hasher("recovery-codes").of(staff.id.bytes, text.encode())
