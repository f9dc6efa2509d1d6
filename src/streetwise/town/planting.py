"""What is planted in a period's weather, sensors and alerts, and the truth about it.

The courses of a period: one cloudburst in the flood season of its latest full summer, one forest
smoke in its latest spring. Nothing here is read by the product.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from . import alerts as official
from .almanac import ZONE, days_between, fire_season, flood_season, kind_of
from .cloudburst import cloudburst
from .courses import Course
from .danger import dry_days
from .faults import Faults, Row, plant_faults
from .geometry import rng_for
from .smoke import smoke
from .weather import Day, day

_DAY = timedelta(days=1)
#: Columns of the truth file; `detail` is JSON.
COLUMNS = ("kind", "start", "end", "subject", "detail")


@dataclass(frozen=True, slots=True)
class Planted:
    """One thing that is in the data because it was put there, or a fact that a test may need."""

    kind: str
    start: datetime
    end: datetime
    subject: str  # a sensor's code, an alert's identifier, a course's name; may be empty
    detail: Mapping[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, str]:
        """As a row of a truth file."""
        return {
            "kind": self.kind,
            "start": self.start.astimezone(ZONE).isoformat(timespec="seconds"),
            "end": self.end.astimezone(ZONE).isoformat(timespec="seconds"),
            "subject": self.subject,
            "detail": json.dumps(self.detail, ensure_ascii=False, sort_keys=True),
        }


def planted_courses(seed: int, start: date, end: date) -> tuple[Course, ...]:
    """The courses of start <= day < end in order of time; fewer where no season lies in it."""
    found = [c for c in (_cloudburst(seed, start, end), _smoke(seed, start, end)) if c is not None]
    return tuple(sorted(found, key=lambda c: c.start))


def _cloudburst(seed: int, start: date, end: date) -> Course | None:
    full = [y for y in range(start.year, end.year + 1) if start <= date(y, 6, 1)
            and date(y, 9, 15) < end]  # fmt: skip
    if full:
        year = full[-1]
        # Late July, early August: when such rain falls in the north.
        chosen = list(days_between(date(year, 7, 10), date(year, 8, 21)))
    else:
        # A day must be left for the water to fall and the mud to be found.
        chosen = [d for d in days_between(start, end - _DAY) if flood_season(d)]
        if not chosen:
            return None
        year = chosen[-1].year
        chosen = [d for d in chosen if d.year == year]
    rng = rng_for(seed, "cloudburst day", year)
    picked = _pick(rng, chosen, lambda d: _quiet(seed, d))
    at = datetime.combine(picked, time(rng.randint(16, 18), rng.randrange(0, 60)), ZONE)
    return cloudburst(seed, at)


def _quiet(seed: int, when: date) -> bool:
    """A working day on which it would else hardly rain, so that the course is seen clearly."""
    near = [day(seed, when + i * _DAY).rain_mm for i in (-1, 0, 1)]
    return kind_of(when) == "workday" and max(near) < 6.0


def _smoke(seed: int, start: date, end: date) -> Course | None:
    season = [d for d in days_between(start, end) if fire_season(d)]
    if not season:
        return None
    spring = [d for d in season if 2 <= d.month <= 4]
    year = (spring or season)[-1].year
    chosen = [d for d in spring or season if d.year == year]
    rng = rng_for(seed, "smoke day", year)
    picked = _pick(rng, chosen, lambda d: _tinder(seed, d))
    at = datetime.combine(picked, time(rng.randint(12, 14), rng.randrange(0, 60)), ZONE)
    return smoke(seed, at)


def _tinder(seed: int, when: date) -> bool:
    """Dry for days, dry air, no gale that would carry everything away."""
    today: Day = day(seed, when)
    dry = dry_days(seed, when) >= 6 and today.rain_mm == 0.0
    return dry and float(today.humidity[12:16].mean()) < 40.0 and today.gust_ms < 17.0


def _pick(rng: random.Random, chosen: list[date], fits: Callable[[date], bool]) -> date:
    """A random day that fits; a random day if none does."""
    shuffled = list(chosen)
    rng.shuffle(shuffled)
    return next((d for d in shuffled if fits(d)), shuffled[0])


def planted_weather(
    seed: int, start: date, end: date, sensors: Sequence[Row] = ()
) -> list[Planted]:
    """All that is planted in a period, and what its weather really was, in order of time.

    Kinds: ``cloudburst``, ``smoke``, ``sensor_drift``, ``sensor_stuck``, ``alert`` (with its
    verdict), ``alert_miss``, ``heavy_rain`` (a day of 50 mm or more), ``heat_wave`` (three days
    or more of 35 °C).
    """
    courses = planted_courses(seed, start, end)
    out = [_course_row(c) for c in courses]
    out += _fault_rows(plant_faults(sensors, seed, start, end), end)
    out += [_alert_row(a) for a in official.alerts(seed, start, end, courses)]
    out += [
        Planted("alert_miss", _midnight(m.day), _midnight(m.day + _DAY), "",
                {"event": m.event, "reached": m.reached})
        for m in official.misses(seed, start, end, courses)
    ]  # fmt: skip
    out += _weather_rows(seed, start, end, courses)
    return sorted(out, key=lambda p: (p.start, p.kind, p.subject, p.end))


def _midnight(when: date) -> datetime:
    return datetime.combine(when, time(), ZONE)


def _course_row(course: Course) -> Planted:
    voices: dict[str, int] = {}
    for r in course.reports:
        voices[r.kind] = voices.get(r.kind, 0) + r.voice_count
    detail = {
        "facts": dict(course.facts),
        "voices": voices,
        "crossings": [
            {"minute": c.minute, "series": c.series, "threshold": c.threshold, "rising": c.rising}
            for c in course.crossings
        ],
        "moments": [{"minute": m.minute, "who": m.who, "what": m.what} for m in course.moments],
        "alerts": [
            {"issued": a.issued, "cancelled": a.cancelled, "event": a.event, "colour": a.colour,
             "reached": a.reached}
            for a in course.alerts
        ],
    }  # fmt: skip
    return Planted(course.name, course.start, course.end, course.name, detail)


def course_rows(course: Course) -> Iterator[dict[str, str]]:
    """A course by the minute for a truth file: minute, time, every series, voices by kind."""
    kinds = sorted({r.kind for r in course.reports})
    said: dict[tuple[int, str], int] = {}
    for r in course.reports:
        said[r.minute, r.kind] = said.get((r.minute, r.kind), 0) + r.voice_count
    for minute in range(course.length):
        row = {
            "minute": str(minute),
            "at": course.at(minute).astimezone(ZONE).isoformat(timespec="seconds"),
        }
        row |= {name: f"{float(v[minute]):g}" for name, v in course.minutes.items()}
        row |= {f"voices:{k}": str(said.get((minute, k), 0)) for k in kinds}
        yield row


def _fault_rows(faults: Faults, end: date) -> Iterator[Planted]:
    for drift in faults.drifts:
        yield Planted("sensor_drift", drift.since, _midnight(end), drift.sensor,
                      {"sensor_kind": drift.kind, "per_day": drift.per_day})  # fmt: skip
    for stuck in faults.stuck:
        yield Planted("sensor_stuck", stuck.since, stuck.until, stuck.sensor,
                      {"sensor_kind": stuck.kind})  # fmt: skip


def _alert_row(alert: official.Alert) -> Planted:
    detail = {
        "event": alert.event,
        "colour": alert.colour,
        "reached": alert.reached,
        "verdict": alert.verdict,
        "course": alert.course,
    }
    return Planted("alert", alert.sent, alert.cancelled or alert.expires, alert.identifier, detail)


def _weather_rows(
    seed: int, start: date, end: date, courses: Sequence[Course]
) -> Iterator[Planted]:
    hot: list[Day] = []
    for when in days_between(start, end + _DAY):
        today = day(seed, when, courses)
        if today.heat and when < end:
            hot.append(today)
            continue
        if len(hot) >= 3:
            yield Planted(
                "heat_wave", _midnight(hot[0].date), _midnight(hot[-1].date + _DAY), "",
                {"days": len(hot), "max_c": max(d.max_c for d in hot)},
            )  # fmt: skip
        hot = []
        if when < end and today.rain_mm >= 50.0:
            yield Planted("heavy_rain", _midnight(when), _midnight(when + _DAY), "",
                          {"rain_mm": today.rain_mm})  # fmt: skip
