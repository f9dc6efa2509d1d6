"""A process at work ends when it is told to, also when the first telling was not heard."""

from __future__ import annotations

import asyncio

import pytest

from streetwise.kernel import working
from streetwise.kernel.runtime import Runtime


async def test_who_misses_the_telling_is_told_again(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a library does that catches the cancellation while it starts."""
    monkeypatch.setattr(working, "CANCEL_AGAIN_SECONDS", 0.05 - 1)  # the tests' grace is a second
    told = 0

    async def deaf_at_first(_: Runtime) -> None:
        nonlocal told
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                told += 1
                if told == 2:
                    raise

    monkeypatch.setattr(working, "keep_working", deaf_at_first)
    stop = asyncio.Event()
    at_work = asyncio.create_task(working.work_until(runtime, stop))
    await asyncio.sleep(0)
    stop.set()
    async with asyncio.timeout(20):
        await at_work
    assert told == 2
