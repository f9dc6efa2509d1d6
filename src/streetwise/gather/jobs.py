"""Background work of gather: checking an uploaded file, and reading it chunk by chunk."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from streetwise.gather import actions, repository
from streetwise.gather.actions import ReadRow
from streetwise.gather.mapping import BadCell, Mapping, apply, mapping_named, missing_columns
from streetwise.gather.readers import Limits, ReadError, RowProblem, Table, open_table
from streetwise.gather.tables import ImportBatch
from streetwise.kernel import logs
from streetwise.kernel.crypto import KEY_BYTES, Sealer
from streetwise.kernel.errors import Invalid, StreetwiseError
from streetwise.kernel.files import StoredFile
from streetwise.kernel.ids import new_id
from streetwise.kernel.jobs import job
from streetwise.kernel.pace import Pace
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.keeping import has_key, keep_key, kept_key
from streetwise.privacy.vault import FILE_KEY

log = logs.get(__name__)


def limits(settings: Settings) -> Limits:
    """The limits of the readers, as configured."""
    return Limits(max_file_bytes=settings.import_max_bytes, max_rows=settings.import_max_rows)


@contextmanager
def workspace(settings: Settings) -> Iterator[Path]:
    """A folder for a file in the clear, readable by us alone and gone afterwards."""
    root = settings.home / "work"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root) as folder:
        yield Path(folder)


def check_file(path: Path, mapping: Mapping, bounds: Limits) -> int:
    """Read the whole file once; the number of its rows. Raises Invalid and changes nothing."""
    try:
        table = open_table(path, bounds)
        missing = missing_columns(mapping, table.columns)
        if missing:
            raise Invalid(
                f"The file lacks the column(s) {', '.join(missing)} that the mapping"
                f" '{mapping.name}' needs; choose another mapping or add them.",
                code="mapping_columns_missing",
                columns=missing,
                mapping=mapping.name,
            )
        rows = sum(len(chunk) for chunk in table.chunks(5000))
    except ReadError as error:
        raise Invalid(str(error), code=error.code, **error.params) from error
    if rows == 0:
        raise Invalid("The file has a header but no rows.", code="file_empty")
    return rows


async def accept_file(
    runtime: Runtime, viewer: Viewer, mapping_name: str, path: Path, file_name: str
) -> ImportBatch:
    """Check a file, store it sealed, and start its import."""
    viewer.require("import.run")
    mapping = mapping_named(mapping_name)
    rows = await asyncio.to_thread(check_file, path, mapping, limits(runtime.settings))
    # The file holds every original once more: under a key of its own, destroyed when it is read.
    batch_id, key = new_id(), os.urandom(KEY_BYTES)
    stored = await asyncio.to_thread(_store, runtime, path, batch_id, key)
    # As the system: the file may bring an area that this viewer sees from the next request on.
    async with runtime.database.unit_of_work(Viewer.system("import")) as uow:
        await keep_key(uow, runtime.keys, batch_id, FILE_KEY, key)
        return await actions.start_import(
            uow,
            viewer,
            mapping,
            file_name=file_name,
            file_digest=stored.digest,
            rows_total=rows,
            batch_id=batch_id,
        )


def _store(runtime: Runtime, path: Path, batch_id: UUID, key: bytes) -> StoredFile:
    sealer = Sealer(key, runtime.keys.provider)
    return runtime.files.put(sealer.seal(path.read_bytes(), batch_id.bytes))


async def _content(runtime: Runtime, viewer: Viewer, batch: ImportBatch) -> bytes:
    async with runtime.database.read(viewer) as session:
        key = await kept_key(session, viewer, runtime.keys, batch.id)
    content = await asyncio.to_thread(runtime.files.get, batch.file_digest)
    if key is None:  # waiting since before migration 0002, when files had no keys of their own
        return content
    return await asyncio.to_thread(Sealer(key).open, content, batch.id.bytes)


async def _give_up(runtime: Runtime, *, batch_id: str) -> None:
    """Say that an import broke, after its last attempt."""
    problem = {
        "code": "internal",
        "detail": "Something went wrong here; the rows before it are in. Import the file again:"
        " known rows add nothing.",
        "params": {},
    }
    await _fail(runtime, Viewer.system("import"), UUID(batch_id), problem)


async def _fail(runtime: Runtime, viewer: Viewer, batch_id: UUID, problem: dict[str, Any]) -> None:
    async with runtime.database.unit_of_work(viewer) as uow:
        await actions.fail_import(uow, viewer, batch_id, problem)
    await _remove_file(runtime, viewer, batch_id)
    log.warning("import_failed", batch=str(batch_id), code=problem["code"])


@job(actions.IMPORT_JOB, given_up=_give_up)
async def run_import(runtime: Runtime, *, batch_id: str) -> None:
    """Read an import to its end from wherever it stands.

    Where another worker reads the same one (ours was taken for dead), stay by: that one may die.
    """
    viewer = Viewer.system("import")
    while (batch := await _unfinished(runtime, viewer, UUID(batch_id))) is not None:
        try:
            if await _read_on(runtime, viewer, batch):
                break
        except ReadError as error:
            problem = {"code": error.code, "detail": str(error), "params": error.params}
            return await _fail(runtime, viewer, batch.id, problem)
        except StreetwiseError as error:
            problem = {"code": error.code, "detail": error.detail, "params": error.params}
            return await _fail(runtime, viewer, batch.id, problem)
        log.info("import_read_by_another_worker", batch=batch_id)
        await asyncio.sleep(runtime.settings.import_stalled_after_seconds)
    # Also where it had ended already: who ended it may have been killed before this.
    return await _remove_file(runtime, viewer, UUID(batch_id))


async def _unfinished(runtime: Runtime, viewer: Viewer, batch_id: UUID) -> ImportBatch | None:
    async with runtime.database.read(viewer) as session:
        batch = await repository.batch(session, viewer, batch_id)
    return None if batch.state in ("done", "failed") else batch


async def _read_on(runtime: Runtime, viewer: Viewer, batch: ImportBatch) -> bool:
    """Read behind the rows that were read already; False when somebody else does so too."""
    mapping = mapping_named(batch.mapping)
    try:
        content = await _content(runtime, viewer, batch)
    except (ValueError, OSError, StreetwiseError):
        # Read to its end by another worker meanwhile: its key and its file are gone.
        if await _unfinished(runtime, viewer, batch.id) is None:
            return True
        raise
    with workspace(runtime.settings) as folder:
        path = folder / "import"
        await asyncio.to_thread(path.write_bytes, content)
        del content
        return await _read_all(runtime, viewer, mapping, batch, path)


async def _read_all(
    runtime: Runtime, viewer: Viewer, mapping: Mapping, batch: ImportBatch, path: Path
) -> bool:
    table = await asyncio.to_thread(open_table, path, limits(runtime.settings))
    chunks = _chunks(table, mapping, runtime.settings.import_chunk_rows, batch.rows_read)
    read = batch.rows_read
    pace = Pace(runtime.settings.bulk_rest_seconds)
    # Reading and mapping hold the interpreter: in a thread, requests are served in between.
    while (rows := await asyncio.to_thread(next, chunks, None)) is not None:
        async with runtime.database.unit_of_work(viewer) as uow:
            took = await actions.take_in(
                uow, viewer, runtime.keys, mapping, batch.id, rows, read_before=read
            )
        if not took:
            return False
        read += len(rows)
        await pace.rest()
    async with runtime.database.unit_of_work(viewer) as uow:
        await actions.finish_import(uow, viewer, batch.id)
    return True


async def _remove_file(runtime: Runtime, viewer: Viewer, batch_id: UUID) -> None:
    """Take the file out of the store: its key is gone, and noise takes room too."""
    async with runtime.database.read(viewer) as session:
        batch = await repository.batch(session, viewer, batch_id)
        own = await has_key(session, viewer, batch_id)
    if own:  # else it is from before migration 0002, and another import may share it
        await asyncio.to_thread(runtime.files.remove, batch.file_digest)


def _chunks(table: Table, mapping: Mapping, size: int, skip: int) -> Iterator[list[ReadRow]]:
    for chunk in table.chunks(size, skip=skip):
        rows = []
        for item in chunk:
            if isinstance(item, RowProblem):
                bad = BadCell(item.code, None, item.sentence)
                rows.append(ReadRow(item.row, {}, bad))
            else:
                number, cells = item
                rows.append(ReadRow(number, cells, apply(mapping, cells)))
        yield rows
