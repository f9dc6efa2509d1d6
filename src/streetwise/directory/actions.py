"""Changes of the directory: adding an area. Loading a folder: ``records.moving``."""

from __future__ import annotations

from streetwise.directory import repository
from streetwise.directory.areas import NewArea
from streetwise.directory.tables import Area
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Forbidden, Invalid
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer

declare(
    {
        "directory.area_added": "An area for another city's file was added; data: its code.",
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
    if not viewer.sees_area(home.code):
        raise Forbidden("A new area belongs to the home street; its people import this file.")
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
