"""`streetwise town cameras`: the farm of a made town, the studio beside it, the gateway."""

from __future__ import annotations

import asyncio
import csv
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from streetwise.town.almanac import ZONE
from streetwise.town.planting import planted_courses

from .clips import Clip
from .encode import Coding
from .farm import Farm, Rules
from .gateway import Gateway
from .layout import Post
from .program import posts_of
from .studio import Made, Order, codings_of

#: Cameras that nobody analyses share so many views.
SHARED = 16
_WATCH_S = 0.05
#: Seconds between two times that the studio is told what time it is in the town.
TELL_S = 3.0


@dataclass(frozen=True, slots=True)
class Street:
    """What a made town says of its cameras."""

    seed: int
    rows: list[dict[str, str]]
    posts: list[Post]


def read_street(folder: Path) -> Street:
    """The cameras of a folder that ``town make`` wrote. Raises ``OSError``, ``ValueError``."""
    said = json.loads((folder / "cameras" / "street.json").read_text(encoding="utf-8"))
    with (folder / "cameras.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / "cameras" / "zones.csv").open(encoding="utf-8", newline="") as file:
        scenes = {row["camera"]: row["scene"] for row in csv.DictReader(file)}
    return Street(int(said["seed"]), rows, posts_of(rows, scenes))


def cast(posts: Sequence[Post], cameras: int) -> tuple[list[Post], dict[str, str]]:
    """Which views are drawn, and which of them each of the first ``cameras`` cameras shows.

    Analysed ones come first and have views of their own; the others share ``SHARED``.
    """
    chosen = sorted(posts, key=lambda post: not post.scene)[:cameras]
    drawn = [post for post in chosen if post.scene]
    rest = [post for post in chosen if not post.scene]
    shared = rest[:SHARED]
    shows = {post.code: post.code for post in drawn}
    shows |= {post.code: shared[k % len(shared)].code for k, post in enumerate(rest)}
    return [*drawn, *shared], shows


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says."""

    folder: Path
    port: int
    cameras: int
    coding: Coding
    h265_every: int
    rules: Rules
    share: float
    at: datetime | None


async def serve(
    given: Given, say: Callable[[str], None], clock: Callable[[], datetime] | None = None
) -> None:
    """Serve until cancelled; ``clock``: a town's time, which is followed. Raises ``OSError``,
    ``ValueError``."""
    street = read_street(given.folder)
    drawn, shows = cast(street.posts, given.cameras)
    farm = Farm(given.rules)
    for camera, name in shows.items():
        farm.add(camera, name)
    begin = given.at or (clock() if clock else datetime.now(ZONE)).astimezone(ZONE)
    courses = planted_courses(street.seed, begin.date(), begin.date())
    order = Order(street.seed, tuple(drawn), codings_of(drawn, given.coding, given.h265_every),
                  begin, courses, given.share)  # fmt: skip
    port = await farm.start(given.port)
    gateway = Gateway(farm, [r for r in street.rows if r["code"] in shows], f"127.0.0.1:{port}")
    http = await gateway.start(port + 1 if given.port else 0)
    process, ours = _studio(order)
    say(
        f"{len(shows)} cameras: rtsp://127.0.0.1:{port}/CODE, http://127.0.0.1:{http}/snapshot/CODE.jpg"
    )
    try:
        await _receive(farm, ours, lambda: process.poll() is None, clock)
    finally:
        ours.close()
        process.terminate()
        process.wait()
        await gateway.stop()
        await farm.stop()


def _studio(order: Order) -> tuple[subprocess.Popen[bytes], Connection]:
    """The process that draws, and our end of the pipe to it; it ends when that is closed.

    Not by ``multiprocessing``'s own start, which runs the command once more in the child.
    """
    ours, theirs = Pipe()
    code = f"from streetwise.town.video.studio import child; child({theirs.fileno()})"
    process = subprocess.Popen([sys.executable, "-c", code], pass_fds=[theirs.fileno()])
    theirs.close()
    ours.send(order)
    return process, ours


async def _receive(
    farm: Farm,
    ours: Connection,
    alive: Callable[[], bool],
    clock: Callable[[], datetime] | None,
) -> None:
    """Put what the studio makes, and tell it the time; ends with an error when it has died."""
    clips: dict[str, Clip] = {}
    told = time.monotonic()
    while True:
        while ours.poll():
            try:
                made = ours.recv()
            except EOFError:
                raise ChildProcessError("The process that draws has ended.") from None
            take(farm, clips, made)
        if clock is not None and time.monotonic() - told >= TELL_S:
            told = time.monotonic()
            with suppress(OSError):  # it has died; that is said below
                ours.send(clock().astimezone(ZONE))
        if not alive():
            raise ChildProcessError("The process that draws has ended.")
        await asyncio.sleep(_WATCH_S)


def take(farm: Farm, clips: dict[str, Clip], made: Made) -> None:
    """A piece from the studio into the farm: a new clip, or the rest of the one that began."""
    if made.number == 0:
        clips[made.camera] = Clip(made.coding, made.state, list(made.groups))
        farm.put(made.camera, clips[made.camera])
    elif clips[made.camera].state == made.state:
        clips[made.camera].groups.extend(made.groups)
