"""One picture on demand: a JPEG over HTTP."""

from __future__ import annotations

import asyncio
import secrets
import ssl
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
from streetwise.discover.streams.settings import StreamSettings
from streetwise.discover.streams.talk import Ended, failure
from streetwise.discover.streams.tls import client_context, tls_failure
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
    fingerprint: str = "",
    clock: Callable[[], float] = time.monotonic,
    transport: httpx.AsyncBaseTransport | None = None,
) -> CodedPicture:
    """A JPEG from a camera's snapshot address. Redirects are not followed. ``fingerprint``: of the
    one certificate that counts over https; empty: authorities vouch for it. Raises NoPicture.
    """
    try:
        address = read_address(url, schemes=("http", "https"))
        # Over http there is nothing to verify, and redirects to https are not followed.
        verify = client_context(settings.authorities, fingerprint) if address.secure else False
    except Malformed as error:
        raise NoPicture(Ended(Reason.GARBLED, f"garbled: {error}")) from None
    except OSError:
        raise NoPicture(Ended(Reason.UNTRUSTED, "the file of authorities cannot be read")) from None
    try:
        async with (
            asyncio.timeout(settings.snapshot_s),
            httpx.AsyncClient(
                timeout=settings.answer_s, transport=transport, trust_env=False, verify=verify
            ) as client,
        ):
            data = await _get(client, address, address.who or who, settings)
        check_jpeg(data, most_bytes=settings.jpeg_bytes, most_pixels=settings.jpeg_pixels)
    except Malformed as error:
        raise NoPicture(Ended(Reason.GARBLED, f"garbled: {error}")) from None
    except (TimeoutError, httpx.TimeoutException):
        raise NoPicture(Ended(Reason.TIMED_OUT)) from None
    except httpx.HTTPError as error:  # its message may hold the address
        raise NoPicture(_unreached(error)) from None
    return CodedPicture(camera, "jpeg", data, clock())


def _unreached(error: BaseException) -> Ended:
    """Why there is no connection: httpx wraps what TLS said."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, ssl.SSLError):
            return tls_failure(inner)
        inner = inner.__cause__ or inner.__context__
    return Ended(Reason.REFUSED)


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
