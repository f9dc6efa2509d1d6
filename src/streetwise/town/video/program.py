"""What happens before the analysed cameras, and when: problems, and what only looks like one.

A function of the seed, the camera and the date, like everything of the town: any moment may be
asked for. A problem counts from ``begin``; in its lead before that it grows (bins fill, water
rises), so that an engine that is early is not wrong. Nothing crosses midnight, and a camera has
at most one happening at a time.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from streetwise.town import weather
from streetwise.town.almanac import ZONE
from streetwise.town.courses import Course
from streetwise.town.geometry import rng_for

from .layout import Post

Kind = Literal["problem", "look-alike"]
#: At least so long between two happenings of a camera, and from midnight.
APART = timedelta(minutes=10)
#: Water stands where it rains more than so many millimetres an hour.
_POURS = 12.0


@dataclass(frozen=True, slots=True)
class Happening:
    """Something before a camera; ``what`` says which picture of its scene, ``spot`` seeds it."""

    key: str
    camera: str
    scene: str
    kind: Kind
    what: str
    lead: timedelta
    begin: datetime
    end: datetime
    spot: int

    def there(self, at: datetime) -> bool:
        """Whether anything of it is to be seen."""
        return self.begin - self.lead <= at < self.end

    def growth(self, at: datetime) -> float:
        """How far it has come: quarters up to 1, which it is from its beginning; 0 before."""
        if not self.there(at):
            return 0.0
        if at >= self.begin or not self.lead:
            return 1.0
        return max(0.25, (4 - int((self.begin - at) / self.lead * 4)) / 4)


@dataclass(frozen=True, slots=True)
class _Plan:
    """``a_day`` of one kind on average; how long in minutes; lead in minutes; likely hours."""

    kind: Kind
    what: tuple[str, ...]
    a_day: float
    lasts: tuple[float, float]
    lead: tuple[float, float]
    hours: tuple[int, ...]


_WAKING = tuple(range(6, 23))
_MEALS = (7, 8, 9, 11, 12, 17, 18, 19, 20)
_MARKET = (6, 7, 8, 11, 16, 17, 18, 19, 20)
_VEHICLES = ("car", "van", "truck", "car")
#: When everybody sleeps: who has found no bay parks where nobody may, waste is dumped, bins that
#: the evening has filled are emptied in the morning.
_NIGHT = (0, 0, 0, 1, 2, 3, 4)
_EVENING = (22, 22, 22, 23)
_PLANS: dict[str, tuple[_Plan, ...]] = {
    "bins": (
        _Plan("problem", ("overflow",), 1.3, (40, 260), (20, 90), _MEALS),
        _Plan("look-alike", ("one_bag", "person_waits"), 5, (1, 6), (0, 0), _WAKING),
        _Plan("problem", ("overflow",), 0.3, (90, 300), (5, 40), _NIGHT),
        _Plan("problem", ("overflow",), 0.3, (30, 90), (5, 40), _EVENING),
    ),
    "fire_lane": (
        _Plan("problem", _VEHICLES, 1.4, (12, 240), (0, 0), (*_WAKING, 18, 19, 20, 21)),
        _Plan("look-alike", ("brief_car", "brief_van"), 6, (0.3, 0.9), (0, 0), _WAKING),
        _Plan("problem", _VEHICLES, 0.4, (60, 330), (0, 0), _NIGHT),
        _Plan("problem", _VEHICLES, 0.4, (30, 100), (0, 0), _EVENING),
    ),
    "no_stopping": (
        _Plan("problem", _VEHICLES, 2.2, (6, 60), (0, 0), (*_WAKING, 8, 17, 18)),
        _Plan("look-alike", ("brief_car", "brief_van", "ebike"), 9, (0.25, 0.85), (0, 0), _WAKING),
        _Plan("problem", _VEHICLES, 0.5, (40, 300), (0, 0), _NIGHT),
        _Plan("problem", _VEHICLES, 0.5, (20, 100), (0, 0), _EVENING),
    ),
    "vendors": (
        _Plan("problem", ("stall", "stall", "two_stalls"), 1.6, (25, 190), (0, 0), _MARKET),
        _Plan("look-alike", ("cart_passes", "people_talk"), 5, (0.5, 4), (0, 0), _WAKING),
        _Plan("problem", ("stall",), 0.2, (25, 90), (0, 0), (0, 0, 1, 23)),
    ),
    "heaps": (
        _Plan("problem", ("rubbish", "rubble"), 0.8, (90, 600), (10, 60), (5, 6, 7, 8, 9, 13, 14)),
        _Plan("look-alike", ("one_bag", "ebike"), 4, (3, 40), (0, 0), _WAKING),
        _Plan("problem", ("rubble", "rubbish"), 0.3, (90, 300), (5, 15), _NIGHT),
    ),
    "water": (
        _Plan("problem", ("pipe",), 0.12, (50, 200), (8, 25), _WAKING),
        _Plan("look-alike", ("small_puddle",), 1.5, (20, 90), (0, 0), _WAKING),
    ),
    "river": (
        _Plan("problem", ("drift",), 1.1, (40, 300), (5, 30), (6, 7, 8, 9, 10, 14, 15, 16)),
        _Plan("look-alike", ("boat", "leaves"), 3, (2, 12), (0, 0), _WAKING[1:-3]),
    ),
    "smoke": (
        _Plan("problem", ("plume",), 0.35, (15, 90), (3, 10), tuple(range(9, 19))),
        _Plan("look-alike", ("mist", "steam"), 1.5, (20, 120), (0, 0), (6, 7, 8, 16, 17)),
    ),
}  # fmt: skip


def happenings(
    seed: int, post: Post, day: date, courses: Sequence[Course] = ()
) -> tuple[Happening, ...]:
    """What happens before a camera on a day (of the town's zone), by beginning."""
    if post.scene not in _PLANS:
        return ()
    rng = rng_for(seed, "video", "program", post.code, post.scene, day.isoformat())
    out: list[Happening] = []
    if post.scene == "water":
        out += _floods(seed, post, day, courses, rng)
    for plan in _PLANS[post.scene]:
        # A count of mean ``a_day`` between half and one and a half times as many.
        wanted = plan.a_day * rng.uniform(0.5, 1.5)
        for _ in range(int(wanted) + (rng.random() < wanted % 1)):
            one = _draw(post, day, plan, rng)
            if _fits(one, out, day):
                out.append(one)
    return tuple(sorted(out, key=lambda one: one.begin))


def happening_at(
    seed: int, post: Post, at: datetime, courses: Sequence[Course] = ()
) -> Happening | None:
    """What is to be seen at a moment, be it still growing; None where all is as it should be."""
    day = at.astimezone(ZONE).date()
    return next((one for one in happenings(seed, post, day, courses) if one.there(at)), None)


def _draw(post: Post, day: date, plan: _Plan, rng: random.Random) -> Happening:
    begin = datetime.combine(day, time(rng.choice(plan.hours), rng.randrange(60)), ZONE)
    begin += timedelta(seconds=rng.randrange(60))
    low, high = plan.lasts
    # Many short ones, few long ones.
    lasts = timedelta(seconds=round(60 * low * (high / low) ** rng.random()))
    lead = timedelta(minutes=round(rng.uniform(*plan.lead)))
    return _made(post, plan.kind, rng.choice(plan.what), lead, begin, begin + lasts, rng)


def _made(
    post: Post, kind: Kind, what: str, lead: timedelta, begin: datetime, end: datetime,
    rng: random.Random,
) -> Happening:  # fmt: skip
    key = f"{post.code}/{begin:%Y%m%dT%H%M%S}"
    return Happening(key, post.code, post.scene, kind, what, lead, begin, end,
                     rng.randrange(1 << 30))  # fmt: skip


def _fits(one: Happening, others: Iterable[Happening], day: date) -> bool:
    start = datetime.combine(day, time(), ZONE)
    if one.begin - one.lead < start + APART or one.end > start + timedelta(days=1) - APART:
        return False
    return all(
        one.end + APART <= other.begin - other.lead or other.end + APART <= one.begin - one.lead
        for other in others
    )


def _floods(
    seed: int, post: Post, day: date, courses: Sequence[Course], rng: random.Random
) -> Iterator[Happening]:
    """Where it pours, water stands soon after, for hours."""
    rain = weather.day(seed, day, courses).rain10 * 6
    wet = [k for k in range(len(rain)) if rain[k] >= _POURS]
    if not wet:
        return
    start = datetime.combine(day, time(), ZONE)
    begin = start + timedelta(minutes=10 * wet[0] + rng.randint(8, 40))
    end = min(start + timedelta(minutes=10 * wet[-1] + rng.randint(90, 240)),
              start + timedelta(days=1) - APART)  # fmt: skip
    one = _made(post, "problem", "rain", timedelta(minutes=8), begin, end, rng)
    if one.end > one.begin and _fits(one, (), day):
        yield one


def posts_of(rows: Iterable[dict[str, str]], scenes: dict[str, str]) -> list[Post]:
    """The cameras of the town's table with the scene that each analysed one serves."""
    return [
        Post(row["code"], scenes.get(row["code"], ""), int(row["field_of_view"])) for row in rows
    ]
