"""Which of many points may lie near a new one: cells of a grid, by how exactly each is known. Pure.

A point is known to so many metres. What is known exactly stands in small cells, what is known
roughly in larger ones, and what is known hardly at all (a long road) is looked at always.
"""

from __future__ import annotations

import math
from array import array

import numpy as np
from numpy.typing import NDArray

from streetwise.kernel.geo import EARTH_RADIUS_M
from streetwise.resolve.understand.rows import with_room

#: Points known to so many metres share a grid.
LEVELS_METRES = (30.0, 80.0, 250.0, math.inf)
#: How far the trouble of the widest kind reaches, and how many times the uncertainty of two points
#: and that reach two reports of one problem may lie apart: beyond, the place speaks against it so
#: clearly (``Weights.far``) that only the same words would outweigh it.
WIDEST_REACH_METRES = 120.0
TIMES_APART = 1.5
#: Of more than this in one neighbourhood the newest are looked at.
NEAR_MAX = 4_000
#: Cells around hold more than lies within reach; of so many the distance is looked at.
_CELLS_MAX = 4 * NEAR_MAX

_METRES_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M


def farthest(one_metres: float, other_metres: float) -> float:
    """Metres within which two reports of one problem lie."""
    return TIMES_APART * (math.hypot(one_metres, other_metres) + WIDEST_REACH_METRES)


#: Edges of the cells of each level, in metres: a neighbourhood is three by three, or four by four.
_EDGES = tuple(farthest(0.0, most) for most in LEVELS_METRES)


class Nearby:
    """Numbered points, in cells. Added in the order of time."""

    def __init__(self) -> None:
        self._levels: tuple[dict[tuple[int, int], array[int]], ...] = tuple(
            {} for _ in LEVELS_METRES
        )
        #: Metres east and north, and how exactly known, by number.
        self._points: NDArray[np.float64] = np.zeros((64, 3))
        #: Metres per degree of longitude where the first point lies: a street is small.
        self._east = 0.0

    def add(self, number: int, lon: float, lat: float, metres: float) -> None:
        """A further point; WGS-84."""
        if not self._east:
            self._east = _METRES_PER_DEGREE * math.cos(math.radians(lat))
        x, y = lon * self._east, lat * _METRES_PER_DEGREE
        self._points = with_room(self._points, number + 1)
        self._points[number] = x, y, metres
        level = next(at for at, most in enumerate(LEVELS_METRES) if metres <= most)
        edge = _EDGES[level]
        key = (math.floor(x / edge), math.floor(y / edge))
        self._levels[level].setdefault(key, array("q")).append(number)

    def around(self, lon: float, lat: float, metres: float) -> NDArray[np.int64]:
        """Numbers of what lies within :func:`farthest` of a point, the NEAR_MAX newest."""
        x, y = lon * self._east, lat * _METRES_PER_DEGREE
        parts = [
            np.frombuffer(numbers, np.int64)[-NEAR_MAX:]
            for level in range(len(LEVELS_METRES))
            for numbers in self._cells(level, x, y, metres)
        ]
        if not parts:
            return np.zeros(0, np.int64)
        found = np.concatenate(parts)
        if len(found) > _CELLS_MAX:
            found = np.partition(found, -_CELLS_MAX)[-_CELLS_MAX:]
        points = self._points.take(found, axis=0)
        apart = np.hypot(points[:, 0] - x, points[:, 1] - y)
        blur = np.hypot(points[:, 2], metres) + WIDEST_REACH_METRES
        found = found[apart <= TIMES_APART * blur]
        return found if len(found) <= NEAR_MAX else np.sort(found)[-NEAR_MAX:]

    def _cells(self, level: int, x: float, y: float, metres: float) -> list[array[int]]:
        """What stands in the cells of a level within reach."""
        cells, edge = self._levels[level], _EDGES[level]
        if math.isinf(edge):
            return list(cells.values())
        if not cells:
            return []
        reach = farthest(metres, LEVELS_METRES[level])
        south, north = math.floor((y - reach) / edge), math.floor((y + reach) / edge)
        found = []
        for i in range(math.floor((x - reach) / edge), math.floor((x + reach) / edge) + 1):
            for j in range(south, north + 1):
                numbers = cells.get((i, j))
                if numbers is not None:
                    found.append(numbers)
        return found
