"""H.265 over RTP (RFC 7798): single NAL unit, aggregation packet, fragmentation unit.

Without decoding order numbers (sprop-max-don-diff 0), as all cameras send it; PACI packets are
refused with a clear word.
"""

from __future__ import annotations

from streetwise.discover.streams.errors import Malformed
from streetwise.discover.streams.syntax import Bits, Kind, Piece, Syntax, aggregate, table

VPS, SPS, PPS, SEI_PREFIX, SEI_SUFFIX = 32, 33, 34, 39, 40
AGGREGATION, FRAGMENT, PACI = 48, 49, 50

_SLICES = range(32)
_KEYS = range(16, 22)  # BLA, IDR, CRA: intra random access pictures
_SET_RANKS = {VPS: (0, 15), SPS: (1, 15), PPS: (2, 63)}  # rank, highest id


def unit_type(head: bytes | int) -> int:
    """The type of a NAL unit, from its first byte or its bytes."""
    return ((head if isinstance(head, int) else head[0]) >> 1) & 0x3F


def kind(of: int) -> Kind:
    """What a type of NAL unit is to us."""
    if of in _KEYS:
        return "key"
    if of in _SLICES:
        return "slice"
    if of in _SET_RANKS:
        return "set"
    return "hint" if of in (SEI_PREFIX, SEI_SUFFIX) else "drop"


def pieces(buffer: bytes | bytearray, start: int, end: int) -> list[Piece]:
    """The NAL units, or the part of one, in a payload."""
    if end - start < 3:
        raise Malformed("an H.265 payload that is empty")
    of = unit_type(buffer[start])
    if of < AGGREGATION:
        return [Piece(of, b"", start, end, True, True)]
    if of == AGGREGATION:
        return aggregate(buffer, start + 2, end, unit_type, 2)
    if of == FRAGMENT:
        return [_fragment(buffer, start, end)]
    if of == PACI:
        raise Malformed("an H.265 PACI packet, which is not supported")
    raise Malformed("an H.265 payload of a reserved type")


def _fragment(buffer: bytes | bytearray, start: int, end: int) -> Piece:
    if end - start < 4:
        raise Malformed("a fragment of nothing")
    head = buffer[start + 2]
    of = head & 0x3F
    if of >= AGGREGATION:
        raise Malformed("a fragment of something that cannot be fragmented")
    first = bool(head & 0x80)
    rebuilt = bytes((buffer[start] & 0x81 | of << 1, buffer[start + 1])) if first else b""
    return Piece(of, rebuilt, start + 3, end, first, bool(head & 0x40))


def begins_picture(unit: bytes) -> bool:
    """first_slice_segment_in_pic_flag, the first bit after the header."""
    return len(unit) > 2 and unit[2] >= 0x80


def set_id(unit: bytes) -> tuple[int, int]:
    """(rank, id) of a video, sequence or picture parameter set (H.265 §7.3.2, §7.3.3)."""
    of = unit_type(unit)
    bits = Bits(unit[:160])
    bits.take(16)
    if of == VPS:
        number = bits.take(4)
    elif of == SPS:
        bits.take(4)
        layers = bits.take(3)
        bits.take(1)
        _pass_profile(bits, layers)
        number = bits.exp_golomb()
    else:
        number = bits.exp_golomb()
    rank, most = _SET_RANKS[of]
    if number > most:
        raise Malformed("a parameter set with an id out of range")
    return rank, number


def _pass_profile(bits: Bits, layers: int) -> None:
    """Pass over profile_tier_level with ``layers`` = sps_max_sub_layers_minus1."""
    bits.take(88)
    bits.take(8)
    flags = [(bits.take(1), bits.take(1)) for _ in range(layers)]
    if layers:
        bits.take(2 * (8 - layers))
    for profile, level in flags:
        bits.take(88 * profile + 8 * level)


def _drop_type(of: int) -> int:
    return int(of < AGGREGATION and kind(of) not in ("key", "set"))


def _drop_single(byte: int) -> int:
    of = unit_type(byte)
    return 2 if of == FRAGMENT else _drop_type(of)


SYNTAX = Syntax(
    "h265",
    table(_drop_single),
    table(lambda byte: _drop_type(byte & 0x3F)),
    2,
    pieces,
    kind,
    unit_type,
    begins_picture,
    set_id,
    frozenset((0, 1, 2)),
)
