"""A video file as a camera: its frames, as many as there really are.

A file's header may lie about its length, its rate and its times; what counts is what decodes.
A file may also crash a decoder: like every decoding this runs in a process that may end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from streetwise.discover.engine.decoding import DecodeLimits, NotDecoded, shown
from streetwise.discover.values import Frame

#: Taken where a file names no rate, or one that no camera has.
USUAL_RATE = 25.0
MOST_RATE = 240.0


@dataclass(frozen=True, slots=True)
class Counted:
    """How many frames a file has: ``decoded`` is true, ``said`` is what its header says (0: none).

    ``damaged``: packets that did not decode.
    """

    decoded: int
    said: int
    damaged: int


def frames(
    path: Path, camera: str, every_seconds: float, limits: DecodeLimits | None = None
) -> Iterator[Frame]:
    """Frames of a file, one in ``every_seconds`` of its own time; ``at`` counts from its beginning.

    Damaged parts are left out. Raises NotDecoded where there is no video, or it is too large.
    """
    limits = limits or DecodeLimits()
    with _opened(path) as container:
        step, due, number = 1 / _rate(container), 0.0, -1
        for frame in _decoded(container, limits, []):
            number += 1
            # Counted, not read: times in files jump and repeat.
            at = number * step
            if at + step / 2 >= due:
                due += max(every_seconds, step)
                yield shown(camera, at, frame, limits.width_pixels)


def count(path: Path, limits: DecodeLimits | None = None) -> Counted:
    """Decode a file to its end and count. Raises NotDecoded where there is no video in it."""
    with _opened(path) as container:
        said, damaged = container.streams.video[0].frames, list[int]()
        decoded = sum(1 for _ in _decoded(container, limits or DecodeLimits(), damaged))
    return Counted(decoded, said, len(damaged))


def _opened(path: Path) -> av.container.InputContainer:
    try:
        container = av.open(str(path), "r")
    except (av.FFmpegError, ValueError) as error:
        raise NotDecoded("the file is no video that can be read") from error
    if not container.streams.video:
        container.close()
        raise NotDecoded("there is no video in the file")
    return container


def _rate(container: av.container.InputContainer) -> float:
    rate = float(container.streams.video[0].average_rate or 0)
    return rate if 0 < rate <= MOST_RATE else USUAL_RATE


def _decoded(
    container: av.container.InputContainer, limits: DecodeLimits, damaged: list[int]
) -> Iterator[av.VideoFrame]:
    stream = container.streams.video[0]
    if stream.codec_context is None:
        raise NotDecoded("nothing here decodes the file")
    if stream.width * stream.height > limits.pixels:
        raise NotDecoded("the picture is too large")
    stream.codec_context.thread_count = 1
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:
            # Reading further in a file that cannot be read gives the same again, for ever.
            return
        try:
            yield from stream.decode(packet)
        except av.FFmpegError:
            damaged.append(1)
