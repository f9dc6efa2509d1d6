"""All SQL of gather."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.gather.intake import Prepared
from streetwise.gather.tables import ImportBatch, Quarantine, Signal, Source, TriageQueue
from streetwise.kernel.copying import json_text
from streetwise.kernel.database import among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.ids import new_id
from streetwise.kernel.viewer import Viewer

_SIGNAL_COLUMNS = tuple(column.name for column in Signal.__table__.columns)
_in_order = itemgetter(*_SIGNAL_COLUMNS)
_JSON_PLACES = [_SIGNAL_COLUMNS.index(name) for name in ("masked", "original_point", "facts")]


@dataclass(frozen=True, slots=True)
class SignalFacts:
    """What other rooms may know of a signal. Times UTC, coordinates WGS-84, text masked."""

    id: UUID
    area: str
    source_code: str
    source_name: str
    category_scheme: str | None
    category_version: str | None
    clock_starts: str
    source_key: str | None
    refers_to: UUID | None
    channel: str | None
    received_at: datetime
    reported_at: datetime
    title: str | None
    text: str | None
    text_withheld: bool
    masked: dict[str, int]
    reply: str | None
    replied_at: datetime | None
    upstream_category: str | None
    place_text: str | None
    lon: float | None
    lat: float | None
    due_at: datetime | None
    closed_at: datetime | None
    text_hash: bytes | None
    grade: int


async def signal_facts(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> list[SignalFacts]:
    """Signals by id, in the order of their ids; those that the viewer may not see are left out.

    Whether a viewer may see the case they belong to is the caller's to ask.
    """
    query = (
        # Columns, not entities: triage reads them by the hundred, and only to look at them.
        select(*_FACTS)
        .join(Source, Source.id == Signal.source_id)
        .where(among(Signal.id, ids), Signal.grade <= viewer.clearance)
        .order_by(Signal.id)
    )
    if viewer.areas is not None:
        query = query.where(Signal.area.in_(viewer.areas))
    return [SignalFacts(*row) for row in await session.execute(query)]


async def signals_by_key(session: AsyncSession, viewer: Viewer, key: str) -> list[UUID]:
    """All signals about the upstream item with this number that the viewer may see."""
    query = select(Signal.id).where(Signal.source_key == key, Signal.grade <= viewer.clearance)
    if viewer.areas is not None:
        query = query.where(Signal.area.in_(viewer.areas))
    return list((await session.execute(query)).scalars())


#: Where the facts of a signal stand, in the order of SignalFacts.
_OF_SOURCE = {
    "source_code": Source.code,
    "source_name": Source.name,
    "category_scheme": Source.category_scheme,
    "category_version": Source.category_version,
    "clock_starts": Source.clock_starts,
}
_FACTS = [
    _OF_SOURCE[field.name] if field.name in _OF_SOURCE else getattr(Signal, field.name)
    for field in fields(SignalFacts)
]


async def upsert_source(session: AsyncSession, values: dict[str, Any]) -> UUID:
    """The id of the source with this code, made or brought up to date."""
    statement = insert(Source).values(id=new_id(), **values)
    statement = statement.on_conflict_do_update(
        index_elements=["code"], set_={key: statement.excluded[key] for key in values}
    )
    found: UUID = (await session.execute(statement.returning(Source.id))).scalar_one()
    return found


async def store_signals(
    connection: psycopg.AsyncConnection[Any], prepared: Sequence[Prepared]
) -> set[UUID]:
    """Store those signals that are not known yet; returns their ids.

    COPY into a temporary table, then one INSERT that leaves out what is there: two imports of
    the same file at the same time store each row once.
    """
    if not prepared:
        return set()
    columns = ", ".join(_SIGNAL_COLUMNS)
    async with connection.cursor() as cursor:
        await cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS incoming (LIKE signal) ON COMMIT DELETE ROWS"
        )
        await cursor.execute("TRUNCATE incoming")
        async with cursor.copy(f"COPY incoming ({columns}) FROM STDIN") as copy:
            for one in prepared:
                await copy.write_row(_row(one.values))
        await cursor.execute(_REFER)
        await cursor.execute(
            f"WITH stored AS (INSERT INTO signal ({columns})"  # noqa: S608
            f" SELECT {columns} FROM incoming ORDER BY id"
            " ON CONFLICT (content_hash) DO NOTHING RETURNING id, batch_id),"
            " queued AS (INSERT INTO triage_queue (id, batch_id) SELECT id, batch_id FROM stored)"
            " SELECT id FROM stored"
        )
        return {row[0] for row in await cursor.fetchall()}


async def take_waiting(session: AsyncSession, viewer: Viewer, limit: int) -> list[UUID]:
    """Take the oldest signals that no case has yet off the queue, in this transaction.

    Rolled back, they wait again; two workers never take the same.
    """
    viewer.require("*")
    query = text(
        "DELETE FROM triage_queue WHERE id IN ("
        "SELECT id FROM triage_queue ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)"
        " RETURNING id"
    )
    return sorted(row[0] for row in await session.execute(query, {"limit": limit}))


#: A later row about a known upstream item refers to the first signal of that item.
_REFER = """
UPDATE incoming SET refers_to = first.id
FROM (SELECT DISTINCT ON (known.source_id, known.source_key)
             known.source_id, known.source_key, known.id
      FROM (SELECT source_id, source_key, id FROM incoming
            UNION ALL
            SELECT s.source_id, s.source_key, s.id FROM signal s
            WHERE (s.source_id, s.source_key) IN (SELECT source_id, source_key FROM incoming)
           ) known
      WHERE known.source_key IS NOT NULL
      ORDER BY known.source_id, known.source_key, known.id) first
WHERE incoming.source_id = first.source_id AND incoming.source_key = first.source_key
  AND incoming.id <> first.id
"""


def _row(values: dict[str, Any]) -> list[Any]:
    row = list(_in_order(values))
    for place in _JSON_PLACES:
        row[place] = json_text(row[place])
    return row


async def batch(
    session: AsyncSession, viewer: Viewer, batch_id: UUID, *, lock: bool = False
) -> ImportBatch:
    """One import; NotFound when there is none that the viewer may see."""
    viewer.require("import.read")
    query = select(ImportBatch).where(ImportBatch.id == batch_id)
    if lock:
        query = query.with_for_update()
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None or not viewer.sees_area(found.area):
        raise NotFound("There is no such import.", import_id=str(batch_id))
    return found


async def batches(session: AsyncSession, viewer: Viewer, limit: int = 50) -> Sequence[ImportBatch]:
    """The newest imports."""
    viewer.require("import.read")
    query = select(ImportBatch).order_by(ImportBatch.created_at.desc(), ImportBatch.id.desc())
    if viewer.areas is not None:
        query = query.where(ImportBatch.area.in_(viewer.areas))
    return (await session.execute(query.limit(limit))).scalars().all()


async def waiting(session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many signals of each import still wait for triage."""
    viewer.require("import.read")
    query = (
        select(TriageQueue.batch_id, func.count())
        .where(TriageQueue.batch_id.in_(ids))
        .group_by(TriageQueue.batch_id)
    )
    return {row[0]: row[1] for row in await session.execute(query) if row[0]}


async def quarantined(
    session: AsyncSession, viewer: Viewer, batch_id: UUID, *, after_row: int, limit: int
) -> Sequence[Quarantine]:
    """Rows of an import in quarantine, in the order of the file."""
    await batch(session, viewer, batch_id)
    query = (
        select(Quarantine)
        .where(Quarantine.batch_id == batch_id, Quarantine.row > after_row)
        .order_by(Quarantine.row)
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()
