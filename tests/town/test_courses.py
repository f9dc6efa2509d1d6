"""The cloudburst and the forest smoke, minute by minute."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from streetwise.town import weather
from streetwise.town.almanac import ZONE, fire_season, flood_season, kind_of
from streetwise.town.basins import BASINS, RIVER, levels
from streetwise.town.cloudburst import cloudburst
from streetwise.town.courses import Course
from streetwise.town.planting import course_rows, planted_courses
from streetwise.town.smoke import OVER_PPM, ppm_downwind, smoke

EVENING = datetime(2026, 7, 15, 17, 20, tzinfo=ZONE)
NOON = datetime(2026, 3, 15, 13, 5, tzinfo=ZONE)
SEEDS = range(1, 9)


def same(a: Course, b: Course) -> bool:
    return (
        a.reports == b.reports
        and a.alerts == b.alerts
        and a.crossings == b.crossings
        and a.facts == b.facts
        and all(np.array_equal(v, b.minutes[k]) for k, v in a.minutes.items())
    )


@pytest.mark.parametrize("make", [cloudburst, smoke])
def test_a_course_is_a_function_of_seed_and_start(make: type) -> None:
    assert same(make(4, EVENING), make(4, EVENING.replace(second=41)))
    assert not same(make(4, EVENING), make(5, EVENING))
    assert not same(make(4, EVENING), make(4, EVENING + timedelta(minutes=1)))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cloudburst_rains_about_95_mm_in_100_minutes(seed: int) -> None:
    course = cloudburst(seed, EVENING)
    rain = course.minutes["rain_mm"]
    assert 85 <= course.facts["rain_mm_in_100_min"] <= 105
    assert 2.0 <= rain.max() <= 3.0
    assert (rain >= 0).all()
    assert rain[: int(course.facts["rain_began_minute"])].sum() == 0
    assert rain[int(course.facts["rain_ended_minute"]) :].sum() == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_water_rises_after_the_rain_and_falls_over_hours(seed: int) -> None:
    course = cloudburst(seed, EVENING)
    rain = course.minutes["rain_mm"]
    for basin in BASINS:
        level = course.minutes[f"level_m:{basin.key}"]
        assert (level >= 0).all()
        assert level.argmax() > rain.argmax(), basin.key
        # No more water can stand there than has fallen by then.
        assert (level - basin.rest <= basin.metres * np.cumsum(rain) + 0.002).all(), basin.key
    under = course.minutes["level_m:underpass"]
    assert 0.5 <= under.max() <= 1.5
    passed = [c for c in course.crossings if c.series == "level_m:underpass"]
    rising = [c for c in passed if c.rising]
    falling = [c for c in passed if not c.rising]
    assert [c.threshold for c in rising] == [0.15, 0.27, 0.40]
    assert [c.threshold for c in falling] == [0.40, 0.27, 0.15]
    assert falling[-1].minute - rising[0].minute > 180
    assert under[-1] == 0


def test_dry_places_stay_dry_without_rain_and_in_drizzle() -> None:
    rest = np.array([b.rest for b in BASINS])
    assert np.array_equal(levels(np.zeros(300), 1.0)[-1], rest)
    drizzle = levels(np.full(600, 0.05), 1.0)
    streets = [i for i, b in enumerate(BASINS) if b is not RIVER]
    assert drizzle[:, streets].max() < 0.01


def test_steps_of_ten_minutes_see_the_water_that_steps_of_one_see() -> None:
    rain = cloudburst(2, EVENING).minutes["rain_mm"]
    fine = levels(rain, 1.0)[9::10]
    coarse = levels(rain.reshape(-1, 10).sum(axis=1), 10.0)
    assert np.abs(fine.max(axis=0) - coarse.max(axis=0)).max() < 0.12


@pytest.mark.parametrize("seed", SEEDS)
def test_alerts_of_the_cloudburst_climb_and_the_truth_says_what_was_reached(seed: int) -> None:
    course = cloudburst(seed, EVENING)
    assert [a.colour for a in course.alerts] == ["yellow", "orange", "red"]
    issued = [a.issued for a in course.alerts]
    assert issued == sorted(issued)
    assert issued[0] < course.facts["rain_began_minute"]
    limits = {"yellow": 50, "orange": 70, "red": 100}
    for alert in course.alerts:
        assert alert.reached == (course.facts["rain_mm_in_60_min"] >= limits[alert.colour])


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_reports_what_has_not_happened_yet(seed: int) -> None:
    course = cloudburst(seed, EVENING)
    under = course.minutes["level_m:underpass"]
    for report in course.reports:
        assert report.minute >= course.facts["rain_began_minute"]
        if report.kind == "underpass_flooded":
            assert under[report.minute] > 0.1
        if report.kind == "mud_left":
            assert 6 <= course.at(report.minute).hour < 11
    voices = sum(r.voice_count for r in course.reports)
    assert 70 <= voices <= 160
    assert len({r.kind for r in course.reports}) >= 8
    fire = smoke(seed, NOON)
    seen = {m.who: m.minute for m in fire.moments[:4]}
    assert min(r.minute for r in fire.reports) >= seen["resident"] > seen["ranger"] > seen["sensor"]


@pytest.mark.parametrize("seed", SEEDS)
def test_smoke_grows_is_held_and_ends(seed: int) -> None:
    course = smoke(seed, NOON)
    near, far = course.minutes["ppm:150"], course.minutes["ppm:900"]
    sensed = int(course.facts["sensed_minute"])
    assert near[sensed] >= OVER_PPM > near[:sensed].max()
    assert 4 <= sensed <= 20
    assert near.max() > 3 * far.max()
    held, out = int(course.facts["held_minute"]), int(course.facts["out_minute"])
    assert near[held - 5 : held].mean() > 4 * near[out - 30 : out].mean()
    assert course.minutes["strength"][out:].sum() == 0
    assert near[-1] < 10


def test_smoke_is_thin_beside_the_line_of_the_wind() -> None:
    course = smoke(1, NOON)
    strength, wind = course.minutes["strength"], course.minutes["wind_ms"]
    along, beside = (ppm_downwind(strength, wind, 200, off).max() for off in (0, 90))
    assert along > 8 * beside


@pytest.mark.parametrize("seed", SEEDS)
def test_courses_lie_in_their_seasons_on_days_that_suit_them(seed: int) -> None:
    start, end = date(2023, 11, 27), date(2026, 11, 27)
    fire, flood = planted_courses(seed, start, end)
    assert (fire.name, flood.name) == ("smoke", "cloudburst")
    assert fire_season(fire.start.date()) and fire.start.year == 2026
    assert flood_season(flood.start.date()) and flood.start.year == 2026
    assert kind_of(flood.start.date()) == "workday"
    assert weather.day(seed, fire.start.date()).rain_mm == 0
    assert weather.day(seed, flood.start.date(), [flood]).rain_mm >= 85


def test_longer_periods_keep_the_courses_of_the_latest_seasons() -> None:
    short = planted_courses(3, date(2025, 12, 1), date(2026, 12, 1))
    long = planted_courses(3, date(2022, 12, 1), date(2026, 11, 1))
    assert all(same(a, b) and a.start == b.start for a, b in zip(short, long, strict=True))


def test_a_period_without_a_season_has_no_course_of_it() -> None:
    assert planted_courses(3, date(2026, 9, 20), date(2026, 10, 20)) == ()
    (only,) = planted_courses(3, date(2026, 6, 10), date(2026, 7, 10))
    assert only.name == "cloudburst"
    assert date(2026, 6, 10) <= only.start.date() and only.end.date() <= date(2026, 7, 10)


def test_the_truth_by_the_minute_holds_every_voice() -> None:
    course = cloudburst(6, EVENING)
    rows = list(course_rows(course))
    assert len(rows) == course.length
    told = sum(int(v) for r in rows for k, v in r.items() if k.startswith("voices:"))
    assert told == sum(r.voice_count for r in course.reports)
