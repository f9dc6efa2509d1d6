"""A person's look at what a camera shows now: why, then for some seconds a masked picture.

Whoever looks says why, and that stands in the journal before there is anything to see. The engine
answers with a masked picture; it lies sealed in the row until the look is over. All of it by wall
time: who waits before a screen waits in that, however fast a town's day goes.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from streetwise.discover import health_repository, repository
from streetwise.discover.tables import CameraLook
from streetwise.kernel.clock import wall_now
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid, StreetwiseError
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.masking import mask

declare({"camera.looked_at": "Somebody looked at what a camera shows; data: look, reason."})

#: Why somebody looks.
REASONS = ("finding", "case", "incident", "zones", "stream", "other")
#: A reason of these needs words as well.
NEEDS_WORDS = ("other",)
NOTE_MAX, NOTE_MIN = 200, 2
PURPOSE = "camera-look"


class LookOver(StreetwiseError):
    """The picture of a look is shown for some seconds, and kept nowhere."""

    status = 410
    code = "look_over"
    title = "This look is over"


async def ask(
    uow: UnitOfWork,
    viewer: Viewer,
    watched_id: UUID,
    reason: str,
    note: str | None,
    seconds: float,
) -> CameraLook:
    """Begin a look; in the journal with its reason. Raises Invalid, NotFound, Conflict."""
    repository.require_cameras(viewer)
    words = (note or "").strip()
    if reason not in REASONS or len(words) > NOTE_MAX:
        raise Invalid("Say why you look.", code="look_reason")
    if reason in NEEDS_WORDS and len(words) < NOTE_MIN:
        raise Invalid("Say in words why you look.", code="look_reason")
    row = await repository.camera(uow.session, viewer, watched_id)
    if not row.watched.on:
        raise Conflict("This camera is off.", code="camera_off")
    assert viewer.staff_id is not None
    now = wall_now()
    look = CameraLook(
        id=new_id(),
        watched_id=watched_id,
        staff_id=viewer.staff_id,
        reason=reason,
        note=mask(words).text if words else None,
        asked_at=now,
        until=now + timedelta(seconds=seconds),
    )
    uow.session.add(look)
    units = [viewer.unit_id] if viewer.unit_id else []
    uow.record(
        Entry(
            viewer.actor,
            "camera.looked_at",
            "camera",
            watched_id,
            area=row.watched.area,
            units=units,
            data={"look": str(look.id), "reason": reason},
            drill=viewer.drill,
        )
    )
    return look


def sealed_picture(keys: Keys, look_id: UUID, jpeg: bytes) -> bytes:
    """A picture as it lies in the row."""
    return keys.sealer(PURPOSE).seal(jpeg, look_id.bytes)


def picture(keys: Keys, look: CameraLook) -> bytes | None:
    """The picture of a look, opened; None: it has not come yet."""
    if look.sealed_picture is None:
        return None
    return keys.sealer(PURPOSE).open(look.sealed_picture, look.id.bytes)


def over(look: CameraLook) -> bool:
    """Whether a look is over."""
    return look.until <= wall_now()


async def end_looks(uow: UnitOfWork, viewer: Viewer) -> int:
    """Take out the pictures of looks that are over; how many."""
    return await health_repository.end_looks(uow.session, viewer, wall_now())
