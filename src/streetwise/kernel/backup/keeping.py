"""Backups that come by themselves: made, told in the journal, the oldest removed."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from streetwise.kernel import logs
from streetwise.kernel.backup import folder as folders
from streetwise.kernel.backup.making import (
    Made,
    Stopped,
    Tell,
    installation_of,
    make_backup,
    silent,
)
from streetwise.kernel.clock import wall_now
from streetwise.kernel.errors import Invalid, StreetwiseError
from streetwise.kernel.jobs import job
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime, start_postgres, urls
from streetwise.kernel.seals.sealing import seal_all
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer

declare(
    {
        "backup.made": "A backup was made; data: rows, files, bytes, gone (files removed"
        " meanwhile), removed (older archives), keys_only.",
        "backup.failed": "A backup could not be made; data: code (of the error).",
        "backup.restored": "This database was restored from a backup; data: at (of the backup),"
        " last (journal entry), rows, files, forgotten (originals removed again).",
    }
)

log = logs.get(__name__)

BACKUP_JOB = "backup.make"
KEYS_JOB = "backup.keys"
#: How often it is looked whether a backup is due; after a failure it is tried again by then.
LOOK_SECONDS = 3600.0
SYSTEM = Viewer.system("backup")


def owner_url(settings: Settings) -> str:
    """Where the owner finds the database. Raises Invalid where nobody said so."""
    found = settings.owner_database_url
    if settings.database_url is None:
        found = urls(settings, start_postgres(settings)).owner
    if found is None:
        raise Invalid(
            "Backups are made as the owner of the tables: set STREETWISE_OWNER_DATABASE_URL.",
            code="backup_no_owner",
        )
    return found


def installation(runtime: Runtime) -> str:
    """The short name of this installation in the names of its archives."""
    return folders.tag(installation_of(runtime.keys))


def keys_folder(settings: Settings) -> Path:
    """Where the archive of keys goes."""
    chosen = settings.backup_keys_folder or settings.backup_folder
    assert chosen is not None
    return chosen


async def make(
    runtime: Runtime,
    viewer: Viewer,
    data: Path | None,
    keys: Path,
    *,
    keep_in: Path | None = None,
    tell: Tell = silent,
) -> Made:
    """Make a backup and tell the journal, of a failure too. Raises as ``make_backup`` does.

    ``keep_in``: remove the oldest archives of that folder afterwards.
    """
    stop = threading.Event()

    def work() -> Made:
        return make_backup(
            runtime.settings, owner_url(runtime.settings), data, keys, tell=tell, stop=stop.is_set
        )

    try:
        # What is in the backup is sealed in it, up to a moment before.
        await seal_all(runtime)
        made = await asyncio.to_thread(work)
    except asyncio.CancelledError:
        stop.set()
        raise
    except (StreetwiseError, OSError) as error:
        if getattr(error, "code", "") != "backup_running":
            await _record(runtime, viewer, "backup.failed", code=getattr(error, "code", "internal"))
        raise
    removed = _remove_old(runtime, keep_in) if keep_in is not None else 0
    await _record(
        runtime,
        viewer,
        "backup.made",
        rows=made.manifest.rows,
        files=made.tail.files,
        bytes=made.bytes,
        gone=made.tail.gone,
        removed=removed,
        keys_only=data is None,
    )
    return made


async def _record(runtime: Runtime, viewer: Viewer, action: str, **data: Any) -> None:
    async with runtime.database.unit_of_work(viewer) as uow:
        uow.record(entry(viewer, action, **data))


def entry(viewer: Viewer, action: str, **data: Any) -> Entry:
    """An entry about a backup."""
    return Entry(viewer.actor, action, "backup", None, grade=GRADE_INTERNAL, data=data)


def _remove_old(runtime: Runtime, folder: Path) -> int:
    found = folders.archives(folder, installation(runtime))
    old = folders.superfluous(found, runtime.settings.backup_keep_archives)
    removed = 0
    for path in old:
        # One that cannot be removed makes the new one no worse; the doctor tells of a full disk.
        with suppress(OSError):
            path.unlink()
            removed += 1
    return removed


def newest_at(runtime: Runtime, folder: Path) -> datetime | None:
    """When the newest archive in the folder was made."""
    found = folders.archives(folder, installation(runtime))
    return found[-1].at if found else None


async def make_in_folder(
    runtime: Runtime,
    viewer: Viewer,
    folder: Path,
    keys: Path,
    *,
    prune: bool = True,
    tell: Tell = silent,
) -> Made:
    """Make a backup under the names of the folder, and with ``prune`` remove the oldest."""
    of = installation(runtime)
    data = folders.data_path(folder, of, datetime.now(UTC))
    named = folders.keys_path(keys, of)
    kept = folder if prune else None
    return await make(runtime, viewer, data, named, keep_in=kept, tell=tell)


@job(BACKUP_JOB, every=lambda settings: min(LOOK_SECONDS, settings.backup_every_hours * 3600))
async def make_when_due(runtime: Runtime) -> None:
    """Make a backup if the newest one in the folder is too old; nothing while none is set."""
    settings = runtime.settings
    if settings.backup_folder is None:
        return
    newest = await asyncio.to_thread(newest_at, runtime, settings.backup_folder)
    if not folders.is_due(newest, wall_now(), settings.backup_every_hours):
        return
    try:
        await make_in_folder(runtime, SYSTEM, settings.backup_folder, keys_folder(settings))
    except (StreetwiseError, OSError, Stopped) as error:
        # It is in the journal; the next look tries again, and not sooner.
        log.error("backup_failed", code=getattr(error, "code", type(error).__name__))


@job(KEYS_JOB, one_waits=True)
async def renew_keys(runtime: Runtime) -> None:
    """After keys were destroyed: put the keys of now in place of those that would bring back."""
    settings = runtime.settings
    if settings.backup_folder is None:
        return
    # Fails while another backup is made, which may have taken its keys before: again, later.
    await make(
        runtime, SYSTEM, None, folders.keys_path(keys_folder(settings), installation(runtime))
    )
