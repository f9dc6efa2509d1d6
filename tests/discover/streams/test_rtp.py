"""RTP headers and sequence numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.streams.errors import Malformed
from streetwise.discover.streams.rtp import Sequence, read_packet, says_bye


def header(first: int = 0x80, sequence: int = 5) -> bytes:
    return bytes((first, 0xE0)) + sequence.to_bytes(2, "big") + b"\x00\x00\x00\x09" + b"\0\0\0\x07"


def test_a_plain_header() -> None:
    packet = read_packet(b"??" + header() + b"abc", 2, 17)
    assert (packet.payload_type, packet.marker, packet.sequence) == (96, True, 5)
    assert (packet.stamp, packet.source, packet.start, packet.end) == (9, 7, 14, 17)


def test_all_that_can_stand_around_a_payload() -> None:
    data = header(0x80 | 0x20 | 0x10 | 0x01) + b"CSRC" + b"\xbe\xde\x00\x02" + b"12345678"
    data += b"abc" + b"\x00\x02"
    packet = read_packet(data, 0, len(data))
    assert data[packet.start : packet.end] == b"abc"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        header()[:11],
        header(0x40) + b"abc",
        header(0x82) + b"CSRC",
        header(0x90) + b"\0\0",
        header(0x90) + b"\0\0\0\x09abcd",
        header(0xA0) + b"ab\x00",
        header(0xA0) + b"ab\x09",
    ],
)
def test_headers_that_promise_too_much_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        read_packet(data, 0, len(data))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_garbage_is_malformed_or_lies_within(data: bytes) -> None:
    says_bye(data, 0, len(data))
    try:
        packet = read_packet(data, 0, len(data))
    except Malformed:
        return
    assert 12 <= packet.start <= packet.end <= len(data)


@settings(max_examples=100, deadline=None)
@given(
    first=st.integers(0, 65_535),
    steps=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2)), max_size=40),
)
def test_what_is_missing_is_counted_across_the_wrap(
    first: int, steps: list[tuple[int, int]]
) -> None:
    sequence, at, lost, repeated = Sequence(), first, 0, 0
    assert sequence.step(first) == 0
    for missing, twice in steps:
        at += 1 + missing
        lost += missing
        assert sequence.step(at & 0xFFFF) == missing
        for _ in range(twice):
            repeated += 1
            assert sequence.step(at & 0xFFFF) == -1
    assert (sequence.lost, sequence.repeated, sequence.restarts) == (lost, repeated, 0)


def test_a_sender_that_begins_anew_is_believed() -> None:
    sequence = Sequence()
    sequence.step(100)
    assert sequence.step(30_000) == 1
    assert sequence.step(30_001) == 0
    assert (sequence.lost, sequence.restarts) == (0, 1)


def test_a_bye_is_found_in_a_compound() -> None:
    report = b"\x80\xc9\x00\x01\0\0\0\x07"
    bye = b"\x81\xcb\x00\x01\0\0\0\x07"
    assert says_bye(report + bye, 0, 16)
    assert not says_bye(report, 0, 8)
