"""Where each report's case lies and of which class it is, for those who count: no words of it, no
person. Part of resolve's public face.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.viewer import Viewer
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case, CaseSignal

#: Rows handed over at a time.
AT_ONCE = 10_000


class Sorted(NamedTuple):
    """A report as triage and officers have it by now: its signal and its case, with the class
    (scheme, version, code) and the place (WGS-84, and the grid) of that; None: not known.
    """

    id: UUID
    case_id: UUID
    scheme: str | None
    version: str | None
    code: str | None
    lon: float | None
    lat: float | None
    grid_id: UUID | None


async def reports_sorted(
    session: AsyncSession, viewer: Viewer, area: str, since: datetime
) -> AsyncIterator[Sequence[Sorted]]:
    """Reports of an area that were given their case since then, in no order, some thousands at a
    time. A report comes before it is given its case.
    """
    query = (
        select(
            CaseSignal.signal_id,
            CaseSignal.case_id,
            Case.category_scheme,
            Case.category_version,
            Case.category_code,
            Case.lon,
            Case.lat,
            Case.grid_id,
        )
        .join(Case, Case.id == CaseSignal.case_id)
        .where(CaseSignal.joined_at >= since, Case.area == area, visible(viewer))
        .execution_options(yield_per=AT_ONCE)
    )
    async for rows in (await session.stream(query)).partitions(AT_ONCE):
        yield [Sorted(*row) for row in rows]
