"""The weather of days: what of it may move reports, and what of it an officer should see. Pure.

Units: rain in mm a day, temperatures in °C, gusts in m/s; NaN (or None) is "not measured", which is
never nought. Degrees of rain: GB/T 28592-2012 (mm in 24 hours). Heat: the weather service's 高温,
35 °C and more. Gusts: Beaufort's scale as GB/T 28591-2012 has it. From which frost on an officer is
told is ours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

import numpy as np

from streetwise.warn.values import Floats

#: What is known of a day, in this order.
MEASURED = ("rain_mm", "max_c", "min_c", "gust_ms")
RAIN, WARMEST, COLDEST, GUST = range(4)
#: What the expectation is given of it, in this order.
EFFECTS = ("rain", "heat", "frost", "gust")
#: Warmth, frost and wind below these move nobody to report anything.
WARM_C, FROST_C, WINDY_MS = 28.0, 0.0, 8.0
#: Columns measured on a smaller share of a history's days are not used: a station that measured
#: now and then says more of itself than of the weather.
LEAST_SHARE = 0.8

Kind = Literal["rain", "heat", "frost", "gust"]
#: What it is called: 大雨, 暴雨, 大暴雨, 特大暴雨; 高温; 严寒; 大风. The screen has the words.
Degree = Literal["heavy", "storm", "severe", "extreme", "hot", "hard", "gale"]
Degrees = tuple[tuple[float, Degree], ...]
#: From which amount a day's rain (mm) is called what; below it is not worth telling.
RAINS: Degrees = ((25.0, "heavy"), (50.0, "storm"), (100.0, "severe"), (250.0, "extreme"))
HEATS: Degrees = ((35.0, "hot"),)
FROSTS: Degrees = ((10.0, "hard"),)
GUSTS: Degrees = ((17.2, "gale"),)


class Measured(Protocol):
    """What was measured on a day; None where it was not."""

    @property
    def day(self) -> date:
        """The local day."""

    @property
    def rain_mm(self) -> float | None:
        """All that fell."""

    @property
    def max_c(self) -> float | None:
        """The warmest it was."""

    @property
    def min_c(self) -> float | None:
        """The coldest it was."""

    @property
    def gust_ms(self) -> float | None:
        """The strongest gust."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Weather worth telling of: the day, what kind, what it is called, and how much (mm, °C, °C,
    m/s).
    """

    day: date
    kind: Kind
    degree: Degree
    value: float


def effects(measured: Floats) -> Floats:
    """(T, 4) of what may move reports (``EFFECTS``), from (T, 4) measured; NaN stays NaN.

    Rain as ln(1 + mm): the first millimetres change most, and a cloudburst is not taken for
    thirty showers. Of temperatures the degrees above ``WARM_C`` and below ``FROST_C``, of gusts
    the m/s above ``WINDY_MS``: a mild day more or less is nothing to anybody.
    """
    found = np.empty_like(measured, dtype=np.float64)
    found[:, 0] = np.log1p(np.maximum(measured[:, RAIN], 0.0))
    found[:, 1] = np.maximum(measured[:, WARMEST] - WARM_C, 0.0)
    found[:, 2] = np.maximum(FROST_C - measured[:, COLDEST], 0.0)
    found[:, 3] = np.maximum(measured[:, GUST] - WINDY_MS, 0.0)
    return found


def used(found: Floats, history_days: int) -> tuple[Floats, tuple[str, ...]]:
    """Of (T, 4) effects the columns known on ``LEAST_SHARE`` of the first ``history_days`` days,
    and their names.
    """
    known = np.isfinite(found[:history_days])
    enough = known.mean(axis=0) >= LEAST_SHARE if history_days > 0 else np.zeros(4, dtype=np.bool_)
    names = tuple(name for name, one in zip(EFFECTS, enough.tolist(), strict=True) if one)
    return np.ascontiguousarray(found[:, enough]), names


def remarkable(days: Iterable[Measured]) -> tuple[Remark, ...]:
    """What an officer should see of these days' weather: of each kind the worst day, if it was bad
    enough to be called something; rain first. That it was so is no proof that it was why.
    """
    some = list(days)
    kinds: Sequence[tuple[Kind, str, float, Degrees]] = (
        ("rain", "rain_mm", 1.0, RAINS),
        ("gust", "gust_ms", 1.0, GUSTS),
        ("heat", "max_c", 1.0, HEATS),
        ("frost", "min_c", -1.0, FROSTS),
    )
    found = []
    for kind, name, sign, degrees in kinds:
        known = [
            (sign * value, one.day) for one in some if (value := getattr(one, name)) is not None
        ]
        if not known:
            continue
        worst, day = max(known, key=lambda each: (each[0], each[1].toordinal()))
        named = bisect_right([least for least, _ in degrees], worst)
        if named:
            found.append(Remark(day, kind, degrees[named - 1][1], sign * worst))
    return tuple(found)
