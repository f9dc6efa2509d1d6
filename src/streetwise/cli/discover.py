"""``streetwise discover``: look at the cameras that are switched on, on this machine or on many."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import click

from streetwise.cli.common import console, reported, with_database
from streetwise.kernel import ending, logs
from streetwise.kernel.errors import Invalid
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings

if TYPE_CHECKING:
    from streetwise.discover.coordinator import Fleet
    from streetwise.discover.engine.shard import ShardSettings
    from streetwise.discover.engine.wire import Message


@click.command()
@click.option(
    "--cluster",
    "address",
    metavar="ADDRESS",
    help="Look on all machines of a Ray cluster (`auto`, or its address); needs the extra.",
)
def discover(address: str | None) -> None:
    """Look at the cameras that are switched on; one such process per installation.

    Detectors are brought in by `streetwise model add`. Without one, streams are held and people may
    look at reduced pictures, and nothing is found.
    """
    settings = Settings()
    logs.set_up(settings.log_level, settings.log_format)
    from streetwise.web.rooms import ROOMS

    assert ROOMS  # imported for what the rooms hook together: a finding becomes a signal, a case

    async def work(runtime: Runtime) -> None:
        from streetwise.discover.coordinator import Coordinator
        from streetwise.discover.pushing import listening
        from streetwise.discover.setting_up import shard_settings

        shard = await shard_settings(runtime)
        listener = None
        if settings.discover_push_port:
            listener = listening(settings.discover_push_host, settings.discover_push_port)
        known = ", ".join(shard.detectors) or "no detector: nothing will be found"
        console.print(f"[green]✓[/green] Looking ({known}). Ctrl-C ends it.")
        coordinator = Coordinator(runtime, _fleet(shard, address), listener=listener)
        stop = asyncio.Event()
        with ending.told_instead(lambda _: stop.set()):
            await _until(coordinator.run(), stop)

    with reported():
        with_database(work, settings, stays=True)


async def _until(running: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    task = asyncio.create_task(running)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if task.done():
        task.result()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _fleet(
    shard: ShardSettings, address: str | None
) -> Callable[[Callable[[Message], None]], Fleet]:
    if address is None:
        from streetwise.discover.engine.shard import Shard

        return lambda heard: Shard(shard, heard)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray

        from streetwise.discover.cluster import Fleet as ClusterFleet
    except ImportError as error:
        raise Invalid(
            "Looking on many machines needs Ray: pip install 'streetwise[cluster]'.",
            code="no_cluster",
        ) from error
    # Says nothing of this installation to anybody.
    ray.init(address=address, log_to_driver=False, include_dashboard=False)
    return lambda heard: ClusterFleet(shard, heard)
