"""Official alerts: about real weather, sometimes wrong, and the truth knows when."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from streetwise.town import weather
from streetwise.town.alerts import COLUMNS, Alert, Missed, alerts, misses, rows, write_alerts_csv
from streetwise.town.almanac import ZONE, fire_season
from streetwise.town.courses import COLOURS
from streetwise.town.planting import planted_courses

START, END = date(2023, 11, 27), date(2026, 11, 27)
SEEDS = (1, 2, 3, 7)
DAY = timedelta(days=1)


@cache
def told(seed: int) -> tuple[list[Alert], list[Missed]]:
    courses = planted_courses(seed, START, END)
    return alerts(seed, START, END, courses), misses(seed, START, END, courses)


def most_rain(seed: int, first: date, last: date) -> dict[int, float]:
    courses = planted_courses(seed, START, END)
    line = np.concatenate([d.rain10 for d in weather.days(seed, first - DAY, last + DAY, courses)])
    return {h: float(np.convolve(line, np.ones(h * 6)).max()) for h in (1, 6, 24)}


def test_periods_that_overlap_agree() -> None:
    courses = planted_courses(7, START, END)
    low, high = date(2025, 3, 3), date(2025, 9, 9)
    part = alerts(7, low, high, courses)
    assert part == [a for a in told(7)[0] if low <= a.sent.astimezone(ZONE).date() < high]


def test_alerts_that_were_right_had_such_weather_and_false_ones_had_not() -> None:
    checked: Counter[str] = Counter()
    for seed in SEEDS:
        courses = planted_courses(seed, START, END)
        for alert in told(seed)[0]:
            first, last = alert.onset.date(), (alert.expires - timedelta(minutes=1)).date()
            real = alert.verdict in ("hit", "late")
            assert real == bool(alert.reached)
            if alert.event == "heat":
                days = list(weather.days(seed, first, last + DAY))
                assert real == any(d.max_c >= 35 for d in days)
            elif alert.event == "rain" and real:
                fallen = most_rain(seed, first, last)
                assert fallen[1] >= 30 or fallen[6] >= 50 or fallen[24] >= 70
            elif alert.event == "gale" and real:
                days = list(weather.days(seed, first, last + DAY, courses))
                assert max(d.gust_ms for d in days) >= 17.2
            elif alert.event == "fire_danger":
                assert fire_season(first)
            checked[alert.event] += 1
    assert set(checked) == {"rain", "heat", "gale", "cold", "haze", "fire_danger"}


def test_a_miss_is_weather_that_earned_an_alert() -> None:
    for seed in SEEDS:
        for miss in told(seed)[1]:
            today = weather.day(seed, miss.day)
            if miss.event == "heat":
                assert today.heat
            if miss.event == "gale":
                assert today.windy


def test_alerts_are_wrong_at_a_believable_rate() -> None:
    issued = [a for seed in SEEDS for a in told(seed)[0]]
    missed = [m for seed in SEEDS for m in told(seed)[1]]
    wrong = sum(a.verdict == "false_alarm" for a in issued) / len(issued)
    assert 0.05 <= wrong <= 0.3
    assert 0.03 <= len(missed) / (len(missed) + len(issued)) <= 0.3
    assert any(a.verdict == "late" for a in issued)
    years = len(SEEDS) * (END - START).days / 365.25
    assert 20 <= len(issued) / years <= 80


def test_rows_tell_a_story_that_holds_together(tmp_path: Path) -> None:
    items = told(7)[0]
    lines = list(rows(items))
    known: set[str] = set()
    for line in lines:
        assert line["identifier"] not in known
        assert line["cancels"] == "" or line["cancels"] in known
        assert line["colour"] in COLOURS
        assert line["sent"] <= line["expires"]
        known.add(line["identifier"])
    called_off = [a for a in items if a.cancelled is not None]
    assert called_off
    assert len(lines) == len(items) + len(called_off)
    assert all(a.sent < a.cancelled for a in called_off if a.cancelled)
    path = tmp_path / "alerts.csv"
    assert write_alerts_csv(path, items) == len(lines)
    with path.open(encoding="utf-8", newline="") as f:
        read = list(csv.DictReader(f))
    assert read == lines
    assert tuple(read[0]) == COLUMNS


def test_the_cloudburst_brings_its_own_alerts_and_the_office_no_others_beside() -> None:
    (flood,) = [c for c in planted_courses(7, START, END) if c.name == "cloudburst"]
    that_day = [
        a for a in told(7)[0]
        if a.event == "rain" and a.onset.astimezone(ZONE).date() == flood.start.date()
    ]  # fmt: skip
    assert [a.colour for a in that_day] == ["yellow", "orange", "red"]
    assert [a.cancels for a in that_day] == ["", that_day[0].identifier, that_day[1].identifier]
    assert that_day[-1].reached == "orange"
