"""The farm over HTTP: snapshots, a catalogue as WVP-type platforms give it, faults, figures.

The catalogue speaks the few calls of WVP-PRO that an import needs: login, devices, channels, and
play, which hands out an address that may expire. One request a connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .clips import Clip, other_parameters, without_keys
from .encode import jpeg
from .farm import Farm, Fault

LONGEST = 65_536
#: The one device under which the platform lists all cameras.
DEVICE = "34020000001110000001"
_KINDS = (
    "drop", "stall", "wrong_seq", "close", "unauthorised", "missing", "rate", "no_keys",
    "parameters",
)  # fmt: skip
Row = Mapping[str, str]
Answer = tuple[int, str, bytes]


@dataclass(frozen=True, slots=True)
class _Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class Gateway:
    """``rows``: of the town's table of cameras; ``rtsp``: host and port of the farm."""

    def __init__(self, farm: Farm, rows: Sequence[Row], rtsp: str) -> None:
        self._farm, self._rows, self._rtsp = farm, rows, rtsp
        self._logins: set[str] = set()
        self._before: dict[str, str] = {}  # camera with a clip of its own → what it showed before
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        """Listen on loopback; the port. Raises ``OSError``."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=LONGEST)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close it."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(15):
                status, kind, body = await self._answered(reader)
                head = (
                    f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\n"
                    f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                )
                writer.write(head.encode() + body)
                await writer.drain()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError,
                asyncio.LimitOverrunError):  # fmt: skip
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answered(self, reader: asyncio.StreamReader) -> Answer:
        asked = await _read(reader)
        if asked is None:
            return _json(400, {"code": 400, "msg": "bad request"})
        path = asked.path
        if path.startswith("/snapshot/"):
            return await self._snapshot(path.removeprefix("/snapshot/").removesuffix(".jpg"))
        if path == "/farm":
            return _json(200, self._figures())
        if path == "/farm/faults" and asked.method == "POST":
            return await self._fault(asked.body)
        if path == "/api/user/login":
            return self._login(asked)
        if path.startswith("/api/"):
            if self._farm.rules.door.scheme != "none" and (
                asked.headers.get("access-token", "") not in self._logins
            ):
                return _json(401, {"code": 401, "msg": "please login"})
            return self._catalogue(path, asked.query)
        return _json(404, {"code": 404, "msg": "not found"})

    async def _snapshot(self, camera: str) -> Answer:
        channel = self._farm.channel_of(camera)
        fault = self._farm.fault_of(camera)
        if channel is None or (fault is not None and fault.kind in ("missing", "unauthorised")):
            return _json(404, {"code": 404, "msg": "no picture"})
        if fault is not None and fault.kind == "stall":
            await asyncio.sleep(14)
        group = channel.clip.groups[min(channel.group, len(channel.clip.groups) - 1)]
        first = channel.clip.first if channel.clip.coding.refresh else group.first
        data = await asyncio.to_thread(jpeg, first, channel.clip.coding.codec)
        return 200, "image/jpeg", data

    def _figures(self) -> dict[str, Any]:
        farm = self._farm
        return {
            "cameras": len(farm.cameras), "with_picture": sum(
                farm.channel_of(code) is not None for code in farm.cameras),
            "channels": len(farm.channels), "connections": len(farm.connections),
            "sessions": len(farm.sessions), "refused": farm.refused, "late": farm.late,
            "pictures_sent": farm.sent,
            "pictures_lost": sum(session.lost for session in farm.sessions),
            "clip_bytes": sum(c.clip.size for c in farm.channels.values()),
        }  # fmt: skip

    async def _fault(self, body: bytes) -> Answer:
        """``{"camera": …, "kind": …, "seconds": …, "every": …}``; kind "none" ends it."""
        try:
            said = json.loads(body)
            camera, kind = str(said["camera"]), str(said["kind"])
            seconds, every = float(said.get("seconds", 60)), int(said.get("every", 10))
        except (ValueError, KeyError, TypeError):
            return _json(400, {"code": 400, "msg": "camera and kind, please"})
        channel = self._farm.channel_of(camera)
        if channel is None or kind not in (*_KINDS, "none") or every < 1 or not seconds > 0:
            return _json(404, {"code": 404, "msg": "no such camera or fault"})
        if kind == "none":
            self._farm.fault(camera, None)
            if camera in self._before:
                self._farm.shared(camera, self._before.pop(camera))
            return _json(200, {"code": 0})
        if kind in ("no_keys", "parameters"):
            made: Callable[[Clip], Clip] = without_keys if kind == "no_keys" else other_parameters
            self._before.setdefault(camera, channel.name)
            self._farm.own(camera, await asyncio.to_thread(made, channel.clip))
        fault = Fault(kind, self._farm.clock() + seconds, every)  # type: ignore[arg-type]
        self._farm.fault(camera, fault)
        return _json(200, {"code": 0})

    def _login(self, asked: _Asked) -> Answer:
        door = self._farm.rules.door
        wanted = hashlib.md5(door.password.encode(), usedforsecurity=False).hexdigest()
        right = asked.query.get("username") == door.user and secrets.compare_digest(
            asked.query.get("password", ""), wanted
        )
        if door.scheme != "none" and not right:
            return _json(200, {"code": 100, "msg": "用户名或密码错误", "data": None})
        token = secrets.token_urlsafe(16)
        if len(self._logins) > 1_000:
            self._logins.clear()
        self._logins.add(token)
        return _wvp({"username": door.user, "accessToken": token})

    def _catalogue(self, path: str, query: Mapping[str, str]) -> Answer:
        parts = path.strip("/").split("/")
        if parts[:4] == ["api", "device", "query", "devices"]:
            if len(parts) == 4:
                device = {
                    "deviceId": DEVICE, "name": "town", "manufacturer": "town", "onLine": True,
                    "channelCount": len(self._rows), "transport": "TCP",
                }  # fmt: skip
                return _wvp({"total": 1, "list": [device]})
            if len(parts) == 6 and parts[4] == DEVICE and parts[5] == "channels":
                return self._channels(query)
        if parts[:3] == ["api", "play", "start"] and len(parts) == 5 and parts[3] == DEVICE:
            return self._play(parts[4])
        if parts[:3] == ["api", "play", "stop"]:
            return _wvp(None)
        return _json(404, {"code": 404, "msg": "not found"})

    def _channels(self, query: Mapping[str, str]) -> Answer:
        try:
            page, count = int(query.get("page", "1")), int(query.get("count", "15"))
        except ValueError:
            return _json(400, {"code": 400, "msg": "page and count are numbers"})
        if page < 1 or not 1 <= count <= 1_000:
            return _json(400, {"code": 400, "msg": "page from 1, count from 1 to 1000"})
        rows = self._rows[(page - 1) * count : page * count]
        found = [
            {
                "deviceId": DEVICE, "channelId": row["code"], "name": row["name"],
                "manufacture": "town", "status": self._farm.channel_of(row["code"]) is not None,
                "longitude": float(row["lon"]), "latitude": float(row["lat"]),
                "hasAudio": False, "ptzType": 0,
            }
            for row in rows
        ]  # fmt: skip
        return _wvp({"total": len(self._rows), "pageNum": page, "pageSize": count, "list": found})

    def _play(self, camera: str) -> Answer:
        if self._farm.channel_of(camera) is None:
            return _json(200, {"code": 100, "msg": "通道不在线", "data": None})
        token = f"?token={self._farm.token(camera)}" if self._farm.rules.token_s else ""
        url = f"rtsp://{self._rtsp}/rtp/{camera}{token}"
        return _wvp({"app": "rtp", "stream": camera, "rtsp": url})


async def _read(reader: asyncio.StreamReader) -> _Asked | None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = head.split("\r\n")
    first = lines[0].split(" ")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    length = headers.get("content-length", "0")
    if len(first) != 3 or not length.isdecimal() or int(length) > LONGEST:
        return None
    body = await reader.readexactly(int(length))
    parts = urlsplit(first[1])
    return _Asked(first[0], unquote(parts.path), dict(parse_qsl(parts.query)), headers, body)


def _json(status: int, body: Any) -> Answer:
    return status, "application/json", json.dumps(body, ensure_ascii=False).encode()


def _wvp(data: Any) -> Answer:
    return _json(200, {"code": 0, "msg": "成功", "data": data})
