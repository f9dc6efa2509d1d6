"""A process that lives through stretches of the past: ``python -m streetwise.town.past_worker``.

Reads its orders as one JSON document from standard input (it holds passwords, which have no place
on a command line) and says on standard output, a JSON document a line, how far it is. It ends when
its orders are done, or when whoever started it has gone.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from streetwise.kernel import logs, memory
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import open_runtime
from streetwise.kernel.settings import Settings
from streetwise.town import chunks
from streetwise.town.backfill import backfill
from streetwise.town.chunks import Chunk
from streetwise.town.history import Teller
from streetwise.town.planting import planted_courses
from streetwise.town.world import read_world

#: A share is told when it has grown by so much.
STEP = 0.02


def main() -> None:
    """Do what standard input says."""
    orders = json.loads(sys.stdin.readline())
    logs.set_up("WARNING")
    if orders["nice"]:
        os.nice(orders["nice"])
    settings = Settings(**orders["settings"])
    since, until = (datetime.fromisoformat(orders[name]) for name in ("since", "until"))
    courses = planted_courses(orders["seed"], since.date(), until.date())
    teller = Teller(read_world(Path(orders["folder"])), orders["seed"], courses)
    memory.settle()
    for one in orders["chunks"]:
        chunk = Chunk(
            one["number"],
            datetime.fromisoformat(one["start"]),
            datetime.fromisoformat(one["end"]),
        )
        if not chunks.has_arrived(orders["owner"], chunk):
            chunks.open_copy(orders["owner"], chunk)
            asyncio.run(_live(settings, orders, teller, chunk, until))
            chunks.move_in(orders["owner"], chunk)
            chunks.close_copy(orders["owner"], chunk)
        _say(chunk.number, 1.0, arrived=True)


async def _live(
    settings: Settings, orders: dict[str, Any], teller: Teller, chunk: Chunk, until: datetime
) -> None:
    told = 0.0

    def progress(share: float) -> None:
        nonlocal told
        if share >= told + STEP:
            told = share
            _say(chunk.number, share, arrived=False)

    url = chunks.in_copy(orders["app"], chunk)
    clock = HandClock(chunk.start)
    async with open_runtime(settings, url, clock=clock, alone=True) as runtime:
        await backfill(
            runtime,
            teller.with_echoes(chunk.start, chunk.end, until),
            area=orders["area"],
            seed=orders["seed"],
            start=chunk.start,
            end=chunk.end,
            handled_until=until,
            progress=progress,
        )


def _say(number: int, share: float, *, arrived: bool) -> None:
    # A closed pipe: whoever started this has gone, and so does this.
    sys.stdout.write(json.dumps({"number": number, "share": share, "arrived": arrived}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
