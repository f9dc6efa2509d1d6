"""Saving a view, and removing it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from streetwise.directory import repository as directory
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.masking import mask
from streetwise.resolve.saved import repository
from streetwise.resolve.saved.tables import SavedView

declare(
    {
        "view.saved": "A view of the list of cases was saved (常用视图); data: shared.",
        "view.removed": "A saved view was removed.",
    }
)

#: So many of one's own: more are no shortcut any more.
OWN_MOST = 30
#: What may stand in the address of the list of cases; a cursor is no filter.
KEYS = frozenset(
    ("state", "mine", "due", "unit", "category", "grid", "q", "opened", "closed", "sort", "back")
)


async def save(
    uow: UnitOfWork, viewer: Viewer, area: str | None, name: str, query: str, *, shared: bool
) -> SavedView:
    """Save the filters of an address under a name. Neither may hold personal data."""
    viewer.require("case.read")
    if not name.strip():
        raise Invalid("A view needs a name.", code="view_name")
    pairs = parse_qsl(query.removeprefix("?"))
    if not pairs or any(key not in KEYS for key, _ in pairs):
        raise Invalid("These are no filters of the list.", code="view_query")
    if any(mask(text).counts for text in (name, *(value for _, value in pairs))):
        raise Invalid("A view keeps no personal data.", code="view_personal")
    mine = [
        one
        for one in await repository.views(uow.session, viewer)
        if one.owner_id == viewer.staff_id
    ]
    if len(mine) >= OWN_MOST:
        raise Conflict(
            f"There are {OWN_MOST} views of yours already; remove one first.",
            code="view_many",
            most=OWN_MOST,
        )
    here = (await directory.area(uow.session, viewer, area)).code
    row = SavedView(
        id=new_id(),
        area=here,
        owner_id=viewer.staff_id,
        unit_id=viewer.unit_id if shared else None,
        name=name.strip(),
        query=urlencode(pairs),
        saved_at=uow.now,
    )
    uow.session.add(row)
    _record(uow, viewer, "view.saved", row, shared=shared)
    return row


async def remove(uow: UnitOfWork, viewer: Viewer, view_id: UUID) -> None:
    """Remove a view of one's own, for the unit too."""
    viewer.require("case.read")
    _record(uow, viewer, "view.removed", await repository.remove(uow.session, viewer, view_id))


def _record(uow: UnitOfWork, viewer: Viewer, action: str, row: SavedView, **data: bool) -> None:
    uow.record(
        Entry(
            viewer.actor,
            action,
            "view",
            row.id,
            area=row.area,
            units=[viewer.unit_id] if viewer.unit_id else [],
            data=data,
            drill=viewer.drill,
        )
    )
