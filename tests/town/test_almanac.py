"""The town's calendar against days that are known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from streetwise.town.almanac import (
    ESTIMATED,
    days_between,
    festival,
    fire_season,
    flood_season,
    holidays_between,
    kind_of,
    rests,
    school_day,
    school_vacation,
    season_of,
    swapped_workdays_between,
)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2022-01-29", "workday"),
        ("2022-10-09", "workday"),
        ("2023-04-05", "holiday"),
        ("2023-04-06", "workday"),
        ("2023-06-25", "workday"),
        ("2024-02-09", "workday"),  # New Year's Eve was no day off that year
        ("2024-09-14", "workday"),
        ("2025-01-28", "holiday"),
        ("2025-10-08", "holiday"),
        ("2025-10-11", "workday"),
        ("2026-02-14", "workday"),
        ("2026-02-15", "holiday"),
        ("2026-02-23", "holiday"),
        ("2026-02-24", "workday"),
        ("2026-02-28", "workday"),
        ("2026-10-10", "workday"),
        ("2026-10-11", "weekend"),
        ("2026-07-11", "weekend"),
        ("2026-07-13", "workday"),
        ("2035-05-05", "weekend"),  # beyond the table weekdays are all that is known
    ],
)
def test_known_days_are_of_their_kind(day: str, kind: str) -> None:
    assert kind_of(date.fromisoformat(day)) == kind


def test_the_year_2026_has_its_33_days_off_and_six_worked_weekend_days() -> None:
    year = date(2026, 1, 1), date(2027, 1, 1)
    assert len(holidays_between(*year)) == 33
    assert [d.isoformat() for d in swapped_workdays_between(*year)] == [
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
    ]  # fmt: skip


def test_periods_that_meet_share_no_day_and_lose_none() -> None:
    whole = holidays_between(date(2022, 1, 1), date(2029, 1, 1))
    parts = [
        d for y in range(2022, 2029) for d in holidays_between(date(y, 1, 1), date(y + 1, 1, 1))
    ]
    assert whole == parts == sorted(set(whole))


def test_worked_days_are_weekend_days_near_their_holiday_and_not_in_any() -> None:
    off = set(holidays_between(date(2021, 12, 1), date(2029, 1, 1)))
    for rest in rests():
        for worked in rest.worked:
            assert worked.weekday() >= 5
            assert worked not in off
            assert min(abs((worked - rest.first).days), abs((worked - rest.last).days)) <= 14


def test_estimated_years_give_no_more_working_days_off_than_the_law() -> None:
    law = {"元旦": 1, "春节": 4, "清明节": 1, "劳动节": 2, "端午节": 1, "中秋节": 1, "国庆节": 3}
    for year in ESTIMATED:
        found = [r for r in rests() if r.last.year == year]
        assert {r.name for r in found} >= set(law) - {"中秋节"}
        for rest in found:
            days = list(days_between(rest.first, rest.last + timedelta(days=1)))
            lost = sum(d.weekday() < 5 for d in days) - len(rest.worked)
            joined = rest.name == "国庆节" and len(days) == 8
            assert lost <= law[rest.name] + joined


def test_festivals_have_their_names() -> None:
    assert festival(date(2026, 2, 16)) == "除夕"
    assert festival(date(2026, 2, 18)) == "春节"
    assert festival(date(2026, 3, 3)) == "元宵节"
    assert festival(date(2025, 10, 6)) == "中秋节"
    assert festival(date(2025, 10, 7)) == "国庆节"
    assert festival(date(2026, 8, 27)) == "中元节"
    assert festival(date(2026, 7, 1)) == ""


def test_seasons_begin_and_end_where_they_should() -> None:
    assert fire_season(date(2025, 11, 1)) and not fire_season(date(2025, 10, 31))
    assert fire_season(date(2026, 5, 31)) and not fire_season(date(2026, 6, 1))
    assert flood_season(date(2026, 6, 1)) and not flood_season(date(2026, 5, 31))
    assert flood_season(date(2026, 9, 15)) and not flood_season(date(2026, 9, 16))
    assert [season_of(date(2026, m, 1)) for m in (2, 3, 6, 9, 12)] == [
        "winter", "spring", "summer", "autumn", "winter",
    ]  # fmt: skip


def test_pupils_are_free_in_vacations_and_go_on_worked_saturdays() -> None:
    assert school_vacation(date(2026, 2, 10)) and school_vacation(date(2026, 7, 20))
    assert not school_vacation(date(2026, 3, 2)) and not school_vacation(date(2026, 9, 1))
    assert school_day(date(2026, 10, 10))
    assert not school_day(date(2026, 10, 11))
