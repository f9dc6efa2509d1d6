"""Files that belong to nothing go when they are old; what a row names, or may name soon, stays."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from helpers import SYSTEM, report, sign_in
from resolve.test_loop import open_case, step, upload
from sqlalchemy import LargeBinary, func, select

from streetwise.gather.jobs import accept_file, run_import
from streetwise.kernel.clock import HandClock
from streetwise.kernel.crypto import KEY_BYTES, Keys
from streetwise.kernel.database import NAMES_A_FILE
from streetwise.kernel.files import FileStore
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.sweeping import sweep
from streetwise.migrations.models import metadata
from streetwise.resolve.tables import Photo

HOUR = 3600.0
KEYS = Keys(bytes(KEY_BYTES))


def stored(runtime: Runtime) -> set[str]:
    return {one.name for one in runtime.settings.files_path.glob("??/??/*")}


def make_older(folder: Path, hours: float) -> None:
    """Every file was stored so many hours ago."""
    then = time.time() - hours * HOUR
    for one in folder.glob("??/??/*"):
        os.utime(one, (then, then))


async def entries(runtime: Runtime, action: str = "files.swept") -> list[dict[str, Any]]:
    async with runtime.database.read(SYSTEM) as session:
        query = select(Journal.data).where(Journal.action == action).order_by(Journal.seq)
        return [dict(one) for one in (await session.execute(query)).scalars()]


async def photos(runtime: Runtime) -> int:
    async with runtime.database.read(SYSTEM) as session:
        return await session.scalar(select(func.count()).select_from(Photo)) or 0


async def reported(runtime: Runtime, client: httpx.AsyncClient) -> str:
    """A case reported done with a photo; the photo's id."""
    case = await open_case(runtime, client)
    case = await step(client, "dispatcher", case, "accept")
    case = await step(client, "dispatcher", case, "dispatch", unit="dep1")
    case = await step(client, "department_handler", case, "start")
    sent = await upload(client)
    await step(client, "department_handler", case, "report", note="好了", photos=[sent])
    return sent


async def test_old_orphans_go_and_what_a_row_names_stays(
    runtime: Runtime, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    sent = await reported(runtime, client)
    file = tmp_path / "rows.csv"
    lines = [report("2", "井盖", "梧桐路井盖坏了")]
    file.write_text(
        "\n".join([",".join(lines[0]), *(",".join(map(str, one.values())) for one in lines)]),
        encoding="utf-8",
    )
    batch = await accept_file(runtime, SYSTEM, "street-reports", file, file.name)
    kept = stored(runtime)
    assert len(kept) == 2
    runtime.files.put(b"a picture whose row was rolled back")
    half = next(runtime.settings.files_path.glob("??/??")) / ".half.1.abcd"
    half.write_bytes(b"half")

    await sweep(runtime)
    assert len(stored(runtime)) == 4, "young ones may be about to get their row"
    assert await entries(runtime) == []

    make_older(runtime.settings.files_path, runtime.settings.files_orphan_hours + 1)
    await sweep(runtime)
    assert stored(runtime) == kept
    assert await entries(runtime) == [{"files": 1, "half_written": 1}]
    await sweep(runtime)
    assert len(await entries(runtime)) == 1, "nothing was done, nothing is said"
    assert (await client.get(f"/files/{sent}")).status_code == 200
    await run_import(runtime, batch_id=str(batch.id))


async def test_a_photo_that_was_never_sent_goes_with_its_file(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    sent = await reported(runtime, client)
    await upload(client)  # the same picture: one file, two rows
    clock.advance(timedelta(hours=runtime.settings.files_orphan_hours + 1))
    await sign_in(client, "department_handler")
    young = await upload(client)
    await sweep(runtime)
    assert await photos(runtime) == 2
    assert await entries(runtime, "photo.swept") == [{"photos": 1}]
    assert await entries(runtime) == [], "its file is the other photo's, too"

    make_older(runtime.settings.files_path, runtime.settings.files_orphan_hours + 1)
    await sweep(runtime)
    for one in (sent, young):
        assert (await client.get(f"/files/{one}")).status_code == 200


def test_who_stores_again_what_is_being_swept_finds_it_there(tmp_path: Path) -> None:
    """The row that is about to name it must not be without its file."""
    store = FileStore(tmp_path, KEYS)
    digest = store.put(b"picture").digest
    for _ in range(200):
        make_older(tmp_path, 2)
        before, gate = time.time() - HOUR, threading.Barrier(2)

        def sweeps(before: float = before, gate: threading.Barrier = gate) -> None:
            gate.wait()
            store.remove_older(digest, before)

        thread = threading.Thread(target=sweeps)
        thread.start()
        gate.wait()
        store.put(b"picture")
        thread.join()
        assert store.get(digest) == b"picture"
    assert not store.remove_older(digest, time.time() - HOUR), "it is young again"


def test_every_column_that_names_a_file_says_so() -> None:
    digests = {
        f"{table.name}.{column.name}": column.info
        for table in metadata.sorted_tables
        for column in table.columns
        if "digest" in column.name and isinstance(column.type, LargeBinary)
    }
    assert set(digests) == {
        "photo.digest",
        "import_batch.file_digest",
        "report_file.digest",
        "finding_picture.digest",
    }
    assert all(info == NAMES_A_FILE for info in digests.values())
