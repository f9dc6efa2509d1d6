"""China's statutory days off and the weekends worked for them. Pure.

By the package ``chinesecalendar``, which is brought up to date each time the State Council has
said how the next year is (in November): it knows whole years and no others. What a street's own
folder says goes before it (``responsibility.DayCalendar``).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import chinese_calendar

#: Where these days off are kept. Hong Kong, Macau and the rest of the world have others.
ZONES = frozenset({"Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "PRC"})


@lru_cache(maxsize=64)
def known(year: int) -> bool:
    """Whether it is known how this year is."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=8192)
def works(day: date) -> bool:
    """Whether offices work, of a year that is known."""
    return bool(chinese_calendar.is_workday(day))


@lru_cache(maxsize=8192)
def holiday(day: date) -> bool:
    """Whether the day is part of a statutory holiday, of a year that is known."""
    off, name = chinese_calendar.get_holiday_detail(day)
    return bool(off and name)


@lru_cache(maxsize=8192)
def in_lieu(day: date) -> bool:
    """Whether the day is off only because a weekend is worked for it, of a year that is known."""
    return bool(chinese_calendar.is_in_lieu(day))
