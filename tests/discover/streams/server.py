"""A camera to talk to: scripted, sans-IO, and a small loopback server around it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from discover.streams.clips import PAYLOAD_TYPE, Picture, framed, packets, sets_of

from streetwise.discover.streams.messages import (
    Headers,
    Interleaved,
    Reader,
    Request,
    Response,
    cseq,
    format_message,
    header,
)
from streetwise.discover.values import Codec

NONCE = "0123456789abcdef"


@dataclass
class Script:
    """What a camera does. ``statuses``: answers instead of 200, one after the other, by method."""

    codec: Codec = "h264"
    sets: Sequence[bytes] = ()
    stream: bytes = b""  # interleaved frames, sent after PLAY
    after: Literal["wait", "close"] = "wait"
    on_alive: list[bytes] = field(default_factory=list)  # more of it, one part per keep-alive
    login: tuple[str, str] | None = None
    algorithm: str | None = "MD5"  # None: Basic
    stale_once: bool = False
    location: str = ""
    public: str = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"
    timeout: str = ";timeout=60"
    sdp: bytes | None = None
    base: str | None = None
    channels: str = "0-1"
    statuses: dict[str, list[int]] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()  # methods that get no answer


def playing(codec: Codec, pictures: Sequence[Picture], **more: object) -> Script:
    """A camera that sends a clip."""
    script = Script(codec, sets_of(codec, pictures), framed(packets(codec, pictures)))
    for name, value in more.items():
        setattr(script, name, value)
    return script


class Camera:
    """One connection's other side, without a socket."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Request] = []
        self.played = False
        self.gone = False
        self._reader = Reader()
        self._counts: list[int] = []
        self._nonces = 0

    @property
    def methods(self) -> list[str]:
        return [one.method for one in self.asked]

    def feed(self, data: bytes) -> bytes:
        """Requests in, answers (and after PLAY the stream) out."""
        out = b""
        for item in self._reader.feed(data):
            if isinstance(item, Request):
                self.asked.append(item)
                out += self._answer(item)
            else:
                assert not isinstance(item, Interleaved)
        return out

    def _answer(self, request: Request) -> bytes:
        script = self.script
        if request.method in script.silent:
            return b""
        if script.login is not None and not self._proved(request):
            return self._respond(request, 401, (("WWW-Authenticate", self._challenge()),))
        queue = script.statuses.get(request.method)
        status = queue.pop(0) if queue else 200
        if 300 <= status < 400:
            return self._respond(request, status, (("Location", script.location),))
        if status != 200:
            return self._respond(request, status)
        if request.method == "OPTIONS":
            return self._respond(request, 200, (("Public", script.public),))
        if request.method == "DESCRIBE":
            base = request.uri + "/" if script.base is None else script.base
            return self._respond(request, 200, (("Content-Base", base),), self._sdp())
        if request.method == "SETUP":
            transport = f"RTP/AVP/TCP;unicast;interleaved={script.channels}"
            session = (("Session", "77" + script.timeout), ("Transport", transport))
            return self._respond(request, 200, session)
        answer = self._respond(request, 200)
        if request.method == "PLAY":
            self.played = True
            self.gone = script.after == "close"
            return answer + script.stream
        self.gone = self.gone or request.method == "TEARDOWN"
        if request.method == "GET_PARAMETER" and script.on_alive:
            return answer + script.on_alive.pop(0)
        return answer

    def _respond(
        self, request: Request, status: int, headers: Headers = (), body: bytes = b""
    ) -> bytes:
        number = (("CSeq", str(cseq(request))),)
        return format_message(Response(status, "Said", number + headers, body))

    def _sdp(self) -> bytes:
        script = self.script
        if script.sdp is not None:
            return script.sdp
        coded = [base64.b64encode(one).decode() for one in script.sets]
        if script.codec == "h264":
            sprop = "sprop-parameter-sets=" + ",".join(coded)
        else:
            sprop = ";".join(
                f"sprop-{name}={one}"
                for name, one in zip(("vps", "sps", "pps"), coded, strict=False)
            )
        name = script.codec.upper()
        return (
            f"v=0\r\ns=-\r\na=control:*\r\nm=video 0 RTP/AVP {PAYLOAD_TYPE}\r\n"
            f"a=rtpmap:{PAYLOAD_TYPE} {name}/90000\r\na=fmtp:{PAYLOAD_TYPE} {sprop}\r\n"
            "a=control:trackID=1\r\n"
        ).encode()

    def _challenge(self) -> str:
        self._nonces += 1
        if self.script.algorithm is None:
            return 'Basic realm="cam"'
        stale = ", stale=true" if self.script.stale_once and self._nonces == 2 else ""
        return (
            f'Digest realm="cam", nonce="{NONCE}{self._nonces}", qop="auth", '
            f"algorithm={self.script.algorithm}{stale}"
        )

    def _proved(self, request: Request) -> bool:
        """Checked from the wire, by the formula of RFC 7616, not by the code under test."""
        assert self.script.login is not None
        user, password = self.script.login
        value = header(request, "Authorization") or ""
        if self.script.algorithm is None:
            return value == "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        parts = dict(re.findall(r'(\w+)="?([^",]*)"?', value))
        if not value.startswith("Digest ") or (self.script.stale_once and self._nonces < 2):
            return False
        name = "md5" if self.script.algorithm == "MD5" else "sha256"

        def h(text: str) -> str:
            return hashlib.new(name, text.encode()).hexdigest()

        secret, asked = h(f"{user}:cam:{password}"), h(f"{request.method}:{request.uri}")
        once = f"{parts.get('nonce')}:{parts.get('nc')}:{parts.get('cnonce')}:auth"
        fresh = parts.get("nonce") == f"{NONCE}{self._nonces}" and parts.get("uri") == request.uri
        return fresh and parts.get("response") == h(f"{secret}:{once}:{asked}")


class Server:
    """Many cameras on one loopback port, each under its path."""

    def __init__(self) -> None:
        self.scripts: dict[str, Callable[[], Script]] = {}
        self.cameras: dict[str, list[Camera]] = {}
        self.open: Counter[str] = Counter()
        self.most_open = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, name: str, *scripts: Script) -> str:
        """A camera that follows these scripts, one per connection, the last for ever."""
        queue = list(scripts)
        self.scripts[name] = lambda: queue.pop(0) if len(queue) > 1 else queue[0]
        self.cameras[name] = []
        return self.url(name)

    def url(self, name: str) -> str:
        return f"rtsp://127.0.0.1:{self.port}/{name}"

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        camera: Camera | None = None
        name = ""
        try:
            while data := await reader.read(65_536):
                if camera is None:
                    name = data.split(b" ")[1].decode().split("/")[3]
                    camera = Camera(self.scripts[name]())
                    self.cameras[name].append(camera)
                    self.open[name] += 1
                    self.most_open = max(self.most_open, sum(self.open.values()))
                writer.write(camera.feed(data))
                await writer.drain()
                if camera.gone:
                    return
        finally:
            if camera is not None:
                self.open[name] -= 1
