"""What happens before the cameras: planted, bounded, told alike whoever asks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from town.video.conftest import BEGIN, SCENES, SEED

from streetwise.town.almanac import ZONE
from streetwise.town.cameras import SCENES as CAMERAS_OF
from streetwise.town.courses import Course
from streetwise.town.planting import planted_courses
from streetwise.town.video.layout import Post
from streetwise.town.video.program import APART, Happening, happening_at, happenings

DAYS = [date(2026, 7, 1) + timedelta(days=n) for n in range(40)]


@settings(max_examples=60, deadline=None)
@given(
    scene=st.sampled_from(sorted(SCENES)),
    number=st.integers(1, 1_200),
    day=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
)
def test_happenings_of_a_day_stay_in_it_and_apart(scene: str, number: int, day: date) -> None:
    found = happenings(SEED, Post(f"CAM-{number:04d}", scene), day)
    start = datetime.combine(day, time(), ZONE)
    assert found == happenings(SEED, Post(f"CAM-{number:04d}", scene), day)
    assert len({one.key for one in found}) == len(found)
    for one in found:
        assert start + APART <= one.begin - one.lead <= one.begin < one.end
        assert one.end <= start + timedelta(days=1) - APART
    for one, after in zip(found, found[1:], strict=False):
        assert one.end + APART <= after.begin - after.lead


@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_has_problems_and_look_alikes(scene: str) -> None:
    found = [
        one
        for number in range(6)
        for day in DAYS
        for one in happenings(SEED, Post(f"CAM-{number:04d}", scene), day)
    ]
    assert {one.kind for one in found} == {"problem", "look-alike"}
    assert len({one.begin.hour for one in found}) > 4


def test_a_moment_finds_its_happening_and_growth_rises_to_its_beginning() -> None:
    post = Post("CAM-0003", "bins")
    one = next(
        one
        for day in DAYS
        for one in happenings(SEED, post, day)
        if one.lead > timedelta(minutes=4)
    )
    moments = [one.begin - one.lead + one.lead * k / 8 for k in range(9)]
    growth = [one.growth(at) for at in moments]
    assert growth == sorted(growth)
    assert growth[0] == 0.25
    assert growth[-1] == 1.0
    assert happening_at(SEED, post, one.begin) == one
    assert one.growth(one.end) == 0.0
    assert happening_at(SEED, post, one.end) is None
    assert happening_at(SEED, post, one.begin - one.lead - timedelta(seconds=1)) is None


def test_at_any_hour_something_is_to_be_found_somewhere_in_the_street() -> None:
    posts = [
        Post(f"CAM-{100 * k + n:04d}", scene)
        for k, (scene, many) in enumerate(CAMERAS_OF.items())
        for n in range(many)
    ]
    lasts = timedelta(minutes=10)
    for day in DAYS[:6]:
        found = [one for post in posts for one in happenings(SEED, post, day)]
        problems = [one for one in found if one.kind == "problem"]
        for half_hours in range(2, 48):  # nothing crosses midnight: not in its first hour
            at = datetime.combine(day, time(), ZONE) + timedelta(minutes=30 * half_hours)
            if half_hours == 47:
                at -= lasts
            assert any(one.begin <= at < one.end - lasts for one in problems), at


def test_brief_stops_are_shorter_than_every_forbidden_one() -> None:
    for scene in ("no_stopping", "fire_lane"):
        found = [
            one
            for n in range(8)
            for day in DAYS
            for one in happenings(SEED, Post(f"C{n}", scene), day)
        ]
        brief = [one.end - one.begin for one in found if one.what.startswith("brief")]
        long = [one.end - one.begin for one in found if one.kind == "problem"]
        assert max(brief) < timedelta(minutes=1) < timedelta(minutes=5) < min(long)


def test_water_stands_after_a_cloudburst() -> None:
    courses: tuple[Course, ...] = planted_courses(SEED, date(2026, 1, 1), date(2026, 12, 31))
    burst = next(course for course in courses if course.name == "cloudburst")
    day = burst.start.date()
    found: tuple[Happening, ...] = happenings(SEED, Post("CAM-0001", "water"), day, courses)
    floods = [one for one in found if one.what == "rain"]
    assert floods
    assert floods[0].begin >= burst.start


def test_cameras_that_nobody_analyses_have_no_happenings() -> None:
    assert happenings(SEED, Post("CAM-0001"), DAYS[0]) == ()
    assert happening_at(SEED, Post("CAM-0001"), BEGIN) is None
