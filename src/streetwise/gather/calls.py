"""What comes by telephone 电话登记: one signal at once, in the transaction that finds its case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from streetwise.gather import repository
from streetwise.gather.intake import Intake
from streetwise.gather.mapping import Record
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.keeping import keep

declare(
    {
        "signal.registered": "A telephone call was written down; data: contact (whether the vault"
        " holds a number or a name).",
    }
)

SOURCE: dict[str, Any] = {
    "code": "phone",
    "name": "电话登记",
    "name_en": "Telephone",
    "category_scheme": None,
    "category_version": None,
    "clock_starts": "received",
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it was written down. ``caller`` and ``contact`` go to the vault alone."""

    text: str
    place: str | None
    lon: float | None
    lat: float | None
    caller: str | None
    contact: str | None
    answer_by: str | None


async def register_call(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, call: Call, *, area: str, request_id: UUID
) -> tuple[UUID, bool]:
    """(the signal's id, whether it is new). The same request twice is one call.

    The signal does not wait for triage: the caller of this gives it its case.
    """
    viewer.require("signal.register")
    source_id = await repository.upsert_source(uow.session, SOURCE)
    intake = Intake(keys)
    (prepared,) = intake.prepare(
        [_record(call, uow)],
        source_id=source_id,
        area=area,
        batch_id=None,
        received_at=uow.now,
        channels={},
    )
    # Two calls with the same words are two calls; the same form sent again is the same call.
    content = keys.hasher("signal-call").of(request_id.bytes)
    prepared.values["content_hash"] = content
    connection = await uow.raw()
    if not await repository.store_signals(connection, [prepared], queued=False):
        return await repository.signal_with_content(uow.session, viewer, content), False
    if (original := prepared.to_keep()) is not None:
        await keep(uow, keys, [original])
    uow.record(
        Entry(
            viewer.actor,
            "signal.registered",
            "signal",
            prepared.id,
            area=area,
            units=[viewer.unit_id] if viewer.unit_id else [],
            data={"contact": bool(call.caller or call.contact)},
            drill=viewer.drill,
        )
    )
    return prepared.id, True


def _record(call: Call, uow: UnitOfWork) -> Record:
    here = call.lon is not None and call.lat is not None
    return Record(
        key=None,
        reported_at=uow.now,
        title=None,
        text=call.text,
        reply=None,
        replied_at=None,
        closed_at=None,
        due_at=None,
        category=None,
        place=call.place,
        channel=None,
        reporter=call.caller,
        lon=call.lon if here else None,
        lat=call.lat if here else None,
        original_point=None,
        facts={},
        contact=call.contact,
        answer_by=call.answer_by,
    )
