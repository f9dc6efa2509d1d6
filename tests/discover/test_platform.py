"""The catalogue of a video platform: whatever its columns are called, seen before it counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from discover.watched import FORM, add_cameras, done, scenes_known, set_up, zone
from helpers import sign_in
from hypothesis import given
from hypothesis import strategies as st

from streetwise.discover.keeping import what_to_watch
from streetwise.discover.platform import BadRow, Channel, Spot, plan, read_catalogue
from streetwise.kernel.errors import Invalid
from streetwise.kernel.runtime import Runtime

DEVICE, CHANNEL = "34020000001110000001", "34020000001310000001"
TEMPLATE = "http://wvp:18080/api/play/start/{device}/{channel}"
SPOTS = [
    Spot("C-001", "梧桐路 1 号机", 116.905, 40.105, None),
    Spot("C-002", "湖心公园北门", 116.905, 40.115, None),
    Spot("C-003", "同名", 116.905, 40.115, None),
    Spot("C-004", "同名", 116.905, 40.115, None),
]


@pytest.fixture(autouse=True)
def scenes() -> Iterator[None]:
    with scenes_known():
        yield


def wvp(*rows: dict[str, Any]) -> bytes:
    """As WVP answers."""
    return json.dumps(
        {"code": 0, "msg": "成功", "data": {"total": len(rows), "list": list(rows)}},
        ensure_ascii=False,
    ).encode()


def row(**more: Any) -> dict[str, Any]:
    base = {"deviceId": DEVICE, "channelId": CHANNEL, "name": "梧桐路 1 号机"}
    return {**base, "longitude": 116.9051, "latitude": 40.105, **more}


def test_the_same_channel_is_read_from_json_and_csv_whatever_its_columns_are_called() -> None:
    as_json = wvp(row(streamUrl="rtsp://10.0.0.9/a"))
    header = "设备编号,通道编号,通道名称,经度,纬度,播放地址\r\n"
    line = f"{DEVICE},{CHANNEL},梧桐路 1 号机,116.9051,40.105,rtsp://10.0.0.9/a\r\n"
    as_csv = (header + line).encode("gb18030")
    newer = json.dumps(
        [
            {
                "gb_device_id": CHANNEL,
                "parent_device_id": DEVICE,
                "gb_name": "梧桐路 1 号机",
                "gb_longitude": "116.9051",
                "gb_latitude": "40.105",
                "Play Url": "rtsp://10.0.0.9/a",
            }
        ]
    ).encode()
    wanted = Channel(1, DEVICE, CHANNEL, "梧桐路 1 号机", 116.9051, 40.105, "rtsp://10.0.0.9/a")
    for content in (as_json, as_csv, newer):
        assert read_catalogue(content, None) == ([wanted], [])


@pytest.mark.parametrize(
    ("wrong", "code", "column"),
    [
        ({"name": ""}, "empty", "name"),
        ({"channelId": None}, "empty", "channel"),
        ({"channelId": "a b"}, "no_id", "channel"),
        ({"deviceId": "../x"}, "no_id", "device"),
        ({"longitude": "east"}, "no_place", "lon"),
        ({"longitude": 500}, "no_place", "lon"),
        ({"deviceId": ""}, "empty", "device"),
        ({"playUrl": "ftp://x"}, "no_address", "address"),
        ({"name": "长" * 3000}, "too_long", "name"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_read(
    wrong: dict[str, Any], code: str, column: str
) -> None:
    other = row(channelId="34020000001310000002", name="湖心公园北门")
    good, bad = read_catalogue(wvp(row(**wrong), other), TEMPLATE)
    assert [one.row for one in good] == [2]
    assert bad == [BadRow(1, code, column)]


def test_without_an_address_of_its_own_or_for_all_a_channel_is_of_no_use() -> None:
    assert read_catalogue(wvp(row()), None) == ([], [BadRow(1, "no_address", "address")])
    (channel,), _ = read_catalogue(wvp(row()), TEMPLATE)
    assert channel.address == f"http://wvp:18080/api/play/start/{DEVICE}/{CHANNEL}"
    for template in ("http://wvp/{device}", "http://wvp/{channel}/{token}", "wvp/{channel}"):
        with pytest.raises(Invalid):
            read_catalogue(wvp(row()), template)


@pytest.mark.parametrize("words", ["梧桐路 1 号门口电线杆", "Wutong Rd: pole 3", "10.0.0.9"])
def test_where_a_device_hangs_is_no_address_of_its_stream(words: str) -> None:
    """WVP's column ``address`` is the installation address."""
    (channel,), bad = read_catalogue(wvp(row(address=words)), TEMPLATE)
    assert (channel.address, bad) == (f"http://wvp:18080/api/play/start/{DEVICE}/{CHANNEL}", [])
    assert read_catalogue(wvp(row(address=words)), None)[1] == [BadRow(1, "no_address", "address")]
    both = row(address=words, streamUrl="rtsp://10.0.0.9/a")
    assert read_catalogue(wvp(both), TEMPLATE)[0][0].address == "rtsp://10.0.0.9/a"


def test_an_address_that_plays_is_a_stream_and_one_that_is_asked_a_platform() -> None:
    def kinds(template: str | None, **more: Any) -> list[str]:
        return [one.kind for one in read_catalogue(wvp(row(**more)), template)[0]]

    assert kinds(TEMPLATE) == ["platform"]
    assert kinds("RTSP://wvp:554/{device}/{channel}") == ["rtsp"]
    assert kinds(TEMPLATE, playUrl="rtsp://10.0.0.9/a") == ["rtsp"]
    assert kinds("rtsp://wvp/{channel}", playUrl="https://wvp/play/1") == ["platform"]


def test_an_address_of_tls_plays_a_channel_as_well() -> None:
    for content, template in (
        (wvp(row()), "rtsps://wvp/{channel}"),
        (wvp(row(playUrl="rtsps://wvp/1")), TEMPLATE),
    ):
        (channel,), bad = read_catalogue(content, template)
        assert (channel.kind, channel.address[:12], bad) == ("rtsp", "rtsps://wvp/", [])


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"{", b'{"data": 3}', b"[1, 2]", b"a,b\r\n1,2", b"[" * 100_000],
)
def test_what_is_no_catalogue_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        read_catalogue(content, TEMPLATE)


@given(st.binary(max_size=200))
def test_anything_is_read_or_refused(content: bytes) -> None:
    try:
        good, bad = read_catalogue(content, TEMPLATE)
    except Invalid:
        return
    assert len({one.id for one in good}) == len(good)
    assert {one.row for one in good}.isdisjoint(one.row for one in bad)


def channel(number: int, name: str, id_: str = CHANNEL) -> Channel:
    return Channel(number, DEVICE, id_, name, None, None, "rtsp://x/y")


def test_a_channel_is_a_camera_by_its_code_or_its_only_name_and_never_by_a_guess() -> None:
    channels = [
        channel(1, "湖心公园北门", "C-001"),  # the code counts before the name
        channel(2, "湖心公园北门"),
        channel(3, "同名"),
        channel(4, "哪儿也不是"),
        channel(5, "梧桐路 1 号机"),  # taken by row 1
    ]
    found = plan(channels, [], SPOTS)
    assert [(one.channel.row, one.code, one.why) for one in found.matched] == [
        (1, "C-001", "code"),
        (2, "C-002", "name"),
    ]
    assert found.bad == (
        BadRow(3, "several", "name"),
        BadRow(4, "no_camera", "name"),
        BadRow(5, "camera_twice", "name"),
    )


def test_a_camera_that_was_renamed_on_the_platform_stays_the_same_camera() -> None:
    known = [Spot("C-001", "梧桐路 1 号机", 116.905, 40.105, f"{DEVICE}/{CHANNEL}"), *SPOTS[1:]]
    (one,) = plan([channel(1, "新名字")], [], known).matched
    assert (one.code, one.why, one.known) == ("C-001", "before", True)


# --- taken in ------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def street(runtime: Runtime) -> None:
    await add_cameras(runtime)


async def send(
    client: httpx.AsyncClient, where: str, content: bytes, **more: Any
) -> httpx.Response:
    data = {"template": TEMPLATE, "gateway": "区视频共享平台", "streams_max": "32", **more}
    return await client.post(
        f"/cameras/catalogue{where}", files={"file": ("channels.json", content)}, data=data
    )


@pytest.mark.usefixtures("street")
async def test_a_catalogue_is_looked_at_and_then_taken_in_as_it_was_seen(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "data_steward")
    content = wvp(row(), row(channelId="34020000001310000002", name="没有这个点位"))
    seen = (await send(client, "/preview", content)).json()
    assert [(one["camera"], one["why"], one["metres"]) for one in seen["matched"]] == [
        ("C-001", "name", 9)
    ]
    assert seen["bad"] == [{"row": 2, "code": "no_camera", "column": "name"}]
    assert (await client.get("/cameras")).json()["items"] == []
    other = await send(client, "", wvp(row(deviceId="34020000001110000009")), digest=seen["digest"])
    assert (other.status_code, other.json()["code"]) == (409, "catalogue_changed")
    done_ = await send(client, "", content, digest=seen["digest"])
    assert done_.status_code == 200, done_.text
    (camera,) = (await client.get("/cameras")).json()["items"]
    assert (camera["code"], camera["kind"], camera["on"]) == ("C-001", "platform", False)
    assert camera["gateway"] == "区视频共享平台"
    assert await what_to_watch(runtime) == []


@pytest.mark.usefixtures("street")
async def test_a_channel_with_an_rtsp_address_is_watched_as_a_stream(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await set_up(client)
    await done(client, camera, "on")
    content = wvp(row(address="梧桐路口东北角", streamUrl="rtsp://10.0.0.9/a"))
    seen = (await send(client, "/preview", content)).json()
    assert (await send(client, "", content, digest=seen["digest"])).status_code == 200
    (watch,) = await what_to_watch(runtime)
    assert (watch.kind, watch.address) == ("rtsp", "rtsp://10.0.0.9/a")


@pytest.mark.usefixtures("street")
async def test_taken_in_again_it_changes_addresses_and_nothing_that_people_said(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await set_up(client)
    camera = await done(client, camera, "zones", {"zones": [zone()]})
    camera = await done(client, camera, "on")
    content = wvp(row())
    for before, version in ((camera["version"], 1), (camera["version"] + 1, 0)):
        seen = (await send(client, "/preview", content)).json()
        assert (await send(client, "", content, digest=seen["digest"])).status_code == 200
        found = (await client.get(f"/cameras/{camera['id']}")).json()
        assert found["version"] == before + version
        assert (found["on"], found["purpose"], found["kind"]) == (True, FORM["purpose"], "platform")
    (watch,) = await what_to_watch(runtime)
    assert (watch.address, watch.gateway) == (
        f"http://wvp:18080/api/play/start/{DEVICE}/{CHANNEL}",
        ("区视频共享平台", 32),
    )
