"""The loop of a work order as one table: what we do, and what upstream says. Pure.

Done here is not done there: after our answer an order stands as "answered, waiting upstream"
until upstream's own file says that it is closed or returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OPEN = "open"
ANSWERED = "answered"
RETURNED = "returned"
CLOSED = "closed"

STATES = (OPEN, ANSWERED, RETURNED, CLOSED)

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


def _upstream(said: str, target: str, *sources: str) -> tuple[Transition, ...]:
    entry = {"closed": "order.closed", "returned": "order.returned", "answered": "order.updated"}
    return tuple(
        Transition(said, source, target, "upstream", entry.get(said, "order.returned"))
        for source in sources
    )


TRANSITIONS: tuple[Transition, ...] = (
    Transition("answer", OPEN, ANSWERED, "officer", "order.answered", needs_text=True),
    Transition("answer", RETURNED, ANSWERED, "officer", "order.answered", needs_text=True),
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
    # Somebody answered on the platform itself.
    *_upstream("answered", ANSWERED, OPEN, RETURNED),
    *_upstream("closed", CLOSED, OPEN, ANSWERED, RETURNED),
    *_upstream("returned", RETURNED, OPEN, ANSWERED, CLOSED),
    # It was closed there and is being worked on again. What we have answered stays answered
    # while upstream has not looked at it, whatever its file calls that.
    *_upstream("open", RETURNED, CLOSED),
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
    return "\n".join([*lines, f"    {CLOSED} --> [*]"])
