"""Keeping the steps up to date."""

from __future__ import annotations

from streetwise.kernel.pace import Pace
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.flow import repository

#: Cases derived in one transaction.
BATCH = 1_000


async def derive_steps(runtime: Runtime) -> int:
    """Derive the steps of all cases that have changed and that nobody is just at work on; how many
    cases. Writes no entry: nothing that anybody did is changed, and a second run gives the same
    rows.
    """
    viewer = Viewer.system("steps")
    pace, done = Pace(runtime.settings.bulk_rest_seconds), 0
    while True:
        async with runtime.database.unit_of_work(viewer) as uow:
            await repository.lock_steps(uow.session)
            ids = await repository.stale(uow.session, viewer, BATCH)
            if ids:
                await repository.derive(uow.session, viewer, ids)
        done += len(ids)
        if len(ids) < BATCH:
            return done
        await pace.rest()
