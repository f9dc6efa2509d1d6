"""The queue as people see it: what waits, what is tried again, what was given up (dead letters).

Takes nothing from a job but its name and ids: what it works on stands in the rows that it names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import procrastinate
from sqlalchemy import BigInteger, Integer, Text, TextClause, delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel import logs
from streetwise.kernel.database import Base, Database, Time, UnitOfWork
from streetwise.kernel.errors import Conflict
from streetwise.kernel.grades import grades
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import GRADE_PUBLIC, Viewer

OPERATE = "system.operate"
SYSTEM = Viewer.system("jobs")
MOST_LETTERS = 200

declare(
    {
        "job.retried": "A job that was given up was put back into the queue; data: job, name.",
        "job.discarded": "A job that was given up was thrown away; data: job, name.",
    }
)


class JobFailure(Base):
    """Why a job failed last. Gone when it succeeds at last, or is thrown away."""

    __tablename__ = "job_failure"
    __grades__ = grades({(1, "system"): "job_id attempts failed_at error place request"})
    job_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    attempts: Mapped[int] = mapped_column(Integer)
    failed_at: Mapped[datetime] = mapped_column(Time)
    #: The kind of error and the lines of our code; never its message, which may quote a citizen.
    error: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    request: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Counts:
    """Jobs by state. ``oldest_seconds``: how long the first of those that may run has waited."""

    waiting: int
    retrying: int
    running: int
    failed: int
    workers: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Letter:
    """A job that failed: given up (a dead letter), or waiting to be tried again."""

    id: int
    name: str
    dead: bool
    attempts: int
    failed_at: datetime | None
    error: str | None
    place: str | None
    request: str | None
    again_at: datetime | None


async def note_failure(
    database: Database, job: procrastinate.jobs.Job, error: BaseException
) -> None:
    """Write down why a job failed."""
    async with database.unit_of_work(SYSTEM) as uow:
        now = (await uow.session.execute(text("SELECT clock_timestamp()"))).scalar_one()
        values = {
            "attempts": job.attempts,
            "failed_at": now,
            "error": type(error).__name__,
            "place": "\n".join(logs.where(error)[-4:]),
            "request": logs.request_id(),
        }
        statement = insert(JobFailure).values(job_id=job.id, **values)
        await uow.session.execute(
            statement.on_conflict_do_update(index_elements=["job_id"], set_=values)
        )


async def forget_failure(database: Database, job_id: int) -> None:
    """The job succeeded after all."""
    async with database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(delete(JobFailure).where(JobFailure.job_id == job_id))


_COUNTS = text(
    "SELECT count(*) FILTER (WHERE status = 'todo' AND attempts = 0) waiting,"
    " count(*) FILTER (WHERE status = 'todo' AND attempts > 0) retrying,"
    " count(*) FILTER (WHERE status = 'doing') running,"
    " count(*) FILTER (WHERE status = 'failed') failed,"
    " (SELECT count(*) FROM procrastinate_workers"
    "  WHERE last_heartbeat > now() - make_interval(secs => :alive)) workers,"
    " coalesce(extract(epoch FROM now() - min((SELECT min(e.at) FROM procrastinate_events e"
    "  WHERE e.job_id = j.id)) FILTER (WHERE status = 'todo'"
    "  AND coalesce(scheduled_at, now()) <= now())), 0)::float8 oldest_seconds"
    " FROM procrastinate_jobs j WHERE status IN ('todo', 'doing', 'failed')"
)
_LETTERS = text(
    "SELECT j.id, j.task_name AS name, j.status = 'failed' dead, j.attempts, f.failed_at, f.error,"
    " f.place, f.request, CASE WHEN j.status = 'todo' THEN j.scheduled_at END again_at"
    " FROM procrastinate_jobs j LEFT JOIN job_failure f ON f.job_id = j.id"
    " WHERE j.status = 'failed' OR (j.status = 'todo' AND f.job_id IS NOT NULL)"
    " ORDER BY dead DESC, f.failed_at DESC NULLS LAST, j.id DESC LIMIT :limit"
)
_RETRY = text(
    "UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL,"
    " worker_id = NULL WHERE id = :id AND status = 'failed' RETURNING task_name"
)
_DISCARD = text(
    "DELETE FROM procrastinate_jobs WHERE id = :id AND status = 'failed' RETURNING task_name"
)


async def counts(session: AsyncSession, viewer: Viewer, *, alive_seconds: float) -> Counts:
    """Jobs by state, and the workers that were heard of within ``alive_seconds``."""
    viewer.require(OPERATE)
    found = await session.execute(_COUNTS, {"alive": alive_seconds})
    return Counts(**found.mappings().one())


async def letters(session: AsyncSession, viewer: Viewer) -> list[Letter]:
    """Jobs that failed: the given up first, then those that will be tried again."""
    viewer.require(OPERATE)
    found = await session.execute(_LETTERS, {"limit": MOST_LETTERS})
    return [Letter(**row) for row in found.mappings()]


async def retry(uow: UnitOfWork, viewer: Viewer, job_id: int) -> None:
    """Put a dead letter back into the queue, with all its attempts. Raises Conflict."""
    await _change(uow, viewer, job_id, _RETRY, "job.retried")


async def discard(uow: UnitOfWork, viewer: Viewer, job_id: int) -> None:
    """Throw a dead letter away. Raises Conflict."""
    await _change(uow, viewer, job_id, _DISCARD, "job.discarded")


async def _change(
    uow: UnitOfWork, viewer: Viewer, job_id: int, statement: TextClause, action: str
) -> None:
    viewer.require(OPERATE)
    name = (await uow.session.execute(statement, {"id": job_id})).scalar_one_or_none()
    if name is None:
        raise Conflict(
            "This job is no longer given up: somebody else has dealt with it.", code="job_not_dead"
        )
    await uow.session.execute(delete(JobFailure).where(JobFailure.job_id == job_id))
    told = {"job": job_id, "name": name}
    uow.record(Entry(viewer.actor, action, "job", None, grade=GRADE_PUBLIC, data=told))
