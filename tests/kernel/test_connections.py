"""Connections of the pool: dead ones cost nobody a request, and none is lost."""

from __future__ import annotations

import asyncio
import gc
import warnings

import psycopg
import pytest
from helpers import SYSTEM
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Runtime

SECONDS = 20
MANY = 8


async def look(runtime: Runtime, beside: asyncio.Barrier | None = None) -> int:
    async with runtime.database.read(SYSTEM) as session:
        found: int = (await session.execute(text("SELECT 7"))).scalar_one()
        if beside is not None:
            await beside.wait()  # so that each has a connection of its own
        return found


async def test_after_a_restart_of_the_database_nobody_is_refused(bare: Runtime) -> None:
    async with asyncio.timeout(SECONDS):
        barrier = asyncio.Barrier(MANY)
        await asyncio.gather(*(look(bare, barrier) for _ in range(MANY)))
        with psycopg.connect(**conninfo(bare.database.url), autocommit=True) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = current_user AND datname = current_database()"
                " AND pid <> pg_backend_pid()"
            ).fetchall()
        assert len(ended) >= MANY
        assert await asyncio.gather(*(look(bare) for _ in range(MANY))) == [7] * MANY


async def test_a_request_given_up_while_it_begins_gives_its_connection_back(
    bare: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def never_answers(*_: object, **__: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(AsyncConnection, "exec_driver_sql", never_answers)
    with warnings.catch_warnings(record=True) as lost:
        warnings.simplefilter("always")
        task = asyncio.create_task(look(bare))
        async with asyncio.timeout(SECONDS):
            await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        del task
        # What nobody gave back, the collector gives back, and says so.
        gc.collect()
    assert [str(one.message) for one in lost] == []
    assert bare.database.engine.pool.status().endswith("Current Checked out connections: 0")


async def test_reading_changes_nothing(bare: Runtime) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with bare.database.read(SYSTEM) as session:
            await session.execute(text("UPDATE clock SET speed = 2"))


async def test_what_is_not_committed_never_was(bare: Runtime) -> None:
    with pytest.raises(RuntimeError, match="in the middle"):
        async with bare.database.unit_of_work(SYSTEM) as uow:
            await uow.session.execute(text("DELETE FROM periodic_work"))
            await uow.session.execute(
                text("INSERT INTO periodic_work (name, came_at) VALUES ('test.one', now())")
            )
            raise RuntimeError("in the middle")
    async with bare.database.read(SYSTEM) as session:
        query = text("SELECT count(*) FROM periodic_work WHERE name = 'test.one'")
        assert (await session.execute(query)).scalar_one() == 0
