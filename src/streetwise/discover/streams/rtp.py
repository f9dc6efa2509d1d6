"""RTP and RTCP headers (RFC 3550) and the counting of sequence numbers.

The hot way of a packet is ``sieve``, which reads only what it must; here is the whole header.
"""

from __future__ import annotations

from dataclasses import dataclass

from streetwise.discover.streams.errors import Malformed

HEAD = 12  # bytes of the fixed header
BYE = 203  # RTCP packet type: the sender leaves
_VERSION = 2
_SEQUENCES = 1 << 16
_HALF = _SEQUENCES // 2


@dataclass(frozen=True, slots=True)
class Packet:
    """An RTP header; the payload is ``buffer[start:end]`` of the buffer that it was read from."""

    payload_type: int
    marker: bool
    sequence: int
    stamp: int
    source: int
    start: int
    end: int


def read_packet(buffer: bytes | bytearray, start: int, end: int) -> Packet:
    """Read the packet in ``buffer[start:end]``: contributors, extension and padding passed over."""
    if end - start < HEAD:
        raise Malformed("an RTP packet shorter than its header")
    first, second = buffer[start], buffer[start + 1]
    if first >> 6 != _VERSION:
        raise Malformed("an RTP packet of another version")
    at = start + HEAD + 4 * (first & 0x0F)
    if first & 0x10:
        if end - at < 4:
            raise Malformed("an RTP extension that is cut off")
        at += 4 + 4 * int.from_bytes(buffer[at + 2 : at + 4], "big")
    until = end
    if first & 0x20:
        padding = buffer[end - 1]
        if padding == 0:
            raise Malformed("RTP padding of no length")
        until -= padding
    if at > until:
        raise Malformed("an RTP packet shorter than its header says")
    return Packet(
        second & 0x7F,
        second >= 0x80,
        int.from_bytes(buffer[start + 2 : start + 4], "big"),
        int.from_bytes(buffer[start + 4 : start + 8], "big"),
        int.from_bytes(buffer[start + 8 : start + 12], "big"),
        at,
        until,
    )


class Sequence:
    """Follows sequence numbers across their wrap; counts what never came and what came twice.

    Over TCP nothing is overtaken: a number behind the expected one is a repetition. A sender
    that begins anew (a jump of more than ``restart`` either way) is believed: it counts as one
    gap of unknown size.
    """

    def __init__(self, restart: int = 3000) -> None:
        self.expected: int | None = None
        self.lost = 0
        self.repeated = 0
        self.restarts = 0
        self._restart = restart

    def step(self, sequence: int) -> int:
        """0: the next one; more: so many are missing before it (restart: 1); -1: came twice."""
        expected = self.expected
        if expected is None or sequence == expected:
            self.expected = (sequence + 1) % _SEQUENCES
            return 0
        ahead = (sequence - expected) % _SEQUENCES
        if ahead >= _HALF:
            ahead -= _SEQUENCES
        if abs(ahead) > self._restart:
            self.restarts += 1
            self.expected = (sequence + 1) % _SEQUENCES
            return 1
        if ahead < 0:
            self.repeated += 1
            return -1
        self.lost += ahead
        self.expected = (sequence + 1) % _SEQUENCES
        return ahead


def says_bye(buffer: bytes | bytearray, start: int, end: int) -> bool:
    """Whether a compound RTCP packet holds a BYE. Garbage does not."""
    at = start
    while end - at >= 4 and buffer[at] >> 6 == _VERSION:
        if buffer[at + 1] == BYE:
            return True
        at += 4 + 4 * int.from_bytes(buffer[at + 2 : at + 4], "big")
    return False
