"""The town's weather office: what the weather of each day was, told to the demo when it is over.

It begins with all of the past; then a day more as it ends, rain of played cloudbursts included.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date

from sqlalchemy.exc import SQLAlchemyError

from streetwise.gather import DayWeather
from streetwise.gather.weather_actions import put_weather
from streetwise.kernel import logs
from streetwise.kernel.errors import StreetwiseError
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer

from . import weather
from .almanac import ZONE
from .courses import Course
from .past import Past
from .played import COURSES
from .scenarios import Scenarios

#: How often it is looked whether a day is over.
LOOK_SECONDS = 30.0
SOURCE = "气象站"

log = logs.get(__name__)


def days_of(seed: int, start: date, end: date, courses: Sequence[Course]) -> list[DayWeather]:
    """The days of start <= day < end, as a weather office measures them."""
    return [
        DayWeather(one.date, one.rain_mm, one.max_c, one.min_c, one.gust_ms)
        for one in weather.days(seed, start, end, courses)
    ]


async def tell_weather(runtime: Runtime, past: Past, scenarios: Scenarios) -> None:
    """Put the weather of every day that is over, until cancelled."""
    since = past.since.date()
    while True:
        today = runtime.database.clock.now().astimezone(ZONE).date()
        if since < today:
            played = (
                COURSES[name](past.seed, at) for name, at in scenarios.begun() if name in COURSES
            )
            days = await asyncio.to_thread(
                days_of, past.seed, since, today, (*past.courses, *played)
            )
            try:
                viewer = Viewer.system("town-weather")
                async with runtime.database.unit_of_work(viewer) as uow:
                    await put_weather(uow, viewer, past.area, days, SOURCE)
            except (SQLAlchemyError, StreetwiseError) as failed:  # a busy machine: then again
                log.warning("weather_not_told", error=type(failed).__name__)
            else:
                since = today
        await asyncio.sleep(LOOK_SECONDS)
