"""Fresh play addresses from a video platform (GB/T 28181 behind a media gateway, WVP-style).

A platform hands out an address that works for a while: ``GET /api/play/start/DEVICE/CHANNEL``
answers ``{"code": 0, "data": {"rtsp": "rtsp://…", "rtsps": "rtsps://…", …}}``. Asked anew for every
connection.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from streetwise.discover.streams.tls import client_context

#: The header in which WVP expects its token, unless the set-up names another.
TOKEN_HEADER = "access-token"  # noqa: S105 - the name of a header
ANSWER_BYTES = 65_536


class NoAddress(Exception):
    """The platform gave no play address; the message says why and holds no address."""


def play_of(
    address: str,
    token: str = "",
    header: str = TOKEN_HEADER,
    *,
    authorities: str = "",
    secure: bool = False,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Callable[[], Awaitable[str]]:
    """A function that asks the platform at ``address`` for a play address. It raises NoAddress.

    ``authorities``: who vouches for its certificate over https (``streams/tls.py``). ``secure``:
    no address is taken but one of TLS; else the one that the platform calls ``rtsp``.
    """

    async def play() -> str:
        headers = {header or TOKEN_HEADER: token} if token else {}
        try:
            # Over http there is nothing to verify, and redirects to https are not followed.
            verify = client_context(authorities) if address.lower().startswith("https:") else False
            async with (
                httpx.AsyncClient(transport=transport, trust_env=False, verify=verify) as client,
                client.stream("GET", address, headers=headers) as answer,
            ):
                return _rtsp(json.loads(await _body(answer)), secure)
        except httpx.HTTPError:
            raise NoAddress("the platform does not answer") from None
        except ValueError:
            raise NoAddress("the platform's answer is no JSON") from None
        except OSError:
            raise NoAddress("the file of authorities cannot be read") from None

    return play


async def _body(answer: httpx.Response) -> bytes:
    """Its bytes, of which no more are read than an answer may have."""
    if answer.status_code != 200:
        raise NoAddress(f"the platform answers {answer.status_code}")
    body = bytearray()
    async for part in answer.aiter_bytes(ANSWER_BYTES):
        body += part
        if len(body) > ANSWER_BYTES:
            raise NoAddress("the platform's answer is too long")
    return bytes(body)


def _rtsp(answer: Any, secure: bool) -> str:
    if isinstance(answer, dict) and answer.get("code", 0) not in (0, "0"):
        raise NoAddress("the platform refuses")
    data = answer.get("data", answer) if isinstance(answer, dict) else None
    address = data.get("rtsps" if secure else "rtsp") if isinstance(data, dict) else None
    begins = "rtsps://" if secure else ("rtsp://", "rtsps://")
    if not isinstance(address, str) or not address.lower().startswith(begins):
        raise NoAddress("there is no RTSP address in the platform's answer")
    return address
