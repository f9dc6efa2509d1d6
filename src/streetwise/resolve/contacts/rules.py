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
class Step:
    """So long after something was to be done, this is written down, and who is told."""

    after: timedelta
    entry: str
    tell: tuple[str, ...]
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The table, read. ``tries_apart``: calls nearer than that are one try."""

    lines: tuple[Line, ...]
    tries_enough: int
    tries_apart: timedelta
    promise_max_days: int
    late_contact: tuple[Step, ...] = ()
    late_promise: tuple[Step, ...] = ()
    forgotten: timedelta = timedelta(days=3)

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
        _steps(content.get("late", {}).get("contact", ())),
        _steps(content.get("late", {}).get("promise", ())),
        timedelta(minutes=float(content.get("forgotten_minutes", 4320))),
    )
    if rules.tries_enough < 1 or rules.promise_max_days < 1:
        raise ValueError("tries_enough and promise_max_days are 1 at least")
    if rules.tries_apart < timedelta(0) or any(line.minutes < 1 for line in lines):
        raise ValueError("minutes are above 0")
    return rules


def _steps(content: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    found = tuple(
        Step(
            timedelta(minutes=float(one["after_minutes"])),
            one["entry"],
            tuple(one["tell"]),
            bool(one.get("urgent")),
        )
        for one in content
    )
    if list(found) != sorted(found, key=lambda one: one.after):
        raise ValueError("late: the steps come in the order of time")
    return found


def reached_step(
    steps: Sequence[Step], taken: int, due_at: datetime, now: datetime
) -> tuple[int, Step | None]:
    """(how many steps are taken then, the last that has come and was not taken; None: none has).

    One that several steps ran past takes the last of them only.
    """
    come = sum(1 for one in steps if due_at + one.after <= now)
    return (come, steps[come - 1]) if come > taken else (taken, None)
