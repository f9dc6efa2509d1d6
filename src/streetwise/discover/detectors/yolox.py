"""The output of YOLOX: one row per cell of three grids, boxes relative to their cell. Pure.

A row is centre x, centre y, width, height, objectness, classes (the last two between 0 and 1
already). Ge et al., YOLOX: Exceeding YOLO Series in 2021, arXiv:2107.08430, and the export of its
authors, which leaves out the grid.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from streetwise.discover.detectors.boxes import Floats
from streetwise.discover.detectors.card import Card
from streetwise.discover.detectors.reading import Candidates
from streetwise.kernel.errors import Invalid


def candidates(raw: Floats, card: Card, least: float) -> Candidates:
    """What one picture's raw output (rows, 5 + classes) holds with a score of ``least`` or more."""
    cells, strides = _grid(card.width, card.height, card.strides)
    if raw.shape != (len(cells), 5 + len(card.classes)):
        due = (len(cells), 5 + len(card.classes))
        raise Invalid(
            f"The model's output is {raw.shape}, its card says {due}.", code="detector_output"
        )
    # A score is objectness times class, so that few rows need to be looked at.
    rows = np.flatnonzero(raw[:, 4] >= least)
    kept = raw[rows]
    kinds = kept[:, 5:].argmax(axis=1) if len(kept) else np.empty(0, np.intp)
    scores = kept[:, 4] * kept[np.arange(len(kept)), 5 + kinds]
    sure = scores >= least
    kept, rows, kinds, scores = kept[sure], rows[sure], kinds[sure], scores[sure]
    stride = strides[rows, None]
    centre = (kept[:, :2] + cells[rows]) * stride
    # A wild row of an untrained model may overflow; larger than the input is large enough.
    half = np.exp(np.minimum(kept[:, 2:4], 20.0)) * stride / 2
    return Candidates(np.concatenate([centre - half, centre + half], axis=1), scores, kinds)


@lru_cache(maxsize=8)
def _grid(width: int, height: int, strides: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Column and row of every cell, and its side in pixels, in the order of the output."""
    cells, sides = [], []
    for stride in strides:
        columns, rows = width // stride, height // stride
        x, y = np.meshgrid(np.arange(columns), np.arange(rows))
        cells.append(np.stack([x.ravel(), y.ravel()], axis=1))
        sides.append(np.full(columns * rows, stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(sides).astype(np.float32)
