"""The duty roster 值班表: when a line of it runs, and in which order people stand. Pure.

A line says a day and hours in the area's own time. Hours over midnight belong to the day on
which they begin; hours that end when they begin last until the next day (24 小时值班).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

#: Who leads comes first; a street's own posts come last.
POST_ORDER = ("leader", "officer", "community", "other")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_HOURS = re.compile(r"(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)")
_MINUTES_A_DAY = 24 * 60
#: No line lasts longer than a day, and no place on earth is further than this from UTC.
_REACH = timedelta(hours=24 + 14)


def parse_date(text: str) -> date:
    """A day. Raises ValueError that says how to write it."""
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"'{text}' is no date; write 2026-05-01")


@lru_cache(maxsize=256)
def parse_hours(text: str) -> tuple[int, int]:
    """Minutes from the beginning of the day at which a line begins and ends; the end may lie on
    the next day. Raises ValueError that says how to write it.
    """
    match = _HOURS.fullmatch(text.strip())
    if match is not None:
        first = int(match[1]) * 60 + int(match[2])
        last = int(match[3]) * 60 + int(match[4])
        if first < _MINUTES_A_DAY and last <= _MINUTES_A_DAY:
            return first, last if last > first else last + _MINUTES_A_DAY
    raise ValueError(f"'{text}' is no span of hours; write 08:00-20:00, or 20:00-08:00")


def span(day: str, hours: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a line runs, in UTC, the end excluded. Raises ValueError."""
    begins = parse_date(day)
    first, last = (_at(begins, minute, zone) for minute in parse_hours(hours))
    return first, last


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """What the clock on the wall says, not so many minutes later: a day may have 23 hours."""
    days, minute = divmod(minute, _MINUTES_A_DAY)
    hour, minute = divmod(minute, 60)
    wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    return (wall + timedelta(days=days)).astimezone(UTC)


def days_that_may_run(now: datetime) -> list[str]:
    """The days of lines that can be running somewhere on earth: what to look up."""
    first, last = (now - _REACH).astimezone(UTC).date(), (now + _REACH).astimezone(UTC).date()
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def post_rank(post: str) -> int:
    """The place of a post: the leader first."""
    return POST_ORDER.index(post) if post in POST_ORDER else len(POST_ORDER)
