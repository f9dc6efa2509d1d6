"""Giving a person a new password: the rules, the history, the hash."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from streetwise.directory import account_repository, passwords, repository
from streetwise.directory.tables import Staff
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Invalid
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer


async def set_new_password(
    uow: UnitOfWork,
    settings: Settings,
    staff: Staff,
    password: str,
    wall: datetime,
    *,
    must_change: bool,
) -> None:
    """Set the password of ``staff`` (locked). Raises Invalid with what is wrong with it."""
    towns = await repository.areas(uow.session, Viewer.system("password"))
    own = [staff.login, staff.name, *(name for town in towns for name in (town.name, town.name_en))]
    passwords.check_strength(password, settings.password_min_characters, own)
    former = await account_repository.former_passwords(
        uow.session, staff.id, settings.password_history_entries
    )
    known = [staff.password_hash, *former] if staff.password_hash else former
    if await asyncio.to_thread(passwords.used_before, [one for one in known if one], password):
        raise Invalid(
            "This is one of your last passwords; take a new one.",
            code="password_used_before",
            number=settings.password_history_entries,
        )
    if staff.password_hash is not None:
        await account_repository.keep_password(
            uow.session, staff.id, staff.password_hash, settings.password_history_entries
        )
    staff.password_hash = await asyncio.to_thread(passwords.hash_password, password)
    staff.password_set_at = wall
    staff.must_change_password = must_change


def must_change(settings: Settings, staff: Staff, wall: datetime) -> bool:
    """Whether the person must take a new password before anything else."""
    if staff.must_change_password:
        return True
    days, since = settings.password_max_age_days, staff.password_set_at
    return bool(days) and since is not None and wall - since > timedelta(days=days)


def still_good(settings: Settings, staff: Staff, wall: datetime) -> bool:
    """False for a password that somebody else gave and that waited too long to be changed."""
    if not staff.must_change_password or staff.password_set_at is None:
        return True
    return wall - staff.password_set_at <= timedelta(hours=settings.one_time_password_hours)
