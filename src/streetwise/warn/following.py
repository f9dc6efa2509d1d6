"""Which of tonight's findings is which event of earlier nights. Pure.

Two are the same event when they are about the same category, share a place, and their days touch
or lie close together. An event that several methods see, or see differently wide, is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan

from streetwise.warn.meeting import in_common, meet

#: Days between the end of one and the beginning of the other that are still one event.
GAP_DAYS = 7


@dataclass(frozen=True, slots=True)
class Event:
    """What tells events apart. ``places``: none is everywhere. Days are numbers, both included."""

    category: tuple[str, str] | None
    places: frozenset[str]
    first_day: int
    last_day: int


def same(one: Event, other: Event, gap_days: int = GAP_DAYS) -> bool:
    """Whether both are the same event."""
    if one.category != other.category:
        return False
    if not meet(one.places, other.places):
        return False
    return one.first_day <= other.last_day + gap_days and other.first_day <= one.last_day + gap_days


def closeness(one: Event, other: Event) -> tuple[float, int]:
    """How much two events are one: share of places in common, then days in common."""
    days = min(one.last_day, other.last_day) - max(one.first_day, other.first_day) + 1
    return in_common(one.places, other.places), days


def follow(
    standing: Sequence[Event], found: Sequence[Event], gap_days: int = GAP_DAYS
) -> list[int | None]:
    """For each finding the number of the standing event that it goes on with, None for a new one.

    Several findings may go on with one event; each with the one that is closest to it.
    """
    answer: list[int | None] = []
    for event in found:
        likely = [n for n, one in enumerate(standing) if same(one, event, gap_days)]
        answer.append(max(likely, key=lambda n: closeness(standing[n], event), default=None))
    return answer


def strength(recurrence_days: float) -> float:
    """What findings are put in order by: how seldom chance would bring it."""
    return -inf if isnan(recurrence_days) else recurrence_days


def gathered(events: Sequence[Event], recurrence_days: Sequence[float]) -> list[list[int]]:
    """Findings of one night that are one event, the strongest of each first; groups in the same
    order. Each joins the strongest group whose first it is the same as.
    """
    order = sorted(range(len(events)), key=lambda n: (-strength(recurrence_days[n]), n))
    groups: list[list[int]] = []
    for n in order:
        home = next((one for one in groups if same(events[one[0]], events[n])), None)
        if home is None:
            groups.append([n])
        else:
            home.append(n)
    return groups
