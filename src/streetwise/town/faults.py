"""What a sensor does to the world it measures: its own offset, gaps, a drift, a stuck value.

Drift and stuck value are planted: one sensor of the street creeps away day by day, one says the
same for days. They stand in the truth; gaps are everybody's everyday life and stand nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from .almanac import ZONE
from .chance import generator
from .geometry import rng_for

Row = Mapping[str, str]

#: Kind of sensor: unit, decimals of a reading.
KINDS: dict[str, tuple[str, int]] = {
    "rain": ("mm", 1),
    "water_level": ("m", 3),
    "bin_level": ("%", 0),
    "smoke": ("ppm", 1),
    "air": ("µg/m³", 0),
}
# What the codes of the gazetteer's places begin with.
_TUNNEL = "UP-"
_OPEN_WATER = ("BR-", "WL-")
_UNIX = datetime(1970, 1, 1)  # noqa: DTZ001  (local days are counted, no moment is meant)


@dataclass(frozen=True, slots=True)
class Drift:
    """From a moment on the sensor reads more than it should, so much more every day."""

    sensor: str
    kind: str
    since: datetime
    per_day: float  # in the sensor's unit


@dataclass(frozen=True, slots=True)
class Stuck:
    """Between two moments the sensor repeats the value it had at the first."""

    sensor: str
    kind: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Faults:
    """What is planted among the sensors."""

    drifts: tuple[Drift, ...] = ()
    stuck: tuple[Stuck, ...] = ()


def is_tunnel(sensor: Row) -> bool:
    """Whether a level sensor hangs in the underpass."""
    return sensor["place"].startswith(_TUNNEL)


def is_river(sensor: Row) -> bool:
    """Whether a level sensor stands in open water (bridge, bank, wetland), which is never dry."""
    return sensor["place"].startswith(_OPEN_WATER)


def plant_faults(sensors: Sequence[Row], seed: int, start: date, end: date) -> Faults:
    """One drifting and one stuck sensor within a period; fewer if the street has no such sensor.

    The drift begins a third to a half before the end and is never mended. It is a level sensor
    at a low point, where the true level is nought on most days.
    """
    rng = rng_for(seed, "sensor faults")
    span = max(1, (end - start).days)
    dry = [s for s in sensors if s["kind"] == "water_level"]
    dry = [s for s in dry if not is_tunnel(s) and not is_river(s)] or dry
    air = [s for s in sensors if s["kind"] == "air"] or [
        s for s in sensors if s["kind"] == "bin_level"
    ]
    drifts, stuck = [], []
    if dry:
        one = rng.choice(sorted(dry, key=lambda s: s["code"]))
        back = min(round(span * rng.uniform(0.33, 0.5)), rng.randint(110, 170))
        at = datetime.combine(end - timedelta(days=max(1, back)), time(rng.randrange(24)), ZONE)
        drifts.append(Drift(one["code"], one["kind"], at, round(rng.uniform(0.0009, 0.0016), 5)))
    if air:
        one = rng.choice(sorted(air, key=lambda s: s["code"]))
        days = min(max(1, span // 4), rng.randint(7, 12))
        first = start + timedelta(days=int(rng.uniform(0.2, 0.7) * span))
        at = datetime.combine(first, time(rng.randrange(24)), ZONE)
        stuck.append(Stuck(one["code"], one["kind"], at, at + timedelta(days=days)))
    return Faults(tuple(drifts), tuple(stuck))


def slot_of(when: date) -> int:
    """The number of a day's first ten minutes, counted from 1970 in local time."""
    return (datetime.combine(when, time()) - _UNIX).days * 144


def slot_at(moment: datetime) -> int:
    """The number of the ten minutes in which a moment lies."""
    local = moment.astimezone(ZONE).replace(tzinfo=None)
    return int((local - _UNIX) // timedelta(minutes=10))


def gaps(seed: int, code: str, when: date) -> NDArray[np.bool_]:
    """Which of a day's 144 readings never arrived: single ones, and outages of some hours."""
    lost = generator(seed, "gaps", code, when.isoformat()).random(144) < 0.0025
    for back in (0, 1):
        rng = rng_for(seed, "outage", code, (when - timedelta(days=back)).isoformat())
        if rng.random() < 0.018:
            first = rng.randrange(144) - back * 144
            lost[max(0, first) : max(0, first + rng.randint(3, 140))] = True
    return lost
