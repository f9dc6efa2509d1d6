"""Clips made for one test: moving patterns, encoded here, as packets of Annex B."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from streetwise.discover.values import Codec

RATE = 10


@dataclass(frozen=True)
class Clip:
    """``packets``: one coded picture each, in order; ``keys``: which of them are key pictures."""

    codec: Codec
    packets: tuple[bytes, ...]
    keys: tuple[bool, ...]

    def key_pictures(self) -> list[bytes]:
        return [data for data, key in zip(self.packets, self.keys, strict=True) if key]


def pictures(seed: int, count: int, width: int, height: int) -> list[NDArray[np.uint8]]:
    """RGB pictures: coarse noise that wanders to the right."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (height // 8, width // 8, 3), dtype=np.uint8)
    base = coarse.repeat(8, 0).repeat(8, 1)
    return [np.roll(base, step * 5, 1) for step in range(count)]


def written(
    target: io.BytesIO | str,
    form: str,
    codec: Codec,
    frames: list[NDArray[np.uint8]],
    every: int,
) -> None:
    """Encode pictures, a key picture in ``every``."""
    height, width = frames[0].shape[:2]
    with av.open(target, "w", format=form) as container:
        stream = container.add_stream("libx264" if codec == "h264" else "libx265", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = (
            {"g": str(every), "bf": "0", "preset": "ultrafast", "sc_threshold": "0"}
            if codec == "h264"
            else {
                "preset": "ultrafast",
                "x265-params": f"keyint={every}:min-keyint={every}:bframes=0:scenecut=0:"
                "log-level=none",
            }
        )
        for number, rgb in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@cache
def clip(
    codec: Codec, seed: int, count: int = 12, every: int = 4, width: int = 160, height: int = 96
) -> Clip:
    """One clip; the same arguments give the same."""
    made = io.BytesIO()
    form = "h264" if codec == "h264" else "hevc"
    written(made, form, codec, pictures(seed, count, width, height), every)
    with av.open(io.BytesIO(made.getvalue()), "r", format=form) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    return Clip(
        codec, tuple(bytes(one) for one in packets), tuple(bool(one.is_keyframe) for one in packets)
    )


def plainly(clip_: Clip) -> list[NDArray[np.uint8]]:
    """Every picture of a clip, decoded from the first to the last by one decoder: the reference."""
    context = av.CodecContext.create("h264" if clip_.codec == "h264" else "hevc", "r")
    frames = [frame for data in clip_.packets for frame in context.decode(av.Packet(data))]
    frames += context.decode(None)
    return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in frames]


def jpeg(seed: int, width: int = 160, height: int = 96) -> bytes:
    """One picture as JPEG."""
    from PIL import Image

    made = io.BytesIO()
    Image.fromarray(pictures(seed, 1, width, height)[0]).save(
        made, "JPEG", quality=90, subsampling=0
    )
    return made.getvalue()


def file(folder: Path, seconds: float, codec: Codec = "h264") -> Path:
    """A video file of so many seconds."""
    path = folder / "clip.mp4"
    written(str(path), "mp4", codec, pictures(7, round(seconds * RATE), 160, 96), 10)
    return path
