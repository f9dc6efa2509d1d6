"""Pictures into coded ones: short groups that can each be shown alone, as cameras send them.

One encoder makes the groups of one clip; every group begins with a key frame that has the
parameter sets before it, and refers to nothing outside itself, so groups may be repeated in any
order. Two ways of cameras that are hard on a receiver can be had, too: another size (``Shape``)
and no key frame but the first (``refresh``).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import av
import numpy as np
from PIL import Image

from .solids import HEIGHT, U8, WIDTH

Codec = Literal["h264", "h265"]
Nals = tuple[bytes, ...]  # of one picture, without start codes


@dataclass(frozen=True, slots=True)
class Coding:
    """How a clip is coded. ``quality``: as x264's crf, less is better; ``fps`` whole."""

    codec: Codec = "h264"
    fps: int = 5
    key_every_s: float = 2.0
    quality: int = 30
    width: int = WIDTH
    height: int = HEIGHT
    refresh: bool = False

    @property
    def group(self) -> int:
        """Pictures from one key frame to the next."""
        return max(1, round(self.fps * self.key_every_s))


def groups(pictures: Iterable[U8], coding: Coding) -> Iterator[list[Nals]]:
    """Groups of coded pictures, each as soon as it is whole. Raises ``av.FFmpegError``."""
    encoder = _encoder(coding)
    group: list[Nals] = []
    for packet in _packets(encoder, pictures, coding):
        if packet.is_keyframe and group:
            yield group
            group = []
        group.append(nals(bytes(packet)))
    if group:
        yield group


def _packets(encoder: Any, pictures: Iterable[U8], coding: Coding) -> Iterator[Any]:
    for number, picture in enumerate(pictures):
        if picture.shape[:2] != (coding.height, coding.width):
            small = Image.fromarray(picture).resize((coding.width, coding.height))
            picture = np.asarray(small)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        yield from encoder.encode(frame)
    yield from encoder.encode(None)


def _encoder(coding: Coding) -> Any:
    name = "libx264" if coding.codec == "h264" else "libx265"
    encoder: Any = av.CodecContext.create(name, "w")
    encoder.width, encoder.height = coding.width, coding.height
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, coding.fps)
    encoder.framerate = Fraction(coding.fps, 1)
    encoder.thread_count = 1
    keys = coding.group
    common = f"keyint={keys}:min-keyint={keys}:scenecut=0:bframes=0"
    if coding.codec == "h264":
        # With intra-refresh there is no key frame but the first: a strip walks over the picture.
        more = f"intra-refresh={int(coding.refresh)}:rc-lookahead=0:sync-lookahead=0"
        encoder.options = {
            "preset": "veryfast", "crf": str(coding.quality),
            "x264-params": f"{common}:{more}:repeat-headers=1",
        }  # fmt: skip
    else:
        encoder.options = {
            "preset": "ultrafast", "crf": str(coding.quality + 2),
            "x265-params": f"{common}:repeat-headers=1:pools=none:frame-threads=1:wpp=0"
            ":log-level=none",
        }  # fmt: skip
    return encoder


def nals(data: bytes) -> Nals:
    """The NAL units of a picture in Annex B."""
    out = []
    at = data.find(b"\0\0\1")
    while at >= 0:
        after = data.find(b"\0\0\1", at + 3)
        unit = data[at + 3 : after] if after >= 0 else data[at + 3 :]
        if after >= 0:
            unit = unit.rstrip(b"\0")
        if unit:
            out.append(unit)
        at = after
    return tuple(out)


def kind_of(unit: bytes, codec: Codec) -> int:
    """The type in a NAL unit's header."""
    return unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F


def is_key(picture: Nals, codec: Codec) -> bool:
    """Whether a picture can be decoded alone."""
    kinds = {kind_of(unit, codec) for unit in picture}
    return 5 in kinds if codec == "h264" else bool(kinds & {16, 17, 18, 19, 20, 21})


def parameter_sets(picture: Nals, codec: Codec) -> Nals:
    """SPS and PPS (and VPS before them) that stand before a key frame."""
    wanted = (7, 8) if codec == "h264" else (32, 33, 34)
    return tuple(unit for unit in picture if kind_of(unit, codec) in wanted)


def jpeg(picture: Nals, codec: Codec) -> bytes:
    """A coded key frame as a JPEG, as a camera's snapshot. Raises ``av.FFmpegError``."""
    decoder: Any = av.CodecContext.create("h264" if codec == "h264" else "hevc", "r")
    decoder.thread_count = 1
    data = b"".join(b"\0\0\0\1" + unit for unit in picture)
    frames = [*decoder.decode(av.Packet(data)), *decoder.decode(None)]
    out = io.BytesIO()
    Image.fromarray(frames[0].to_ndarray(format="rgb24")).save(out, "JPEG", quality=80)
    return out.getvalue()
