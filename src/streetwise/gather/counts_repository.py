"""When each report came, for those who count: no text, no person. Part of gather's public face."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Date, Integer, cast, func, literal, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.gather.detections import DEVICE_SOURCES
from streetwise.gather.tables import Signal, Source
from streetwise.kernel.database import of_areas
from streetwise.kernel.viewer import Viewer

#: Rows handed over at a time.
AT_ONCE = 10_000
DAY_ONLY = -1


class Came(NamedTuple):
    """A report: its signal, its day (since 1970-01-01) and the second of that day, both in the
    given zone; ``DAY_ONLY`` for what came at midnight to the second: a file that knows days only
    is read so, and a thousand of it in one second would look like a pile that one hand typed in.
    ``arrived``: when it came in, in seconds since 1970 of the same zone, and from which ``source``.
    """

    id: UUID
    day: int
    second: int
    arrived: int
    source: UUID


async def reports_came(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    zone: str,
    since: datetime,
    until: datetime,
) -> AsyncIterator[Sequence[Came]]:
    """Reports of people with since <= reported < until, in no order, some thousands at a time.

    Left out: what devices found (switching one on is no news of the street), and what only comes
    back to an item that is known upstream (催单, an answer).
    """
    viewer.require("case.read")
    local = func.timezone(zone, Signal.reported_at)
    since_1970 = cast(local, Date) - cast(literal("1970-01-01"), Date)
    day = type_coerce(since_1970, Integer)  # of two dates PostgreSQL makes whole days
    seconds = cast(func.extract("epoch", local - func.date_trunc("day", local)), Integer)
    second = func.coalesce(func.nullif(seconds, 0), DAY_ONLY)
    here = func.timezone(zone, Signal.received_at)
    arrived = cast(func.extract("epoch", here), BigInteger)
    query = (
        select(Signal.id, day, second, arrived, Signal.source_id)
        .join(Source, Source.id == Signal.source_id)
        .where(
            Signal.area == area,
            of_areas(Signal.area, viewer),
            Signal.grade <= viewer.clearance,
            Signal.reported_at >= since,
            Signal.reported_at < until,
            Signal.refers_to.is_(None),
            Source.code.not_like(f"{DEVICE_SOURCES}%"),
        )
        .execution_options(yield_per=AT_ONCE)
    )
    async for rows in (await session.stream(query)).partitions(AT_ONCE):
        yield [Came(*row) for row in rows]
