"""The town's calendar: holidays, swapped weekends, school, the seasons of fire and flood.

Years 2022 to 2026 are as the State Council announced them (facts of law). Years 2027 and 2028
are estimates by the rule that the announcements have followed since 2025: see ``ESTIMATED``.
Outside 2022 to 2028 the almanac knows weekdays and weekends only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
ANNOUNCED = range(2022, 2027)
#: Years that nobody has announced yet; what stands there is a rule's guess.
ESTIMATED = range(2027, 2029)

DayKind = Literal["workday", "weekend", "holiday"]
Season = Literal["spring", "summer", "autumn", "winter"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rest:
    """One holiday: its days, first and last included, and the weekend days worked for it."""

    name: str
    first: date
    last: date
    worked: tuple[date, ...] = ()


def _rest(name: str, first: str, last: str, *worked: str) -> Rest:
    return Rest(
        name,
        date.fromisoformat(first),
        date.fromisoformat(last),
        tuple(date.fromisoformat(w) for w in worked),
    )


_ANNOUNCED = (
    _rest("元旦", "2022-01-01", "2022-01-03"),
    _rest("春节", "2022-01-31", "2022-02-06", "2022-01-29", "2022-01-30"),
    _rest("清明节", "2022-04-03", "2022-04-05", "2022-04-02"),
    _rest("劳动节", "2022-04-30", "2022-05-04", "2022-04-24", "2022-05-07"),
    _rest("端午节", "2022-06-03", "2022-06-05"),
    _rest("中秋节", "2022-09-10", "2022-09-12"),
    _rest("国庆节", "2022-10-01", "2022-10-07", "2022-10-08", "2022-10-09"),
    _rest("元旦", "2022-12-31", "2023-01-02"),
    _rest("春节", "2023-01-21", "2023-01-27", "2023-01-28", "2023-01-29"),
    _rest("清明节", "2023-04-05", "2023-04-05"),
    _rest("劳动节", "2023-04-29", "2023-05-03", "2023-04-23", "2023-05-06"),
    _rest("端午节", "2023-06-22", "2023-06-24", "2023-06-25"),
    _rest("国庆节", "2023-09-29", "2023-10-06", "2023-10-07", "2023-10-08"),
    _rest("元旦", "2024-01-01", "2024-01-01"),
    _rest("春节", "2024-02-10", "2024-02-17", "2024-02-04", "2024-02-18"),
    _rest("清明节", "2024-04-04", "2024-04-06", "2024-04-07"),
    _rest("劳动节", "2024-05-01", "2024-05-05", "2024-04-28", "2024-05-11"),
    _rest("端午节", "2024-06-10", "2024-06-10"),
    _rest("中秋节", "2024-09-15", "2024-09-17", "2024-09-14"),
    _rest("国庆节", "2024-10-01", "2024-10-07", "2024-09-29", "2024-10-12"),
    _rest("元旦", "2025-01-01", "2025-01-01"),
    _rest("春节", "2025-01-28", "2025-02-04", "2025-01-26", "2025-02-08"),
    _rest("清明节", "2025-04-04", "2025-04-06"),
    _rest("劳动节", "2025-05-01", "2025-05-05", "2025-04-27"),
    _rest("端午节", "2025-05-31", "2025-06-02"),
    _rest("国庆节", "2025-10-01", "2025-10-08", "2025-09-28", "2025-10-11"),
    _rest("元旦", "2026-01-01", "2026-01-03", "2026-01-04"),
    _rest("春节", "2026-02-15", "2026-02-23", "2026-02-14", "2026-02-28"),
    _rest("清明节", "2026-04-04", "2026-04-06"),
    _rest("劳动节", "2026-05-01", "2026-05-05", "2026-05-09"),
    _rest("端午节", "2026-06-19", "2026-06-21"),
    _rest("中秋节", "2026-09-25", "2026-09-27"),
    _rest("国庆节", "2026-10-01", "2026-10-07", "2026-09-20", "2026-10-10"),
)

# First day of the first month, fifth of the fifth, fifteenth of the eighth, and the solar term
# of Qingming, which is no lunar day but moves too.
_MOVING = {
    2022: ("2022-02-01", "2022-04-05", "2022-06-03", "2022-09-10"),
    2023: ("2023-01-22", "2023-04-05", "2023-06-22", "2023-09-29"),
    2024: ("2024-02-10", "2024-04-04", "2024-06-10", "2024-09-17"),
    2025: ("2025-01-29", "2025-04-04", "2025-05-31", "2025-10-06"),
    2026: ("2026-02-17", "2026-04-05", "2026-06-19", "2026-09-25"),
    2027: ("2027-02-06", "2027-04-05", "2027-06-09", "2027-09-15"),
    2028: ("2028-01-26", "2028-04-04", "2028-05-28", "2028-10-03"),
}
_GHOSTS = ("2022-08-12", "2023-08-30", "2024-08-18", "2025-09-06", "2026-08-27", "2027-08-16",
           "2028-09-03")  # fmt: skip


def lunar_new_year(year: int) -> date | None:
    """The first day of the lunar year, where the table has it."""
    row = _MOVING.get(year)
    return date.fromisoformat(row[0]) if row else None


def _short(name: str, day: date) -> Rest:
    """A festival of one day: with its weekend where it touches one, else as it falls."""
    return {
        0: Rest(name, day - 2 * _DAY, day),
        1: Rest(name, day - 2 * _DAY, day, (day - 3 * _DAY,)),
        2: Rest(name, day, day),
        3: Rest(name, day, day + 2 * _DAY, (day + 3 * _DAY,)),
        4: Rest(name, day, day + 2 * _DAY),
        5: Rest(name, day, day + 2 * _DAY),
        6: Rest(name, day - _DAY, day + _DAY),
    }[day.weekday()]


def _long(name: str, first: date, days: int, by_law: int) -> Rest:
    """A holiday of many days: working days beyond those the law gives are paid by weekends."""
    last = first + (days - 1) * _DAY
    owed = sum((first + i * _DAY).weekday() < 5 for i in range(days)) - by_law
    after = [last + i * _DAY for i in range(2, 16) if (last + i * _DAY).weekday() == 5]
    before = [first - i * _DAY for i in range(2, 16) if (first - i * _DAY).weekday() == 6]
    worked = [d for pair in zip(after, before, strict=False) for d in pair][: max(0, owed)]
    return Rest(name, first, last, tuple(sorted(worked)))


def _estimate(year: int) -> Iterator[Rest]:
    new_year, qingming, dragon_boat, mid_autumn = map(date.fromisoformat, _MOVING[year])
    yield _short("元旦", date(year, 1, 1))
    yield _long("春节", new_year - _DAY, 8, 4)
    yield _short("清明节", qingming)
    # Five days around the two that the law gives, moved so that fewest weekends pay for them.
    may = [_long("劳动节", date(year, 5, 1) - i * _DAY, 5, 2) for i in range(3)]
    yield min(may, key=lambda r: len(r.worked))
    yield _short("端午节", dragon_boat)
    joined = date(year, 10, 1) <= mid_autumn <= date(year, 10, 7)
    if not joined:
        yield _short("中秋节", mid_autumn)
    yield _long("国庆节", date(year, 10, 1), 8 if joined else 7, 4 if joined else 3)


@lru_cache(maxsize=1)
def rests() -> tuple[Rest, ...]:
    """All holidays of the table in order of time, announced and estimated."""
    return _ANNOUNCED + tuple(r for year in ESTIMATED for r in _estimate(year))


@lru_cache(maxsize=1)
def _days_off() -> dict[date, str]:
    return {r.first + i * _DAY: r.name for r in rests() for i in range((r.last - r.first).days + 1)}


@lru_cache(maxsize=1)
def _days_worked() -> frozenset[date]:
    return frozenset(w for r in rests() for w in r.worked)


def holidays_between(start: date, end: date) -> list[date]:
    """Days off by the table, start <= day < end; weekend days inside a holiday are among them."""
    return [d for d in sorted(_days_off()) if start <= d < end]


def swapped_workdays_between(start: date, end: date) -> list[date]:
    """Saturdays and Sundays that are worked, start <= day < end."""
    return [d for d in sorted(_days_worked()) if start <= d < end]


def kind_of(day: date) -> DayKind:
    """What kind of day it is for offices."""
    if day in _days_off():
        return "holiday"
    if day in _days_worked():
        return "workday"
    return "weekend" if day.weekday() >= 5 else "workday"


def festival(day: date) -> str:
    """The holiday that a day belongs to, or a custom's day that nobody has off; else nothing."""
    new_year = lunar_new_year(day.year)
    if new_year is not None:
        custom = {new_year - _DAY: "除夕", new_year + 14 * _DAY: "元宵节"}.get(day)
        if custom:
            return custom
    if day.isoformat() in _GHOSTS:
        return "中元节"
    moved = _MOVING.get(day.year)
    if moved and day.isoformat() == moved[3]:
        return "中秋节"  # also where the National Day's holiday swallows it
    return _days_off().get(day, "")


def school_vacation(day: date) -> bool:
    """Whether a day lies in the winter or summer vacation."""
    summer = date(day.year, 7, 4)
    summer += (5 - summer.weekday()) % 7 * _DAY
    if summer <= day <= date(day.year, 8, 31):
        return True
    new_year = lunar_new_year(day.year) or date(day.year, 2, 5)
    winter = new_year - 11 * _DAY
    winter -= (winter.weekday() - 5) % 7 * _DAY
    return winter <= day <= winter + 29 * _DAY


def school_day(day: date) -> bool:
    """Whether pupils go to school."""
    return kind_of(day) == "workday" and not school_vacation(day)


def fire_season(day: date) -> bool:
    """1 November to 31 May: fire on wild land is forbidden."""
    return day.month >= 11 or day.month <= 5


def flood_season(day: date) -> bool:
    """1 June to 15 September."""
    return (6, 1) <= (day.month, day.day) <= (9, 15)


def season_of(day: date) -> Season:
    """The season as the weather office counts it: from the first of March, June and so on."""
    seasons: tuple[Season, ...] = ("winter", "spring", "summer", "autumn")
    return seasons[day.month % 12 // 3]


def days_between(start: date, end: date) -> Iterator[date]:
    """start <= day < end."""
    for i in range((end - start).days):
        yield start + i * _DAY
