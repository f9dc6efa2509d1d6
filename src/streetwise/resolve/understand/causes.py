"""Many cases, one cause: 一因多案. Pure.

Suggests cases that may hang under one parent: at least three of one kind, or of a cause and what
it brings about (``causes`` of data/kinds.yaml), that were opened within hours of each other at one
place (a compound, whatever the building), or within 200 m. Where some of them hang under one
already, each further one is suggested. It only suggests: an officer decides, and each case keeps
its voices and clocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache

from streetwise.resolve.understand.evidence import Reason, Voice, metres_apart
from streetwise.resolve.understand.kinds import Class, causes
from streetwise.resolve.understand.merge import Known

CASES_MIN = 3
HOURS = 12.0
METRES = 200.0
#: A class below this probability is no ground for a suggestion.
SURE = 0.5


@dataclass(frozen=True, slots=True)
class CommonCause:
    """Cases that may have one cause, in order of opening. ``parent``: the case that is it, where
    one is of a class that brings about the others (it is one of ``cases``), or that others of them
    hang under already (it is none of ``cases``); else None: a new parent would be opened.
    """

    cases: tuple[str, ...]
    parent: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What officers have said. ``hung``: case → the case that it hangs under; ``apart``: pairs that
    have not one cause.
    """

    hung: Mapping[str, str]
    apart: Set[frozenset[str]]


NOTHING_SAID = Said({}, frozenset())


def common_cause(
    cases: Sequence[Known],
    said: Said = NOTHING_SAID,
    *,
    hours: float = HOURS,
    metres: float = METRES,
    at_least: int = CASES_MIN,
) -> list[CommonCause]:
    """Suggestions over open cases; each case is in one at most, the earliest in time and id.

    A case belongs to a suggestion by its nearness to the **first** case of it, in time and place,
    so that none spreads over the street from neighbour to neighbour.
    """
    waiting = sorted(
        (case for case in cases if case.closed_at is None and _class(case) is not None),
        key=lambda case: (case.voices[0].at, case.id),
    )
    found = []
    taken: set[str] = set()
    for at, first in enumerate(waiting):
        if first.id in taken:
            continue
        group = [first]
        for other in waiting[at + 1 :]:
            if _hours(first, other) > hours:
                break  # all further ones are later still
            if other.id in taken or not _together(first, other, metres):
                continue
            if not any(_told_apart(one, other, said) for one in group):
                group.append(other)
        suggestion = _suggestion(group, said, at_least)
        if suggestion is not None:
            taken.update(case.id for case in group)
            found.append(suggestion)
    return found


def _told_apart(one: Known, other: Known, said: Said) -> bool:
    """Whether an officer said so, of the two or of what they hang under."""
    ours, theirs = ({case.id, said.hung.get(case.id, case.id)} for case in (one, other))
    return any(frozenset((a, b)) in said.apart for a in ours for b in theirs)


def _together(first: Known, other: Known, metres: float) -> bool:
    """Compatible classes at one place."""
    a, b = _class(first), _class(other)
    if a is None or b is None or not _compatible(a, b):
        return False
    return _one_place(first.voices[0], other.voices[0], metres)


@cache
def _compatible(a: Class, b: Class) -> bool:
    return a == b or _brings(a, b) or _brings(b, a)


def _one_place(a: Voice, b: Voice, metres: float) -> bool:
    """The same entry, one within the other, two within a third, or near each other."""
    ours, theirs = ({voice.place, *voice.above[:1]} - {None} for voice in (a, b))
    if ours & theirs:
        return True
    apart = metres_apart(a, b)
    return apart is not None and apart <= metres


def _suggestion(group: Sequence[Known], said: Said, at_least: int) -> CommonCause | None:
    """What may hang under what; None: too few, or an officer has found two causes there."""
    parents = {said.hung[case.id] for case in group if case.id in said.hung}
    parents |= {case.id for case in group if case.id in set(said.hung.values())}
    loose = [case for case in group if case.id not in said.hung and case.id not in parents]
    if len(parents) > 1 or not loose or (not parents and len(group) < at_least):
        return None
    parent = next(iter(parents)) if parents else _cause_of(group)
    return CommonCause(tuple(case.id for case in loose), parent, _reasons(group))


def _cause_of(group: Sequence[Known]) -> str | None:
    """The case of a class that brings about all the others."""
    classes = [cls for case in group if (cls := _class(case)) is not None]
    return next(
        (
            case.id
            for case, cls in zip(group, classes, strict=True)
            if all(other == cls or _brings(cls, other) for other in classes)
            and any(other != cls for other in classes)
        ),
        None,
    )


def _reasons(group: Sequence[Known]) -> tuple[Reason, ...]:
    classes = [cls for case in group if (cls := _class(case)) is not None]
    spread = max((metres_apart(group[0].voices[0], c.voices[0]) or 0.0 for c in group), default=0.0)
    named = dict.fromkeys(":".join(cls) for cls in classes)
    return (
        Reason("cases", {"count": len(group)}, 0.0),
        Reason("classes" if len(named) > 1 else "same_class", {"classes": list(named)}, 0.0),
        Reason("hours_apart", {"hours": round(_hours(group[0], group[-1]), 1)}, 0.0),
        Reason("metres_apart", {"metres": round(spread)}, 0.0),
    )


def _brings(cause: Class, follows: Class) -> bool:
    """Whether the table says that one brings about the other."""
    name, other = ":".join(cause), ":".join(follows)
    return any(
        name.startswith(key) and any(other.startswith(one) for one in begun)
        for key, begun in causes()
    )


def _class(case: Known) -> Class | None:
    """The surest class of the first voice, if it is sure enough."""
    classes = case.voices[0].classes
    return classes[0][0] if classes and classes[0][1] >= SURE else None


def _hours(a: Known, b: Known) -> float:
    return abs((b.voices[0].at - a.voices[0].at).total_seconds()) / 3600
