"""Sharing cameras out: each has one member, evenly, and nobody moves without need."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.sharing import share_out

CAMERAS = st.lists(st.integers(0, 60).map(str), unique=True, max_size=40)
MEMBERS = st.lists(st.sampled_from("abcdef"), unique=True, min_size=1)


@settings(max_examples=80, deadline=None)
@given(CAMERAS, MEMBERS, st.dictionaries(st.integers(0, 60).map(str), st.sampled_from("abcdefgh")))
def test_every_camera_has_one_member_evenly(
    cameras: list[str], members: list[str], before: dict[str, str]
) -> None:
    shared = share_out(cameras, members, before)
    assert set(shared) == set(cameras)
    assert set(shared.values()) <= set(members)
    counts = [Counter(shared.values())[member] for member in members]
    assert max(counts) <= -(-len(cameras) // len(members))
    # Again, nobody moves.
    assert share_out(cameras, members, shared) == shared


@settings(max_examples=80, deadline=None)
@given(CAMERAS, MEMBERS)
def test_when_a_member_is_lost_only_its_cameras_move(
    cameras: list[str], members: list[str]
) -> None:
    shared = share_out(cameras, members, {})
    left = members[1:]
    again = share_out(cameras, left, shared)
    if left:
        assert all(again[one] == shared[one] for one in cameras if shared[one] != members[0])


def test_without_members_nobody_looks() -> None:
    assert share_out(["1"], [], {}) == {}
