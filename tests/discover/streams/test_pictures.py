"""H.264 and H.265 over RTP: what was encoded comes out, and nothing that is not whole does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from discover.streams.clips import (
    PAYLOAD_TYPE,
    SYNTAXES,
    Picture,
    clip,
    decode,
    expected,
    framed,
    packets,
    rtp,
    sets_of,
    whole,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.streams.depacketise import Depacketiser
from streetwise.discover.streams.errors import Malformed
from streetwise.discover.streams.sieve import MALFORMED_MOST, Sieve
from streetwise.discover.values import Codec, CodedPicture

CODECS: tuple[Codec, ...] = ("h264", "h265")
both = pytest.mark.parametrize("codec", CODECS)


def made(codec: Codec, sets: Sequence[bytes] = (), **more: int) -> Depacketiser:
    return Depacketiser("c1", SYNTAXES[codec], PAYLOAD_TYPE, sets, **more)


def one_by_one(depacketiser: Depacketiser, some: Sequence[bytes]) -> list[CodedPicture]:
    found: list[CodedPicture] = []
    for packet in some:
        found += depacketiser.packet(packet, 0, len(packet), 5.0)
    return found


def sifted(depacketiser: Depacketiser, stream: bytes, cuts: Sequence[int]) -> list[CodedPicture]:
    """As the loop does it: chunks into a buffer with the tail of the one before in front."""
    sieve = Sieve(depacketiser, 0, 1)
    found: list[CodedPicture] = []
    tail = b""
    edges = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    for begin, end in zip(edges, edges[1:], strict=False):
        buffer = bytearray(tail + stream[begin:end])
        # What lies behind the end is of another camera: it must not be read.
        size = len(buffer)
        buffer += b"\x24\x00\x00\x20" + b"\x80" * 64
        result = sieve.sift(buffer, 0, size, 5.0)
        found += result.pictures
        tail = bytes(buffer[result.at : size])
    assert tail == b""
    return found


def keys(pictures: Sequence[Picture]) -> list[Picture]:
    return [one for one in pictures if one.key]


@both
@pytest.mark.parametrize("most", [60, 400, 60_000])
@pytest.mark.parametrize("aggregate", [True, False])
def test_every_key_picture_comes_out_byte_exact(codec: Codec, most: int, aggregate: bool) -> None:
    pictures = clip(codec)
    some = packets(codec, pictures, most=most, aggregate=aggregate)
    found = one_by_one(made(codec), some)
    assert [one.data for one in found] == [expected(codec, one) for one in keys(pictures)]
    assert all(one.key and one.whole and one.codec == codec for one in found)
    assert [one.stamp for one in found] == [1000 + 3600 * n for n in (0, 4, 8)]


@both
def test_a_key_picture_decodes_alone_to_what_the_whole_stream_decodes_to(codec: Codec) -> None:
    pictures = clip(codec)
    reference = decode(codec, [whole(one) for one in pictures])
    assert len(reference) == len(pictures)
    found = one_by_one(made(codec), packets(codec, pictures))
    at = [n for n, one in enumerate(pictures) if one.key]
    assert len(found) == len(at) == 3
    for place, one in zip(at, found, strict=True):
        (frame,) = decode(codec, [one.data])
        assert np.array_equal(frame, reference[place])


@both
def test_full_mode_decodes_to_the_same_as_the_file(codec: Codec) -> None:
    pictures = clip(codec)
    depacketiser = made(codec)
    depacketiser.full = True
    found = one_by_one(depacketiser, packets(codec, pictures))
    assert [one.key for one in found] == [one.key for one in pictures]
    frames = decode(codec, [one.data for one in found])
    reference = decode(codec, [whole(one) for one in pictures])
    assert np.array_equal(np.stack(frames), np.stack(reference))


def test_intra_refresh_has_one_key_picture_and_decodes_in_full() -> None:
    pictures = clip("h264", every=250, options=(("intra-refresh", "1"),))
    assert len(keys(pictures)) == 1
    depacketiser = made("h264")
    depacketiser.full = True
    found = one_by_one(depacketiser, packets("h264", pictures))
    frames = decode("h264", [one.data for one in found])
    reference = decode("h264", [whole(one) for one in pictures])
    assert np.array_equal(np.stack(frames), np.stack(reference))


@both
def test_several_slices_and_delimiters_make_one_picture(codec: Codec) -> None:
    options = (("slices", "3"), ("aud", "1"))
    pictures = clip(codec, options=options, size=(128, 128))
    found = one_by_one(made(codec), packets(codec, pictures, most=200))
    assert [one.data for one in found] == [expected(codec, one) for one in keys(pictures)]


@both
def test_parameter_sets_told_by_sdp_are_put_in_front(codec: Codec) -> None:
    pictures = clip(codec)
    sets = sets_of(codec, pictures)
    some = packets(codec, pictures, strip_sets=True)
    found = one_by_one(made(codec, sets), some)
    assert [one.data for one in found] == [expected(codec, one, sets) for one in keys(pictures)]
    without = made(codec)
    assert one_by_one(without, some) == []
    assert without.counts.without_sets == 3


@both
def test_new_parameter_sets_in_band_are_followed(codec: Codec) -> None:
    small, large = clip(codec), clip(codec, size=(192, 128), seed=2)
    some = packets(codec, small)
    some += packets(codec, large, first=len(some), stamp=900_000)
    depacketiser = made(codec, sets_of(codec, small))
    found = one_by_one(depacketiser, some)
    wanted = [expected(codec, one) for one in (*keys(small), *keys(large))]
    assert [one.data for one in found] == wanted
    assert depacketiser.counts.changes >= 1
    (frame,) = decode(codec, [found[-1].data])
    assert frame.shape == (128 * 3 // 2, 192)


@both
@pytest.mark.parametrize("aggregate", [True, False])
def test_whatever_packet_is_lost_only_whole_pictures_are_handed_on(
    codec: Codec, aggregate: bool
) -> None:
    pictures = clip(codec, pictures=9, options=(("aud", "1"),))
    some = packets(codec, pictures, most=300, aggregate=aggregate)
    right = {expected(codec, one) for one in keys(pictures)}
    for gone in range(1, len(some)):
        depacketiser = made(codec)
        found = one_by_one(depacketiser, some[:gone] + some[gone + 1 :])
        assert {one.data for one in found} <= right
        # At most the picture that it belonged to and the one behind it are given up.
        assert len(found) >= 2
        if gone < len(some) - 1:
            assert depacketiser.sequence.lost == 1
        by_sieve = made(codec)
        again = sifted(by_sieve, framed(some[:gone] + some[gone + 1 :]), ())
        assert again == found
        assert by_sieve.sequence.lost == depacketiser.sequence.lost


@both
def test_packets_that_come_twice_change_nothing(codec: Codec) -> None:
    some = packets(codec, clip(codec), first=65_500)
    plain = one_by_one(made(codec), some)
    depacketiser = made(codec)
    twice = one_by_one(depacketiser, [one for one in some for _ in range(2)])
    assert twice == plain
    assert depacketiser.sequence.repeated == len(some)
    assert depacketiser.sequence.lost == 0


@both
def test_a_picture_ends_where_the_next_begins_when_there_is_no_marker(codec: Codec) -> None:
    pictures = clip(codec)
    some = [one[:1] + bytes((one[1] & 0x7F,)) + one[2:] for one in packets(codec, pictures)]
    found = one_by_one(made(codec), some)
    assert [one.data for one in found] == [expected(codec, one) for one in keys(pictures)]
    # And at once, not when the next key picture comes.
    depacketiser = made(codec)
    sieve = Sieve(depacketiser, 0, 1)
    came = [
        n for n, one in enumerate(some) if sieve.sift(framed([one]), 0, len(one) + 4, 0.0).pictures
    ]
    stamps = [int.from_bytes(some[n][4:8], "big") for n in came]
    assert stamps == [1000 + 3600 * n for n in (1, 5, 9)]


@both
def test_a_camera_that_marks_every_slice_is_found_out(codec: Codec) -> None:
    pictures = clip(codec, options=(("slices", "3"),), size=(128, 128))
    some = [one[:1] + bytes((one[1] | 0x80,)) + one[2:] for one in packets(codec, pictures)]
    found = one_by_one(made(codec), some)
    # The first picture may be handed on in part, by its first marker; after it none is.
    assert [one.data for one in found[-2:]] == [expected(codec, one) for one in keys(pictures)[1:]]
    assert len(found) <= 3
    assert sifted(made(codec), framed(some), ()) == found


@both
@settings(max_examples=40, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 1 << 20), max_size=60),
    first=st.integers(0, 65_535),
    aggregate=st.booleans(),
)
def test_chunking_changes_nothing(
    codec: Codec, cuts: list[int], first: int, aggregate: bool
) -> None:
    pictures = clip(codec, options=(("slices", "3"), ("aud", "1")), size=(128, 128))
    some = packets(codec, pictures, first=first, aggregate=aggregate)
    sender_report = b"\x80\xc8\x00\x06" + bytes(24)
    stream = b"".join(
        framed([one]) + (framed([sender_report], 1) if n % 5 == 0 else b"")
        for n, one in enumerate(some)
    )
    depacketiser = made(codec)
    assert sifted(depacketiser, stream, cuts) == one_by_one(made(codec), some)
    assert depacketiser.sequence.lost == 0


def test_padding_extension_and_contributors_are_passed_over() -> None:
    pictures = clip("h264")
    some = []
    for packet in packets("h264", pictures):
        head = bytes((0x80 | 0x20 | 0x10 | 2,)) + packet[1:12] + bytes(8)
        some.append(head + b"\xbe\xde\x00\x01ABCD" + packet[12:] + b"\x00\x00\x00\x04")
    found = sifted(made("h264"), framed(some), ())
    assert [one.data for one in found] == [expected("h264", one) for one in keys(pictures)]


def test_another_sender_or_a_restart_does_not_end_the_stream() -> None:
    pictures = clip("h264")
    some = packets("h264", pictures)
    other = [one[:8] + b"\x00\x00\x00\x09" + one[12:] for one in packets("h264", pictures, first=9)]
    depacketiser = made("h264")
    assert len(one_by_one(depacketiser, some + other)) == 6
    restarted = packets("h264", pictures, first=40_000, stamp=77)
    found = one_by_one(depacketiser, restarted)
    assert len(found) >= 2
    assert depacketiser.sequence.lost == 0 or depacketiser.sequence.restarts == 1


def test_interleaved_mode_is_refused_with_a_word() -> None:
    for first in (25, 26, 27, 29):
        payload = bytes((0x60 | first, 0, 1, 2, 3))
        packet = rtp(payload, 1, 1, True)
        with pytest.raises(Malformed, match="interleaved mode"):
            made("h264").packet(packet, 0, len(packet), 0.0)
    packet = rtp(bytes((50 << 1, 1, 2, 3)), 1, 1, True)
    with pytest.raises(Malformed, match="PACI"):
        made("h265").packet(packet, 0, len(packet), 0.0)


def test_a_stream_that_is_no_rtp_is_given_up() -> None:
    sieve = Sieve(made("h264"), 0, 1)
    garbage = framed([b"\x00" * 20] * (MALFORMED_MOST + 1))
    with pytest.raises(Malformed):
        sieve.sift(garbage, 0, len(garbage), 0.0)


def test_a_picture_over_the_limit_is_dropped_and_the_next_comes() -> None:
    pictures = clip("h264")
    size = len(expected("h264", pictures[0]))
    depacketiser = made("h264", picture_bytes=size // 2)
    assert one_by_one(depacketiser, packets("h264", pictures)) == []
    assert depacketiser.counts.too_long == 3


@both
@settings(max_examples=150, deadline=None)
@given(
    some=st.lists(
        st.tuples(st.binary(min_size=0, max_size=40), st.booleans(), st.integers(0, 3)), max_size=12
    ),
    full=st.booleans(),
)
def test_garbage_is_malformed_or_nothing(
    codec: Codec, some: list[tuple[bytes, bool, int]], full: bool
) -> None:
    depacketiser = made(codec)
    depacketiser.full = full
    for number, (data, headed, step) in enumerate(some):
        packet = rtp(data, number + step, number // 2, step == 1) if headed else data
        try:
            depacketiser.packet(packet, 0, len(packet), 0.0)
        except Malformed:
            continue
    stream = framed([one for one, _, _ in some]) + b"".join(one for one, _, _ in some)
    result = Sieve(made(codec), 0, 1).sift(stream, 0, len(stream), 0.0)
    assert result.at <= len(stream)
