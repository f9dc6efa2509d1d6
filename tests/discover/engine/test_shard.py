"""A shard with its real processes: files as cameras, an eye that is killed, none left behind."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from discover.cards import content, small_model
from discover.engine.clips import file
from discover.engine.seeing import CAR, coded, painted
from discover.streams.clips import clip
from discover.streams.server import Server, playing

from streetwise.discover.detectors.card import read_card
from streetwise.discover.detectors.registry import Registry
from streetwise.discover.engine.crumb import NOBODY
from streetwise.discover.engine.keeper import Ended
from streetwise.discover.engine.orders import Charge, pictures_of
from streetwise.discover.engine.shard import Shard, ShardSettings, Stream, Watched
from streetwise.discover.engine.wire import Message
from streetwise.discover.values import Zone

PATIENCE_SECONDS = 90
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
#: A car that stands for half a second is a finding here.
QUICK = """
key: quick
name: 快
name_en: Quick
classes: [car]
zone: lane
touch: area
area_least: 0
score: 0.3
stationary: true
dwell_seconds: 0.5
seen: 2
of: 3
cadence_seconds: 0.5
least_every_seconds: 0.5
clear_looks: 2
clear_seconds: 0.5
priority: 1
scheme: request
code: R-02
"""


class Heard:
    """What a shard told, to be waited for."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._more = asyncio.Event()

    def __call__(self, message: Message) -> None:
        self.messages.append(message)
        self._more.set()

    def of(self, kind: str) -> list[Message]:
        return [one for one in self.messages if one.kind == kind]

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not true():
                self._more.clear()
                await self._more.wait()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with one small model, that sees a car in the middle of every picture."""
    import hashlib

    folder = tmp_path_factory.mktemp("models")
    model = small_model()
    path = folder.parent / "small.onnx"
    path.write_bytes(model)
    told = content(file__sha256=hashlib.sha256(model).hexdigest())
    Registry(folder).add(str(path), read_card(yaml.safe_dump(told)), threads=1)
    return folder


def watched(path: Path, count: int = 2) -> list[Watched]:
    return [
        Watched(
            Charge(number, f"c{number}", (Zone(f"c{number}", "quick", "z", WHOLE),)),
            Stream("file", str(path), every_seconds=0.25),
        )
        for number in range(count)
    ]


@asynccontextmanager
async def running(
    models: Path, cameras: list[Watched], stream: dict[str, Any] | None = None
) -> AsyncIterator[tuple[Shard, Heard]]:
    heard = Heard()
    settings = ShardSettings(
        models, ("small",), "Asia/Shanghai", scenes=(QUICK,), stream=stream or {}
    )
    shard = Shard(settings, heard)
    shard.watch(cameras)
    task: Awaitable[None] = asyncio.create_task(shard.run())
    try:
        yield shard, heard
    finally:
        task.cancel()  # type: ignore[attr-defined]
        with suppress(asyncio.CancelledError):
            await task


def remembered(heard: Heard) -> set[str]:
    """Cameras of whose finding the eyes have told that they know it."""
    return {
        row["camera"] for one in heard.of("memory") for row in one.fields["rules"] if row["finding"]
    }


async def test_cameras_are_shared_out_looked_at_and_found_once_though_an_eye_is_killed(
    models: Path, tmp_path: Path
) -> None:
    async with running(models, watched(file(tmp_path, seconds=3))) as (shard, heard):
        await heard.until(lambda: len(heard.of("opened")) == 2)
        assert {one.fields["camera"] for one in heard.of("opened")} == {"c0", "c1"}
        assert all(pictures_of(one)["during"][:2] == b"\xff\xd8" for one in heard.of("opened"))
        # An eye that dies between telling and remembering tells again; the rows know better (0046).
        await heard.until(lambda: remembered(heard) == {"c0", "c1"})
        pids = shard.pids
        assert set(pids) == {"reader", "eye-0", "eye-1"}

        os.kill(pids["eye-0"], signal.SIGKILL)
        stood = len(heard.of("looked"))
        await heard.until(
            lambda: (
                len(heard.of("ready")) == 3
                and {one.fields["camera"] for one in heard.of("looked")[stood + 6 :]}
                == {"c0", "c1"}
            )
        )
        # The new eye was given what the old one knew.
        assert len(heard.of("opened")) == 2
        assert shard.pids["eye-0"] != pids["eye-0"]
        last = list(shard.pids.values())

        shard.watch(watched(tmp_path / "clip.mp4", 1))
        shard.ask("c0", "r1")
        await heard.until(lambda: bool(heard.of("shown")))
    for pid in last:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_streams_are_read_and_looked_at_and_connected_again_when_the_reader_is_killed(
    models: Path,
) -> None:
    pictures = clip("h264")
    async with Server() as server:
        addresses = [
            server.add(name, playing("h264", pictures, after="close", login=("sw", "secret")))
            for name in ("a", "b")
        ]
        cameras = [
            Watched(one.charge, Stream("rtsp", address, user="sw", password="secret"))
            for one, address in zip(watched(Path()), addresses, strict=True)
        ]
        quick = {"stagger_s": 0.0, "backoff_first_s": 0.05, "backoff_most_s": 0.1, "pump_ms": 10}
        async with running(models, cameras, quick) as (shard, heard):
            await heard.until(lambda: remembered(heard) == {"c0", "c1"})
            pid = shard.pids["reader"]
            os.kill(pid, signal.SIGKILL)
            looked = len(heard.of("looked"))
            await heard.until(
                lambda: (
                    {one.fields["camera"] for one in heard.of("looked")[looked + 4 :]}
                    == {"c0", "c1"}
                )
            )
            assert shard.pids["reader"] != pid
            assert len(heard.of("opened")) == 2


async def test_a_camera_whose_pictures_crash_an_eye_twice_is_left_alone(tmp_path: Path) -> None:
    heard = Heard()
    shard = Shard(ShardSettings(tmp_path, (), "Asia/Shanghai", eyes=1), heard)
    shard.watch(watched(tmp_path / "none.mp4", 3))
    shard._eye_ended(0, Ended(-6, 1, hung=False))
    shard._eye_ended(0, Ended(-6, NOBODY, hung=False))
    assert [one.fields for one in heard.of("crashed")] == [{"camera": "c1", "waits_seconds": None}]
    shard._eye_ended(0, Ended(-6, 1, hung=False))
    assert heard.of("crashed")[-1].fields["waits_seconds"] == pytest.approx(600, abs=1)
    left = {one["camera"] for one in shard._charges(0).fields["charges"]}
    assert left == {"c0", "c2"}
    shard._waiting["c1"].cancel()
    shard._try_again("c1")
    assert len(shard._charges(0).fields["charges"]) == 3


def test_nothing_shows_a_streams_password() -> None:
    stream = Stream("rtsp", "rtsp://u:secret@camera.example/1", user="u", password="secret")
    assert "secret" not in repr(stream)


async def test_a_pushed_picture_is_looked_at_by_the_cameras_eye_and_by_no_other(
    models: Path,
) -> None:
    cameras = [Watched(one.charge, Stream("push")) for one in watched(Path(), 1)]
    picture = coded(painted([CAR]), 0.0).data

    async def device(shard: Shard) -> None:
        while True:
            shard.push("c0", picture)
            await asyncio.sleep(0.1)

    async with running(models, cameras) as (shard, heard):
        assert not shard.push("c9", picture)
        sending = asyncio.create_task(device(shard))
        try:
            await heard.until(lambda: bool(heard.of("opened")))
            assert pictures_of(heard.of("opened")[0])["during"][:2] == b"\xff\xd8"
            shard.watch([])
            assert not shard.push("c0", picture)
        finally:
            sending.cancel()
