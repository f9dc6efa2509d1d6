"""Background jobs on Procrastinate: in PostgreSQL, deferred in the transaction they follow from.

Rooms declare handlers with ``@job("room.verb")``. A job may run twice (a worker that died), so
handlers take up where the committed rows say they stopped. About 340 jobs/s: never one a signal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

import procrastinate
import procrastinate.worker
import psycopg
import structlog
from sqlalchemy.engine import make_url

from streetwise.kernel import job_book, logs
from streetwise.kernel.files import NO_ROOM
from streetwise.kernel.job_rescue import Rescuer
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings

log = logs.get(__name__)

Handler = Callable[..., Awaitable[None]]
Every = Callable[[Settings], float]
HANDLERS: dict[str, Handler] = {}
#: Jobs that come by themselves: how many seconds lie between two of them, by settings.
PERIODIC: dict[str, Every] = {}
#: Jobs without arguments that do all there is to do: one that waits is enough.
ONE_WAITS: set[str] = set()
#: What is done when a job has failed for good, by the job's name; same arguments.
GIVEN_UP: dict[str, Handler] = {}

#: The argument that carries on whose request a job follows from (logs, journal).
REQUEST = "request_id"

#: Attempts before a job rests as failed, and the waits between them (seconds, growing).
MAX_ATTEMPTS = 5
RETRY_WAITS_SECONDS = (3, 9, 27, 81, 243)
INTERRUPTED_WAIT_SECONDS = 1
#: SQL states of a database that goes away or comes up (class 08: the connection), or that has no
#: room, memory or connection left (class 53).
_AWAY = ("08", "53", "57P")


def interrupted(error: BaseException) -> bool:
    """Whether a job ended by no fault of its own: we are stopping, the database was away, or the
    disk is full.
    """
    if isinstance(error, asyncio.CancelledError | procrastinate.exceptions.JobAborted):
        return True
    cause = getattr(error, "orig", None) or error.__cause__ or error
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return True
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return cause.sqlstate is None or cause.sqlstate.startswith(_AWAY)
    return False


class Retry(procrastinate.BaseRetryStrategy):
    """Interrupted: again at once, however often. Failed: again a few times, ever later; work that
    comes by itself never rests, or it would come no more.
    """

    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate.jobs.Job
    ) -> procrastinate.RetryDecision | None:
        if interrupted(exception):
            return procrastinate.RetryDecision(retry_in={"seconds": INTERRUPTED_WAIT_SECONDS})
        if job.attempts >= MAX_ATTEMPTS and job.task_name not in PERIODIC:
            return None
        wait = RETRY_WAITS_SECONDS[min(job.attempts, MAX_ATTEMPTS - 1)]
        return procrastinate.RetryDecision(retry_in={"seconds": wait})


# Deferring runs on the unit of work's own connection; this connector is never opened.
_deferrer = procrastinate.App(connector=procrastinate.PsycopgConnector())


#: The row stays locked until we commit, so that no worker begins it before our change is seen.
_WAITS = (
    "SELECT 1 FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'"
    " LIMIT 1 FOR UPDATE SKIP LOCKED"
)


def job(
    name: str,
    *,
    given_up: Handler | None = None,
    every: Every | None = None,
    one_waits: bool = False,
) -> Callable[[Handler], Handler]:
    """Declare the handler of a job: ``async def handler(runtime, **arguments)``.

    ``given_up`` runs when the last attempt has failed: nothing may stay half-done unsaid.
    ``every``: it comes by itself, without arguments, once for all workers (kernel/periodic.py).
    ``one_waits``: deferred again while one waits, nothing is added; it takes no arguments.
    """

    def declare(handler: Handler) -> Handler:
        HANDLERS[name] = handler
        if every is not None:
            PERIODIC[name] = every
        if given_up is not None:
            GIVEN_UP[name] = given_up
        if one_waits:
            ONE_WAITS.add(name)
        return handler

    return declare


async def defer_on(
    connection: psycopg.AsyncConnection[Any], jobs: Sequence[tuple[str, dict[str, Any]]]
) -> None:
    """Insert jobs on the given connection. Called by the unit of work only."""
    request = logs.request_id()
    for name, given in jobs:
        if name not in HANDLERS:
            raise ValueError(f"job '{name}' has no handler")
        if name in ONE_WAITS and await (await connection.execute(_WAITS, (name,))).fetchone():
            continue
        arguments = {**given, REQUEST: request} if request else given
        await _deferrer.configure_task(name, connection=connection).defer_async(**arguments)


def conninfo(url: str) -> dict[str, Any]:
    """psycopg keywords of an SQLAlchemy URL."""
    parts = make_url(url)
    info: dict[str, Any] = {
        "host": parts.query.get("host") or parts.host,
        "port": parts.query.get("port") or parts.port,
        "user": parts.username,
        "password": parts.password,
        "dbname": parts.database,
    }
    return {key: value for key, value in info.items() if value is not None}


class Worker:
    """Runs jobs in this process until stopped."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        settings = runtime.settings
        self._stalled_after = settings.import_stalled_after_seconds
        self.app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                kwargs=conninfo(runtime.database.url), min_size=1, max_size=4
            )
        )
        self._held: set[int] = set()
        for name, handler in HANDLERS.items():
            self._add(name, handler)

    def _add(self, name: str, handler: Handler) -> None:
        async def run(context: procrastinate.JobContext, /, **arguments: Any) -> None:
            request = arguments.pop(REQUEST, None) or f"job-{context.job.id}"
            number = context.job.id or 0
            self._held.add(number)
            try:
                with structlog.contextvars.bound_contextvars(request_id=request):
                    await attempt(context, arguments)
            finally:
                self._held.discard(number)

        async def attempt(context: procrastinate.JobContext, arguments: dict[str, Any]) -> None:
            try:
                await handler(self._runtime, **arguments)
            except Exception as error:
                if not interrupted(error):
                    await self._failed(name, context.job, error, arguments)
                raise
            if context.job.attempts > 0:
                await job_book.forget_failure(self._runtime.database, context.job.id or 0)

        self.app.task(name=name, retry=Retry(), pass_context=True)(run)

    async def _failed(
        self, name: str, job: procrastinate.jobs.Job, error: Exception, arguments: dict[str, Any]
    ) -> None:
        where = logs.where(error)[-1:]
        log.warning(
            "job_failed", job=name, id=job.id, attempts=job.attempts,
            error=type(error).__name__, where=where,
        )  # fmt: skip
        if job.attempts >= MAX_ATTEMPTS and name in GIVEN_UP:
            await GIVEN_UP[name](self._runtime, **arguments)
        await job_book.note_failure(self._runtime.database, job, error)

    async def run(self, *, wait: bool = True) -> None:
        """Work until cancelled; with ``wait`` False, until the queue is empty."""
        settings = self._runtime.settings
        worker = procrastinate.worker.Worker(
            app=self.app,
            concurrency=settings.jobs_concurrency,
            wait=wait,
            fetch_job_polling_interval=settings.jobs_poll_seconds,
            update_heartbeat_interval=self._stalled_after / 3,
            stalled_worker_timeout=self._stalled_after,
            shutdown_graceful_timeout=settings.shutdown_grace_seconds,
            install_signal_handlers=False,
            delete_jobs="successful",
            listen_notify=wait,
        )
        rescuer = Rescuer(worker, self._held, self._stalled_after)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.app.open_async())
            looking = asyncio.create_task(rescuer.keep_looking(forever=wait))
            stack.callback(looking.cancel)
            await worker.run()  # type: ignore[no-untyped-call]  # the library leaves it untyped
