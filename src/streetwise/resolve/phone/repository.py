"""SQL of the telephone form: open cases near a place, and those that share words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import cos, degrees, radians
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from streetwise.kernel.geo import EARTH_RADIUS_M
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.phone.known import Candidate
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case

#: So many are looked at, the newest first: a hint must come while somebody types.
NEAR_MOST, WORDS_MOST = 100, 200


async def near(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    point: tuple[float, float],
    metres: float,
    since: datetime,
) -> list[Candidate]:
    """Open cases in a box around a point (lon, lat)."""
    lon, lat = point
    up = degrees(metres / EARTH_RADIUS_M)
    across = up / max(0.01, cos(radians(lat)))
    box = and_(Case.lat.between(lat - up, lat + up), Case.lon.between(lon - across, lon + across))
    return await _candidates(session, viewer, area, since, box, NEAR_MOST)


async def with_words(
    session: AsyncSession, viewer: Viewer, area: str, grams: Sequence[str], since: datetime
) -> list[Candidate]:
    """Open cases whose title, place or number share a bigram with what was typed."""
    if not grams:
        return []
    shares = Case.search.overlap(literal(list(grams), ARRAY(Text)))
    return await _candidates(session, viewer, area, since, shares, WORDS_MOST)


async def _candidates(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    since: datetime,
    where: ColumnElement[bool],
    limit: int,
) -> list[Candidate]:
    query = (
        select(
            Case.id,
            Case.title,
            Case.place_text,
            Case.lon,
            Case.lat,
            Case.category_scheme,
            Case.category_code,
        )
        .where(visible(viewer), Case.area == area, Case.state != CLOSED, Case.opened_at >= since)
        .where(where)
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(limit)
    )
    return [_candidate(row) for row in await session.execute(query)]


def _candidate(row: Any) -> Candidate:
    case_id: UUID = row[0]
    cls = (row[5], row[6]) if row[5] and row[6] else None
    return Candidate(case_id, row[1], row[2], row[3], row[4], cls)
