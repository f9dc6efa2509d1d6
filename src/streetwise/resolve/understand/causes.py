"""Many cases, one cause: 一因多案. Pure.

Suggests cases that may hang under one parent: at least three of one kind, or of a cause and what
it brings about (``causes`` of data/kinds.yaml), that were opened within hours of each other at one
place (a compound, whatever the building), or within 200 m. It only suggests: an officer decides,
and each case keeps its voices and clocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    one is of a class that brings about the others, else None: a new parent would be opened.
    """

    cases: tuple[str, ...]
    parent: str | None
    reasons: tuple[Reason, ...]


def common_cause(
    cases: Sequence[Known],
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
            if other.id not in taken and _together(first, other, metres):
                group.append(other)
        if len(group) >= at_least:
            taken.update(case.id for case in group)
            found.append(_suggestion(group))
    return found


def _together(first: Known, other: Known, metres: float) -> bool:
    """Compatible classes at one place."""
    a, b = _class(first), _class(other)
    if a is None or b is None or not (a == b or _brings(a, b) or _brings(b, a)):
        return False
    return _one_place(first.voices[0], other.voices[0], metres)


def _one_place(a: Voice, b: Voice, metres: float) -> bool:
    """The same entry, one within the other, two within a third, or near each other."""
    ours, theirs = ({voice.place, *voice.above[:1]} - {None} for voice in (a, b))
    if ours & theirs:
        return True
    apart = metres_apart(a, b)
    return apart is not None and apart <= metres


def _suggestion(group: Sequence[Known]) -> CommonCause:
    classes = [cls for case in group if (cls := _class(case)) is not None]
    parent = next(
        (
            case.id
            for case, cls in zip(group, classes, strict=True)
            if all(other == cls or _brings(cls, other) for other in classes)
            and any(other != cls for other in classes)
        ),
        None,
    )
    spread = max((metres_apart(group[0].voices[0], c.voices[0]) or 0.0 for c in group), default=0.0)
    named = dict.fromkeys(":".join(cls) for cls in classes)
    reasons = (
        Reason("cases", {"count": len(group)}, 0.0),
        Reason("classes", {"classes": list(named)}, 0.0),
        Reason("hours_apart", {"hours": round(_hours(group[0], group[-1]), 1)}, 0.0),
        Reason("metres_apart", {"metres": round(spread)}, 0.0),
    )
    return CommonCause(tuple(case.id for case in group), parent, reasons)


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
