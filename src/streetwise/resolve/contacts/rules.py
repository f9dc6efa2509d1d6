"""First contact: by when a reporter is to be spoken to, and when that was done. Pure.

The table is resolve/data/contact_rules.yaml. A timer runs without a break: a person waits at night
as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, get_args

from streetwise.resolve.understand.wordlists import load

Way = Literal["phone", "message", "visit"]
Result = Literal["reached", "no_answer", "busy", "refused", "wrong_number"]
WAYS: tuple[str, ...] = get_args(Way)
RESULTS: tuple[str, ...] = get_args(Result)
#: Somebody was spoken to, even if that one did not want to speak.
SPOKEN = ("reached", "refused")
ANY = "*"


@dataclass(frozen=True, slots=True)
class Line:
    """A scheme, a grade (``*``: any), and the minutes for it."""

    scheme: str
    level: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Rules:
    """The table, read. ``tries_apart``: calls nearer than that are one try."""

    lines: tuple[Line, ...]
    tries_enough: int
    tries_apart: timedelta
    promise_max_days: int

    def due(self, scheme: str, level: str | None, received_at: datetime) -> datetime | None:
        """By when the reporter of an order is to be spoken to; None: nothing says so."""
        for line in self.lines:
            if line.scheme == scheme and line.level in (ANY, (level or "")[: len(line.level)]):
                return received_at + timedelta(minutes=line.minutes)
        return None

    def met(self, attempts: Sequence[Attempt]) -> datetime | None:
        """When first contact was made, or tried often enough; None: neither. Any order."""
        tries = 0
        last: datetime | None = None
        for one in sorted(attempts, key=lambda one: one.at):
            if one.result in SPOKEN:
                return one.at
            if last is None or one.at - last >= self.tries_apart:
                tries, last = tries + 1, one.at
            if tries >= self.tries_enough:
                return one.at
        return None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to speak to a reporter."""

    at: datetime
    result: str


@cache
def shipped_rules() -> Rules:
    """The table that comes with the program."""
    return read_rules(load("contact_rules.yaml"))


def read_rules(content: Mapping[str, Any]) -> Rules:
    """A table from what the file says. ValueError: a number that none can be."""
    lines = tuple(
        Line(line["scheme"], str(line["level"]), int(line["minutes"]))
        for line in content["within_minutes"]
    )
    rules = Rules(
        lines,
        int(content["tries_enough"]),
        timedelta(minutes=int(content["tries_apart_minutes"])),
        int(content["promise_max_days"]),
    )
    if rules.tries_enough < 1 or rules.promise_max_days < 1:
        raise ValueError("tries_enough and promise_max_days are 1 at least")
    if rules.tries_apart < timedelta(0) or any(line.minutes < 1 for line in lines):
        raise ValueError("minutes are above 0")
    return rules
