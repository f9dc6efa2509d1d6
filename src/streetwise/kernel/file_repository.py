"""Which files of the store a row names, whatever the room."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import NAMES_A_FILE, Base, among
from streetwise.kernel.viewer import Viewer


async def named(session: AsyncSession, viewer: Viewer, digests: list[bytes]) -> set[bytes]:
    """Those of the files that a row names."""
    viewer.require("*")
    columns = [
        getattr(mapper.class_, column.key)
        for mapper in Base.registry.mappers
        for column in mapper.columns
        if column.info == NAMES_A_FILE
    ]
    # A process that has not loaded the rooms would take every file for an orphan.
    assert columns, "the rooms' tables are not loaded"
    found: set[bytes] = set()
    for column in columns:
        query = select(column).where(among(column, digests))
        found.update((await session.execute(query)).scalars())
    return found
