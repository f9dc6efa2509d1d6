"""What the open country is made of: greens, waters, paths, huts and spots with a name."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from .geometry import XY, Coords, Geom, catmull, snap_all
from .sites import Building


@dataclass
class Countryside:
    """Everything outside the parcels; areas and points in metres of the plane."""

    greens: list[tuple[Geom, str]] = field(default_factory=list)  # area, kind
    waters: list[tuple[Geom, str, str]] = field(default_factory=list)  # area, kind, name
    paths: list[Coords] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    spots: list[tuple[str, str, XY]] = field(default_factory=list)  # kind, name, where


def trail(a: XY, b: XY, sway: float, rng: random.Random) -> Coords:
    """A footpath that winds from a to b, `sway` metres to either side."""
    knots = [a]
    d = math.dist(a, b)
    n = max(2, round(d / 70))
    for k in range(1, n):
        t = k / n
        off = sway * math.sin(t * math.pi * rng.uniform(1.6, 2.6)) + rng.uniform(-7, 7)
        x = a[0] + t * (b[0] - a[0]) - off * (b[1] - a[1]) / d
        y = a[1] + t * (b[1] - a[1]) + off * (b[0] - a[0]) / d
        knots.append((x, y))
    return snap_all(catmull([*knots, b], 9.0))
