"""What a camera finds 告警: one signal at once, which then waits for triage like any other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from streetwise.gather import repository
from streetwise.gather.intake import Intake
from streetwise.gather.mapping import Record
from streetwise.kernel import hooks
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.keeping import keep

declare({"signal.detected": "A device found something; data: source."})

#: Codes of sources that are devices of ours begin so. What they say is always a case.
DEVICE_SOURCES = "device-"
#: What finds things, with its names.
DEVICES = {"camera": ("视频点位", "Cameras"), "rounds": ("未诉先办", "Preventive rounds")}


@dataclass(frozen=True, slots=True)
class Detection:
    """What a device found. ``key``: its own name of it; ``text``: words of the catalogue (scene,
    camera, zone), nothing that a person wrote; ``category``: scheme, version and code, None
    where triage is to guess it; ``device``: which sort of device, a key of DEVICES. WGS-84.
    """

    key: str
    area: str
    title: str
    text: str
    place: str | None
    lon: float
    lat: float
    category: tuple[str, str, str] | None
    at: datetime
    device: str = "camera"


def by_device(source_code: str) -> bool:
    """Whether a source is a device of ours."""
    return source_code.startswith(DEVICE_SOURCES)


async def register_detection(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, found: Detection
) -> tuple[UUID, bool]:
    """(the signal's id, whether it is new). The same key twice is one signal. For the system."""
    viewer.require("*")
    scheme, version, code = found.category or (None, None, None)
    name, name_en = DEVICES[found.device]
    source = {
        "code": f"{DEVICE_SOURCES}{found.device}" + (f"-{scheme}" if scheme else ""),
        "name": name,
        "name_en": name_en,
        "category_scheme": scheme,
        "category_version": version,
        "clock_starts": "received",
    }
    source_id = await repository.upsert_source(uow.session, source)
    (prepared,) = Intake(keys).prepare(
        [_record(found, code)],
        source_id=source_id,
        area=found.area,
        batch_id=None,
        received_at=uow.now,
        channels={},
    )
    content = keys.hasher("signal-detection").of(found.key.encode())
    prepared.values["content_hash"] = content
    connection = await uow.raw()
    if not await repository.store_signals(connection, [prepared]):
        return await repository.signal_with_content(uow.session, viewer, content), False
    if (original := prepared.to_keep()) is not None:
        await keep(uow, keys, [original])
    uow.record(
        Entry(
            viewer.actor,
            "signal.detected",
            "signal",
            prepared.id,
            area=found.area,
            data={"source": source["code"]},
        )
    )
    await hooks.tell("signals.stored", uow=uow)
    return prepared.id, True


def _record(found: Detection, code: str | None) -> Record:
    return Record(
        key=None,
        reported_at=found.at,
        title=found.title,
        text=found.text,
        reply=None,
        replied_at=None,
        closed_at=None,
        due_at=None,
        category=code,
        place=found.place,
        channel=None,
        reporter=None,
        lon=found.lon,
        lat=found.lat,
        original_point=None,
        facts={},
    )
