"""A place of the gazetteer, and finding the grid that a point lies in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import Point

from .blocks import Grid
from .geometry import XY


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the gazetteer; `at` in metres of the plane."""

    code: str
    name: str
    kind: str
    at: XY
    aliases: tuple[str, ...] = ()
    parent: str = ""
    numbers: str = ""
    roads: tuple[str, ...] = ()
    look: str = ""  # the kind of landmark that the map draws; empty: not drawn
    facing: float = 0.0  # of a gate: which way one looks who comes out, radians from the east


class Finder:
    """Which grid a point of the plane lies in; on a border the first, beside all the nearest."""

    def __init__(self, grids: Sequence[Grid]) -> None:
        self._grids = list(grids)
        self._tree = shapely.STRtree([g.shape for g in grids])

    def grid(self, at: XY) -> Grid:
        p = Point(at)
        hits = sorted(int(i) for i in self._tree.query(p, predicate="intersects"))
        if hits:
            return self._grids[hits[0]]
        return min(self._grids, key=lambda g: (g.shape.distance(p), g.code))
