"""A clip: one round of a camera in one state, as groups of packets that are sent again and again.

It may be played while its groups still come: what is there is repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import av

from .encode import Coding, Nals, groups
from .packets import Wire, wire
from .render import Eye, State
from .solids import U8
from .traffic import CYCLE_S


@dataclass(frozen=True, slots=True)
class Group:
    """A group of pictures: packets of each, and its first picture as it was coded."""

    wires: tuple[Wire, ...]
    first: Nals


@dataclass(slots=True)
class Clip:
    """``state`` names what is shown (equal names, equal pictures)."""

    coding: Coding
    state: str
    groups: list[Group] = field(default_factory=list)

    @property
    def first(self) -> Nals:
        """The first key frame: its parameter sets describe the stream."""
        return self.groups[0].first

    @property
    def size(self) -> int:
        """Bytes of all packets."""
        return sum(len(one.data) for group in self.groups for one in group.wires)


def state_name(state: State) -> str:
    """A short text that two states share if they look alike."""
    light, one = state.light, state.happening
    name = f"{light.season} {light.sun} {light.rain} {light.cloud} {light.busy}"
    return f"{name} {one.key} {state.growth:g}" if one else name


def round_of(eye: Eye, state: State, coding: Coding) -> Iterator[U8]:
    """The pictures of one round."""
    for k in range(round(CYCLE_S * coding.fps)):
        yield eye.frame(state, k / coding.fps)


def coded(pictures: Iterable[U8], coding: Coding) -> Iterator[Group]:
    """Coded and packed, group by group."""
    for group in groups(pictures, coding):
        yield Group(tuple(wire(picture, coding.codec) for picture in group), group[0])


def clip_of(eye: Eye, state: State, coding: Coding) -> Clip:
    """A whole clip at once."""
    return Clip(coding, state_name(state), list(coded(round_of(eye, state, coding), coding)))


def pictures_of(clip: Clip) -> Iterator[U8]:
    """A clip decoded again."""
    decoder: Any = av.CodecContext.create("h264" if clip.coding.codec == "h264" else "hevc", "r")
    decoder.thread_count = 1
    for data in _annex_b(clip):
        for frame in decoder.decode(av.Packet(data)):
            yield frame.to_ndarray(format="rgb24")
    for frame in decoder.decode(None):
        yield frame.to_ndarray(format="rgb24")


def other_parameters(clip: Clip) -> Clip:
    """The same in another size, as if somebody had changed the camera's settings."""
    coding = replace(clip.coding, width=480, height=272)
    return Clip(coding, clip.state, list(coded(pictures_of(clip), coding)))


def without_keys(clip: Clip) -> Clip:
    """The same with no key frame but its first (H.264 only: a "smart" codec)."""
    coding = replace(clip.coding, refresh=True, codec="h264")
    return Clip(coding, clip.state, list(coded(pictures_of(clip), coding)))


def _annex_b(clip: Clip) -> Iterator[bytes]:
    for group in clip.groups:
        for one in group.wires:
            yield b"".join(
                b"\0\0\0\1" + unit for unit in units_of(one, clip.coding.codec == "h264")
            )


def units_of(one: Wire, h264: bool) -> list[bytes]:
    """NAL units out of a picture's packets (the other way round of ``packets``)."""
    out: list[bytes] = []
    for piece in one.pieces(one.data):
        payload = bytes(piece[16:])
        kind = payload[0] & 0x1F if h264 else payload[0] >> 1 & 0x3F
        head = 1 if h264 else 2
        if kind == (24 if h264 else 48):
            at = head
            while at < len(payload):
                size = int.from_bytes(payload[at : at + 2], "big")
                out.append(payload[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind == (28 if h264 else 49):
            flags = payload[head]
            if flags & 0x80:
                start = (
                    bytes([payload[0] & 0xE0 | flags & 0x1F]) if h264
                    else bytes([payload[0] & 0x81 | (flags & 0x3F) << 1, payload[1]])
                )  # fmt: skip
                out.append(start)
            out[-1] += payload[head + 1 :]
        else:
            out.append(payload)
    return out
