"""A detector: pictures in, detections out, by its card. Holds no picture and no memory of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from streetwise.discover.detectors import yolov8, yolox
from streetwise.discover.detectors.boxes import Floats, boxed, letterbox
from streetwise.discover.detectors.card import Card, Layout
from streetwise.discover.detectors.reading import Candidates, detections
from streetwise.discover.detectors.runtime import Runtime
from streetwise.discover.values import Bgr, Detection

_LAYOUTS: dict[Layout, Callable[[Floats, Card, float], Candidates]] = {
    "yolox": yolox.candidates,
    "yolov8": yolov8.candidates,
}


class Detector:
    """A card and a loaded model.

    It tells what it saw down to the threshold of masking; who opens findings asks for more
    (``Card.score``, a camera's own).
    """

    def __init__(self, card: Card, runtime: Runtime) -> None:
        self.card = card
        self.runtime = runtime

    def look(
        self, pictures: Sequence[Bgr], least: float | None = None
    ) -> list[tuple[Detection, ...]]:
        """What is seen in each picture with a score of ``least`` (the card's mask_score) or more.

        Pictures may have different sizes. The surest first.
        """
        if not pictures:
            return []
        card = self.card
        places = [
            letterbox((one.shape[1], one.shape[0]), (card.width, card.height), card.align)
            for one in pictures
        ]
        given = [
            boxed(one, place, card.letterbox) for one, place in zip(pictures, places, strict=True)
        ]
        raw = self.runtime.infer(fed(given, card))
        threshold = card.mask_score if least is None else least
        read = _LAYOUTS[card.layout]
        return [
            detections(read(one, card, threshold), place, card)
            for one, place in zip(raw, places, strict=True)
        ]


def fed(pictures: Sequence[Bgr], card: Card) -> Floats:
    """Pictures of the input's size as the model wants them: (n, 3, height, width), float32."""
    out = np.empty((len(pictures), 3, card.height, card.width), np.float32)
    for row, picture in zip(out, pictures, strict=True):
        channels = picture if card.colour == "bgr" else picture[:, :, ::-1]
        row[:] = channels.transpose(2, 0, 1)
    if card.scale != 1.0:
        out *= np.float32(card.scale)
    if any(card.mean):
        out -= np.array(card.mean, np.float32)[:, None, None]
    if card.deviation != (1.0, 1.0, 1.0):
        out /= np.array(card.deviation, np.float32)[:, None, None]
    return out
