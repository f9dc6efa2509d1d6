"""SQL about staff that the duty room needs: who stands behind a login."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.tables import Staff
from streetwise.kernel.viewer import Viewer


async def member(session: AsyncSession, viewer: Viewer, login: str) -> Staff | None:
    """Somebody who works here, by login."""
    viewer.require("*")
    query = select(Staff).where(Staff.login == login, Staff.active)
    return (await session.execute(query)).scalar_one_or_none()
