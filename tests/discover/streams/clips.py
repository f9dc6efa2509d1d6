"""Small clips encoded on the spot, their NAL units, and RTP packets made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import av
import numpy as np
from numpy.typing import NDArray

from streetwise.discover.streams import h264, h265
from streetwise.discover.streams.syntax import Syntax
from streetwise.discover.values import Codec

ENCODERS = {"h264": "libx264", "h265": "libx265"}
SYNTAXES: dict[str, Syntax] = {"h264": h264.SYNTAX, "h265": h265.SYNTAX}
START = b"\x00\x00\x00\x01"
PAYLOAD_TYPE = 96


@dataclass(frozen=True)
class Picture:
    """One coded picture of a clip: its NAL units in order."""

    key: bool
    units: tuple[bytes, ...]


def split(annex_b: bytes) -> tuple[bytes, ...]:
    """NAL units of a byte stream."""
    parts = re.split(rb"\x00\x00\x00\x01|\x00\x00\x01", annex_b)
    return tuple(part for part in parts if part)


def _image(number: int, width: int, height: int, seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 255, (height, width, 3)).astype(np.uint8)
    image[: height // 2] //= 4
    left = (number * 7 + seed) % (width - 16)
    image[8:24, left : left + 16] = 255 - number
    return image


@cache
def clip(
    codec: Codec,
    *,
    pictures: int = 12,
    every: int = 4,
    size: tuple[int, int] = (128, 96),
    seed: int = 1,
    options: tuple[tuple[str, str], ...] = (),
) -> tuple[Picture, ...]:
    """A clip with a key picture every so many."""
    encoder = av.CodecContext.create(ENCODERS[codec], "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    fixed = {"preset": "ultrafast", "tune": "zerolatency"}
    own = f"keyint={every}:min-keyint={every}:scenecut=0:bframes=0"
    if codec == "h264":
        fixed["x264-params"] = ":".join([own, *(f"{name}={value}" for name, value in options)])
    else:
        more = ["log-level=none", "repeat-headers=1", "pools=1", "frame-threads=1", "open-gop=0"]
        more += [f"{name}={value}" for name, value in options]
        fixed["x265-params"] = ":".join([own, *more])
    encoder.options = fixed
    packets = []
    for number in range(pictures):
        frame = av.VideoFrame.from_ndarray(_image(number, *size, seed), format="rgb24")
        frame = frame.reformat(format="yuv420p")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return tuple(Picture(one.is_keyframe, split(bytes(one))) for one in packets)


def decode(codec: Codec, data: Iterable[bytes]) -> list[NDArray[np.uint8]]:
    """All frames of coded pictures that follow each other."""
    decoder = av.CodecContext.create("hevc" if codec == "h265" else codec, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.thread_count = 1
    frames = []
    for one in data:
        frames += decoder.decode(av.Packet(one))
    frames += decoder.decode(None)
    return [frame.to_ndarray().astype(np.uint8, copy=False) for frame in frames]


def whole(picture: Picture) -> bytes:
    """A picture as a byte stream."""
    return b"".join(START + unit for unit in picture.units)


def sets_of(codec: Codec, pictures: Sequence[Picture]) -> tuple[bytes, ...]:
    """The parameter sets of a clip's first picture."""
    syntax = SYNTAXES[codec]
    return tuple(unit for unit in pictures[0].units if syntax.kind(syntax.unit_type(unit)) == "set")


def expected(codec: Codec, picture: Picture, sets: Sequence[bytes] | None = None) -> bytes:
    """What is to come of a key picture: its parameter sets (by kind and id), then its slices."""
    syntax = SYNTAXES[codec]
    own = [u for u in picture.units if syntax.kind(syntax.unit_type(u)) == "set"]
    front = sorted(sets if sets is not None else own, key=syntax.set_id)
    slices = [u for u in picture.units if syntax.kind(syntax.unit_type(u)) == "key"]
    return b"".join(START + unit for unit in (*front, *slices))


def rtp(payload: bytes, sequence: int, stamp: int, marker: bool, source: int = 7) -> bytes:
    """A plain RTP packet."""
    return (
        bytes((0x80, (0x80 if marker else 0) | PAYLOAD_TYPE))
        + (sequence & 0xFFFF).to_bytes(2, "big")
        + (stamp & 0xFFFFFFFF).to_bytes(4, "big")
        + source.to_bytes(4, "big")
        + payload
    )


def payloads(codec: Codec, units: Sequence[bytes], most: int, aggregate: bool) -> list[bytes]:
    """RTP payloads of a picture: small neighbours aggregated, long units fragmented."""
    found: list[bytes] = []
    small: list[bytes] = []

    def flush() -> None:
        if len(small) > 1:
            head = b"\x78" if codec == "h264" else b"\x60\x01"
            found.append(head + b"".join(len(u).to_bytes(2, "big") + u for u in small))
        else:
            found.extend(small)
        small.clear()

    for unit in units:
        if aggregate and sum(map(len, small)) + len(unit) < most // 2:
            small.append(unit)
            continue
        flush()
        found += [unit] if len(unit) <= most else _fragments(codec, unit, most)
    flush()
    return found


def _fragments(codec: Codec, unit: bytes, most: int) -> list[bytes]:
    if codec == "h264":
        fronts, of, body = bytes((unit[0] & 0xE0 | 28,)), unit[0] & 0x1F, unit[1:]
    else:
        fronts = bytes((unit[0] & 0x81 | 49 << 1, unit[1]))
        of, body = unit[0] >> 1 & 0x3F, unit[2:]
    cut = [body[at : at + most] for at in range(0, len(body), most)]
    last = len(cut) - 1
    return [
        fronts + bytes(((0x80 if n == 0 else 0) | (0x40 if n == last else 0) | of,)) + part
        for n, part in enumerate(cut)
    ]


def packets(
    codec: Codec,
    pictures: Sequence[Picture],
    *,
    most: int = 400,
    aggregate: bool = True,
    first: int = 0,
    stamp: int = 1000,
    strip_sets: bool = False,
) -> list[bytes]:
    """All RTP packets of a clip. ``strip_sets``: they are told by SDP only."""
    syntax = SYNTAXES[codec]
    found: list[bytes] = []
    for number, picture in enumerate(pictures):
        units = [
            unit
            for unit in picture.units
            if not (strip_sets and syntax.kind(syntax.unit_type(unit)) == "set")
        ]
        parts = payloads(codec, units, most, aggregate)
        for place, payload in enumerate(parts):
            found.append(
                rtp(payload, first + len(found), stamp + 3600 * number, place == len(parts) - 1)
            )
    return found


def framed(some: Iterable[bytes], channel: int = 0) -> bytes:
    """RTP packets as interleaved frames."""
    return b"".join(bytes((0x24, channel)) + len(one).to_bytes(2, "big") + one for one in some)
