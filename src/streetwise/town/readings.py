"""What the street's sensors say every ten minutes, in keeping with weather and courses.

A reading is a function of the seed, the sensor and its moment; only the planted faults and
courses come from outside. Readings are told day by day, so that periods that overlap agree.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .almanac import ZONE, days_between, kind_of
from .basins import LOW_POINTS, RIVER, UNDERPASS, Basin, levels
from .chance import Array, generator
from .courses import Course
from .faults import KINDS, Faults, Row, gaps, is_river, is_tunnel, slot_at, slot_of
from .geometry import rng_for
from .smoke import CLEAN_PPM, ppm_downwind
from .weather import Day, day

COLUMNS = ("sensor", "at", "value")
STEP = timedelta(minutes=10)
_DAY = timedelta(days=1)
_BACK = 4  # days before which every bin has been emptied for certain
_FIRE_M = 150  # metres upwind of the first smoke sensor where a course's fire is laid

# How fast bins fill over the day, by hour.
_HABIT = np.array([1, 1, 0, 0, 0, 1, 4, 8, 7, 5, 5, 6, 7, 6, 5, 5, 6, 8, 10, 9, 8, 7, 4, 2], float)


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Readings of all sensors: `values` is (times, sensors), NaN exactly where `missing`."""

    sensors: tuple[str, ...]
    kinds: tuple[str, ...]
    times: NDArray[np.datetime64]  # local time of the street, the end of each ten minutes
    values: Array
    missing: NDArray[np.bool_]

    def of(self, code: str) -> Array:
        """The readings of one sensor."""
        return self.values[:, self.sensors.index(code)]


def readings(
    sensors: Sequence[Row],
    seed: int,
    start: datetime,
    end: datetime,
    courses: Sequence[Course] = (),
    faults: Faults | None = None,
) -> Readings:
    """Readings with start <= moment < end, of sensors as in the folder's ``sensors.csv``."""
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("start and end need a time zone")
    unknown = sorted({s["kind"] for s in sensors} - set(KINDS))
    if unknown:
        raise ValueError(f"no readings for sensors of kind {', '.join(unknown)}")
    # A slot of ten minutes is read when it is over: slot n at the moment n + 1.
    first, after = (slot_at(m + STEP - timedelta(microseconds=1)) - 1 for m in (start, end))
    low = (start - STEP).astimezone(ZONE).date()
    dates = list(days_between(low, end.astimezone(ZONE).date() + _DAY))
    told = np.empty((len(dates) * 144, len(sensors)))
    missing = np.zeros(told.shape, dtype=np.bool_)
    weather = _Weather(seed, dates, courses)
    waters = [s for s in sensors if s["kind"] == "water_level"]
    flood = _levels(weather, waters)
    fire = next((s for s in sensors if s["kind"] == "smoke"), None)
    for i, sensor in enumerate(sensors):
        kind = sensor["kind"]
        if kind == "rain":
            values = _rain(seed, sensor, weather)
        elif kind == "water_level":
            values = flood[:, waters.index(sensor)] + _ripple(seed, sensor, dates, 0.002)
        elif kind == "bin_level":
            values = _bin(seed, sensor, dates)
        elif kind == "smoke":
            values = _smoke(seed, sensor, fire or sensor, dates, courses)
        else:
            values = _air(seed, sensor, weather)
        told[:, i] = values
        missing[:, i] = np.concatenate([gaps(seed, sensor["code"], d) for d in dates])
    offset = slot_of(low)
    if faults is not None:
        _apply(faults, sensors, seed, told, offset, courses)
    for i, sensor in enumerate(sensors):
        told[:, i] = np.round(np.maximum(0.0, told[:, i]), KINDS[sensor["kind"]][1]) + 0.0
    told[missing] = np.nan
    cut = slice(first - offset, after - offset)
    times = np.datetime64(0, "m") + np.arange(first + 1, after + 1) * np.timedelta64(10, "m")
    return Readings(
        tuple(s["code"] for s in sensors),
        tuple(s["kind"] for s in sensors),
        times.astype("datetime64[s]"),
        told[cut],
        missing[cut],
    )


class _Weather:
    """The days of a period with the courses laid over, and their own rain from two days before."""

    def __init__(self, seed: int, dates: Sequence[date], courses: Sequence[Course]) -> None:
        self.seed = seed
        self.dates = dates
        self.courses = courses
        self.days: list[Day] = [day(seed, d, courses) for d in dates]
        before = [dates[0] - 2 * _DAY, dates[0] - _DAY]
        self.plain = np.array([day(seed, d).rain10 for d in [*before, *dates]])
        self.rain = np.array([d.rain10 for d in self.days])


def _ripple(seed: int, sensor: Row, dates: Sequence[date], size: float) -> Array:
    """A sensor's own noise, day by day."""
    return size * np.concatenate(
        [
            generator(seed, "ripple", sensor["code"], d.isoformat()).standard_normal(144)
            for d in dates
        ]
    )


def _rain(seed: int, sensor: Row, weather: _Weather) -> Array:
    """A tipping bucket: a fifth of a millimetre at a time, and no two gauges catch the same."""
    out = []
    for d, rain in zip(weather.dates, weather.rain, strict=True):
        rng = rng_for(seed, "gauge", sensor["code"], d.isoformat())
        catch = min(1.25, max(0.75, rng.gauss(1.0, 0.09)))
        tipped = np.floor(np.cumsum(rain) * catch / 0.2 + 1e-9)
        out.append(np.diff(tipped, prepend=0.0) * 0.2)
    return np.concatenate(out)


def basins_of(waters: Sequence[Row]) -> list[Basin]:
    """Which basin each level sensor looks into; low points are dealt out in order of code."""
    codes = sorted(s["code"] for s in waters if not is_tunnel(s) and not is_river(s))
    return [
        UNDERPASS
        if is_tunnel(s)
        else RIVER
        if is_river(s)
        else LOW_POINTS[codes.index(s["code"]) % len(LOW_POINTS)]
        for s in waters
    ]


def _levels(weather: _Weather, waters: Sequence[Row]) -> Array:
    """True levels (times, sensors). Each day is told from two days before, so that days agree."""
    basins = basins_of(waters)
    if not basins:
        return np.zeros((len(weather.dates) * 144, 0))
    # Three days in a row for every day: only the third is kept.
    rain = np.concatenate([weather.plain[:-2], weather.plain[1:-1], weather.plain[2:]], axis=1)
    out = levels(rain, 10.0, tuple(basins))[:, 288:, :]
    for course in weather.courses:
        for n, when in enumerate(weather.dates):
            if "rain_mm" in course.minutes and course.touches(when):
                for i, basin in enumerate(basins):
                    by_minute = course.of_day(f"level_m:{basin.key}", when)
                    out[n, :, i] = np.maximum(out[n, :, i], by_minute[9::10])
    rest, own_rest, share = _stand(weather.seed, waters)
    told: Array = own_rest + share * (out.reshape(-1, len(basins)) - rest)
    return told


def _stand(seed: int, waters: Sequence[Row]) -> tuple[Array, Array, Array]:
    """How each level sensor stands in its basin: the basin's dry level, its own, its share.

    Sensors that share a basin stand at different depths of it; the first by code shows it whole.
    """
    basins = basins_of(waters)
    firsts: dict[str, str] = {}
    for key, code in sorted((b.key, s["code"]) for b, s in zip(basins, waters, strict=True)):
        firsts.setdefault(key, code)
    stands = []
    for sensor, basin in zip(waters, basins, strict=True):
        rng = rng_for(seed, "stand", sensor["code"])
        rest, share = rng.uniform(0.5, 1.1) * basin.rest, rng.uniform(0.6, 0.95)
        if firsts[basin.key] == sensor["code"]:
            rest, share = basin.rest, 1.0
        stands.append((basin.rest, rest, share))
    columns = np.array(stands).T
    return columns[0], columns[1], columns[2]


def _bin(seed: int, sensor: Row, dates: Sequence[date]) -> Array:
    """A bin fills with the day's habit and is emptied in the morning, now and then not at all."""
    code = sensor["code"]
    greed = rng_for(seed, "bin", code).uniform(0.55, 1.25)
    days = [dates[0] - i * _DAY for i in range(_BACK, 0, -1)] + list(dates)
    grown, emptied = [], []
    for n, d in enumerate(days):
        rng = generator(seed, "bin", code, d.isoformat())
        busy = greed * (1.25 if kind_of(d) != "workday" else 1.0)
        each = np.repeat(_HABIT / _HABIT.sum() / 6, 6) * 78.0 * busy * rng.gamma(2.0, 0.5, 144)
        # Whole hundredths of a percent: sums of them do not depend on where one began.
        grown.append(np.round(each * 100).astype(np.int64))
        morning, evening = rng.random(2)
        if morning < 0.93:
            emptied.append(n * 144 + int(rng.integers(32, 46)))
        if greed > 1.0 and evening < 0.7:
            emptied.append(n * 144 + int(rng.integers(96, 108)))
    line = np.cumsum(np.concatenate(grown))
    at = np.arange(len(line))
    # Before the first emptying that we know of, the day's start of the look-back stands in.
    marks = np.array([0, *emptied])
    last = marks[np.searchsorted(marks, at, side="right") - 1]
    filled = (line - line[last]) / 100.0
    # What no longer fits in stands beside it; the sensor under the lid sees little of that.
    shown = np.where(filled > 96.0, 96.0 + np.minimum(4.0, (filled - 96.0) / 12.0), filled)
    told: Array = np.clip(shown[_BACK * 144 :] + _ripple(seed, sensor, dates, 0.8), 0.0, 100.0)
    return told


def _smoke(
    seed: int, sensor: Row, nearest: Row, dates: Sequence[date], courses: Sequence[Course]
) -> Array:
    """Clean air, short whiffs of somebody's incense or exhaust, and the course's smoke."""
    out = []
    for d in dates:
        rng = generator(seed, "smoke", sensor["code"], d.isoformat())
        values = CLEAN_PPM + 0.8 * rng.standard_normal(144)
        if rng.random() < 0.12:
            first = int(rng.integers(36, 130))
            values[first : first + int(rng.integers(1, 4))] += 6.0 + 22.0 * rng.random()
        for course in courses:
            if "strength" in course.minutes and course.touches(d):
                metres, off = _seen_from(sensor, nearest, course)
                ppm = ppm_downwind(
                    course.of_day("strength", d), course.minutes["wind_ms"], metres, off
                )
                values += ppm[9::10] - CLEAN_PPM
        out.append(values)
    return np.concatenate(out)


def fire_spot(nearest: Row, course: Course) -> tuple[float, float]:
    """Where a smoke course burns, lon and lat: upwind of the street's first smoke sensor."""
    blows = np.radians(course.facts["wind_from_deg"] + 180.0)
    east, north = _metres_a_degree(nearest)
    lon = float(nearest["lon"]) - _FIRE_M * float(np.sin(blows)) / east
    lat = float(nearest["lat"]) - _FIRE_M * float(np.cos(blows)) / north
    return round(lon, 6), round(lat, 6)


def _metres_a_degree(sensor: Row) -> tuple[float, float]:
    north = 111_000.0
    return north * float(np.cos(np.radians(float(sensor["lat"])))), north


def _seen_from(sensor: Row, nearest: Row, course: Course) -> tuple[float, float]:
    """Distance from the fire in metres, and degrees off the line of the wind."""
    lon, lat = fire_spot(nearest, course)
    east, north = _metres_a_degree(nearest)
    x, y = (float(sensor["lon"]) - lon) * east, (float(sensor["lat"]) - lat) * north
    off = np.degrees(np.arctan2(x, y)) - (course.facts["wind_from_deg"] + 180.0)
    return float(np.hypot(x, y)), float(abs((off + 180.0) % 360.0 - 180.0))


def _air(seed: int, sensor: Row, weather: _Weather) -> Array:
    """The town's fine dust, each device with its own bias, street corners a little worse."""
    own = rng_for(seed, "air", sensor["code"]).uniform(0.86, 1.16)
    dust = _dust(seed, weather)
    told: Array = dust * own * (1.0 + _ripple(seed, sensor, weather.dates, 0.05))
    return told


def _dust(seed: int, weather: _Weather) -> Array:
    """Dust by ten minutes; the hours beside the period are asked for, so that its edges agree."""
    before = day(seed, weather.dates[0] - _DAY, weather.courses).pm25[-1:]
    after = day(seed, weather.dates[-1] + _DAY, weather.courses).pm25[:1]
    line = np.concatenate([before, *(d.pm25 for d in weather.days), after])
    at = (np.arange(len(weather.dates) * 144) + 0.5) / 6.0 + 0.5
    drawn: Array = np.interp(at, np.arange(len(line)), line)
    return drawn


def _apply(
    faults: Faults,
    sensors: Sequence[Row],
    seed: int,
    told: Array,
    offset: int,
    courses: Sequence[Course],
) -> None:
    """Lay drift and stuck value over what the sensors would have said."""
    codes = [s["code"] for s in sensors]
    slots = offset + np.arange(len(told))
    for drift in faults.drifts:
        if drift.sensor in codes:
            since = (slots - slot_at(drift.since)) / 144.0
            told[:, codes.index(drift.sensor)] += np.maximum(0.0, since) * drift.per_day
    for stuck in faults.stuck:
        if stuck.sensor not in codes:
            continue
        i = codes.index(stuck.sensor)
        first, last = slot_at(stuck.since), slot_at(stuck.until)
        held = (slots >= first) & (slots < last)
        if held.any():
            # The value it stopped at may lie before the period that is asked for.
            past = readings(sensors, seed, stuck.since - _DAY, stuck.since + STEP, courses)
            told[held, i] = past.values[~past.missing[:, i], i][-1]


def write_readings_csv(
    path: Path,
    sensors: Sequence[Row],
    seed: int,
    start: datetime,
    end: datetime,
    courses: Sequence[Course] = (),
    faults: Faults | None = None,
    fine_days: int = 30,
) -> int:
    """Write readings in order of time; returns how many rows there are.

    The last `fine_days` days are written every ten minutes, everything before once an hour (at
    the full hour, as it stood; rain is the hour's sum). Readings that never arrived have no row.
    """
    told = readings(sensors, seed, start, end, courses, faults)
    switch = (end - timedelta(days=fine_days)).astimezone(ZONE).replace(minute=0, second=0)
    turn = np.datetime64(switch.replace(tzinfo=None, microsecond=0), "s")
    full = told.times.astype("datetime64[h]") == told.times
    fine = told.times > turn
    values = _summed(told)
    keep = np.flatnonzero(fine | full)
    decimals = [KINDS[k][1] for k in told.kinds]
    count = 0
    with path.open("w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(COLUMNS)
        stamps = np.datetime_as_string(told.times[keep], unit="s")
        for n, stamp in zip(keep.tolist(), stamps.tolist(), strict=True):
            source = told.values if fine[n] else values
            at = stamp.replace("T", " ")
            line = [
                (code, at, f"{v:.{places}f}")
                for code, v, places in zip(told.sensors, source[n].tolist(), decimals, strict=True)
                if v == v  # noqa: PLR0124  (not a gap)
            ]
            writer.writerows(line)
            count += len(line)
    return count


def _summed(told: Readings) -> Array:
    """Values for the hourly part: rain summed over the hour behind, all else as it stands."""
    values = told.values.copy()
    for i, kind in enumerate(told.kinds):
        if kind == "rain":
            line = np.concatenate([np.zeros(6), np.nan_to_num(told.values[:, i])])
            total = np.cumsum(line)
            hour = total[6:] - total[:-6]
            values[:, i] = np.where(told.missing[:, i], np.nan, np.round(hour, 1))
    return values
