"""A platform is asked for a play address: what it answers is read with care, and not for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from streetwise.discover.engine.platform import ANSWER_BYTES, NoAddress, play_of

ASKED = "http://wvp:18080/api/play/start/d/c"


def says(answer: httpx.Response) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: answer)


@pytest.mark.parametrize(
    "address", ["rtsp://10.0.0.9/rtp/d_c", "RTSP://10.0.0.9/rtp/d_c", "rtsps://h/x"]
)
async def test_the_address_in_the_answer_is_taken(address: str) -> None:
    answer = httpx.Response(200, json={"code": 0, "data": {"rtsp": address, "rtsps": "rtsps://x"}})
    assert await play_of(ASKED, transport=says(answer))() == address
    assert await play_of(ASKED, transport=says(answer), secure=True)() == "rtsps://x"


async def test_who_is_known_by_a_certificate_is_not_asked_without_tls() -> None:
    answer = httpx.Response(200, json={"data": {"rtsp": "rtsp://h/x", "rtsps": "rtsp://h/x"}})
    with pytest.raises(NoAddress, match="no RTSP address"):
        await play_of(ASKED, transport=says(answer), secure=True)()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (httpx.Response(401), "answers 401"),
        (httpx.Response(200, json={"code": 100, "msg": "失败"}), "refuses"),
        (httpx.Response(200, json={"code": 0, "data": {}}), "no RTSP address"),
        (httpx.Response(200, json={"data": {"rtsp": "http://h/x"}}), "no RTSP address"),
        (httpx.Response(200, content=b"<html>"), "no JSON"),
    ],
)
async def test_what_is_no_address_says_why_and_not_which(answer: httpx.Response, why: str) -> None:
    with pytest.raises(NoAddress, match=why) as raised:
        await play_of(ASKED, transport=says(answer))()
    assert "://h" not in str(raised.value)


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while given < 50 * ANSWER_BYTES:
            given += 4096
            yield b" " * 4096

    with pytest.raises(NoAddress, match="too long"):
        await play_of(ASKED, transport=says(httpx.Response(200, content=endless())))()
    assert given <= 3 * ANSWER_BYTES
