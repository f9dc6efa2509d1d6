"""A process that does nothing else waits for the database without the event loop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from helpers import SYSTEM
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from streetwise.kernel.database import Database
from streetwise.kernel.runtime import Runtime

KEPT = 7


@pytest.mark.parametrize("alone", [True, False])
async def test_the_loop_is_told_of_waits_only_where_there_are_others(
    bare: Runtime, monkeypatch: pytest.MonkeyPatch, *, alone: bool
) -> None:
    told: list[Any] = []
    loop = asyncio.get_running_loop()
    add_reader = loop.add_reader

    def telling(*them: Any) -> None:
        told.append(them)
        add_reader(*them)

    database = Database(bare.database.url, alone=alone)
    try:
        async with database.read(SYSTEM) as session:
            monkeypatch.setattr(loop, "add_reader", telling)
            assert (await session.execute(text("SELECT 7"))).scalar_one() == 7
            monkeypatch.undo()
            with pytest.raises(ProgrammingError):
                await session.execute(text("SELECT nothing FROM nowhere"))
    finally:
        await database.close()
    assert bool(told) is not alone


async def test_a_connection_keeps_as_many_statements_as_it_was_told(bare: Runtime) -> None:
    database = Database(bare.database.url, prepared_statements=KEPT)
    try:
        async with database.read(SYSTEM) as session:
            for number in range(2 * KEPT):
                for _ in range(7):  # psycopg prepares what comes again and again
                    await session.execute(text(f"SELECT {number}"))
            query = text("SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql")
            # The oldest goes when the next new one comes: one may be too many.
            assert (await session.execute(query)).scalar_one() in (KEPT, KEPT + 1)
    finally:
        await database.close()
