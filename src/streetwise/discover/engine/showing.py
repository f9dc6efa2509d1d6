"""What an eye shows with what it tells: masked pictures before, during and after, and of now.

Of each zone the last coded picture on which it was free is kept, in case a finding needs one from
before it; nothing decoded is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from streetwise.discover.detectors.detector import Detector
from streetwise.discover.engine import telling
from streetwise.discover.engine.evidence import Masker
from streetwise.discover.engine.wire import Message
from streetwise.discover.rules import Cleared, Key, Opened
from streetwise.discover.values import CodedPicture, Detection, Frame


class Showing:
    """``again`` decodes a picture once more; ``wall``: seconds of the machine as wall seconds."""

    def __init__(
        self,
        detectors: Sequence[Detector],
        again: Callable[[CodedPicture], Frame | None],
        wall: Callable[[float], float],
    ) -> None:
        self._masker, self._again, self._wall = Masker(detectors), again, wall
        self._free: dict[Key, CodedPicture] = {}

    def free(self, key: Key, picture: CodedPicture) -> None:
        """A zone was looked at on this picture, and nothing stood there."""
        self._free[key] = picture

    def forget(self, keys: Iterable[Key]) -> None:
        """Zones that are looked at no more."""
        for key in keys:
            self._free.pop(key, None)

    def opened(
        self, found: Opened, frame: Frame, seen: Sequence[Detection], detector: Detector
    ) -> Message:
        """A finding, with the picture that decided and one from before."""
        pictures = {"during": self._masker.jpeg(frame.bgr, seen, detector)}
        before = self._free.get((found.camera, found.zone, found.scene))
        earlier = self._again(before) if before is not None else None
        if earlier is not None:
            pictures["before"] = self._masker.jpeg(earlier.bgr)
        return telling.opened(
            found,
            pictures,
            self._wall,
            before_at=None if earlier is None else earlier.at,
            detector=detector.card.name,
            how=self._masker.how,
        )

    def cleared(
        self, gone: Cleared, frame: Frame, seen: Sequence[Detection], detector: Detector
    ) -> Message:
        """A finding is gone, with what the place looks like."""
        jpeg = self._masker.jpeg(frame.bgr, seen, detector)
        return telling.cleared(gone, jpeg, self._wall, how=self._masker.how)

    def shown(self, camera: str, requests: Sequence[str], frame: Frame) -> Message:
        """What a camera shows now, for those who may look."""
        jpeg = self._masker.jpeg(frame.bgr)
        at = self._wall(frame.at)
        return telling.shown(camera, requests, at, jpeg, how=self._masker.how)
