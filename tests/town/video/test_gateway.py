"""The farm over HTTP: snapshots, the catalogue and what it hands out, faults."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from PIL import Image
from town.video.rtsp_client import Client

from streetwise.town.video.clips import Clip
from streetwise.town.video.farm import Farm, Rules
from streetwise.town.video.gateway import DEVICE, Gateway
from streetwise.town.video.rtsp import Door

ROWS = [
    {"code": f"CAM-{k:04d}", "name": f"路口{k}号", "lon": "116.1", "lat": "39.9"}
    for k in range(1, 8)
]


@pytest.fixture
async def served(clip: Clip) -> AsyncIterator[tuple[Farm, int, int]]:
    farm = Farm(Rules(token_s=60, pace=20))
    for row in ROWS[:-1]:
        farm.add(row["code"], "clip")
    farm.put("clip", clip)
    port = await farm.start()
    gateway = Gateway(farm, ROWS, f"127.0.0.1:{port}")
    http = await gateway.start()
    yield farm, port, http
    await gateway.stop()
    await farm.stop()


async def get(port: int, path: str, body: bytes = b"", headers: str = "") -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    method = "POST" if body else "GET"
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    writer.write(head.encode() + body)
    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()
    start, _, content = answer.partition(b"\r\n\r\n")
    return int(start.split(b" ")[1]), content


async def data(port: int, path: str, headers: str = "") -> Any:
    status, content = await get(port, path, headers=headers)
    assert status == 200
    said = json.loads(content)
    assert said["code"] == 0, said
    return said["data"]


async def test_the_catalogue_lists_every_camera_page_by_page(
    served: tuple[Farm, int, int],
) -> None:
    _, _, http = served
    devices = await data(http, "/api/device/query/devices?page=1&count=10")
    assert [one["deviceId"] for one in devices["list"]] == [DEVICE]
    assert devices["list"][0]["channelCount"] == 7
    found = []
    for page in (1, 2, 3):
        said = await data(http, f"/api/device/query/devices/{DEVICE}/channels?page={page}&count=3")
        assert said["total"] == 7
        found += said["list"]
    assert [one["channelId"] for one in found] == [row["code"] for row in ROWS]
    assert [one["status"] for one in found] == [True] * 6 + [False]


async def test_what_play_hands_out_can_be_played(served: tuple[Farm, int, int]) -> None:
    _, port, http = served
    said = await data(http, f"/api/play/start/{DEVICE}/CAM-0002")
    address = said["rtsp"].removeprefix(f"rtsp://127.0.0.1:{port}/")
    async with Client(port, address) as client:
        await client.play()
        assert len(await client.packets(5)) == 5
    async with Client(port, address.split("?")[0]) as client:
        assert (await client.ask("DESCRIBE")).status == 401
    status, content = await get(http, f"/api/play/start/{DEVICE}/CAM-0007")
    assert (status, json.loads(content)["code"]) == (200, 100)


async def test_with_a_password_the_catalogue_asks_for_a_login(clip: Clip) -> None:
    farm = Farm(Rules(Door("digest", "admin", "secret")))
    gateway = Gateway(farm, ROWS, "127.0.0.1:1")
    http = await gateway.start()
    try:
        assert (await get(http, "/api/device/query/devices"))[0] == 401
        word = hashlib.md5(b"secret", usedforsecurity=False).hexdigest()
        said = await data(http, f"/api/user/login?username=admin&password={word}")
        token = f"access-token: {said['accessToken']}\r\n"
        assert (await data(http, "/api/device/query/devices", token))["total"] == 1
        wrong = await get(http, "/api/user/login?username=admin&password=secret")
        assert json.loads(wrong[1])["code"] != 0
    finally:
        await gateway.stop()


async def test_a_snapshot_is_a_picture(served: tuple[Farm, int, int]) -> None:
    _, _, http = served
    status, content = await get(http, "/snapshot/CAM-0003.jpg")
    assert status == 200
    assert Image.open(io.BytesIO(content)).size == (640, 360)
    assert (await get(http, "/snapshot/CAM-9999.jpg"))[0] == 404


async def test_faults_are_ordered_and_ended(served: tuple[Farm, int, int]) -> None:
    farm, _, http = served

    async def order(**said: Any) -> int:
        return (await get(http, "/farm/faults", json.dumps(said).encode()))[0]

    assert await order(camera="CAM-0001", kind="drop", seconds=30, every=5) == 200
    fault = farm.fault_of("CAM-0001")
    assert fault is not None
    assert (fault.kind, fault.every) == ("drop", 5)
    assert await order(camera="CAM-0001", kind="none") == 200
    assert farm.fault_of("CAM-0001") is None
    assert await order(camera="CAM-0001", kind="parameters") == 200
    assert farm.cameras["CAM-0001"] == "own:CAM-0001"
    assert await order(camera="CAM-0001", kind="none") == 200
    assert farm.cameras["CAM-0001"] == "clip"
    assert await order(camera="CAM-0001", kind="explode") == 404
    assert await order(camera="CAM-0001", kind="drop", every=0) == 404
    assert (await get(http, "/farm/faults", b"no json"))[0] == 400
    figures = json.loads((await get(http, "/farm"))[1])
    assert figures["cameras"] == 6


async def test_what_is_no_http_ends_there(served: tuple[Farm, int, int]) -> None:
    _, _, http = served
    assert (await get(http, "/nothing"))[0] == 404
    assert (await get(http, "/api/nothing"))[0] == 404
    bad = await get(http, f"/api/device/query/devices/{DEVICE}/channels?page=x")
    assert bad[0] == 400
