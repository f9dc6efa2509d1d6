"""The rows of the weather. ``weather_days`` is part of gather's public face."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.gather.tables import WeatherDay
from streetwise.gather.weather import DayWeather
from streetwise.kernel.database import of_areas
from streetwise.kernel.viewer import Viewer

_MEASURED = tuple(name for name in DayWeather._fields if name != "day")


async def weather_days(
    session: AsyncSession, viewer: Viewer, area: str, first: date, last: date
) -> list[DayWeather]:
    """What is known of an area's days from ``first`` to ``last``, in order; days of which nothing
    is known are not there.
    """
    columns = [getattr(WeatherDay, name) for name in DayWeather._fields]
    query = (
        select(*columns)
        .where(
            WeatherDay.area == area,
            of_areas(WeatherDay.area, viewer),
            WeatherDay.day >= first,
            WeatherDay.day <= last,
        )
        .order_by(WeatherDay.day)
    )
    return [DayWeather(*row) for row in await session.execute(query)]


async def put_days(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    days: Sequence[DayWeather],
    source: str,
    at: datetime,
) -> None:
    """Write days as they are given, over what was there."""
    viewer.require("import.run")
    statement = insert(WeatherDay)
    statement = statement.on_conflict_do_update(
        index_elements=["area", "day"],
        set_={name: statement.excluded[name] for name in (*_MEASURED, "source", "put_at")},
    )
    rows = [{**one._asdict(), "area": area, "source": source, "put_at": at} for one in days]
    if rows:
        await session.execute(statement, rows)
