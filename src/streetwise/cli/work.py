"""`streetwise worker`: a process that only works, on this machine or another one."""

from __future__ import annotations

import asyncio

import click

from streetwise.cli.common import console, reported, with_database
from streetwise.kernel import ending, logs
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.working import work_until


@click.command()
def worker() -> None:
    """Do background jobs only: imports, triage, sealing. As many of them as wanted, anywhere.

    On another machine: STREETWISE_DATABASE_URL, and the folder `secrets` of the first one.
    """
    settings = Settings()
    logs.set_up(settings.log_level, settings.log_format)
    from streetwise.discover.catalogue import take_own
    from streetwise.web.rooms import ROOMS

    assert ROOMS  # imported for the jobs that the rooms declare

    take_own(settings.scenes_path)

    async def work(runtime: Runtime) -> None:
        console.print("[green]✓[/green] Working. Ctrl-C ends it after the jobs in hand.")
        stop = asyncio.Event()
        with ending.told_instead(lambda _: stop.set()):
            await work_until(runtime, stop)

    with reported():
        with_database(work, settings, stays=True)
