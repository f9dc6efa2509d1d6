"""Outlines of houses, drawn around the origin with the front to the south."""

from __future__ import annotations

import math
import random

from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box

from .geometry import Geom, moved, whole


def slab(units: int, width: float, depth: float, style: str, rng: random.Random) -> Geom:
    """A row house of several stairs: plain, with stair bays, stepped, or with balconies."""
    length = units * width
    x = -length / 2
    parts = []
    step = rng.choice((1.2, 1.8, -1.4)) if style == "stepped" else 0.0
    for i in range(units):
        dy = step * (i % 2)
        parts.append(box(x, -depth / 2 + dy, x + width, depth / 2 + dy))
        mid = x + width / 2
        if style in ("stairs", "both"):
            parts.append(box(mid - 1.5, depth / 2 - 1, mid + 1.5, depth / 2 + 1.5))
        if style in ("balcony", "both"):
            for at in (x + width * 0.2, x + width * 0.8):
                parts.append(box(at - 1.8, -depth / 2 - 1.5, at + 1.8, -depth / 2 + 1))
        x += width
    return whole(parts)


def tower(style: str, size: float) -> Geom:
    """A point block."""
    h = size / 2
    if style == "cross":
        return box(-h, -h * 0.45, h, h * 0.45).union(box(-h * 0.45, -h, h * 0.45, h))
    if style == "h":
        return whole(
            [box(-h, -h, -h * 0.35, h), box(h * 0.35, -h, h, h), box(-h, -h * 0.3, h, h * 0.3)]
        )
    if style == "butterfly":
        wing = box(-h * 0.3, -1, h * 0.3, h * 1.15)
        return whole(
            [affinity.rotate(wing, a, origin=(0, 0)) for a in (115, 245)]
            + [box(-h * 0.55, -h * 0.2, h * 0.55, h * 0.6)]
        )
    if style == "twin":
        return box(-h * 1.25, -h * 0.5, -0.5, h * 0.5).union(
            box(-0.5, -h * 0.5 + 3, h * 1.25, h * 0.5 + 3)
        )
    notch = h * 0.3
    return box(-h, -h, h, h).difference(
        whole([moved(box(-notch, -notch, notch, notch), x, y) for x in (-h, h) for y in (-h, h)])
    )


def l_shape(w: float, d: float, arm: float) -> Geom:
    return box(-w / 2, -d / 2, w / 2, -d / 2 + arm).union(box(-w / 2, -d / 2, -w / 2 + arm, d / 2))


def u_shape(w: float, d: float, arm: float) -> Geom:
    return box(-w / 2, -d / 2, w / 2, d / 2).difference(
        box(-w / 2 + arm, -d / 2 - 1, w / 2 - arm, d / 2 - arm)
    )


def comb(w: float, d: float, arm: float, teeth: int) -> Geom:
    """A school or a hospital: a spine with wings."""
    parts = [box(-w / 2, d / 2 - arm * 0.7, w / 2, d / 2)]
    for i in range(teeth):
        x = -w / 2 + (w - arm) * i / (teeth - 1)
        parts.append(box(x, -d / 2, x + arm, d / 2))
    return whole(parts)


def h_shape(w: float, d: float, arm: float) -> Geom:
    return whole(
        [
            box(-w / 2, d / 2 - arm, w / 2, d / 2),
            box(-w / 2, -d / 2, w / 2, -d / 2 + arm),
            box(-arm * 0.6, -d / 2, arm * 0.6, d / 2),
        ]
    )


def sawtooth(w: float, d: float, bays: int) -> Geom:
    """A factory hall with its toothed edge."""
    bay = w / bays
    top = []
    for i in range(bays):
        x = w / 2 - i * bay
        top += [(x, d / 2), (x - bay, d / 2 + 3.5)]
    return Polygon([(-w / 2, -d / 2), (w / 2, -d / 2), *top]).buffer(0)


def chamfered(w: float, d: float, cut: float) -> Geom:
    return Polygon(
        [
            (-w / 2 + cut, -d / 2),
            (w / 2, -d / 2),
            (w / 2, d / 2 - cut * 0.6),
            (w / 2 - cut * 0.6, d / 2),
            (-w / 2, d / 2),
            (-w / 2, -d / 2 + cut),
        ]
    )


def stadium(straight: float, radius: float) -> Geom:
    """A running track, lying north to south as they do."""
    return LineString([(0, -straight / 2), (0, straight / 2)]).buffer(radius, quad_segs=6)


def round_house(radius: float) -> Geom:
    return Point(0, 0).buffer(radius, quad_segs=4)


def octagon(radius: float) -> Geom:
    return Polygon(
        [
            (
                radius * math.cos(math.tau * (i + 0.5) / 8),
                radius * math.sin(math.tau * (i + 0.5) / 8),
            )
            for i in range(8)
        ]
    )


def courtyard(w: float, d: float, rng: random.Random) -> list[Geom]:
    """The houses of one plot in the old quarter, filled in differently by every family."""
    main, side, south = rng.uniform(5.0, 6.4), rng.uniform(3.6, 4.6), rng.uniform(4.2, 5.2)
    north = box(-w / 2, d / 2 - main, w / 2, d / 2)
    west = box(-w / 2, -d / 2 + 0.5, -w / 2 + side, d / 2 - main - 0.8)
    east = box(w / 2 - side, -d / 2 + 0.5, w / 2, d / 2 - main - 0.8)
    low = box(-w / 2, -d / 2, w / 2 - 2.6, -d / 2 + south)  # the gate is at the south-east
    form = rng.random()
    if form < 0.34:
        return [box(-w / 2, -d / 2, w / 2, d / 2).difference(
            box(-w / 2 + side, -d / 2 + south, w / 2 - side, d / 2 - main))]  # fmt: skip
    if form < 0.56:
        return [north, west, east]
    if form < 0.74:
        return [whole([north, box(-w / 2, -d / 2, -w / 2 + side, d / 2)]), low.difference(west)]
    if form < 0.9:
        return [north, low, moved(box(-2.4, -2, 2.4, 2), rng.uniform(-2, 2), -1.0)]
    return [box(-w / 2, -d / 2, w / 2, d / 2 - rng.uniform(0, 4))]
