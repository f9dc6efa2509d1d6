"""What clocks go by: service times, schemes, grades and escalation, as data. Pure.

``resolve/data/clock_rules.yaml`` and ``resolve/data/escalation.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from streetwise.resolve.deadlines import Limit

#: The case's own limit; one that upstream gave; a work order's; how soon the desk goes on.
HANDLE, GIVEN, ORDER = "handle", "given", "order"
ACCEPT, DISPATCH, VERIFY, CO_HANDLE = "accept", "dispatch", "verify", "co_handle"
#: The end of a suspension: then the case goes on by itself.
SUSPENSION = "suspension"
#: Of hazards: until it is rectified, until somebody has looked again. Of disputes: until the next
#: visit, until the agreement is looked at again; that goes on when the case is closed.
RECTIFY, RECHECK, VISIT, FOLLOW_UP = "rectify", "recheck", "visit", "follow_up"
#: Of petitions after their answer (petitions/): our file, the organ's answer, to decide again.
PETITION_FILE, PETITION_ANSWER = "petition_file", "petition_answer"
PETITION_REDO = "petition_redo"
AFTER_THE_END = (ORDER, FOLLOW_UP, PETITION_FILE, PETITION_ANSWER, PETITION_REDO)
#: Of these the earliest is when the case is due.
BINDING = (HANDLE, GIVEN, ORDER)


@dataclass(frozen=True, slots=True)
class SchemeRules:
    """How often a scheme lets a clock be extended and suspended, and for how many days at most."""

    extensions: int = 0
    suspensions: int = 0
    suspension_days: int = 0


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """At this share of the allowance (1: it is due) this is written down, and who is told."""

    used: float
    entry: str
    tell: tuple[str, ...]
    urgent: bool = False


def scheme_rules(scheme: str | None) -> SchemeRules:
    """The rules of a scheme; one that is not named, and no scheme at all, knows neither."""
    return _schemes().get(scheme or "", SchemeRules())


def service_time(kind: str) -> Limit | None:
    """How long a stage of the desk may take; None where nothing is said."""
    return _services().get(kind)


def level_limit(scheme: str, level: str | None) -> Limit | None:
    """The limit of a work order's grade (2 h, 24 h, 7 d, 15 d), else that of its scheme's orders;
    None for one that is not named."""
    named = _levels().get((scheme, level.strip().lower())) if level else None
    return named or _orders().get(scheme)


def escalation(kind: str, scheme: str | None) -> tuple[EscalationStep, ...]:
    """What is done of a clock, in the order of time."""
    for kinds, schemes, steps in _escalations():
        if kind in kinds and (scheme in schemes or "*" in schemes):
            return steps
    return ()


@cache
def _schemes() -> Mapping[str, SchemeRules]:
    return {name: SchemeRules(**rules) for name, rules in _data("clock_rules")["schemes"].items()}


@cache
def _services() -> Mapping[str, Limit]:
    found = _data("clock_rules")["service"]
    return {kind: Limit(one["value"], one["unit"]) for kind, one in found.items()}


@cache
def _levels() -> Mapping[tuple[str, str], Limit]:
    return {
        (scheme, word.lower()): Limit(one["value"], one["unit"])
        for scheme, levels in _data("clock_rules")["levels"].items()
        for one in levels
        for word in one["words"]
    }


@cache
def _orders() -> Mapping[str, Limit]:
    found = _data("clock_rules")["orders"]
    return {scheme: Limit(one["value"], one["unit"]) for scheme, one in found.items()}


@cache
def _escalations() -> list[tuple[frozenset[str], frozenset[str], tuple[EscalationStep, ...]]]:
    return [
        (
            frozenset(part["kinds"]),
            frozenset(part["schemes"]),
            tuple(
                EscalationStep(
                    one["used"], one["entry"], tuple(one["tell"]), bool(one.get("urgent"))
                )
                for one in sorted(part["steps"], key=lambda step: float(step["used"]))
            ),
        )
        for part in _data("escalation")
    ]


def _data(name: str) -> Any:
    file = resources.files("streetwise.resolve") / "data" / f"{name}.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))
