"""Cameras that are asked for a picture again and again, over HTTP; healthy or not like streams."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field

from streetwise.discover.streams.digest import Credentials
from streetwise.discover.streams.errors import Reason
from streetwise.discover.streams.gateway import Places
from streetwise.discover.streams.health import CameraHealth, Line, Report
from streetwise.discover.streams.settings import StreamSettings
from streetwise.discover.streams.snapshot import NoPicture, http_picture
from streetwise.discover.streams.talk import Ended
from streetwise.discover.values import CodedPicture


@dataclass(frozen=True, slots=True)
class Snapped:
    """One such camera. ``every_seconds``: between two pictures. ``gateway``: whose places it takes
    while it is asked; empty: nobody's. ``fingerprint``: of its certificate (``streams/tls.py``).
    """

    camera: str
    address: str = field(repr=False)
    who: Credentials | None = field(repr=False)
    every_seconds: float
    gateway: str = ""
    fingerprint: str = ""


@dataclass(slots=True)
class _Held:
    snapped: Snapped
    health: CameraHealth
    task: asyncio.Task[None]


class Snapshots:
    """Asks each camera by itself. ``on_picture``, ``on_line``: called in the event loop."""

    def __init__(
        self,
        settings: StreamSettings,
        on_picture: Callable[[CodedPicture], None],
        on_line: Callable[[Line], None],
    ) -> None:
        self._settings, self._on_picture, self._on_line = settings, on_picture, on_line
        self._held: dict[str, _Held] = {}
        self._places: dict[str, Places] = {}
        self._full: frozenset[str] = frozenset()

    def change(self, snapped: Iterable[Snapped], caps: Mapping[str, int] | None = None) -> None:
        """From now on these, and no others; who is the same goes on.

        ``caps``: how many pictures a gateway is asked for at once, where that is capped; 0: it has
        no place for them.
        """
        caps = caps or {}
        self._full = frozenset(name for name, cap in caps.items() if cap == 0)
        for name, cap in caps.items():
            self._places.setdefault(name, Places(cap)).resize(cap)
        for name in self._places.keys() - caps.keys():
            self._places.pop(name).resize(0)  # who waits there need not
        wanted = {one.camera: one for one in snapped}
        for camera, held in list(self._held.items()):
            if wanted.get(camera) != held.snapped:
                held.task.cancel()
                del self._held[camera]
        for camera, one in wanted.items():
            if camera not in self._held:
                health = CameraHealth(
                    camera,
                    time.monotonic(),
                    down_after_s=max(self._settings.down_after_s, 2 * one.every_seconds),
                    up_pictures=self._settings.up_pictures,
                )
                task = asyncio.create_task(self._ask(one, health))
                self._held[camera] = _Held(one, health, task)

    def reports(self) -> list[Report]:
        """How every camera is."""
        now = time.monotonic()
        return [held.health.report(now) for held in self._held.values()]

    async def close(self) -> None:
        """Ask nobody any more."""
        tasks = [held.task for held in self._held.values()]
        self._held.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, one: Snapped, health: CameraHealth) -> None:
        while True:
            began = time.monotonic()
            try:
                picture = await self._picture(one)
            except NoPicture as problem:
                health.failed(problem.ended.reason, problem.ended.said)
            else:
                self._on_picture(picture)
                self._say(health.picture(picture.at))
            self._say(health.tick(time.monotonic()))
            await asyncio.sleep(max(0.1, began + one.every_seconds - time.monotonic()))

    async def _picture(self, one: Snapped) -> CodedPicture:
        if one.gateway in self._full:
            raise NoPicture(Ended(Reason.BUSY))
        places = self._places.get(one.gateway)
        async with places or nullcontext():
            return await http_picture(
                one.camera,
                one.address,
                self._settings,
                who=one.who,
                fingerprint=one.fingerprint,
            )

    def _say(self, line: Line | None) -> None:
        if line is not None:
            self._on_line(line)
