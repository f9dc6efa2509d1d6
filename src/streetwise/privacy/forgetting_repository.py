"""SQL of forgetting: whose and which originals it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from streetwise.kernel.database import among
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.tables import VaultItem, VaultKey


async def reporters_of(
    session: AsyncSession, viewer: Viewer, item_ids: Sequence[UUID]
) -> list[UUID]:
    """The reporters whose keys these items hang on."""
    viewer.require("vault.forget")
    query = (
        select(VaultItem.reporter_id)
        .where(among(VaultItem.id, item_ids), VaultItem.reporter_id.is_not(None))
        .distinct()
    )
    return [one for one in (await session.execute(query)).scalars() if one is not None]


async def items_of_reporters(
    session: AsyncSession, viewer: Viewer, reporter_ids: Sequence[UUID]
) -> list[UUID]:
    """The items that hang on these reporters' keys."""
    viewer.require("vault.forget")
    query = select(VaultItem.id).where(among(VaultItem.reporter_id, reporter_ids))
    return list((await session.execute(query)).scalars())


async def lock_keys(session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]) -> list[VaultKey]:
    """Keys that still open something, locked in the order of their ids."""
    viewer.require("vault.forget")
    query = (
        select(VaultKey)
        .where(among(VaultKey.id, ids), VaultKey.wrapped.is_not(None))
        .order_by(VaultKey.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(query)).scalars())


async def leftovers(session: AsyncSession, viewer: Viewer, limit: int) -> list[UUID]:
    """Items that are still there though their key, or their reporter's, was destroyed."""
    viewer.require("*")
    reporter = aliased(VaultKey)
    query = (
        select(VaultItem.id)
        .join(VaultKey, VaultKey.id == VaultItem.id)
        .outerjoin(reporter, reporter.id == VaultItem.reporter_id)
        .where(
            VaultItem.sealed.is_not(None),
            or_(VaultKey.destroyed_at.is_not(None), reporter.destroyed_at.is_not(None)),
        )
        .order_by(VaultItem.id)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())
