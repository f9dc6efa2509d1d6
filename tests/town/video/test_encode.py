"""Clips decode to what was put in, group by group, and packets give back their units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from town.video.conftest import state

from streetwise.town.video.clips import Clip, other_parameters, pictures_of, units_of, without_keys
from streetwise.town.video.encode import Codec, is_key, jpeg, kind_of, nals, parameter_sets
from streetwise.town.video.packets import MTU, description, wire
from streetwise.town.video.render import Eye
from streetwise.town.video.solids import U8


def decoded(clip: Clip, order: list[int]) -> list[U8]:
    """Groups in any order through one decoder."""
    mixed = Clip(clip.coding, clip.state, [clip.groups[k] for k in order])
    return list(pictures_of(mixed))


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_clip_decodes_to_its_pictures(
    codec: Codec, clip: Clip, clip265: Clip, eyes: dict[str, Eye]
) -> None:
    the = clip if codec == "h264" else clip265
    assert [len(group.wires) for group in the.groups] == [10, 10]
    found = decoded(the, [0, 1])
    assert len(found) == 20
    true = eyes["vendors"].frame(state("vendors"), 19 / 5).astype(float)
    error = np.mean((found[19] - true) ** 2)
    assert 10 * np.log10(255**2 / error) > 27


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_groups_may_be_shown_in_any_order(codec: Codec, clip: Clip, clip265: Clip) -> None:
    the = clip if codec == "h264" else clip265
    straight, mixed = decoded(the, [0, 1]), decoded(the, [1, 1, 0])
    assert len(mixed) == 30
    assert all((a == b).all() for a, b in zip(straight[10:], mixed[10:20], strict=True))
    assert all((a == b).all() for a, b in zip(straight[:10], mixed[20:], strict=True))


def test_every_group_begins_with_a_key_frame_and_its_parameter_sets(
    clip: Clip, clip265: Clip
) -> None:
    for the, count in ((clip, 2), (clip265, 3)):
        for group in the.groups:
            assert [one.key for one in group.wires] == [True] + [False] * 9
            assert len(parameter_sets(group.first, the.coding.codec)) == count
            assert is_key(group.first, the.coding.codec)


def test_a_clip_without_key_frames_has_its_first_one_alone(clip: Clip) -> None:
    smart = without_keys(clip)
    keys = [one.key for group in smart.groups for one in group.wires]
    assert len(keys) == 20
    assert keys == [True] + [False] * 19
    assert len(list(pictures_of(smart))) == 20


def test_other_parameters_are_other_ones(clip: Clip) -> None:
    other = other_parameters(clip)
    sets = [parameter_sets(the.first, "h264") for the in (clip, other)]
    assert sets[0] != sets[1]
    assert next(pictures_of(other)).shape == (272, 480, 3)


def test_a_snapshot_is_the_key_frame(clip: Clip, clip265: Clip) -> None:
    import io

    from PIL import Image

    for the in (clip, clip265):
        picture = np.asarray(Image.open(io.BytesIO(jpeg(the.first, the.coding.codec))))
        first = next(pictures_of(the))
        assert picture.shape == first.shape
        assert np.abs(picture.astype(int) - first).mean() < 6


units264 = st.builds(
    lambda kind, body: bytes([0x60 | kind]) + body,
    st.sampled_from([1, 5, 6, 7, 8]), st.binary(min_size=1, max_size=4_000),
)  # fmt: skip
units265 = st.builds(
    lambda kind, body: bytes([kind << 1, 1]) + body,
    st.sampled_from([1, 19, 32, 33, 34, 39]), st.binary(min_size=1, max_size=4_000),
)  # fmt: skip


@given(st.one_of(
    st.tuples(st.just("h264"), st.lists(units264, min_size=1, max_size=6)),
    st.tuples(st.just("h265"), st.lists(units265, min_size=1, max_size=6)),
))  # fmt: skip
def test_packets_give_back_the_units_and_none_is_too_large(given_: tuple[Any, list[bytes]]) -> None:
    codec, units = given_
    made = wire(tuple(units), codec)
    assert units_of(made, codec == "h264") == units
    pieces = made.pieces(made.sent(65_534, 2**32 - 1))
    assert all(len(piece) <= MTU + 16 for piece in pieces)
    assert [int.from_bytes(p[6:8], "big") for p in pieces] == [
        (65_534 + k) & 0xFFFF for k in range(len(pieces))
    ]
    assert [bool(piece[5] & 0x80) for piece in pieces] == [False] * (len(pieces) - 1) + [True]


@given(st.lists(st.binary(min_size=1, max_size=40).filter(
    lambda b: b"\0\0" not in b and b[-1] != 0 and b[0] != 0), min_size=1, max_size=5),
    st.booleans())  # fmt: skip
def test_units_are_found_behind_long_and_short_start_codes(units: list[bytes], long: bool) -> None:
    code = b"\0\0\0\1" if long else b"\0\0\1"
    assert nals(b"".join(code + unit for unit in units)) == tuple(units)


def test_the_description_lets_a_decoder_begin(clip: Clip) -> None:
    text = description(clip.first, "h264", 5, "rtsp://127.0.0.1:1/CAM-0001")
    assert "a=rtpmap:96 H264/90000" in text
    assert "sprop-parameter-sets=" in text
    assert all(kind_of(unit, "h264") in (7, 8) for unit in parameter_sets(clip.first, "h264"))
