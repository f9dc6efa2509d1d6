"""The cloudburst: about 95 mm in 100 minutes, and what water does to a street in one day.

The first quarter of an hour is dry (an alert goes ahead of it), the core rain lasts some 100
minutes, the underpass fills later than it rains and takes hours to fall, and next morning people
find mud.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .almanac import ZONE
from .basins import BASINS, levels
from .chance import Array
from .courses import (
    COLOURS,
    Colour,
    Course,
    PlannedAlert,
    PlannedReport,
    bump,
    crossings_of,
    in_order,
    rounded,
    scatter,
)
from .geometry import rng_for

LENGTH = 1440  # minutes: until the streets are cleaned
UNDERPASS_CM = (15, 27, 40)  # water stands; cars stall; nobody may pass
LOW_POINT_CM = (15, 27)
#: Rain alerts by colour: mm in 1, 6 and 24 hours.
RAIN_MM = {1: (30.0, 50.0, 70.0, 100.0), 6: (50.0, 70.0, 100.0, 150.0),
           24: (70.0, 100.0, 150.0, 200.0)}  # fmt: skip


def cloudburst(seed: int, start: datetime) -> Course:
    """A cloudburst whose first minute is `start` (with a time zone)."""
    start = start.replace(second=0, microsecond=0)
    rng = rng_for(seed, "cloudburst", start.astimezone(ZONE).isoformat())
    rain, began, ended = _rain(rng)
    level = levels(rain, 1.0)
    series = {"rain_mm": rounded(rain, 3), "gust_ms": rounded(_gust(rng, rain), 1)}
    for i, basin in enumerate(BASINS):
        series[f"level_m:{basin.key}"] = rounded(level[:, i], 3)
    crossings = [
        c
        for basin in BASINS[:-1]
        for c in crossings_of(
            f"level_m:{basin.key}",
            series[f"level_m:{basin.key}"],
            [cm / 100 for cm in (UNDERPASS_CM if basin.key == "underpass" else LOW_POINT_CM)],
        )
    ]
    hour = _most(rain, 60)
    return Course(
        name="cloudburst",
        start=start,
        minutes=series,
        reports=in_order(_reports(rng, start, series)),
        alerts=_alerts(rng, rain, began, ended, hour),
        crossings=tuple(sorted(crossings, key=lambda c: (c.minute, c.series, c.threshold))),
        moments=(),
        facts={
            "rain_began_minute": began,
            "rain_ended_minute": ended,
            "rain_mm": round(float(rain.sum()), 1),
            "rain_mm_in_100_min": round(_most(rain, 100), 1),
            "rain_mm_in_60_min": round(hour, 1),
            "peak_mm_per_min": round(float(rain.max()), 2),
            "rain_peak_minute": int(rain.argmax()),
            "underpass_peak_m": round(float(series["level_m:underpass"].max()), 2),
            "underpass_peak_minute": int(series["level_m:underpass"].argmax()),
        },
    )


def _most(rain: Array, minutes: int) -> float:
    """The most that fell in any so many minutes."""
    line = np.concatenate([[0.0], np.cumsum(rain)])
    return float((line[minutes:] - line[:-minutes]).max())


def _rain(rng: random.Random) -> tuple[Array, int, int]:
    """Millimetres by the minute, the first minute with rain and the one after the last."""
    began = rng.randint(10, 16)
    core = rng.randint(94, 106)
    peak, total = rng.uniform(2.45, 2.75), rng.uniform(90.0, 100.0)
    t = np.arange(core, dtype=np.float64)
    first, second = rng.uniform(0.28, 0.36) * core, rng.uniform(0.6, 0.7) * core
    shape = bump(core, first, 13.0, 20.0) + rng.uniform(0.5, 0.7) * bump(core, second, 12.0, 17.0)
    shape = shape * np.array([rng.uniform(0.88, 1.12) for _ in range(core)])
    shape = 0.03 + 0.97 * shape / shape.max()
    low, high = 0.2, 4.0  # the power that makes depth and peak agree, by halving
    for _ in range(50):
        power = (low + high) / 2
        if float((shape**power).sum()) * peak > total:
            low = power
        else:
            high = power
    rain = np.zeros(LENGTH)
    rain[began : began + core] = shape**low * peak * np.minimum(1.0, (t + 1) / 3.0)
    tail = rng.randint(35, 60)
    drizzle = np.linspace(0.09, 0.01, tail)
    rain[began + core : began + core + tail] = drizzle
    return rain, began, began + core + tail


def _gust(rng: random.Random, rain: Array) -> Array:
    """The outflow of cold air comes with the first heavy rain and is the worst of the wind."""
    peak = int(rain.argmax())
    gust = 4.0 + rng.uniform(16.0, 19.0) * bump(LENGTH, peak - 9.0, 7.0, 22.0) + 1.2 * rain
    wobble = np.array([rng.uniform(0.9, 1.1) for _ in range(LENGTH)])
    squall: Array = gust * wobble
    return squall


def _alerts(
    rng: random.Random, rain: Array, began: int, ended: int, hour: float
) -> tuple[PlannedAlert, ...]:
    """Yellow before the first drop, orange and red as the rain runs ahead of the forecast."""
    fallen = np.cumsum(rain)
    yellow = max(1, began - rng.randint(5, 9))
    orange = int(np.searchsorted(fallen, rng.uniform(17.0, 24.0)))
    red = int(np.searchsorted(fallen, rng.uniform(44.0, 54.0)))
    over = ended + rng.randint(35, 60)
    steps: tuple[tuple[Colour, int, int], ...] = (
        ("yellow", yellow, orange),
        ("orange", orange, red),
        ("red", red, over),
    )
    limits: dict[Colour, float] = dict(zip(COLOURS, RAIN_MM[1], strict=True))
    return tuple(
        PlannedAlert(issued, gone, "rain", colour, reached=hour >= limits[colour])
        for colour, issued, gone in steps
    )  # fmt: skip


def _reports(rng: random.Random, start: datetime, series: dict[str, Array]) -> list[PlannedReport]:
    rain, gust = series["rain_mm"], series["gust_ms"]
    under = series["level_m:underpass"]
    low = np.maximum.reduce([v for k, v in series.items() if k.startswith("level_m:low_point")])
    fallen = np.cumsum(rain)
    t = np.arange(LENGTH)
    # People tell of what rises; of water that has stood for an hour everybody has told already.
    peak = int(under.argmax())
    fresh = np.exp(-np.maximum(0, t - peak) / 55.0)
    late = np.exp(-np.maximum(0, t - int(rain.argmax()) - 60) / 90.0)
    power = int(np.searchsorted(fallen, rng.uniform(48.0, 66.0)))
    hours = np.array([(start + timedelta(minutes=int(m))).astimezone(ZONE).hour for m in t])
    morning = ((hours >= 6) & (hours < 11) & (t > 300)).astype(np.float64)
    awake = np.where((hours >= 1) & (hours < 6), 0.3, 1.0)
    plan: tuple[tuple[str, str, float, NDArray[Any]], ...] = (
        ("underpass_flooded", "underpass", 15, np.clip(under - 0.12, 0, 0.2) * fresh),
        ("road_flooded", "low_point", 24, np.clip(low - 0.08, 0, 0.15) * fresh),
        ("car_stalled", "underpass", 4, (under > 0.27) * fresh),
        ("car_stalled", "low_point", 4, (low > 0.25) * fresh),
        ("basement_water", "compound", 18, np.maximum(0, fallen - 40.0) * late * awake),
        ("roof_leaks", "compound", 10, np.maximum(0, fallen - 22.0) * late * awake),
        ("manhole_lifted", "road", 5, np.maximum(0, rain - 1.4)),
        ("tree_fallen", "road", 9, np.maximum(0, gust - 13.0) ** 2),
        ("power_cut", "compound", 14, bump(LENGTH, power + 9, 7, 26) * (t >= power)),
        ("mud_left", "road", 8, morning),
    )
    return [r for kind, where, n, w in plan for r in scatter(rng, kind, where, n, w)]
