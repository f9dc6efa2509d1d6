"""What the sensors say: in keeping with the weather, with one that drifts and one that sticks."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from streetwise.town import weather
from streetwise.town.almanac import ZONE
from streetwise.town.cloudburst import cloudburst
from streetwise.town.faults import Faults, plant_faults
from streetwise.town.planting import planted_courses, planted_weather
from streetwise.town.readings import Readings, fire_spot, readings, write_readings_csv
from streetwise.town.smoke import smoke

SEED = 7
START, END = date(2026, 1, 1), date(2026, 11, 1)
KINDS = (("rain", 4), ("water_level", 9), ("bin_level", 12), ("smoke", 9), ("air", 6))
PLACES = {("water_level", 0): "UP-01", ("water_level", 1): "BR-01", ("water_level", 8): "WL-02"}

SENSORS = [
    {
        "code": f"SN-{kind[0].upper()}{i + 1:02d}",
        "name": f"{kind} {i}",
        "kind": kind,
        "lon": f"{116.9 + 0.002 * i:.6f}",
        "lat": f"{40.1 + 0.001 * i:.6f}",
        "grid": "",
        "place": PLACES.get((kind, i), f"JN-{i:03d}"),
        "unit": "",
        "quantity": "",
    }
    for kind, count in KINDS
    for i in range(count)
]


def at(day: date, hour: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)


@cache
def year(*, faulty: bool) -> Readings:
    faults = plant_faults(SENSORS, SEED, START, END) if faulty else None
    courses = planted_courses(SEED, START, END)
    return readings(SENSORS, SEED, at(START), at(END), courses, faults)


def test_forty_sensors_speak_every_ten_minutes_and_only_gaps_are_empty() -> None:
    told = year(faulty=True)
    assert told.values.shape == ((END - START).days * 144, 40)
    assert told.times[0] == np.datetime64("2026-01-01T00:00:00")
    assert set(np.diff(told.times)) == {np.timedelta64(600, "s")}
    assert np.array_equal(np.isnan(told.values), told.missing)
    assert 0.001 < told.missing.mean() < 0.03
    assert np.nanmin(told.values) >= 0


def test_periods_that_overlap_agree_to_the_last_digit() -> None:
    whole = year(faulty=True)
    faults = plant_faults(SENSORS, SEED, START, END)
    courses = planted_courses(SEED, START, END)
    flood = next(c for c in courses if c.name == "cloudburst")
    for low in (flood.start.replace(hour=15, minute=3), faults.stuck[0].since + timedelta(days=2)):
        part = readings(SENSORS, SEED, low, low + timedelta(hours=40), courses, faults)
        same = np.isin(whole.times, part.times)
        assert same.sum() == len(part.times) == 240
        assert np.array_equal(whole.values[same], part.values, equal_nan=True)


def test_a_single_reading_can_be_asked_for() -> None:
    moment = datetime(2026, 7, 1, 0, 0, tzinfo=ZONE)
    told = readings(SENSORS, SEED, moment, moment + timedelta(minutes=10))
    assert told.times.tolist() == [datetime(2026, 7, 1)]  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        readings(SENSORS, SEED, datetime(2026, 7, 1), moment)  # noqa: DTZ001


def test_gauges_catch_the_rain_that_fell() -> None:
    told = year(faulty=False)
    courses = planted_courses(SEED, START, END)
    fell = sum(d.rain_mm for d in weather.days(SEED, START, END, courses))
    for code in told.sensors[:4]:
        assert np.nansum(told.of(code)) == pytest.approx(fell, rel=0.2)


def test_the_underpass_sensor_follows_the_course() -> None:
    told = year(faulty=True)
    flood = next(c for c in planted_courses(SEED, START, END) if c.name == "cloudburst")
    level = told.of("SN-W01")
    assert np.nanmax(level) == pytest.approx(flood.facts["underpass_peak_m"], abs=0.03)
    peak = told.times[int(np.nanargmax(level))].astype(datetime).replace(tzinfo=ZONE)
    assert abs(flood.offset(peak) - flood.facts["underpass_peak_minute"]) <= 30
    assert np.nanmedian(level) <= 0.01
    river, pond = told.of("SN-W02"), told.of("SN-W09")
    assert np.nanmedian(river) == pytest.approx(1.2, abs=0.05)
    assert np.nanmin(pond) > 0.5
    # Two gauges of open water rise together, each from its own rest.
    here = ~np.isnan(river) & ~np.isnan(pond)
    assert np.corrcoef(river[here], pond[here])[0, 1] > 0.95


def test_the_first_smoke_sensor_smells_the_fire_and_a_far_one_hardly() -> None:
    told = year(faulty=False)
    fire = next(c for c in planted_courses(SEED, START, END) if c.name == "smoke")
    low = np.datetime64(fire.start.replace(tzinfo=None), "s")
    during = (told.times >= low) & (told.times < low + np.timedelta64(3, "h"))
    assert np.nanmax(told.of("SN-S01")[during]) > 200
    assert np.nanmax(told.of("SN-S09")[during]) < 60
    lon, lat = fire_spot(SENSORS[25], fire)
    assert SENSORS[25]["code"] == "SN-S01"
    away = np.hypot((lon - 116.9) * 85_000, (lat - 40.1) * 111_000)
    assert away == pytest.approx(150, abs=5)
    assert np.nanmax(told.values[~during][:, [k == "smoke" for k in told.kinds]]) < 60


def test_bins_fill_are_emptied_and_now_and_then_run_over() -> None:
    told = year(faulty=False)
    for code in (c for c, k in zip(told.sensors, told.kinds, strict=True) if k == "bin_level"):
        level = told.of(code)
        falls = np.diff(level) < -15
        assert 0.8 <= falls.sum() / (END - START).days <= 2.2, code
        assert 20 <= np.nanmean(level) <= 70
    bins = told.values[:, [k == "bin_level" for k in told.kinds]]
    assert 0.001 <= np.nanmean(bins >= 96) <= 0.15


def test_fine_dust_follows_the_town_but_every_device_has_its_own_bias() -> None:
    told = year(faulty=False)
    days = np.array([d.pm25_mean for d in weather.days(SEED, START, END)])
    means = []
    for code in told.sensors[-6:]:
        daily = np.nanmean(told.of(code).reshape(-1, 144), axis=1)
        assert np.corrcoef(daily, days)[0, 1] > 0.98
        means.append(float(np.nanmean(daily)))
    assert max(means) / min(means) > 1.03


def test_a_plain_look_at_dry_days_finds_the_sensor_that_drifts() -> None:
    told = year(faulty=True)
    (drift,) = plant_faults(SENSORS, SEED, START, END).drifts
    quarter = len(told.times) // 4
    waters = [c for c, k in zip(told.sensors, told.kinds, strict=True) if k == "water_level"]
    now = {c: float(np.nanmedian(told.of(c)[-quarter // 3 :])) for c in waters}
    risen = {c: now[c] - float(np.nanmedian(told.of(c)[:quarter])) for c in waters}
    found = max(risen, key=lambda code: risen[code])
    assert found == drift.sensor
    assert risen[found] > 5 * max(v for c, v in risen.items() if c != found)
    # Against the truth the slope is the one that was planted.
    error = told.of(found) - year(faulty=False).of(found)
    since = np.datetime64(drift.since.replace(tzinfo=None), "s")
    after = (told.times > since) & ~np.isnan(error)
    slope = np.polyfit((told.times[after] - since) / np.timedelta64(1, "D"), error[after], 1)[0]
    assert slope == pytest.approx(drift.per_day, rel=0.05)
    assert np.nanmax(np.abs(error[told.times <= since])) == 0


def test_the_stuck_sensor_repeats_itself_for_days_and_no_other_does() -> None:
    told = year(faulty=True)
    (stuck,) = plant_faults(SENSORS, SEED, START, END).stuck
    low, high = (np.datetime64(m.replace(tzinfo=None), "s") for m in (stuck.since, stuck.until))
    held = (told.times > low) & (told.times <= high)
    quiet = {
        code: len(set(v[held & ~np.isnan(v)].tolist()))
        for code, kind in zip(told.sensors, told.kinds, strict=True)
        if kind == stuck.kind
        for v in [told.of(code)]
    }
    assert quiet.pop(stuck.sensor) == 1
    assert min(quiet.values()) > 5


def test_the_file_is_fine_at_the_end_and_hourly_before(tmp_path: Path) -> None:
    low, high = at(date(2026, 7, 1)), at(date(2026, 7, 11))
    rows = write_readings_csv(tmp_path / "a.csv", SENSORS, SEED, low, high, fine_days=2)
    assert rows == write_readings_csv(tmp_path / "b.csv", SENSORS, SEED, low, high, fine_days=2)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as f:
        read = list(csv.DictReader(f))
    assert len(read) == rows
    assert 0.96 * 40 * (8 * 24 + 2 * 144) < rows <= 40 * (8 * 24 + 2 * 144)
    early = [r for r in read if r["at"] < "2026-07-09"]
    assert all(r["at"].endswith(":00:00") for r in early)
    told = readings(SENSORS, SEED, low, high)
    # An hour of the coarse part holds the six tenths before it.
    wet = [r for r in early if r["sensor"] == "SN-R01" and float(r["value"]) > 0]
    for row in wet:
        n = int(np.flatnonzero(told.times == np.datetime64(row["at"].replace(" ", "T")))[0])
        expected = np.nansum(told.of("SN-R01")[max(0, n - 5) : n + 1])
        assert float(row["value"]) == pytest.approx(expected, abs=0.06)


def test_the_truth_names_everything_that_was_planted() -> None:
    truth = planted_weather(SEED, START, END, SENSORS)
    kinds = {p.kind for p in truth}
    assert {"cloudburst", "smoke", "sensor_drift", "sensor_stuck", "alert", "alert_miss"} <= kinds
    assert truth == planted_weather(SEED, START, END, SENSORS)
    assert [p.start for p in truth] == sorted(p.start for p in truth)
    faults = plant_faults(SENSORS, SEED, START, END)
    assert [p.subject for p in truth if p.kind == "sensor_drift"] == [faults.drifts[0].sensor]
    for p in truth:
        row = p.row()
        assert json.loads(row["detail"]) == p.detail
        assert p.start < p.end


def test_a_scenario_may_begin_at_any_moment_and_the_sensors_follow() -> None:
    now = datetime(2026, 10, 5, 9, 47, tzinfo=ZONE)
    courses = (cloudburst(SEED, now), smoke(SEED, now))
    told = readings(SENSORS, SEED, now, now + timedelta(hours=3), courses, Faults())
    assert np.nanmax(told.of("SN-W01")) > 0.4
    assert np.nanmax(told.of("SN-S01")) > 60
    assert np.nansum(told.of("SN-R01")) > 50
