"""What the two codecs have in common: pieces of NAL units in RTP payloads, and their bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from streetwise.discover.streams.errors import Malformed
from streetwise.discover.values import Codec

Kind = Literal["key", "slice", "set", "hint", "drop"]
"""What a NAL unit is to us: a slice that decodes alone, another slice, a parameter set, something
that helps decoding (kept in full mode only), or nothing."""


class Piece(NamedTuple):
    """A part of a NAL unit: ``head``, then ``buffer[start:end]``.

    ``head`` is the unit's own header, where it begins here and was split off. ``first`` and
    ``last`` say whether the unit begins and ends here.
    """

    type: int
    head: bytes
    start: int
    end: int
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Syntax:
    """One codec's part of the work.

    ``drop_single[b]`` for the first byte of a payload: 1 drop, 0 look, 2 ask ``drop_fragment``
    with the byte at ``fragment_at`` (the sieve's tables: 1 for all but key slices, parameter sets
    and what may hold them; in full mode the sieve drops nothing).
    ``begins_picture`` says of the bytes of a slice (with its header) whether it is the first.
    ``set_id``: where among its kind a parameter set belongs (kind's rank, id).
    """

    codec: Codec
    drop_single: bytes
    drop_fragment: bytes
    fragment_at: int
    pieces: Callable[[bytes | bytearray, int, int], list[Piece]]
    kind: Callable[[int], Kind]
    unit_type: Callable[[bytes], int]
    begins_picture: Callable[[bytes], bool]
    set_id: Callable[[bytes], tuple[int, int]]
    needs: frozenset[int]  # the ranks of sets without which nothing decodes


class Bits:
    """Reads a raw byte sequence payload bit by bit; past its end raises Malformed."""

    def __init__(self, unit: bytes) -> None:
        self._bytes = unit.replace(b"\x00\x00\x03", b"\x00\x00")  # emulation prevention
        self._at = 0

    def take(self, count: int) -> int:
        """The next ``count`` bits as a number."""
        end = self._at + count
        if end > 8 * len(self._bytes):
            raise Malformed("a parameter set that is cut off")
        first, last = self._at // 8, (end + 7) // 8
        self._at = end
        whole = int.from_bytes(self._bytes[first:last], "big")
        return (whole >> (8 * last - end)) & ((1 << count) - 1)

    def exp_golomb(self) -> int:
        """ue(v) of both standards: bounded to 16 bits, more than any id has."""
        zeros = 0
        while self.take(1) == 0:
            zeros += 1
            if zeros > 16:
                raise Malformed("a number in a parameter set that is too large")
        return (1 << zeros) - 1 + self.take(zeros)


def table(rule: Callable[[int], int]) -> bytes:
    """A table over all bytes, for the sieve."""
    return bytes(rule(byte) for byte in range(256))


def aggregate(
    buffer: bytes | bytearray, start: int, end: int, type_at: Callable[[int], int], least: int
) -> list[Piece]:
    """The whole units of an aggregation packet: each with two bytes of length before it."""
    found: list[Piece] = []
    while start < end:
        if end - start < 2:
            raise Malformed("an aggregation packet that is cut off")
        size = int.from_bytes(buffer[start : start + 2], "big")
        start += 2
        if size < least or size > end - start:
            raise Malformed("a unit in an aggregation packet of a wrong length")
        found.append(Piece(type_at(buffer[start]), b"", start, start + size, True, True))
        start += size
    return found
