"""The process beside the server is kept, whatever ends it or does not let it begin."""

from __future__ import annotations

import asyncio
import errno
from typing import Any

import pytest

from streetwise.kernel.runtime import Runtime
from streetwise.web import beside


class Process:
    """One that ends at once, or never."""

    def __init__(self, *, ends: bool) -> None:
        self._ended = asyncio.Event()
        self.terminated = False
        if ends:
            self._ended.set()

    async def wait(self) -> int:
        await self._ended.wait()
        return 1

    def terminate(self) -> None:
        self.terminated = True
        self._ended.set()


async def test_a_process_that_cannot_begin_or_ends_is_followed_by_another(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lasting = Process(ends=False)
    turns: list[OSError | Process] = [
        OSError(errno.EAGAIN, "no more processes"),
        Process(ends=True),
        lasting,
    ]
    begun = asyncio.Event()

    async def start(_: Runtime, *_told: Any) -> Process:
        turn = turns.pop(0)
        if isinstance(turn, OSError):
            raise turn
        if not turns:
            begun.set()
        return turn

    monkeypatch.setattr(beside, "_start", start)
    monkeypatch.setattr(beside, "RESTART_SECONDS", (0.0,))
    keeping = asyncio.create_task(beside.keep_beside(runtime))
    async with asyncio.timeout(10):
        await begun.wait()
        await asyncio.sleep(0)  # to where it waits for it
        assert not lasting.terminated
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    assert lasting.terminated
