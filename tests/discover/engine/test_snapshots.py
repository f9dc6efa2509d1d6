"""Cameras that are asked for pictures: never more of one gateway at once than it has places."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from streetwise.discover.engine import snapshots
from streetwise.discover.engine.snapshots import Snapped, Snapshots
from streetwise.discover.streams.settings import StreamSettings
from streetwise.discover.values import CodedPicture

PATIENCE_SECONDS = 30


class Gateway:
    """Counts who asks at the same moment; answers when it is let."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.most, self.asked = 0, 0, 0
        self.go = asyncio.Event()
        monkeypatch.setattr(snapshots, "http_picture", self._picture)

    async def _picture(self, camera: str, *given: Any, **more: Any) -> CodedPicture:
        self.now += 1
        self.asked += 1
        self.most = max(self.most, self.now)
        try:
            await self.go.wait()
        finally:
            self.now -= 1
        return CodedPicture(camera, "jpeg", b"", 0.0)


@asynccontextmanager
async def asking(caps: dict[str, int]) -> AsyncIterator[tuple[Snapshots, list[str]]]:
    got: list[str] = []
    made = Snapshots(StreamSettings(), lambda one: got.append(one.camera), lambda line: None)
    made.change([Snapped(f"c{n}", "http://x/", None, 60.0, "g") for n in range(5)], caps)
    try:
        yield made, got
    finally:
        await made.close()


async def until(true: Any) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true():
            await asyncio.sleep(0)


async def test_so_many_are_asked_at_once_as_the_gateway_has_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway = Gateway(monkeypatch)
    async with asking({"g": 2}) as (_, got):
        await until(lambda: gateway.asked == 2)
        for _ in range(20):
            await asyncio.sleep(0)
        assert gateway.asked == 2
        gateway.go.set()
        await until(lambda: len(got) == 5)
        assert gateway.most == 2


async def test_without_a_cap_all_are_and_a_cap_that_goes_lets_who_waits_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway = Gateway(monkeypatch)
    async with asking({"g": 1}) as (made, _):
        await until(lambda: gateway.asked == 1)
        made.change([Snapped(f"c{n}", "http://x/", None, 60.0, "g") for n in range(5)], {})
        await until(lambda: gateway.asked == 5)


async def test_where_there_is_no_place_it_is_said_that_the_gateway_is_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway = Gateway(monkeypatch)
    async with asking({"g": 0}) as (made, got):
        await until(lambda: all(one.reason == "busy" for one in made.reports()))
        assert (gateway.asked, got) == (0, [])
