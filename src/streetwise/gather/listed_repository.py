"""SQL of the lists of upstream platforms: which numbers they name, and what they said of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.gather.mapping import mappings
from streetwise.gather.tables import ImportBatch, Signal, Source, TriageQueue, UpstreamItem
from streetwise.kernel.database import among
from streetwise.kernel.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Platform:
    """A source whose files are lists of work orders. ``mappings``: those by which they are read;
    ``whole``: those of them whose files name every order that is open there."""

    source_id: UUID
    code: str
    name: str
    scheme: str
    mappings: tuple[str, ...]
    whole: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UpstreamFile:
    """A file that was read to its end. ``unread``: its rows that could not be used."""

    id: UUID
    at: datetime
    whole: bool
    unread: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A number that a platform has named: last in a file of ``listed_at``.

    The rest is what it said last of it; ``upstream`` None: its row is none of a work order.
    ``waits``: its first signal has no case yet.
    """

    number: str
    first_id: UUID
    listed_in: UUID
    listed_at: datetime
    signal_id: UUID
    upstream: dict[str, Any] | None
    upstream_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    reply: str | None
    waits: bool


async def platforms(session: AsyncSession, viewer: Viewer) -> list[Platform]:
    """The platforms that mappings know and that have sent something, by code."""
    viewer.require("*")
    by_code: dict[str, list[tuple[str, str, bool]]] = {}
    for one in mappings().values():
        if one.work_order is not None:
            line = (one.name, one.work_order.scheme, one.work_order.whole)
            by_code.setdefault(one.source_code, []).append(line)
    query = select(Source.id, Source.code, Source.name).where(Source.code.in_(by_code))
    found = await session.execute(query.order_by(Source.code))
    return [
        Platform(
            row[0],
            row[1],
            row[2],
            by_code[row[1]][0][1],
            tuple(name for name, _, _ in by_code[row[1]]),
            tuple(name for name, _, whole in by_code[row[1]] if whole),
        )
        for row in found
    ]


async def last_files(
    session: AsyncSession, viewer: Viewer, area: str, platform: Platform
) -> tuple[UpstreamFile | None, UpstreamFile | None]:
    """(the last file of a platform, the last of those that name every open order); done ones."""
    viewer.require("*")
    return (
        await _last(session, area, platform, platform.mappings),
        await _last(session, area, platform, platform.whole),
    )


async def _last(
    session: AsyncSession, area: str, platform: Platform, names: tuple[str, ...]
) -> UpstreamFile | None:
    query = (
        select(ImportBatch.id, ImportBatch.created_at, ImportBatch.mapping, ImportBatch.rows_bad)
        .where(ImportBatch.area == area, ImportBatch.mapping.in_(names))
        .where(ImportBatch.state == "done")
        .order_by(ImportBatch.created_at.desc(), ImportBatch.id.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    return UpstreamFile(row[0], row[1], row[2] in platform.whole, row[3])


async def still_read(
    session: AsyncSession, viewer: Viewer, area: str, platform: Platform, since: datetime
) -> bool:
    """Whether a file that came since then is still being read, or its rows wait for triage."""
    viewer.require("*")
    waits = select(TriageQueue.id).where(TriageQueue.batch_id == ImportBatch.id).exists()
    query = (
        select(ImportBatch.id)
        .where(ImportBatch.area == area, ImportBatch.mapping.in_(platform.mappings))
        .where(ImportBatch.created_at >= since)
        .where(ImportBatch.state.in_(("queued", "running")) | waits)
        .limit(1)
    )
    return (await session.execute(query)).first() is not None


async def listed(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    source_id: UUID,
    *,
    since: datetime,
    numbers: Iterable[str],
) -> list[Listed]:
    """What a platform says: of the numbers in its files since then, and of those that are given.

    By number. What was named only in files of before the numbers were noted is left out.
    """
    viewer.require("*")
    names = (
        select(
            UpstreamItem.source_key,
            UpstreamItem.first_id,
            UpstreamItem.listed_in,
            ImportBatch.created_at,
        )
        .join(ImportBatch, ImportBatch.id == UpstreamItem.listed_in)
        .where(UpstreamItem.source_id == source_id, ImportBatch.area == area)
        .where((ImportBatch.created_at >= since) | among(UpstreamItem.source_key, numbers))
        .subquery()
    )
    moment = func.coalesce(Signal.upstream_at, Signal.received_at)
    query = (
        select(
            names.c.source_key,
            names.c.first_id,
            names.c.listed_in,
            names.c.created_at,
            Signal.id,
            Signal.upstream,
            Signal.upstream_at,
            Signal.due_at,
            Signal.closed_at,
            Signal.reply,
            select(TriageQueue.id).where(TriageQueue.id == names.c.first_id).exists(),
        )
        .join(Signal, (Signal.source_key == names.c.source_key) & (Signal.source_id == source_id))
        .ext(distinct_on(names.c.source_key))
        .order_by(names.c.source_key, moment.desc(), Signal.id.desc())
    )
    return [Listed(*row) for row in await session.execute(query)]
