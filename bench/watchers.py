"""``python -m bench.watchers PORT OUT``: screens that keep the live stream open, as thin as can be.

A process of its own, so that the server's figures are not those of its audience. Reads one session
cookie a line; says ``open`` when every stream has begun; at the end of its input it writes which
piece arrived when: for each receipt the number of the screen and of the piece, and the time; and
the entries of each piece.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys
import time
import zlib
from array import array
from functools import lru_cache
from pathlib import Path

from bench.server import API
from streetwise.kernel.audience import GZIP_HEAD

AT_ONCE = 25
OPEN_SECONDS = 60.0
_ENTRY = re.compile(rb"^id: (\d+)\nevent: entry\n", re.MULTILINE)
#: Pieces that are remembered; each goes to many screens within a second.
_REMEMBERED = 512

#: Screen, piece and time of each receipt.
Receipts = tuple["array[int]", "array[int]", "array[float]"]
#: The entries of each piece.
_PIECES: list[list[int]] = []


@lru_cache(maxsize=_REMEMBERED)
def number_of(piece: bytes) -> int:
    """Where the entries of a piece stand, as it comes over the line: a chunk of a gzip stream.

    A thousand browsers unpack on a thousand machines. Here the same bytes are unpacked once, or
    the audience would be a larger load than what is measured; every byte of every screen is still
    received, and found to be the same.
    """
    text = zlib.decompressobj(-zlib.MAX_WBITS).decompress(piece.removeprefix(GZIP_HEAD))
    _PIECES.append([int(found[1]) for found in _ENTRY.finditer(text)])
    return len(_PIECES) - 1


class Screen(asyncio.Protocol):
    """One open stream."""

    def __init__(self, number: int, request: bytes, into: Receipts) -> None:
        self._number = number
        self._request = request
        self._into = into
        self._rest = b""
        self._answered = False
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Note every entry of every chunk that is whole (RFC 9112, 7.1)."""
        now = time.perf_counter()
        data = self._rest + data
        if not self._answered:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._rest = head
                return
            if b"content-encoding: gzip" not in head.lower():
                raise RuntimeError(f"screen {self._number} got another answer: {head[:200]!r}")
            self._answered = True
        while True:
            size, found, rest = data.partition(b"\r\n")
            length = int(size, 16) if found else 0
            if not found or len(rest) < length + 2:
                self._rest = data
                return
            self._note(rest[:length], now)
            data = rest[length + 2 :]

    def _note(self, piece: bytes, now: float) -> None:
        if not self.begun.done() and piece != GZIP_HEAD:
            self.begun.set_result(None)
        self._into[0].append(self._number)
        self._into[1].append(number_of(piece))
        self._into[2].append(now)

    def connection_lost(self, exc: Exception | None) -> None:
        """A stream that ends before it begins is an error."""
        if not self.begun.done():
            self.begun.set_exception(RuntimeError(f"screen {self._number} was sent away"))


async def watch(port: int, cookies: list[str], out: Path) -> None:
    """Open the streams, wait for the end of the input, write what came."""
    loop, into = asyncio.get_running_loop(), (array("q"), array("q"), array("d"))
    gate = asyncio.Semaphore(AT_ONCE)

    async def open_one(number: int, cookie: str) -> None:
        head = (
            f"GET {API}/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
            "Accept-Encoding: gzip\r\n\r\n"
        )
        async with gate:
            _, screen = await loop.create_connection(
                lambda: Screen(number, head.encode(), into), "127.0.0.1", port
            )
            async with asyncio.timeout(OPEN_SECONDS):
                await screen.begun

    await asyncio.gather(*(open_one(*one) for one in enumerate(cookies)))
    print("open", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    with out.open("wb") as file:
        for values in into:
            values.tofile(file)
    pieces_of(out).write_text(json.dumps(_PIECES))


def pieces_of(out: Path) -> Path:
    """Where it is written which entries each piece holds."""
    return out.with_suffix(".json")


def main() -> None:
    """As the command says."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    cookies = []
    while line := sys.stdin.readline().strip():
        cookies.append(line)
    asyncio.run(watch(int(sys.argv[1]), cookies, Path(sys.argv[2])))


if __name__ == "__main__":
    main()
