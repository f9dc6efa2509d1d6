"""The town's weather office: what the weather of each day was, told to the demo when it is over.

It begins with all of the past; then a day more as it ends, rain of played cloudbursts included.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass
class Sky:
    """What is told of a town's days, and from which day on it has not been told yet."""

    runtime: Runtime
    area: str
    seed: int
    untold: date
    courses: Sequence[Course]
    scenarios: Scenarios

    async def look(self) -> None:
        """Put the weather of the days that are over by now. Raises what a database raises."""
        today = self.runtime.database.clock.now().astimezone(ZONE).date()
        if self.untold >= today:
            return
        played = [
            COURSES[name](self.seed, at) for name, at in self.scenarios.begun() if name in COURSES
        ]
        courses = (*self.courses, *played)
        days = await asyncio.to_thread(days_of, self.seed, self.untold, today, courses)
        viewer = Viewer.system("town-weather")
        async with self.runtime.database.unit_of_work(viewer) as uow:
            await put_weather(uow, viewer, self.area, days, SOURCE)
        self.untold = today

    async def keep_telling(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, StreetwiseError) as failed:  # a busy machine: then again
                log.warning("weather_not_told", error=type(failed).__name__)
            await asyncio.sleep(LOOK_SECONDS)
