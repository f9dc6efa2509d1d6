"""More than one worker at an import, workers that die, files that go: it ends, and ends said."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from gather.test_import_api import as_csv
from helpers import SYSTEM, run_jobs
from sqlalchemy import select

from streetwise.gather import actions
from streetwise.gather.jobs import accept_file, run_import
from streetwise.gather.tables import ImportBatch, Signal
from streetwise.kernel import jobs
from streetwise.kernel.errors import NotFound
from streetwise.kernel.files import FileStore
from streetwise.kernel.jobs import interrupted
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings

ROWS = 60


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Small chunks, and workers that are soon taken for dead."""
    return settings.model_copy(
        update={"import_chunk_rows": 5, "import_stalled_after_seconds": 0.05}
    )  # fmt: skip


async def accept(runtime: Runtime, tmp_path: Path) -> UUID:
    """A file accepted, its job waiting."""
    path = tmp_path / "f.csv"
    rows = [
        [f"N{n}", "wechat", "2026-05-11 09:30", f"t{n}", f"第 {n} 件", "", ""] for n in range(ROWS)
    ]
    path.write_bytes(as_csv(rows))
    return (await accept_file(runtime, SYSTEM, "street-reports", path, "f.csv")).id


async def batch(runtime: Runtime) -> ImportBatch:
    async with runtime.database.read(SYSTEM) as session:
        return (await session.execute(select(ImportBatch))).scalar_one()


async def check_whole(runtime: Runtime) -> None:
    """Every row once."""
    one = await batch(runtime)
    assert (one.state, one.rows_read, one.rows_new, one.rows_known) == ("done", ROWS, ROWS, 0)
    async with runtime.database.read(SYSTEM) as session:
        keys = (await session.execute(select(Signal.source_key))).scalars().all()
    assert len(keys) == ROWS
    assert set(keys) == {f"N{n}" for n in range(ROWS)}


async def test_four_workers_at_one_import_take_each_row_once(
    runtime: Runtime, tmp_path: Path
) -> None:
    batch_id = await accept(runtime, tmp_path)
    await asyncio.gather(*(run_import(runtime, batch_id=str(batch_id)) for _ in range(4)))
    await check_whole(runtime)


async def test_a_worker_that_met_another_stays_until_that_one_is_done_or_dead(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken for dead, a worker reads on beside its successor, and then does die: the successor
    had left the import to it once, and nobody would ever have finished.
    """
    batch_id = str(await accept(runtime, tmp_path))
    real = actions.take_in
    first: asyncio.Future[None] | None = None
    chunks = 0

    async def take_in(*given: Any, **more: Any) -> Any:
        nonlocal chunks
        if asyncio.current_task() is first:
            chunks += 1
            if chunks == 4:
                raise psycopg.OperationalError("the database went away")
        return await real(*given, **more)

    monkeypatch.setattr("streetwise.gather.actions.take_in", take_in)
    first = asyncio.ensure_future(run_import(runtime, batch_id=batch_id))
    while not chunks:
        await asyncio.sleep(0)
    second = asyncio.ensure_future(run_import(runtime, batch_id=batch_id))
    with pytest.raises(psycopg.OperationalError):
        await first
    await second
    await check_whole(runtime)


async def test_killed_before_its_file_was_removed_the_next_worker_removes_it(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = str(await accept(runtime, tmp_path))
    digest = (await batch(runtime)).file_digest

    def killed(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(FileStore, "remove", killed)
        with pytest.raises(RuntimeError, match="killed"):
            await run_import(runtime, batch_id=batch_id)
    await check_whole(runtime)
    assert runtime.files.get(digest)
    await run_import(runtime, batch_id=batch_id)
    with pytest.raises(NotFound):
        runtime.files.get(digest)


def fail_always(monkeypatch: pytest.MonkeyPatch, error: Exception, until: int = 10**9) -> list[int]:
    """Let every chunk behind the second fail, so many times; how often it did."""
    real, failed = actions.take_in, [0]

    async def take_in(*given: Any, read_before: int, **more: Any) -> Any:
        if read_before >= 10 and failed[0] < until:
            failed[0] += 1
            raise error
        return await real(*given, read_before=read_before, **more)

    monkeypatch.setattr("streetwise.gather.actions.take_in", take_in)
    monkeypatch.setattr(jobs, "RETRY_WAITS_SECONDS", (0,) * 5)
    return failed


async def test_an_import_that_breaks_again_and_again_ends_as_failed(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not "running" for ever with nobody at it. What was read stays; the rest can come again."""
    await accept(runtime, tmp_path)
    failed = fail_always(monkeypatch, RuntimeError("13800138000"))
    await run_jobs(runtime)
    assert failed[0] == jobs.MAX_ATTEMPTS + 1
    one = await batch(runtime)
    assert (one.state, one.rows_read) == ("failed", 10)
    assert one.problem is not None
    assert one.problem["code"] == "internal"
    assert "13800138000" not in str(one.problem)
    assert one.finished_at is not None


async def test_interruptions_are_not_counted(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database went away nine times: more often than a job may fail by itself."""
    await accept(runtime, tmp_path)
    fail_always(monkeypatch, psycopg.OperationalError("gone"), until=9)
    monkeypatch.setattr(jobs, "INTERRUPTED_WAIT_SECONDS", 0)
    await run_jobs(runtime)
    await check_whole(runtime)


async def test_a_file_that_is_gone_from_the_store_is_said(runtime: Runtime, tmp_path: Path) -> None:
    await accept(runtime, tmp_path)
    for path in runtime.settings.files_path.rglob("*"):
        if path.is_file():
            path.unlink()
    await run_jobs(runtime)
    one = await batch(runtime)
    assert one.state == "failed"
    assert one.problem is not None
    assert "no longer in the store" in one.problem["detail"]


class _Gone(psycopg.OperationalError):
    sqlstate = "57P01"


class _TooLong(psycopg.OperationalError):
    sqlstate = "54000"


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (psycopg.OperationalError("server closed the connection"), True),
        (psycopg.InterfaceError("the connection is closed"), True),
        (_Gone(), True),
        (asyncio.CancelledError(), True),
        # A row that no index can hold: the same again and again would never end.
        (_TooLong(), False),
        (psycopg.DataError("a NUL"), False),
        (ValueError("x"), False),
    ],
)
def test_what_counts_as_an_interruption(error: BaseException, is_one: bool) -> None:
    assert interrupted(error) is is_one
    if isinstance(error, psycopg.Error):
        wrapped = RuntimeError("wrapped, as SQLAlchemy and Procrastinate do")
        wrapped.__cause__ = error
        assert interrupted(wrapped) is is_one
