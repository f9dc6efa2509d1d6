"""``make soak-cameras MINUTES=…``: a shard on real streams while cameras misbehave, then count.

Faults come compressed, one after another on cameras by chance: packets dropped, the stream
stalled, connections closed again and again, a camera that lies about its rate, one that numbers
packets wrongly. Each lasts longer than what counts as an outage, and then the camera is well again.
Once in a while an eye is killed. Afterwards everything is counted: each outage is one line down
and one line up, what a camera does that harms nothing is no outage, memory is flat, the looks that
were published are those that were made, no process is left and none was a zombie.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import psutil
from rich.console import Console

from bench.discover import CARD, MODEL
from bench.discover_farm import Farmed, Order, farm
from bench.discover_shard import Heard, Way, looking, pss
from bench.meter import median
from streetwise.discover.detectors.registry import Registry, card_from
from streetwise.discover.engine.shard import Shard
from streetwise.kernel import logs

SEED = 8
VIEWS, FPS = 4, 5
#: Times of the streams, compressed: what takes minutes in a street takes seconds here.
STREAM = {
    "stall_s": 4.0, "down_after_s": 6.0, "backoff_first_s": 0.3, "backoff_most_s": 2.0,
    "connect_s": 2.0, "answer_s": 3.0,
}  # fmt: skip
FAULT_SECONDS = 14.0
WELL_SECONDS = 40.0
BETWEEN_SECONDS = 3.0
EYE_EVERY_SECONDS = 60.0
PUBLISH_SECONDS = 10.0
SAMPLE_SECONDS = 3.0
#: Python keeps what it once took; more than this is growth.
MEMORY_SHARE, MEMORY_MIB = 1.05, 6.0
#: A look is counted at its picture's time and told at another: so many may lie on an edge.
EDGE_SHARE = 0.1
#: What is an outage for certain, what never, and what may be one (by chance of which packets).
CERTAIN, NEVER, PERHAPS = ("stall", "close"), ("rate",), ("drop", "wrong_seq")

console = Console(stderr=True, highlight=False)


@dataclass(slots=True)
class Account:
    """What was done and seen."""

    faults: Counter[str] = field(default_factory=Counter)
    by_camera: dict[str, list[str]] = field(default_factory=dict)
    killed: int = 0
    memory: list[float] = field(default_factory=list)
    zombies: int = 0
    pids: set[int] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


async def _soak(home: Path, minutes: float, cameras: int) -> dict[str, Any]:
    way = Way(CARD, 1.0, 4.0, publish=PUBLISH_SECONDS)
    account, chance = Account(), random.Random(SEED)
    async with (
        farm(Order(str(home), cameras, VIEWS, FPS)) as sent,
        looking(sent, home / "models", cameras, way, STREAM) as (shard, heard),
    ):
        await _until(lambda: len(heard.streams) == cameras and heard.all_up, 90)
        console.print(f"{cameras} cameras are up; {minutes:g} minutes of faults")
        # Who was slow to begin with on a busy machine was down; that is no fault of ours.
        begun, end = len(heard.lines), time.monotonic() + minutes * 60
        watching = asyncio.create_task(_sample(shard, account))
        killing = asyncio.create_task(_kill(shard, account, chance, end))
        lanes = [
            asyncio.create_task(_lane(sent, heard, account, chance, lane, end))
            for lane in _lanes(cameras)
        ]
        await asyncio.gather(*lanes)
        await killing
        # The streams' own report comes every ten seconds; the last lines are in it.
        await asyncio.sleep(11)
        watching.cancel()
        pictures = heard.pictures
    _check(account, heard, begun)
    for pid in account.pids:
        if psutil.pid_exists(pid):
            account.wrong.append(f"process {pid} is left")
    return {
        "minutes": minutes, "cameras": cameras, "faults": dict(account.faults),
        "lines": len(heard.lines), "pictures": pictures, "eyes_killed": account.killed,
        "memory_mib": [round(one, 1) for one in _quarters(account.memory)],
        "wrong": account.wrong,
    }  # fmt: skip


def _lanes(cameras: int) -> list[list[str]]:
    """Three at a time are unwell, each lane with cameras of its own; a quarter is never touched,
    so that there is something to compare with."""
    names = [f"c{number}" for number in range(cameras) if number % 4]
    return [names[lane::3] for lane in range(3)]


async def _lane(
    sent: Farmed,
    heard: Heard,
    account: Account,
    chance: random.Random,
    names: list[str],
    end: float,
) -> None:
    """One camera after the other: unwell, well, and up again before the next."""
    while time.monotonic() < end:
        camera = chance.choice(names)
        kind = chance.choice((*CERTAIN, *CERTAIN, *NEVER, *PERHAPS))
        before = heard.lines_of(camera)
        await sent.tell(f"fault {camera} {kind}")
        await asyncio.sleep(FAULT_SECONDS)
        await sent.tell(f"well {camera}")
        account.faults[kind] += 1
        account.by_camera.setdefault(camera, []).append(kind)
        try:
            # Up again, or never down.
            await _until(lambda: not len(heard.lines_of(camera)) % 2, WELL_SECONDS)  # noqa: B023
        except TimeoutError:
            account.wrong.append(f"{camera} did not come up again after {kind}")
        await asyncio.sleep(BETWEEN_SECONDS)
        said = [one.fields["up"] for one in heard.lines_of(camera)[len(before) :]]
        due = {True: [[False, True]], False: [[], [False, True]]}[kind in CERTAIN]
        if kind in NEVER:
            due = [[]]
        if said not in due:
            account.wrong.append(f"{camera}, {kind}: lines (up?) {said}")


async def _kill(shard: Shard, account: Account, chance: random.Random, end: float) -> None:
    while time.monotonic() + EYE_EVERY_SECONDS < end:
        await asyncio.sleep(EYE_EVERY_SECONDS)
        name = chance.choice([one for one in shard.pids if one.startswith("eye")])
        os.kill(shard.pids[name], signal.SIGKILL)
        account.killed += 1


async def _sample(shard: Shard, account: Account) -> None:
    ours = psutil.Process()
    while True:
        await asyncio.sleep(SAMPLE_SECONDS)
        pids = shard.pids
        account.pids |= set(pids.values())
        try:
            # The reader lives from beginning to end; eyes are killed and begin again.
            account.memory.append(pss(pids["reader"]) + pss(ours.pid))
        except (KeyError, OSError):
            continue
        states = [child.status() for child in ours.children()]
        account.zombies += states.count(psutil.STATUS_ZOMBIE)


def _check(account: Account, heard: Heard, begun: int) -> None:
    touched = set(account.by_camera)
    for line in heard.lines[begun:]:
        if line.fields["camera"] not in touched:
            account.wrong.append(f"{line.fields['camera']} was well, and was said to be down")
    _, early, _, late = _quarters(account.memory)
    if late > early * MEMORY_SHARE + MEMORY_MIB:
        account.wrong.append(f"memory grew from {early:.1f} to {late:.1f} MiB")
    # The ended are waited for by asyncio's own watcher: one may be seen for a moment.
    if account.zombies > account.killed:
        account.wrong.append(f"zombies were seen {account.zombies} times")
    published, made = heard.recount()
    if abs(published - made) > EDGE_SHARE * made + 1:
        account.wrong.append(f"{published} looks were published, {made} were made")


def _quarters(samples: list[float]) -> list[float]:
    size = max(1, len(samples) // 4)
    return [median(samples[at * size : (at + 1) * size] or samples[-1:]) for at in range(4)]


async def _until(true: Any, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.2)


@click.command()
@click.option("--minutes", type=click.FloatRange(0.5, 20), default=5.0, show_default=True)
@click.option("--cameras", type=click.IntRange(8, 101), default=16, show_default=True)
def main(minutes: float, cameras: int) -> None:
    """Look at cameras that misbehave, and count; 1 where something is wrong."""
    if not MODEL.exists():
        raise click.UsageError(f"There is no {MODEL}: nothing can look.")
    logs.set_up("ERROR")
    with tempfile.TemporaryDirectory(prefix="sw-soak-") as folder:
        home = Path(folder)
        Registry(home / "models").add(str(MODEL), card_from(CARD), threads=1)
        found = asyncio.run(_soak(home, minutes, cameras))
    print(json.dumps(found, indent=1))
    sys.exit(1 if found["wrong"] else 0)


if __name__ == "__main__":
    main()
