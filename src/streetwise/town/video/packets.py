"""Coded pictures as RTP packets inside an RTSP connection (RFC 2326 10.12, 6184, 7798).

A picture's packets are made once, each with ``$``, channel and length before it; sending fills in
sequence number and time, which is all that differs from one showing to the next.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .encode import Codec, Nals, is_key, parameter_sets

MTU = 1400  # bytes of an RTP packet's payload at most
PAYLOAD = 96
CLOCK = 90_000
SSRC = 0x5357_0001
_HEAD = 4  # $, channel, length
_RTP = struct.Struct(">BBHII")


@dataclass(frozen=True, slots=True)
class Wire:
    """The packets of one picture; ``at``: where in ``data`` each RTP header begins."""

    data: bytes
    at: tuple[int, ...]
    key: bool

    def sent(self, sequence: int, stamp: int) -> bytearray:
        """With its numbers: the first packet's sequence number and the picture's time."""
        out = bytearray(self.data)
        for k, at in enumerate(self.at):
            struct.pack_into(">HI", out, at + 2, (sequence + k) & 0xFFFF, stamp & 0xFFFFFFFF)
        return out

    def pieces(self, data: bytes | bytearray) -> list[bytearray]:
        """What ``sent`` gave, packet by packet."""
        ends = [*(at - _HEAD for at in self.at[1:]), len(data)]
        return [bytearray(data[at - _HEAD : end]) for at, end in zip(self.at, ends, strict=True)]


def wire(picture: Nals, codec: Codec) -> Wire:
    """Packets of a picture, on channel 0, numbers still 0."""
    payloads = list(_payloads(picture, codec))
    data, at = bytearray(), []
    for k, payload in enumerate(payloads):
        last = k == len(payloads) - 1
        data += struct.pack(">cBH", b"$", 0, len(payload) + _RTP.size)
        at.append(len(data))
        data += _RTP.pack(0x80, PAYLOAD | (0x80 if last else 0), 0, 0, SSRC) + payload
    return Wire(bytes(data), tuple(at), is_key(picture, codec))


def _payloads(picture: Nals, codec: Codec) -> Iterator[bytes]:
    """Small units together, large ones in pieces."""
    waiting: list[bytes] = []
    for unit in picture:
        size = sum(len(one) + 2 for one in waiting) + len(unit) + 4
        if size > MTU and waiting:
            yield _together(waiting, codec)
            waiting = []
        if len(unit) > MTU:
            yield from _in_pieces(unit, codec)
        else:
            waiting.append(unit)
    if waiting:
        yield _together(waiting, codec)


def _together(units: Sequence[bytes], codec: Codec) -> bytes:
    if len(units) == 1:
        return units[0]
    body = b"".join(struct.pack(">H", len(unit)) + unit for unit in units)
    if codec == "h264":
        return bytes([max(unit[0] & 0x60 for unit in units) | 24]) + body
    return bytes([48 << 1, 1]) + body


def _in_pieces(unit: bytes, codec: Codec) -> Iterator[bytes]:
    if codec == "h264":
        head, kind, body = bytes([unit[0] & 0xE0 | 28]), unit[0] & 0x1F, unit[1:]
    else:
        head, kind, body = bytes([unit[0] & 0x81 | 49 << 1, unit[1]]), unit[0] >> 1 & 0x3F, unit[2:]
    step = MTU - len(head) - 1
    for at in range(0, len(body), step):
        flags = (0x80 if at == 0 else 0) | (0x40 if at + step >= len(body) else 0)
        yield head + bytes([flags | kind]) + body[at : at + step]


def sender_report(sequence_stamp: int, now: float, packets: int, octets: int) -> bytes:
    """RTCP (RFC 3550 6.4.1) on channel 1: which wall time a stamp belongs to."""
    seconds = now + 2_208_988_800
    body = struct.pack(
        ">BBHIIIIII", 0x80, 200, 6, SSRC, int(seconds) & 0xFFFFFFFF,
        int(seconds % 1 * 2**32), sequence_stamp & 0xFFFFFFFF, packets & 0xFFFFFFFF,
        octets & 0xFFFFFFFF,
    )  # fmt: skip
    return struct.pack(">cBH", b"$", 1, len(body)) + body


def description(first: Nals, codec: Codec, fps: float, url: str) -> str:
    """SDP (RFC 4566) of a stream whose first picture is given."""
    sets = [base64.b64encode(unit).decode() for unit in parameter_sets(first, codec)]
    if codec == "h264":
        profile = parameter_sets(first, codec)[0][1:4].hex()
        form = (
            f"packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={','.join(sets)}"
        )
        name = "H264"
    else:
        form = ";".join(f"sprop-{k}={v}" for k, v in zip(("vps", "sps", "pps"), sets, strict=True))
        name = "H265"
    lines = (
        "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=camera", "c=IN IP4 0.0.0.0", "t=0 0",
        "a=control:*", "a=range:npt=0-", f"m=video 0 RTP/AVP {PAYLOAD}",
        f"a=rtpmap:{PAYLOAD} {name}/{CLOCK}", f"a=fmtp:{PAYLOAD} {form}", f"a=framerate:{fps:g}",
        f"a=control:{url}/trackID=0",
    )  # fmt: skip
    return "\r\n".join(lines) + "\r\n"
