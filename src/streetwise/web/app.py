"""The application: routes of the rooms under /api/v1, problems, headers, the built screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import psycopg
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import Scope

from streetwise import __version__
from streetwise.directory.account_api import router as account_router
from streetwise.directory.api import router as directory_router
from streetwise.directory.records.api import router as records_router
from streetwise.directory.records.asking import router as asking_router
from streetwise.directory.session_api import router as session_router
from streetwise.directory.views import is_demo
from streetwise.discover.api import router as discover_router
from streetwise.discover.catalogue import take_own as take_own_scenes
from streetwise.discover.finding_api import router as findings_router
from streetwise.gather.api import router as gather_router
from streetwise.kernel import logs
from streetwise.kernel.database import Base
from streetwise.kernel.errors import (
    DiskFull,
    Invalid,
    NotFound,
    StreetwiseError,
    TooLarge,
    Unavailable,
)
from streetwise.kernel.files import NO_ROOM
from streetwise.kernel.grades import classified
from streetwise.kernel.live import Feed
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.working import keep_working
from streetwise.notify.api import router as notify_router
from streetwise.resolve.answers.api import router as answers_router
from streetwise.resolve.api import router as resolve_router
from streetwise.resolve.assist.api import router as assist_router
from streetwise.resolve.callbacks.api import router as call_backs_router
from streetwise.resolve.callbacks.public_api import router as public_router
from streetwise.resolve.clocks.api import router as clocks_router
from streetwise.resolve.contacts.api import router as contacts_router
from streetwise.resolve.desk.api import router as desk_router
from streetwise.resolve.desklock.api import router as desk_lock_router
from streetwise.resolve.directives.api import router as directives_router
from streetwise.resolve.dispatch.api import router as dispatch_router
from streetwise.resolve.disputes.api import router as disputes_router
from streetwise.resolve.duty.api import router as duty_router
from streetwise.resolve.flow.api import router as flow_router
from streetwise.resolve.hazards.api import router as hazards_router
from streetwise.resolve.history.api import router as history_router
from streetwise.resolve.incidents.api import router as incidents_router
from streetwise.resolve.natures.api import router as natures_router
from streetwise.resolve.orders.api import router as orders_router
from streetwise.resolve.petitions.api import router as petitions_router
from streetwise.resolve.phone.api import router as phone_router
from streetwise.resolve.reconcile.api import router as reconcile_router
from streetwise.resolve.reports.api import router as reports_router
from streetwise.resolve.saved.api import router as saved_router
from streetwise.resolve.scores.api import router as scores_router
from streetwise.resolve.speed.api import router as speed_router
from streetwise.resolve.splitting.api import router as splitting_router
from streetwise.resolve.vault_api import router as vault_router
from streetwise.resolve.verify.api import router as verify_router
from streetwise.warn.api import router as warn_router
from streetwise.web.answers import check_answers
from streetwise.web.beside import keep_beside
from streetwise.web.body_limit import BodyLimit
from streetwise.web.guard import Guard
from streetwise.web.health import router as health_router
from streetwise.web.live import dress
from streetwise.web.live import router as live_router
from streetwise.web.metrics import Metrics
from streetwise.web.problem import problem_answer
from streetwise.web.rooms import ROOMS
from streetwise.web.system_api import router as system_router

log = logs.get(__name__)

ROUTERS = (
    session_router,
    account_router,
    directory_router,
    records_router,
    asking_router,
    notify_router,
    gather_router,
    resolve_router,
    orders_router,
    reconcile_router,
    saved_router,
    history_router,
    phone_router,
    desk_router,
    splitting_router,
    answers_router,
    clocks_router,
    assist_router,
    scores_router,
    dispatch_router,
    desk_lock_router,
    speed_router,
    flow_router,
    reports_router,
    contacts_router,
    vault_router,
    live_router,
    system_router,
    duty_router,
    directives_router,
    incidents_router,
    natures_router,
    hazards_router,
    disputes_router,
    petitions_router,
    verify_router,
    call_backs_router,
    public_router,
    discover_router,
    findings_router,
    warn_router,
)

STATIC = Path(__file__).parent / "static"
API = "/api/v1"
#: The form around the largest file.
FORM_BYTES = 2**20
#: The screen loads nothing from elsewhere. Ant Design writes its styles at run time.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    " object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


def create_app(
    runtime: Runtime, *, with_worker: bool = True, demo_router: APIRouter | None = None
) -> FastAPI:
    """The application of one process, on an open runtime.

    ``demo_router``: routes that only a demo has. They are left out wherever this is none.
    """
    assert ROOMS  # imported for the jobs and hooks that the rooms declare
    # What nobody has classified is not shown: with such a column the program does not start.
    classified(Base)
    # Nor is it shared: no field of an answer, either.
    _check_answers()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await app.state.feed.start()
        tasks = [asyncio.create_task(app.state.feed.run(), name="live feed")]
        if with_worker and settings.worker != "elsewhere":
            work = keep_beside if settings.worker == "beside" else keep_working
            tasks.append(asyncio.create_task(work(runtime), name="worker"))
        try:
            yield
        finally:
            app.state.stopping.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    app = FastAPI(
        title="Streetwise",
        version=__version__,
        lifespan=lifespan,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        routes=[*_routes()],
    )
    settings = runtime.settings
    take_own_scenes(settings.scenes_path)
    app.state.runtime = runtime
    app.state.stopping = asyncio.Event()
    app.state.metrics = Metrics()
    app.state.feed = Feed(runtime.database, dress, settings)
    if demo_router is not None and is_demo(runtime):
        check_answers((demo_router,))
        app.include_router(demo_router, prefix=API)
    _add_problem_handlers(app)
    app.add_middleware(BodyLimit, limit_bytes=settings.import_max_bytes + FORM_BYTES)
    app.add_middleware(Guard, api=API, security_policy=CONTENT_SECURITY_POLICY)
    _add_screen(app)
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    # Routes are the program's: FastAPI works out at the first request what each of them takes
    # and gives, and a second application in this process, as tests have, finds it done.
    router = APIRouter()
    for one in ROUTERS:
        router.include_router(one, prefix=API)
    router.include_router(health_router)
    return tuple(router.routes)


@cache
def _check_answers() -> None:
    # Routes are the program's: one look for each process is enough.
    check_answers((*ROUTERS, health_router))


def _add_problem_handlers(app: FastAPI) -> None:
    async def known(request: Request, error: Exception) -> Response:
        assert isinstance(error, StreetwiseError)
        return problem_answer(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        # Where and what, never the value: it may be somebody's phone number.
        fields = [".".join(map(str, item["loc"])) for item in error.errors()]
        reasons = [item["type"] for item in error.errors()]
        return problem_answer(
            request,
            Invalid(f"Not usable: {', '.join(fields)}.", fields=fields, reasons=reasons),
        )

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return problem_answer(request, NotFound("There is no such address."))
        if error.status_code == TooLarge.status:
            return problem_answer(request, TooLarge("This is larger than any file that is taken."))
        problem = StreetwiseError(str(error.detail), code="http")
        problem.status = error.status_code
        return problem_answer(request, problem)

    async def disk(request: Request, error: Exception) -> Response:
        assert isinstance(error, OSError)
        if error.errno not in NO_ROOM:
            return await unexpected(request, error)
        log.error("disk_full", where=logs.where(error))
        return problem_answer(request, DiskFull())

    async def database_gone(request: Request, error: Exception) -> Response:
        if isinstance(getattr(error, "orig", None), psycopg.errors.DiskFull):
            log.error("disk_full", where="database")
            return problem_answer(request, DiskFull())
        log.warning("database_unavailable", error=type(error).__name__)
        return problem_answer(
            request, Unavailable("The database does not answer; nothing was changed. Try again.")
        )

    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected_error", error=type(error).__name__, where=logs.where(error))
        return problem_answer(
            request, StreetwiseError("Something went wrong here; nothing was changed.")
        )

    app.add_exception_handler(StreetwiseError, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(OSError, disk)
    app.add_exception_handler(OperationalError, database_gone)
    app.add_exception_handler(InterfaceError, database_gone)
    app.add_exception_handler(Exception, unexpected)


class Assets(StaticFiles):
    """The built screen's files. Their names change with what is in them: nobody asks twice."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, to be kept for a year."""
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def _add_screen(app: FastAPI) -> None:
    if not (STATIC / "index.html").is_file():
        log.warning("screen_not_built", hint="run make build")
        return
    app.mount("/assets", Assets(directory=STATIC / "assets"), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    async def screen(path: str) -> Response:
        if path.startswith("api/"):
            raise NotFound("There is no such address.")
        wanted = (STATIC / path).resolve()
        if path and wanted.is_file() and wanted.is_relative_to(STATIC.resolve()):
            return FileResponse(wanted)
        # Addresses within the screen are its own to understand.
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})
