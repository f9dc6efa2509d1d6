"""Routes of the system page: the queue and what it gave up, periodic work, seals, space."""

from __future__ import annotations

import shutil
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import ConfigDict

from streetwise import __version__
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel import job_book, periodic
from streetwise.kernel.access import needs
from streetwise.kernel.database import about, looking_as
from streetwise.kernel.seals import repository as seals
from streetwise.kernel.settings import Settings
from streetwise.kernel.shown import Shown, shows
from streetwise.kernel.viewer import Viewer
from streetwise.notify import repository as notify

router = APIRouter(tags=["system"], route_class=ShownRoute)
Current = Annotated[Deps, Depends(current)]
OPERATE = job_book.OPERATE


class _View(Shown):
    model_config = ConfigDict(from_attributes=True)


class JobCountsView(_View):
    """Jobs by state; ``oldest_seconds``: how long the first that may run has waited."""

    __shows__ = shows({"L1 system": "waiting retrying running failed workers oldest_seconds"})

    waiting: int
    retrying: int
    running: int
    failed: int
    workers: int
    oldest_seconds: float


class LetterView(_View):
    """A job that failed; ``dead``: nobody tries it again by itself."""

    __shows__ = shows(
        {
            "L1 system": "id name dead attempts failed_at again_at",
            "L2 system": "error place request",
        }
    )

    id: int
    name: str
    dead: bool
    attempts: int
    failed_at: datetime | None
    error: str | None
    place: str | None
    request: str | None
    again_at: datetime | None


class CameView(_View):
    """Work that comes by itself, and when it last came."""

    __shows__ = shows({"L1 system": "name every_seconds came_at"})

    name: str
    every_seconds: float
    came_at: datetime | None


class SealView(Shown):
    """The newest seal of the journal; ``unsealed``: entries that are newer."""

    __shows__ = shows({"L1 system": "number last sealed_at unsealed"})

    number: int
    last: int
    sealed_at: datetime | None
    unsealed: int


class StandingView(Shown):
    """How many deliveries over a channel are in a state that is not done."""

    __shows__ = shows({"L1 system": "channel state number"})

    channel: str
    state: str
    number: int


class SystemView(Shown):
    """How the installation is."""

    __shows__ = shows(
        {
            "L1 system": "version database_version database_bytes disk_free_bytes disk_bytes",
            "holds": "jobs letters periodic seal deliveries",
        }
    )

    version: str
    database_version: str
    database_bytes: int
    disk_free_bytes: int
    disk_bytes: int
    jobs: JobCountsView
    letters: list[LetterView]
    periodic: list[CameView]
    seal: SealView
    deliveries: list[StandingView]


@router.get("/system", openapi_extra=needs(OPERATE))
async def read_system(deps: Current) -> SystemView:
    """Queue, dead letters, periodic work, seals, space: numbers and names of jobs, no case."""
    viewer, settings = deps.viewer, deps.runtime.settings
    async with deps.runtime.database.read(viewer) as session:
        counts = await job_book.counts(
            session, viewer, alive_seconds=settings.import_stalled_after_seconds
        )
        letters = await job_book.letters(session, viewer)
        came = await periodic.last_came(session, viewer, settings)
        version, size = await about(session)
        sealed = await seals.standing(session, viewer)
        # Numbers of all; the rows themselves are their recipients' own.
        async with looking_as(session, Viewer.system("notify")):
            standing = await notify.standing(session, viewer)
    free, total = _disk(settings)
    return SystemView(
        version=__version__,
        database_version=version,
        database_bytes=size,
        disk_free_bytes=free,
        disk_bytes=total,
        jobs=JobCountsView.model_validate(counts),
        letters=[LetterView.model_validate(one) for one in letters],
        periodic=[CameView.model_validate(one) for one in came],
        seal=SealView(
            number=sealed.number,
            last=sealed.last,
            sealed_at=sealed.sealed_at,
            unsealed=sealed.unsealed,
        ),
        deliveries=[
            StandingView(channel=channel, state=state, number=number)
            for channel, state, number in standing
        ],
    )


@router.post("/system/jobs/{job_id}/retry", openapi_extra=needs(OPERATE), status_code=204)
async def retry_job(deps: Current, job_id: int) -> None:
    """Put a job that was given up back into the queue."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await job_book.retry(uow, deps.viewer, job_id)


@router.post("/system/jobs/{job_id}/discard", openapi_extra=needs(OPERATE), status_code=204)
async def discard_job(deps: Current, job_id: int) -> None:
    """Throw a job that was given up away."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await job_book.discard(uow, deps.viewer, job_id)


def _disk(settings: Settings) -> tuple[int, int]:
    usage = shutil.disk_usage(settings.home)
    return usage.free, usage.total
