"""Photos: uploaded, attached by an action (``actions.apply``), swept when none came for them."""

from __future__ import annotations

from datetime import datetime

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.files import Photo as PhotoContent
from streetwise.kernel.files import StoredFile
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer
from streetwise.resolve import repository
from streetwise.resolve.tables import Photo
from streetwise.resolve.verify.taken import Taken

declare(
    {
        "photo.uploaded": "A photo was uploaded; data: size in bytes.",
        "photo.swept": "Photos that came with no report were removed; data: photos.",
    }
)

#: Photos swept in one transaction; the rest next time.
MOST_PHOTOS_SWEPT = 5000


def require_upload(viewer: Viewer) -> None:
    """Raise Forbidden for those who have no use for a photo, before anything is read of it."""
    if not (viewer.may("case.verify") or viewer.may("order.answer")):
        viewer.require("case.report")


async def add_photo(
    uow: UnitOfWork,
    viewer: Viewer,
    stored: StoredFile,
    content: PhotoContent,
    taken: Taken | None = None,
) -> Photo:
    """Keep an uploaded photo; an action attaches it to its case. ``taken``: where and when, as the
    browser says; what cannot be is refused (Invalid).
    """
    require_upload(viewer)
    taken = taken or Taken()
    taken.require_possible()
    assert viewer.staff_id is not None
    photo = Photo(
        id=new_id(),
        case_id=None,
        digest=stored.digest,
        bytes=stored.bytes,
        width=content.width,
        height=content.height,
        uploaded_by=viewer.staff_id,
        uploaded_at=uow.now,
        lon=taken.lon,
        lat=taken.lat,
        accuracy_metres=taken.accuracy_metres,
        taken_at=taken.time(uow.now),
    )
    uow.session.add(photo)
    uow.record(
        Entry(
            viewer.actor,
            "photo.uploaded",
            "photo",
            photo.id,
            units=[viewer.unit_id] if viewer.unit_id else [],
            data={"bytes": stored.bytes},
        )
    )
    return photo


async def sweep_photos(uow: UnitOfWork, viewer: Viewer, before: datetime) -> None:
    """Remove photos uploaded before this time and never sent: nobody sees them, but they show
    something.

    Their files, named by no row any more, are swept when they are old.
    """
    removed = await repository.remove_unattached_photos(
        uow.session, viewer, before, MOST_PHOTOS_SWEPT
    )
    if removed:
        data = {"photos": removed}
        uow.record(
            Entry(viewer.actor, "photo.swept", "photo", None, grade=GRADE_INTERNAL, data=data)
        )
