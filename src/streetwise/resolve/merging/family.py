"""Who hangs under whom when two cases become one, and when that is undone. Pure.

A family is two levels deep: a parent (the cause, or the case that shows it) and those that hang
under it. Merging a case away keeps that: who hung under it hangs under the surviving case, or
beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from uuid import UUID

#: case → the case that it hangs under, or None.
Parents = Mapping[UUID, UUID | None]


@dataclass(frozen=True, slots=True)
class Move:
    """One case hung under ``before``, and hangs under ``after`` now."""

    case: UUID
    before: UUID | None
    after: UUID | None


def moves_of_merge(case: UUID, into: UUID, parents: Parents) -> list[Move]:
    """What a merge changes of the family. ``parents``: of the two, and of all that hang under one
    of them.
    """
    ours, theirs = parents.get(case), parents.get(into)
    children = sorted(one for one, parent in parents.items() if parent == case and one != into)
    # The surviving case is no child of the one that goes; and it shares that one's cause, unless
    # it has one already or is one itself.
    after = None if theirs == case else theirs
    if after is None and ours not in (None, into) and into not in parents.values():
        after = ours
    moves = [Move(case, ours, None), Move(into, theirs, after)]
    moves += [Move(child, case, after or into) for child in children]
    return [one for one in moves if one.before != one.after]


def moves_back(moves: list[Move], parents: Parents, gone: Set[UUID]) -> list[Move]:
    """What undoing that changes: whoever stands where the merge put them goes back to where they
    were, as far as that is still possible.

    ``parents``: as now, of all that the moves name and of all that hang under one of these;
    ``gone``: cases that are merged into another.
    """
    now = dict(parents)
    back = []
    # Children first: a case that others hang under can hang under none itself.
    for move in reversed(moves):
        if now.get(move.case) == move.after and may_hang(move.case, move.before, now, gone):
            now[move.case] = move.before
            back.append(Move(move.case, move.after, move.before))
    return back


def may_hang(case: UUID, parent: UUID | None, parents: Parents, gone: Set[UUID]) -> bool:
    """Whether the family stays two levels deep when this case hangs there."""
    if parent is None:
        return True
    fits = parent != case and parent not in gone and parents.get(parent) is None
    return fits and case not in parents.values()
