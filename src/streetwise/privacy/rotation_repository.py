"""SQL of the change of keys: what the older generations still wrap, and retiring them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.crypto import Renew
from streetwise.kernel.database import Uuid
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.repository import VAULT_LOCK, Wrapped, generations
from streetwise.privacy.tables import VaultGeneration, VaultKey


async def lock_generations(session: AsyncSession, *, alone: bool) -> None:
    """One rotation starts at a time; ``alone``: and nobody is writing keys."""
    lock = VAULT_LOCK if alone else func.hashtext("privacy.rotation")
    await session.execute(select(func.pg_advisory_xact_lock(lock)))


async def keys_before(session: AsyncSession, viewer: Viewer, generation: int) -> int:
    """How many keys are still wrapped by older generations."""
    viewer.require("key.rotate")
    query = (
        select(func.count())
        .select_from(VaultKey)
        .where(VaultKey.generation < generation, VaultKey.wrapped.is_not(None))
    )
    return (await session.execute(query)).scalar_one()


async def take_keys_before(
    session: AsyncSession, viewer: Viewer, generation: int, limit: int
) -> list[Wrapped]:
    """Some keys of older generations, locked; those that others hold are left for later."""
    viewer.require("key.rotate")
    query = (
        select(VaultKey.id, VaultKey.kind, VaultKey.generation, VaultKey.wrapped)
        .where(VaultKey.generation < generation, VaultKey.wrapped.is_not(None))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Wrapped(*row, None) for row in await session.execute(query)]


async def rewrap(session: AsyncSession, generation: int, keys: Mapping[UUID, bytes]) -> None:
    """Write keys wrapped anew, and count them."""
    anew = (
        func.unnest(
            literal(list(keys), ARRAY(Uuid)), literal(list(keys.values()), ARRAY(LargeBinary))
        )
        .table_valued("id", "wrapped")
        .render_derived()
    )
    await session.execute(
        update(VaultKey)
        .where(VaultKey.id == anew.c.id)
        .values(wrapped=anew.c.wrapped, generation=generation)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(VaultGeneration)
        .where(VaultGeneration.id == generation)
        .values(keys_done=VaultGeneration.keys_done + len(keys))
        .execution_options(synchronize_session=False)
    )


async def retire_before(session: AsyncSession, generation: int, now: datetime) -> None:
    """Destroy the keys of older generations: nothing is wrapped by them any more."""
    await session.execute(
        update(VaultGeneration)
        .where(VaultGeneration.id < generation, VaultGeneration.retired_at.is_(None))
        .values(wrapped=None, retired_at=now)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(VaultGeneration)
        .where(VaultGeneration.id == generation)
        .values(finished_at=now)
        .execution_options(synchronize_session=False)
    )


async def renew_generations(session: AsyncSession, viewer: Viewer, renew: Renew) -> int:
    """Seal the keys of all generations anew; how many."""
    viewer.require("*")
    await session.execute(select(func.pg_advisory_xact_lock(VAULT_LOCK)))
    done = 0
    for one in await generations(session):
        if one.wrapped is not None and (anew := renew(one.wrapped, b"%d" % one.id)) is not None:
            one.wrapped = anew
            done += 1
    return done


async def keys_of_the_first_generation(session: AsyncSession, viewer: Viewer) -> int:
    """Keys that no generation but the master key itself opens: those of before there were any."""
    viewer.require("*")
    query = (
        select(func.count())
        .select_from(VaultKey)
        .where(VaultKey.generation == 0, VaultKey.wrapped.is_not(None))
    )
    return (await session.execute(query)).scalar_one()
