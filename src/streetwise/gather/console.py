"""Import from the command line: the same jobs as the server's, with a progress bar."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from streetwise.gather import repository
from streetwise.gather.jobs import accept_file
from streetwise.gather.tables import ImportBatch
from streetwise.kernel.errors import Invalid
from streetwise.kernel.jobs import Worker
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer

LOOK_SECONDS = 0.2


async def run_import_with_progress(
    runtime: Runtime, file: Path, mapping: str, console: Console
) -> None:
    """Import a file to the end: rows in, signals triaged. A server beside it may help."""
    if not file.is_file():
        raise Invalid(f"There is no file {file}.", code="file_missing")
    viewer = Viewer.system("import")
    with console.status(f"Checking {file.name} …"):
        batch = await accept_file(runtime, viewer, mapping, file, file.name)
    worker = asyncio.create_task(Worker(runtime).run())
    try:
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
        ) as progress:
            rows = progress.add_task("Rows read", total=batch.rows_total)
            cases = progress.add_task("Signals triaged", total=None)
            while True:
                if worker.done():
                    worker.result()
                batch, waiting = await _look(runtime, viewer, batch)
                progress.update(rows, completed=batch.rows_read)
                progress.update(
                    cases, completed=batch.rows_new - waiting, total=batch.rows_new or None
                )
                if batch.state in ("done", "failed") and waiting == 0:
                    break
                await asyncio.sleep(LOOK_SECONDS)
    finally:
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker
    if batch.state == "failed":
        raise Invalid(str((batch.problem or {}).get("detail")), code="import_failed")
    console.print(
        f"[green]✓[/green] {batch.rows_read} rows: {batch.rows_new} new,"
        f" {batch.rows_known} known already, {batch.rows_bad} in quarantine."
    )


async def _look(runtime: Runtime, viewer: Viewer, batch: ImportBatch) -> tuple[ImportBatch, int]:
    async with runtime.database.read(viewer) as session:
        found = await repository.batch(session, viewer, batch.id)
        waiting = await repository.waiting(session, viewer, [batch.id])
    return found, waiting.get(batch.id, 0)
