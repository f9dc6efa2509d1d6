"""A picture's brightness in blocks of 8 × 8 pixels, and how one lies on another. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streetwise.discover.shapes import inside
from streetwise.discover.values import Luma, Polygon

Blocks = NDArray[np.float32]
SIDE = 8
#: Four 16-bit lanes of a 64-bit word, times this: their sum stands in the highest lane.
_LANES = np.uint64(0x0001_0001_0001_0001)
#: An overlay of less of the picture than this says nothing.
_OVERLAY_LEAST = 0.4


def block_means(luma: Luma) -> Blocks:
    """Average brightness of each whole block, (height // 8, width // 8); 0 to 255.

    Rows are added first, in 16 bits, which a processor does many at a time; then the eight sums
    of a block (at most 8 × 8 × 255, which 16 bits hold) as lanes of two words.
    """
    rows, columns = luma.shape[0] // SIDE, luma.shape[1] // SIDE
    cut = luma[: rows * SIDE, : columns * SIDE]
    lines = cut.reshape(rows, SIDE, columns * SIDE).sum(axis=1, dtype=np.uint16)
    words = lines.view(np.uint64)
    lanes = words[:, 0::2] + words[:, 1::2]
    sums = (lanes * _LANES) >> np.uint64(48)
    means: Blocks = sums.astype(np.float32) / np.float32(SIDE * SIDE)
    return means


def zone_blocks(corners: Polygon, rows: int, columns: int) -> NDArray[np.intp]:
    """The blocks, numbered row by row, whose middle lies in the zone; of one smaller than a block
    the block that its own middle lies in."""
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    within = np.flatnonzero(inside(corners, x, y).ravel())
    if len(within):
        return within
    middle_x = sum(corner[0] for corner in corners) / len(corners)
    middle_y = sum(corner[1] for corner in corners) / len(corners)
    row = min(rows - 1, max(0, int(middle_y * rows)))
    column = min(columns - 1, max(0, int(middle_x * columns)))
    return np.array([row * columns + column], np.intp)


def edges(blocks: Blocks) -> Blocks:
    """How steep the brightness is at each block, whatever its direction and sign: what stays when
    the light changes, or day becomes infrared. Bounded, so that one lamp is not everything."""
    down, across = np.gradient(np.log1p(blocks))
    steep: Blocks = np.minimum(np.hypot(down, across), 0.5).astype(np.float32)
    return steep


def likeness(one: Blocks, other: Blocks) -> float:
    """Correlation, -1 to 1; 0 where one of them is flat."""
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 1e-6 else 0.0


def shift(reference: Blocks, now: Blocks) -> tuple[int, int, float]:
    """By how many blocks (rows down, columns to the right) the picture has moved, and how alike
    the two are when laid over each other so.

    By phase correlation (Kuglin and Hines, The phase correlation image alignment method, 1975):
    of its highest peak and standing still, what fits better.
    """
    rows, columns = reference.shape
    window = np.outer(np.hanning(rows), np.hanning(columns))
    a = np.fft.rfft2((reference - reference.mean()) * window)
    b = np.fft.rfft2((now - now.mean()) * window)
    cross = b * np.conj(a)
    surface = np.fft.irfft2(cross / (np.abs(cross) + 1e-9), s=(rows, columns))
    peak = int(surface.argmax())
    down, right = peak // columns, peak % columns
    down -= rows if down > rows // 2 else 0
    right -= columns if right > columns // 2 else 0
    tried = [
        (0, 0, likeness(reference, now)),
        (down, right, _overlaid(reference, now, down, right)),
    ]
    return max(tried, key=lambda one: one[2])


def _overlaid(reference: Blocks, now: Blocks, down: int, right: int) -> float:
    rows, columns = reference.shape
    tall, wide = rows - abs(down), columns - abs(right)
    if tall * wide < _OVERLAY_LEAST * rows * columns:
        return 0.0
    old = reference[max(0, -down) :, max(0, -right) :][:tall, :wide]
    new = now[max(0, down) :, max(0, right) :][:tall, :wide]
    return likeness(old, new)
