"""The loop of a directive, and the kinds there are. Pure: the kinds are data/directives.yaml.

open → reported (done, with a report) → done (checked off), or back to open (sent back); an open
or reported one may be withdrawn. Who gave it, or their office, checks it off; who did it never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

import yaml

OPEN, REPORTED, DONE, WITHDRAWN = "open", "reported", "done", "withdrawn"
STATES = (OPEN, REPORTED, DONE, WITHDRAWN)
#: What is not done yet.
UNDONE = (OPEN, REPORTED)

#: ``doer``: the unit or the person that it is laid on. ``giver``: who gave it, or their office.
#: ``checker``: the same, but nobody who reported it done.
Guard = Literal["doer", "giver", "checker"]
Action = Literal["report", "pass", "return", "withdraw"]
ACTIONS = get_args(Action)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of directive."""

    code: str
    needs: str
    person: bool
    due: timedelta
    urgent: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the loop: ``action`` takes a directive from ``source`` to ``target``."""

    action: Action
    source: str
    target: str
    capability: str
    entry: str
    guard: Guard
    needs_text: bool = False


LINES: tuple[Line, ...] = (
    Line("report", OPEN, REPORTED, "directive.report", "directive.reported", "doer", True),
    Line("pass", REPORTED, DONE, "case.direct", "directive.done", "checker"),
    Line("return", REPORTED, OPEN, "case.direct", "directive.sent_back", "checker", True),
    Line("withdraw", OPEN, WITHDRAWN, "case.direct", "directive.withdrawn", "giver", True),
    Line("withdraw", REPORTED, WITHDRAWN, "case.direct", "directive.withdrawn", "giver", True),
)


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds by code, in the order of the file."""
    path = resources.files("streetwise.resolve") / "data" / "directives.yaml"
    return read(yaml.safe_load(path.read_text(encoding="utf-8")))


def read(data: Mapping[str, Any]) -> Mapping[str, Kind]:
    """Kinds from what a file holds. Raises ValueError: a time that is none."""
    found = {}
    for code, said in data["kinds"].items():
        hours = float(said["due_hours"])
        if hours <= 0:
            raise ValueError(f"{code}: due_hours must be more than nothing")
        found[code] = Kind(
            code, said["needs"], bool(said["person"]), timedelta(hours=hours), bool(said["urgent"])
        )
    return found


def find(action: str, state: str) -> Line | None:
    """The line for an action in a state; None: not possible now."""
    return next((one for one in LINES if (one.action, one.source) == (action, state)), None)


def overdue(state: str, due_at: datetime, now: datetime) -> bool:
    """Whether it should have been reported done by now; what waits for a check is not late."""
    return state == OPEN and due_at <= now
