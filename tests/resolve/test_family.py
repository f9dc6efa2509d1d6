"""Who hangs under whom when cases become one; undone, all is as it was."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from streetwise.resolve.merging.family import Move, moves_back, moves_of_merge

Parents = dict[UUID, UUID | None]
MOST = 6


def one(number: int) -> UUID:
    return UUID(int=number)


@st.composite
def families(draw: st.DrawFn) -> Parents:
    """Up to six cases, no family deeper than two."""
    top = draw(st.integers(1, MOST))
    parents: Parents = {one(at): None for at in range(top)}
    for at in range(top, MOST):
        parents[one(at)] = draw(st.sampled_from([None, *(one(up) for up in range(top))]))
    return parents


def deep(parents: Parents) -> bool:
    return any(up is not None and parents[up] is not None for up in parents.values())


def moved(parents: Parents, moves: list[Move]) -> Parents:
    for move in moves:
        assert parents[move.case] == move.before
        parents = {**parents, move.case: move.after}
    return parents


@given(families(), st.permutations(range(MOST)), st.integers(1, MOST - 1))
def test_merges_undone_in_turn_leave_every_family_as_it_was(
    before: Parents, order: list[int], count: int
) -> None:
    """However many merges, the last undone first; and no family is ever deeper than two."""
    parents, done, gone = dict(before), [], set[UUID]()
    for at in range(count):
        case, into = one(order[at]), one(order[at + 1])
        moves = moves_of_merge(case, into, parents)
        parents = moved(parents, moves)
        gone.add(case)
        done.append((case, moves))
        assert not deep(parents)
        # Nobody hangs under a case that is gone, and nobody is lost from a family for it.
        assert case not in parents.values() and parents[case] is None
    for case, moves in reversed(done):
        gone.discard(case)
        parents = moved(parents, moves_back(moves, parents, gone))
        assert not deep(parents)
    assert parents == before


def test_the_cause_of_a_case_stays_known_when_it_becomes_another() -> None:
    pipe, dry, other = one(1), one(2), one(3)
    moves = moves_of_merge(dry, other, {pipe: None, dry: pipe, other: None})
    assert moved({pipe: None, dry: pipe, other: None}, moves) == {
        pipe: None,
        dry: None,
        other: pipe,
    }


def test_who_was_hung_elsewhere_since_stays_there() -> None:
    pipe, dry, other, new = (one(at) for at in range(4))
    before: Parents = {pipe: None, dry: pipe, other: None, new: None}
    moves = moves_of_merge(pipe, other, before)
    parents = moved(before, moves) | {dry: new}
    back = moves_back(moves, parents, set())
    assert moved(parents, back)[dry] == new


def test_nobody_goes_back_under_a_case_that_is_gone() -> None:
    pipe, dry, other = one(1), one(2), one(3)
    moves = moves_of_merge(dry, other, {pipe: None, dry: pipe, other: None})
    now: Parents = {pipe: None, dry: None, other: pipe}
    assert moves_back(moves, now, {pipe}) == [Move(other, pipe, None)]
