"""The loop of a work order as one table: what we do, and what upstream says. Pure.

Done here is not done there: after our answer an order stands as "answered, waiting upstream"
until upstream's own file says that it is closed or returned. 派单异议 (contesting a wrong dispatch)
is not 退单 (a unit returning a case inside): only upstream takes an order off us.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OPEN = "open"
ANSWERED = "answered"
RETURNED = "returned"
CONTESTED = "contested"
CLOSED = "closed"
WITHDRAWN = "withdrawn"

STATES = (OPEN, ANSWERED, RETURNED, CONTESTED, CLOSED, WITHDRAWN)
#: Here an order's clock has stopped: upstream closed it, or took it off us.
ENDED = (CLOSED, WITHDRAWN)
#: Upstream's answer to a contest: it is not ours, or it is. The second is no state.
REFUSED = "refused"

Guard = Literal["attention", "not_asked"]


@dataclass(frozen=True, slots=True)
class Transition:
    """One line: ``action`` (ours, or what upstream says) takes an order to ``target``.

    ``guard``: ``attention``: only while the order asks for attention; ``not_asked``: only while
    no exclusion is applied for or granted.
    """

    action: str
    source: str
    target: str
    by: Literal["officer", "upstream"]
    entry: str
    needs_text: bool = False
    guard: Guard | None = None
    needs_ground: bool = False
    takes_photos: bool = False


#: What upstream says → the journal's action, where that changes the state.
_ENTRIES = {
    "answered": "order.updated",
    "contested": "order.updated",
    "closed": "order.closed",
    "returned": "order.returned",
    "open": "order.returned",
    "withdrawn": "order.withdrawn",
    "refused": "order.contest_refused",
}


def _upstream(said: str, target: str, *sources: str) -> tuple[Transition, ...]:
    return tuple(Transition(said, source, target, "upstream", _ENTRIES[said]) for source in sources)


def _contest(source: str) -> Transition:
    return Transition(
        "contest",
        source,
        CONTESTED,
        "officer",
        "order.contested",
        needs_text=True,
        needs_ground=True,
        takes_photos=True,
    )


TRANSITIONS: tuple[Transition, ...] = (
    Transition("answer", OPEN, ANSWERED, "officer", "order.answered", needs_text=True),
    Transition("answer", RETURNED, ANSWERED, "officer", "order.answered", needs_text=True),
    # The clock runs on while it is contested.
    _contest(OPEN),
    _contest(RETURNED),
    Transition("retract", CONTESTED, OPEN, "officer", "order.contest_retracted"),
    *(
        Transition(
            "exclude",
            state,
            state,
            "officer",
            "order.exclusion_applied",
            needs_text=True,
            guard="not_asked",
        )
        for state in STATES
    ),
    Transition("acknowledge", CLOSED, CLOSED, "officer", "order.acknowledged", guard="attention"),
    # Somebody answered, or contested, on the platform itself.
    *_upstream("answered", ANSWERED, OPEN, RETURNED, CONTESTED),
    *_upstream("contested", CONTESTED, OPEN, RETURNED),
    *_upstream("closed", CLOSED, OPEN, ANSWERED, RETURNED, CONTESTED),
    *_upstream("returned", RETURNED, OPEN, ANSWERED, CONTESTED, CLOSED, WITHDRAWN),
    # What we contest: it is somebody else's, or ours after all.
    *_upstream("withdrawn", WITHDRAWN, OPEN, ANSWERED, RETURNED, CONTESTED),
    *_upstream("refused", OPEN, CONTESTED),
    # It was over there and is being worked on again. What we have answered or contest stays so
    # while upstream has not looked at it, whatever its file calls that.
    *_upstream("open", RETURNED, CLOSED, WITHDRAWN),
)

ACTIONS = tuple(dict.fromkeys(line.action for line in TRANSITIONS if line.by == "officer"))


def find(action: str, state: str) -> Transition | None:
    """The line for what an officer does in a state; None when the table has none."""
    return _find("officer", action, state)


def heard(said: str, state: str) -> Transition | None:
    """The line for what upstream says in a state; None when that changes no state."""
    return _find("upstream", said, state)


def _find(by: str, action: str, state: str) -> Transition | None:
    for line in TRANSITIONS:
        if line.by == by and line.action == action and line.source == state:
            return line
    return None


def passes(line: Transition, *, attention: str | None, exclusion: str) -> bool:
    """Whether the line's guard lets an order in this condition pass."""
    if line.guard == "attention":
        return attention is not None
    if line.guard == "not_asked":
        return exclusion in ("none", "refused")
    return True


def actions_in(state: str, *, attention: str | None, exclusion: str) -> tuple[str, ...]:
    """What an officer may do with an order, in the table's order."""
    return tuple(
        line.action
        for line in TRANSITIONS
        if line.by == "officer"
        and line.source == state
        and passes(line, attention=attention, exclusion=exclusion)
    )


def attention(state: str, resolved: bool | None) -> str | None:
    """Why an order asks for attention: it came back, or the caller says that nothing is solved."""
    if state == RETURNED:
        return "returned"
    if state == CLOSED and resolved is False:
        return "unresolved"
    return None


def drawing() -> str:
    """The loop as a Mermaid state diagram (docs/reference/loop.md)."""
    lines = ["stateDiagram-v2", f"    [*] --> {OPEN}"]
    for line in TRANSITIONS:
        if line.source != line.target:
            label = line.action if line.by == "officer" else f"upstream: {line.action}"
            lines.append(f"    {line.source} --> {line.target}: {label}")
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in ENDED)])
