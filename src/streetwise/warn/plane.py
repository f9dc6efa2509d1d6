"""Metres in a plane over a street, from WGS-84 and back. Pure.

Over some kilometres the ground is flat enough: at 40° north the error is below 0.1 % within 20 km.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians

import numpy as np

from streetwise.warn.values import Floats

#: Of a sphere with the earth's mean radius, 6,371,008.8 m.
METRES_A_DEGREE = 111_195.08


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane whose point (0, 0) is ``lon``, ``lat``; x to the east, y to the north."""

    lon: float
    lat: float

    def to_metres(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """x and y; NaN stays NaN."""
        across = METRES_A_DEGREE * cos(radians(self.lat))
        return (lon - self.lon) * across, (lat - self.lat) * METRES_A_DEGREE

    def to_degrees(self, x: float, y: float) -> tuple[float, float]:
        """Longitude and latitude."""
        across = METRES_A_DEGREE * cos(radians(self.lat))
        return self.lon + x / across, self.lat + y / METRES_A_DEGREE


def circle(x: Floats, y: Floats, reach: Floats) -> tuple[float, float, float]:
    """(x, y, radius) around areas with these middles and reaches (metres, shape (n,), n > 0).

    Not the smallest circle, but one that holds all of them: from the middle of their box.
    """
    middle_x = float((x.min() + x.max()) / 2)
    middle_y = float((y.min() + y.max()) / 2)
    radius = float((np.hypot(x - middle_x, y - middle_y) + reach).max())
    return middle_x, middle_y, radius
