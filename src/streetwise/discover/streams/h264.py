"""H.264 over RTP (RFC 6184, packetisation modes 0 and 1): single NAL unit, STAP-A, FU-A.

The interleaved mode (STAP-B, MTAP16, MTAP24, FU-B) sends units out of order; no camera was seen
to use it and it is refused with a clear word.
"""

from __future__ import annotations

from streetwise.discover.streams.errors import Malformed
from streetwise.discover.streams.syntax import Bits, Kind, Piece, Syntax, aggregate, table

SLICE, PARTITION_C, IDR, SEI, SPS, PPS, SPS_EXTENSION = 1, 4, 5, 6, 7, 8, 13
STAP_A, STAP_B, MTAP16, MTAP24, FU_A, FU_B = 24, 25, 26, 27, 28, 29

_NOT_KEY = range(SLICE, PARTITION_C + 1)


def unit_type(head: bytes | int) -> int:
    """The type of a NAL unit, from its first byte or its bytes."""
    return (head if isinstance(head, int) else head[0]) & 0x1F


def kind(of: int) -> Kind:
    """What a type of NAL unit is to us."""
    if of == IDR:
        return "key"
    if of in _NOT_KEY:
        return "slice"
    if of in (SPS, PPS):
        return "set"
    return "hint" if of in (SEI, SPS_EXTENSION) else "drop"


def pieces(buffer: bytes | bytearray, start: int, end: int) -> list[Piece]:
    """The NAL units, or the part of one, in a payload."""
    if end - start < 2:
        raise Malformed("an H.264 payload that is empty")
    first = buffer[start]
    of = first & 0x1F
    if 1 <= of < STAP_A:
        return [Piece(of, b"", start, end, True, True)]
    if of == STAP_A:
        return aggregate(buffer, start + 1, end, unit_type, 1)
    if of == FU_A:
        return [_fragment(buffer, start, end)]
    if of in (STAP_B, MTAP16, MTAP24, FU_B):
        raise Malformed("H.264 in interleaved mode, which is not supported")
    raise Malformed("an H.264 payload of a reserved type")


def _fragment(buffer: bytes | bytearray, start: int, end: int) -> Piece:
    if end - start < 3:
        raise Malformed("a fragment of nothing")
    indicator, head = buffer[start], buffer[start + 1]
    of = head & 0x1F
    if not 1 <= of < STAP_A:
        raise Malformed("a fragment of something that cannot be fragmented")
    first = bool(head & 0x80)
    rebuilt = bytes((indicator & 0xE0 | of,)) if first else b""
    return Piece(of, rebuilt, start + 2, end, first, bool(head & 0x40))


def begins_picture(unit: bytes) -> bool:
    """first_mb_in_slice is 0: ue(v) 0 is a single bit 1."""
    return len(unit) > 1 and unit[1] >= 0x80


def set_id(unit: bytes) -> tuple[int, int]:
    """(0, id) of a sequence, (1, id) of a picture parameter set (H.264 §7.3.2)."""
    if unit_type(unit) == SPS:
        bits = Bits(unit[:16])
        bits.take(32)  # header, profile, constraints, level
        rank, most = 0, 31
    else:
        bits = Bits(unit[:16])
        bits.take(8)
        rank, most = 1, 255
    number = bits.exp_golomb()
    if number > most:
        raise Malformed("a parameter set with an id out of range")
    return rank, number


def _drop_type(of: int) -> int:
    return int(1 <= of < STAP_A and kind(of) not in ("key", "set"))


def _drop_single(byte: int) -> int:
    return 2 if byte & 0x1F == FU_A else _drop_type(byte & 0x1F)


SYNTAX = Syntax(
    "h264",
    table(_drop_single),
    table(lambda byte: _drop_type(byte & 0x1F)),
    1,
    pieces,
    kind,
    unit_type,
    begins_picture,
    set_id,
    frozenset((0, 1)),
)
