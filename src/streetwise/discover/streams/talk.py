"""What an RTSP client reads out of answers: transport, session, redirect, and the status's reason.

Small pure helpers of ``session``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from streetwise.discover.streams.address import Address, read_address
from streetwise.discover.streams.errors import WORDS, Malformed, Reason
from streetwise.discover.streams.messages import Response, header

TIMEOUT_S = 60.0  # of a session whose server names none (RFC 2326 §12.37)

_SESSION = re.compile(r"([^\s;]{1,256})\s*(?:;.*)?")
_TIMEOUT = re.compile(r";\s*timeout\s*=\s*([0-9]{1,6})", re.IGNORECASE)
_INTERLEAVED = re.compile(r"interleaved\s*=\s*([0-9]{1,3})(?:-([0-9]{1,3}))?", re.IGNORECASE)

_REASONS = {
    401: Reason.UNAUTHORISED,
    403: Reason.UNAUTHORISED,
    407: Reason.UNAUTHORISED,
    404: Reason.NOT_FOUND,
    410: Reason.NOT_FOUND,
    454: Reason.NOT_FOUND,
    415: Reason.UNSUPPORTED,
    459: Reason.UNSUPPORTED,
    461: Reason.UNSUPPORTED,
    453: Reason.BUSY,
    503: Reason.BUSY,
}


@dataclass(frozen=True, slots=True)
class Playing:
    """The stream has begun."""


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over, and why; ``words`` are for logs and hold no address and no answer's text."""

    reason: Reason
    words: str = ""

    @property
    def said(self) -> str:
        """The words, or those of the reason."""
        return self.words or WORDS[self.reason]


@dataclass(frozen=True, slots=True)
class Moved:
    """The server sent us elsewhere: connect there."""

    address: Address


def failure(method: str, status: int) -> Ended:
    """Why a request was refused."""
    reason = _REASONS.get(status, Reason.REJECTED)
    return Ended(reason, f"{WORDS[reason]} ({method}: {status})")


def read_session(response: Response) -> tuple[str, float] | None:
    """The session's id and its timeout in seconds; None where the answer names none."""
    value = header(response, "Session")
    match = _SESSION.fullmatch(value or "")
    if value is None or match is None:
        return None
    timeout = _TIMEOUT.search(value)
    return match[1], float(timeout[1]) if timeout and int(timeout[1]) else TIMEOUT_S


def read_channels(response: Response) -> tuple[int, int] | None:
    """The interleaved channels for video and its RTCP; None where it is not interleaved."""
    value = header(response, "Transport") or ""
    match = _INTERLEAVED.search(value)
    if match is None:
        return None
    first = int(match[1])
    second = int(match[2]) if match[2] else first + 1
    if max(first, second) > 0xFF or first == second:
        return None
    return first, second


def read_redirect(
    response: Response, now_at: Address, *, other_hosts: bool, left: int
) -> Moved | Ended:
    """Where a 3xx answer leads, if we may go there: the same host, unless others are allowed."""
    if left <= 0:
        return Ended(Reason.REDIRECTED, "redirected too often")
    try:
        target = read_address(header(response, "Location") or "")
    except Malformed as error:
        return Ended(Reason.REDIRECTED, f"redirected to {error}")
    if target.host != now_at.host and not other_hosts:
        return Ended(Reason.REDIRECTED)
    if now_at.secure and not target.secure:
        return Ended(Reason.REDIRECTED, "redirected from TLS to no TLS")
    return Moved(target)
