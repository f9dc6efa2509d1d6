"""What is new, what goes on, what is over: each happening is told once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from streetwise.warn.calibrate import Budget
from streetwise.warn.meeting import meet
from streetwise.warn.nightly.findings import Finding

State = Literal["new", "ongoing", "over"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A warning with its life so far.

    ``identity``: what it is called from its first night on. ``finding``: as it was last seen.
    ``first_night``, ``last_night``: days on which it was said first and seen last. ``nights``: on
    how many. ``most_days``: the longest recurrence that it reached. ``told``: the nights on which
    it was to be told: the first, and again where it lasts or became much worse. ``told_days``: its
    weighed recurrence when it was told last, ``told_factor`` its observed by expected then.
    """

    identity: str
    state: State
    finding: Finding
    first_night: int
    last_night: int
    nights: int
    most_days: float
    told: tuple[int, ...]
    told_days: float
    told_factor: float = math.inf


def follow(
    previous: Sequence[Standing],
    said: Sequence[Finding],
    night: int,
    budget: Budget,
    room: int | None = None,
) -> tuple[list[Standing], list[Finding]]:
    """What stands after ``night``: first what was found tonight in its order, then what was not.

    And new findings for which there was no ``room`` (None: always): the rest of them is taken in
    the order of ``said``. What is more seldom than history can say, and than
    ``Budget.beyond_days``, always has room: three small warnings must not hide a storm.

    ``previous``: as this returned it the night before; what was over is dropped. ``said``: the
    findings worth telling. A finding goes on with the standing one of its category that shares a
    place with it, the nearest in time first; two findings that meet one keep it, the second is
    joined to it. Over is what was not found for more than the budget's ``gap_nights``.
    Raises ValueError for a night that was followed already.
    """
    alive = [one for one in previous if one.state != "over"]
    if any(one.last_night >= night for one in alive):
        raise ValueError("A night is followed once, and after the nights before it.")
    seen: dict[str, Standing] = {}
    crowded: list[Finding] = []
    for finding in said:
        known = _known(alive, finding)
        beyond = finding.at_least and finding.candidate.recurrence_days >= budget.beyond_days
        if known is None and room is not None and room <= 0 and not beyond:
            crowded.append(finding)
        elif known is None:
            room = None if room is None else room - 1
            category, places = finding.candidate.category, finding.candidate.places
            name = f"{category}:{night}:{min(places) if places else 'street'}"
            days = finding.candidate.recurrence_days
            seen[name] = Standing(
                name, "new", finding, night, night, 1, days, (night,), finding.weighed_days,
                finding.factor,
            )  # fmt: skip
        elif known.identity not in seen:
            seen[known.identity] = _seen_again(known, finding, night, budget)
    quiet = [
        replace(one, state="over" if night - one.last_night > budget.gap_nights else "ongoing")
        for one in alive
        if one.identity not in seen
    ]
    return [*seen.values(), *quiet], crowded


def room_left(first_nights: Sequence[int], night: int, most_a_week: int | None) -> int | None:
    """How many new warnings ``night`` may bring, given the nights on which others were new."""
    if most_a_week is None:
        return None
    return max(0, most_a_week - sum(night - 7 < one < night for one in first_nights))


def _seen_again(known: Standing, finding: Finding, night: int, budget: Budget) -> Standing:
    again = budget.tells_again(
        night - known.told[-1], known.told_days, finding.weighed_days
    ) or budget.jumped(night - known.told[-1], known.told_factor, finding.factor)
    return replace(
        known,
        state="ongoing",
        finding=finding,
        last_night=night,
        nights=known.nights + 1,
        most_days=max(known.most_days, finding.candidate.recurrence_days),
        told=(*known.told, night) if again else known.told,
        told_days=finding.weighed_days if again else known.told_days,
        told_factor=finding.factor if again else known.told_factor,
    )


def _known(alive: Sequence[Standing], finding: Finding) -> Standing | None:
    mine = finding.candidate
    same = [
        one
        for one in alive
        if one.finding.candidate.category == mine.category
        and meet(one.finding.candidate.places, mine.places)
    ]
    return max(same, key=lambda one: (one.last_night, one.most_days), default=None)
