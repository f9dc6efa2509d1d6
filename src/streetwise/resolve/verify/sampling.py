"""Which reported cases are drawn for a check, by the record of their unit. Pure.

Acceptance sampling: of a unit's cases a share is looked at, so large that what passes unseen
though it was not done stays below a limit. Let ``p`` be the share of its cases that are not done,
``s`` the share that is looked at; then ``(1 - s) p`` slip through, and ``s = 1 - slip / p`` keeps
that at ``slip`` (the average outgoing quality limit of Dodge and Romig, 1929). Of ``p`` the record
gives an interval; its upper end (Wilson, 1927) is used: who is not known is looked at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import Any

from streetwise.resolve.understand.wordlists import load

#: Why a case is drawn, or is not; the screen has the words.
SENT_BACK, REOPENED, URGENT = "sent_back", "reopened", "urgent"
BY_CHANCE, NOT_DRAWN = "by_chance", "not_drawn"


@dataclass(frozen=True, slots=True)
class Rules:
    """The table, read: shares from 0 to 1. ``deviations``: how sure the interval's end is."""

    slip: float
    floor: float
    ceiling: float
    record_days: int
    deviations: float


@dataclass(frozen=True, slots=True)
class Record:
    """A unit's checks that were drawn by chance: how many, and how many of them failed."""

    checked: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Reported:
    """What is known of a case when its unit says that it is done."""

    reworked: int
    reopened: int
    urgent: bool


@dataclass(frozen=True, slots=True)
class Draw:
    """Whether a case is looked at, and why; ``params`` for the words."""

    drawn: bool
    code: str
    params: Mapping[str, int]


def read_rules(content: Mapping[str, Any]) -> Rules:
    """A table from what the file says. ValueError: numbers that none can be."""
    rules = Rules(
        content["slip_percent"] / 100,
        content["floor_percent"] / 100,
        content["ceiling_percent"] / 100,
        int(content["record_days"]),
        float(content["confidence_deviations"]),
    )
    if not 0 <= rules.floor <= rules.ceiling <= 1 or not 0 < rules.slip <= 1:
        raise ValueError("shares lie between 0 and 100 %, the floor below the ceiling")
    if rules.record_days < 1 or rules.deviations < 0:
        raise ValueError("a record has days, and its interval a width")
    return rules


@cache
def shipped_rules() -> Rules:
    """The table that comes with the program."""
    return read_rules(load("checking.yaml"))


def wilson_upper(failed: int, checked: int, deviations: float) -> float:
    """The upper end of Wilson's interval of a share; 1 where nothing was checked.

    It is the larger root of ``n (p - f/n)² = z² p (1 - p)``.
    """
    if checked == 0:
        return 1.0
    share, z2 = failed / checked, deviations * deviations
    middle = share + z2 / (2 * checked)
    half = deviations * sqrt(share * (1 - share) / checked + z2 / (4 * checked * checked))
    return min((middle + half) / (1 + z2 / checked), 1.0)


def share_of(record: Record, rules: Rules) -> float:
    """Which share of a unit's cases is looked at, from floor to ceiling."""
    upper = wilson_upper(record.failed, record.checked, rules.deviations)
    wanted = 1 - rules.slip / upper if upper > 0 else 0.0
    return min(max(wanted, rules.floor), rules.ceiling)


def chance(digest: bytes) -> float:
    """A number from 0 on, below 1, that a keyed hash of the case's id says: always the same one,
    and nobody without the key knows it, so that nobody picks. Eight bytes of it are read.
    """
    # 53 bits: more do not fit a float, and the largest would be rounded up to 1.
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def draw(case: Reported, record: Record, rules: Rules, lot: float) -> Draw:
    """Whether this case is looked at. ``lot``: its ``chance``."""
    if case.reworked:
        return Draw(True, SENT_BACK, {"count": case.reworked})
    if case.reopened:
        return Draw(True, REOPENED, {"count": case.reopened})
    if case.urgent:
        return Draw(True, URGENT, {})
    share = share_of(record, rules)
    drawn = lot < share
    params = {
        "percent": round(share * 100),
        "checked": record.checked,
        "failed": record.failed,
        "days": rules.record_days,
    }
    return Draw(drawn, BY_CHANCE if drawn else NOT_DRAWN, params)
