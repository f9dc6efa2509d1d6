"""The light of a moment: where the sun stands, rain and cloud, lamps, the camera's own noise.

A ``Light`` is coarse on purpose: two moments with an equal one look alike, and share their
backdrops and clips.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from streetwise.town import weather
from streetwise.town.almanac import ZONE
from streetwise.town.courses import Course

from .solids import Tint

LATITUDE = 39.9
_STEP = 6  # degrees of the sun's height that make a light of their own
_DARK = -6  # below, the lamps are on and it is night
#: How much of the traffic of a working day's noon is there, by the hour.
_BUSY = (0, 0, 0, 0, 0, 1, 2, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 2, 2, 1, 1, 0)


@dataclass(frozen=True, slots=True)
class Light:
    """``sun``: its height in degrees, in steps; ``rain``: 0 none, 1, 2 heavy; ``cloud``: 0 to 2.

    ``busy``: 0 (hardly anybody) to 3 (the rush), of the hour and not of the light, but it too
    decides what is to be seen.
    """

    season: str
    sun: int
    rain: int
    cloud: int
    busy: int

    @property
    def lamps(self) -> bool:
        """Whether street lamps and head lamps burn."""
        return self.sun <= 0 or self.rain == 2

    @property
    def night(self) -> bool:
        return self.sun <= _DARK

    @property
    def ambient(self) -> Tint:
        """What the sky gives everywhere; 1 is the full brightness of a colour."""
        if self.night:
            return 0.17, 0.18, 0.23
        if self.sun <= 0:
            return 0.3, 0.31, 0.4
        day = min(1.0, 0.45 + self.sun / 50)
        grey = 1 - 0.14 * self.rain
        return 0.56 * day * grey, 0.6 * day * grey, 0.66 * day * grey

    @property
    def direct(self) -> Tint:
        """What the sun adds where it shines."""
        if self.sun <= 0:
            return 0.0, 0.0, 0.0
        power = (0.56, 0.34, 0.2)[self.cloud] * min(1.0, 0.55 + self.sun / 45)
        warm = max(0.0, 1 - self.sun / 24)
        return power, power * (1 - 0.24 * warm), power * (0.9 - 0.46 * warm)

    @property
    def lamp(self) -> Tint:
        """What a street lamp adds below itself."""
        return (0.86, 0.68, 0.42) if self.lamps else (0.0, 0.0, 0.0)

    @property
    def sky(self) -> tuple[Tint, Tint]:
        """Its colour high up and at the horizon, 0 to 255."""
        if self.night:
            return (16, 18, 30), (58, 48, 44)
        if self.sun <= 0:
            return (58, 70, 108), (196, 130, 96)
        if self.rain or self.cloud == 2:
            return (138, 146, 154), (178, 182, 184)
        low = (232, 196, 156) if self.sun < 14 else (206, 218, 228)
        return ((96, 146, 206), low) if self.cloud == 0 else ((146, 172, 200), low)

    @property
    def shadow(self) -> float:
        """Share of the sun that a shadow takes away."""
        return (0.9, 0.5, 0.0)[self.cloud] if self.sun > 0 else 0.0

    @property
    def grain(self) -> int:
        """Strongest noise of the sensor, of 255."""
        return 11 if self.night else 6 if self.sun <= 0 else 2

    def tint(self, pool: float) -> Tint:
        """How bright a thing on the ground is where ``pool`` (0 to 1) of a lamp's light falls."""
        a, d, p = self.ambient, self.direct, self.lamp
        return tuple(a[k] + 0.94 * d[k] + pool * p[k] for k in range(3))  # type: ignore[return-value]


def sun_height(at: datetime) -> float:
    """Height of the sun above the horizon in degrees, to about half a degree."""
    here = at.astimezone(ZONE)
    turn = math.tau * (here.timetuple().tm_yday + 10) / 365.25
    tilt = math.radians(-23.44 * math.cos(turn))
    hour = here.hour + here.minute / 60 + here.second / 3600 - 0.25
    angle = math.radians(15 * (hour - 12))
    wide = math.radians(LATITUDE)
    up = math.sin(wide) * math.sin(tilt) + math.cos(wide) * math.cos(tilt) * math.cos(angle)
    return math.degrees(math.asin(up))


def season_of(at: datetime) -> str:
    """By how trees look: spring, summer, autumn, winter."""
    month = at.astimezone(ZONE).month
    if month in (4, 5):
        return "spring"
    if 6 <= month <= 9:
        return "summer"
    return "autumn" if month in (10, 11) else "winter"


def light_at(seed: int, at: datetime, courses: Sequence[Course] = ()) -> Light:
    """The light of a moment in the town of this seed, by its own weather."""
    here = at.astimezone(ZONE)
    day = weather.day(seed, here.date(), courses)
    falls = 6 * float(day.rain10[here.hour * 6 + here.minute // 10])
    rain = 0 if falls < 0.3 or bool(day.snowing[here.hour]) else 1 if falls < 8 else 2
    damp = float(day.humidity[here.hour])
    cloud = 2 if rain else 1 if damp > 62 or float(day.visibility[here.hour]) < 6 else 0
    height = sun_height(at)
    step = _DARK - 6 if height < _DARK else min(42, _STEP * math.floor(height / _STEP))
    return Light(season_of(at), step, rain, cloud, _BUSY[here.hour])
