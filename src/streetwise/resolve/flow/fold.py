"""A case's steps from its journal entries. Pure.

A step is an entry that took the case to another state or to another unit. What only adds to a
case where it is (a voice, a note, a called unit) is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from streetwise.resolve.loop import STATES

#: Entries that are a step though the state may stay: the case goes to another unit.
MOVES = ("reassigned",)
PREFIX = "case."


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry says: ``state`` where it leads, None where it says nothing of that; ``holder``
    of whom it has then, if ``tells_holder``.
    """

    action: str
    at: datetime
    state: str | None
    tells_holder: bool = False
    holder: UUID | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """``action`` as the journal has it, without "case."; ``seconds`` in the state that it leads
    to, None while the case is there; ``from_unit_id``, ``unit_id``: who had it, who has it then.
    """

    n: int
    action: str
    from_state: str | None
    to_state: str
    from_unit_id: UUID | None
    unit_id: UUID | None
    at: datetime
    seconds: float | None


def fold(entries: Iterable[Told], opened_at: datetime) -> list[Step]:
    """The steps of one case from its entries, in the journal's order.

    The first is taken when the case began (``opened_at``), which is when it was told, and not when
    somebody had it written down.
    """
    steps: list[Step] = []
    state: str | None = None
    unit: UUID | None = None
    for told in entries:
        before, held = state, unit
        action = told.action.removeprefix(PREFIX)
        if told.tells_holder:
            unit = told.holder
        if told.state not in STATES or not told.action.startswith(PREFIX):
            continue
        state = told.state
        if state == before and action not in MOVES:
            continue
        at = told.at if steps else min(opened_at, told.at)
        if steps:
            last = steps[-1]
            steps[-1] = replace(last, seconds=max((at - last.at).total_seconds(), 0.0))
        steps.append(Step(len(steps), action, before, state, held, unit, at, None))
    return steps
