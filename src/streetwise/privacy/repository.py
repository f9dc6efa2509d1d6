"""SQL of the vault: storing, reading, emptying. Whom a forgetting concerns is in
``forgetting_repository``, the change of keys in ``rotation_repository``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from streetwise.kernel.bulk import insert_many
from streetwise.kernel.database import among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.fields import ORIGINAL, ORIGINAL_N, grade_of
from streetwise.privacy.tables import (
    VaultField,
    VaultGeneration,
    VaultItem,
    VaultKey,
    VaultReason,
    VaultUse,
)
from streetwise.privacy.vault import FILE_KEY, REPORTER_KEY, SealedField, SealedItem

#: Writers of wrapped keys share it; retiring a generation waits until none of them is left.
VAULT_LOCK = func.hashtext("privacy.vault")


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A wrapped key together with the generation that opens it, from one look."""

    id: UUID
    kind: str
    generation: int
    wrapped: bytes | None
    generation_wrapped: bytes | None


@dataclass(frozen=True, slots=True)
class Stored:
    """One field (or the original, n = 0) as it lies there, with the keys that open it."""

    item_id: UUID
    item_kind: str
    n: int
    kind: str
    grade: int
    sealed: bytes
    key: Wrapped
    reporter: Wrapped | None


@dataclass(frozen=True, slots=True)
class Listed:
    """What may be said of a field without opening it."""

    n: int
    kind: str
    grade: int
    place: str
    at: int | None


# --- writing -------------------------------------------------------------------------------


async def share_generations(session: AsyncSession) -> list[VaultGeneration]:
    """The generations, oldest first; until the end of this transaction none is retired."""
    await session.execute(select(func.pg_advisory_xact_lock_shared(VAULT_LOCK)))
    return await generations(session)


async def generations(session: AsyncSession) -> list[VaultGeneration]:
    """All generations, oldest first."""
    return list((await session.execute(_GENERATIONS)).scalars())


_GENERATIONS = (
    select(VaultGeneration).order_by(VaultGeneration.id).execution_options(populate_existing=True)
)


async def add_generation(session: AsyncSession, number: int, wrapped: bytes, now: datetime) -> None:
    """Add a generation; where another process was first, its stays."""
    statement = insert(VaultGeneration).values(
        id=number, wrapped=wrapped, made_at=now, keys_total=0, keys_done=0
    )
    await session.execute(statement.on_conflict_do_nothing())


async def reporter_keys(session: AsyncSession, indexes: Iterable[bytes]) -> dict[bytes, Wrapped]:
    """Keys of known reporters by blind index; until the end of this transaction they stay."""
    query = (
        # Columns, not entities: an import asks for thousands, and a row that a rotation changed
        # while we waited is read as it is now.
        select(
            VaultKey.id, VaultKey.kind, VaultKey.generation, VaultKey.wrapped, VaultKey.blind_index
        )
        .where(among(VaultKey.blind_index, indexes))
        .order_by(VaultKey.id)
        .with_for_update(read=True)
    )
    found = (await session.execute(query)).all()
    # Not joined: a row that had to be waited for is joined to what was there before it changed.
    by_number = {one.id: one.wrapped for one in await generations(session)}
    return {
        index: Wrapped(key_id, kind, number, wrapped, by_number.get(number))
        for key_id, kind, number, wrapped, index in found
        if index is not None
    }


async def add_reporter_keys(
    session: AsyncSession, generation: int, rows: Sequence[tuple[bytes, UUID, bytes]]
) -> None:
    """Add (blind index, id, wrapped key); where another process was first, its stays."""
    if not rows:
        return
    values = [
        {
            "id": key_id,
            "kind": REPORTER_KEY,
            "generation": generation,
            "wrapped": wrapped,
            "blind_index": index,
        }
        for index, key_id, wrapped in sorted(rows)  # in one order: no dead-locks
    ]
    statement = insert(VaultKey).on_conflict_do_nothing(
        index_elements=["blind_index"], index_where=VaultKey.blind_index.is_not(None)
    )
    await session.execute(statement, values)


async def store(
    connection: psycopg.AsyncConnection[Any],
    items: Sequence[SealedItem],
    generation: int,
    stored_at: datetime,
) -> None:
    """Store sealed originals, their fields and their keys."""
    rows = ((one.id, one.kind, one.reporter_id, one.sealed, stored_at) for one in items)
    await insert_many(connection, "vault_item", _ITEM_COLUMNS, rows)
    await store_keys(connection, [(one.id, one.kind, generation, one.wrapped) for one in items])
    fields = ((one.id, *field) for one in items for field in one.fields)
    await insert_many(connection, "vault_field", _FIELD_COLUMNS, fields)


_ITEM_COLUMNS = ("id", "kind", "reporter_id", "sealed", "stored_at")
_FIELD_COLUMNS = ("item_id", *SealedField._fields)


async def store_keys(
    connection: psycopg.AsyncConnection[Any], rows: Iterable[tuple[UUID, str, int, bytes]]
) -> None:
    """Store (id, kind, generation, wrapped key)."""
    await insert_many(connection, "vault_key", ("id", "kind", "generation", "wrapped"), rows)


# --- reading -------------------------------------------------------------------------------


async def listed(
    session: AsyncSession, viewer: Viewer, item_ids: Sequence[UUID]
) -> tuple[dict[UUID, list[Listed]], set[UUID]]:
    """Which fields these items have (the original first), and which items are forgotten."""
    viewer.require("vault.read")
    reporter = aliased(VaultKey)
    query = (
        select(
            VaultItem.id,
            and_(
                VaultItem.sealed.is_not(None),
                VaultKey.wrapped.is_not(None),
                or_(VaultItem.reporter_id.is_(None), reporter.wrapped.is_not(None)),
            ),
        )
        .outerjoin(VaultKey, VaultKey.id == VaultItem.id)
        .outerjoin(reporter, reporter.id == VaultItem.reporter_id)
        .where(among(VaultItem.id, item_ids))
    )
    found: dict[UUID, list[Listed]] = {}
    forgotten: set[UUID] = set()
    for item_id, opens in await session.execute(query):
        if opens:
            whole = Listed(ORIGINAL_N, ORIGINAL, grade_of(ORIGINAL), ORIGINAL, None)
            found[item_id] = [whole]
        else:
            forgotten.add(item_id)
    fields = (
        select(
            VaultField.item_id,
            VaultField.n,
            VaultField.kind,
            VaultField.grade,
            VaultField.place,
            VaultField.at,
        )
        .where(among(VaultField.item_id, list(found)))
        .order_by(VaultField.item_id, VaultField.n)
    )
    for item_id, n, kind, grade, place, at in await session.execute(fields):
        found[item_id].append(Listed(n, kind, grade, place, at))
    return found, forgotten


async def stored(session: AsyncSession, viewer: Viewer, item_id: UUID, n: int) -> Stored | None:
    """One field with its keys, from one look; None when it was forgotten, NotFound never was."""
    viewer.require("vault.read")
    reporter, its_generation = aliased(VaultKey), aliased(VaultGeneration)
    query = (
        select(VaultItem, VaultField, VaultKey, VaultGeneration.wrapped, reporter,
               its_generation.wrapped)
        .outerjoin(VaultField, and_(VaultField.item_id == VaultItem.id, VaultField.n == n))
        .outerjoin(VaultKey, VaultKey.id == VaultItem.id)
        .outerjoin(VaultGeneration, VaultGeneration.id == VaultKey.generation)
        .outerjoin(reporter, reporter.id == VaultItem.reporter_id)
        .outerjoin(its_generation, its_generation.id == reporter.generation)
        .where(VaultItem.id == item_id)
        .execution_options(populate_existing=True)
    )  # fmt: skip
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise _nothing(item_id, n)
    item, field, key, generation, reporter_key, reporter_generation = row
    if item.sealed is None or key is None or key.wrapped is None:
        return None
    if item.reporter_id and (reporter_key is None or reporter_key.wrapped is None):
        return None
    if n != ORIGINAL_N and field is None:
        raise _nothing(item_id, n)
    return Stored(
        item.id,
        item.kind,
        n,
        ORIGINAL if n == ORIGINAL_N else field.kind,
        grade_of(ORIGINAL) if n == ORIGINAL_N else field.grade,
        item.sealed if n == ORIGINAL_N else field.sealed,
        Wrapped(key.id, key.kind, key.generation, key.wrapped, generation),
        Wrapped(
            reporter_key.id,
            reporter_key.kind,
            reporter_key.generation,
            reporter_key.wrapped,
            reporter_generation,
        )
        if item.reporter_id
        else None,
    )


async def key(session: AsyncSession, viewer: Viewer, key_id: UUID) -> Wrapped | None:
    """One key, with its generation, from one look; for jobs."""
    viewer.require("*")
    query = (
        select(
            VaultKey.id,
            VaultKey.kind,
            VaultKey.generation,
            VaultKey.wrapped,
            VaultGeneration.wrapped,
        )
        .outerjoin(VaultGeneration, VaultGeneration.id == VaultKey.generation)
        .where(VaultKey.id == key_id)
    )
    row = (await session.execute(query)).one_or_none()
    return Wrapped(*row) if row else None


def _nothing(item_id: UUID, n: int) -> NotFound:
    return NotFound("There is no such value in the vault.", item=str(item_id), n=n)


async def items_with(
    session: AsyncSession,
    viewer: Viewer,
    field_index: bytes,
    reporter_index: bytes,
    *,
    limit: int | None = None,
) -> tuple[list[UUID], UUID | None]:
    """(items in which the value stands or whose reporter has it, the reporter's key id)."""
    if not viewer.may("vault.search"):
        viewer.require("vault.forget")
    reporter_id = (
        await session.execute(select(VaultKey.id).where(VaultKey.blind_index == reporter_index))
    ).scalar_one_or_none()
    with_field = select(VaultField.item_id).where(VaultField.blind_index == field_index)
    query = (
        select(VaultItem.id)
        .where(
            or_(
                VaultItem.id.in_(with_field),
                and_(VaultItem.reporter_id.is_not(None), VaultItem.reporter_id == reporter_id),
            )
        )
        .order_by(VaultItem.id.desc())
    )
    if limit is not None:
        query = query.limit(limit)
    return list((await session.execute(query)).scalars()), reporter_id


async def count_use(session: AsyncSession, viewer: Viewer, hour: datetime) -> int:
    """Count one use by the viewer in this hour; how many there are now."""
    await session.execute(
        delete(VaultUse).where(VaultUse.actor == viewer.actor, VaultUse.hour < hour)
    )
    statement = insert(VaultUse).values(actor=viewer.actor, hour=hour, used=1)
    statement = statement.on_conflict_do_update(
        index_elements=["actor", "hour"], set_={"used": VaultUse.used + 1}
    )
    used: int = (await session.execute(statement.returning(VaultUse.used))).scalar_one()
    return used


async def reasons(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, VaultReason]:
    """Reasons by id, for who checks the use of the vault."""
    viewer.require("audit.read")
    query = select(VaultReason).where(among(VaultReason.id, ids))
    return {row.id: row for row in (await session.execute(query)).scalars()}


async def numbers(session: AsyncSession, viewer: Viewer) -> dict[str, int]:
    """How many items, fields, reporters there are, and how many of them are forgotten."""
    if not viewer.may("vault.forget"):
        viewer.require("key.rotate")
    is_reporter, alive = VaultKey.kind == REPORTER_KEY, VaultKey.wrapped.is_not(None)
    is_item = VaultKey.kind.not_in((REPORTER_KEY, FILE_KEY))
    query = select(
        func.count().filter(is_item, alive),
        func.count().filter(is_item, ~alive),
        func.count().filter(is_reporter, alive),
        func.count().filter(is_reporter, ~alive),
    ).select_from(VaultKey)
    items, items_gone, reporters, reporters_gone = (await session.execute(query)).one()
    fields = (await session.execute(select(func.count()).select_from(VaultField))).scalar_one()
    return {
        "items": items,
        "fields": fields,
        "reporters": reporters,
        "items_forgotten": items_gone,
        "reporters_forgotten": reporters_gone,
    }


# --- forgetting ----------------------------------------------------------------------------


async def destroy(session: AsyncSession, ids: Sequence[UUID], now: datetime) -> None:
    """Empty these keys, and what hung on them. Its action asks.

    A forgetting has locked them, so that it counts none twice; the key of a file that was read,
    and what a restore brought back, are emptied without.
    """
    await session.execute(
        update(VaultKey)
        .where(among(VaultKey.id, ids))
        .values(wrapped=None, blind_index=None, destroyed_at=now)
        .execution_options(synchronize_session=False)
    )
    await _empty(session, ids)


async def _empty(session: AsyncSession, item_ids: Sequence[UUID]) -> None:
    await session.execute(delete(VaultField).where(among(VaultField.item_id, item_ids)))
    await session.execute(
        update(VaultItem)
        .where(among(VaultItem.id, item_ids))
        .values(sealed=None, reporter_id=None)
        .execution_options(synchronize_session=False)
    )
