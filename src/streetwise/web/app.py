"""The application: routes of the rooms under /api/v1, problems, headers, the built screen."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException

from streetwise import __version__, directory, gather, resolve
from streetwise.directory.account_api import router as account_router
from streetwise.directory.api import router as directory_router
from streetwise.directory.deps import COOKIE, PENDING_COOKIE, cookie_name
from streetwise.directory.records.api import router as records_router
from streetwise.directory.records.asking import router as asking_router
from streetwise.directory.session_api import router as session_router
from streetwise.gather.api import router as gather_router
from streetwise.kernel import logs, sweeping
from streetwise.kernel.backup import keeping as backups
from streetwise.kernel.database import Base
from streetwise.kernel.errors import (
    DiskFull,
    Forbidden,
    Invalid,
    NotFound,
    StreetwiseError,
    TooLarge,
    Unavailable,
)
from streetwise.kernel.files import NO_ROOM
from streetwise.kernel.grades import classified
from streetwise.kernel.live import Feed
from streetwise.kernel.problems import MEDIA_TYPE, problem_of
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.seals import sealing
from streetwise.kernel.working import keep_working
from streetwise.notify import jobs as notify_jobs
from streetwise.notify.api import router as notify_router
from streetwise.privacy.masking import mask
from streetwise.resolve import jobs as resolve_jobs
from streetwise.resolve import retention
from streetwise.resolve.api import router as resolve_router
from streetwise.resolve.orders.api import router as orders_router
from streetwise.resolve.phone.api import router as phone_router
from streetwise.resolve.vault_api import router as vault_router
from streetwise.web.answers import check_answers
from streetwise.web.body_limit import BodyLimit
from streetwise.web.health import router as health_router
from streetwise.web.live import dress
from streetwise.web.live import router as live_router
from streetwise.web.metrics import Metrics
from streetwise.web.system_api import router as system_router

log = logs.get(__name__)

#: The rooms whose jobs and hooks a server carries; imported for that effect.
ROOMS = (
    sealing, sweeping, backups, directory, notify_jobs, gather, resolve, resolve_jobs, retention,
)  # fmt: skip

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
    phone_router,
    vault_router,
    live_router,
    system_router,
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
_UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
#: One of these says where a change comes from. The first two only a browser can set; the third
#: no other site can, because its browser would ask us first (CORS), and we never agree.
_OURS = ("origin", "sec-fetch-site", "x-requested-with")


def create_app(runtime: Runtime, *, with_worker: bool = True) -> FastAPI:
    """The application of one process, on an open runtime."""
    # What nobody has classified is not shown: with such a column the program does not start.
    classified(Base)
    # Nor is it shared: no field of an answer, either.
    _check_answers()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await app.state.feed.start()
        tasks = [asyncio.create_task(app.state.feed.run(), name="live feed")]
        if with_worker:
            tasks.append(asyncio.create_task(keep_working(runtime), name="worker"))
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
    )
    settings = runtime.settings
    app.state.runtime = runtime
    app.state.stopping = asyncio.Event()
    app.state.metrics = Metrics()
    app.state.feed = Feed(
        runtime.database,
        dress,
        poll_seconds=settings.live_poll_seconds,
        queue_entries=settings.live_queue_entries,
    )
    for router in ROUTERS:
        app.include_router(router, prefix=API)
    app.include_router(health_router)
    _add_problem_handlers(app)
    app.add_middleware(BodyLimit, limit_bytes=settings.import_max_bytes + FORM_BYTES)
    app.middleware("http")(_guard)
    _add_screen(app)
    return app


@cache
def _check_answers() -> None:
    # Routes are the program's: one look for each process is enough.
    check_answers((*ROUTERS, health_router))


def _add_problem_handlers(app: FastAPI) -> None:
    async def known(request: Request, error: Exception) -> Response:
        assert isinstance(error, StreetwiseError)
        return _problem(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        # Where and what, never the value: it may be somebody's phone number.
        fields = [".".join(map(str, item["loc"])) for item in error.errors()]
        reasons = [item["type"] for item in error.errors()]
        return _problem(
            request,
            Invalid(f"Not usable: {', '.join(fields)}.", fields=fields, reasons=reasons),
        )

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return _problem(request, NotFound("There is no such address."))
        if error.status_code == TooLarge.status:
            return _problem(request, TooLarge("This is larger than any file that is taken."))
        problem = StreetwiseError(str(error.detail), code="http")
        problem.status = error.status_code
        return _problem(request, problem)

    async def disk(request: Request, error: Exception) -> Response:
        assert isinstance(error, OSError)
        if error.errno not in NO_ROOM:
            return await unexpected(request, error)
        log.error("disk_full", where=logs.where(error))
        return _problem(request, DiskFull())

    async def database_gone(request: Request, error: Exception) -> Response:
        if isinstance(getattr(error, "orig", None), psycopg.errors.DiskFull):
            log.error("disk_full", where="database")
            return _problem(request, DiskFull())
        log.warning("database_unavailable", error=type(error).__name__)
        return _problem(
            request, Unavailable("The database does not answer; nothing was changed. Try again.")
        )

    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected_error", error=type(error).__name__, where=logs.where(error))
        return _problem(request, StreetwiseError("Something went wrong here; nothing was changed."))

    app.add_exception_handler(StreetwiseError, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(OSError, disk)
    app.add_exception_handler(OperationalError, database_gone)
    app.add_exception_handler(InterfaceError, database_gone)
    app.add_exception_handler(Exception, unexpected)


def _problem(request: Request, error: StreetwiseError) -> JSONResponse:
    # An address or a wrong field may be somebody's number; the answer does not repeat it.
    content = masked(problem_of(error, instance=_instance(request)))
    content["request_id"] = getattr(request.state, "request_id", None)
    headers = {}
    if "retry_after_seconds" in error.params:
        headers["Retry-After"] = str(error.params["retry_after_seconds"])
    return JSONResponse(content, error.status, headers, media_type=MEDIA_TYPE)


def _instance(request: Request) -> str:
    """The address without what is no id of ours."""
    path = _route_of(request)
    for name, value in request.path_params.items():
        if _UUID.fullmatch(str(value)):
            path = path.replace(f"{{{name}}}", str(value))
    return path


def masked(content: Any) -> Any:
    """The same with personal values masked, in every text of it but ids."""
    if isinstance(content, str):
        return content if _UUID.fullmatch(content) else mask(content).text
    if isinstance(content, dict):
        return {masked(name): masked(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [masked(value) for value in content]
    return content


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Request id, same-origin check of changes, safe headers, one log line per request."""
    request.state.request_id = uuid4().hex[:16]
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request.state.request_id)
    started = time.perf_counter()
    refusal = _foreign(request) if request.method in _UNSAFE else None
    if refusal is not None:
        response: Response = _problem(request, refusal)
    else:
        response = await call_next(request)
    response.headers["X-Request-Id"] = request.state.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    if request.url.path.startswith(API):
        response.headers.setdefault("Cache-Control", "no-store")
        route, seconds = _route_of(request), time.perf_counter() - started
        request.app.state.metrics.answered(request.method, route, response.status_code, seconds)
        log.info(
            "request",
            method=request.method,
            path=route,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
        )
    return response


def _route_of(request: Request) -> str:
    """The route's pattern, so that no id or search word gets into the log."""
    route = request.scope.get("route")
    return str(getattr(route, "path", "unknown"))


def _foreign(request: Request) -> Forbidden | None:
    """The refusal of a change that another site may have caused; None: it is one of ours."""
    if not _same_origin(request):
        return Forbidden("This request came from another site.", code="foreign_origin")
    told = any(name in request.headers for name in _OURS)
    settings = request.app.state.runtime.settings
    sent = any(cookie_name(settings, name) in request.cookies for name in (COOKIE, PENDING_COOKIE))
    if sent and not told:
        # A browser too old to say where a request comes from could be anybody's tool.
        return Forbidden(
            "A change needs an Origin or Sec-Fetch-Site header, or X-Requested-With.",
            code="origin_unknown",
        )
    return None


def _same_origin(request: Request) -> bool:
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    runtime: Runtime = request.app.state.runtime
    allowed = {request.headers.get("host"), urlsplit(runtime.settings.public_url).netloc}
    # `Origin: null` (a sandboxed frame) has no host; without a public address nor have we.
    return urlsplit(origin).netloc in allowed - {"", None}


def _add_screen(app: FastAPI) -> None:
    if not (STATIC / "index.html").is_file():
        log.warning("screen_not_built", hint="run make build")
        return
    app.mount("/assets", StaticFiles(directory=STATIC / "assets"), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    async def screen(path: str) -> Response:
        if path.startswith("api/"):
            raise NotFound("There is no such address.")
        wanted = (STATIC / path).resolve()
        if path and wanted.is_file() and wanted.is_relative_to(STATIC.resolve()):
            return FileResponse(wanted)
        # Addresses within the screen are its own to understand.
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})
