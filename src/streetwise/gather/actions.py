"""Changes of gather: an import begins, goes on chunk by chunk, ends."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from streetwise.directory.actions import add_area
from streetwise.directory.repository import area as directory_area
from streetwise.gather import repository
from streetwise.gather.intake import Intake, Prepared, row_to_keep
from streetwise.gather.mapping import BadCell, Mapping, Record
from streetwise.gather.tables import ImportBatch, Quarantine
from streetwise.kernel import hooks
from streetwise.kernel.breath import BREATH_ITEMS
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.ids import new_id, new_ids
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.keeping import Original, forget_file, keep
from streetwise.privacy.masking import mask

declare(
    {
        "import.started": "A file was accepted for import; data: mapping, rows.",
        "import.rows": "A chunk of rows was taken in; data: new, known, bad, rows read so far.",
        "import.finished": "An import ended; data: counts.",
        "import.failed": "An import was given up; data: the problem's code.",
    }
)

IMPORT_JOB = "gather.import"


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row of the file: its number, its cells, and the record or what is wrong with it."""

    number: int
    cells: dict[str, Any]
    outcome: Record | BadCell


async def start_import(
    uow: UnitOfWork,
    viewer: Viewer,
    mapping: Mapping,
    *,
    file_name: str,
    file_digest: bytes,
    rows_total: int,
    batch_id: UUID | None = None,
) -> ImportBatch:
    """Accept a checked file: its batch, its area and the job that reads it, in one go.

    ``batch_id`` is given where the file was sealed under a key of that id.
    """
    viewer.require("import.run")
    area = await _area_of(uow, viewer, mapping)
    batch = ImportBatch(
        id=batch_id or new_id(),
        mapping=mapping.name,
        area=area,
        # A file may be named after who complains.
        file_name=mask(file_name).text[-200:],
        file_digest=file_digest,
        state="queued",
        rows_total=rows_total,
        rows_read=0,
        rows_new=0,
        rows_known=0,
        rows_bad=0,
        created_at=uow.now,
        actor=viewer.actor,
    )
    uow.session.add(batch)
    uow.record(_entry(viewer.actor, "import.started", batch, mapping=mapping.name, rows=rows_total))
    uow.defer(IMPORT_JOB, batch_id=str(batch.id))
    return batch


async def _area_of(uow: UnitOfWork, viewer: Viewer, mapping: Mapping) -> str:
    """The area that the rows go to: one that the viewer answers for, or a new one of theirs."""
    if mapping.area is None:
        return (await directory_area(uow.session, viewer, None)).code
    if await add_area(uow, viewer, mapping.area):
        return mapping.area.code
    return (await directory_area(uow.session, viewer, mapping.area.code)).code


async def take_in(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    mapping: Mapping,
    batch_id: UUID,
    rows: Sequence[ReadRow],
    *,
    read_before: int,
) -> bool:
    """Store one chunk; False, and nothing done, when another worker was here already.

    Signals, originals, quarantine and the count of rows read commit together: killed at any
    point, the import goes on behind the last whole chunk.
    """
    batch = await repository.batch(uow.session, viewer, batch_id, lock=True)
    if batch.rows_read != read_before or batch.state not in ("queued", "running"):
        return False
    intake = Intake(keys)
    source_id = await know_source(uow, mapping)
    good = [row.outcome for row in rows if isinstance(row.outcome, Record)]
    prepared: list[Prepared] = []
    ids = new_ids(len(good))
    for start in range(0, len(good), BREATH_ITEMS):
        # Masking and hashing take a while: who clicks meanwhile is answered in between.
        await asyncio.sleep(0)
        prepared += intake.prepare(
            good[start : start + BREATH_ITEMS],
            source_id=source_id,
            area=batch.area,
            batch_id=batch.id,
            received_at=uow.now,
            channels=mapping.channels,
            ids=ids[start : start + BREATH_ITEMS],
        )
    new = await repository.store_signals(await uow.raw(), prepared)
    originals = [original for one in prepared if one.id in new and (original := one.to_keep())]
    bad = _quarantine(uow, batch, rows)
    await keep(uow, keys, [*originals, *bad])
    if new:
        await hooks.tell("signals.stored", uow=uow)
    batch.state = "running"
    batch.rows_read += len(rows)
    batch.rows_new += len(new)
    batch.rows_known += len(good) - len(new)
    batch.rows_bad += len(bad)
    uow.record(
        _entry(
            batch.actor,
            "import.rows",
            batch,
            new=len(new),
            known=len(good) - len(new),
            bad=len(bad),
            read=batch.rows_read,
        )
    )
    return True


async def know_source(uow: UnitOfWork, mapping: Mapping) -> UUID:
    """The source that a mapping's rows come from; made when it was not known."""
    return await repository.upsert_source(uow.session, _source_values(mapping))


async def finish_import(uow: UnitOfWork, viewer: Viewer, batch_id: UUID) -> None:
    """All rows were read."""
    batch = await repository.batch(uow.session, viewer, batch_id, lock=True)
    if batch.state == "done":
        return
    batch.state, batch.finished_at = "done", uow.now
    await forget_file(uow, batch.id)
    counts = {"new": batch.rows_new, "known": batch.rows_known, "bad": batch.rows_bad}
    uow.record(_entry(batch.actor, "import.finished", batch, **counts))


async def fail_import(
    uow: UnitOfWork, viewer: Viewer, batch_id: UUID, problem: dict[str, Any]
) -> None:
    """The rest of the file cannot be read; what was taken in stays."""
    batch = await repository.batch(uow.session, viewer, batch_id, lock=True)
    if batch.state in ("done", "failed"):
        return
    batch.state, batch.finished_at, batch.problem = "failed", uow.now, problem
    await forget_file(uow, batch.id)
    uow.record(_entry(batch.actor, "import.failed", batch, code=problem.get("code")))


def _quarantine(uow: UnitOfWork, batch: ImportBatch, rows: Sequence[ReadRow]) -> list[Original]:
    originals = []
    for row in rows:
        if isinstance(row.outcome, BadCell):
            item = Quarantine(
                id=new_id(),
                batch_id=batch.id,
                row=row.number,
                code=row.outcome.code,
                column=row.outcome.column,
                reason=row.outcome.reason,
            )
            uow.session.add(item)
            originals.append(row_to_keep(item.id, row.cells))
    return originals


def _source_values(mapping: Mapping) -> dict[str, Any]:
    return {
        "code": mapping.source_code,
        "name": mapping.source_name,
        "name_en": mapping.source_name_en,
        "category_scheme": mapping.category_scheme,
        "category_version": mapping.category_version,
        "clock_starts": mapping.clock_starts,
    }


def _entry(actor: str, action: str, batch: ImportBatch, **data: Any) -> Entry:
    return Entry(actor, action, "import", batch.id, area=batch.area, data=data)
