"""The live stream: one SSE address, events `hello`, `entry`, `reset` and `ping`."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from random import random
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current, still_there
from streetwise.kernel import journal
from streetwise.kernel.access import needs
from streetwise.kernel.audience import GZIP_HEAD, Listener, Piece
from streetwise.kernel.errors import Unauthenticated
from streetwise.kernel.journal import Recorded
from streetwise.kernel.live import Feed
from streetwise.kernel.settings import Settings
from streetwise.kernel.shown import Shown, sends, shows
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.schemas import EntryView
from streetwise.resolve.views import entry_views

router = APIRouter(tags=["live"], route_class=ShownRoute)

#: Names of the events of the stream, with their meaning (docs/reference/api.md).
EVENTS = {
    "hello": "The stream begins; data: seq (the newest entry), now (business time), ping_seconds,"
    " refresh_seconds.",
    "pace": "How long after a change to ask again for what entries do not tell, from now on; data:"
    " refresh_seconds.",
    "entry": "A journal entry that the viewer may see; id: its seq.",
    "reset": "Too much was missed; fetch afresh, then go on from data.seq.",
    "ping": "Nothing happened for ping_seconds. Silence for much longer means a dead line.",
}
RETRY_MS = 2000


class Hello(Shown):
    """Where the stream begins, in the journal and in business time, and how often it pings."""

    __shows__ = shows({"L1 system": "seq now ping_seconds refresh_seconds"})

    seq: int
    now: datetime
    ping_seconds: float
    refresh_seconds: float


class Pace(Shown):
    """Other numbers of screens, other patience."""

    __shows__ = shows({"L1 system": "refresh_seconds"})

    refresh_seconds: float


class Ping(Shown):
    """Nothing happened; the stream is alive."""


class Reset(Shown):
    """From where to go on after fetching afresh."""

    __shows__ = shows({"L1 system": "seq"})

    seq: int


async def dress(session: AsyncSession, entries: Sequence[Recorded]) -> Sequence[str]:
    """Entries as they go over the line, names and titles in them: once for all screens."""
    return [_entry(view) for view in await entry_views(session, Viewer.system("live"), entries)]


async def heard(request: Request) -> int:
    """How far the journal has been heard, before it is looked up who asks."""
    feed: Feed = request.app.state.feed
    return feed.seq


@router.get("/live", openapi_extra=needs("case.read"), response_class=StreamingResponse)
@sends(Hello, Pace, EntryView, Ping, Reset)
async def live(
    request: Request,
    # Before ``current``: a change of rights that is heard after this may not be in its answer.
    heard_until: Annotated[int, Depends(heard)],
    deps: Annotated[Deps, Depends(current)],
    area: Annotated[str | None, Query(max_length=100)] = None,
    after: Annotated[int | None, Query(ge=0)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Journal entries as they are committed, resumed behind ``Last-Event-ID``.

    A browser sends that header only when it reconnects by itself; ``after`` is for the rest.
    """
    deps.viewer.require("case.read")
    if last_event_id and last_event_id.isdecimal():
        after = int(last_event_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}
    gzip = takes_gzip(request.headers.get("accept-encoding", ""))
    pieces = _stream(request, deps, area, after, heard_until)
    if gzip:
        headers["Content-Encoding"] = "gzip"
    return StreamingResponse(
        _written(pieces, gzip), media_type="text/event-stream", headers=headers
    )


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding names gzip and does not refuse it (RFC 9110, 12.5.3)."""
    for one in accepted.lower().split(","):
        name, _, weight = one.replace(" ", "").partition(";q=")
        if name in ("gzip", "*"):
            return weight.strip("0.") != "" or not weight
    return False


async def _written(stream: AsyncIterator[Sequence[Piece]], gzip: bool) -> AsyncIterator[bytes]:
    """Pieces as they go over the line."""
    if gzip:
        yield GZIP_HEAD
    async for pieces in stream:
        yield b"".join([piece.packed if gzip else piece.plain for piece in pieces])


async def _stream(
    request: Request, deps: Deps, area: str | None, after: int | None, rights: int
) -> AsyncIterator[Sequence[Piece]]:
    feed: Feed = request.app.state.feed
    stopping: asyncio.Event = request.app.state.stopping
    listener = feed.join(deps.viewer, area)
    try:
        start = feed.seq
        told = _refresh_seconds(feed, deps.runtime.settings)
        hello = Hello(
            seq=start,
            now=deps.runtime.database.clock.now(),
            ping_seconds=deps.runtime.settings.live_ping_seconds,
            refresh_seconds=told,
        )
        yield [Piece(0, f"retry: {RETRY_MS}\n\n".encode()), _piece(_event("hello", hello))]
        if after is not None and after < start:
            yield [await _replay(deps, area, after, start)]
        recheck = deps.runtime.settings.live_recheck_seconds
        looked = monotonic()
        # Thousands that came at once are not looked up at once.
        looked_in_full = looked - random() * recheck  # noqa: S311
        while not stopping.is_set():
            if monotonic() - looked >= deps.runtime.settings.live_ping_seconds:
                looked = monotonic()
                # Signed out, other roles, a stand-in that ended: the screen begins anew. The
                # journal tells of it, but for what ends by the clock.
                expired = looked - looked_in_full >= recheck
                stands_in = deps.viewer.stand_in_for is not None
                changed = feed.rights_seq(deps.viewer.staff_id) > rights
                if expired or stands_in or changed:
                    rights, looked_in_full = feed.seq, looked
                    if not await _same_viewer(request, deps):
                        return
            await listener.wait()
            yield _waiting(listener, feed)
            if (now := _refresh_seconds(feed, deps.runtime.settings)) != told:
                told = now
                yield [_piece(_event("pace", Pace(refresh_seconds=told)))]
    finally:
        feed.leave(listener)


def _refresh_seconds(feed: Feed, settings: Settings) -> float:
    """In steps of twice as long: it is said anew only with many more screens, or many fewer."""
    wanted = feed.listeners / settings.live_refreshes_per_second
    steps = max(0, math.ceil(math.log2(max(wanted / settings.live_refresh_seconds, 1))))
    return settings.live_refresh_seconds * 2.0**steps


def _waiting(listener: Listener, feed: Feed) -> Sequence[Piece]:
    """What waits for a screen; a ping when it was woken for nothing."""
    if listener.lost:
        listener.lost = False
        return [_piece(_event("reset", Reset(seq=feed.seq), feed.seq))]
    # A named event, not a comment: a screen cannot hear comments, and after a night's sleep must
    # find out that its line is dead though nobody closed it.
    return listener.take() or [_PING]


async def _same_viewer(request: Request, deps: Deps) -> bool:
    try:
        return (await still_there(request)).viewer == deps.viewer
    except Unauthenticated:
        return False


async def _replay(deps: Deps, area: str | None, after: int, until: int) -> Piece:
    limit = deps.runtime.settings.live_replay_entries
    async with deps.runtime.database.read(deps.viewer) as session:
        missed = await journal.read(session, deps.viewer, after=after, area=area, limit=limit + 1)
        if len(missed) > limit:
            return _piece(_event("reset", Reset(seq=until), until))
        views = await entry_views(session, deps.viewer, missed)
        return _piece("".join(_entry(view) for view in views if view.seq <= until))


def _entry(view: EntryView) -> str:
    return _event("entry", view, view.seq)


def _event(name: str, data: Shown, seq: int | None = None) -> str:
    head = f"id: {seq}\n" if seq is not None else ""
    return f"{head}event: {name}\ndata: {data.model_dump_json()}\n\n"


def _piece(text: str) -> Piece:
    return Piece(1, text.encode())


_PING = _piece(_event("ping", Ping()))
