"""One connection's socket and session, and the emptying of many sockets into one buffer.

All cameras share one receive buffer: a connection keeps only the tail of a frame that is not
whole yet, so a thousand connections cost kilobytes, not megabytes.
"""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Callable

from streetwise.discover.streams.address import Address
from streetwise.discover.streams.errors import Reason
from streetwise.discover.streams.session import RtspSession
from streetwise.discover.streams.settings import StreamSettings
from streetwise.discover.streams.talk import Ended, Moved, Playing
from streetwise.discover.streams.tls import Tls
from streetwise.discover.values import CodedPicture
from streetwise.kernel import logs

log = logs.get(__name__)

_READS_AT_ONCE = 8  # of one socket, before the others have their turn


class Wire:
    """A connected socket and its session. ``over`` is set when it has ended, ``begun`` when it
    plays (or has ended). ``tls``: of a socket on which the handshake is done."""

    def __init__(
        self,
        sock: socket.socket,
        session: RtspSession,
        turn_ends: float,
        tls: Tls | None = None,
    ) -> None:
        self.sock = sock
        self.tls = tls
        self.session = session
        self.turn_ends = turn_ends
        self.tail = b""
        self.unsent = b""
        self.over: asyncio.Future[Ended | Moved] = asyncio.get_running_loop().create_future()
        self.begun = asyncio.Event()
        self.given = 0  # pictures

    def close(self, why: Ended | Moved) -> None:
        """Say that it has ended; whoever waits for ``over`` takes the socket down."""
        if not self.over.done():
            self.over.set_result(why)
        self.begun.set()

    def receive(self, into: memoryview) -> int:
        """As ``socket.recv_into``, decrypted."""
        if self.tls is None:
            return self.sock.recv_into(into)
        return self.tls.receive(self.sock, into)

    @property
    def has_outgoing(self) -> bool:
        """Whether there is something to send."""
        own = self.tls is not None and self.tls.has_outgoing
        return self.session.has_outgoing or own or bool(self.unsent)

    def take_outgoing(self) -> bytes:
        """What is to be sent, as it goes onto the socket."""
        data = self.session.take_outgoing()
        return self.unsent + (data if self.tls is None else self.tls.sealed(data))


async def connect(address: Address, within_s: float) -> socket.socket:
    """A connected socket; raises OSError (of which TimeoutError is one)."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(within_s):
        places = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        last: OSError = OSError("no such host")
        for family, kind, protocol, _, place in places:
            sock = socket.socket(family, kind, protocol)
            sock.setblocking(False)
            try:
                await loop.sock_connect(sock, place)
            except OSError as error:
                sock.close()
                last = error
            except BaseException:
                sock.close()
                raise
            else:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
        raise last


class Wires:
    """All connections of a process, emptied together every few hundredths of a second.

    Measured beside one wake-up per packet burst (asyncio's BufferedProtocol, or epoll at once):
    letting a tenth of a second's bytes gather in the kernel costs a fraction of the CPU, and a
    picture that is looked at every few seconds may be that old.
    """

    def __init__(
        self,
        settings: StreamSettings,
        clock: Callable[[], float],
        give: Callable[[Wire, CodedPicture], None],
    ) -> None:
        self._clock = clock
        self._give = give
        self._epoll = select.epoll()
        self._wires: dict[int, Wire] = {}
        self._more: set[int] = set()  # decrypted and not read: their sockets may be empty
        # The tail of what is not whole is put in front of what comes: the longest message fits.
        longest = max(settings.message_bytes + settings.body_bytes, 4 + 0xFFFF)
        self._buffer = bytearray(longest + settings.receive_bytes)
        self._view = memoryview(self._buffer)
        self._at_once = settings.receive_bytes
        self._unsent_most = settings.message_bytes

    def __len__(self) -> int:
        return len(self._wires)

    def add(self, wire: Wire) -> None:
        """Begin: the session's first request goes out."""
        self._wires[wire.sock.fileno()] = wire
        self._epoll.register(wire.sock.fileno(), select.EPOLLIN)
        if wire.tls is not None:
            self._more.add(wire.sock.fileno())  # something may have come with the handshake
        wire.session.start(self._clock())
        self._after(wire)

    def drop(self, wire: Wire) -> None:
        """Take a connection down; what it still had to say (TEARDOWN) is tried once."""
        number = wire.sock.fileno()
        if self._wires.pop(number, None) is not None:
            self._epoll.unregister(number)
            self._more.discard(number)
        self._send(wire)
        if wire.tls is not None:
            wire.unsent += wire.tls.goodbye()
            self._send(wire)
        wire.sock.close()
        wire.close(Ended(Reason.STOPPED))

    def close(self) -> None:
        """End all."""
        for wire in list(self._wires.values()):
            wire.session.stop(self._clock())
            self.drop(wire)
        self._epoll.close()

    def empty(self) -> int:
        """Read what has come on all sockets; how many had something."""
        ready = {number for number, _ in self._epoll.poll(0)} | self._more
        self._more.clear()
        for number in ready:
            wire = self._wires.get(number)
            if wire is not None and not wire.over.done():
                self._read(wire)
        return len(ready)

    def tick(self) -> None:
        """Look at the deadlines of all sessions, and try again to send what is left to send."""
        now = self._clock()
        for wire in list(self._wires.values()):
            if now >= wire.turn_ends:
                wire.session.stop(now)
            else:
                wire.session.tick(now)
            self._after(wire)

    def _read(self, wire: Wire) -> None:
        buffer, session = self._buffer, wire.session
        for _ in range(_READS_AT_ONCE):
            kept = len(wire.tail)
            if kept:
                buffer[:kept] = wire.tail
            try:
                came = wire.receive(self._view[kept : kept + self._at_once])
            except BlockingIOError:
                return
            except OSError:
                came = 0
            if came == 0 and wire.tls is not None and wire.tls.broken:
                wire.close(Ended(Reason.TLS))
            elif came == 0:
                session.closed()
            else:
                end = kept + came
                used = self._receive(wire, end)
                wire.tail = bytes(self._view[used:end]) if used < end else b""
            self._after(wire)
            # What TLS has ended may lie behind the last bytes, and wakes nobody again.
            if wire.over.done() or (came < self._at_once and wire.tls is None):
                return
        if wire.tls is not None and wire.tls.more:
            self._more.add(wire.sock.fileno())

    def _receive(self, wire: Wire, end: int) -> int:
        try:
            return wire.session.receive(self._buffer, end, self._clock())
        except Exception as error:  # noqa: BLE001 - one camera's bytes must not end the others'
            log.error(
                "stream_reader_broken",
                camera=wire.session.camera,
                kind=type(error).__name__,
                where=logs.where(error),
            )
            wire.close(Ended(Reason.GARBLED, "its bytes broke the reader"))
            return end

    def _after(self, wire: Wire) -> None:
        session = wire.session
        if wire.has_outgoing:
            self._send(wire)
        if not session.has_events:
            return
        for event in session.take_events():
            if isinstance(event, CodedPicture):
                wire.given += 1
                self._give(wire, event)
            elif isinstance(event, Playing):
                wire.begun.set()
            else:
                wire.close(event)

    def _send(self, wire: Wire) -> None:
        data = wire.take_outgoing()
        if not data:
            return
        try:
            sent = wire.sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            wire.unsent = b""
            return  # the next read says that it is closed
        wire.unsent = data[sent:]
        if len(wire.unsent) > self._unsent_most:
            wire.unsent = b""
            wire.close(Ended(Reason.GARBLED, "the camera asks and does not listen"))
