"""The farm before clients: a plain one, and FFmpeg's by way of PyAV."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import av
import pytest
from town.video.rtsp_client import Client, Packet

from streetwise.town.video.clips import Clip, other_parameters, without_keys
from streetwise.town.video.farm import Farm, Fault, FaultKind, Rules
from streetwise.town.video.rtsp import Door
from streetwise.town.video.session import WAITING, Session

PACE = 20.0  # times as fast as real: 100 pictures a second


@asynccontextmanager
async def farm_of(clip: Clip, rules: Rules | None = None) -> AsyncIterator[tuple[Farm, int]]:
    farm = Farm(rules or Rules(pace=PACE))
    for camera in ("A", "B"):
        farm.add(camera, "clip")
    farm.put("clip", clip)
    port = await farm.start()
    try:
        yield farm, port
    finally:
        await farm.stop()


def gaps(packets: list[Packet]) -> list[int]:
    return [(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(packets)]


@pytest.mark.parametrize("codec", ["h264", "h265"])
async def test_ffmpeg_decodes_every_picture(codec: str, clip: Clip, clip265: Clip) -> None:
    the = clip if codec == "h264" else clip265

    def watch(port: int) -> list[Any]:
        options = {"rtsp_transport": "tcp", "probesize": "200000", "analyzeduration": "200000"}
        with av.open(f"rtsp://127.0.0.1:{port}/A", options=options, timeout=60) as stream:
            out = []
            for frame in stream.decode(video=0):
                out.append((frame.pts, frame.width, frame.key_frame))
                if len(out) == 35:
                    return out
        return out

    async with farm_of(the) as (_, port):
        found = await asyncio.to_thread(watch, port)
    assert len(found) == 35
    assert {width for _, width, _ in found} == {640}
    # The first one has no time before FFmpeg has seen a second one.
    assert {b[0] - a[0] for a, b in pairwise(found[1:])} == {18_000}
    assert sum(key for _, _, key in found) in (3, 4)


@pytest.mark.parametrize("scheme", ["basic", "digest"])
async def test_ffmpeg_comes_in_with_the_password_and_not_without(scheme: Any, clip: Clip) -> None:
    def look(port: int, who: str) -> bool:
        options = {"rtsp_transport": "tcp"}
        try:
            with av.open(f"rtsp://{who}127.0.0.1:{port}/A", options=options, timeout=60) as stream:
                return next(stream.decode(video=0)).width == 640
        except av.FFmpegError:
            return False

    rules = Rules(Door(scheme, "admin", "secret"), pace=PACE)
    async with farm_of(clip, rules) as (_, port):
        assert await asyncio.to_thread(look, port, "admin:secret@")
        assert not await asyncio.to_thread(look, port, "admin:wrong@")
        assert not await asyncio.to_thread(look, port, "")


async def test_packets_come_numbered_stamped_and_from_a_key_frame_on(clip: Clip) -> None:
    async with farm_of(clip) as (_, port), Client(port, "A") as client:
        await client.play("6-7")
        packets = await client.packets(120)
    assert set(gaps(packets)) == {1}
    assert {p.channel for p in packets} == {6}
    # The first packet holds the parameter sets.
    assert packets[0].payload[0] & 0x1F == 24
    stamps = list(dict.fromkeys(p.stamp for p in packets))
    assert {(b - a) & 0xFFFFFFFF for a, b in pairwise(stamps)} == {18_000}
    ends = [p.stamp for p in packets if p.marker]
    assert len(ends) == len(set(ends))


async def test_cameras_with_one_clip_get_the_same_packets(clip: Clip) -> None:
    async with farm_of(clip) as (_, port), Client(port, "A") as one, Client(port, "B") as two:
        await one.play()
        await two.play()
        first, second = await one.packets(150), await two.packets(100)
    shared = [p for p in second if p in first]
    assert len(shared) > 40


async def test_what_cannot_be_had_is_refused(clip: Clip) -> None:
    async with farm_of(clip) as (farm, port):
        async with Client(port, "NONE") as client:
            assert (await client.ask("OPTIONS")).status == 200
            assert (await client.ask("DESCRIBE")).status == 404
        async with Client(port, "A") as client:
            udp = "RTP/AVP;unicast;client_port=5000-5001"
            assert (await client.ask("SETUP", Transport=udp)).status == 461
            assert (await client.ask("PLAY")).status == 454
            assert (await client.ask("RECORD")).status == 454
            await client.play()
            assert (await client.ask("GET_PARAMETER")).status == 200
            assert (await client.ask("RECORD")).status == 501
            assert (await client.ask("TEARDOWN")).status == 200
            assert (await client.ask("PLAY")).status == 454
        farm.add("C", "not drawn yet")
        async with Client(port, "C") as client:
            assert (await client.ask("DESCRIBE")).status == 503
        async with Client(port, "A") as client:
            client.url = "no url at all"
            assert (await client.ask("DESCRIBE")).status == 400
            assert await client.ended()


async def test_a_cap_refuses_one_too_many_until_one_goes(clip: Clip) -> None:
    async with farm_of(clip, Rules(cap=1, pace=PACE)) as (_, port), Client(port, "B") as second:
        way = "RTP/AVP/TCP;unicast;interleaved=0-1"
        async with Client(port, "A") as first:
            await first.play()
            assert (await second.ask("SETUP", Transport=way)).status == 453
            assert (await first.ask("TEARDOWN")).status == 200
        assert (await second.ask("SETUP", Transport=way)).status == 200


async def test_a_play_address_expires(clip: Clip) -> None:
    async with farm_of(clip, Rules(token_s=30, pace=PACE)) as (farm, port):
        token, now = farm.token("A"), farm.clock
        async with Client(port, "A", f"?token={token}") as client:
            await client.play()
            farm.clock = lambda: now() + 31
            # Who is in stays in; who asks now is not let in.
            assert len(await client.packets(5)) == 5
        async with Client(port, "A", f"?token={token}") as client:
            assert (await client.ask("DESCRIBE")).status == 401
        other = farm.token("A")
        async with Client(port, "B", f"?token={other}") as client:
            assert (await client.ask("DESCRIBE")).status == 401


async def test_who_says_nothing_for_long_is_put_out(clip: Clip) -> None:
    async with farm_of(clip) as (farm, port), Client(port, "A") as client:
        await client.play()
        now = farm.clock
        farm.clock = lambda: now() + 100
        assert await client.ended()
        assert not farm.sessions


@pytest.mark.parametrize("kind", ["drop", "wrong_seq"])
async def test_packets_go_missing_or_bear_wrong_numbers(kind: FaultKind, clip: Clip) -> None:
    async with farm_of(clip) as (farm, port), Client(port, "A") as client:
        await client.play()
        farm.fault("A", Fault(kind, every=7))
        found = gaps(await client.packets(120))
        farm.fault("A", None)
        await client.packets(60)
        after = gaps(await client.packets(60))
    wrong = [gap for gap in found if gap != 1]
    assert 10 <= len(wrong) <= 40
    assert set(wrong) == ({2} if kind == "drop" else {4_322, (1 - 4_321) & 0xFFFF})
    assert set(after) == {1}


async def test_a_stall_ends_by_itself_and_a_camera_closes(clip: Clip) -> None:
    async with (
        farm_of(clip) as (farm, port),
        Client(port, "A") as client,
        Client(port, "B") as other,
    ):
        await client.play()
        await other.play()
        before = await client.packets(10)
        now = farm.clock()
        farm.fault("A", Fault("stall", until=now + 0.5))
        after = await client.packets(60)
        # Numbers go on at the camera while nothing is sent.
        assert max(gaps([*before, *after])) > 20
        farm.fault("A", Fault("close"))
        assert await client.ended()
        assert len(await other.packets(10)) == 10


@pytest.mark.parametrize(("kind", "status"), [("unauthorised", 401), ("missing", 404)])
async def test_a_camera_refuses_on_command(kind: FaultKind, status: int, clip: Clip) -> None:
    async with farm_of(clip) as (farm, port), Client(port, "A") as client:
        farm.fault("A", Fault(kind))
        assert (await client.ask("DESCRIBE")).status == status
        farm.fault("A", None)
        assert (await client.ask("DESCRIBE")).status == 200


async def test_a_camera_lies_about_its_rate(clip: Clip) -> None:
    async with farm_of(clip) as (farm, port), Client(port, "A") as client:
        farm.fault("A", Fault("rate"))
        assert "a=framerate:25" in (await client.ask("DESCRIBE")).body
        await client.play()
        stamps = list(dict.fromkeys(p.stamp for p in await client.packets(80)))
        assert {b - a for a, b in pairwise(stamps)} == {3_600}


@pytest.mark.parametrize("made", [other_parameters, without_keys])
async def test_a_camera_changes_over_to_a_clip_of_its_own_and_back(
    made: Callable[[Clip], Clip], clip: Clip
) -> None:
    own = made(clip)
    async with farm_of(clip) as (farm, port), Client(port, "A") as client:
        await client.play()
        before = await client.packets(40)
        farm.own("A", own)
        during = await client.packets(100)
        farm.shared("A", "clip")
        after = await client.packets(100)
    assert set(gaps([*before, *during, *after])) == {1}
    sets = [p.payload for p in [*before, *during, *after] if p.payload[0] & 0x1F == 24]
    assert len(set(sets)) >= 2
    assert "own:A" not in farm.channels


class Slow:
    """A transport whose other end does not read."""

    def __init__(self) -> None:
        self.size = 0

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return self.size

    def write(self, data: bytes) -> None:
        self.size += len(data)


async def test_a_slow_reader_loses_pictures_and_nothing_grows(clip: Clip) -> None:
    farm = Farm()
    farm.put("clip", clip)
    session, slow = Session(farm), Slow()
    session._transport = slow  # type: ignore[assignment]
    farm.channels["clip"].sessions.add(session)
    now = farm.clock()
    for k in range(2_000):
        farm.beat(now + 0.2 * k)
    largest = max(len(one.data) for group in clip.groups for one in group.wires)
    assert WAITING < slow.size < WAITING + 2 * largest
    assert session.lost > 50
    slow.size = 0
    farm.beat(now + 403)
    farm.beat(now + 404)
    assert session.lost > 50


async def test_a_beat_that_comes_late_does_not_send_a_burst(clip: Clip) -> None:
    farm = Farm()
    farm.put("clip", clip)
    channel = farm.channels["clip"]
    start = channel.due
    farm.beat(start + 60)
    sent = (channel.sequence, channel.picture + 10 * channel.group)
    assert sent[1] == 1
    assert farm.late == 1
    farm.beat(start + 60.21)
    assert channel.picture == 2
