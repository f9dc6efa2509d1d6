"""RTSP 1.0 as a camera speaks it, without any socket: requests out of bytes, answers, passwords."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, urlsplit

LONGEST = 16_384  # bytes of a request at most
REASONS = {
    200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Stream Not Found",
    453: "Not Enough Bandwidth", 454: "Session Not Found", 455: "Method Not Valid in This State",
    461: "Unsupported Transport", 501: "Not Implemented", 503: "Service Unavailable",
}  # fmt: skip
METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN"
Scheme = Literal["none", "basic", "digest"]
REALM = "camera"


class BadRequestError(ValueError):
    """What came is no RTSP."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]

    @property
    def camera(self) -> str:
        """Last part of the path that is not a track."""
        parts = [part for part in urlsplit(self.url).path.split("/") if part]
        while parts and parts[-1].startswith("trackID"):
            parts.pop()
        return parts[-1] if parts else ""

    @property
    def token(self) -> str:
        """``token`` of the query, "" without."""
        # A track's name may have been put behind the query.
        query = urlsplit(self.url).query.split("/", 1)[0]
        return parse_qs(query).get("token", [""])[0]


def take(buffer: bytearray) -> Request | None:
    """The next request out of a buffer, None while it is not whole. Raises ``BadRequestError``.

    What a client sends on the channels of a stream (RTCP) is taken out and left aside.
    """
    while buffer[:1] == b"$":
        if len(buffer) < 4:
            return None
        size = 4 + int.from_bytes(buffer[2:4], "big")
        if len(buffer) < size:
            return None
        del buffer[:size]
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        if len(buffer) > LONGEST:
            raise BadRequestError("A request without an end.")
        return None
    lines = bytes(buffer[:end]).decode("utf-8", "replace").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > LONGEST:
        raise BadRequestError("A body too long, or of no length.")
    if len(buffer) < end + 4 + int(length):
        return None
    del buffer[: end + 4 + int(length)]
    first = lines[0].split(" ")
    if len(first) != 3 or not first[2].startswith("RTSP/"):
        raise BadRequestError("No RTSP request.")
    return Request(first[0], first[1], headers)


def answer(
    status: int, sequence: str, headers: Mapping[str, str] | None = None, body: str = ""
) -> bytes:
    """An answer with its headers."""
    lines = [f"RTSP/1.0 {status} {REASONS[status]}", f"CSeq: {sequence}", "Server: town"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in: one name and password for all cameras of a farm."""

    scheme: Scheme = "none"
    user: str = "admin"
    password: str = ""

    def asks(self, nonce: str) -> str:
        """``WWW-Authenticate``."""
        if self.scheme == "basic":
            return f'Basic realm="{REALM}"'
        return f'Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5'

    def opens(self, request: Request, nonce: str) -> bool:
        """Whether the request's ``Authorization`` is right."""
        given = request.headers.get("authorization", "")
        kind, _, rest = given.partition(" ")
        if self.scheme == "none":
            return True
        if self.scheme == "basic":
            wanted = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            return kind.lower() == "basic" and secrets.compare_digest(rest.strip(), wanted)
        said = dict(re.findall(r'(\w+)="?([^",]*)"?', rest))
        if kind.lower() != "digest" or said.get("nonce") != nonce:
            return False
        ours = _md5(f"{self.user}:{REALM}:{self.password}")
        asked = _md5(f"{request.method}:{said.get('uri', '')}")
        wanted = _md5(f"{ours}:{nonce}:{asked}")
        return said.get("username") == self.user and secrets.compare_digest(
            said.get("response", ""), wanted
        )


def _md5(text: str) -> str:
    # The method of RFC 2617; real cameras know no other.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def channels(transport: str) -> tuple[int, int] | None:
    """The channels that a ``Transport`` header asks for; None where it does not want TCP."""
    for offer in transport.split(","):
        if "RTP/AVP/TCP" in offer.upper():
            found = re.search(r"interleaved=(\d+)-(\d+)", offer)
            pair = (int(found[1]), int(found[2])) if found else (0, 1)
            return pair if max(pair) < 256 else None
    return None
