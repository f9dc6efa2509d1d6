"""Account administration: people, their roles, their passwords; nobody works on the own account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from streetwise.directory import (
    account_repository,
    passwords,
    repository,
    second_factor,
    staff_repository,
    waits,
)
from streetwise.directory.account_words import entry
from streetwise.directory.new_password import set_new_password
from streetwise.directory.tables import Staff, StaffStandIn
from streetwise.kernel.clock import wall_now
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import ADMINISTRATORS, compatible, roles

SECURITY = "security_admin"


@dataclass(frozen=True, slots=True)
class Person:
    """What a system administrator says of a person."""

    name: str
    unit: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change of roles would change."""

    gained: list[str]
    lost: list[str]


def difference(before: Sequence[str], after: Sequence[str]) -> Difference:
    """Capabilities gained and lost by a change of roles. Raises Invalid for unknown ones."""
    for role in after:
        if role not in roles():
            raise Invalid(f"There is no role '{role}'.", code="role_unknown", role=role)
    if not compatible(after):
        raise Invalid(
            "The three administrators exclude each other, and an administrator's role stands"
            " alone.",
            code="roles_exclude",
        )
    old, new = _capabilities(before), _capabilities(after)
    return Difference(sorted(new - old), sorted(old - new))


def _capabilities(held: Sequence[str]) -> frozenset[str]:
    return frozenset().union(*(roles()[role].can for role in held if role in roles()))


def _not_oneself(viewer: Viewer, staff_id: UUID) -> None:
    if viewer.staff_id == staff_id:
        raise Forbidden(
            "Nobody changes the own account here; another administrator must.", code="own_account"
        )


# --- account.manage: the security administrator --------------------------------------------


async def give_password(uow: UnitOfWork, viewer: Viewer, settings: Settings, staff_id: UUID) -> str:
    """A one-time password, to be shown once; all sessions of the person end."""
    viewer.require("account.manage")
    _not_oneself(viewer, staff_id)
    staff = await account_repository.lock_staff(uow.session, staff_id)
    password = passwords.one_time_password()
    await set_new_password(uow, settings, staff, password, wall_now(), must_change=True)
    await account_repository.end_sessions(uow.session, [staff.id])
    uow.record(entry(viewer.actor, "staff.password_set", staff.id))
    return password


async def set_password(
    uow: UnitOfWork,
    viewer: Viewer,
    settings: Settings,
    login: str,
    password: str,
    *,
    must_change: bool = True,
) -> None:
    """Set a password (done on the machine, by who runs it); all sessions of the person end."""
    viewer.require("*")
    found = await account_repository.staff_by_login(uow.session, login)
    if found is None:
        raise NotFound(f"There is nobody with the login '{login}'.", login=login)
    staff = await account_repository.lock_staff(uow.session, found.id)
    await set_new_password(uow, settings, staff, password, wall_now(), must_change=must_change)
    await account_repository.end_sessions(uow.session, [staff.id])
    uow.record(entry(viewer.actor, "staff.password_set", staff.id))


async def unlock(uow: UnitOfWork, viewer: Viewer, runtime: Runtime, staff_id: UUID) -> None:
    """The login no longer waits after wrong passwords."""
    viewer.require("account.manage")
    staff = await account_repository.lock_staff(uow.session, staff_id)
    await account_repository.forget_count(uow.session, waits.login_key(runtime.keys, staff.login))
    uow.record(entry(viewer.actor, "staff.unlocked", staff.id))


async def reset_second_factor(uow: UnitOfWork, viewer: Viewer, staff_id: UUID) -> None:
    """For a lost telephone: the person signs in without a code once, and sets up a new one."""
    viewer.require("account.manage")
    _not_oneself(viewer, staff_id)
    staff = await account_repository.lock_staff(uow.session, staff_id)
    if staff.totp_since is None:
        raise Conflict("This account has no second factor.", code="no_second_factor")
    await second_factor.remove(uow, staff)
    await account_repository.end_sessions(uow.session, [staff.id])
    uow.record(entry(viewer.actor, "staff.second_factor_reset", staff.id))


async def end_sessions(uow: UnitOfWork, viewer: Viewer, staff_id: UUID) -> None:
    """Sign a person out everywhere."""
    viewer.require("account.manage")
    staff = await account_repository.lock_staff(uow.session, staff_id)
    number = await account_repository.end_sessions(uow.session, [staff.id])
    uow.record(entry(viewer.actor, "staff.sessions_ended", staff.id, number=number))


async def set_roles(
    uow: UnitOfWork, viewer: Viewer, staff_id: UUID, was: Sequence[str], wanted: Sequence[str]
) -> None:
    """Give a person these roles and no others; ``was``: those that the decision was made on."""
    viewer.require("role.grant")
    _not_oneself(viewer, staff_id)
    difference((), wanted)
    await staff_repository.lock_accounts(uow.session)
    staff = await account_repository.lock_staff(uow.session, staff_id)
    if set(staff.roles) != set(was):
        raise StaleVersion(
            "Somebody else changed these roles; look again.", current={"roles": staff.roles}
        )
    before, after = set(staff.roles), set(wanted)
    if before == after:
        return
    if SECURITY in before - after:
        await _not_the_last(uow, viewer, staff)
    if after & ADMINISTRATORS:
        dropped = await staff_repository.drop_stand_ins(uow.session, viewer, staff.id)
        uow.record(*(withdrawn(viewer.actor, one) for one in dropped))
    staff.roles = [role for role in roles() if role in after]
    told = {"granted": sorted(after - before), "withdrawn": sorted(before - after)}
    uow.record(entry(viewer.actor, "staff.roles_changed", staff.id, **told))


async def _not_the_last(uow: UnitOfWork, viewer: Viewer, staff: Staff) -> None:
    if not await staff_repository.other_active(uow.session, viewer, SECURITY, staff.id):
        raise Conflict(
            "This is the last security administrator: nobody could give roles or passwords"
            " any more.",
            code="last_security_admin",
        )


# --- staff.manage: the system administrator -------------------------------------------------


async def add_person(uow: UnitOfWork, viewer: Viewer, login: str, person: Person) -> Staff:
    """Add a person, without roles and without a password: others give those."""
    viewer.require("staff.manage")
    await staff_repository.lock_accounts(uow.session)
    if await account_repository.staff_by_login(uow.session, login) is not None:
        raise Conflict(f"The login '{login}' is taken.", code="login_taken", login=login)
    staff = Staff(
        id=new_id(),
        login=login,
        name=person.name,
        unit_id=await _unit_id(uow, viewer, person.unit),
        roles=[],
        active=True,
    )
    uow.session.add(staff)
    uow.record(entry(viewer.actor, "staff.added", staff.id))
    return staff


async def change_person(uow: UnitOfWork, viewer: Viewer, staff_id: UUID, person: Person) -> None:
    """A person's name and unit, and whether the account is open."""
    viewer.require("staff.manage")
    _not_oneself(viewer, staff_id)
    await staff_repository.lock_accounts(uow.session)
    staff = await account_repository.lock_staff(uow.session, staff_id)
    unit_id = await _unit_id(uow, viewer, person.unit)
    changed = [
        name
        for name, same in (("name", staff.name == person.name), ("unit", staff.unit_id == unit_id))
        if not same
    ]
    staff.name, staff.unit_id = person.name, unit_id
    if changed:
        uow.record(entry(viewer.actor, "staff.changed", staff.id, changed=changed))
    if staff.active == person.active:
        return
    # From now on the screen decides whether the account is open, and no longer a folder.
    staff.from_folder = False
    if not person.active:
        if SECURITY in staff.roles:
            await _not_the_last(uow, viewer, staff)
        await account_repository.end_sessions(uow.session, [staff.id])
    staff.active = person.active
    done = "staff.reopened" if person.active else "staff.closed"
    uow.record(entry(viewer.actor, done, staff.id))


async def _unit_id(uow: UnitOfWork, viewer: Viewer, code: str) -> UUID:
    units = await repository.units(uow.session, viewer)
    found = next((unit.id for unit in units if unit.code == code), None)
    if found is None:
        raise Invalid(f"There is no unit '{code}'.", code="unit_unknown", unit=code)
    return found


async def set_stand_in(
    uow: UnitOfWork,
    viewer: Viewer,
    settings: Settings,
    login: str,
    for_login: str,
    starts_at: datetime,
    ends_at: datetime,
) -> None:
    """``login`` may act for ``for_login`` from a moment to a moment (business time)."""
    viewer.require("staff.manage")
    who = await _open_account(uow, login)
    absent = await _open_account(uow, for_login)
    if viewer.staff_id in (who.id, absent.id) or who.id == absent.id:
        raise Invalid("A stand-in is somebody else.", code="stand_in_oneself")
    if not ADMINISTRATORS.isdisjoint({*who.roles, *absent.roles}):
        raise Invalid(
            "Administrators stand in for nobody, and nobody for them.",
            code="stand_in_administrator",
        )
    longest = timedelta(days=settings.stand_in_max_days)
    if not starts_at < ends_at <= starts_at + longest or ends_at <= uow.now:
        raise Invalid(
            f"A stand-in ends after it begins, in the future, within {longest.days} days.",
            code="stand_in_time",
            days=longest.days,
        )
    uow.session.add(
        StaffStandIn(
            id=new_id(), staff_id=who.id, stands_in_for=absent.id, starts_at=starts_at,
            ends_at=ends_at,
        )
    )  # fmt: skip
    told = {"from": starts_at.isoformat(), "to": ends_at.isoformat()}
    uow.record(entry(viewer.actor, "staff.stand_in_set", who.id, **{"for": str(absent.id)}, **told))


async def _open_account(uow: UnitOfWork, login: str) -> Staff:
    found = await account_repository.staff_by_login(uow.session, login)
    if found is None or not found.active:
        raise Invalid(f"There is no open account '{login}'.", code="login_unknown", login=login)
    return found


async def withdraw_stand_in(uow: UnitOfWork, viewer: Viewer, stand_in_id: UUID) -> None:
    """Take a stand-in back; it ends at the next request."""
    viewer.require("staff.manage")
    gone = await staff_repository.delete_stand_in(uow.session, viewer, stand_in_id)
    if gone is None:
        raise NotFound("There is no such stand-in.")
    uow.record(withdrawn(viewer.actor, gone))


def withdrawn(actor: str, stand_in: StaffStandIn) -> Entry:
    """The entry of a stand-in that is no more."""
    told = {"for": str(stand_in.stands_in_for)}
    return entry(actor, "staff.stand_in_withdrawn", stand_in.staff_id, **told)
