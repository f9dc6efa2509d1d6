"""Files that belong to nothing are removed when they are old: uploads never sent, half writes.

A file is on disk before the row that names it, so a young one may be about to get its row. Rows
that never came to be part of anything are removed first, by the rooms (hook ``files.sweeping``),
each with its entry.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from itertools import islice

from streetwise.kernel import file_repository, hooks
from streetwise.kernel.files import FileStore
from streetwise.kernel.jobs import job
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer

declare({"files.swept": "Files that belonged to nothing were removed; data: files, half_written."})

SWEEP_JOB = "files.sweep"
SWEEPING = "files.sweeping"
SYSTEM = Viewer.system("sweep")
EVERY_SECONDS = 6 * 3600.0
#: Files asked about at a time.
BATCH_FILES = 500


@job(SWEEP_JOB, every=lambda settings: EVERY_SECONDS)
async def sweep(runtime: Runtime) -> None:
    """Remove old orphans; run twice, the second finds none."""
    hours = runtime.settings.files_orphan_hours
    before = time.time() - hours * 3600
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await hooks.tell(SWEEPING, uow=uow, viewer=SYSTEM, before=uow.now - timedelta(hours=hours))
    files, half = 0, await asyncio.to_thread(runtime.files.remove_half_written, before)
    old = runtime.files.older(before)
    while batch := await asyncio.to_thread(lambda: list(islice(old, BATCH_FILES))):
        async with runtime.database.read(SYSTEM) as session:
            kept = await file_repository.named(session, SYSTEM, batch)
        orphans = [one for one in batch if one not in kept]
        files += await asyncio.to_thread(_remove, runtime.files, orphans, before)
    if files or half:
        data = {"files": files, "half_written": half}
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            uow.record(
                Entry(SYSTEM.actor, "files.swept", "files", None, grade=GRADE_INTERNAL, data=data)
            )


def _remove(store: FileStore, orphans: list[bytes], before: float) -> int:
    return sum(store.remove_older(one, before) for one in orphans)
