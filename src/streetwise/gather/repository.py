"""All SQL of gather."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Select, Subquery, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.gather.intake import Prepared
from streetwise.gather.schemas import CodeName
from streetwise.gather.tables import ImportBatch, Quarantine, Signal, Source, TriageQueue
from streetwise.gather.updates import Incoming, Item, sift
from streetwise.kernel.bulk import insert_many
from streetwise.kernel.copying import json_text
from streetwise.kernel.database import among, of_areas
from streetwise.kernel.errors import NotFound
from streetwise.kernel.ids import new_id
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.tables import VaultItem

_SIGNAL_COLUMNS = tuple(column.name for column in Signal.__table__.columns)
_in_order = itemgetter(*_SIGNAL_COLUMNS)
_JSON_PLACES = [
    _SIGNAL_COLUMNS.index(name) for name in ("masked", "original_point", "facts", "upstream")
]


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
    source_id: UUID
    upstream: dict[str, Any] | None
    upstream_at: datetime | None
    answer_by: str | None


async def signal_facts(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> list[SignalFacts]:
    """Signals by id, in the order of their ids; those that the viewer may not see are left out.

    Whether a viewer may see the case they belong to is the caller's to ask.
    """
    rows = await session.execute(_facts(viewer), {"ids": list(ids)})
    return [SignalFacts(*row) for row in rows]


@by_sight
def _facts(viewer: Viewer) -> Select[Any]:
    return (
        # Columns, not entities: triage reads them by the hundred, and only to look at them.
        select(*_FACTS)
        .join(Source, Source.id == Signal.source_id)
        .where(among(Signal.id, bindparam("ids")), Signal.grade <= viewer.clearance)
        .where(of_areas(Signal.area, viewer))
        .order_by(Signal.id)
    )


async def signals_by_key(session: AsyncSession, viewer: Viewer, key: str) -> list[UUID]:
    """All signals about the upstream item with this number that the viewer may see."""
    query = select(Signal.id).where(
        Signal.source_key == key, Signal.grade <= viewer.clearance, of_areas(Signal.area, viewer)
    )
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
    connection: psycopg.AsyncConnection[Any], prepared: Sequence[Prepared], *, queued: bool = True
) -> set[UUID]:
    """Store those signals of one source that are new; returns their ids.

    ``queued``: they wait for triage. The caller holds the source's row (``upsert_source``), so
    two imports of the same file at the same time store each row once.
    """
    if not prepared:
        return set()
    source_id, batch_id = prepared[0].values["source_id"], prepared[0].values["batch_id"]
    rows = [_incoming(one) for one in prepared]
    keys = {row.key for row in rows if row.key is not None}
    absolute = [row.content for row in rows if row.timed or row.key is None]
    async with connection.cursor() as cursor:
        items = await _items(cursor, source_id, keys)
        known = set(items)
        fresh = sift(rows, batch_id, items, await _stored(cursor, absolute))
        new = [one for one in prepared if one.id in fresh]
        for one in new:
            one.values["refers_to"] = fresh[one.id]
        await insert_many(connection, "signal", _SIGNAL_COLUMNS, (_row(one.values) for one in new))
        if queued:
            waiting = ((one.id, batch_id) for one in new)
            await insert_many(connection, "triage_queue", ("id", "batch_id"), waiting)
        await _store_items(cursor, source_id, items, known)
    return set(fresh)


def _incoming(one: Prepared) -> Incoming:
    values = one.values
    return Incoming(
        one.id,
        values["source_key"],
        values["content_hash"],
        values["upstream_at"] is not None,
    )


async def _stored(cursor: psycopg.AsyncCursor[Any], contents: Sequence[bytes]) -> set[bytes]:
    """Which rows without a number, or with a time of change, are stored already."""
    if not contents:
        return set()
    await cursor.execute(
        "SELECT content_hash FROM signal WHERE content_hash = ANY(%s)"
        " AND (source_key IS NULL OR upstream_at IS NOT NULL)",
        (list(contents),),
    )
    return {row[0] for row in await cursor.fetchall()}


_ITEM = "first_id, latest, batch_id, seen, before, matched, listed_in"


async def _items(
    cursor: psycopg.AsyncCursor[Any], source_id: UUID, keys: Set[str]
) -> dict[str, Item]:
    """What is known of these items."""
    if not keys:
        return {}
    await cursor.execute(
        f"SELECT source_key, {_ITEM} FROM upstream_item"  # noqa: S608
        " WHERE source_id = %s AND source_key = ANY(%s)",
        (source_id, list(keys)),
    )
    return {row[0]: Item(*row[1:]) for row in await cursor.fetchall()}


async def _store_items(
    cursor: psycopg.AsyncCursor[Any], source_id: UUID, items: Mapping[str, Item], known: Set[str]
) -> None:
    """Store items: those that are new, and what has changed about those that are not."""
    columns = ("source_id", "source_key", *_ITEM.split(", "))
    fresh = ((source_id, key, *_item_row(item)) for key, item in items.items() if key not in known)
    await insert_many(cursor.connection, "upstream_item", columns, fresh)
    if known:
        changed = list(zip(*((key, *_item_row(items[key])) for key in sorted(known)), strict=True))
        await cursor.execute(
            "UPDATE upstream_item i SET latest = n.latest, batch_id = n.batch_id, seen = n.seen,"
            " before = n.before, matched = n.matched, listed_in = n.listed_in"
            " FROM unnest(%s::text[], %s::uuid[], %s::bytea[], %s::uuid[], %s::bytea[],"
            "  %s::bytea[], %s::int[], %s::uuid[])"
            " n(source_key, first_id, latest, batch_id, seen, before, matched, listed_in)"
            " WHERE i.source_id = %s AND i.source_key = n.source_key",
            (*map(list, changed), source_id),
        )


def _item_row(item: Item) -> tuple[Any, ...]:
    return (
        item.first_id,
        item.latest,
        item.batch_id,
        item.seen,
        item.before,
        item.matched,
        item.listed_in,
    )


def channels() -> Subquery:
    """(signal_id, channel): how each signal came, as people call it; to be joined with."""
    channel = func.coalesce(Signal.channel, Source.name).label("channel")
    query = select(Signal.id.label("signal_id"), channel)
    return query.join(Source, Source.id == Signal.source_id).subquery("channels")


def first_signals() -> Subquery:
    """(signal_id): those that say something for the first time, no update of an earlier one."""
    return select(Signal.id.label("signal_id")).where(Signal.refers_to.is_(None)).subquery("firsts")


async def source_names(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, CodeName]:
    """Sources by id; who may see something that came from one may know its name."""
    del viewer
    found = await session.execute(_SOURCE_NAMES, {"ids": list(ids)})
    return {row[0]: CodeName(code=row[1], name=row[2]) for row in found}


_SOURCE_NAMES = select(Source.id, Source.code, Source.name).where(
    among(Source.id, bindparam("ids"))
)


async def signal_with_content(session: AsyncSession, viewer: Viewer, content: bytes) -> UUID:
    """The signal of a call that was registered already."""
    viewer.require("signal.register")
    query = select(Signal.id).where(Signal.content_hash == content, Signal.source_key.is_(None))
    return (await session.execute(query)).scalar_one()


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
    query = select(ImportBatch).where(of_areas(ImportBatch.area, viewer))
    query = query.order_by(ImportBatch.created_at.desc(), ImportBatch.id.desc())
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


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """The original of a row in quarantine: its item in the vault, and whose import it is."""

    item: UUID
    batch_id: UUID
    area: str


async def quarantined_before(
    session: AsyncSession, viewer: Viewer, before: datetime, limit: int
) -> list[QuarantinedRow]:
    """Originals of imports that ended before that, not yet forgotten. For the system."""
    viewer.require("*")
    query = (
        select(Quarantine.id, ImportBatch.id, ImportBatch.area)
        .join(ImportBatch, ImportBatch.id == Quarantine.batch_id)
        .join(VaultItem, VaultItem.id == Quarantine.id)
        .where(ImportBatch.finished_at < before, VaultItem.sealed.is_not(None))
        .limit(limit)
    )
    return [QuarantinedRow(*row) for row in await session.execute(query)]
