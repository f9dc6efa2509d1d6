"""Which addresses a camera may have: by the kind of its stream, and a file only of one folder.

What is no address of its kind never reaches a decoder: FFmpeg would open any path and any scheme.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from streetwise.discover.streams.errors import Malformed
from streetwise.discover.streams.files import file_stream
from streetwise.kernel.errors import Invalid

FILE = "file://"
_HTTP = ("http://", "https://")
RTSP = ("rtsp://", "rtsps://")
#: Of a platform's catalogue: plays a channel, or is asked for an address that does.
CATALOGUE_SCHEMES = (*RTSP, *_HTTP)
#: By kind. A push comes by itself; an address of one is kept and asked for nothing.
SCHEMES: Mapping[str, tuple[str, ...]] = {
    "rtsp": RTSP,
    "platform": _HTTP,
    "snapshot": _HTTP,
    "file": (FILE,),
    "push": (*RTSP, *_HTTP, FILE),
}


def check_begins(address: str, schemes: tuple[str, ...]) -> None:
    """Raise Invalid unless an address begins with one of these."""
    if not address.lower().startswith(schemes):
        raise Invalid(
            f"An address of this kind begins with {' or '.join(schemes)}.",
            code="camera_address",
            begins=" / ".join(schemes),
        )


def check_address(kind: str, address: str, videos: Path | None) -> None:
    """Raise Invalid where a stream of this kind cannot have this address.

    ``videos``: the folder below which a file lies, named by the error; None: no file may be had.
    """
    check_begins(address, SCHEMES[kind])
    if kind == "file" and (videos is None or file_of(address, videos) is None):
        folder = "" if videos is None else str(videos)
        raise Invalid(f"A video is a file below {folder}.", code="camera_file", folder=folder)


def file_of(address: str, videos: Path) -> Path | None:
    """The file of an address, links followed; None: none that lies below ``videos``."""
    if not address.lower().startswith(FILE):
        return None
    try:
        return file_stream("", Path(address[len(FILE) :]), videos).path
    except (Malformed, OSError, ValueError):  # a path that no file can have
        return None
