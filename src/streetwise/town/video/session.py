"""One connection to the farm: what is asked, what is sent, and what goes wrong on command."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import rtsp
from .packets import CLOCK, Wire, description

if TYPE_CHECKING:
    from .farm import Channel, Farm, Fault

#: Bytes that may wait for a slow reader; connections at once.
WAITING, CONNECTIONS = 1_000_000, 4_096


class Session(asyncio.Protocol):
    """One connection and the stream on it."""

    def __init__(self, farm: Farm) -> None:
        self.farm = farm
        self.camera = ""
        self.heard = farm.clock()
        self.lost = 0  # pictures that a slow reader did not get
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._nonce = secrets.token_hex(12)
        self._id = ""
        self._channel: Channel | None = None
        self._channels = (0, 1)
        self._needs_key = True
        self._shift = (0, 0)  # added to sequence numbers and stamps
        self._expected: tuple[int, int] | None = None  # numbers to go on with in another channel
        self._packets = 0
        self._pictures = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if len(self.farm.connections) >= CONNECTIONS:
            transport.abort()
            return
        self._transport = transport
        self.farm.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.farm.connections.discard(self)
        self._end()

    def close(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self.heard = self.farm.clock()
        self._buffer += data
        try:
            while (request := rtsp.take(self._buffer)) is not None:
                self._answer(request)
        except rtsp.BadRequestError:
            self._write(rtsp.answer(400, "0"))
            self.close()

    def go_over(self, channel: Channel) -> None:
        """Show another channel from its next key frame on; numbers go on without a gap."""
        if self._channel is None or channel is self._channel:
            return
        playing = self in self._channel.sessions
        self._channel.sessions.discard(self)
        if self._expected is None:
            numbers = (self._channel.sequence, self._channel.stamp)
            self._expected = (numbers[0] + self._shift[0], numbers[1] + self._shift[1])
        self._channel, self._needs_key = channel, True
        if playing:
            channel.sessions.add(self)

    def send(self, wire: Wire, data: bytearray) -> None:
        """A picture, unless the reader is too slow or a fault says otherwise."""
        assert self._transport is not None
        if self._needs_key:
            if not wire.key:
                return
            self._needs_key = False
            if self._expected is not None:
                first = int.from_bytes(data[6:8], "big"), int.from_bytes(data[8:12], "big")
                self._shift = (self._expected[0] - first[0], self._expected[1] - first[1])
                self._expected = None
        if self._transport.get_write_buffer_size() > WAITING:
            self.lost += 1
            self._needs_key = True
            return
        fault = self.farm.fault_of(self.camera)
        if fault is not None or self._shift != (0, 0) or self._channels != (0, 1):
            self._send_changed(wire, data, fault)
        else:
            self.farm.keys += wire.key
            self._transport.write(data)

    def report(self, report: bytes) -> None:
        """A sender report."""
        fault = self.farm.fault_of(self.camera)
        if not self._needs_key and (fault is None or fault.kind != "stall"):
            self._write(report[:1] + bytes([self._channels[1]]) + report[2:])

    def _send_changed(self, wire: Wire, data: bytearray, fault: Fault | None) -> None:
        assert self._transport is not None
        kind = fault.kind if fault else ""
        if kind == "close":
            self.close()
            return
        if kind == "leave":
            self._transport.close()
            return
        if kind == "stall":
            return
        self._pictures += 1
        self.farm.keys += wire.key
        out = bytearray()
        for piece in wire.pieces(data):
            self._packets += 1
            hit = fault is not None and self._packets % fault.every == 0
            if hit and kind == "drop":
                continue
            piece[1] = self._channels[0]
            wrong = 4_321 if hit and kind == "wrong_seq" else 0
            number = int.from_bytes(piece[6:8], "big") + self._shift[0] + wrong
            stamp = int.from_bytes(piece[8:12], "big") + self._shift[1]
            if kind == "rate":
                stamp = self._pictures * CLOCK // 25
            piece[6:8] = (number & 0xFFFF).to_bytes(2, "big")
            piece[8:12] = (stamp & 0xFFFFFFFF).to_bytes(4, "big")
            out += piece
        self._transport.write(out)

    def _answer(self, request: rtsp.Request) -> None:
        farm, sequence = self.farm, request.headers.get("cseq", "0")

        def say(status: int, headers: dict[str, str] | None = None, body: str = "") -> None:
            if status >= 400:
                farm.refused += 1
            self._write(rtsp.answer(status, sequence, headers, body))

        fault = farm.fault_of(request.camera)
        kind = fault.kind if fault else ""
        if request.method == "OPTIONS":
            say(200, {"Public": rtsp.METHODS})
        elif kind == "unauthorised" or not farm.rules.door.opens(request, self._nonce):
            say(401, {"WWW-Authenticate": farm.rules.door.asks(self._nonce)})
        elif request.method in ("DESCRIBE", "SETUP") and not farm.lets_in(request):
            say(401)
        elif request.camera not in farm.cameras or kind == "missing":
            say(404)
        elif request.method == "DESCRIBE":
            self._describe(request, say)
        elif request.method == "SETUP":
            self._set_up(request, say)
        elif not self._id or self._id != request.headers.get("session", "").split(";")[0]:
            say(454)
        elif request.method in ("PLAY", "PAUSE"):
            self._play(request.method == "PLAY")
            say(200, {"Session": self._id, "Range": "npt=0.000-"})
        elif request.method in ("GET_PARAMETER", "SET_PARAMETER"):
            say(200, {"Session": self._id})
        elif request.method == "TEARDOWN":
            self._end()
            say(200)
        else:
            say(501)

    def _describe(self, request: rtsp.Request, say: Callable[..., None]) -> None:
        channel = self.farm.channel_of(request.camera)
        if channel is None:
            say(503)
            return
        fault = self.farm.fault_of(request.camera)
        coding = channel.clip.coding
        fps = 25 if fault is not None and fault.kind == "rate" else coding.fps
        url = request.url.rstrip("/")
        body = description(channel.clip.first, coding.codec, fps, url)
        say(200, {"Content-Base": url + "/", "Content-Type": "application/sdp"}, body)

    def _set_up(self, request: rtsp.Request, say: Callable[..., None]) -> None:
        farm = self.farm
        pair = rtsp.channels(request.headers.get("transport", ""))
        channel = farm.channel_of(request.camera)
        if pair is None:
            say(461)
        elif channel is None:
            say(503)
        elif farm.rules.cap and self not in farm.sessions and len(farm.sessions) >= farm.rules.cap:
            say(453)
        else:
            self._end()
            self._channel, self._channels, self.camera = channel, pair, request.camera
            self._id = secrets.token_hex(8)
            farm.sessions.add(self)
            way = f"RTP/AVP/TCP;unicast;interleaved={pair[0]}-{pair[1]}"
            session = f"{self._id};timeout={farm.rules.timeout_s:g}"
            say(200, {"Transport": way, "Session": session})

    def _play(self, on: bool) -> None:
        assert self._channel is not None
        if on:
            self._needs_key = True
            self._channel.sessions.add(self)
        else:
            self._channel.sessions.discard(self)

    def _end(self) -> None:
        if self._channel is not None:
            self._channel.sessions.discard(self)
        self.farm.sessions.discard(self)
        self._channel, self._id = None, ""
        self._shift, self._expected = (0, 0), None

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)
