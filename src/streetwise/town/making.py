"""`streetwise town make`: a street's folder, its history, its ledgers, and the truth about them.

The folder itself is what ``town load`` reads. Beside its files lie ``history`` (what was reported
and measured), ``ledgers`` (tables as offices keep them), ``cameras`` (their zones) and ``truth``
(what was planted; the product never reads it, ``streetwise eval`` does). The same seed, years and
end give the same bytes.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from . import alerts, planting, platform, readings, weather
from .almanac import ZONE
from .courses import Course
from .faults import plant_faults
from .history import Teller
from .ledgers import write_ledger_truth, write_ledgers
from .reports import SIGNAL_COLUMNS, Report, signal_row, write_reports_csv, write_truth_csv
from .truth import write_planted
from .video.record import write_cameras, write_scenes
from .world import build_world, write_tables

#: A fixed day, so that a seed alone says what is written; the demo ends today.
UNTIL = date(2026, 11, 1)
DAYS_A_YEAR = 365
#: The duty roster covers the end of the period and some time beyond.
ROSTER_BEFORE, ROSTER_DAYS = 60, 150
#: So many days before the end have a reading every ten minutes; hours before.
FINE_DAYS = 30
Told = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was written."""

    signals: int
    ledgers: int
    ledger_rows: int
    readings: int
    alerts: int


def make(folder: Path, seed: int, years: float, until: date, told: Told) -> Counts:
    """Write everything. ``told`` hears what is being made and what share of it is done."""
    days = round(DAYS_A_YEAR * years)
    start, end = _midnight(until - timedelta(days=days)), _midnight(until)
    told("street", 0.0)
    world = build_world(seed, (until - timedelta(days=ROSTER_BEFORE), ROSTER_DAYS))
    write_tables(folder, world)
    told("street", 1.0)
    for name in ("history", "ledgers", "truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    courses = planting.planted_courses(seed, start.date(), end.date())
    teller = Teller(world, seed, courses)
    signals = _history(folder, teller, start, end, told)
    told("weather", 0.0)
    _weather(folder / "history" / "weather.csv", seed, start.date(), end.date(), courses)
    issued = alerts.write_alerts_csv(
        folder / "history" / "alerts.csv", alerts.alerts(seed, start.date(), end.date(), courses)
    )
    told("weather", 1.0)
    told("readings", 0.0)
    faults = plant_faults(world.sensors, seed, start.date(), end.date())
    measured = readings.write_readings_csv(
        folder / "history" / "readings.csv", world.sensors, seed, start, end, courses, faults,
        fine_days=FINE_DAYS,
    )  # fmt: skip
    told("readings", 1.0)
    write_planted(folder / "truth", teller, world, seed, start.date(), end.date())
    told("cameras", 0.0)
    write_cameras(folder / "cameras", world, seed)
    write_scenes(folder / "truth" / "scenes.csv", world, seed, until, courses)
    told("cameras", 1.0)
    told("ledgers", 0.0)
    files = write_ledgers(folder / "ledgers", world, seed, until, max(1, round(years)))
    write_ledger_truth(folder / "truth" / "ledgers.csv", files)
    told("ledgers", 1.0)
    rows = sum(file.rows for file in files)
    return Counts(signals, len(files), rows, measured, issued)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def _history(folder: Path, teller: Teller, start: datetime, end: datetime, told: Told) -> int:
    """Signals as one table, as the files that the product reads, and their truth."""
    found: list[Report] = []
    days = (end - start).days
    for n in range(days):
        day = (start + timedelta(days=n)).date()
        found += teller.day(day)
        told("history", (n + 1) / days)
    history = folder / "history"
    with (history / "signals.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, SIGNAL_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(signal_row, found))
    own = [report for report in found if report.channel != platform.CHANNEL]
    write_reports_csv(history / "reports.csv", own)
    with (history / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        platform.orders_csv(file, _orders(found))
    write_truth_csv(folder / "truth" / "signals.csv", found)
    return len(found)


def _orders(found: Sequence[Report]) -> Iterator[dict[str, str]]:
    return (platform.order_row(one) for one in found if one.channel == platform.CHANNEL)


def _weather(path: Path, seed: int, start: date, end: date, courses: Sequence[Course]) -> None:
    """By the day, as a weather office gives it to a street."""
    columns = ("date", "rain_mm", "max_c", "min_c", "gust_ms", "humidity", "pm25")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for day in weather.days(seed, start, end, courses):
            values = (
                day.rain_mm, day.max_c, day.min_c, day.gust_ms, float(day.humidity.mean()),
                day.pm25_mean,
            )  # fmt: skip
            writer.writerow([day.date.isoformat(), *(f"{value:.1f}" for value in values)])
