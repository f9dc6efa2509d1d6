"""The quick way of interleaved frames: what nobody needs is passed over where it lies.

One ``unpack`` and two look-ups in a table per packet, nothing copied. A packet may be passed over
only if nothing can depend on it: no picture is being put together, its number is the expected
one, its header is plain, and it holds (a fragment of) a slice that is no key, or a unit that no
key picture needs. Everything else goes the whole way through ``depacketise.Depacketiser``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from streetwise.discover.streams.depacketise import Depacketiser
from streetwise.discover.streams.errors import Malformed
from streetwise.discover.streams.messages import DOLLAR, FRAME_HEAD
from streetwise.discover.streams.rtp import says_bye
from streetwise.discover.values import CodedPicture

#: dollar, channel, length, RTP's first two bytes, sequence; 8 passed over; payload's first three
_QUICK = struct.Struct(">BBHBBH8xBBB")
_ONE_BYTE, _FRAGMENT = 13, 15  # lengths of packets with the first of these, and with all
_PLAIN = 0x80  # version 2, no padding, no extension, no contributors
#: So many packets in a row that are none: this is not RTP.
MALFORMED_MOST = 32


@dataclass(slots=True)
class Sifted:
    """What a sifting found, and where it stopped: behind the last whole frame."""

    at: int
    pictures: list[CodedPicture] = field(default_factory=list)
    video: bool = False  # a packet of the video came
    bye: bool = False


class Sieve:
    """Takes the interleaved frames of one connection; video and its RTCP channel by number."""

    def __init__(self, depacketiser: Depacketiser, video: int, control: int) -> None:
        self._depacketiser = depacketiser
        self._video = video
        self._control = control
        self._malformed = 0  # in a row

    def sift(self, buffer: bytes | bytearray, at: int, end: int, now: float) -> Sifted:
        """Take all whole frames from ``buffer[at:end]``; stops at what is no frame.

        Raises Malformed when too much in a row is no RTP.
        """
        found = Sifted(at)
        depacketiser, video = self._depacketiser, self._video
        syntax, sequence = depacketiser.syntax, depacketiser.sequence
        single, fragment, near = syntax.drop_single, syntax.drop_fragment, syntax.fragment_at == 1
        unpack, quick_size = _QUICK.unpack_from, _QUICK.size
        idle, expected = depacketiser.idle, sequence.expected
        while True:
            if end - at >= quick_size:
                dollar, channel, length, first, _, number, b0, b1, b2 = unpack(buffer, at)
                until = at + 4 + length
                if dollar != DOLLAR or until > end:
                    break
                if (
                    idle
                    and number == expected
                    and channel == video
                    and first == _PLAIN
                    and length >= _ONE_BYTE
                ):
                    drop = single[b0]
                    if drop == 1 or (
                        drop == 2 and length >= _FRAGMENT and fragment[b1 if near else b2]
                    ):
                        expected = (number + 1) & 0xFFFF
                        at = until
                        found.video = True
                        continue
            else:
                if end - at < FRAME_HEAD or buffer[at] != DOLLAR:
                    break
                channel = buffer[at + 1]
                until = at + FRAME_HEAD + (buffer[at + 2] << 8 | buffer[at + 3])
                if until > end:
                    break
            sequence.expected = expected
            self._whole_way(buffer, channel, at + FRAME_HEAD, until, now, found)
            idle, expected = depacketiser.idle, sequence.expected
            at = until
        sequence.expected = expected
        found.at = at
        return found

    def _whole_way(
        self,
        buffer: bytes | bytearray,
        channel: int,
        start: int,
        end: int,
        now: float,
        found: Sifted,
    ) -> None:
        if channel == self._control:
            found.bye = found.bye or says_bye(buffer, start, end)
            return
        if channel != self._video:
            return  # sound, or what was not asked for
        found.video = True
        try:
            found.pictures += self._depacketiser.packet(buffer, start, end, now)
        except Malformed:
            self._malformed += 1
            if self._malformed > MALFORMED_MOST:
                raise
        else:
            self._malformed = 0
