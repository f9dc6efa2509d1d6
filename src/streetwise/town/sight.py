"""What stands in the way: whether a point is free of houses, and how far one sees from it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import LineString, Point

from .geometry import XY, Geom

CLEAR = 0.3  # metres that a line of sight keeps from a wall


class Sight:
    """An index of the houses; points in metres, angles in radians from the east."""

    def __init__(self, houses: Sequence[Geom]) -> None:
        self._houses = np.array(list(houses))
        self._tree = shapely.STRtree(self._houses)

    def free(self, at: XY, margin: float = 0.4) -> bool:
        """Whether nothing is built within the margin."""
        return not len(self._tree.query(Point(at), predicate="dwithin", distance=margin))

    def reach(self, at: XY, angle: float, most: float) -> float:
        """Metres that one sees in a direction until the first wall, at most `most`."""
        end = (at[0] + most * math.cos(angle), at[1] + most * math.sin(angle))
        ray = LineString([at, end])
        hits = self._tree.query(ray, predicate="dwithin", distance=CLEAR)
        if not len(hits):
            return most
        seen = shapely.intersection(shapely.buffer(self._houses[np.sort(hits)], CLEAR), ray)
        return float(shapely.distance(seen, Point(at)).min())
