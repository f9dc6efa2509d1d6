"""A street of cameras for the benchmarks of discover, sent by a process of its own.

It reads one order (JSON) from its input, draws the views (or takes
those of an earlier farm from a file), serves them as RTSP on loopback and says where. Then it does
what it is told, a line each: ``counts``, ``hold`` (send nothing more, keep the connections),
``fault CAMERA KIND``, ``well CAMERA``; each is answered with what was sent so far. It ends with its
input. What it needs of the processor is a street's cameras' and not counted in any figure.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from streetwise.town.almanac import ZONE
from streetwise.town.video.clips import Clip, clip_of
from streetwise.town.video.encode import Coding
from streetwise.town.video.farm import Farm, Fault, FaultKind
from streetwise.town.video.layout import Post
from streetwise.town.video.program import posts_of
from streetwise.town.video.render import Eye
from streetwise.town.world import build_world

SEED = 1
KEY_SECONDS = 2.0
#: A dry weekday's morning: light, and what moves then.
AT = datetime(2026, 5, 12, 10, 0, tzinfo=ZONE)
DRAW_SECONDS = 900.0
#: Only streets and fire lanes: what the first scenes look at, and where most moves.
SCENES = ("no_stopping", "fire_lane")

Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Order:
    """``cameras`` that show ``views`` drawn ones in turn, each at a place of its own in the round;
    ``channels`` (0: one per camera): so many rounds, each for many cameras at once."""

    cache: str
    cameras: int
    views: int
    fps: int
    channels: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """A drawn view: its round of pictures, and where one looks."""

    clip: Clip
    zone: Corners

    def keys(self) -> list[bytes]:
        """Its key pictures, coded, in order."""
        return [b"".join(b"\0\0\0\1" + unit for unit in group.first) for group in self.clip.groups]


def views(order: Order) -> list[View]:
    """The views of an order, drawn once and kept beside for the next farm."""
    kept = Path(order.cache) / f"views-{order.views}-{order.fps}.pickle"
    if not kept.exists():
        world = build_world(SEED)
        posts = [one for one in posts_of(world.cameras, world.scenes) if one.scene in SCENES]
        made = [_drawn(one, order.fps) for one in posts[: order.views]]
        kept.write_bytes(pickle.dumps(made))
    # Written by this run of the benchmark, in its own folder.
    return cast(list[View], pickle.loads(kept.read_bytes()))


def _drawn(post: Post, fps: int) -> View:
    eye = Eye(SEED, post)
    clip = clip_of(eye, eye.state(AT), Coding("h264", fps, KEY_SECONDS))
    return View(clip, eye.layout.zone_corners())


class Street(Farm):
    """A farm that can be held still."""

    held = False

    def beat(self, now: float) -> None:
        if not self.held:
            super().beat(now)


def fill(farm: Farm, order: Order, shown: Sequence[View]) -> None:
    """Give each camera its view; key pictures of all are spread over the two seconds."""
    channels = order.channels or order.cameras
    for number in range(channels):
        clip = shown[number % len(shown)].clip
        farm.put(f"r{number}", clip)
        channel = farm.channels[f"r{number}"]
        channel.group = number // len(shown) % len(clip.groups)
        channel.picture = number * 7 % clip.coding.group
    for number in range(order.cameras):
        farm.add(f"c{number}", f"r{number % channels}")


async def _serve(order: Order) -> None:
    shown = views(order)
    farm = Street()
    fill(farm, order, shown)
    port = await farm.start()
    _say({"port": port, "zones": [one.zone for one in shown]})
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode().split():
        _do(farm, line)
        _say({"keys": farm.keys, "sent": farm.sent, "sessions": len(farm.sessions)})
    await farm.stop()


def _do(farm: Street, line: list[str]) -> None:
    match line:
        case ["hold"]:
            farm.held = True
        case ["fault", camera, kind]:
            farm.fault(camera, Fault(cast(FaultKind, kind), every=2))
        case ["well", camera]:
            farm.fault(camera, None)


def _say(fields: dict[str, Any]) -> None:
    print(json.dumps(fields), flush=True)


@dataclass(slots=True)
class Farmed:
    """A farm that runs: where it is, and the zones of its views."""

    process: asyncio.subprocess.Process
    port: int
    zones: list[Corners]
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def address(self, camera: str) -> str:
        """Where a camera's stream is."""
        return f"rtsp://127.0.0.1:{self.port}/{camera}"

    async def tell(self, line: str) -> dict[str, int]:
        """Have it do something; what it has sent so far."""
        assert self.process.stdin is not None
        async with self._one_at_a_time:
            self.process.stdin.write(f"{line}\n".encode())
            return cast(dict[str, int], await _heard(self.process))


@asynccontextmanager
async def farm(order: Order) -> AsyncIterator[Farmed]:
    """A farm in a process of its own, for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        # Not by -m: the kept views name the classes of this module as others import it.
        sys.executable, "-c", "from bench.discover_farm import main; main()",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdin is not None
        process.stdin.write((json.dumps(asdict(order)) + "\n").encode())
        async with asyncio.timeout(DRAW_SECONDS):
            told = await _heard(process)
        zones = [tuple((float(x), float(y)) for x, y in zone) for zone in told["zones"]]
        yield Farmed(process, int(told["port"]), zones)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _heard(process: asyncio.subprocess.Process) -> Any:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("The farm has ended.")
    return json.loads(line)


def main() -> None:
    """Serve the order that stands on the input."""
    asyncio.run(_serve(Order(**json.loads(sys.stdin.readline()))))
