"""Kinds, levels and ways of hazards, as data. Pure: ``resolve/data/hazards.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from streetwise.kernel.search import Words, fold
from streetwise.resolve.understand.wordlists import load, words_of

GENERAL, MAJOR = "general", "major"
LEVELS = (GENERAL, MAJOR)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of hazard, with the words and classes (``scheme:code``) by which it is offered."""

    code: str
    words: Words
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """The file, read. ``days``: of an order, by level, in working days."""

    kinds: tuple[Kind, ...]
    other: str
    days: dict[str, int]
    found_how: dict[str, str]
    ways: tuple[str, ...]
    recheck_days: int
    per_month: int

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the kinds, what fits none last."""
        return (*(one.code for one in self.kinds), self.other)

    def kind_of(self, words: str, cls: str | None) -> str:
        """The likeliest kind: by the words of a message, else by its class."""
        folded = fold(words)
        for one in self.kinds:
            if one.words.find(folded):
                return one.code
        return next((one.code for one in self.kinds if cls in one.classes), self.other)

    def way_of(self, channel: str | None) -> str:
        """How it was found, by the name of the channel of what told of it."""
        return next(
            (way for word, way in self.found_how.items() if word in (channel or "")), self.ways[0]
        )


@cache
def rules() -> Rules:
    """What data/hazards.yaml says."""
    return read(load("hazards.yaml"))


def read(data: dict[str, Any]) -> Rules:
    """Rules from what a file holds. Raises ValueError: a level, a way or a time that is none."""
    kinds = tuple(
        Kind(one["code"], Words(words_of(one["words"])), frozenset(one["classes"]))
        for one in data["kinds"]
    )
    days = {level: int(said["days"]) for level, said in data["levels"].items()}
    found = Rules(
        kinds,
        data["other"],
        days,
        dict(data["found_how"]),
        tuple(data["ways"]),
        int(data["recheck_days"]),
        int(data["compared_with"]["per_month"]),
    )
    if tuple(days) != LEVELS:
        raise ValueError(f"levels must be {LEVELS}, not {tuple(days)}")
    if min(*days.values(), found.recheck_days) < 1:
        raise ValueError("times are one working day at least")
    if not set(found.found_how.values()) <= set(found.ways):
        raise ValueError("a hazard is found in one of the ways that are named")
    return found
