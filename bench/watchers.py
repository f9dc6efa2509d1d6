"""``python -m bench.watchers PORT OUT``: screens that keep the live stream open, as thin as can be.

A process of its own, so that the server's figures are not those of its audience. Reads one session
cookie a line; says ``open`` when every stream has begun; at the end of its input it writes which
entry arrived when: for each receipt the number of the screen and of the entry, and the time.
"""

from __future__ import annotations

import asyncio
import re
import resource
import sys
import time
from array import array
from pathlib import Path

from bench.server import API

AT_ONCE = 25
OPEN_SECONDS = 60.0
_ENTRY = re.compile(rb"\nid: (\d+)\nevent: entry\n")
#: Longer than what ``_ENTRY`` matches: it may come in two pieces.
_TAIL_BYTES = 64

#: Screen, entry and time of each receipt.
Receipts = tuple["array[int]", "array[int]", "array[float]"]


class Screen(asyncio.Protocol):
    """One open stream."""

    def __init__(self, number: int, request: bytes, into: Receipts) -> None:
        self._number = number
        self._request = request
        self._into = into
        self._tail = b""
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Note every entry in this piece."""
        now = time.perf_counter()
        text = self._tail + data
        if not self.begun.done() and b"event: hello" in text:
            self.begun.set_result(None)
        end = 0
        for found in _ENTRY.finditer(text):
            end = found.end()
            self._into[0].append(self._number)
            self._into[1].append(int(found[1]))
            self._into[2].append(now)
        self._tail = text[end:][-_TAIL_BYTES:]

    def connection_lost(self, exc: Exception | None) -> None:
        """A stream that ends before it begins is an error."""
        if not self.begun.done():
            self.begun.set_exception(RuntimeError(f"screen {self._number} was sent away"))


async def watch(port: int, cookies: list[str], out: Path) -> None:
    """Open the streams, wait for the end of the input, write what came."""
    loop, into = asyncio.get_running_loop(), (array("q"), array("q"), array("d"))
    gate = asyncio.Semaphore(AT_ONCE)

    async def open_one(number: int, cookie: str) -> None:
        head = f"GET {API}/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n"
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
