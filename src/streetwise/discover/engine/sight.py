"""From coded pictures to a frame, and whose picture it is while a decoder may crash on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streetwise.discover.engine.crumb import NOBODY
from streetwise.discover.engine.decoding import DecodeLimits, Decoders, NotDecoded
from streetwise.discover.values import CodedPicture, Frame


class Sight:
    """``mark``: told the number of the camera whose picture is decoded next, before it is, and
    NOBODY after it.
    """

    def __init__(self, limits: DecodeLimits | None, mark: Callable[[int], None]) -> None:
        self._decoders, self._mark = Decoders(limits), mark

    def decoded(self, run: Sequence[CodedPicture], number: int) -> Frame:
        """The last frame of a run: one key picture, or what came of a stream followed in full.

        Raises NotDecoded where the last picture is of no use.
        """
        self._mark(number)
        try:
            return self._decoded(run)
        finally:
            self._mark(NOBODY)

    def again(self, picture: CodedPicture, number: int) -> Frame | None:
        """A picture that was decoded before, once more: coded it is small enough to be kept."""
        self._mark(number)
        try:
            return self._decoders.decode(picture)
        except NotDecoded:
            return None
        finally:
            self._mark(NOBODY)

    def follows(self, camera: str) -> bool:
        """Whether a camera is decoded in full, by a decoder of its own."""
        return camera in self._decoders.followed

    def leave(self, camera: str) -> None:
        """Forget a camera."""
        self._decoders.leave(camera)

    def _decoded(self, run: Sequence[CodedPicture]) -> Frame:
        camera = run[0].camera
        if not run[-1].key and camera not in self._decoders.followed:
            self._decoders.follow(camera, run[0].codec)
        elif len(run) == 1 and run[0].key:
            self._decoders.leave(camera)
        frame: Frame | None = None
        problem: NotDecoded | None = None
        for picture in run:
            try:
                frame, problem = self._decoders.decode(picture), None
            except NotDecoded as error:
                problem = error
        if frame is None or problem is not None:
            raise problem or NotDecoded("there is no picture in it")
        return frame
