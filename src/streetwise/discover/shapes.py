"""Points, boxes and zones in shares of the picture. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from streetwise.discover.values import Box, Polygon

_GRID = 8


def inside(polygon: Polygon, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points lie in the polygon (even-odd rule)."""
    within = np.zeros(np.shape(x), bool)
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if y1 == y2:
            continue
        between = (y1 > y) != (y2 > y)
        within ^= between & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return within


def foot_inside(polygon: Polygon, box: Box) -> bool:
    """Whether the middle of the box's lower edge lies in the polygon: where a thing stands."""
    foot = np.array([(box[0] + box[2]) / 2]), np.array([box[3]])
    return bool(inside(polygon, *foot)[0])


def share_inside(polygon: Polygon, box: Box) -> float:
    """How much of the box lies in the polygon, by a grid of points: within about a tenth."""
    steps = (np.arange(_GRID) + 0.5) / _GRID
    x, y = np.meshgrid(box[0] + steps * (box[2] - box[0]), box[1] + steps * (box[3] - box[1]))
    return float(inside(polygon, x, y).mean())


def area(box: Box) -> float:
    """Share of the picture."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def common(one: Box, other: Box) -> float:
    """Share of the picture that lies in both."""
    return area(
        (
            max(one[0], other[0]),
            max(one[1], other[1]),
            min(one[2], other[2]),
            min(one[3], other[3]),
        )
    )


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    both = common(one, other)
    union = area(one) + area(other) - both
    return both / union if union > 0 else 0.0


def mixed(one: Box, other: Box, weight: float) -> Box:
    """The box between the two, by the weight of the second."""
    left, top, right, bottom = (
        (1 - weight) * a + weight * b for a, b in zip(one, other, strict=True)
    )
    return (left, top, right, bottom)


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box around all."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
