"""Persons and plates made unrecognisable before a picture leaves the process. Pure.

Each block of a mosaic has one colour, its average in 32 steps: unlike a blur, nothing of what lay
within it can be computed back (a blur is a convolution and can be undone in good part; Hill et al.,
On the (In)effectiveness of Mosaicing and Blurring as Tools for Document Redaction, PETS 2016, shows
that small blocks can be guessed too: hence few and large ones). A person is masked wholly, of a
vehicle the lower part, where its plate is. Where no detector that knows persons and vehicles has
looked, the whole picture becomes a mosaic: never unmasked for lack of a model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from streetwise.discover.detectors.card import Card
from streetwise.discover.values import Bgr, Box, Detection

#: The whole picture, where persons or vehicles cannot be told: so many blocks wide at most.
BLOCKS_WIDE = 32
#: A masked thing is so many blocks across its shorter side at most; a face is less than one.
BLOCKS_ACROSS = 4
BLOCK_LEAST = 8  # pixels
#: Boxes are never exact: they grow by this share of their sides, and by pixels at least.
PADDING = 0.15
PADDING_LEAST = 4
#: Plates are fixed in the lower part of a vehicle, whether seen from above or along the road.
PLATE_FROM = 0.35
#: Below 5 of 8 bits a colour says less of what was averaged.
_STEP = 8


def masked(bgr: Bgr, detections: Sequence[Detection] | None, card: Card | None) -> Bgr:
    """A copy that may be stored and shown.

    ``detections``: all that the card's detector saw in this very picture, down to the card's
    mask_score; None: it has not looked. Without them, without a card or with one that knows no
    persons or no vehicles, the whole picture is reduced.
    """
    if detections is None or card is None or not card.masks:
        return reduced(bgr)
    out = bgr.copy()
    for one in detections:
        if one.what in card.persons:
            _hide(out, one.box, 0.0)
        elif one.what in card.vehicles:
            _hide(out, one.box, PLATE_FROM)
    return out


def reduced(bgr: Bgr, blocks_wide: int = BLOCKS_WIDE) -> Bgr:
    """The whole picture as a mosaic, ``blocks_wide`` blocks wide at most."""
    out = bgr.copy()
    _mosaic(out, math.ceil(bgr.shape[1] / blocks_wide))
    return out


def hidden_area(box: Box, width: int, height: int, top_share: float = 0.0) -> tuple[int, ...]:
    """The pixels that are hidden for a box: left, top, right, bottom; ends are not within.

    ``top_share`` of the box stays free above. Padded on all sides, cut at the picture's edges.
    """
    left, top, right, bottom = (
        side * size for side, size in zip(box, (width, height, width, height), strict=True)
    )
    across = max(PADDING_LEAST, (right - left) * PADDING)
    down = max(PADDING_LEAST, (bottom - top) * PADDING)
    top += (bottom - top) * top_share
    return (
        max(0, math.floor(left - across)),
        max(0, math.floor(top - down)),
        min(width, math.ceil(right + across)),
        min(height, math.ceil(bottom + down)),
    )


def _hide(out: Bgr, box: Box, top_share: float) -> None:
    height, width = out.shape[:2]
    left, top, right, bottom = hidden_area(box, width, height, top_share)
    area = out[top:bottom, left:right]
    if area.size:
        _mosaic(area, max(BLOCK_LEAST, math.ceil(min(area.shape[:2]) / BLOCKS_ACROSS)))


def _mosaic(area: Bgr, block: int) -> None:
    """Give every block of ``area``, in place, its average colour. Those at the lower and right
    edge may be cut; they have one colour all the same."""
    height, width = area.shape[:2]
    rows, columns = np.arange(0, height, block), np.arange(0, width, block)
    sums = np.add.reduceat(area, rows, axis=0, dtype=np.uint32)
    sums = np.add.reduceat(sums, columns, axis=1, dtype=np.uint32)
    tall, wide = np.diff(np.append(rows, height)), np.diff(np.append(columns, width))
    average = sums // (tall[:, None, None] * wide[None, :, None]).astype(np.uint32)
    colours = (average // _STEP * _STEP + _STEP // 2).astype(np.uint8)
    area[:] = colours.repeat(tall, axis=0).repeat(wide, axis=1)
