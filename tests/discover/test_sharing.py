"""Sharing cameras out: each has one member, evenly, and nobody moves without need."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.sharing import share_out, split_among

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


@settings(max_examples=120, deadline=None)
@given(
    CAMERAS,
    MEMBERS,
    st.dictionaries(st.integers(0, 60).map(str), st.sampled_from("abcdefgh")),
    st.dictionaries(st.integers(0, 60).map(str), st.sampled_from("xyz")),
)
def test_what_belongs_together_is_with_one_member_and_nobody_moves_twice(
    cameras: list[str], members: list[str], before: dict[str, str], together: dict[str, str]
) -> None:
    shared = share_out(cameras, members, before, together)
    assert set(shared) == set(cameras)
    for name in "xyz":
        assert len({shared[one] for one in cameras if together.get(one) == name}) <= 1
    assert share_out(cameras, members, shared, together) == shared
    # Who is alone goes to nobody who has more than the even part already.
    counts = Counter(shared.values())
    most = -(-len(cameras) // len(members))
    assert all(counts[shared[one]] <= most for one in cameras if one not in together)


@settings(max_examples=120, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 40), min_size=1), st.data())
def test_a_cap_is_split_among_machines_and_never_exceeded(
    cameras: dict[str, int], data: st.DataObject
) -> None:
    cap = data.draw(st.integers(len(cameras), 100))
    places = split_among(cap, cameras)
    assert set(places) == set(cameras)
    assert all(1 <= places[one] <= cameras[one] for one in cameras)
    assert sum(places.values()) == min(cap, sum(cameras.values()))
    # More cameras, no fewer places.
    assert all(places[a] >= places[b] for a in cameras for b in cameras if cameras[a] > cameras[b])
    assert split_among(0, cameras) == dict.fromkeys(cameras, 0)


def test_without_members_nobody_looks() -> None:
    assert share_out(["1"], [], {}) == {}
