"""One picture on demand, over HTTP."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from PIL import Image

from streetwise.discover.streams.digest import Credentials
from streetwise.discover.streams.errors import Malformed, Reason
from streetwise.discover.streams.files import file_stream
from streetwise.discover.streams.settings import StreamSettings
from streetwise.discover.streams.snapshot import NoPicture, http_picture

SETTINGS = StreamSettings()
URL = "http://admin:hunter2@192.0.2.7/snap.jpg?channel=1"


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 60)).save(out, "JPEG")
    return out.getvalue()


def answering(*answers: httpx.Response) -> tuple[httpx.MockTransport, list[httpx.Request]]:
    asked: list[httpx.Request] = []
    queue = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return queue.pop(0)

    return httpx.MockTransport(handle), asked


async def test_a_jpeg_is_fetched_and_the_password_proved() -> None:
    challenge = {"WWW-Authenticate": 'Digest realm="cam", nonce="n1", qop="auth"'}
    transport, asked = answering(
        httpx.Response(401, headers=challenge), httpx.Response(200, content=jpeg())
    )
    one = await http_picture("c1", URL, SETTINGS, clock=lambda: 7.0, transport=transport)
    assert (one.codec, one.data, one.at) == ("jpeg", jpeg(), 7.0)
    assert "Authorization" not in asked[0].headers
    assert str(asked[0].url) == "http://192.0.2.7/snap.jpg?channel=1"
    parts = dict(re.findall(r'(\w+)="?([^",]*)"?', asked[1].headers["Authorization"]))

    def h(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    proof = h("admin:cam:hunter2"), h("GET:/snap.jpg?channel=1")
    assert parts["response"] == h(f"{proof[0]}:n1:00000001:{parts['cnonce']}:auth:{proof[1]}")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(404), Reason.NOT_FOUND),
        (httpx.Response(302, headers={"Location": "http://203.0.113.1/"}), Reason.REJECTED),
        (httpx.Response(401), Reason.UNAUTHORISED),
        (httpx.Response(200, content=b"<html>"), Reason.GARBLED),
        (httpx.Response(200, content=jpeg() + bytes(20_000)), Reason.GARBLED),
    ],
)
async def test_anything_else_is_a_reason(answer: httpx.Response, reason: Reason) -> None:
    transport, asked = answering(answer)
    some = replace(SETTINGS, jpeg_bytes=20_000)
    with pytest.raises(NoPicture) as raised:
        await http_picture("c1", URL, some, transport=transport)
    assert raised.value.ended.reason is reason
    assert "hunter2" not in str(raised.value) and "192.0.2.7" not in str(raised.value)
    assert len(asked) == 1


async def test_a_second_refusal_is_the_last() -> None:
    refusal = httpx.Response(401, headers={"WWW-Authenticate": 'Basic realm="x"'})
    transport, asked = answering(refusal, refusal)
    with pytest.raises(NoPicture) as raised:
        await http_picture(
            "c1", "http://h/a.jpg", SETTINGS, who=Credentials("u", "p"), transport=transport
        )
    assert raised.value.ended.reason is Reason.UNAUTHORISED
    assert len(asked) == 2


def test_a_recording_lies_in_its_folder(tmp_path: Path) -> None:
    inside = tmp_path / "recordings"
    inside.mkdir()
    good, outside = inside / "a.mp4", tmp_path / "b.mp4"
    good.write_bytes(b"x")
    outside.write_bytes(b"x")
    (inside / "link.mp4").symlink_to(outside)
    assert file_stream("c1", good, inside).path == good.resolve()
    for bad in (outside, inside / "link.mp4", inside / ".." / "b.mp4", inside, inside / "none"):
        with pytest.raises(Malformed):
            file_stream("c1", bad, inside)
    with pytest.raises(Malformed):
        file_stream("c1", good, inside, every_s=0.0)
