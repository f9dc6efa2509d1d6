"""Changes of the directory: adding an area, passwords. Loading a folder: ``records.moving``."""

from __future__ import annotations

import asyncio

from streetwise.directory import passwords, repository
from streetwise.directory.areas import NewArea
from streetwise.directory.records.moving import load_folder
from streetwise.directory.tables import Area
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Invalid
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer

__all__ = ["add_area", "load_folder", "set_password"]

declare(
    {
        "directory.area_added": "An area for another city's file was added; data: its code.",
        "staff.password_set": "A member of staff got a new password; open sessions ended.",
        "staff.signed_in": "A member of staff signed in.",
        "staff.signed_out": "A member of staff signed out.",
        "staff.sign_in_refused": "A wrong password was given for a login; data: attempts.",
    }
)


async def add_area(uow: UnitOfWork, viewer: Viewer, area: NewArea) -> bool:
    """Add an area for another city's file, owned by the home area's street; False if known."""
    viewer.require("import.run")
    await repository.lock_loading(uow.session)
    # Whether the code is taken must be asked with the eyes of the system: an area that this
    # viewer does not see is still an area.
    everything = Viewer.system("area")
    known = {row.code: row for row in await repository.areas(uow.session, everything)}
    if area.code in known:
        return False
    home = next((row for row in known.values() if row.home), None)
    if home is None:
        raise Invalid(
            "There is no street yet; load one first (streetwise town load DIR).", code="no_street"
        )
    uow.session.add(
        Area(
            code=area.code,
            name=area.name,
            name_en=area.name_en,
            timezone=area.timezone,
            prefix=area.prefix,
            home=False,
            owner_id=home.owner_id,
            revision=new_id(),
            bbox=None,
            base=None,
        )
    )
    await uow.session.flush()
    uow.record(
        Entry(
            viewer.actor,
            "directory.area_added",
            "area",
            None,
            area=area.code,
            data={"area": area.code},
        )
    )
    return True


async def set_password(uow: UnitOfWork, viewer: Viewer, login: str, password: str) -> None:
    """Set a member of staff's password (done on the machine, by who runs it).

    Whoever is signed in by the old one is not any longer.
    """
    viewer.require("*")
    passwords.check_strength(password)
    password_hash = await asyncio.to_thread(passwords.hash_password, password)
    staff_id = await repository.set_password_hash(uow.session, login, password_hash)
    await repository.end_sessions(uow.session, [staff_id])
    uow.record(Entry(viewer.actor, "staff.password_set", "staff", staff_id, grade=3))
