"""The loop against cameras on the loopback that do what cameras do."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import numpy as np
import pytest
from discover.streams.clips import clip, decode, expected, framed, packets, whole
from discover.streams.server import Script, Server, playing
from helpers import log_of

from streetwise.discover.streams import loop, wire
from streetwise.discover.streams.address import read_address
from streetwise.discover.streams.errors import Reason
from streetwise.discover.streams.health import Line
from streetwise.discover.streams.loop import Source, StreamLoop, fixed
from streetwise.discover.streams.messages import Request, format_message
from streetwise.discover.streams.session import RtspSession
from streetwise.discover.streams.settings import StreamSettings
from streetwise.discover.streams.slots import Slots
from streetwise.discover.streams.smart import SmartRule
from streetwise.discover.streams.talk import Ended
from streetwise.discover.streams.wire import Wire, Wires
from streetwise.discover.values import CodedPicture

#: The times that matter are passed in by hand (``Hand``); these are of the sockets only.
SETTINGS = StreamSettings(pump_ms=1, tick_s=0.0, stagger_s=0.0)


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Watched:
    """A running loop and what it said."""

    def __init__(self, settings: StreamSettings = SETTINGS, **caps: int) -> None:
        self.clock = Hand()
        self.slots = Slots(2.0)
        self.lines: list[Line] = []
        self.pictures: list[CodedPicture] = []
        self.waits: list[float] = []
        self.caps = caps
        self.loop = StreamLoop(
            settings,
            self.slots,
            caps=caps,
            clock=self.clock,
            wait=self._wait,
            chance=lambda: 0.0,
            on_line=self.lines.append,
            on_picture=self.pictures.append,
        )

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0.001)

    def of(self, camera: str) -> list[bytes]:
        return [one.data for one in self.pictures if one.camera == camera]

    @asynccontextmanager
    async def running(self, *sources: Source) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.loop.run(sources, stop))
        try:
            await asyncio.sleep(0)
            yield
        finally:
            stop.set()
            await task


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.001)


def keys(codec: str, pictures: Sequence[object]) -> list[bytes]:
    return [expected(codec, one) for one in pictures if one.key]  # type: ignore


@pytest.mark.parametrize("receive_bytes", [331, SETTINGS.receive_bytes])
async def test_three_streams_at_once_come_out_bit_exact_through_shared_decoders(
    receive_bytes: int,
) -> None:
    clips = {
        "a": ("h264", clip("h264")),
        "b": ("h265", clip("h265", seed=3)),
        "c": ("h264", clip("h264", size=(192, 128), seed=2)),
    }
    # Few bytes at a time: frames of all three are cut anywhere, in one shared buffer.
    watched = Watched(replace(SETTINGS, receive_bytes=receive_bytes))
    async with Server() as server:
        sources = [
            Source(name, fixed(server.add(name, playing(codec, pictures))))  # type: ignore
            for name, (codec, pictures) in clips.items()
        ]
        async with watched.running(*sources):
            await until(lambda: len(watched.pictures) == 9)
    assert watched.lines == []
    for name, (codec, pictures) in clips.items():
        assert watched.of(name) == keys(codec, pictures)
    # One decoder for all cameras of a codec, in whatever order they came.
    for codec in ("h264", "h265"):
        order = [one for one in watched.pictures if one.codec == codec]
        frames = decode(codec, [one.data for one in order])  # type: ignore[arg-type]
        plain = {
            name: iter(
                [
                    frame
                    for frame, one in zip(
                        decode(of, [whole(p) for p in pictures]),  # type: ignore[arg-type]
                        pictures,
                        strict=True,
                    )
                    if one.key
                ]
            )
            for name, (of, pictures) in clips.items()
        }
        for one, frame in zip(order, frames, strict=True):
            assert np.array_equal(frame, next(plain[one.camera]))


async def test_the_slot_has_the_latest_picture_only() -> None:
    pictures = clip("h264")
    watched = Watched()
    async with Server() as server:
        source = Source("a", fixed(server.add("a", playing("h264", pictures))))
        async with watched.running(source):
            await until(lambda: len(watched.pictures) == 3)
            (one,) = watched.slots.take(watched.clock())
            report = watched.loop.reports()[0]
    assert one.data == keys("h264", pictures)[-1]
    assert (report.state, report.pictures, report.replaced) == ("up", 3, 2)


async def test_a_camera_that_hangs_up_is_called_again_without_an_outage() -> None:
    script = playing("h264", clip("h264"), after="close")
    watched = Watched()
    async with Server() as server:
        source = Source("a", fixed(server.add("a", script)))
        async with watched.running(source):
            await until(lambda: len(watched.pictures) >= 9)
            assert len(server.cameras["a"]) >= 3
    assert watched.lines == []
    assert set(watched.waits) == {0.0, SETTINGS.backoff_first_s}


async def test_an_outage_is_one_line_down_and_one_up_with_growing_waits() -> None:
    missing = [Script(statuses={"DESCRIBE": [404]}) for _ in range(6)]
    good = playing("h264", clip("h264"))
    watched = Watched()
    async with Server() as server:
        url = server.add("a", *missing, good)
        with log_of(loop) as logged:
            async with watched.running(Source("a", fixed(url))):
                await until(lambda: len(server.cameras["a"]) >= 3)
                watched.clock.now += SETTINGS.down_after_s + 1
                await until(lambda: len(watched.lines) == 2)
    down, up = watched.lines
    assert (down.up, down.reason, up.up) == (False, Reason.NOT_FOUND, True)
    assert [one["event"] for one in logged] == ["stream_down", "stream_up"]
    assert watched.waits[1:7] == [2.0, 4.0, 8.0, 16.0, 32.0, 64.0]


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refused
        url = f"rtsp://admin:hunter2@127.0.0.1:{taken.getsockname()[1]}/a?token=s3cret"
        watched = Watched()
        with log_of(loop) as logged:
            async with watched.running(Source("a", fixed(url))):
                await until(lambda: len(watched.waits) >= 3)
                watched.clock.now += SETTINGS.down_after_s + 1
                await until(lambda: len(watched.lines) == 1)
    assert watched.lines[0].reason is Reason.REFUSED
    assert "hunter2" not in repr(logged) and "s3cret" not in repr(logged)


async def test_a_wrong_password_is_said_without_it() -> None:
    watched = Watched()
    async with Server() as server:
        right = server.add("right", playing("h264", clip("h264"), login=("admin", "hunter2")))
        server.add("wrong", Script(login=("admin", "other")))
        urls = {
            "right": right.replace("//", "//admin:hunter2@"),
            "wrong": server.url("wrong").replace("//", "//admin:hunter2@"),
        }
        with log_of(loop) as logged:
            async with watched.running(*(Source(n, fixed(url)) for n, url in urls.items())):
                await until(lambda: len(watched.of("right")) == 3)
                await until(lambda: len(server.cameras["wrong"]) >= 2)
                watched.clock.now += SETTINGS.down_after_s + 1
                await until(lambda: any(one.camera == "wrong" for one in watched.lines))
    line = next(one for one in watched.lines if one.camera == "wrong")
    assert line.reason is Reason.UNAUTHORISED
    assert "hunter2" not in repr(logged) + repr(watched.lines)


async def test_a_stall_ends_the_connection_and_the_next_one_plays() -> None:
    good = playing("h264", clip("h264"))
    watched = Watched()
    async with Server() as server:
        url = server.add("a", Script(sets=good.sets), good)
        async with watched.running(Source("a", fixed(url))):
            await until(lambda: bool(server.cameras["a"]) and server.cameras["a"][0].played)
            await until(lambda: watched.loop.reports()[0].state == "new")
            for _ in range(200):  # it may not have heard the answer to PLAY yet
                watched.clock.now += 0.5
                await asyncio.sleep(0.001)
                if len(server.cameras["a"]) > 1:
                    break
            await until(lambda: len(watched.pictures) == 3)
            assert server.cameras["a"][0].methods[-1] == "TEARDOWN"


async def test_an_expired_address_is_renewed() -> None:
    watched = Watched()
    given: list[str] = []
    async with Server() as server:
        old = server.add("old", Script(statuses={"DESCRIBE": [404]}))
        new = server.add("new", playing("h264", clip("h264")))

        async def play() -> str:
            given.append(old if not given else new)
            return given[-1]

        async with watched.running(Source("a", play)):
            await until(lambda: len(watched.pictures) == 3)
    assert given == [old, new]


async def test_a_platform_that_gives_no_address_is_a_reason() -> None:
    async def play() -> str:
        raise RuntimeError("https://platform/?token=s3cret")

    watched = Watched()
    with log_of(loop) as logged:
        async with watched.running(Source("a", play), Source("b", fixed("http://h/"))):
            await until(lambda: len(watched.waits) >= 6)
            watched.clock.now += SETTINGS.down_after_s + 1
            await until(lambda: len(watched.lines) == 2)
    assert {line.reason for line in watched.lines} == {Reason.ADDRESS}
    assert "s3cret" not in repr(logged)


async def test_a_redirect_is_followed_on_a_new_connection() -> None:
    watched = Watched()
    async with Server() as server:
        there = server.add("there", playing("h264", clip("h264")))
        here = server.add("here", Script(statuses={"DESCRIBE": [302]}, location=there))
        round_about = Script(statuses={"DESCRIBE": [302]}, location=server.url("round"))
        server.add("round", *(replace(round_about, statuses={"DESCRIBE": [302]}) for _ in range(9)))
        sources = [Source("a", fixed(here)), Source("b", fixed(server.url("round")))]
        async with watched.running(*sources):
            await until(lambda: len(watched.of("a")) == 3)
            await until(lambda: len(server.cameras["round"]) >= SETTINGS.redirects_most + 1)
            await until(lambda: watched.loop.reports()[1].reason is Reason.REDIRECTED)


async def test_garbage_ends_one_connection_and_no_other() -> None:
    good = playing("h264", clip("h264"))
    garbled = replace(good, stream=framed(packets("h264", clip("h264"))[:5]) + b"\x00\x01garbage")
    watched = Watched()
    async with Server() as server:
        sources = [
            Source("a", fixed(server.add("a", garbled, good))),
            Source("b", fixed(server.add("b", good))),
        ]
        async with watched.running(*sources):
            await until(lambda: len(watched.of("a")) >= 3 and len(watched.of("b")) == 3)
            assert len(server.cameras["a"]) == 2
            assert len(server.cameras["b"]) == 1


async def test_a_stream_without_key_frames_is_decoded_in_full_and_says_so() -> None:
    refresh = clip("h264", pictures=24, every=250, options=(("intra-refresh", "1"),))
    some = packets("h264", refresh)
    stamps = [int.from_bytes(one[4:8], "big") for one in some]

    def part(first: int, last: int) -> bytes:
        within = range(1000 + 3600 * first, 1000 + 3600 * last)
        return framed(one for one, stamp in zip(some, stamps, strict=True) if stamp in within)

    script = Script(sets=(), stream=part(0, 8), on_alive=[part(8, 16), part(16, 24)])
    watched = Watched(replace(SETTINGS, stall_s=1000.0))
    async with Server() as server, watched.running(Source("a", fixed(server.add("a", script)))):
        await until(lambda: len(watched.pictures) == 1)
        assert not watched.loop.reports()[0].full
        watched.clock.now += SETTINGS.alive_most_s
        await until(lambda: len(watched.pictures) == 9)
        assert watched.loop.reports()[0].full
        watched.clock.now += SETTINGS.heal_s
        await until(lambda: len(watched.pictures) == 17)
        run = watched.slots.take(watched.clock())
    assert [one.key for one in watched.pictures] == [True] + [False] * 16
    # What was sent before nobody kept: only once it has healed may it be looked at.
    assert [one.whole for one in watched.pictures] == [True] + [False] * 8 + [True] * 8
    assert [one.at for one in run] == [one.at for one in watched.pictures]


async def test_bytes_that_break_the_reader_end_one_connection_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = playing("h264", clip("h264"))
    receive = RtspSession.receive

    def broken(self: RtspSession, buffer: bytes | bytearray, end: int, now: float) -> int:
        if self._camera == "a":
            raise IndexError("s3cret bytes")
        return receive(self, buffer, end, now)

    monkeypatch.setattr(RtspSession, "receive", broken)
    watched = Watched()
    async with Server() as server:
        sources = [Source(name, fixed(server.add(name, good))) for name in "ab"]
        with log_of(wire) as logged:
            async with watched.running(*sources):
                await until(lambda: len(watched.of("b")) == 3)
                await until(lambda: watched.loop.reports()[0].reason is Reason.GARBLED)
    assert {one["event"] for one in logged} == {"stream_reader_broken"}
    assert "s3cret" not in repr(logged)


async def test_a_camera_that_asks_and_never_listens_is_hung_up_on() -> None:
    clock = Hand()
    ours, theirs = socket.socketpair()
    smart = SmartRule(clock(), no_key_s=15.0, keys_back=3, heal_s=30.0)
    session = RtspSession("a", read_address("rtsp://h/a"), smart, SETTINGS)
    wires = Wires(SETTINGS, clock, lambda wire, picture: None)
    ask = format_message(Request("OPTIONS", "*", (("CSeq", "1"),))) * 500
    with ours, theirs:
        ours.setblocking(False)
        theirs.setblocking(False)
        wire = Wire(ours, session, float("inf"))
        wires.add(wire)
        for _ in range(400):
            with suppress(BlockingIOError):
                theirs.send(ask)
            wires.empty()
            if wire.over.done():
                break
        assert wire.over.result() == Ended(Reason.GARBLED, "the camera asks and does not listen")
        assert wire.unsent == b""
        wires.drop(wire)
        wires.close()


async def test_a_gateways_cap_holds_and_everybody_has_a_turn() -> None:
    # Off for 45 s of 75: longer than what is an outage while connected.
    some = replace(SETTINGS, dwell_s=30.0, down_after_s=40.0, stall_s=1000.0)
    watched = Watched(some, gate=2)
    names = [f"cam{n}" for n in range(5)]
    async with Server() as server:
        good = playing("h264", clip("h264"))
        sources = [Source(name, fixed(server.add(name, good)), "gate") for name in names]
        async with watched.running(*sources):
            await until(lambda: len({one.camera for one in watched.pictures}) == 2)
            assert watched.loop.cycle_s("gate") == 75.0
            began = watched.clock.now
            while watched.clock.now < began + 75.0:
                watched.clock.now += 15.0
                await until(lambda: _served(watched, watched.clock.now))
            assert {one.camera for one in watched.pictures} == set(names)
            assert watched.lines == []
    assert server.most_open <= 2


def _served(watched: Watched, since: float) -> bool:
    """The camera whose turn has begun has given its pictures."""
    return any(one.at >= since for one in watched.pictures)


async def test_a_higher_cap_lets_the_others_in_and_cuts_nobody_off() -> None:
    watched = Watched(replace(SETTINGS, stall_s=1000.0), gate=1)
    names = [f"cam{n}" for n in range(3)]
    async with Server() as server:
        good = playing("h264", clip("h264"))
        sources = [Source(name, fixed(server.add(name, good)), "gate") for name in names]
        async with watched.running(*sources):
            await until(lambda: len(watched.pictures) == 3)
            assert {one.camera for one in watched.pictures} == {"cam0"}
            watched.caps["gate"] = 3
            watched.loop.change(sources)
            await until(lambda: {one.camera for one in watched.pictures} == set(names))
            assert watched.loop.cycle_s("gate") == 0.0
            assert [len(server.cameras[name]) for name in names] == [1, 1, 1]


async def test_a_lower_cap_ends_as_many_as_it_must_and_gives_turns_to_all() -> None:
    watched = Watched(replace(SETTINGS, stall_s=1000.0, dwell_s=30.0), gate=3)
    names = [f"cam{n}" for n in range(3)]
    async with Server() as server:
        good = playing("h264", clip("h264"))
        sources = [Source(name, fixed(server.add(name, good)), "gate") for name in names]

        def gone(name: str, connection: int = 0) -> bool:
            return server.cameras[name][connection].methods[-1] == "TEARDOWN"

        async with watched.running(*sources):
            await until(lambda: len(watched.pictures) == 9)
            watched.caps["gate"] = 1
            watched.loop.change(sources)
            await until(lambda: gone("cam1") and gone("cam2"))
            assert not gone("cam0") and len(server.cameras["cam0"]) == 1
            watched.clock.now += 30.0
            await until(lambda: len(watched.of("cam1")) == 6)
            assert gone("cam0") and len(server.cameras["cam2"]) == 1


async def test_one_more_than_a_gateway_gives_begins_turns_for_those_who_had_none() -> None:
    watched = Watched(replace(SETTINGS, stall_s=1000.0, dwell_s=30.0), gate=2)
    async with Server() as server:
        good = playing("h264", clip("h264"))
        sources = [Source(name, fixed(server.add(name, good)), "gate") for name in "abc"]
        async with watched.running(*sources[:2]):
            await until(lambda: len(watched.pictures) == 6)
            watched.loop.change(sources)
            for _ in range(3):
                watched.clock.now += 15.0
                await until(lambda: _served(watched, watched.clock.now))
            assert len(watched.of("c")) == 3


async def test_a_camera_can_be_switched_off_and_another_on() -> None:
    watched = Watched()
    async with Server() as server:
        good = playing("h264", clip("h264"))
        a, b = (Source(name, fixed(server.add(name, good))) for name in "ab")
        async with watched.running(a):
            await until(lambda: len(watched.of("a")) == 3)
            watched.loop.change([b])
            await until(lambda: len(watched.of("b")) == 3)
            await until(lambda: server.cameras["a"][0].methods[-1] == "TEARDOWN")
            assert [one.camera for one in watched.loop.reports()] == ["b"]
            assert [one.camera for one in watched.slots.take(watched.clock())] == ["b"]
            watched.loop.change([b])
            assert len(server.cameras["b"]) == 1
    assert watched.lines == []


async def test_an_error_of_our_own_is_not_swallowed() -> None:
    watched = Watched()

    async def broken(_: float) -> None:
        raise ZeroDivisionError

    watched.loop._wait = broken
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(20):
            await watched.loop.run([Source("a", fixed("rtsp://127.0.0.1:9/"))], asyncio.Event())
