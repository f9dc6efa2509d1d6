"""Metres in a plane over a street or a city, from WGS-84 and back. Pure.

Equirectangular: distances are wrong by the change of the cosine of the latitude, at 40 degrees by
0.013 % for each kilometre north or south of the middle; 0.3 % at the rim of a city 50 km high, and
nothing that matters in a street.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians
from typing import TypeVar

import numpy as np

from streetwise.kernel.geo import EARTH_RADIUS_M
from streetwise.warn.values import Floats

METRES_A_DEGREE = radians(1.0) * EARTH_RADIUS_M

Numbers = TypeVar("Numbers", float, Floats)


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane whose point (0, 0) is ``lon``, ``lat``; x to the east, y to the north, in metres."""

    lon: float
    lat: float

    @classmethod
    def around(cls, lon: Floats, lat: Floats) -> Plane:
        """A plane around the median of the points that have both coordinates; around 0 for none."""
        known = np.isfinite(lon) & np.isfinite(lat)
        if not known.any():
            return cls(0.0, 0.0)
        return cls(float(np.median(lon[known])), float(np.median(lat[known])))

    @property
    def _across(self) -> float:
        return METRES_A_DEGREE * cos(radians(self.lat))

    def metres(self, lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
        """x and y of degrees; NaN stays NaN."""
        return (lon - self.lon) * self._across, (lat - self.lat) * METRES_A_DEGREE

    def degrees(self, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        """Longitude and latitude of metres; NaN stays NaN."""
        return x / self._across + self.lon, y / METRES_A_DEGREE + self.lat


def circle(x: Floats, y: Floats, reach: Floats) -> tuple[float, float, float]:
    """(x, y, radius) around areas with these middles and reaches (metres, shape (n,), n > 0).

    Not the smallest circle, but one that holds all of them: from the middle of their box.
    """
    middle_x = float((x.min() + x.max()) / 2)
    middle_y = float((y.min() + y.max()) / 2)
    radius = float((np.hypot(x - middle_x, y - middle_y) + reach).max())
    return middle_x, middle_y, radius
