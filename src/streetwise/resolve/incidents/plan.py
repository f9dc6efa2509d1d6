"""Who must be told what by when, by the grade of an incident. Pure; the times are
data/incidents.yaml.

An incident has one first report, a follow-up a stated time after the report before as long as it
is not over, and one final report after it is over. Each is told to some, each with a time limit
of its own: by word of mouth first, in writing after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml

FIRST, FOLLOW_UP, FINAL = "first", "follow_up", "final"
PHONE, WRITTEN = "phone", "written"
GRADES = (1, 2, 3, 4)
RECIPIENTS = ("leader_on_duty", "commander", "district_duty", "district_bureau")


@dataclass(frozen=True, slots=True)
class Limit:
    """To whom, how, and within how long."""

    to: str
    way: str
    within: timedelta


@dataclass(frozen=True, slots=True)
class Tell:
    """To whom, how, and by when."""

    to: str
    way: str
    due_at: datetime


#: grade → kind of report → limits.
Rules = Mapping[int, Mapping[str, tuple[Limit, ...]]]


@cache
def rules() -> Rules:
    """What data/incidents.yaml says."""
    path = resources.files("streetwise.resolve") / "data" / "incidents.yaml"
    return read(yaml.safe_load(path.read_text(encoding="utf-8")))


def read(data: Mapping[str, Any]) -> Rules:
    """Rules from what a file holds. Raises ValueError: a grade, recipient, way or time that is
    none, or a report that nobody is told."""
    found: dict[int, dict[str, tuple[Limit, ...]]] = {}
    for name, said in data["grades"].items():
        found[int(name)] = {
            FIRST: tuple(_limit(one["to"], one["way"], one["minutes"]) for one in said[FIRST]),
            FOLLOW_UP: _written(said[FOLLOW_UP]),
            FINAL: _written(said[FINAL]),
        }
    if tuple(sorted(found)) != GRADES:
        raise ValueError(f"grades must be {GRADES}, not {sorted(found)}")
    if not all(limits for kinds in found.values() for limits in kinds.values()):
        raise ValueError("every report must be told to somebody")
    return found


def _written(said: Mapping[str, Any]) -> tuple[Limit, ...]:
    return tuple(_limit(to, WRITTEN, said["minutes"]) for to in said["to"])


def _limit(to: str, way: str, minutes: float) -> Limit:
    if to not in RECIPIENTS:
        raise ValueError(f"'{to}' is nobody who is told")
    if way not in (PHONE, WRITTEN):
        raise ValueError(f"'{way}' is no way of telling")
    if minutes <= 0:
        raise ValueError("a limit must be more than nothing")
    return Limit(to, way, timedelta(minutes=minutes))


def tells(kind: str, grade: int, since: datetime, by: Rules | None = None) -> list[Tell]:
    """Whom a report of this kind must reach, and by when, counted from ``since``."""
    limits = (by or rules())[grade][kind]
    return [Tell(one.to, one.way, since + one.within) for one in limits]


def regraded(grade: int, since: datetime, told: Iterable[tuple[str, str]]) -> list[Tell]:
    """What the first report still owes under another grade: whom nobody told yet, by the new
    times, counted from the same moment. ``told``: (to, way) that is done.
    """
    done = set(told)
    return [one for one in tells(FIRST, grade, since) if (one.to, one.way) not in done]
