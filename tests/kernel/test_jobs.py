"""Jobs: deferred with the change, run once it commits, retried, taken up from the dead."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psycopg
import pytest
from helpers import SYSTEM
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException

from streetwise.kernel import jobs
from streetwise.kernel.job_rescue import Rescuer
from streetwise.kernel.jobs import HANDLERS, Worker, conninfo, defer_on, job
from streetwise.kernel.runtime import Runtime

SECONDS = 20


@pytest.fixture
def ran() -> Iterator[list[str]]:
    """A job that notes that it ran."""
    noted: list[str] = []

    @job("test.note")
    async def note(runtime: Runtime, *, what: str) -> None:
        noted.append(what)
        if what == "fails once" and noted.count(what) == 1:
            raise RuntimeError("on purpose")

    yield noted
    del HANDLERS["test.note"]


def rows(runtime: Runtime, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(**conninfo(runtime.database.url), autocommit=True) as connection:
        return connection.execute(query).fetchall()


async def test_a_committed_job_runs_and_a_rolled_back_one_never_was(
    bare: Runtime, ran: list[str]
) -> None:
    async with bare.database.unit_of_work(SYSTEM) as uow:
        uow.defer("test.note", what="kept")
    with pytest.raises(RuntimeError, match="rolled back"):
        async with bare.database.unit_of_work(SYSTEM) as uow:
            uow.defer("test.note", what="lost")
            raise RuntimeError("rolled back")
    assert rows(bare, "SELECT args->>'what' FROM procrastinate_jobs") == [("kept",)]
    await Worker(bare).run(wait=False)
    assert ran == ["kept"]
    assert rows(bare, "SELECT 1 FROM procrastinate_jobs") == []


async def test_a_job_without_a_handler_is_refused(bare: Runtime) -> None:
    with pytest.raises(ValueError, match="no handler"):
        async with bare.database.unit_of_work(SYSTEM) as uow:
            uow.defer("test.unheard_of")


async def test_of_a_job_that_does_all_one_waits_and_begins_after_every_change(
    bare: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deferred by a second change while one waits: that one, and not before the change is seen."""
    began: list[str] = []

    async def do_all(runtime: Runtime) -> None:
        began.append("ran")

    monkeypatch.setitem(HANDLERS, "test.all", do_all)
    monkeypatch.setattr(jobs, "ONE_WAITS", {"test.all"})
    waiting = "SELECT 1 FROM procrastinate_jobs WHERE status = 'todo'"
    for _ in range(2):
        async with bare.database.unit_of_work(SYSTEM) as uow:
            uow.defer("test.all")
            uow.defer("test.all")
    assert len(rows(bare, waiting)) == 1
    async with bare.database.unit_of_work(SYSTEM) as uow:
        await defer_on(await uow.raw(), [("test.all", {})])
        await Worker(bare).run(wait=False)
        assert began == []
    assert len(rows(bare, waiting)) == 1
    await Worker(bare).run(wait=False)
    assert began == ["ran"]
    # One that runs has seen less than a change of now: another one waits.
    with psycopg.connect(**conninfo(bare.database.url), autocommit=True) as connection:
        async with bare.database.unit_of_work(SYSTEM) as uow:
            uow.defer("test.all")
        connection.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    async with bare.database.unit_of_work(SYSTEM) as uow:
        uow.defer("test.all")
    assert len(rows(bare, waiting)) == 1


async def test_a_job_that_fails_is_tried_again(
    bare: Runtime, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RETRY_WAITS_SECONDS", (0,) * 6)
    async with bare.database.unit_of_work(SYSTEM) as uow:
        uow.defer("test.note", what="fails once")
    for _ in range(5):  # the retry may be a moment later than the first run's last look
        await Worker(bare).run(wait=False)
    assert ran == ["fails once", "fails once"]
    assert rows(bare, "SELECT 1 FROM procrastinate_jobs") == []


async def test_the_job_of_a_dead_worker_is_taken_up(bare: Runtime, ran: list[str]) -> None:
    """A row that says "doing", by a worker whose heart stopped beating an hour ago."""
    async with bare.database.unit_of_work(SYSTEM) as uow:
        uow.defer("test.note", what="left behind")
    rows(
        bare,
        "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - interval '1 hour') RETURNING id)"
        " UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)"
        " RETURNING id",
    )
    worker = asyncio.create_task(Worker(bare).run())
    async with asyncio.timeout(SECONDS):
        while not ran:
            await asyncio.sleep(0.02)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert ran == ["left behind"]


async def test_a_job_whose_worker_lost_hold_of_it_is_taken_up(
    bare: Runtime, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes away just when it is told how a job ended: the worker lives on, and so its
    heart says that the job is running.
    """
    real = PsycopgConnector.execute_query_async
    lost: list[object] = []

    async def loses_one(self: PsycopgConnector, query: str, **arguments: object) -> None:
        if "retry_job" in query and not lost:
            lost.append(arguments["job_id"])
            raise ConnectorException
        await real(self, query, **arguments)

    monkeypatch.setattr(PsycopgConnector, "execute_query_async", loses_one)
    monkeypatch.setattr(jobs, "RETRY_WAITS_SECONDS", (0,) * 6)
    monkeypatch.setattr(bare.settings, "import_stalled_after_seconds", 0.6)
    async with bare.database.unit_of_work(SYSTEM) as uow:
        uow.defer("test.note", what="fails once")
    worker = asyncio.create_task(Worker(bare).run())
    async with asyncio.timeout(SECONDS):
        while len(ran) < 2:
            await asyncio.sleep(0.02)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert lost
    assert ran == ["fails once", "fails once"]


async def test_a_job_that_takes_long_is_left_to_its_worker(
    bare: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than several looks for lost jobs, and another job that starts and ends meanwhile."""
    started, looks, go_on = [], [], asyncio.Event()

    @job("test.long")
    async def long(runtime: Runtime) -> None:
        started.append(1)
        await go_on.wait()

    real = Rescuer.look

    async def counted(self: Rescuer) -> None:
        await real(self)
        looks.append(len(started))

    try:
        monkeypatch.setattr(Rescuer, "look", counted)
        monkeypatch.setattr(bare.settings, "import_stalled_after_seconds", 0.2)
        async with bare.database.unit_of_work(SYSTEM) as uow:
            uow.defer("test.long")
        worker = asyncio.create_task(Worker(bare).run())
        async with asyncio.timeout(SECONDS):
            while looks.count(1) < 4:
                await asyncio.sleep(0.02)
        assert rows(bare, "SELECT status::text, attempts FROM procrastinate_jobs") == [("doing", 0)]
        go_on.set()
        async with asyncio.timeout(SECONDS):
            while rows(bare, "SELECT 1 FROM procrastinate_jobs"):
                await asyncio.sleep(0.02)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    finally:
        del HANDLERS["test.long"]
    assert started == [1]
