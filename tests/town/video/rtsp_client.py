"""A plain RTSP client for tests: requests, answers, and the packets between them."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Packet:
    """An RTP packet as it came."""

    channel: int
    marker: bool
    sequence: int
    stamp: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a request."""

    status: int
    headers: dict[str, str]
    body: str


class Client:
    """One connection to a farm."""

    def __init__(self, port: int, camera: str, query: str = "") -> None:
        self.url = f"rtsp://127.0.0.1:{port}/{camera}{query}"
        self._port = port
        self._sequence = 0
        self.session = ""

    async def __aenter__(self) -> Client:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def ask(self, method: str, track: str = "", **headers: str) -> Reply:
        """Send a request and wait for its answer; packets in between are passed over."""
        self._sequence += 1
        lines = [f"{method} {self.url}{track} RTSP/1.0", f"CSeq: {self._sequence}"]
        if self.session:
            lines.append(f"Session: {self.session}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        async with asyncio.timeout(60):
            while (first := await self._reader.readexactly(1)) == b"$":
                await self._skip()
            head = (first + await self._reader.readuntil(b"\r\n\r\n")).decode()
        status = int(head.split(" ")[1])
        found = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        body = (await self._reader.readexactly(int(found.get("Content-Length", 0)))).decode()
        if "Session" in found:
            self.session = found["Session"].split(";")[0]
        return Reply(status, found, body)

    async def play(self, channels: str = "0-1") -> None:
        """Describe, set up and play."""
        assert (await self.ask("DESCRIBE")).status == 200
        way = f"RTP/AVP/TCP;unicast;interleaved={channels}"
        assert (await self.ask("SETUP", "/trackID=0", Transport=way)).status == 200
        assert (await self.ask("PLAY")).status == 200

    async def packets(self, count: int) -> list[Packet]:
        """The next RTP packets; reports are passed over. Raises ``IncompleteReadError``."""
        out: list[Packet] = []
        async with asyncio.timeout(60):
            while len(out) < count:
                dollar, channel, size = struct.unpack(">cBH", await self._reader.readexactly(4))
                assert dollar == b"$"
                data = await self._reader.readexactly(size)
                if channel % 2 == 0:
                    _, kind, sequence, stamp, _ = struct.unpack(">BBHII", data[:12])
                    out.append(Packet(channel, kind > 127, sequence, stamp, data[12:]))
        return out

    async def ended(self) -> bool:
        """Whether the other side closes (what still comes is read)."""
        try:
            async with asyncio.timeout(60):
                while await self._reader.read(65_536):
                    pass
        except ConnectionError:
            pass
        return True

    async def _skip(self) -> None:
        _, size = struct.unpack(">BH", await self._reader.readexactly(3))
        await self._reader.readexactly(size)
