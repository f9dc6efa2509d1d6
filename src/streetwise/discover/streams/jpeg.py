"""JPEG as it comes from cameras: checked before anything decodes it."""

from __future__ import annotations

from streetwise.discover.streams.errors import Malformed

_START, _END = b"\xff\xd8", b"\xff\xd9"
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
#: Start of frame: baseline, extended, progressive; the other kinds no camera sends.
_FRAMES = {0xC0, 0xC1, 0xC2}
_SCAN = 0xDA


def check_jpeg(data: bytes, *, most_bytes: int, most_pixels: int) -> tuple[int, int]:
    """Width and height of a JPEG; raises Malformed if it is none, too long or too large."""
    if len(data) > most_bytes:
        raise Malformed("a picture of too many bytes")
    if not data.startswith(_START) or _END not in data[-64:]:
        raise Malformed("not a whole JPEG")
    width, height = _size(data)
    if not 0 < width * height <= most_pixels:
        raise Malformed("a picture of no or too many pixels")
    return width, height


def _size(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF:  # fill
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker in _FRAMES:
            height = int.from_bytes(data[at + 5 : at + 7], "big")
            return int.from_bytes(data[at + 7 : at + 9], "big"), height
        elif marker == _SCAN:
            break
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise Malformed("a JPEG without a frame")
