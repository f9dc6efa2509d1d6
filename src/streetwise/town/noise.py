"""Noise that builds up: one building site that works later and louder from one evening to the next.

The first evening one neighbour speaks up; after a week of evenings most of a house does. Nothing
of it is loud enough for one report alone to say what is coming.
"""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta

import numpy as np

from .almanac import ZONE
from .chance import Array
from .courses import Course, bump, in_order, rounded, scatter
from .geometry import rng_for

DAYS = 7
LENGTH = DAYS * 1440  # minutes
#: About so many voices in all, nearly half of them on the last two evenings.
VOICES = 34.0
_MORNING_AFTER = 0.25  # those who write next morning, to one who calls at once


def noise(seed: int, start: datetime) -> Course:
    """A noise that builds up over a week of evenings; its first minute is `start` (with a zone)."""
    start = start.replace(second=0, microsecond=0)
    rng = rng_for(seed, "noise", start.astimezone(ZONE).isoformat())
    growth = rng.uniform(1.25, 1.4)
    strength = _strength(rng, start, growth)
    told = strength + _MORNING_AFTER * _mornings(start, strength)
    return Course(
        name="noise",
        start=start,
        minutes={"strength": rounded(strength / strength.max(), 3)},
        reports=in_order(scatter(rng, "noise_at_night", "one_site", VOICES, told)),
        alerts=(),
        crossings=(),
        moments=(),
        facts={"days": DAYS, "growth_a_day": round(growth, 2)},
    )


def _minute(start: datetime, day: int, at: time) -> float:
    """A moment of a day of the course, in minutes from its start."""
    date = start.astimezone(ZONE).date() + timedelta(days=day)
    return (datetime.combine(date, at, ZONE) - start) / timedelta(minutes=1)


def _strength(rng: random.Random, start: datetime, growth: float) -> Array:
    """Evenings from about nine, each louder and longer; a course that begins at night has its
    first evening at once.
    """
    out = np.zeros(LENGTH)
    for day in range(DAYS + 1):
        middle = _minute(start, day, time(22)) + rng.uniform(-20.0, 20.0)
        late = 50.0 + 8.0 * day
        out += growth**day * rng.uniform(0.85, 1.15) * bump(LENGTH, middle, 45.0, late)
    return out


def _mornings(start: datetime, strength: Array) -> Array:
    """Who could not sleep writes between seven and nine."""
    out = np.zeros(LENGTH)
    for day in range(1, DAYS + 1):
        middle = _minute(start, day, time(8))
        before = strength[max(0, int(middle) - 720) : max(0, int(middle))]
        if len(before):
            out += float(before.max()) * bump(LENGTH, middle, 35.0, 45.0)
    return out
