"""Jobs that the queue says are running and nobody runs: given back, so that none is ever lost.

Two kinds: of a worker whose heart stopped, and of a living one whose word was lost between it and
the database (it took the job or ended it while the database went away; Procrastinate leaves such a
job "doing" for as long as the worker lives).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import procrastinate
import psycopg
from procrastinate.worker import Worker

from streetwise.kernel import logs

log = logs.get(__name__)


class Rescuer:
    """Looks for lost jobs, from time to time.

    ``held``: the ids of the jobs that the worker's own handlers work on right now.
    """

    def __init__(self, worker: Worker, held: Collection[int], stalled_after_seconds: float) -> None:
        self._worker = worker
        self._held = held
        self._stalled_after = stalled_after_seconds
        self._unheld: set[int] = set()

    async def keep_looking(self, *, forever: bool) -> None:
        while True:
            try:
                await self.look()
            except (procrastinate.exceptions.ConnectorException, psycopg.Error) as error:
                log.warning("job_rescue_failed", error=type(error).__name__)
            if not forever:
                return
            await asyncio.sleep(self._stalled_after / 2)

    async def look(self) -> None:
        manager = self._worker.app.job_manager
        stalled = await manager.get_stalled_jobs(seconds_since_heartbeat=self._stalled_after)
        for job in [*stalled, *await self._dropped()]:
            log.warning("job_taken_up_again", job=job.task_name, id=job.id)
            await manager.retry_job(job)

    async def _dropped(self) -> list[procrastinate.jobs.Job]:
        """Jobs on our own name that we did not hold at two looks running: at one look alone, a job
        may just be on its way from the queue to its handler, or back.
        """
        mine = self._worker.worker_id
        if mine is None:
            return []
        doing = await self._worker.app.job_manager.list_jobs_async(status="doing", worker_id=mine)
        unheld = {job.id: job for job in doing if job.id is not None and job.id not in self._held}
        before, self._unheld = self._unheld, set(unheld)
        return [job for number, job in unheld.items() if number in before]
