"""The I/O process: all cameras of one machine in one thread, from address to latest picture.

asyncio does what is slow and rare (names, connections, waits, renewed addresses); the sockets
that carry video are emptied together by ``wire.Wires``. Each camera has one task that keeps it
connected: staggered start, its turn at its gateway (轮巡), back-off with jitter, and a fresh play
address for every connection.
"""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from streetwise.discover.streams.address import Address, read_address
from streetwise.discover.streams.backoff import Backoff, stagger_s
from streetwise.discover.streams.digest import Credentials
from streetwise.discover.streams.errors import Malformed, Reason
from streetwise.discover.streams.gateway import Gateway
from streetwise.discover.streams.health import CameraHealth, Line, Report
from streetwise.discover.streams.session import RtspSession
from streetwise.discover.streams.settings import StreamSettings
from streetwise.discover.streams.slots import Slots
from streetwise.discover.streams.smart import SmartRule
from streetwise.discover.streams.talk import Ended, Moved
from streetwise.discover.streams.tls import Tls, client_context, shaken, tls_failure
from streetwise.discover.streams.wire import Wire, Wires, connect
from streetwise.discover.values import CodedPicture
from streetwise.kernel import logs

log = logs.get(__name__)

Play = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Source:
    """A camera as the loop needs it. ``play`` gives an address that works now: a fixed one, or a
    fresh one from a platform; it may take its time and may raise. ``gateway``: cameras that
    share one are capped together; empty: its own. ``fingerprint``: of the one certificate that
    counts for it, where its address is of TLS; empty: authorities vouch for it (``tls.py``)."""

    camera: str
    play: Play = field(repr=False)
    gateway: str = ""
    who: Credentials | None = field(default=None, repr=False)
    fingerprint: str = ""


def fixed(url: str) -> Play:
    """An address that does not expire."""

    async def play() -> str:
        return url

    return play


@dataclass(slots=True)
class _Held:
    source: Source
    gateway: Gateway
    health: CameraHealth
    smart: SmartRule
    task: asyncio.Task[None] | None = None
    wire: Wire | None = None
    lost: int = 0  # of the connections before this one
    torn: int = 0


class StreamLoop:
    """Holds the streams of many cameras. ``on_line``: an outage began or is over.

    ``clock`` runs in seconds and never back; ``wait`` and ``chance`` are asyncio's and random's
    unless a test passes its own. ``caps``: how many streams a gateway gives at once, by name;
    others have ``settings.gateway_most``. What is changed in it counts from the next ``change`` on.
    """

    def __init__(
        self,
        settings: StreamSettings,
        slots: Slots,
        *,
        caps: dict[str, int] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        on_line: Callable[[Line], None] = lambda line: None,
        on_picture: Callable[[CodedPicture], None] = lambda picture: None,
    ) -> None:
        self._settings = settings
        self._slots = slots
        self._caps = {} if caps is None else caps  # may be added to while it runs
        self._clock = clock
        self._wait = wait
        self._chance = chance
        self._on_line = on_line
        self._on_picture = on_picture
        self._held: dict[str, _Held] = {}
        self._gateways: dict[str, Gateway] = {}
        self._broken: asyncio.Future[None] | None = None
        self._wires = Wires(settings, clock, self._picture)
        self._connecting = asyncio.Semaphore(settings.connecting_most)
        self._backoff = Backoff(
            settings.backoff_first_s,
            settings.backoff_factor,
            settings.backoff_most_s,
            settings.backoff_jitter,
        )

    async def run(self, sources: Iterable[Source], stop: asyncio.Event) -> None:
        """Hold these cameras until ``stop`` is set. An error of our own ends all and is raised."""
        self._broken = asyncio.get_running_loop().create_future()
        self.change(sources)
        stopped = asyncio.create_task(stop.wait())
        pump = asyncio.create_task(self._pump())
        try:
            ends: list[asyncio.Future[Any]] = [stopped, pump, self._broken]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for one in ends[1:]:
                if one.done():
                    one.result()
        finally:
            tasks = [held.task for held in self._held.values() if held.task is not None]
            for task in (stopped, pump, *tasks):
                task.cancel()
            await asyncio.gather(stopped, pump, *tasks, return_exceptions=True)
            self._broken.cancel()
            self._wires.close()

    def change(self, sources: Iterable[Source]) -> None:
        """Hold these from now on: new ones are begun, missing ones ended, changed ones anew.

        Only while ``run`` runs, in its thread.
        """
        wanted = {source.camera: source for source in sources}
        for camera, held in list(self._held.items()):
            if wanted.get(camera) != held.source:
                self._let_go(held)
        fresh = [source for camera, source in wanted.items() if camera not in self._held]
        for source in fresh:
            self._take(source)
        self._follow()
        for index, source in enumerate(fresh):
            held = self._held[source.camera]
            first_s = stagger_s(index, len(fresh), self._settings.stagger_s)
            held.task = asyncio.create_task(self._keep(held, first_s))
            held.task.add_done_callback(self._task_done)

    def _follow(self) -> None:
        """Give every gateway the cap and the members that it has now, and who is connected the
        turn that this leaves them.
        """
        now = self._clock()
        for name, gateway in self._gateways.items():
            here = [self._held[camera] for camera in gateway.members]
            connected = {held.source.camera for held in here if held.wire is not None}
            if gateway.follow(self._cap(name), connected, now):
                for held in here:
                    if held.wire is not None:
                        held.wire.turn_ends = gateway.turn_ends(held.source.camera, now)

    def _cap(self, gateway: str) -> int:
        return self._caps.get(gateway, self._settings.gateway_most)

    def _task_done(self, task: asyncio.Task[None]) -> None:
        """A camera's task never ends by itself: if it does, something of ours is broken."""
        if task.cancelled() or self._broken is None or self._broken.done():
            return
        error = task.exception()
        if error is not None:
            self._broken.set_exception(error)

    def reports(self) -> list[Report]:
        """How every camera is, for the screen and the metrics."""
        now = self._clock()
        return [
            replace(
                held.health.report(now),
                full=held.smart.full,
                lost=held.lost + (held.wire.session.lost if held.wire else 0),
                torn=held.torn + (held.wire.session.counts.torn if held.wire else 0),
                replaced=self._slots.replaced(held.source.camera),
            )
            for held in self._held.values()
        ]

    def cycle_s(self, gateway: str) -> float:
        """Within so many seconds every camera of a gateway has its turn; 0: no rotation."""
        found = self._gateways.get(gateway)
        return found.rotation.cycle_s if found else 0.0

    def _let_go(self, held: _Held) -> None:
        camera = held.source.camera
        del self._held[camera]
        held.gateway.members.remove(camera)
        if held.task is not None:
            held.task.cancel()
        self._slots.forget(camera)

    def _take(self, source: Source) -> None:
        now, some = self._clock(), self._settings
        # A camera without a gateway is its own, and no cap applies to one stream.
        name = source.gateway or f"camera {source.camera}"
        gateway = self._gateways.get(name)
        if gateway is None:
            gateway = self._gateways[name] = Gateway(self._cap(name), some.dwell_s)
        gateway.members.append(source.camera)
        self._held[source.camera] = _Held(
            source,
            gateway,
            CameraHealth(
                source.camera, now, down_after_s=some.down_after_s, up_pictures=some.up_pictures
            ),
            SmartRule(now, no_key_s=some.no_key_s, keys_back=some.keys_back, heal_s=some.heal_s),
        )

    # -- the sockets --------------------------------------------------------------------------

    async def _pump(self) -> None:
        tick_at = self._clock()
        while True:
            self._wires.empty()
            now = self._clock()
            if now >= tick_at:
                tick_at = now + self._settings.tick_s
                self._wires.tick()
                for held in self._held.values():
                    playing = held.wire is not None and held.wire.session.state == "playing"
                    self._say(held.health.tick(now, playing=playing))
            await asyncio.sleep(self._settings.pump_ms / 1000)

    def _picture(self, wire: Wire, picture: CodedPicture) -> None:
        held = self._held.get(picture.camera)
        if held is None or held.wire is not wire:
            return  # switched off a moment ago
        self._slots.put(picture)
        if picture.whole:
            self._say(held.health.picture(picture.at))
        self._on_picture(picture)

    def _say(self, line: Line | None) -> None:
        if line is None:
            return
        say = log.info if line.up else log.warning
        say(
            "stream_up" if line.up else "stream_down",
            camera=line.camera,
            reason=line.reason.value,
            words=line.words,
            lasted_s=round(line.lasted_s, 1),
        )
        self._on_line(line)

    # -- one camera ---------------------------------------------------------------------------

    async def _keep(self, held: _Held, first_s: float) -> None:
        """Keep one camera connected, for ever."""
        await self._wait(first_s)
        failures = 0
        gateway, camera = held.gateway, held.source.camera
        while True:
            now = self._clock()
            turn = gateway.turn(camera, now)
            if turn.begins > now:
                held.health.pause(now)
                await gateway.wait(self._wait(turn.begins - now))
                continue
            async with gateway.places:
                now = self._clock()
                if gateway.turn(camera, now).begins > now:
                    continue  # turns have changed while it waited for a place
                held.health.resume(now)
                ended, given = await self._connection(held)
            if ended.reason is Reason.STOPPED:  # its turn is over
                failures = 0
                continue
            held.health.failed(ended.reason, ended.said)
            failures = 1 if given else failures + 1
            await self._wait(self._backoff.wait_s(failures, self._chance()))

    async def _connection(self, held: _Held) -> tuple[Ended, int]:
        """One connection with its redirects, from address to end; how many pictures it gave."""
        address = await self._address(held)
        redirects = 0
        while isinstance(address, Address):
            ended, given = await self._one(held, address, redirects)
            if isinstance(ended, Ended):
                return ended, given
            address, redirects = ended.address, redirects + 1
        return address, 0

    async def _address(self, held: _Held) -> Address | Ended:
        try:
            async with asyncio.timeout(self._settings.answer_s):
                return read_address(await held.source.play())
        except Malformed as error:
            return Ended(Reason.ADDRESS, str(error))
        except Exception as error:  # noqa: BLE001 - a platform's client may fail in any way
            # Its name only: a message may repeat the address.
            return Ended(Reason.ADDRESS, f"no play address ({type(error).__name__})")

    async def _open(
        self, address: Address, fingerprint: str
    ) -> tuple[socket.socket, Tls | None] | Ended:
        """A connected socket, and TLS on it where the address says so."""
        within_s = self._settings.connect_s
        try:
            sock = await connect(address, within_s)
        except TimeoutError:
            return Ended(Reason.TIMED_OUT)
        except OSError:
            return Ended(Reason.REFUSED)
        if not address.secure:
            return sock, None
        try:
            context = client_context(self._settings.authorities, fingerprint)
        except OSError:
            sock.close()
            return Ended(Reason.UNTRUSTED, "the file of authorities cannot be read")
        try:
            return sock, await shaken(sock, context, address.host, within_s)
        except TimeoutError:
            sock.close()
            return Ended(Reason.TIMED_OUT, "no TLS handshake in time")
        except OSError as error:
            sock.close()
            return tls_failure(error)
        except BaseException:
            sock.close()
            raise

    async def _one(
        self, held: _Held, address: Address, redirects: int
    ) -> tuple[Ended | Moved, int]:
        wire: Wire | None = None
        try:
            async with self._connecting:
                opened = await self._open(address, held.source.fingerprint)
                if isinstance(opened, Ended):
                    return opened, 0
                session = RtspSession(
                    held.source.camera,
                    address,
                    held.smart,
                    self._settings,
                    who=address.who or held.source.who,
                    redirects=redirects,
                )
                ends = held.gateway.turn_ends(held.source.camera, self._clock())
                wire = held.wire = Wire(opened[0], session, ends, opened[1])
                self._wires.add(wire)
                await wire.begun.wait()
            return await wire.over, wire.given
        finally:
            if wire is not None:
                wire.session.stop(self._clock())  # says goodbye if it was switched off
                self._wires.drop(wire)
                held.lost += wire.session.lost
                held.torn += wire.session.counts.torn
                held.wire = None
