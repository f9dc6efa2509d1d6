"""The first start of an installation that is no demo: a one-time code, three administrators.

There is no default password anywhere. The code is random, lies hashed in the database and in the
clear in a file that only the service's user reads, and is void once it was used.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from streetwise.directory import account_repository, passwords
from streetwise.directory.account_words import entry
from streetwise.directory.letters import letters_of, new_code
from streetwise.directory.sessions import SYSTEM
from streetwise.directory.sign_in import Came
from streetwise.directory.tables import SetupCode, Staff, Unit
from streetwise.directory.views import is_demo
from streetwise.directory.waits import count
from streetwise.kernel.clock import wall_now
from streetwise.kernel.errors import Conflict, Forbidden, Invalid
from streetwise.kernel.ids import new_id
from streetwise.kernel.runtime import Runtime
from streetwise.privacy import ADMINISTRATORS

CODE_FILE = "setup-code"
#: 5 groups of 4 of 32 letters: 100 bits.
_GROUPS, _GROUP_LETTERS = 5, 4
#: The unit of the administrators: of no street, so that a street's folder can be loaded after.
UNIT_CODE = "administration"


@dataclass(frozen=True, slots=True)
class Administrator:
    """One of the three, as the first page says."""

    role: str
    login: str
    name: str
    password: str


async def is_open(runtime: Runtime) -> bool:
    """Whether the first page waits: nobody can give passwords, and no code was ever used."""
    if is_demo(runtime):
        return False
    async with runtime.database.read(SYSTEM) as session:
        code = await account_repository.setup_code(session)
        if code is not None and code.used_at is not None:
            return False
        return not await account_repository.any_security_admin(session)


async def code_for_console(runtime: Runtime) -> str | None:
    """The code that the console shows; None when the first start is over.

    The same code until it expires, so that two processes and two starts print one.
    """
    if not await is_open(runtime):
        return None
    path = runtime.settings.secrets_path / CODE_FILE
    wall = wall_now()
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        row = await account_repository.setup_code(uow.session, lock=True)
        known = _read(path)
        if row is not None and known and row.expires_at > wall and _fits(row, known):
            return known
        code = new_code(_GROUPS, _GROUP_LETTERS)
        expires = wall + timedelta(hours=runtime.settings.setup_code_hours)
        await account_repository.save_setup_code(uow.session, _hash(code), expires)
        _write(path, code)
    return code


async def make_administrators(
    runtime: Runtime, came: Came, code: str, three: Sequence[Administrator]
) -> None:
    """Make the three administrators, all or none, once. Wrong codes are counted and wait."""
    wall = wall_now()
    _check_three(three)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await count(uow, runtime, "", came.address, wall)
    for one in three:
        passwords.check_strength(
            one.password, runtime.settings.password_min_characters, (one.login, one.name)
        )
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        row = await account_repository.setup_code(uow.session, lock=True)
        if (
            row is None
            or row.used_at is not None
            or await account_repository.any_security_admin(uow.session)
        ):
            raise Conflict("The first start is over; please sign in.", code="setup_over")
        if row.expires_at <= wall or not _fits(row, code):
            raise Forbidden(
                "This code is wrong or has expired; start the server again for a new one.",
                code="setup_code_wrong",
            )
        taken = [
            one.login
            for one in three
            if await account_repository.staff_by_login(uow.session, one.login) is not None
        ]
        if taken:
            raise Conflict(f"The login '{taken[0]}' is taken.", code="login_taken", login=taken[0])
        unit = Unit(
            id=new_id(), code=UNIT_CODE, parent_id=None, tier="department", name="系统管理",
            name_en="Administration", ordinal=0,
        )  # fmt: skip
        uow.session.add(unit)
        await uow.session.flush()
        for one in three:
            staff = Staff(
                id=new_id(), login=one.login, name=one.name, unit_id=unit.id, roles=[one.role],
                active=True, password_set_at=wall, must_change_password=True,
                password_hash=await asyncio.to_thread(passwords.hash_password, one.password),
            )  # fmt: skip
            uow.session.add(staff)
            uow.record(entry("system:setup", "staff.added", staff.id))
        row.used_at = wall
        uow.record(entry("system:setup", "staff.administrators_made", None))
    (runtime.settings.secrets_path / CODE_FILE).unlink(missing_ok=True)


def _check_three(three: Sequence[Administrator]) -> None:
    if sorted(one.role for one in three) != sorted(ADMINISTRATORS):
        raise Invalid("Name all three administrators.", code="setup_three")
    logins = {one.login.casefold() for one in three}
    names = {one.name for one in three}
    words = {one.password for one in three}
    if min(map(len, (logins, names, words))) < len(three):
        raise Invalid(
            "The three administrators are three different people: different logins, names and"
            " passwords.",
            code="setup_three_people",
        )


def _hash(code: str) -> bytes:
    letters = letters_of(code)
    # 100 random bits: a plain hash cannot be guessed back.
    return hashlib.sha256(letters.encode()).digest()


def _fits(row: SetupCode, code: str) -> bool:
    return secrets.compare_digest(row.code_hash, _hash(code))


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None


def _write(path: Path, code: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(code + "\n")
