"""What is about the same places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streetwise.warn.meeting import in_common, meet, narrower

PLACES = st.frozensets(st.integers(0, 6), max_size=5)


def test_nothing_named_is_everywhere() -> None:
    assert meet((), (3,))
    assert meet((), ())
    assert not meet((1, 2), (3,))
    assert in_common((), ()) == 1.0
    assert in_common((), (3,)) == 0.0
    assert in_common((1, 2, 3), (3, 4)) == 0.25


@given(PLACES, PLACES)
def test_both_ways_are_the_same(one: frozenset[int], other: frozenset[int]) -> None:
    assert meet(one, other) == meet(other, one)
    assert in_common(one, other) == in_common(other, one)
    if one and other:
        assert meet(one, other) == (in_common(one, other) > 0)
    assert (in_common(one, other) == 1.0) == (one == other)


def test_a_part_is_narrower_than_the_whole() -> None:
    assert narrower((3,), ())
    assert narrower((1,), (1, 2))
    assert not narrower((), ())
    assert not narrower((), (1,))
    assert not narrower((1, 2), (1, 2))
    assert not narrower((1, 3), (1, 2))


@given(PLACES, PLACES)
def test_what_is_narrower_meets_and_is_not_wider(
    one: frozenset[int], other: frozenset[int]
) -> None:
    if narrower(one, other):
        assert meet(one, other)
        assert not narrower(other, one)
