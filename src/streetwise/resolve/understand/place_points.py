"""Points of places: distances, shifts, and houses between houses. Pure; WGS-84, metres.

A directory has a point for a road and no line. What lies along it (its numbered houses, its
junctions) says how far it reaches and where a number stands.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import cos, hypot, radians
from typing import Protocol

from streetwise.kernel.geo import EARTH_RADIUS_M

Point = tuple[float, float]


class HasPoint(Protocol):
    """What has a point."""

    @property
    def lon(self) -> float:
        """Degrees east."""

    @property
    def lat(self) -> float:
        """Degrees north."""


_METRES_A_DEGREE = EARTH_RADIUS_M * radians(1.0)
_STEPS = {"东": (1.0, 0.0), "西": (-1.0, 0.0), "南": (0.0, -1.0), "北": (0.0, 1.0)}
#: A number beyond the known ones may be this far from the last of them, for each step of two.
_METRES_A_NUMBER = 12.0
_HOUSE_METRES = 25.0


def point_of(place: HasPoint) -> Point:
    """The point of a place."""
    return place.lon, place.lat


def apart(a: Point, b: Point) -> float:
    """Metres between two points of a street (flat earth: exact to centimetres at 10 km)."""
    x = (b[0] - a[0]) * cos(radians(a[1]))
    return hypot(x, b[1] - a[1]) * _METRES_A_DEGREE


def shift(point: Point, directions: str, metres: float) -> Point:
    """The point so many metres further in a direction: 东, 西北, …; unknown ones stay."""
    x = sum(_STEPS[one][0] for one in directions if one in _STEPS)
    y = sum(_STEPS[one][1] for one in directions if one in _STEPS)
    length = hypot(x, y)
    if not length:
        return point
    lon, lat = point
    east, north = metres * x / length, metres * y / length
    return (
        lon + east / (_METRES_A_DEGREE * cos(radians(lat))),
        lat + north / _METRES_A_DEGREE,
    )


def middle(a: Point, b: Point) -> Point:
    """The point half-way."""
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def nearest_pair(some: Sequence[Point], others: Sequence[Point]) -> tuple[Point, float]:
    """Half-way between the two nearest points of two roads, and how far these are apart."""
    gap, a, b = min((apart(a, b), a, b) for a in some for b in others)
    return middle(a, b), gap


class Houses:
    """The numbered houses of a road, by number."""

    def __init__(self, houses: Sequence[tuple[int, Point]]) -> None:
        self._exact = dict(houses)
        self._sides = tuple(
            sorted((number, point) for number, point in houses if number % 2 == parity)
            for parity in (0, 1)
        )

    def at(self, number: int) -> tuple[Point, float] | None:
        """Where a number stands and within how many metres; None where none is known.

        Its own house; else between its neighbours on the side that says it better; else at the
        last before it.
        """
        known = self._exact.get(number)
        if known is not None:
            return known, _HOUSE_METRES
        answers = [_between(side, number) for side in self._sides if side]
        return min(answers, key=lambda one: one[1]) if answers else None


def _between(side: Sequence[tuple[int, Point]], number: int) -> tuple[Point, float]:
    at = bisect_left(side, number, key=lambda house: house[0])
    if 0 < at < len(side):
        (low, a), (high, b) = side[at - 1], side[at]
        share = (number - low) / (high - low)
        point = a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
        return point, _HOUSE_METRES + apart(a, b) / 4
    last, point = side[min(at, len(side) - 1)]
    return point, _HOUSE_METRES + abs(number - last) / 2 * _METRES_A_NUMBER
