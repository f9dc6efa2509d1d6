"""How a check is made, and what it must have seen: the conditions for closing (结案条件). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

Way = Literal["site", "call_back", "record", "device"]
#: At the place; by what the reporter says; by what is written down, where the case was not drawn;
#: by a camera or a sensor, which no person can claim.
SITE, CALL_BACK, RECORD, DEVICE = "site", "call_back", "record", "device"
WAYS: tuple[str, ...] = get_args(Way)
#: Where one point of a condition ends and the next begins. Not 、, which joins words of one point.
_ENDS = re.compile(r"[，,；;。]+")


@dataclass(frozen=True, slots=True)
class Closing:
    """What must be so before a case of this condition is closed, point by point."""

    code: str
    text: str
    points: tuple[str, ...]


def drawn(found: Mapping[str, Any] | None) -> bool:
    """Whether a case is to be looked at; what was never drawn for or against is."""
    return found is None or bool(found["drawn"])


def open_ways(found: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The ways that an officer may pass a case by. ``found``: what was drawn for it."""
    return (SITE, CALL_BACK) if drawn(found) else (SITE, CALL_BACK, RECORD)


def points(close_when: str) -> tuple[str, ...]:
    """The points of a condition for closing, each once, in its order."""
    parts = (part.strip() for part in _ENDS.split(close_when))
    return tuple(dict.fromkeys(part for part in parts if part))


def closings(conditions: Sequence[Mapping[str, Any]], known: str | None) -> tuple[Closing, ...]:
    """What the class asks for, by condition: of the one that is known, else of each that it may be.

    ``conditions``: of the class, as the directory has them. Those that ask the same stand once.
    """
    found: dict[tuple[str, ...], Closing] = {}
    for one in conditions:
        code, asked = str(one["code"]), points(one.get("close_when") or "")
        if asked and known in (None, code):
            found.setdefault(asked, Closing(code, one.get("text") or "", asked))
    return tuple(found.values())


def lacking(asked: Sequence[Closing], met: Sequence[str]) -> tuple[str, ...]:
    """What was not ticked of the condition that lacks least; nothing: one of them is met.

    ValueError for a point that none of them has: no words of anybody's own get in here.
    """
    known = {point for one in asked for point in one.points}
    for point in met:
        if point not in known:
            raise ValueError(point)
    left = [tuple(point for point in one.points if point not in met) for one in asked]
    return min(left, key=len, default=())
