"""Run by a test, and killed by it: a worker that is in the middle of a sweep.

Arguments: the database, the installation's folder, business time. Says ``swept`` when the rows,
entries and messages of a batch are written and the transaction is not over, and stays there.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import open_runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.clocks.sweep import sweep


async def main(url: str, home: str, now: str, limit: str) -> None:
    """Sweep, and wait for the end."""
    clock = HandClock(datetime.fromisoformat(now))
    viewer = Viewer.system("deadlines")
    async with (
        open_runtime(Settings(home=Path(home)), url, clock=clock) as runtime,
        runtime.database.unit_of_work(viewer) as uow,
    ):
        took = await sweep(uow, viewer, runtime.keys, int(limit))
        await uow.session.flush()
        print("swept", took, flush=True)
        await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
