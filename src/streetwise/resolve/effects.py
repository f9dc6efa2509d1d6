"""What a line of the loop changes beside the state. Everything in the action's transaction.

First the case's own columns (``steps``); then, by action, rows of its own, more of the entry's
``data`` and of the units concerned. What may be refused was refused before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from streetwise.resolve import loop, parties, requests, steps, ways_back
from streetwise.resolve.loop import Transition
from streetwise.resolve.requests import Request
from streetwise.resolve.steps import Given
from streetwise.resolve.taking import Taking
from streetwise.resolve.verify import actions as checking

Effect = Callable[[Taking], Awaitable[None]]


async def _columns(taking: Taking) -> None:
    viewer, inputs = taking.viewer, taking.inputs
    given = Given(
        now=taking.uow.now,
        staff=viewer.staff_id,
        stand_in_for=viewer.stand_in_for,
        units=viewer.units,
        unit=taking.unit.id if taking.unit else None,
        named=tuple(unit.id for unit in taking.named),
        outcome=inputs.outcome,
        body=inputs.body,
    )
    taking.data.update(steps.change(taking.case, taking.line, given))
    taking.concerned.update((taking.case.unit_id, *taking.case.party_ids))


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


#: By action, after the columns.
EFFECTS: dict[str, Effect] = {
    "report": checking.drawn_for,
    "verify": checking.checked,
    "whistle": parties.whistled,
    "arrive": parties.moved,
    "co_report": parties.moved,
    "release": parties.moved,
    "reopen": ways_back.reopened,
    "appeal": ways_back.appealed,
    "review_appeal": ways_back.reviewed,
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
    found: tuple[Effect, ...] = (_columns, own) if own else (_columns,)
    if line.source == loop.HANDLING != line.target and line.action != "grant_suspension":
        found = (_lapsed, *found)
    return found
