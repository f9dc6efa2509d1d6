"""A shard: all that looks at a share of the cameras on one machine.

One process reads the streams, a few eyes look; this object keeps them at work, shares the cameras
out, gives a new eye what the old one knew, and leaves a camera alone whose pictures crash
decoders. It belongs to one event loop, holds no picture, and tells what it hears to one function.
On many machines each has one (``discover/cluster.py``).
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from streetwise.discover.engine.crumb import NOBODY
from streetwise.discover.engine.keeper import Ended, Keeper, KeeperRules
from streetwise.discover.engine.memory import KIND as MEMORY
from streetwise.discover.engine.memory import by_camera, of_cameras
from streetwise.discover.engine.orders import Charge, charges_message, picture_message
from streetwise.discover.engine.strikes import Strikes
from streetwise.discover.engine.wire import Message
from streetwise.discover.values import CodedPicture

EYE = "streetwise.discover.engine.eye_process"
READER = "streetwise.discover.engine.reader_process"


@dataclass(frozen=True, slots=True)
class Stream:
    """Where a camera's pictures come from; never printed, for it may hold a password.

    ``kind``: rtsp, snapshot (HTTP, every ``every_seconds``), platform (``address`` hands out play
    addresses; ``user`` then names the header of the token that ``password`` is), push (pictures
    are given by ``Shard.push``), file. ``gateway``: cameras that share one are capped together,
    ``cap`` streams at once (0: no cap). ``fingerprint``: of the one certificate that counts where
    its address is of TLS, 64 hex digits; empty: authorities vouch for it.
    """

    kind: str
    address: str = field(default="", repr=False)
    gateway: str = ""
    cap: int = 0
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    every_seconds: float = 6.0
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Watched:
    """A camera to look at: where its pictures come from, and what is looked for."""

    charge: Charge
    stream: Stream


@dataclass(frozen=True, slots=True)
class ShardSettings:
    """``eyes``: processes that look, one per core that may be used. ``threads``: of each one's
    inference. ``models``: the registry's folder; ``detectors``: those of its models that are used,
    in the order of preference. ``zone``: the street's time zone. ``scenes``: of the street's own,
    as YAML. ``stream``: fields of ``StreamSettings``, ``eye`` of ``EyeSettings``. ``pace_seconds``:
    a camera's pictures go to its eye at most so often, the latest each time; 0: every key picture.
    ``log_level``: of the processes' own lines.
    """

    models: Path
    detectors: tuple[str, ...]
    zone: str
    eyes: int = 2
    threads: int = 1
    scenes: tuple[str, ...] = ()
    stream: dict[str, Any] = field(default_factory=dict)
    eye: dict[str, Any] = field(default_factory=dict)
    pace_seconds: float = 0.0
    keeper: KeeperRules = field(default_factory=KeeperRules)
    log_level: str = "WARNING"


class Shard:
    """``heard``: called with each message of the eyes and of the reader, in the event loop."""

    def __init__(self, settings: ShardSettings, heard: Callable[[Message], None]) -> None:
        self._settings, self._heard = settings, heard
        self._watched: dict[str, Watched] = {}
        self._eye_of: dict[str, int] = {}
        self._memories: dict[str, Message] = {}
        self._strikes = Strikes()
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="sw-eyes-")
        self._socket = str(Path(self._folder.name) / "pictures")
        self._eyes = [
            Keeper(
                f"eye-{number}",
                EYE,
                greeting=partial(self._greet_eye, number),
                heard=self._eye_said,
                ended=partial(self._eye_ended, number),
                rules=settings.keeper,
            )
            for number in range(settings.eyes)
        ]
        self._reader = Keeper(
            "reader",
            READER,
            greeting=self._greet_reader,
            heard=heard,
            ended=lambda end: None,
            rules=settings.keeper,
        )

    async def run(self) -> None:
        """Keep all processes at work until cancelled; then none is left."""
        try:
            async with asyncio.TaskGroup() as group:
                for keeper in (self._reader, *self._eyes):
                    group.create_task(keeper.run())
        finally:
            for timer in self._waiting.values():
                timer.cancel()
            self._folder.cleanup()

    def watch(self, cameras: Sequence[Watched]) -> None:
        """From now on these cameras, and no others; who stays keeps eye and connection."""
        self._watched = {one.charge.camera: one for one in cameras}
        for gone in self._eye_of.keys() - self._watched.keys():
            del self._eye_of[gone]
            self._memories.pop(gone, None)
        for camera in self._watched:
            if camera not in self._eye_of:
                self._eye_of[camera] = self._least_busy()
        self._tell_all()

    def ask(self, camera: str, request: str) -> None:
        """Somebody may look at a camera now: ``shown`` is heard as soon as there is a picture."""
        if camera in self._eye_of:
            keeper = self._eyes[self._eye_of[camera]]
            keeper.send(Message("ask", {"camera": camera, "request": request}))

    def push(self, camera: str, jpeg: bytes) -> bool:
        """A camera that sends its pictures itself has sent one; False: nobody looks now."""
        one = self._watched.get(camera)
        if one is None or one.stream.kind != "push":
            return False
        picture = CodedPicture(camera, "jpeg", jpeg, time.monotonic())
        return self._eyes[self._eye_of[camera]].send(picture_message(picture))

    def remember(self, message: Message) -> None:
        """What the eye of another shard knew (``memory``): of cameras that are ours now."""
        self._keep_memory(message)
        for number, keeper in enumerate(self._eyes):
            mine = of_cameras(message, self._cameras_of(number))
            if mine is not None:
                keeper.send(mine)

    @property
    def pids(self) -> dict[str, int]:
        """The processes that live, by name."""
        keepers = (self._reader, *self._eyes)
        return {one.name: one.pid for one in keepers if one.pid is not None}

    def _least_busy(self) -> int:
        counts = [0] * len(self._eyes)
        for number in self._eye_of.values():
            counts[number] += 1
        return counts.index(min(counts))

    def _active(self) -> dict[str, Watched]:
        return {name: one for name, one in self._watched.items() if name not in self._waiting}

    def _tell_all(self) -> None:
        for number, keeper in enumerate(self._eyes):
            keeper.send(self._charges(number))
        self._reader.send(self._sources())

    def _charges(self, number: int) -> Message:
        return charges_message(
            [
                replace(one.charge, file=one.stream.address, every_seconds=one.stream.every_seconds)
                if one.stream.kind == "file"
                else one.charge
                for camera, one in self._active().items()
                if self._eye_of[camera] == number
            ]
        )

    def _sources(self) -> Message:
        rows = [
            {
                "camera": camera,
                "eye": f"eye-{self._eye_of[camera]}",
                "kind": one.stream.kind,
                "address": one.stream.address,
                "gateway": one.stream.gateway,
                "cap": one.stream.cap,
                "user": one.stream.user,
                "password": one.stream.password,
                "every": one.stream.every_seconds,
                "fingerprint": one.stream.fingerprint,
            }
            for camera, one in self._active().items()
            if one.stream.kind not in ("file", "push")
        ]
        return Message("sources", {"sources": rows})

    def _greet_eye(self, number: int) -> list[Message]:
        settings = self._settings
        hello = Message(
            "hello",
            {
                "name": f"eye-{number}",
                "reader": self._socket,
                "models": str(settings.models),
                "detectors": list(settings.detectors),
                "threads": settings.threads,
                "zone": settings.zone,
                "scenes": list(settings.scenes),
                "settings": settings.eye,
            },
        )
        return [hello, self._charges(number), *self._memories_of(number)]

    def _cameras_of(self, number: int) -> set[str]:
        return {camera for camera, eye in self._eye_of.items() if eye == number}

    def _memories_of(self, number: int) -> list[Message]:
        return [
            told for camera, told in self._memories.items() if self._eye_of.get(camera) == number
        ]

    def _keep_memory(self, message: Message) -> None:
        for camera, told in by_camera(message).items():
            if camera in self._watched:
                self._memories[camera] = told

    def _greet_reader(self) -> list[Message]:
        settings = self._settings
        hello = Message(
            "hello",
            {
                "socket": self._socket,
                "stream": settings.stream,
                "log_level": settings.log_level,
                "pace_seconds": settings.pace_seconds,
            },
        )
        return [hello, self._sources()]

    def _eye_said(self, message: Message) -> None:
        if message.kind == MEMORY:
            self._keep_memory(message)
        elif message.kind == "cadences":
            now = time.monotonic()
            for row in message.fields["rows"]:
                self._strikes.good(row[0], now)
        self._heard(message)

    def _eye_ended(self, number: int, end: Ended) -> None:
        """Whose picture was it at? The second time within a while that camera has to wait."""
        camera = next(
            (
                name
                for name, one in self._watched.items()
                if one.charge.number == end.crumb and self._eye_of[name] == number
            ),
            None,
        )
        if end.crumb == NOBODY or camera is None:
            return
        now = time.monotonic()
        until = self._strikes.crashed(camera, now)
        wait = None if until is None else until - now
        self._heard(Message("crashed", {"camera": camera, "waits_seconds": wait}))
        if wait is not None:
            loop = asyncio.get_running_loop()
            self._waiting[camera] = loop.call_later(wait, self._try_again, camera)
            self._tell_all()

    def _try_again(self, camera: str) -> None:
        self._waiting.pop(camera, None)
        self._tell_all()
