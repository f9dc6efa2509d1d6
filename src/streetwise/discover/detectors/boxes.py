"""The geometry of detectors: letterbox, overlap, and one box per thing. Pure NumPy.

Boxes are rows of left, top, right, bottom; in pixels of the model's input until
``Letterbox.to_shares`` brings them to shares of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from streetwise.discover.detectors.card import Align
from streetwise.discover.values import Bgr

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a picture lies in the model's input: scaled to ``inner_*`` pixels, from ``left, top``."""

    width: int
    height: int
    inner_width: int
    inner_height: int
    left: int
    top: int

    def to_shares(self, boxes: Floats) -> Floats:
        """Boxes (n, 4) in pixels of the input, as shares of the picture, cut at its edges."""
        moved = boxes - np.array([self.left, self.top] * 2, np.float32)
        sides = np.array([self.inner_width, self.inner_height] * 2, np.float32)
        shares: Floats = np.clip(moved / sides, 0.0, 1.0)
        return shares


def letterbox(picture: tuple[int, int], model: tuple[int, int], align: Align) -> Letterbox:
    """The largest place of the picture's proportions in the input; both (width, height).

    The scaled sides are rounded down, as the authors of YOLOX do, but to 1 at least.
    """
    (width, height), (model_width, model_height) = picture, model
    ratio = min(model_width / width, model_height / height)
    inner = (max(1, int(width * ratio + 1e-9)), max(1, int(height * ratio + 1e-9)))
    left, top = 0, 0
    if align == "centre":
        left, top = (model_width - inner[0]) // 2, (model_height - inner[1]) // 2
    return Letterbox(model_width, model_height, *inner, left, top)


def boxed(bgr: Bgr, place: Letterbox, grey: int) -> Bgr:
    """The picture scaled into its place (averaging where it shrinks), grey beside it."""
    height, width = bgr.shape[:2]
    inner = bgr
    if (width, height) != (place.inner_width, place.inner_height):
        # The order of the channels is nothing to a resize.
        image = Image.fromarray(np.ascontiguousarray(bgr))
        size = (place.inner_width, place.inner_height)
        inner = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
    out = np.full((place.height, place.width, 3), grey, np.uint8)
    bottom, right = place.top + place.inner_height, place.left + place.inner_width
    out[place.top : bottom, place.left : right] = inner
    return out


def overlaps(boxes: Floats, others: Floats) -> Floats:
    """Intersection over union of each with each, (n, m); 0 where neither has an area."""
    corner = np.maximum(boxes[:, None, :2], others[None, :, :2])
    end = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    common = np.prod(np.clip(end - corner, 0, None), axis=2)
    union = _areas(boxes)[:, None] + _areas(others)[None, :] - common
    out: Floats = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    return out


def one_each(boxes: Floats, scores: Floats, kinds: Rows, overlap: float, most: int) -> Rows:
    """Which rows stay, best first: of boxes of one class with IoU above ``overlap`` the best.

    Greedy non-maximum suppression per class; equal scores go by their order. At most ``most``.
    """
    order = np.argsort(-scores, kind="stable")
    boxes, kinds = boxes[order], kinds[order]
    rivals = (overlaps(boxes, boxes) > overlap) & (kinds[:, None] == kinds[None, :])
    alive = np.ones(len(order), bool)
    chosen: list[int] = []
    for i in range(len(order)):
        if len(chosen) == most:
            break
        if alive[i]:
            chosen.append(i)
            alive &= ~rivals[i]
    return order[np.array(chosen, np.intp)]


def _areas(boxes: Floats) -> Floats:
    sides = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None)
    areas: Floats = sides[:, 0] * sides[:, 1]
    return areas
