"""The town's cameras and who looks at them: ``python -m streetwise.town.looking_process``.

Beside a demo, and ended with it (the same leash as the worker's, ``web/beside.py``). One process
serves the streams and coordinates; those that draw the pictures, read the streams and look are its
children. Behind every click: it is as nice as can be.
"""

from __future__ import annotations

# isort: off
import streetwise.kernel.starting  # noqa: F401 - before all others: it has its effect on them
# isort: on

import asyncio
import json
import os
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from streetwise.discover.coordinator import Coordinator
from streetwise.discover.engine.shard import Shard
from streetwise.discover.setting_up import shard_settings
from streetwise.kernel import ending, logs
from streetwise.kernel.errors import StreetwiseError
from streetwise.kernel.runtime import Runtime, open_runtime
from streetwise.kernel.settings import Settings
from streetwise.town import detector, looking
from streetwise.town.video.encode import Coding
from streetwise.town.video.farm import Rules
from streetwise.town.video.serve import Given, serve
from streetwise.web.rooms import ROOMS

log = logs.get(__name__)

NICENESS = 15
#: How much of a core may draw pictures; a street shows what was until it comes to it.
DRAWING_SHARE = 0.2
FPS = 5
LOOPBACK = "127.0.0.1"


async def main() -> None:
    """Serve and look until told to stop, or until nobody is there to tell."""
    assert ROOMS  # imported for what the rooms hook together: a finding becomes a signal, a case
    leash = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(leash), sys.stdin
    )
    line = await leash.readline()
    if not line:
        return
    orders = json.loads(line)
    settings = Settings.model_validate(orders["settings"])
    logs.set_up(orders["log_level"], settings.log_format)
    try:
        await _work(settings, orders, leash)
    except (OperationalError, StreetwiseError) as error:
        log.warning("looking_not_started", error=type(error).__name__)
        sys.exit(1)


async def _work(settings: Settings, orders: dict[str, Any], leash: asyncio.StreamReader) -> None:
    async with open_runtime(settings, orders["database"]) as runtime:
        stop = asyncio.Event()
        running = asyncio.create_task(_run(runtime, orders))
        gone = asyncio.create_task(leash.read())
        told = asyncio.create_task(stop.wait())
        with ending.told_instead(lambda _: stop.set()):
            await asyncio.wait([running, gone, told], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        for task in (running, gone, told):
            task.cancel()
        await asyncio.gather(running, gone, told, return_exceptions=True)


async def _run(runtime: Runtime, orders: dict[str, Any]) -> None:
    folder, area = Path(orders["folder"]), orders["area"]
    cameras = await asyncio.to_thread(looking.read_cameras, folder, orders["cameras"])
    port = _port(orders["port"])
    given = Given(folder, port, len(cameras), Coding(fps=FPS), 5, Rules(), DRAWING_SHARE, at=None)
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(given, lambda _: ready.set(), runtime.database.clock.now))
        await ready.wait()
        await looking.set_up(runtime, area, cameras, f"rtsp://{LOOPBACK}:{port}/")
        # A street that has brought in a detector of its own keeps that one as well.
        await asyncio.to_thread(detector.install, runtime.settings.models_path)
        # While the first pictures are drawn nearly every camera is down for a moment; whoever
        # plays sees that on the page, and needs no line of it on the console.
        shard = replace(await shard_settings(runtime), log_level="ERROR")
        group.create_task(Coordinator(runtime, lambda heard: Shard(shard, heard)).run())


def _port(wanted: int) -> int:
    """This port or, where somebody has it, any free one (and the next for HTTP)."""
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return int(probe.getsockname()[1])
    raise OSError("there is no free port")


if __name__ == "__main__":
    os.nice(NICENESS)
    ending.install()
    asyncio.run(main())
