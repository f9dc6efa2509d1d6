"""The weather comes in: a list of days, again and again the same, some of them corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from streetwise.directory.repository import area as directory_area
from streetwise.gather.weather import DayWeather, checked, twice
from streetwise.gather.weather_repository import put_days, weather_days
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Invalid
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer

declare(
    {
        "weather.put": "Days of weather were taken in; data: new, corrected, the first and the"
        " last of these days.",
    }
)

SOURCE_MOST = 80


@dataclass(frozen=True, slots=True)
class Put:
    """How many days were new, were corrected, and were known already."""

    new: int
    corrected: int
    known: int


async def put_weather(
    uow: UnitOfWork, viewer: Viewer, area: str | None, days: Sequence[DayWeather], source: str
) -> Put:
    """Take in days of an area (None: the home area), from ``source`` (who measured, in words).

    A value that differs takes the place of the one that was known; one that is missing takes
    nothing away. Days that say nothing new change nothing, and without a change there is no entry.
    Raises Invalid, and changes nothing, for values that cannot be, a day named twice, and days to
    come: a forecast is not what the weather was.
    """
    viewer.require("import.run")
    where = await directory_area(uow.session, viewer, area)
    today = uow.now.astimezone(ZoneInfo(where.timezone)).date()
    _check(days, source)
    late = [one.day for one in days if one.day > today]
    if late:
        raise Invalid(
            f"{min(late)} is still to come; only days that have been have weather.",
            code="weather_future",
            day=min(late).isoformat(),
        )
    if not days:
        return Put(0, 0, 0)
    first, last = min(one.day for one in days), max(one.day for one in days)
    before = {
        one.day: one for one in await weather_days(uow.session, viewer, where.code, first, last)
    }
    after = [_over(before.get(one.day), one) for one in days]
    changed = [one for one in after if one != before.get(one.day)]
    new = sum(one.day not in before for one in changed)
    if changed:
        await put_days(uow.session, viewer, where.code, changed, source.strip(), uow.now)
        uow.record(
            Entry(
                viewer.actor,
                "weather.put",
                "weather",
                None,
                area=where.code,
                grade=1,
                data={
                    "new": new,
                    "corrected": len(changed) - new,
                    "first_day": min(one.day for one in changed).isoformat(),
                    "last_day": max(one.day for one in changed).isoformat(),
                },
            )
        )
    return Put(new, len(changed) - new, len(days) - len(changed))


def _check(days: Sequence[DayWeather], source: str) -> None:
    if not 1 <= len(source.strip()) <= SOURCE_MOST:
        raise Invalid(
            f"Say in 1 to {SOURCE_MOST} characters who measured the weather.", code="weather_source"
        )
    for day in twice(days):
        raise Invalid(f"{day} is named twice.", code="weather_rows", day=day.isoformat())
    for one in days:
        try:
            checked(one)
        except ValueError as wrong:
            raise Invalid(
                f"{one.day}: {wrong}.", code="weather_rows", day=one.day.isoformat()
            ) from wrong


def _over(known: DayWeather | None, said: DayWeather) -> DayWeather:
    """What is known of a day when this is said of it."""
    if known is None:
        return said
    return DayWeather(
        said.day,
        *(new if new is not None else old for new, old in zip(said[1:], known[1:], strict=True)),
    )
