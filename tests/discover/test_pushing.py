"""Pushed pictures: by whoever has the camera's token, the latest only, none kept, silence told."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from discover.watched import jpeg

from streetwise.discover.engine.wire import Message
from streetwise.discover.pushing import Pushes, PushRules, listening
from streetwise.kernel.errors import Unavailable

TOKEN = "a-token-of-chance"
RULES = PushRules(picture_bytes=20_000, picture_pixels=64 * 36, receive_seconds=0.2)


def print_of(token: str) -> bytes:
    return b"print of " + token.encode()


class Desk:
    """The listener's two ends: who gives, who hears; and a clock by hand."""

    def __init__(self, rules: PushRules = RULES) -> None:
        self.now, self.looks = 100.0, True
        self.given: list[tuple[str, bytes]] = []
        self.heard: list[Message] = []
        self.pushes = Pushes(print_of, self._give, self.heard.append, rules, lambda: self.now)
        self.pushes.allow({"c1": print_of(TOKEN)})
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.pushes), base_url="http://push"
        )

    def _give(self, camera: str, picture: bytes) -> bool:
        self.given.append((camera, picture))
        return self.looks

    async def push(self, content: bytes, camera: str = "c1", **headers: str) -> int:
        self.now += 1
        told = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "image/jpeg", **headers}
        answer = await self.client.put(f"/push/{camera}", content=content, headers=told)
        return answer.status_code


async def test_a_picture_goes_to_its_eye_with_either_kind_of_login() -> None:
    desk = Desk()
    assert await desk.push(jpeg()) == 204
    basic = base64.b64encode(f"whoever:{TOKEN}".encode()).decode()
    assert await desk.push(jpeg("red"), Authorization=f"Basic {basic}") == 204
    assert desk.given == [("c1", jpeg()), ("c1", jpeg("red"))]


@pytest.mark.parametrize(
    ("camera", "login"),
    [
        ("c1", "Bearer wrong"),
        ("c1", "Bearer "),
        ("c1", "Basic no base64!"),
        ("c1", "Digest x"),
        ("c1", ""),
        ("c2", f"Bearer {TOKEN}"),
        ("c2", "Bearer "),
        ("", f"Bearer {TOKEN}"),
    ],
)
async def test_who_has_no_token_of_the_camera_gets_the_same_answer(camera: str, login: str) -> None:
    desk = Desk()
    assert await desk.push(jpeg(), camera, Authorization=login) == 401
    assert desk.given == []


async def test_a_token_that_was_taken_back_opens_nothing() -> None:
    desk = Desk()
    desk.pushes.allow({"c1": print_of("another")})
    assert await desk.push(jpeg()) == 401
    desk.pushes.allow({})
    assert await desk.push(jpeg()) == 401


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"GIF89a", "image/jpeg", 415),
        (b"", "image/jpeg", 415),
        (jpeg()[:-40], "image/jpeg", 415),
        (jpeg(), "text/html", 415),
        (b"\xff\xd8" + bytes(30_000) + b"\xff\xd9", "image/jpeg", 413),
    ],
)
async def test_what_is_no_fair_jpeg_is_not_taken(content: bytes, kind: str, status: int) -> None:
    desk = Desk()
    assert await desk.push(content, **{"Content-Type": kind}) == status
    assert desk.given == []


async def test_a_body_without_an_end_is_cut_off_and_the_next_is_taken() -> None:
    desk = Desk()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(4096)

    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = await desk.client.put("/push/c1", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert await desk.push(jpeg()) == 204


async def test_one_that_comes_too_soon_or_while_nobody_looks_is_not_kept() -> None:
    desk = Desk()
    assert await desk.push(jpeg()) == 204
    headers = {"Authorization": f"Bearer {TOKEN}"}
    soon = await desk.client.put("/push/c1", content=jpeg("red"), headers=headers)
    assert (soon.status_code, soon.headers["Retry-After"]) == (429, "1")
    desk.looks = False
    assert await desk.push(jpeg("blue")) == 503
    assert [one[1] for one in desk.given] == [jpeg(), jpeg("blue")]


async def test_other_addresses_and_methods_are_none() -> None:
    desk = Desk()
    assert (await desk.client.get("/push/c1")).status_code == 405
    assert (await desk.client.put("/")).status_code == 404


async def test_a_camera_that_falls_silent_is_down_once_and_up_once() -> None:
    desk = Desk()
    await desk.push(jpeg())
    desk.pushes.look()
    assert desk.heard == []
    desk.now += RULES.silent_seconds + 1
    desk.pushes.look()
    desk.pushes.look()
    await desk.push(jpeg())
    told = [(one.fields["camera"], one.fields["up"], one.fields["reason"]) for one in desk.heard]
    assert told == [("c1", False, "silent"), ("c1", True, "silent")]


@asynccontextmanager
async def served(desk: Desk) -> AsyncIterator[int]:
    with listening("127.0.0.1", 0) as listener:
        task = asyncio.create_task(desk.pushes.serve(listener))
        try:
            yield listener.getsockname()[1]
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_it_listens_takes_and_ends() -> None:
    desk = Desk()
    async with served(desk) as port:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            answer = await client.post("/push/c1", content=jpeg(), headers=headers)
            assert (answer.status_code, answer.content) == (204, b"")
        with pytest.raises(Unavailable, match="another port"):
            listening("127.0.0.1", port)
    assert desk.given == [("c1", jpeg())]


async def test_one_who_begins_and_does_not_go_on_is_let_go() -> None:
    desk = Desk()
    async with served(desk) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"PUT /push/c1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
        writer.write(f"{head}Content-Length: 100\r\n\r\n".encode() + b"\xff\xd8")
        async with asyncio.timeout(30):
            assert b" 408 " in await reader.readline()
        writer.close()
    assert desk.given == []
