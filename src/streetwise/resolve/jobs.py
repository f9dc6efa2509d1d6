"""Background work of resolve: triage of what waits."""

from __future__ import annotations

from streetwise.kernel import hooks
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.jobs import job
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.triage import triage

TRIAGE_JOB = "resolve.triage"


async def _triage_what_was_stored(*, uow: UnitOfWork) -> None:
    uow.defer(TRIAGE_JOB)


hooks.register("signals.stored", _triage_what_was_stored)


@job(TRIAGE_JOB)
async def run_triage(runtime: Runtime) -> None:
    """Triage until nothing waits; a second worker finds less to do, never the same."""
    viewer = Viewer.system("triage")
    while True:
        async with runtime.database.unit_of_work(viewer) as uow:
            took = await triage(uow, viewer, runtime.settings.triage_batch_signals)
        if took < runtime.settings.triage_batch_signals:
            return
