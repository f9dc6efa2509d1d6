"""Background work of discover: approvals end, pictures of looks go, old cadence goes."""

from __future__ import annotations

from streetwise.discover import keeping, looks, watching
from streetwise.discover.actions import end_approvals
from streetwise.discover.findings import remove_old_pictures
from streetwise.discover.system import SYSTEM
from streetwise.kernel.jobs import job
from streetwise.kernel.runtime import Runtime

TEND_JOB = "discover.tend"

#: Imported so that resolve hears which cameras see a case, in every process that closes cases.
SEAMS = (watching,)


@job(TEND_JOB, every=lambda settings: settings.camera_tend_seconds)
async def tend(runtime: Runtime) -> None:
    """Switch off what is approved no longer; remove what is kept no longer."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await looks.end_looks(uow, SYSTEM)
        await end_approvals(uow)
        await remove_old_pictures(uow, runtime.settings.camera_evidence_keep_days)
        await keeping.trim(uow, runtime.settings.camera_cadence_keep_days)
