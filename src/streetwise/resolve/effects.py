"""What a line of the loop changes beside the state. Everything in the action's transaction.

An effect may change the case's columns, write rows of its own, add to the entry's ``data`` and to
the units concerned. It may refuse: then nothing of the case is changed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import loop, requests
from streetwise.resolve.clocks.actions import Clocks
from streetwise.resolve.inputs import Inputs
from streetwise.resolve.loop import Transition
from streetwise.resolve.merging import repository as merging
from streetwise.resolve.requests import Request
from streetwise.resolve.tables import Case


@dataclass(frozen=True, slots=True)
class Taking:
    """A line that is being taken. ``data``: of the entry; ``concerned``: units that hear of it."""

    uow: UnitOfWork
    viewer: Viewer
    keys: Keys
    case: Case
    line: Transition
    inputs: Inputs
    data: dict[str, Any]
    concerned: set[UUID | None]
    clocks: Clocks


Effect = Callable[[Taking], Awaitable[None]]


async def _reported(taking: Taking) -> None:
    viewer = taking.viewer
    taking.case.reported_by, taking.case.reported_for = viewer.staff_id, viewer.stand_in_for


async def _checked(taking: Taking) -> None:
    if taking.line.result == "fail":
        taking.case.reworked += 1


async def _closed(taking: Taking) -> None:
    now = taking.uow.now
    taking.case.closed_at = now
    # Told again within its guard time, it is asked about: has it come back?
    await merging.end_print(taking.uow.session, taking.case.id, now + merging.GUARD)


def _requesting(body: Callable[[Request], Awaitable[None]]) -> Effect:
    async def effect(taking: Taking) -> None:
        await body(
            Request(
                taking.uow, taking.viewer, taking.case, taking.inputs, taking.data, taking.clocks
            )
        )

    return effect


async def _lapsed(taking: Taking) -> None:
    """The case goes on without what was asked for."""
    if taking.case.asked is not None:
        await requests.lapse(taking.uow, taking.viewer, taking.case, taking.data)


#: By action.
EFFECTS: dict[str, Effect] = {
    "report": _reported,
    "verify": _checked,
    "ask_extension": _requesting(requests.ask_extension),
    "grant_extension": _requesting(requests.grant_extension),
    "refuse_extension": _requesting(requests.refuse),
    "ask_suspension": _requesting(requests.ask_suspension),
    "grant_suspension": _requesting(requests.grant_suspension),
    "refuse_suspension": _requesting(requests.refuse),
    "resume": _requesting(requests.resume),
}


def effects_of(line: Transition) -> tuple[Effect, ...]:
    """Of a line, in the order in which they happen."""
    own = EFFECTS.get(line.action)
    found = (own,) if own else ()
    if line.source == loop.HANDLING != line.target and line.action != "grant_suspension":
        found = (_lapsed, *found)
    return (*found, _closed) if line.target == loop.CLOSED else found
