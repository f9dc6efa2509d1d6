"""What passes between the steps of discover: plain values, no step's own.

Geometry is in shares of the picture: x to the right, y down, both 0 to 1, so that a zone drawn on
one stream holds for another resolution of the same view. Times are seconds of a clock that never
runs back and that all processes of one machine share (``time.monotonic``), unless a name says
otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Codec = Literal["h264", "h265", "jpeg"]
Box = tuple[float, float, float, float]  # left, top, right, bottom; shares of the picture
Polygon = tuple[tuple[float, float], ...]  # corners in order, shares; closed by itself
Luma = NDArray[np.uint8]  # (height, width)
Bgr = NDArray[np.uint8]  # (height, width, 3), blue first


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """One picture as it came over the wire, not decoded.

    ``data``: Annex B with the parameter sets in front (h264, h265), or a whole JPEG. ``at``: when
    its last byte came. ``stamp``: the stream's own time in ticks of its clock, None where there
    is none. ``key``: it can be decoded alone. ``whole``: nothing of it was lost on the way.
    """

    camera: str
    codec: Codec
    data: bytes
    at: float
    key: bool = True
    whole: bool = True
    stamp: int | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded picture: BGR, 8 bits; ``luma`` is its brightness, as the decoder gave it."""

    camera: str
    at: float
    bgr: Bgr
    luma: Luma


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing that a detector saw: what (a class of its card), where, how sure (0 to 1).

    Of one picture only; nothing here says that it is the same thing as in another picture.
    """

    what: str
    score: float
    box: Box


@dataclass(frozen=True, slots=True)
class Zone:
    """检测区: the part of one camera's picture in which one scene is looked for."""

    camera: str
    scene: str
    name: str
    corners: Polygon


@dataclass(frozen=True, slots=True)
class Looked:
    """One inferred picture of a camera: what was seen, whether there was anything to see at all.

    ``blind``: the gate found no usable picture (dark, covered, camera moved): says nothing about
    whether a problem is there.
    """

    camera: str
    at: float
    detections: tuple[Detection, ...]
    blind: bool = False
