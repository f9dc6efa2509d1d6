"""RTSP on the wire: requests, responses and interleaved frames (RFC 2326, RFC 7826).

Sans-IO: :func:`read_message` takes one message from a buffer, :class:`Reader` cuts a whole
connection into messages, however its bytes were chunked. Sizes are bounded. Whatever is not
RTSP raises :class:`~streetwise.discover.streams.errors.Malformed` and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from streetwise.discover.streams.errors import Malformed

DOLLAR = 0x24  # begins an interleaved frame
FRAME_HEAD = 4  # dollar, channel, two bytes of length

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VERSION = re.compile(r"RTSP/\d\.\d")
_DIGITS = re.compile(r"[0-9]{1,9}")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """The most bytes that a message may have before its body, and in its body."""

    head_bytes: int = 32_768
    body_bytes: int = 262_144


@dataclass(frozen=True, slots=True)
class Request:
    """What one side asks for."""

    method: str
    uri: str
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What the other side says to it."""

    status: int
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Interleaved:
    """One RTP or RTCP packet inside the RTSP connection."""

    channel: int
    payload: bytes


Message = Request | Response


def header(message: Message, name: str) -> str | None:
    """The first header of that name, in any case of letters."""
    wanted = name.lower()
    return next((value for key, value in message.headers if key.lower() == wanted), None)


def all_headers(message: Message, name: str) -> tuple[str, ...]:
    """All headers of that name, in order."""
    wanted = name.lower()
    return tuple(value for key, value in message.headers if key.lower() == wanted)


def cseq(message: Message) -> int | None:
    """The sequence number of a message; None where it has none that can be read."""
    value = (header(message, "CSeq") or "").strip()
    return int(value) if _DIGITS.fullmatch(value) else None


def read_message(
    buffer: bytes | bytearray, start: int, end: int, limits: Limits
) -> tuple[Message, int] | None:
    """The message at ``start`` and where it ends; None while it is not whole.

    Empty lines before it are passed over (some cameras send them after a body).
    """
    while start < end and buffer[start] in b"\r\n":
        start += 1
    if start == end:
        return None
    # A message may not be longer than allowed, whether its end has come or not.
    most = start + limits.head_bytes
    break_at = buffer.find(b"\r\n\r\n", start, min(end, most))
    if break_at < 0:
        if end >= most:
            raise Malformed("a message without an end to its headers")
        _looks_like_rtsp(buffer, start, end)
        return None
    lines = bytes(buffer[start:break_at]).decode("utf-8", "replace").split("\r\n")
    headers = _headers(lines[1:])
    length = _length(headers)
    if length > limits.body_bytes:
        raise Malformed("a message with a body that is too long")
    body_at = break_at + 4
    if end - body_at < length:
        _first_line(lines[0], headers, b"")
        return None
    body = bytes(buffer[body_at : body_at + length])
    return _first_line(lines[0], headers, body), body_at + length


def _looks_like_rtsp(buffer: bytes | bytearray, start: int, end: int) -> None:
    """Stop early at bytes that cannot begin a message: controls before the end of its line."""
    for byte in buffer[start : min(end, start + 16)]:
        if byte in b"\r\n":
            return
        if byte < 0x20 or byte == 0x7F:
            raise Malformed("bytes that are neither a message nor an interleaved frame")


def _has_control(text: str) -> bool:
    return any(letter < " " or letter == "\x7f" for letter in text)


def _first_line(line: str, headers: Headers, body: bytes) -> Message:
    if _has_control(line):
        raise Malformed("a first line with controls in it")
    first, _, rest = line.partition(" ")
    if _VERSION.fullmatch(first):
        status, _, reason = rest.partition(" ")
        if not re.fullmatch(r"[1-5][0-9]{2}", status):
            raise Malformed("a response without a status")
        return Response(int(status), reason.strip(), headers, body)
    uri, _, version = rest.rpartition(" ")
    if _TOKEN.fullmatch(first) and uri and " " not in uri and _VERSION.fullmatch(version):
        return Request(first, uri, headers, body)
    raise Malformed("a first line that is neither a request nor a response")


def _headers(lines: Iterable[str]) -> Headers:
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and headers:  # a folded line belongs to the one before
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if not colon or not _TOKEN.fullmatch(name.strip()):
            raise Malformed("a header without a name")
        headers.append((name.strip(), value.strip()))
    return tuple(headers)


def _length(headers: Headers) -> int:
    for name, value in headers:
        if name.lower() == "content-length":
            if not _DIGITS.fullmatch(value):
                raise Malformed("a Content-Length that is no number")
            return int(value)
    return 0


def _safe(text: str) -> str:
    """A part of a line that cannot begin another one."""
    if _has_control(text):
        raise Malformed("a control character in a message of our own")
    return text


def format_message(message: Message) -> bytes:
    """The bytes of a message; its Content-Length is written here."""
    if isinstance(message, Request):
        if not _TOKEN.fullmatch(message.method) or not message.uri or " " in message.uri:
            raise Malformed("a request without a proper method or address")
        lines = [f"{message.method} {_safe(message.uri)} RTSP/1.0"]
    else:
        lines = [f"RTSP/1.0 {message.status:03d} {_safe(message.reason)}"]
    for name, value in message.headers:
        if not _TOKEN.fullmatch(name) or name.lower() == "content-length":
            raise Malformed("a header that is not ours to write")
        lines.append(f"{name}: {_safe(value)}")
    if message.body:
        lines.append(f"Content-Length: {len(message.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace") + message.body


def format_frame(channel: int, payload: bytes) -> bytes:
    """An interleaved frame: at most 65,535 bytes on channel 0 to 255."""
    if not 0 <= channel <= 0xFF or len(payload) > 0xFFFF:
        raise Malformed("an interleaved frame that is too long")
    return bytes((DOLLAR, channel)) + len(payload).to_bytes(2, "big") + payload


class Reader:
    """One connection's bytes in, its messages and frames out; for servers, tests and talk.

    The receiving of video goes by ``sieve``, which copies less.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message | Interleaved]:
        """What is whole after ``data``. After a Malformed the connection is of no use any more."""
        self._buffer += data
        found: list[Message | Interleaved] = []
        at = 0
        while at < len(self._buffer):
            taken = self._one(at)
            if taken is None:
                break
            item, at = taken
            found.append(item)
        del self._buffer[:at]
        return found

    def _one(self, at: int) -> tuple[Message | Interleaved, int] | None:
        buffer = self._buffer
        if buffer[at] != DOLLAR:
            return read_message(buffer, at, len(buffer), self._limits)
        if len(buffer) - at < FRAME_HEAD:
            return None
        until = at + FRAME_HEAD + int.from_bytes(buffer[at + 2 : at + 4], "big")
        if len(buffer) < until:
            return None
        return Interleaved(buffer[at + 1], bytes(buffer[at + FRAME_HEAD : until])), until
