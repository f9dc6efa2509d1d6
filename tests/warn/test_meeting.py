"""What is about the same places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streetwise.warn.meeting import in_common, meet

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
