"""The loop of a case as one table: states, actions, who may, what it needs. Pure.

A state names the last stage done (采集 → 立案 → 派遣 → 处理 → 反馈 → 核查 → 结案); the drawing
in docs/reference/loop.md and the API's allowed actions come from this table. A line that leads
back, or to an end without "fixed", is ``awaited`` by nobody: it is offered, and no list of what
has to be done is made by it.
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
#: codes of the data that says what there is; ``body``: who is right instead, by name; ``way``:
#: how a check was made; ``met``: what of the conditions for closing (结案条件) was seen to be met.
Input = Literal[
    "unit", "note", "photos", "result", "units", "until", "outcome", "ground", "body", "way", "met"
]
#: Who may take a line, by the case's row and the viewer (``guards``):
#: ``holder``: the case is held by a unit of the viewer's. ``outsider``: it is not.
#: ``not_reporter``: maker ≠ checker. ``lead``: the unit that signed for it first.
#: ``called``: a unit that was called and is not there yet; ``here``: one that is there and has
#: not reported. ``parties_here``, ``parties_gone``: whether called units are not released yet.
#: ``unmerged``: it was not closed into another. ``not_appealed``, ``appealed``: whether an appeal
#: waits; ``fresh``: the viewer has said nothing of that appeal yet.
#: ``may_extend``, ``may_suspend``: the scheme of its clock knows that, and it is not used up;
#: ``written_off``: it is no hazard, or one that was written off; ``not_ordered``: nobody is under
#: an order about it, and nobody mediates (natures/loop.py).
#: ``nothing_asked``, ``extension_asked``, ``suspension_asked``: what waits for a decision.
Guard = Literal[
    "holder",
    "outsider",
    "not_reporter",
    "lead",
    "called",
    "here",
    "parties_here",
    "parties_gone",
    "unmerged",
    "not_appealed",
    "appealed",
    "fresh",
    "may_extend",
    "may_suspend",
    "nothing_asked",
    "extension_asked",
    "suspension_asked",
    "written_off",
    "not_ordered",
]


@dataclass(frozen=True, slots=True)
class Transition:
    """One line: ``action`` (with ``result``) takes a case from ``source`` to ``target``.

    ``awaited``: the case waits for somebody to do this; so not the ways back.
    """

    action: str
    source: str
    target: str
    capability: str
    entry: str
    result: Literal["pass", "fail"] | None = None
    needs: tuple[Input, ...] = ()
    takes: tuple[Input, ...] = ("note",)
    guards: tuple[Guard, ...] = ()
    awaited: bool = True


#: A unit has it, and has not reported.
HELD = (DISPATCHED, HANDLING)


def _while_held() -> tuple[Transition, ...]:
    """Returned, given to another unit, and units called to help (吹哨报到)."""
    lines = []
    for state in HELD:
        lines += [
            Transition(
                "arrive",
                state,
                state,
                "case.arrive",
                "case.arrived",
                takes=("note", "photos"),
                guards=("called",),
            ),
            Transition(
                "co_report",
                state,
                state,
                "case.co_report",
                "case.co_reported",
                needs=("note",),
                takes=("photos",),
                guards=("here",),
            ),
            Transition(
                "return",
                state,
                ACCEPTED,
                "case.return",
                "case.returned",
                needs=("ground", "note"),
                takes=("photos",),
                guards=("holder", "parties_gone"),
                awaited=False,
            ),
            Transition(
                "reassign",
                state,
                DISPATCHED,
                "case.reassign",
                "case.reassigned",
                needs=("unit",),
                awaited=False,
            ),
            Transition(
                "whistle",
                state,
                state,
                "case.whistle",
                "case.whistled",
                needs=("ground", "units", "note"),
                takes=("until",),
                awaited=False,
            ),
        ]
    release = Transition(
        "release",
        HANDLING,
        HANDLING,
        "case.release",
        "case.released",
        needs=("units",),
        guards=("lead", "parties_here"),
    )
    return (*lines, release)


def _other_ends() -> tuple[Transition, ...]:
    """Closed without "fixed", from wherever it is known; by nobody who holds or reported it."""
    return tuple(
        Transition(
            "close_otherwise",
            state,
            CLOSED,
            "case.close_otherwise",
            "case.closed_otherwise",
            needs=("outcome", "note"),
            takes=("body", "photos"),
            guards=("outsider", "not_reporter", "parties_gone", "not_ordered"),
            awaited=False,
        )
        for state in (RECEIVED, ACCEPTED, DISPATCHED, HANDLING, REPORTED)
    )


def _after_the_end() -> tuple[Transition, ...]:
    """Opened again; and the unit's appeal (申诉), which changes no fact, before two reviewers."""
    return (
        Transition(
            "reopen",
            CLOSED,
            ACCEPTED,
            "case.reopen",
            "case.reopened",
            needs=("ground",),
            takes=("note", "photos"),
            guards=("unmerged",),
            awaited=False,
        ),
        Transition(
            "appeal",
            CLOSED,
            CLOSED,
            "case.appeal",
            "case.appealed",
            needs=("ground", "note"),
            takes=("photos",),
            guards=("holder", "not_appealed"),
            awaited=False,
        ),
        Transition(
            "review_appeal",
            CLOSED,
            CLOSED,
            "case.review_appeal",
            "case.appeal_upheld",
            result="pass",
            guards=("appealed", "fresh", "outsider"),
        ),
        Transition(
            "review_appeal",
            CLOSED,
            CLOSED,
            "case.review_appeal",
            "case.appeal_refused",
            result="fail",
            needs=("note",),
            takes=(),
            guards=("appealed", "fresh", "outsider"),
        ),
    )


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
        guards=("holder", "parties_gone"),
    ),
    Transition(
        "verify",
        REPORTED,
        VERIFIED,
        "case.verify",
        "case.verified",
        result="pass",
        takes=("note", "photos", "way", "met"),
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
        takes=("photos", "way"),
        guards=("not_reporter",),
    ),
    # Found wanting after all, before it is closed: who reported it is called back and says so.
    Transition(
        "verify",
        VERIFIED,
        HANDLING,
        "case.verify",
        "case.sent_back",
        result="fail",
        needs=("note",),
        takes=("photos", "way"),
        guards=("not_reporter",),
        awaited=False,
    ),
    Transition(
        "close",
        VERIFIED,
        CLOSED,
        "case.close",
        "case.closed",
        guards=("written_off", "not_ordered"),
    ),
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
        awaited=False,
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
        awaited=False,
    ),
    Transition(
        "grant_suspension",
        HANDLING,
        SUSPENDED,
        "case.grant_suspension",
        "case.suspended",
        guards=("suspension_asked", "parties_gone"),
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
    *_while_held(),
    *_other_ends(),
    *_after_the_end(),
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


def closes(line: Transition) -> bool:
    """Whether the line ends a case, and not only touches one that is closed."""
    return line.target == CLOSED and line.source != CLOSED


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
