"""The responsibility matrix: class × condition × place × time → unit. Pure.

A line that fits wins over another by, in this order: an exception before an ordinary line; a
named place before a grid before a community before everywhere; the longer class prefix; a named
condition; hours, then days, then dates that are named; the earlier line.

Days and hours are those of the area's own time. ``hours`` that run over midnight belong to the
day on which they begin: Friday 18:00-08:00 holds on Saturday at seven.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from streetwise.directory import statutory

COMMUNITY = "@community"
ANY = "*"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_KINDS = ("workday", "restday", "holiday")
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class DayCalendar:
    """Days off and swapped working weekends of an area: what its folder says of a day; else, where
    ``statutory`` and the year is known, the State Council; else weekdays.

    ``years``: those of which the folder says something, and so knows how they are.
    """

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    statutory: bool = False
    years: frozenset[int] = frozenset()

    def works(self, day: date) -> bool:
        """Whether offices work: weekdays but holidays, and the weekends worked for them."""
        if day in self.holidays:
            return False
        if day in self.workdays:
            return True
        if self.statutory and statutory.known(day.year):
            return statutory.works(day)
        return day.weekday() < 5

    def known(self, year: int) -> bool:
        """Whether anybody has said how this year is; else only weekdays are known of it."""
        return year in self.years or (self.statutory and statutory.known(year))

    def kinds(self, day: date) -> frozenset[str]:
        """What a day is: its weekday, and workday, or restday, and holiday."""
        works = self.works(day)
        found = {WEEKDAYS[day.weekday()], "workday" if works else "restday"}
        of_state = self.statutory and statutory.known(day.year) and statutory.holiday(day)
        return frozenset(
            found | {"holiday"} if not works and (day in self.holidays or of_state) else found
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the matrix; ``where`` is ``*``, a community's code or a grid's code.

    ``place`` is a place's code; ``days`` words with spaces between; ``hours`` spans with ``;``
    between; ``valid_from`` and ``valid_to`` dates, both included. None: not restricted.
    """

    scheme: str
    class_prefix: str
    condition: str
    where: str
    unit: str
    note: str = ""
    place: str | None = None
    days: str | None = None
    hours: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    exception: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; unknown parts are None. ``at`` is in the area's own time zone.

    ``places``: the place and what it lies in, by their codes. When ``at`` is None, lines that
    are restricted in time do not fit.
    """

    scheme: str | None
    class_code: str | None
    condition: str | None
    grid: str | None
    community: str | None
    places: frozenset[str] = frozenset()
    at: datetime | None = None
    calendar: DayCalendar = field(default_factory=DayCalendar)


@dataclass(frozen=True, slots=True)
class Answer:
    """The unit's code and the rule that says so."""

    unit: str
    rule: Rule


def responsible(rules: Sequence[Rule], question: Question) -> Answer | None:
    """Who is responsible, or None when no line fits (or the community is unknown)."""
    found = best_answers(rules, question)
    return found[0] if found else None


def best_answers(rules: Sequence[Rule], question: Question) -> list[Answer]:
    """The answers of all lines that win over every other, the earliest line first.

    Where they name several units, only the order of the lines says which holds.
    """
    best: tuple[int, ...] = ()
    found: list[Answer] = []
    for rule in rules:
        unit = question.community if rule.unit == COMMUNITY else rule.unit
        if unit is None or not _fits(rule, question):
            continue
        rank = _rank(rule, question)
        if not found or rank > best:
            best, found = rank, [Answer(unit, rule)]
        elif rank == best:
            found.append(Answer(unit, rule))
    return found


def _rank(rule: Rule, question: Question) -> tuple[int, ...]:
    where = 2 if rule.where == question.grid else 1 if rule.where != ANY else 0
    return (
        int(rule.exception),
        int(bool(rule.place)),
        where,
        0 if rule.class_prefix == ANY else len(rule.class_prefix),
        0 if rule.condition == ANY else 1,
        int(bool(rule.hours)),
        int(bool(rule.days)),
        int(bool(rule.valid_from)) + int(bool(rule.valid_to)),
    )


def _fits(rule: Rule, question: Question) -> bool:
    return (
        rule.scheme in (ANY, question.scheme)
        and (rule.class_prefix == ANY or (question.class_code or "").startswith(rule.class_prefix))
        and rule.condition in (ANY, question.condition)
        and rule.where in (ANY, question.grid, question.community)
        and (not rule.place or rule.place in question.places)
        and _holds(rule, question)
    )


def _holds(rule: Rule, question: Question) -> bool:
    if not (rule.hours or rule.days or rule.valid_from or rule.valid_to):
        return True
    if question.at is None:
        return False
    day, minute = question.at.date(), question.at.hour * 60 + question.at.minute

    def on(which: date) -> bool:
        begins, ends = parse_valid(rule.valid_from or ""), parse_valid(rule.valid_to or "")
        if (begins and which < begins) or (ends and which > ends):
            return False
        days = parse_days(rule.days or "")
        return not days or not days.isdisjoint(question.calendar.kinds(which))

    spans = parse_hours(rule.hours or "")
    if not spans:
        return on(day)
    return any(_within(span, minute, day, on) for span in spans)


def _within(span: tuple[int, int], minute: int, day: date, on: Callable[[date], bool]) -> bool:
    first, last = span
    if first < last:
        return first <= minute < last and on(day)
    return (minute >= first and on(day)) or (minute < last and on(day - timedelta(days=1)))


@lru_cache(maxsize=1024)
def parse_days(text: str) -> frozenset[str]:
    """The words of a cell; empty: every day. Raises ValueError that names the wrong one."""
    words = frozenset(text.lower().replace(",", " ").split())
    for word in sorted(words):
        if word not in WEEKDAYS and word not in DAY_KINDS:
            raise ValueError(f"'{word}' is none of {' '.join((*DAY_KINDS, *WEEKDAYS))}")
    return words


@lru_cache(maxsize=1024)
def parse_hours(text: str) -> tuple[tuple[int, int], ...]:
    """Spans in minutes of the day, the end excluded; empty: all day. Raises ValueError."""
    spans = []
    for part in text.replace("；", ";").split(";"):
        if not part.strip():
            continue
        match = _HOURS.fullmatch(part.strip())
        first, last = -1, -1
        if match is not None:
            first, last = _minutes(match[1], match[2]), _minutes(match[3], match[4])
        if not 0 <= first < _MINUTES_A_DAY or not 0 <= last <= _MINUTES_A_DAY or first == last:
            raise ValueError(f"'{part.strip()}' is no span of hours; write 18:00-08:00")
        spans.append((first, last))
    return tuple(spans)


def _minutes(hour: str, minute: str) -> int:
    return int(hour) * 60 + int(minute) if int(minute) < 60 else -1


@lru_cache(maxsize=1024)
def parse_valid(text: str) -> date | None:
    """A date; empty: None. Raises ValueError."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is no date; write 2026-05-01") from None


def calendar_of(settings: dict[str, list[str]] | None, zone: str | None = None) -> DayCalendar:
    """The calendar of an area from its settings (lists of dates as text), and, by its time zone,
    the statutory one under it.
    """
    settings = settings or {}
    holidays, workdays = (
        frozenset(date.fromisoformat(str(day)) for day in settings.get(name) or ())
        for name in ("holidays", "workdays")
    )
    years = frozenset(day.year for day in holidays | workdays)
    return DayCalendar(holidays, workdays, zone in statutory.ZONES, years)
