"""Official alerts for rain, heat, gale, cold, haze and forest fire danger, and how right they were.

The offices see each day through a forecast that errs. From the error come alerts that were right,
early or late, false alarms and misses; the truth says which. An alert runs as long as the
forecast keeps its colour from day to day; a change of colour is a new alert that cancels the
old one.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal

import numpy as np

from . import names
from .almanac import ZONE, days_between
from .courses import COLOURS, Colour, Course
from .danger import EVENTS, Event, earned, rain_course, rain_peak, severity
from .geometry import rng_for
from .weather import day

Verdict = Literal["hit", "late", "false_alarm", "miss"]

COLUMNS = ("identifier", "sent", "issuer", "event", "colour", "area", "onset", "expires",
           "cancels", "headline")  # fmt: skip
WORDS: dict[Event, str] = {
    "rain": "暴雨", "heat": "高温", "gale": "大风", "cold": "寒潮", "haze": "霾",
    "fire_danger": "森林火险",
}  # fmt: skip
COLOUR_WORDS: dict[Colour, str] = {
    "blue": "蓝色",
    "yellow": "黄色",
    "orange": "橙色",
    "red": "红色",
}
_SHORT: dict[Event, str] = {
    "rain": "RAIN", "heat": "HEAT", "gale": "GALE", "cold": "COLD", "haze": "HAZE",
    "fire_danger": "FIRE",
}  # fmt: skip

# How far a forecast errs, in colours.
_ERROR: dict[Event, float] = {
    "rain": 0.50, "heat": 0.28, "gale": 0.30, "cold": 0.25, "haze": 0.30, "fire_danger": 0.18,
}  # fmt: skip
_LONGEST = 40  # days that one alert may run
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Alert:
    """One official alert, with the truth about it (`verdict`, `reached`)."""

    identifier: str
    event: Event
    colour: Colour
    sent: datetime
    onset: datetime
    expires: datetime
    cancelled: datetime | None  # by an own message; None where it ran out or was replaced
    cancels: str  # the alert that this one takes the place of
    verdict: Verdict
    reached: Colour | Literal[""]  # what the weather earned
    course: str = ""  # the planted course that it belongs to

    @property
    def issuer(self) -> str:
        """The office that issued it."""
        office = "森林防灭火指挥部办公室" if self.event == "fire_danger" else "气象台"
        return f"{names.DISTRICT[1]}{office}"

    @property
    def headline(self) -> str:
        """What stands above the message."""
        return f"{self.issuer}发布{WORDS[self.event]}{COLOUR_WORDS[self.colour]}预警"


@dataclass(frozen=True, slots=True)
class Missed:
    """Weather that earned a colour and got no alert."""

    event: Event
    day: date
    reached: Colour


def forecast(seed: int, event: Event, when: date, courses: Sequence[Course] = ()) -> int:
    """The colour's number that the office expects of a day, 0 for none.

    Where a planted course brings alerts of its own, the office issues those and no others.
    """
    if _brings(event, courses, when):
        return 0
    level = severity(seed, event, when, courses)
    error = rng_for(seed, "forecast", event, when.isoformat()).gauss(0.0, _ERROR[event])
    # Nobody mistakes a clear day for a storm.
    return earned(event, min(4.0, level + error * min(1.0, level / 0.7)))


def _brings(event: Event, courses: Sequence[Course], when: date) -> bool:
    """Whether a course of this day has alerts of this event in its own script."""
    return any(c.touches(when) and any(a.event == event for a in c.alerts) for c in courses)


def alerts(seed: int, start: date, end: date, courses: Sequence[Course] = ()) -> list[Alert]:
    """Alerts sent on start <= day < end, in order of time."""
    found = [a for event in EVENTS for a in _of_event(seed, event, start, end, courses)]
    found += [
        a
        for c in courses
        for a in course_alerts(c)
        if start <= a.sent.astimezone(ZONE).date() < end
    ]
    return sorted(found, key=lambda a: (a.sent, a.identifier))


def misses(seed: int, start: date, end: date, courses: Sequence[Course] = ()) -> list[Missed]:
    """Days of start <= day < end that earned a colour and got none at all."""
    out = []
    for when in days_between(start, end):
        for event in EVENTS:
            if _brings(event, courses, when):
                continue
            got = earned(event, severity(seed, event, when, courses))
            if got and not forecast(seed, event, when, courses):
                out.append(Missed(event, when, COLOURS[got - 1]))
    return out


def _of_event(
    seed: int, event: Event, start: date, end: date, courses: Sequence[Course]
) -> Iterator[Alert]:
    # One day more: what is sent in the evening is for tomorrow.
    for when in days_between(start, end + _DAY):
        colour = forecast(seed, event, when, courses)
        before = forecast(seed, event, when - _DAY, courses)
        if not colour or colour == before:
            continue
        made = _issue(seed, event, when, colour, courses)
        if before:
            first = when - _DAY
            while forecast(seed, event, first - _DAY, courses) == before and (
                (when - first).days < _LONGEST
            ):
                first -= _DAY
            old = _issue(seed, event, first, before, courses)
            made = _replacing(made, old)
        if start <= made.sent.date() < end:
            yield made


def _replacing(new: Alert, old: Alert) -> Alert:
    return Alert(
        new.identifier, new.event, new.colour, new.sent, new.onset, new.expires, new.cancelled,
        old.identifier, new.verdict, new.reached,
    )  # fmt: skip


def _issue(seed: int, event: Event, first: date, colour: int, courses: Sequence[Course]) -> Alert:
    """The alert whose run of days begins on `first`."""
    last = first
    while (last - first).days < _LONGEST and (
        forecast(seed, event, last + _DAY, courses) == colour
    ):
        last += _DAY
    rng = rng_for(seed, "issue", event, first.isoformat())
    best = max(
        earned(event, severity(seed, event, d, courses)) for d in days_between(first, last + _DAY)
    )
    sent, onset, expires, late = _times(seed, event, first, last, courses, rng)
    replaced = forecast(seed, event, last + _DAY, courses) > 0
    early = expires - timedelta(minutes=rng.randint(20, 150))
    # Some are called off, others just run out.
    cancelled = early if not replaced and rng.random() < 0.6 and early > onset else None
    verdict: Verdict = "false_alarm" if not best else "late" if late else "hit"
    return Alert(
        identifier=f"{names.DISTRICT[0]}-{_SHORT[event]}-{sent:%Y%m%d%H%M}-{colour}",
        event=event,
        colour=COLOURS[colour - 1],
        sent=sent,
        onset=onset,
        expires=expires,
        cancelled=cancelled,
        cancels="",
        verdict=verdict,
        reached=COLOURS[best - 1] if best else "",
    )


def _times(
    seed: int, event: Event, first: date, last: date, courses: Sequence[Course], rng: random.Random
) -> tuple[datetime, datetime, datetime, bool]:
    """Sent, onset, expiry; and whether it came after the fact."""

    def clock(when: date, hour: float) -> datetime:
        return datetime.combine(when, time(), ZONE) + timedelta(minutes=round(hour * 60))

    if event == "rain":
        today = day(seed, first, courses)
        passed = rain_course(seed, first, courses)[0][0]
        step = passed if passed is not None else rain_peak(today)
        onset = clock(first, step / 6)
        sent = onset - timedelta(minutes=rng.randint(-35, 120))
        end = day(seed, last, courses)
        rainy = np.flatnonzero(end.rain10 > 0.05)
        expires = max(sent, clock(last, (int(rainy[-1]) if len(rainy) else 100) / 6))
        return sent, onset, expires + timedelta(hours=2), passed is not None and sent > onset
    if event == "gale":
        worst = int(np.argmax(day(seed, first, courses).gust))
        onset = clock(first, max(0, worst - 2))
        sent = onset - timedelta(minutes=rng.randint(30, 300))
        return sent, onset, max(clock(last, 20.0), onset + timedelta(hours=6)), False
    begins = {"heat": 11.0, "cold": 0.0, "haze": 6.0, "fire_danger": 8.0}[event]
    onset = clock(first, begins)
    # The evening before, or early on the day.
    sent = clock(first, -7.0 if event != "heat" or rng.random() < 0.5 else 8.0)
    sent += timedelta(minutes=rng.randint(0, 100))
    return sent, onset, clock(last, 24.0 if event in ("cold", "haze") else 19.0), False


def course_alerts(course: Course) -> list[Alert]:
    """The alerts of a planted course, each taking the place of the one before."""
    out: list[Alert] = []
    for i, planned in enumerate(course.alerts):
        event: Event = "rain" if planned.event == "rain" else "fire_danger"
        sent, gone = course.at(planned.issued), course.at(planned.cancelled)
        number = COLOURS.index(planned.colour) + 1
        reached = [a.colour for a in course.alerts if a.reached]
        out.append(
            Alert(
                identifier=f"{names.DISTRICT[0]}-{_SHORT[event]}-"
                f"{sent.astimezone(ZONE):%Y%m%d%H%M}-{number}",
                event=event,
                colour=planned.colour,
                sent=sent,
                onset=max(sent, course.at(int(course.facts.get("rain_began_minute", 0)))),
                expires=max(gone, sent + timedelta(hours=3)),
                cancelled=gone if i == len(course.alerts) - 1 else None,
                cancels=out[-1].identifier if out else "",
                # A colour that went further than the rain is still no false alarm.
                verdict="hit" if reached else "false_alarm",
                reached=reached[-1] if reached else "",
                course=course.name,
            )
        )
    return out


def rows(items: Iterable[Alert]) -> Iterator[dict[str, str]]:
    """The messages as they were sent: each alert, and where one was called off, that too."""
    sent: list[tuple[datetime, dict[str, str]]] = []
    for a in items:
        row = {
            "identifier": a.identifier,
            "sent": _stamp(a.sent),
            "issuer": a.issuer,
            "event": WORDS[a.event],
            "colour": a.colour,
            "area": names.DISTRICT[1],
            "onset": _stamp(a.onset),
            "expires": _stamp(a.expires),
            "cancels": a.cancels,
            "headline": a.headline,
        }
        sent.append((a.sent, row))
        if a.cancelled is not None:
            over = row | {
                "identifier": f"{a.identifier}-C",
                "sent": _stamp(a.cancelled),
                "onset": _stamp(a.cancelled),
                "expires": _stamp(a.cancelled),
                "cancels": a.identifier,
                "headline": a.headline.replace("发布", "解除"),
            }
            sent.append((a.cancelled, over))
    for _, row in sorted(sent, key=lambda pair: (pair[0], pair[1]["identifier"])):
        yield row


def _stamp(at: datetime) -> str:
    return at.astimezone(ZONE).isoformat(timespec="seconds")


def write_alerts_csv(path: Path, items: Iterable[Alert]) -> int:
    """Write `alerts.csv`; returns how many messages it has."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in rows(items):
            writer.writerow(row)
            count += 1
    return count
