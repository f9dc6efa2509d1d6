"""``python -m streetwise.web.worker_process``: does jobs for the server that started it.

Its orders (settings, database, level of the log) are the first line of its input. When the input
ends, the server is gone, and so is the work here.
"""

from __future__ import annotations

# isort: off
import streetwise.kernel.starting  # noqa: F401 - before all others: it has its effect on them
# isort: on

import asyncio
import json
import os
import sys
import threading

from sqlalchemy.exc import OperationalError

from streetwise.discover.catalogue import take_own
from streetwise.kernel import ending, logs, memory
from streetwise.kernel.errors import StreetwiseError
from streetwise.kernel.runtime import open_runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.working import work_until
from streetwise.web.rooms import ROOMS

log = logs.get(__name__)

#: Behind every click and every screen, when there is not enough for all (nice(2)).
NICENESS = 19


async def main() -> None:
    """Work until told to stop, or until nobody is there to tell."""
    assert ROOMS  # imported for the jobs that the rooms declare
    leash = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(leash), sys.stdin
    )
    line = await leash.readline()
    if not line:  # the server ended before it said anything
        return
    orders = json.loads(line)
    settings = Settings.model_validate(orders["settings"])
    logs.set_up(orders["log_level"], settings.log_format)
    try:
        await _work(settings, orders["database"], leash)
    except (OperationalError, StreetwiseError) as error:
        # The database is away: the server says so itself, and starts this process again.
        log.warning("worker_not_started", error=type(error).__name__)
        sys.exit(1)


async def _work(settings: Settings, database: str, leash: asyncio.StreamReader) -> None:
    stop = asyncio.Event()

    async def let_go() -> None:
        await leash.read()
        # The server was killed, and maybe its database with it: closing connections to that can
        # take minutes. What is not done by then is as if this process had been killed too.
        last = threading.Timer(settings.shutdown_grace_seconds + 1, os._exit, [1])
        last.daemon = True
        last.start()
        stop.set()

    take_own(settings.scenes_path)
    async with open_runtime(settings, database) as runtime:
        memory.settle()
        released = asyncio.create_task(let_go())
        with ending.told_instead(lambda _: stop.set()):
            await work_until(runtime, stop)
        released.cancel()


if __name__ == "__main__":
    os.nice(NICENESS)
    ending.install()
    asyncio.run(main())
