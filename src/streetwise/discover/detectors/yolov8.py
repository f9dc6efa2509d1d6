"""The output of YOLOv8 and its kin: whole boxes in pixels, one column each. Pure.

(4 + classes, columns): centre x, centre y, width, height in pixels of the input, then a score per
class between 0 and 1. There is no objectness.
"""

from __future__ import annotations

import numpy as np

from streetwise.discover.detectors.boxes import Floats
from streetwise.discover.detectors.card import Card
from streetwise.discover.detectors.reading import Candidates
from streetwise.kernel.errors import Invalid


def candidates(raw: Floats, card: Card, least: float) -> Candidates:
    """What one picture's raw output holds with a score of ``least`` or more."""
    lines = 4 + len(card.classes)
    if raw.ndim != 2 or raw.shape[0] != lines:
        raise Invalid(
            f"The model's output is {raw.shape}, its card says ({lines}, boxes).",
            code="detector_output",
        )
    best = raw[4:].max(axis=0)
    columns = np.flatnonzero(best >= least)
    kept = raw[:, columns]
    centre, half = kept[:2].T, kept[2:4].T / 2
    boxes = np.concatenate([centre - half, centre + half], axis=1)
    return Candidates(boxes, best[columns], kept[4:].argmax(axis=0))
