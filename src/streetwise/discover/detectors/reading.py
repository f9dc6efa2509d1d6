"""What both output layouts come to: candidates in pixels of the input, then detections. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.discover.detectors.boxes import Floats, Letterbox, Rows, one_each
from streetwise.discover.detectors.card import Card
from streetwise.discover.values import Detection

#: So many of the best candidates are compared with each other; more are noise.
CANDIDATES_MAX = 400


@dataclass(frozen=True, slots=True)
class Candidates:
    """Boxes of one picture, (n, 4) in pixels of the input, with scores and numbers of classes."""

    boxes: Floats
    scores: Floats
    kinds: Rows


def detections(found: Candidates, place: Letterbox, card: Card) -> tuple[Detection, ...]:
    """One detection per thing, the surest first, in shares of the picture; boxes without area,
    which lay in the grey beside it, are left out."""
    if len(found.scores) > CANDIDATES_MAX:
        best = np.argsort(-found.scores, kind="stable")[:CANDIDATES_MAX]
        found = Candidates(found.boxes[best], found.scores[best], found.kinds[best])
    rows = one_each(found.boxes, found.scores, found.kinds, card.overlap, card.most)
    out = []
    for row, (left, top, right, bottom) in zip(
        rows.tolist(), place.to_shares(found.boxes[rows]).tolist(), strict=True
    ):
        if right > left and bottom > top:
            what = card.classes[int(found.kinds[row])]
            out.append(Detection(what, float(found.scores[row]), (left, top, right, bottom)))
    return tuple(out)
