"""Kept processes: told, heard, started again with their crumbs read, and none left behind."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from streetwise.discover.engine.keeper import Ended, Keeper, KeeperRules
from streetwise.discover.engine.wire import Message

QUICK = KeeperRules(restart_seconds=(0.01,), hung_seconds=20.0, grace_seconds=0.2)
PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process finds the module ``kept`` among the tests."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


class Watched:
    """A keeper, with what was heard of its process."""

    def __init__(self, rules: KeeperRules = QUICK) -> None:
        self.heard: asyncio.Queue[Message] = asyncio.Queue()
        self.ended: asyncio.Queue[Ended] = asyncio.Queue()
        self.keeper = Keeper(
            "kept",
            "discover.engine.kept",
            greeting=lambda: [Message("hello", {"start": self.keeper.starts})],
            heard=self.heard.put_nowait,
            ended=self.ended.put_nowait,
            rules=rules,
        )

    async def hear(self) -> Message:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.heard.get()

    async def end(self) -> Ended:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.ended.get()


@asynccontextmanager
async def kept(rules: KeeperRules = QUICK) -> AsyncIterator[Watched]:
    watched = Watched(rules)
    task = asyncio.create_task(watched.keeper.run())
    try:
        yield watched
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_process_is_greeted_told_and_heard_and_ends_with_its_keeper() -> None:
    async with kept() as watched:
        assert (await watched.hear()).fields == {"start": 1}
        assert watched.keeper.send(Message("word", {"a": [1]}, b"bytes" * 50_000))
        echo = await watched.hear()
        assert (echo.fields, echo.body) == ({"a": [1]}, b"bytes" * 50_000)
        pid = watched.keeper.pid
        assert pid is not None
    assert not alive(pid)
    assert watched.keeper.pid is None
    assert not watched.keeper.send(Message("word"))


async def test_one_that_crashes_is_started_again_and_its_crumb_is_read() -> None:
    async with kept() as watched:
        await watched.hear()
        watched.keeper.send(Message("die", {"crumb": 17}))
        end = await watched.end()
        assert (end.status < 0, end.crumb, end.hung) == (True, 17, False)
        assert (await watched.hear()).fields == {"start": 2}


async def test_one_that_says_nothing_any_more_is_killed_and_started_again() -> None:
    # It must have time to start, and is not heard of from then on.
    async with kept(KeeperRules(restart_seconds=(0.01,), hung_seconds=15.0, grace_seconds=0.2)) as (
        watched
    ):
        await watched.hear()
        watched.keeper._rules = KeeperRules(hung_seconds=0.2, grace_seconds=0.2)
        pid = watched.keeper.pid
        watched.keeper.send(Message("word"))
        await watched.hear()
        watched.keeper.send(Message("hang"))
        end = await watched.end()
        assert end.hung
        assert pid is not None
        assert not alive(pid)
