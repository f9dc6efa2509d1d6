"""Files as streams: the seam only. A file is opened and decoded in a decoder worker, by PyAV.

A file can crash a decoder, so nothing of it is read here; a worker that dies over it takes no
camera along.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streetwise.discover.streams.errors import Malformed


@dataclass(frozen=True, slots=True)
class FileStream:
    """A recording that plays a camera.

    ``speed``: seconds of film per second; 0: as fast as it goes. ``every_s``: seconds of film
    between two pictures that are handed on.
    """

    camera: str
    path: Path
    repeat: bool = False
    speed: float = 1.0
    every_s: float = 2.0


def file_stream(
    camera: str,
    path: Path,
    inside: Path,
    *,
    repeat: bool = False,
    speed: float = 1.0,
    every_s: float = 2.0,
) -> FileStream:
    """Check a recording before it goes to a worker: a plain file below the folder ``inside``."""
    real = path.resolve()
    if not real.is_relative_to(inside.resolve()) or not real.is_file():
        raise Malformed("a recording that is not a file of the recordings' folder")
    if speed < 0 or every_s <= 0:
        raise Malformed("a recording played backwards or without pictures")
    return FileStream(camera, real, repeat, speed, every_s)
