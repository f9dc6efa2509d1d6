"""SQL about staff that the duty room needs: who stands behind a login or an id."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.tables import Staff
from streetwise.kernel.database import among
from streetwise.kernel.viewer import Viewer


async def staff_with_logins(
    session: AsyncSession, viewer: Viewer, logins: Iterable[str]
) -> list[UUID]:
    """The members of staff of these logins who have not left."""
    viewer.require("*")
    query = select(Staff.id).where(among(Staff.login, logins), Staff.active).order_by(Staff.id)
    return list((await session.execute(query)).scalars())


async def member(session: AsyncSession, viewer: Viewer, login: str) -> Staff | None:
    """Somebody who works here, by login."""
    viewer.require("*")
    query = select(Staff).where(Staff.login == login, Staff.active)
    return (await session.execute(query)).scalar_one_or_none()
