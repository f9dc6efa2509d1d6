"""Plays a video file as a camera that never ends: one frame in so many seconds, round and round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from streetwise.discover.engine.decoding import DecodeLimits, NotDecoded
from streetwise.discover.engine.files import frames
from streetwise.discover.values import Frame


class Player:
    """One file. ``frame(now)`` gives the next one when its time has come, else None.

    A file that cannot be played raises NotDecoded once, and is tried again after
    ``retry_seconds``: it may be written just now.
    """

    def __init__(
        self,
        path: str,
        camera: str,
        every_seconds: float,
        limits: DecodeLimits | None = None,
        retry_seconds: float = 60.0,
    ) -> None:
        self._path, self._camera = Path(path), camera
        self._every, self._limits, self._retry = every_seconds, limits, retry_seconds
        self._frames: Iterator[Frame] | None = None
        self._fresh = False
        self.due = 0.0

    def frame(self, now: float) -> Frame | None:
        """The frame that is due, dated ``now``. Raises NotDecoded."""
        if now < self.due:
            return None
        # What was missed is not made up for: a file is as live as a camera.
        self.due = now + self._every
        try:
            return replace(self._next(), at=now)
        except NotDecoded:
            self._frames, self.due = None, now + self._retry
            raise

    def _next(self) -> Frame:
        for _ in range(2):
            if self._frames is None:
                self._frames = frames(self._path, self._camera, self._every, self._limits)
                self._fresh = True
            frame = next(self._frames, None)
            if frame is not None:
                self._fresh = False
                return frame
            empty, self._frames = self._fresh, None
            if empty:
                break
        raise NotDecoded("there is no frame in the file")
