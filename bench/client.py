"""A thin HTTP/1.1 client: on a machine of two cores a thick one would measure itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

API = "/api/v1"
SECONDS = 30.0


class Refused(RuntimeError):
    """An answer that is no success. ``problem``: what it says."""

    def __init__(self, method: str, path: str, status: int, content: bytes) -> None:
        super().__init__(f"{method} {path}: {status} {content[:500].decode()}")
        self.status = status
        self.problem: dict[str, Any] = json.loads(content)


class Client:
    """One kept-alive connection, one account."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookie = ""
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def sign_in(self, login: str, password: str) -> None:
        """Open a session of this account; later requests are made in it."""
        headers, _ = await self._request(
            "POST", "/session", json.dumps({"login": login, "password": password}).encode()
        )
        self._cookie = headers["set-cookie"].partition(";")[0]

    async def get(self, path: str, **query: object) -> bytes:
        """The body of an answer; any status but 200 raises."""
        asked = urlencode({name: value for name, value in query.items() if value}, doseq=True)
        _, body = await self._request("GET", f"{path}?{asked}" if asked else path)
        return body

    async def json(self, path: str, **query: object) -> Any:
        """The same, read."""
        return json.loads(await self.get(path, **query))

    async def post(self, path: str, body: object, *, version: int | None = None) -> bytes:
        """Send JSON."""
        extra = f'If-Match: "{version}"\r\n' if version is not None else ""
        return (await self._request("POST", path, json.dumps(body).encode(), extra))[1]

    async def events(self, path: str) -> AsyncIterator[bytes]:
        """The lines of an endless answer, until cancelled."""
        reader = await self._send("GET", path, None, "")
        await _head(reader)
        while line := await reader.readline():
            yield line

    async def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()

    async def _request(
        self, method: str, path: str, body: bytes | None = None, extra: str = ""
    ) -> tuple[dict[str, str], bytes]:
        async with asyncio.timeout(SECONDS):
            reader = await self._send(method, path, body, extra)
            status, headers = await _head(reader)
            content = await reader.readexactly(int(headers.get("content-length", "0")))
        if status >= 300:
            raise Refused(method, path, status, content)
        return headers, content

    async def _send(
        self, method: str, path: str, body: bytes | None, extra: str
    ) -> asyncio.StreamReader:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        head = f"{method} {API}{path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
        head += f"X-Requested-With: streetwise\r\n{extra}"
        if self._cookie:
            head += f"Cookie: {self._cookie}\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self._writer.write(head.encode() + b"\r\n" + (body or b""))
        await self._writer.drain()
        return self._reader


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        # The first of several: the session's cookie comes before the one that is taken away.
        headers.setdefault(name.lower(), value.strip())
    return int(lines[0].split(" ")[1]), headers
