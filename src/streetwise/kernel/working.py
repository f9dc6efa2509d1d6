"""A process at work: it takes jobs from the queue and brings what comes by itself."""

from __future__ import annotations

import asyncio

from streetwise.kernel import logs
from streetwise.kernel.jobs import Worker
from streetwise.kernel.periodic import bring_forever
from streetwise.kernel.runtime import Runtime

log = logs.get(__name__)

#: Beyond the grace for jobs in hand: after that, what has not ended is told to once more.
CANCEL_AGAIN_SECONDS = 3.0


async def keep_working(runtime: Runtime) -> None:
    """Work until cancelled; when the database goes away, again when it is back."""
    bringer = asyncio.create_task(bring_forever(runtime), name="periodic work")
    try:
        await _work(runtime)
    finally:
        bringer.cancel()
        await asyncio.gather(bringer, return_exceptions=True)


async def work_until(runtime: Runtime, stop: asyncio.Event) -> None:
    """Work until told to stop."""
    tasks = (asyncio.create_task(keep_working(runtime)), asyncio.create_task(stop.wait()))
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    patience = runtime.settings.shutdown_grace_seconds + CANCEL_AGAIN_SECONDS
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        # Told just while it started, the queue's worker once missed it and worked on for ever.
        _, left = await asyncio.wait(left, timeout=patience)
    await asyncio.gather(*tasks, return_exceptions=True)


async def _work(runtime: Runtime) -> None:
    pause = runtime.settings.jobs_poll_seconds
    down = False
    while True:
        try:
            await Worker(runtime).run()
            return
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever ends the worker, work must go on
            if not down:
                log.warning("worker_down", error=type(error).__name__)
            down = True
        await asyncio.sleep(pause)
