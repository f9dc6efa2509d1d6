"""One picture on demand: a JPEG over HTTP, or the first key picture of an RTSP stream."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable

import httpx

from streetwise.discover.streams.address import Address, read_address
from streetwise.discover.streams.digest import (
    Credentials,
    authorization,
    read_challenges,
    strongest,
)
from streetwise.discover.streams.errors import Malformed, Reason
from streetwise.discover.streams.jpeg import check_jpeg
from streetwise.discover.streams.session import RtspSession
from streetwise.discover.streams.settings import StreamSettings
from streetwise.discover.streams.smart import SmartRule
from streetwise.discover.streams.talk import Ended, Moved, failure
from streetwise.discover.streams.wire import connect
from streetwise.discover.values import CodedPicture


class NoPicture(Exception):
    """No picture could be had; ``ended`` says why, without an address."""

    def __init__(self, ended: Ended) -> None:
        super().__init__(ended.said)
        self.ended = ended


async def http_picture(
    camera: str,
    url: str,
    settings: StreamSettings,
    *,
    who: Credentials | None = None,
    clock: Callable[[], float] = time.monotonic,
    transport: httpx.AsyncBaseTransport | None = None,
) -> CodedPicture:
    """A JPEG from a camera's snapshot address. Redirects are not followed. Raises NoPicture."""
    try:
        address = read_address(url, schemes=("http", "https"))
        async with (
            asyncio.timeout(settings.snapshot_s),
            httpx.AsyncClient(
                timeout=settings.answer_s, transport=transport, trust_env=False
            ) as client,
        ):
            data = await _get(client, address, address.who or who, settings)
        check_jpeg(data, most_bytes=settings.jpeg_bytes, most_pixels=settings.jpeg_pixels)
    except Malformed as error:
        raise NoPicture(Ended(Reason.GARBLED, f"garbled: {error}")) from None
    except (TimeoutError, httpx.TimeoutException):
        raise NoPicture(Ended(Reason.TIMED_OUT)) from None
    except httpx.HTTPError:  # its message may hold the address
        raise NoPicture(Ended(Reason.REFUSED)) from None
    return CodedPicture(camera, "jpeg", data, clock())


async def _get(
    client: httpx.AsyncClient, address: Address, who: Credentials | None, settings: StreamSettings
) -> bytes:
    headers: dict[str, str] = {}
    for attempt in range(2):
        async with client.stream("GET", address.url, headers=headers) as response:
            if response.status_code == 401 and attempt == 0 and who is not None:
                challenge = strongest(
                    read_challenges(response.headers.get_list("WWW-Authenticate"))
                )
                if challenge is not None:
                    target = response.request.url.raw_path.decode("ascii")
                    headers["Authorization"] = authorization(
                        challenge, who, "GET", target, cnonce=secrets.token_hex(8)
                    )
                    continue
            if response.status_code != 200:
                raise NoPicture(failure("GET", response.status_code))
            data = bytearray()
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > settings.jpeg_bytes:
                    raise Malformed("a picture of too many bytes")
            return bytes(data)
    raise NoPicture(Ended(Reason.UNAUTHORISED))


async def rtsp_picture(
    camera: str,
    url: str,
    settings: StreamSettings,
    *,
    who: Credentials | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> CodedPicture:
    """The first whole key picture of a stream. Raises NoPicture."""
    try:
        async with asyncio.timeout(settings.snapshot_s):
            address, redirects = read_address(url), 0
            while True:
                found = await _first(camera, address, redirects, settings, who, clock)
                if isinstance(found, CodedPicture):
                    return found
                if isinstance(found, Ended):
                    raise NoPicture(found)
                address, redirects = found.address, redirects + 1
    except Malformed as error:
        raise NoPicture(Ended(Reason.ADDRESS, str(error))) from None
    except TimeoutError:
        raise NoPicture(Ended(Reason.TIMED_OUT, "no key frame in time")) from None
    except OSError:
        raise NoPicture(Ended(Reason.REFUSED)) from None


async def _first(
    camera: str,
    address: Address,
    redirects: int,
    settings: StreamSettings,
    who: Credentials | None,
    clock: Callable[[], float],
) -> CodedPicture | Ended | Moved:
    loop = asyncio.get_running_loop()
    # A single look waits for a key frame; it never decodes in full.
    smart = SmartRule(clock(), no_key_s=float("inf"), keys_back=1, heal_s=0.0)
    session = RtspSession(
        camera, address, smart, settings, who=address.who or who, redirects=redirects
    )
    sock = await connect(address, settings.connect_s)
    buffer = b""
    try:
        session.start(clock())
        while True:
            await loop.sock_sendall(sock, session.take_outgoing())
            came = await loop.sock_recv(sock, settings.receive_bytes)
            if came:
                buffer += came
                buffer = buffer[session.receive(buffer, len(buffer), clock()) :]
            else:
                session.closed()
            for event in session.take_events():
                if isinstance(event, CodedPicture | Ended | Moved):
                    if isinstance(event, CodedPicture):
                        session.stop(clock())
                        await loop.sock_sendall(sock, session.take_outgoing())
                    return event
    finally:
        sock.close()
