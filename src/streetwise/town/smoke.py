"""Smoke at the forest's edge: a small fire on a dry windy afternoon, seen, told of, put out.

A device smells it first, a ranger sees it, then people in the towers do. The fire is held after
about an hour and out before evening.
"""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta

import numpy as np

from .almanac import ZONE
from .chance import Array
from .courses import (
    Course,
    Moment,
    PlannedAlert,
    PlannedReport,
    bump,
    crossings_of,
    in_order,
    rounded,
    scatter,
)
from .geometry import rng_for

LENGTH = 360  # minutes
DISTANCES = (150, 400, 900)  # metres downwind for which the course writes a series
OVER_PPM = 60.0  # where a detector of the forest calls
CLEAN_PPM = 4.0
_SOURCE_PPM = 900.0  # beside the fire at its largest
_FADE_M = 260.0  # metres over which the smoke thins to a third


def smoke(seed: int, start: datetime) -> Course:
    """A forest smoke whose first minute, the first flame, is `start` (with a time zone)."""
    start = start.replace(second=0, microsecond=0)
    rng = rng_for(seed, "smoke", start.astimezone(ZONE).isoformat())
    held, out = rng.randint(48, 66), rng.randint(150, 200)
    strength = _strength(rng, held, out)
    wind = _wind(rng)
    away = rng.uniform(280.0, 340.0)  # from the west and north-west, as dry winds come
    turning = np.cumsum([rng.gauss(0.0, 0.8) for _ in range(LENGTH)])
    series = {
        "strength": rounded(strength, 4),
        "wind_ms": rounded(wind, 1),
        "wind_from_deg": rounded((away + turning) % 360.0, 0),
    }
    for metres in DISTANCES:
        series[f"ppm:{metres}"] = rounded(ppm_downwind(strength, wind, metres), 1)
    near = series[f"ppm:{DISTANCES[0]}"]
    sensed = int(np.argmax(near >= OVER_PPM))
    ranger, resident = sensed + rng.randint(2, 5), sensed + rng.randint(6, 11)
    crossings = [
        c for m in DISTANCES for c in crossings_of(f"ppm:{m}", series[f"ppm:{m}"], [OVER_PPM])
    ]
    local = start.astimezone(ZONE)
    eve = (local - timedelta(days=1)).replace(hour=17, minute=0)
    until = local.replace(hour=20, minute=0)
    until = max(local + timedelta(minutes=LENGTH), until)
    return Course(
        name="smoke",
        start=start,
        minutes=series,
        reports=in_order(_reports(rng, series, resident)),
        alerts=(
            PlannedAlert(
                int((eve - local) // timedelta(minutes=1)),
                int((until - local) // timedelta(minutes=1)),
                "fire_danger",
                "orange",
                reached=True,
            ),
        ),
        crossings=tuple(sorted(crossings, key=lambda c: (c.minute, c.series))),
        moments=(
            Moment(0, "nobody", "first flame"),
            Moment(sensed, "sensor", "smoke over threshold"),
            Moment(ranger, "ranger", "smoke seen from the lookout"),
            Moment(resident, "resident", "smoke seen from a tower"),
            Moment(held, "firefighters", "fire held"),
            Moment(out, "firefighters", "fire out"),
        ),
        facts={
            "held_minute": held,
            "out_minute": out,
            "sensed_minute": sensed,
            "wind_from_deg": round(away),
            "wind_ms": round(float(wind.mean()), 1),
            "peak_ppm_150m": round(float(near.max()), 1),
        },
    )


def _strength(rng: random.Random, held: int, out: int) -> Array:
    t = np.arange(LENGTH, dtype=np.float64)
    rise = np.minimum(1.0, (t / rng.uniform(29.0, 36.0)) ** 1.6)
    fall = np.where(t < held, 1.0, 0.08 + 0.92 * np.exp(-np.maximum(0.0, t - held) / 22.0))
    end = np.clip((out - t) / 25.0, 0.0, 1.0)
    puff = np.array([rng.uniform(0.85, 1.0) for _ in range(LENGTH)])
    strength: Array = rise * fall * end * puff
    return strength


def _wind(rng: random.Random) -> Array:
    mean, level = rng.uniform(4.6, 6.4), 0.0
    out = []
    for _ in range(LENGTH):
        level = 0.9 * level + 0.1 * rng.gauss(0.0, 1.0)
        out.append(max(1.5, mean * (1.0 + 0.6 * level)))
    return np.array(out)


def ppm_downwind(strength: Array, wind: Array, metres: float, off_deg: float = 0.0) -> Array:
    """Smoke in ppm at a distance from the fire, so many degrees off the line of the wind.

    The smoke arrives as late as the wind takes and thins on the way and to the sides.
    """
    speed = max(1.0, float(wind.mean()))
    late = round(metres / speed / 60.0)
    moved = np.concatenate([np.zeros(late), strength])[: len(strength)]
    beside = 0.04 + 0.96 * math.exp(-((off_deg / 35.0) ** 2))
    ppm: Array = CLEAN_PPM + moved * _SOURCE_PPM * math.exp(-metres / _FADE_M) * beside
    return ppm


def _reports(rng: random.Random, series: dict[str, Array], resident: int) -> list[PlannedReport]:
    strength = series["strength"]
    t = np.arange(LENGTH)
    begun = (t >= resident).astype(np.float64)
    fresh = begun * np.exp(-np.maximum(0, t - resident) / 30.0)
    smell = np.concatenate([np.zeros(12), strength])[:LENGTH]
    plan: tuple[tuple[str, str, float, Array], ...] = (
        ("smoke_seen", "tower", 13, strength * fresh),
        ("smoke_seen", "road", 5, strength * fresh),
        ("burning_smell", "compound", 9, smell * (t >= resident + 6)),
        ("ash_falling", "compound", 3, smell * (t >= resident + 15)),
        ("is_it_safe", "compound", 4, bump(LENGTH, resident + 45, 25, 60) * begun),
    )
    return [r for kind, where, n, w in plan for r in scatter(rng, kind, where, n, w)]
