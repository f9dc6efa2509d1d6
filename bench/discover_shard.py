"""A real shard on a farm's streams, for a while: what it cost and what it looked at.

CPU by the process, from the system's own account; memory as PSS (shared pages counted once, in
shares). The bench's own loop is the coordinator here and is counted with the rest.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bench.discover_farm import Farmed
from streetwise.discover.engine.orders import Charge
from streetwise.discover.engine.shard import Shard, ShardSettings, Stream, Watched
from streetwise.discover.engine.wire import Message
from streetwise.discover.values import Zone

#: Until all send and an eye has told of itself: 1,200 connections on a busy machine take long.
WARM_SECONDS = 180.0
LEARN_SECONDS = 14.0
PUBLISH_SECONDS = 2.0
#: The streams' report comes every ten seconds; nothing is sent meanwhile.
SETTLE_SECONDS = 11.0

#: A vehicle that stands, as the shipped scene has it; the times are the benchmark's.
SCENE = """
key: bench
name: 测
name_en: Bench
classes: [car, motorcycle, bus, truck]
zone: lane
touch: foot
area_least: 0.004
score: 0.35
stationary: true
dwell_seconds: 180
seen: 5
of: 7
cadence_seconds: {cadence}
least_every_seconds: {least}
clear_looks: 3
clear_seconds: 20
priority: 2
scheme: request
code: R-02
"""


@dataclass(frozen=True, slots=True)
class Way:
    """How is looked. ``cadence``: seconds, where the gate saw a change; ``least``: in any case.
    ``pace``: a picture goes to an eye at most so often (0: each key picture). ``warm``: seconds
    before the window, where the gate has more to learn than a few pictures of each."""

    model: str
    cadence: float
    least: float
    pace: float = 0.0
    warm: float = 0.0
    eyes: int = 2
    publish: float = PUBLISH_SECONDS


@dataclass(slots=True)
class Figures:
    """Of one window. ``cores`` by the process; rates per second of all cameras together."""

    seconds: float = 0.0
    cores: dict[str, float] = field(default_factory=dict)
    pss_mib: dict[str, float] = field(default_factory=dict)
    decoded: float = 0.0
    inferred: float = 0.0
    keys_sent: int = 0
    keys_received: int = 0
    full_streams: int = 0
    overload: bool = False

    @property
    def core(self) -> float:
        """CPU seconds per second, of all processes."""
        return sum(self.cores.values())

    @property
    def mib(self) -> float:
        """Memory of all processes."""
        return sum(self.pss_mib.values())


class Heard:
    """What a shard tells, kept as far as it is counted."""

    def __init__(self) -> None:
        self.streams: dict[str, list[Any]] = {}
        self.streams_at = 0.0
        self.lines: list[Message] = []
        self.overload = False
        self.cadences: dict[str, list[Any]] = {}
        self.counts: dict[str, list[tuple[float, int, int]]] = {}
        self.published: dict[str, list[int]] = {}
        self.told: dict[str, int] = {}

    def __call__(self, message: Message) -> None:
        self.told[message.kind] = self.told.get(message.kind, 0) + 1
        fields = message.fields
        if message.kind == "streams":
            self.streams = {row[0]: row for row in fields["rows"]}
            self.streams_at = time.monotonic()
        elif message.kind == "line":
            self.lines.append(message)
        elif message.kind == "overload":
            self.overload = self.overload or bool(fields["began"])
        elif message.kind == "cadences" and fields["rows"]:
            self.cadences.update({row[0]: row for row in fields["rows"]})
            # An eye is known by the first of its cameras.
            eye = str(fields["rows"][0][0])
            self.counts.setdefault(eye, []).append(
                (time.monotonic(), fields["decoded"], fields["inferred"])
            )
            self.published.setdefault(eye, []).append(sum(row[3] for row in fields["rows"]))

    @property
    def pictures(self) -> int:
        """Pictures that the reader has received."""
        return sum(int(row[2]) for row in self.streams.values())

    @property
    def all_up(self) -> bool:
        """Whether every camera of the last report gives pictures."""
        return all(row[1] == "up" for row in self.streams.values())

    def lines_of(self, camera: str) -> list[Message]:
        """Its outages: each a line down and a line up."""
        return [one for one in self.lines if one.fields["camera"] == camera]

    def recount(self) -> tuple[int, int]:
        """Looks as published, window after window, and inferences as the eyes counted them.

        Windows of one camera and scene follow each other without a gap, and a picture serves one
        scene here: the two are the same but for what lies on the edges. An eye that began again
        counts from nothing, and the window in which it did is left out.
        """
        published = made = 0
        for eye, told in self.counts.items():
            for number in range(1, len(told)):
                since = told[number][2] - told[number - 1][2]
                if since >= 0:
                    published += self.published[eye][number]
                    made += since
        return published, made

    def rates(self, since: float) -> tuple[float, float]:
        """Decoded and inferred per second, of all eyes, from the first telling after ``since``."""
        decoded = inferred = 0.0
        for told in self.counts.values():
            inside = [one for one in told if one[0] >= since]
            if len(inside) > 1:
                (a, d0, i0), (b, d1, i1) = inside[0], inside[-1]
                decoded += (d1 - d0) / (b - a)
                inferred += (i1 - i0) / (b - a)
        return decoded, inferred


@asynccontextmanager
async def looking(
    farm: Farmed, models: Path, cameras: int, way: Way, stream: dict[str, Any] | None = None
) -> AsyncIterator[tuple[Shard, Heard]]:
    """A shard that looks at a farm's cameras."""
    heard = Heard()
    settings = ShardSettings(
        models, (way.model,) if way.model else (), "Asia/Shanghai", eyes=way.eyes,
        scenes=(SCENE.format(cadence=way.cadence, least=way.least),),
        # Connected within seconds, so that the window begins soon.
        stream={"stagger_s": 3.0, **(stream or {})},
        eye={"publish_seconds": way.publish}, pace_seconds=way.pace,
    )  # fmt: skip
    shard = Shard(settings, heard)
    shard.watch([_watched(farm, number) for number in range(cameras)])
    task = asyncio.create_task(shard.run())
    try:
        yield shard, heard
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _watched(farm: Farmed, number: int) -> Watched:
    camera = f"c{number}"
    corners = farm.zones[number % len(farm.zones)]
    zone = Zone(camera, "bench", "z", corners)
    return Watched(Charge(number, camera, (zone,)), Stream("rtsp", farm.address(camera)))


async def figures(
    farm: Farmed, models: Path, cameras: int, way: Way, seconds: float, *, exact: bool = False
) -> Figures:
    """Look for ``seconds`` once all cameras send. ``exact``: then hold the farm still and count
    what it has sent and what the reader has received, from the first picture to the last."""
    async with looking(farm, models, cameras, way) as (shard, heard):
        await _all_send(farm, heard, cameras, way)
        found, cpu, began = Figures(), _cpu(shard), time.monotonic()
        await asyncio.sleep(seconds)
        found.seconds = time.monotonic() - began
        after = _cpu(shard)
        # A process that was started anew would begin at nothing.
        assert after.keys() == cpu.keys()
        found.cores = {name: (after[name] - cpu[name]) / found.seconds for name in cpu}
        found.pss_mib = {name: pss(pid) for name, pid in shard.pids.items()}
        found.decoded, found.inferred = heard.rates(began)
        found.overload = heard.overload
        if exact:
            counts = await farm.tell("hold")
            at = time.monotonic()
            async with asyncio.timeout(3 * SETTLE_SECONDS):
                while heard.streams_at < at + 1:
                    await asyncio.sleep(0.1)
            found.keys_sent, found.keys_received = counts["keys"], heard.pictures
            # Of a stream that is followed in full every picture is counted, not the keys alone.
            found.full_streams = sum(bool(row[7]) for row in heard.streams.values())
    return found


async def _all_send(farm: Farmed, heard: Heard, cameras: int, way: Way) -> None:
    async with asyncio.timeout(WARM_SECONDS):
        while (await farm.tell("counts"))["sessions"] < cameras:
            await asyncio.sleep(0.2)
        # Then a few pictures of each: the gate has learned, the detector is warm.
        while way.model and len(heard.counts) < way.eyes:
            await asyncio.sleep(0.2)
    # Until the gate has learned, every picture is a change to it.
    await asyncio.sleep(way.warm or (3.0 if way.least <= way.cadence else LEARN_SECONDS))


def _cpu(shard: Shard) -> dict[str, float]:
    """CPU seconds so far, by name."""
    found = {}
    for name, pid in {**shard.pids, "coordinator": os.getpid()}.items():
        times = psutil.Process(pid).cpu_times()
        found[name] = times.user + times.system
    return found


def pss(pid: int) -> float:
    """MiB of a process, shared pages in shares."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no Pss")
