"""Background jobs in a process beside the server's: an import takes nothing from who clicks.

Python does one thing at a time in a process. With jobs inside the server's, an import of 30,000
reports made each click wait for half a second (docs/decisions/0024).

The server starts the process (``web.worker_process``), hands it the settings over a pipe, starts it
again when it ends, and ends it with itself. The pipe is the leash: when the server is killed, the
pipe closes, and the process stops working.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from streetwise.kernel import logs
from streetwise.kernel.runtime import Runtime

log = logs.get(__name__)

PROCESS = "streetwise.web.worker_process"
#: Waits before the process is started again, the longer the oftener it ends.
RESTART_SECONDS = (1.0, 5.0, 30.0)
#: Who worked for so long did not end by its own beginning.
LONG_SECONDS = 60.0


async def keep_beside(runtime: Runtime, module: str | None = None, **more: Any) -> None:
    """Keep a process at work until cancelled; the one for jobs unless another is named.

    ``more``: what it is told besides (as JSON).
    """
    module = module or PROCESS
    loop = asyncio.get_running_loop()
    short = 0
    while True:
        began = loop.time()
        try:
            process = await _start(runtime, module, more)
        except OSError as error:
            # No memory, or no more processes: jobs wait, and it is tried for as long as we serve.
            log.error(
                "worker_not_started", module=module, error=type(error).__name__, errno=error.errno
            )
        else:
            try:
                status = await process.wait()
            except asyncio.CancelledError:
                await _stop(process, runtime.settings.shutdown_grace_seconds)
                raise
            log.error("worker_ended", module=module, status=status)
        short = 0 if loop.time() - began > LONG_SECONDS else short + 1
        await asyncio.sleep(RESTART_SECONDS[min(short, len(RESTART_SECONDS) - 1)])


async def _start(
    runtime: Runtime, module: str, more: Mapping[str, Any]
) -> asyncio.subprocess.Process:
    # Ctrl-C in a terminal goes to the server alone, which ends this one in its own time.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdin=asyncio.subprocess.PIPE, process_group=0
    )
    assert process.stdin is not None
    # Not by the environment, where the database's password could be read for as long as it lives.
    orders = {
        "settings": runtime.settings.model_dump(mode="json"),
        "database": runtime.database.url,
        "log_level": logging.getLevelName(logging.getLogger().level),
        **more,
    }
    with suppress(ConnectionError):  # it ended at once: waiting for it says so
        process.stdin.write(json.dumps(orders).encode() + b"\n")
        await process.stdin.drain()
    return process


async def _stop(process: asyncio.subprocess.Process, grace_seconds: float) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        # A job in hand has as long as an open request, and a moment to close its connections.
        async with asyncio.timeout(grace_seconds + 1):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
