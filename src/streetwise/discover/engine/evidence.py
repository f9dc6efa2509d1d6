"""Pictures that may leave the process: masked, then JPEG. No other module encodes a picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

from PIL import Image

from streetwise.discover.detectors.detector import Detector
from streetwise.discover.masking import masked
from streetwise.discover.values import Bgr, Detection

QUALITY = 80


class Masker:
    """Masks with the detector that knows persons; without one, the whole picture is a mosaic."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._detector = next((one for one in detectors if one.card.masks), None)

    @property
    def how(self) -> Literal["masked", "mosaic"]:
        """What is done to pictures: persons and plates are covered, or all of it is reduced."""
        return "mosaic" if self._detector is None else "masked"

    def jpeg(
        self, bgr: Bgr, seen: Sequence[Detection] | None = None, by: Detector | None = None
    ) -> bytes:
        """The picture, masked, as JPEG.

        ``seen``: all that detector ``by`` saw in it; where that one knows no persons, or nobody
        has looked, the one that does looks now.
        """
        detector = self._detector
        if detector is not None and (seen is None or by is not detector):
            (seen,) = detector.look([bgr])
        card = detector.card if detector is not None else None
        made = io.BytesIO()
        # No thumbnail, no camera's own notes: a picture made anew holds nothing but its pixels.
        Image.fromarray(masked(bgr, seen if card else None, card)[:, :, ::-1]).save(
            made, "JPEG", quality=QUALITY
        )
        return made.getvalue()
