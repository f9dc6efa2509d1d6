"""The matrix against a slow reference that writes the order of importance and time out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.directory.responsibility import (
    ANY,
    COMMUNITY,
    DayCalendar,
    Question,
    Rule,
    calendar_of,
    parse_days,
    parse_hours,
    responsible,
)

SCHEMES = st.sampled_from(["um", "req"])
CODES = ["E-01-10", "E-01-11", "E-02-01", "P-01-01"]
DAYS = ["workday", "restday", "holiday", "mon", "fri sat", "sun"]
HOURS = ["08:00-18:00", "18:00-08:00", "00:00-06:00;22:00-24:00", "23:30-00:15"]
DATES = ["2026-05-01", "2026-05-04", "2026-05-09"]
RULES = st.lists(
    st.builds(
        Rule,
        scheme=st.sampled_from([ANY, "um", "req"]),
        class_prefix=st.sampled_from([ANY, "E", "E-01", "E-01-10", "P-01"]),
        condition=st.sampled_from([ANY, "1", "2"]),
        where=st.sampled_from([ANY, "c1", "c2", "g1", "g2"]),
        unit=st.sampled_from(["dep1", "dep2", COMMUNITY]),
        place=st.none() | st.sampled_from(["p1", "p2"]),
        days=st.none() | st.sampled_from(DAYS),
        hours=st.none() | st.sampled_from(HOURS),
        valid_from=st.none() | st.sampled_from(DATES),
        valid_to=st.none() | st.sampled_from(DATES),
        exception=st.booleans(),
    ),
    max_size=6,
)
CALENDAR = DayCalendar(frozenset({date(2026, 5, 1), date(2026, 5, 4)}),
                       frozenset({date(2026, 5, 9)}))  # fmt: skip
QUESTIONS = st.builds(
    Question,
    scheme=st.none() | SCHEMES,
    class_code=st.none() | st.sampled_from(CODES),
    condition=st.none() | st.sampled_from(["1", "2"]),
    grid=st.none() | st.sampled_from(["g1", "g2"]),
    community=st.none() | st.sampled_from(["c1", "c2"]),
    places=st.frozensets(st.sampled_from(["p1", "p2"])),
    at=st.none()
    | st.integers(0, 14 * 24 * 4).map(
        lambda quarters: datetime(2026, 4, 28) + timedelta(minutes=15 * quarters)  # noqa: DTZ001
    ),
    calendar=st.just(CALENDAR),
)


def holds(rule: Rule, at: datetime | None) -> bool:
    """Walk through every minute of the fortnight on which the line holds; slow and plain."""
    if not (rule.days or rule.hours or rule.valid_from or rule.valid_to):
        return True
    if at is None:
        return False
    day = date(2026, 4, 26)
    while day < date(2026, 5, 14):
        if day_fits(rule, day):
            for span in (rule.hours or "00:00-24:00").split(";"):
                first, last = span.split("-")
                begin = moment(day, first)
                end = moment(day, last)
                if end <= begin:
                    end += timedelta(days=1)
                if begin <= at < end:
                    return True
        day += timedelta(days=1)
    return False


def moment(day: date, text: str) -> datetime:
    hour, minute = map(int, text.split(":"))
    return datetime(day.year, day.month, day.day) + timedelta(hours=hour, minutes=minute)  # noqa: DTZ001


def day_fits(rule: Rule, day: date) -> bool:
    if rule.valid_from and day.isoformat() < rule.valid_from:
        return False
    if rule.valid_to and day.isoformat() > rule.valid_to:
        return False
    if not rule.days:
        return True
    holiday = day in CALENDAR.holidays
    rest = holiday or (day.strftime("%a") in ("Sat", "Sun") and day not in CALENDAR.workdays)
    words = rule.days.split()
    return (
        day.strftime("%a").lower() in words
        or ("holiday" in words and holiday)
        or ("restday" in words and rest)
        or ("workday" in words and not rest)
    )


def reference(rules: list[Rule], question: Question) -> str | None:
    """Sort what fits by what is said in the module, one criterion after the other."""
    fitting = []
    for order, rule in enumerate(rules):
        unit = question.community if rule.unit == COMMUNITY else rule.unit
        fits = (
            unit is not None
            and rule.scheme in {ANY, question.scheme}
            and (
                rule.class_prefix == ANY
                or (question.class_code or "").startswith(rule.class_prefix)
            )
            and rule.condition in {ANY, question.condition}
            and (rule.where == ANY or rule.where in {question.grid, question.community})
            and (rule.place is None or rule.place in question.places)
            and holds(rule, question.at)
        )
        if fits:
            fitting.append(
                (
                    0 if rule.exception else 1,
                    0 if rule.place else 1,
                    0 if rule.where == question.grid else 1 if rule.where != ANY else 2,
                    0 if rule.class_prefix == ANY else -len(rule.class_prefix),
                    rule.condition == ANY,
                    rule.hours is None,
                    rule.days is None,
                    -((rule.valid_from is not None) + (rule.valid_to is not None)),
                    order,
                    unit,
                )
            )
    return str(min(fitting)[-1]) if fitting else None


@given(rules=RULES, question=QUESTIONS)
def test_the_most_specific_rule_wins(rules: list[Rule], question: Question) -> None:
    answer = responsible(rules, question)
    assert (answer.unit if answer else None) == reference(rules, question)
    if answer:
        assert answer.rule in rules


def ask(rules: list[Rule], at: str) -> str | None:
    question = Question("um", "E-01", None, "g1", "c1", frozenset(), datetime.fromisoformat(at),
                        CALENDAR)  # fmt: skip
    answer = responsible(rules, question)
    return answer.unit if answer else None


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    night = [
        Rule("*", "*", "*", "*", "day"),
        Rule("*", "*", "*", "*", "night", days="fri", hours="18:00-08:00"),
    ]
    assert ask(night, "2026-05-15T17:59") == "day"
    assert ask(night, "2026-05-15T18:00") == "night"
    assert ask(night, "2026-05-16T07:59") == "night"  # Saturday morning
    assert ask(night, "2026-05-16T08:00") == "day"
    assert ask(night, "2026-05-16T19:00") == "day"
    assert ask(night, "2026-05-15T03:00") == "day"  # the night of Thursday


def test_holidays_and_swapped_weekends_are_those_of_the_area() -> None:
    rules = [
        Rule("*", "*", "*", "*", "work", days="workday"),
        Rule("*", "*", "*", "*", "rest", days="restday"),
    ]
    assert ask(rules, "2026-05-04T10:00") == "rest"  # a Monday, holiday
    assert ask(rules, "2026-05-09T10:00") == "work"  # a Saturday, worked
    assert ask(rules, "2026-05-10T10:00") == "rest"
    assert calendar_of({"holidays": ["2026-05-01"], "workdays": []}).holidays
    assert calendar_of(None) == DayCalendar()


def test_an_exception_goes_before_what_is_more_exact() -> None:
    rules = [
        Rule("um", "E-01", "*", "g1", "exact"),
        Rule("*", "*", "*", "*", "duty", exception=True, valid_to="2026-05-31"),
    ]
    assert ask(rules, "2026-05-31T23:00") == "duty"
    assert ask(rules, "2026-06-01T00:00") == "exact"


@pytest.mark.parametrize("text", ["18-8", "25:00-26:00", "08:00-08:00", "08:61-09:00", "x"])
def test_hours_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="no span of hours"):
        parse_hours(text)


def test_days_that_are_none() -> None:
    assert parse_days("mon, TUE holiday") == {"mon", "tue", "holiday"}
    with pytest.raises(ValueError, match="'someday'"):
        parse_days("mon someday")
