"""Taking in the catalogue of a platform: looked at first, then taken in as it was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.discover import repository
from streetwise.discover.actions import SetUp, set_up_channel
from streetwise.discover.platform import Plan, Spot, plan, read_catalogue
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer

declare(
    {
        "camera.catalogue": "The catalogue of a video platform was taken in; data: cameras that are"
        " new, changed and as before, and rows that could not be used.",
    }
)


@dataclass(frozen=True, slots=True)
class Given:
    """A catalogue as it comes: the file, the address for all, and which gateway plays it."""

    content: bytes
    template: str | None = None
    gateway: str | None = None
    streams_max: int | None = None


async def look_at(session: AsyncSession, viewer: Viewer, area: str, given: Given) -> Plan:
    """What a catalogue would come to in an area; changes nothing. Raises Invalid."""
    viewer.require(repository.SET_UP)
    here = (await directory.area(session, viewer, area)).code
    channels, bad = read_catalogue(given.content, given.template)
    spots = [
        Spot(one.camera.code, one.camera.name, one.camera.lon, one.camera.lat, one.channel)
        for one in await repository.directory_cameras(session, viewer, here)
    ]
    return plan(channels, bad, spots)


async def take_in(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, area: str, given: Given, digest: str
) -> Plan:
    """Take a catalogue in as it was looked at. Raises Conflict (``catalogue_changed``) where the
    file or the directory is another than then.

    Nothing is switched on by this, and what is on stays on: its owner, purpose and approval are
    nothing that a platform knows.
    """
    found = await look_at(uow.session, viewer, area, given)
    if found.digest != digest:
        raise Conflict(
            "The catalogue, or the directory, is not as you have seen it; look at it again.",
            code="catalogue_changed",
        )
    here = (await directory.area(uow.session, viewer, area)).code
    counts = {"new": 0, "changed": 0, "as_before": 0}
    for one in found.matched:
        wanted = SetUp(
            one.channel.kind,
            address=one.channel.address,
            channel=one.channel.id,
            gateway=given.gateway,
            streams_max=given.streams_max,
        )
        counts[await set_up_channel(uow, viewer, keys, here, one.code, wanted)] += 1
    data: dict[str, Any] = {**counts, "bad": len(found.bad)}
    uow.record(
        Entry(
            viewer.actor,
            "camera.catalogue",
            "camera",
            None,
            area=here,
            units=[viewer.unit_id] if viewer.unit_id else [],
            data=data,
        )
    )
    return found
