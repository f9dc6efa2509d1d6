"""Decode pictures: one decoder per codec for all key pictures, one per camera where that fails.

A key picture needs nothing before it, so one decoder serves every camera: packet in, flush,
picture out. A camera followed in full (no key pictures for a long time) has a decoder of its own,
which is started anew after a loss. Not to be used by two threads; a decoder may crash its process,
so it runs in one that may end (``engine/eye.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from streetwise.discover.values import Bgr, Codec, CodedPicture, Frame, Luma

#: What FFmpeg calls them.
NAMES: dict[Codec, str] = {"h264": "h264", "h265": "hevc", "jpeg": "mjpeg"}


class NotDecoded(Exception):
    """This picture cannot be shown: ``why`` in words for the camera's health."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What a decoder takes on.

    ``pixels``: a picture with more is refused before memory is taken for it. ``width_pixels``:
    a wider one is made smaller while its colours are converted, which bounds what all later
    steps cost.
    """

    pixels: int = 9_000_000
    width_pixels: int = 1_280


class Decoders:
    """All decoders of one process."""

    def __init__(self, limits: DecodeLimits | None = None) -> None:
        self._limits = limits or DecodeLimits()
        self._shared: dict[Codec, VideoCodecContext] = {}
        self._own: dict[str, VideoCodecContext] = {}

    def decode(self, picture: CodedPicture) -> Frame:
        """The picture as BGR and luma. Raises NotDecoded; the next picture is decoded all the same.

        A picture that is not ``key`` is only understood after those before it of the same camera,
        each handed in here in order (``follow`` first, then a key picture or a recovery point).
        """
        if picture.camera in self._own:
            return self._followed(picture)
        if not picture.key:
            raise NotDecoded("no key picture yet")
        context = self._context(picture.codec)
        try:
            frames = [*context.decode(av.Packet(picture.data)), *context.decode(None)]
        except (av.FFmpegError, ValueError) as error:
            self._shared.pop(picture.codec)
            raise NotDecoded("the picture is damaged") from error
        context.flush_buffers()
        return self._shown(picture, frames)

    def follow(self, camera: str, codec: Codec) -> None:
        """Decode everything of this camera from now on, with a decoder of its own."""
        self._own[camera] = self._made(codec)

    def leave(self, camera: str) -> None:
        """Forget what is kept for this camera; without effect where nothing is."""
        self._own.pop(camera, None)

    @property
    def followed(self) -> frozenset[str]:
        """Cameras that have a decoder of their own."""
        return frozenset(self._own)

    def _followed(self, picture: CodedPicture) -> Frame:
        try:
            frames = self._own[picture.camera].decode(av.Packet(picture.data))
        except (av.FFmpegError, ValueError) as error:
            self._own[picture.camera] = self._made(picture.codec)
            raise NotDecoded("the picture is damaged") from error
        return self._shown(picture, frames)

    def _context(self, codec: Codec) -> VideoCodecContext:
        if codec not in self._shared:
            self._shared[codec] = self._made(codec)
        return self._shared[codec]

    def _made(self, codec: Codec) -> VideoCodecContext:
        context = av.CodecContext.create(NAMES[codec], "r")
        assert isinstance(context, VideoCodecContext)
        # Many cameras and few cores: threads inside a decoder only add waiting for each other.
        context.thread_count = 1
        context.options = {"max_pixels": str(self._limits.pixels)}
        return context

    def _shown(self, picture: CodedPicture, frames: list[VideoFrame]) -> Frame:
        if not frames:
            raise NotDecoded("there is no picture in it")
        frame = frames[-1]
        if frame.is_corrupt:
            raise NotDecoded("the picture is damaged")
        if frame.width * frame.height > self._limits.pixels:
            raise NotDecoded("the picture is too large")
        return shown(picture.camera, picture.at, frame, self._limits.width_pixels)


def shown(camera: str, at: float, frame: VideoFrame, width_pixels: int) -> Frame:
    """A decoder's frame as arrays of our own, no wider than ``width_pixels``."""
    if frame.width > width_pixels:
        height = max(2, round(frame.height * width_pixels / frame.width / 2) * 2)
        frame = frame.reformat(width=width_pixels, height=height)
    bgr = cast(Bgr, frame.to_ndarray(format="bgr24"))
    return Frame(camera, at, bgr, _luma(frame))


def _luma(frame: VideoFrame) -> Luma:
    # Of the usual formats the first plane is the brightness already, row by row with padding.
    if frame.format.name not in ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "gray", "nv12"):
        frame = frame.reformat(format="gray")
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    luma: Luma = rows[: frame.height, : frame.width].copy()
    return luma
