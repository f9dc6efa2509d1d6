"""A farm of cameras: RTSP over TCP on loopback, paced in real time, with faults on command.

Cameras that show the same clip share its packets: a picture is numbered once and the same bytes
go to all who watch. One beat every ``BEAT_S`` serves whatever is due. Nothing is queued without
bound: who does not read loses pictures up to the next key frame.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import math
import secrets
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from . import rtsp
from .clips import Clip
from .packets import CLOCK, Wire, sender_report
from .session import Session

BEAT_S = 0.01
REPORT_S = 5.0

FaultKind = Literal[
    "drop", "stall", "wrong_seq", "close", "leave", "unauthorised", "missing", "rate", "no_keys",
    "parameters",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a camera does wrong until ``until`` (the loop's clock).

    ``drop``: every ``every``-th packet is left out. ``stall``: nothing is sent, the connection
    stays. ``wrong_seq``: every ``every``-th packet bears a wrong number. ``close``: connections are
    closed at the next picture, without a word; ``leave``: with one (TLS: ``close_notify``) once
    what was sent is out. ``unauthorised``, ``missing``: 401 and 404 to whatever is asked.
    ``rate``: claims 25 pictures a second and stamps them so, whatever is sent. ``no_keys``,
    ``parameters``: another clip is shown (``Farm.put``).
    """

    kind: FaultKind
    until: float = math.inf
    every: int = 10


@dataclass(frozen=True, slots=True)
class Rules:
    """How a farm behaves. ``cap``: streams at once, 0 without end; ``token_s``: how long a play
    address is good, 0: addresses need no token; ``pace``: times as fast as real. ``tls``: what it
    serves TLS with, None: without; ``tls_stalls``: who connects is let in and never answered."""

    door: rtsp.Door = field(default_factory=rtsp.Door)
    cap: int = 0
    token_s: float = 0.0
    timeout_s: float = 60.0
    pace: float = 1.0
    tls: ssl.SSLContext | None = None
    tls_stalls: bool = False


@dataclass(slots=True, eq=False)
class Channel:
    """A clip that is being shown, to all sessions of the cameras that show it."""

    name: str
    clip: Clip
    sessions: set[Session] = field(default_factory=set)
    sequence: int = 0
    stamp: int = 0
    group: int = 0
    picture: int = 0
    due: float = 0.0
    waiting: Clip | None = None
    reported: float = 0.0
    packets: int = 0
    octets: int = 0

    def show(self, clip: Clip) -> None:
        """Go over to another clip at the end of this group."""
        self.waiting = clip

    def step(self) -> tuple[Wire, int, int]:
        """The next picture with its numbers; goes on to the one after it."""
        wire = self.clip.groups[self.group].wires[self.picture]
        sequence, stamp = self.sequence, self.stamp
        self.sequence = (sequence + len(wire.at)) & 0xFFFF
        self.stamp = (stamp + CLOCK // self.clip.coding.fps) & 0xFFFFFFFF
        self.packets += len(wire.at)
        self.octets += len(wire.data) - 16 * len(wire.at)
        self.picture += 1
        if self.picture >= len(self.clip.groups[self.group].wires):
            self.picture = 0
            self.group += 1
            if self.waiting is not None and self.waiting.groups:
                self.clip, self.waiting, self.group = self.waiting, None, 0
            elif self.group >= len(self.clip.groups):
                # A clip without further key frames goes on after its first group.
                again = self.clip.coding.refresh and len(self.clip.groups) > 1
                self.group = 1 if again else 0
        return wire, sequence, stamp


class Farm:
    """All cameras of a farm. One loop; start it, ``put`` clips, stop it."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self.channels: dict[str, Channel] = {}
        self.cameras: dict[str, str] = {}
        self.faults: dict[str, Fault] = {}
        self.tokens: dict[str, tuple[str, float]] = {}
        self.sessions: set[Session] = set()
        self.connections: set[Session] = set()
        self.refused = 0
        self.sent = 0  # pictures, counted once for each session
        self.keys = 0  # key pictures that were written to a session, whole or with packets left out
        self.late = 0
        self._due: list[tuple[float, int, Channel]] = []
        self._count = 0
        self._server: asyncio.Server | None = None
        self._beats: asyncio.Task[None] | None = None
        self.clock: Callable[[], float] = time.monotonic

    async def start(self, port: int = 0) -> int:
        """Listen on loopback and begin to send; the port. Raises ``OSError``."""
        loop = asyncio.get_running_loop()
        rules = self.rules
        self._server = await loop.create_server(
            lambda: asyncio.Protocol() if rules.tls_stalls else Session(self),
            "127.0.0.1",
            port,
            backlog=1_024,
            ssl=None if rules.tls_stalls else rules.tls,
        )
        self._beats = asyncio.create_task(self._beat())
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close everything."""
        if self._beats is not None:
            self._beats.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._beats
        for session in list(self.connections):
            session.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def add(self, camera: str, name: str) -> None:
        """A camera that shows the clip of this name (put before or after)."""
        self.cameras[camera] = name

    def put(self, name: str, clip: Clip) -> None:
        """Show a clip under a name from the next group on."""
        if not clip.groups:
            raise ValueError("A clip without pictures.")
        if (channel := self.channels.get(name)) is not None:
            channel.show(clip)
            return
        channel = Channel(name, clip, sequence=secrets.randbelow(65_536),
                          stamp=secrets.randbelow(2**32))  # fmt: skip
        # Channels set out at different moments, so that they are not all due at once.
        channel.due = self.clock() + (self._count * 0.618 % 1) / (clip.coding.fps * self.rules.pace)
        self.channels[name] = channel
        self._count += 1
        heapq.heappush(self._due, (channel.due, self._count, channel))

    def own(self, camera: str, clip: Clip) -> None:
        """Give a camera a clip of its own, and let those who watch it go over."""
        name, before = f"own:{camera}", self.channels.get(self.cameras[camera])
        self.put(name, clip)
        self.cameras[camera] = name
        for session in [s for s in self.sessions if s.camera == camera and before is not None]:
            session.go_over(self.channels[name])

    def shared(self, camera: str, name: str) -> None:
        """The other way round of ``own``."""
        self.cameras[camera] = name
        for session in [s for s in self.sessions if s.camera == camera]:
            session.go_over(self.channels[name])
        if (channel := self.channels.pop(f"own:{camera}", None)) is not None:
            channel.sessions.clear()

    def fault(self, camera: str, fault: Fault | None) -> None:
        """Let a camera do something wrong; None: no more."""
        if fault is None:
            self.faults.pop(camera, None)
        else:
            self.faults[camera] = fault

    def fault_of(self, camera: str) -> Fault | None:
        """What a camera does wrong now."""
        fault = self.faults.get(camera)
        if fault is not None and fault.until <= self.clock():
            del self.faults[camera]
            return None
        return fault

    def channel_of(self, camera: str) -> Channel | None:
        """What a camera shows; None: there is no such camera, or it has no picture yet."""
        return self.channels.get(self.cameras.get(camera, ""))

    def token(self, camera: str) -> str:
        """A new token for a play address of this camera."""
        now = self.clock()
        self.tokens = {key: value for key, value in self.tokens.items() if value[1] > now}
        key = secrets.token_urlsafe(12)
        self.tokens[key] = (camera, now + self.rules.token_s)
        return key

    def lets_in(self, request: rtsp.Request) -> bool:
        """Whether the address still is good."""
        if not self.rules.token_s:
            return True
        camera, until = self.tokens.get(request.token, ("", 0.0))
        return camera == request.camera and until > self.clock()

    def beat(self, now: float) -> None:
        """Send all that is due."""
        while self._due and self._due[0][0] <= now:
            _, count, channel = heapq.heappop(self._due)
            if self.channels.get(channel.name) is not channel:
                continue
            self._send(channel, now)
            period = 1 / (channel.clip.coding.fps * self.rules.pace)
            channel.due += period
            if channel.due < now - 1:
                # Too late to catch up: a burst would only make it worse.
                self.late += 1
                channel.due = now + period
            heapq.heappush(self._due, (channel.due, count, channel))

    def _send(self, channel: Channel, now: float) -> None:
        wire, sequence, stamp = channel.step()
        if not channel.sessions:
            return
        data = wire.sent(sequence, stamp)
        self.sent += len(channel.sessions)
        for session in tuple(channel.sessions):
            session.send(wire, data)
        if now - channel.reported > REPORT_S:
            channel.reported = now
            report = sender_report(stamp, time.time(), channel.packets, channel.octets)
            for session in channel.sessions:
                session.report(report)

    async def _beat(self) -> None:
        swept = self.clock()
        while True:
            now = self.clock()
            self.beat(now)
            if now - swept > 2:
                swept = now
                for session in list(self.connections):
                    if now - session.heard > self.rules.timeout_s * 1.2:
                        session.close()
            await asyncio.sleep(max(0.001, BEAT_S - (self.clock() - now)))
