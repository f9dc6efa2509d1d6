"""Which other grids a point is near to: there a step decides who is responsible. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely  # type: ignore[import-untyped,unused-ignore]

from streetwise.kernel.geo import EARTH_RADIUS_M

_METRES_A_DEGREE = np.pi * EARTH_RADIUS_M / 180


class Borders:
    """Grids by code, in metres around their middle (a plane: good to centimetres in a street)."""

    def __init__(self, grids: Sequence[tuple[str, Any]]) -> None:
        """``grids``: (code, shapely polygon in WGS-84)."""
        self._codes = tuple(code for code, _ in grids)
        shapes = np.array([polygon for _, polygon in grids], dtype=object)
        self._lon, self._lat = 0.0, 0.0
        if len(shapes):
            west, south, east, north = shapely.total_bounds(shapes)
            self._lon, self._lat = (west + east) / 2, (south + north) / 2
        self._scale = np.array([_METRES_A_DEGREE * np.cos(np.radians(self._lat)), _METRES_A_DEGREE])
        self._tree = shapely.STRtree(shapely.transform(shapes, self._flat))

    def near(
        self, lon: Sequence[float], lat: Sequence[float], metres: float
    ) -> list[tuple[str, ...]]:
        """For each point the codes of all grids that are at most so far, its own too, by code."""
        found: list[list[str]] = [[] for _ in lon]
        if not self._codes or not len(lon):
            return [tuple(one) for one in found]
        flat = self._flat(np.column_stack([lon, lat]))
        pairs = self._tree.query(shapely.points(flat), predicate="dwithin", distance=metres)
        for point, grid in pairs.T:
            found[point].append(self._codes[grid])
        return [tuple(sorted(one)) for one in found]

    def _flat(self, points: Any) -> Any:
        return (points - np.array([self._lon, self._lat])) * self._scale
