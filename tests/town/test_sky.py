"""What the demo is told of its weather: all of the past at once, then each day as it ends."""

from __future__ import annotations

from datetime import date, timedelta

from streetwise.gather import DayWeather, weather_days
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.town import weather
from streetwise.town.almanac import ZONE
from streetwise.town.planting import planted_courses
from streetwise.town.scenarios import Scenarios
from streetwise.town.sky import Sky

SYSTEM = Viewer.system("test")
SEED = 11


class Nobody:
    """Reports nothing, whatever happens."""

    def course(self, name: str, at: object) -> list[object]:
        return []


async def known(runtime: Runtime) -> list[DayWeather]:
    async with runtime.database.read(SYSTEM) as session:
        return await weather_days(session, SYSTEM, "home", date(2000, 1, 1), date(2100, 1, 1))


async def test_days_are_told_when_they_are_over(runtime: Runtime, clock: HandClock) -> None:
    today = clock.now().astimezone(ZONE).date()
    since = today - timedelta(days=20)
    courses = planted_courses(SEED, since, today)
    scenarios = Scenarios(Nobody())  # type: ignore[arg-type]
    sky = Sky(runtime, "home", SEED, since, courses, scenarios)
    await sky.look()
    told = await known(runtime)
    assert [one.day for one in told] == [since + timedelta(days=n) for n in range(20)]
    for one, made in zip(told, weather.days(SEED, since, today, courses), strict=True):
        assert one[1:] == (made.rain_mm, made.max_c, made.min_c, made.gust_ms)
    await sky.look()
    assert await known(runtime) == told, "today is not over"

    # What was played counts, and only then it has rained.
    scenarios.start("cloudburst", clock.now())
    clock.advance(timedelta(days=1))
    await sky.look()
    new = (await known(runtime))[-1]
    assert new.day == today
    assert new.rain_mm is not None
    assert new.rain_mm > weather.day(SEED, today, courses).rain_mm + 20.0
