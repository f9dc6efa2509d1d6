"""Pictures that cameras push: a small HTTP listener inside ``streetwise discover``.

The web process never sees them: they come unmasked, so they go by memory from this listener to the
camera's eye, which decodes, looks and masks, and lie nowhere in between. Only the latest of a
camera counts: one that comes too soon, or while its eye is away, is refused and not kept.

``PUT`` or ``POST /push/{camera}`` with a whole JPEG and the camera's token, as
``Authorization: Bearer`` or as the password of ``Basic``. docs/reference/pushed-pictures.md.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from streetwise.discover.engine.wire import Message
from streetwise.discover.streams.errors import Malformed, Reason
from streetwise.discover.streams.health import CameraHealth, Line
from streetwise.discover.streams.jpeg import check_jpeg
from streetwise.kernel.errors import Unavailable

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATH = "/push/"


@dataclass(frozen=True, slots=True)
class PushRules:
    """``picture_bytes``, ``picture_pixels``: of the largest picture. ``least_seconds``: between two
    of one camera. ``receive_seconds``: a picture has to come within. ``silent_seconds``: without a
    picture for so long a camera is down. ``connections_most``: at once, of all cameras.
    """

    picture_bytes: int = 2 * 2**20
    picture_pixels: int = 9_000_000
    least_seconds: float = 0.5
    receive_seconds: float = 15.0
    silent_seconds: float = 300.0
    connections_most: int = 256


@dataclass(slots=True)
class _Pusher:
    print: bytes
    health: CameraHealth
    taken_at: float = float("-inf")
    receiving: bool = False


def listening(host: str, port: int) -> socket.socket:
    """A socket for ``Pushes.serve``. Raises Unavailable where somebody has the port."""
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        raise Unavailable(
            f"Cannot listen for pushed pictures on {host}:{port} ({error.strerror}); choose"
            " another port by STREETWISE_DISCOVER_PUSH_PORT.",
            code="port_taken",
            port=port,
        ) from error


class Pushes:
    """Who may push, and the listener.

    ``print_of``: the keyed hash of a token. ``give``: takes a camera's picture at once and says
    whether anybody looks (``Shard.push``). ``heard``: told of outages, as of any stream.
    """

    def __init__(
        self,
        print_of: Callable[[str], bytes],
        give: Callable[[str, bytes], bool],
        heard: Callable[[Message], None],
        rules: PushRules | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._print_of, self._give, self._heard = print_of, give, heard
        self._rules, self._clock = rules or PushRules(), clock
        self._pushers: dict[str, _Pusher] = {}

    def allow(self, prints: Mapping[str, bytes]) -> None:
        """From now on these cameras by these prints, and no others."""
        for gone in self._pushers.keys() - prints.keys():
            del self._pushers[gone]
        for camera, known in prints.items():
            if camera in self._pushers:
                self._pushers[camera].print = known
            else:
                health = CameraHealth(
                    camera, self._clock(), down_after_s=self._rules.silent_seconds, up_pictures=1
                )
                self._pushers[camera] = _Pusher(known, health)

    def look(self) -> None:
        """Say which cameras have fallen silent; to be called now and then."""
        now = self._clock()
        for one in self._pushers.values():
            one.health.failed(Reason.SILENT)
            self._say(one.health.tick(now))

    async def serve(self, listener: socket.socket) -> None:
        """Take what comes to a socket that listens, until cancelled."""
        server = _Server(
            uvicorn.Config(
                self,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                limit_concurrency=self._rules.connections_most,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=1,
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not serving.done():
                self.look()
                await asyncio.wait([serving], timeout=1.0)
            serving.result()
        finally:
            server.should_exit = True
            await asyncio.wait([serving])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI gives it."""
        status, more = await self._answer(scope, receive)
        headers = [(b"content-length", b"0"), *more]
        if status >= 400:
            # What is left of a body that is not wanted is not read.
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _answer(
        self, scope: Scope, receive: Receive
    ) -> tuple[int, list[tuple[bytes, bytes]]]:
        path: str = scope["path"]
        if scope["type"] != "http" or not path.startswith(PATH):
            return 404, []
        if scope["method"] not in ("PUT", "POST"):
            return 405, [(b"allow", b"PUT, POST")]
        headers = {name.lower(): value for name, value in scope["headers"]}
        one = self._pusher(path.removeprefix(PATH), headers.get(b"authorization", b""))
        if one is None:
            return 401, [(b"www-authenticate", b'Basic realm="push"')]
        if one.receiving or self._clock() - one.taken_at < self._rules.least_seconds:
            return 429, [(b"retry-after", b"1")]
        one.receiving = True
        try:
            return await self._taken(one, headers, receive), []
        finally:
            one.receiving = False

    def _pusher(self, camera: str, authorization: bytes) -> _Pusher | None:
        """Whoever the token is of; the same answer where the camera or the token is none."""
        token = _token(authorization)
        one = self._pushers.get(camera)
        # Worked out in any case: how long it takes says nothing of which cameras there are.
        right = hmac.compare_digest(self._print_of(token), one.print if one else b"")
        return one if right and token else None

    async def _taken(self, one: _Pusher, headers: Mapping[bytes, bytes], receive: Receive) -> int:
        kind = headers.get(b"content-type", b"image/jpeg").split(b";")[0].strip().lower()
        if kind not in (b"image/jpeg", b"image/jpg", b"application/octet-stream"):
            return 415
        try:
            async with asyncio.timeout(self._rules.receive_seconds):
                jpeg = await self._body(headers, receive)
        except TimeoutError:
            return 408
        if jpeg is None:
            return 413
        try:
            # The header only: it is decoded where a decoder may crash (engine/eye.py).
            check_jpeg(
                jpeg,
                most_bytes=self._rules.picture_bytes,
                most_pixels=self._rules.picture_pixels,
            )
        except Malformed:
            return 415
        now = self._clock()
        one.taken_at = now
        if not self._give(one.health.camera, jpeg):
            return 503
        self._say(one.health.picture(now))
        return 204

    async def _body(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes | None:
        """The whole body; None where it is too large, or nobody sends it any more."""
        told = headers.get(b"content-length", b"0")
        if not told.isdigit() or int(told) > self._rules.picture_bytes:
            return None
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self._rules.picture_bytes:
                return None
            if not message.get("more_body"):
                return bytes(body)

    def _say(self, line: Line | None) -> None:
        if line is not None:
            fields = {
                "camera": line.camera,
                "up": line.up,
                "reason": line.reason.value,
                "words": line.words,
                "lasted_seconds": line.lasted_s,
            }
            self._heard(Message("line", fields))


class _Server(uvicorn.Server):
    """Signals are the program's own affair (``kernel/ending.py``)."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _token(authorization: bytes) -> str:
    """What is given as a token: bearer, or the password of Basic. Empty: none."""
    scheme, _, given = authorization.decode("latin-1").strip().partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
