"""Periods, organs and ways of serving, as data. Pure: ``resolve/data/petition_reviews.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from streetwise.resolve.clocks.rules import level_limit
from streetwise.resolve.deadlines import Limit, allowance
from streetwise.resolve.understand.wordlists import load

#: Whose rules the clocks of petitions follow.
SCHEME = "petition"


@dataclass(frozen=True, slots=True)
class Rules:
    """The file, read. ``redo``: what a petition's answer has from the beginning
    (``data/clock_rules.yaml``), once more."""

    ask: Limit
    answer: Limit
    file: Limit
    redo: Limit
    organs: tuple[str, ...]
    ways: tuple[str, ...]


@cache
def rules() -> Rules:
    """What data/petition_reviews.yaml says."""
    return read(load("petition_reviews.yaml"))


def read(data: dict[str, Any]) -> Rules:
    """Rules from what a file holds. Raises ValueError: a period that is none, an empty list."""
    periods = {name: Limit(one["value"], one["unit"]) for name, one in data["periods"].items()}
    for name, limit in periods.items():
        if allowance(limit).total_seconds() <= 0:
            raise ValueError(f"the period '{name}' must give some time")
    redo = level_limit(SCHEME, None)
    if redo is None:
        raise ValueError("data/clock_rules.yaml names no limit for orders of petitions")
    found = Rules(
        periods["ask"], periods["answer"], periods["file"], redo,
        tuple(data["organs"]), tuple(data["ways"]),
    )  # fmt: skip
    if not found.organs or not found.ways:
        raise ValueError("organs and ways of serving: at least one each")
    return found
