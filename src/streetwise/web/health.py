"""For machines that watch: is it alive, is it ready, its metrics. No name and no version in it."""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated

import psycopg
from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import DBAPIError

from streetwise.directory.answers import ShownRoute
from streetwise.kernel import job_book
from streetwise.kernel.access import PUBLIC, needs
from streetwise.kernel.errors import NotFound
from streetwise.kernel.journal import last_seq
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.seals import repository as seals
from streetwise.kernel.shown import Shown, sends, shows
from streetwise.kernel.viewer import Viewer

router = APIRouter(tags=["health"], route_class=ShownRoute)
VIEWER = Viewer.system("health")


class Said(Shown):
    """What a machine that watches is told."""

    __shows__ = shows({"L1 system": "status"})

    status: str


class Numbers(Shown):
    """The metrics: counts and times."""

    __shows__ = shows({"L1 system": "text"})

    text: str


@router.get("/healthz", openapi_extra=needs(PUBLIC))
@sends(Said)
async def healthz(request: Request) -> JSONResponse:
    """Whether the database answers a real query in time: 200, or 503."""
    runtime: Runtime = request.app.state.runtime
    return _said("ok" if await _answers(runtime) else "database")


@router.get("/readyz", openapi_extra=needs(PUBLIC))
@sends(Said)
async def readyz(request: Request) -> JSONResponse:
    """Whether requests should come here: not while the server stops, or the live feed is behind."""
    state = request.app.state
    if state.stopping.is_set():
        return _said("stopping")
    if state.feed.down:
        return _said("feed")
    return _said("ok" if await _answers(state.runtime) else "database")


@router.get("/metrics", openapi_extra=needs(PUBLIC))
@sends(Numbers)
async def metrics(
    request: Request, authorization: Annotated[str | None, Header()] = None
) -> Response:
    """Prometheus metrics, for who sends the token of the setting ``metrics_token``."""
    runtime: Runtime = request.app.state.runtime
    token = runtime.settings.metrics_token
    given = (authorization or "").removeprefix("Bearer ")
    if not token or not secrets.compare_digest(given.encode(), token.encode()):
        raise NotFound("There is no such address.")
    counts = sealed = None
    try:
        async with asyncio.timeout(runtime.settings.health_timeout_seconds):
            async with runtime.database.read(VIEWER) as session:
                alive = runtime.settings.import_stalled_after_seconds
                counts = await job_book.counts(session, VIEWER, alive_seconds=alive)
                sealed = await seals.standing(session, VIEWER)
    except (TimeoutError, DBAPIError, psycopg.Error):
        pass  # the rest is told all the same, and that the database is away
    content = request.app.state.metrics.text(request.app.state.feed, counts, sealed)
    return Response(content, media_type=CONTENT_TYPE_LATEST)


def _said(status: str) -> JSONResponse:
    return JSONResponse({"status": status}, 200 if status == "ok" else 503)


async def _answers(runtime: Runtime) -> bool:
    try:
        async with asyncio.timeout(runtime.settings.health_timeout_seconds):
            async with runtime.database.read(VIEWER) as session:
                await last_seq(session)
    except (TimeoutError, DBAPIError, psycopg.Error):
        return False
    return True
