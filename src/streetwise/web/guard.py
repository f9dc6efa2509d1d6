"""Around every request: its id, the check where a change comes from, safe headers, one log line.

Plain ASGI. Starlette's ``middleware("http")`` runs the application in a task of its own and
passes each piece of an answer through a queue, which every live stream would pay for.
"""

from __future__ import annotations

import time
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streetwise.directory.deps import COOKIE, PENDING_COOKIE, cookie_name
from streetwise.kernel import logs
from streetwise.kernel.errors import Forbidden
from streetwise.kernel.runtime import Runtime
from streetwise.web.problem import problem_answer, route_of

log = logs.get(__name__)

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
#: One of these says where a change comes from. The first two only a browser can set; the third
#: no other site can, because its browser would ask us first (CORS), and we never agree.
_OURS = ("origin", "sec-fetch-site", "x-requested-with")


class Guard:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, api: str, security_policy: str) -> None:
        self._app = app
        self._api = api
        self._headers = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Content-Security-Policy": security_policy,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        request.state.request_id = uuid4().hex[:16]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.state.request_id)
        started = time.perf_counter()

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._finish(request, message, started)
            await send(message)

        refusal = _foreign(request) if request.method in _UNSAFE else None
        answer = self._app if refusal is None else problem_answer(request, refusal)
        await answer(scope, receive, answered)

    def _finish(self, request: Request, start: Message, started: float) -> None:
        """The answer begins: what every answer carries, and a line in the log."""
        headers = MutableHeaders(scope=start)
        headers["X-Request-Id"] = request.state.request_id
        headers.update(self._headers)
        if not request.url.path.startswith(self._api):
            return
        headers.setdefault("Cache-Control", "no-store")
        route, seconds = route_of(request), time.perf_counter() - started
        request.app.state.metrics.answered(request.method, route, start["status"], seconds)
        log.info(
            "request",
            method=request.method,
            path=route,
            status=start["status"],
            ms=round(seconds * 1000, 1),
        )


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
