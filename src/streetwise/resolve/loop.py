"""The loop of a case as one table: states, actions, who may, what it needs. Pure.

A state names the last stage done (采集 → 立案 → 派遣 → 处理 → 反馈 → 核查 → 结案); the drawing
in docs/reference/loop.md and the API's allowed actions come from this table. The ways back
(returned, extended, suspended, co-handled, …) come with the resolve issue; a failed check is
the one there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RECEIVED = "received"
ACCEPTED = "accepted"
DISPATCHED = "dispatched"
HANDLING = "handling"
REPORTED = "reported"
VERIFIED = "verified"
#: 挂账: it waits for what nobody here can hasten, until a day that was agreed.
SUSPENDED = "suspended"
CLOSED = "closed"

STATES = (RECEIVED, ACCEPTED, DISPATCHED, HANDLING, SUSPENDED, REPORTED, VERIFIED, CLOSED)
OPEN_STATES = STATES[:-1]

#: ``units``: several to be called; ``until``: a day and time asked for; ``outcome``, ``ground``:
#: codes of the data that says what there is; ``body``: who is right instead, by name.
Input = Literal["unit", "note", "photos", "result", "units", "until", "outcome", "ground", "body"]
#: ``holder``: the case is held by a unit of the viewer's. ``not_reporter``: maker ≠ checker.
#: ``may_extend``, ``may_suspend``: the scheme of its clock knows that, and it is not used up;
#: ``nothing_asked``, ``extension_asked``, ``suspension_asked``: what waits for a decision.
Guard = Literal[
    "holder",
    "not_reporter",
    "may_extend",
    "may_suspend",
    "nothing_asked",
    "extension_asked",
    "suspension_asked",
]


@dataclass(frozen=True, slots=True)
class Transition:
    """One line: ``action`` (with ``result``) takes a case from ``source`` to ``target``."""

    action: str
    source: str
    target: str
    capability: str
    entry: str
    result: Literal["pass", "fail"] | None = None
    needs: tuple[Input, ...] = ()
    takes: tuple[Input, ...] = ("note",)
    guards: tuple[Guard, ...] = ()


TRANSITIONS: tuple[Transition, ...] = (
    Transition("accept", RECEIVED, ACCEPTED, "case.accept", "case.accepted"),
    Transition(
        "dispatch", ACCEPTED, DISPATCHED, "case.dispatch", "case.dispatched", needs=("unit",)
    ),
    Transition("start", DISPATCHED, HANDLING, "case.start", "case.started", guards=("holder",)),
    Transition(
        "report",
        HANDLING,
        REPORTED,
        "case.report",
        "case.reported",
        needs=("note",),
        takes=("photos",),
        guards=("holder",),
    ),
    Transition(
        "verify",
        REPORTED,
        VERIFIED,
        "case.verify",
        "case.verified",
        result="pass",
        takes=("note", "photos"),
        guards=("not_reporter",),
    ),
    Transition(
        "verify",
        REPORTED,
        HANDLING,
        "case.verify",
        "case.sent_back",
        result="fail",
        needs=("note",),
        takes=("photos",),
        guards=("not_reporter",),
    ),
    Transition("close", VERIFIED, CLOSED, "case.close", "case.closed"),
    # More time, and 挂账: asked for by who handles it, decided by somebody else.
    Transition(
        "ask_extension",
        HANDLING,
        HANDLING,
        "case.ask_extension",
        "case.extension_asked",
        needs=("note",),
        takes=(),
        guards=("holder", "may_extend", "nothing_asked"),
    ),
    Transition(
        "grant_extension",
        HANDLING,
        HANDLING,
        "case.grant_extension",
        "case.extended",
        guards=("extension_asked",),
    ),
    Transition(
        "refuse_extension",
        HANDLING,
        HANDLING,
        "case.refuse_extension",
        "case.extension_refused",
        needs=("note",),
        takes=(),
        guards=("extension_asked",),
    ),
    Transition(
        "ask_suspension",
        HANDLING,
        HANDLING,
        "case.ask_suspension",
        "case.suspension_asked",
        needs=("note", "until"),
        takes=(),
        guards=("holder", "may_suspend", "nothing_asked"),
    ),
    Transition(
        "grant_suspension",
        HANDLING,
        SUSPENDED,
        "case.grant_suspension",
        "case.suspended",
        guards=("suspension_asked",),
    ),
    Transition(
        "refuse_suspension",
        HANDLING,
        HANDLING,
        "case.refuse_suspension",
        "case.suspension_refused",
        needs=("note",),
        takes=(),
        guards=("suspension_asked",),
    ),
    # And by itself when the day comes.
    Transition("resume", SUSPENDED, HANDLING, "case.resume", "case.resumed", guards=("holder",)),
)

ACTIONS = tuple(dict.fromkeys(line.action for line in TRANSITIONS))


def find(action: str, state: str, result: str | None) -> Transition | None:
    """The line for an action in a state; None when the table has none."""
    for line in TRANSITIONS:
        if line.action == action and line.source == state and line.result == result:
            return line
    return None


def needs_result(action: str) -> bool:
    """Whether the action must say how it came out (pass or fail)."""
    return any(line.action == action and line.result for line in TRANSITIONS)


def actions_in(state: str) -> tuple[str, ...]:
    """The actions that leave a state, in the table's order."""
    return tuple(dict.fromkeys(line.action for line in TRANSITIONS if line.source == state))


def drawing() -> str:
    """The loop as a Mermaid state diagram (docs/reference/loop.md)."""
    lines = ["stateDiagram-v2", f"    [*] --> {RECEIVED}"]
    for line in TRANSITIONS:
        label = f"{line.action} ({line.result})" if line.result else line.action
        lines.append(f"    {line.source} --> {line.target}: {label}")
    return "\n".join([*lines, f"    {CLOSED} --> [*]"])
