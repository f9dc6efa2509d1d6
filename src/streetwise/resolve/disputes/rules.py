"""Kinds, roles and colours of disputes, as data. Pure: ``resolve/data/disputes.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from streetwise.kernel.search import Words, fold
from streetwise.resolve.understand.wordlists import load, words_of

COLOURS = ("red", "yellow", "green")


@dataclass(frozen=True, slots=True)
class Colour:
    """How a dispute of a colour is handled. ``tell``: words of data/telling.yaml."""

    code: str
    mediator: str
    visit_days: int
    tell: tuple[str, ...]
    words: Words


@dataclass(frozen=True, slots=True)
class Rules:
    """The file, read."""

    kinds: tuple[str, ...]
    roles: tuple[str, ...]
    results: tuple[str, ...]
    bodies: tuple[str, ...]
    colours: dict[str, Colour]
    follow_up_days: int
    follow_up_max_days: int

    def colour_of(self, words: str) -> str:
        """The colour that is offered for a message: the gravest of which a word stands there."""
        folded = fold(words)
        for code in COLOURS[:-1]:
            if self.colours[code].words.find(folded):
                return code
        return COLOURS[-1]


@cache
def rules() -> Rules:
    """What data/disputes.yaml says."""
    return read(load("disputes.yaml"))


def read(data: dict[str, Any]) -> Rules:
    """Rules from what a file holds. Raises ValueError: a colour or a time that is none."""
    colours = {
        code: Colour(
            code,
            said["mediator"],
            int(said["visit_days"]),
            tuple(said["tell"]),
            Words(words_of(said["words"])),
        )
        for code, said in data["colours"].items()
    }
    if tuple(colours) != COLOURS:
        raise ValueError(f"colours must be {COLOURS}, not {tuple(colours)}")
    found = Rules(
        tuple(data["kinds"]),
        tuple(data["roles"]),
        tuple(data["visit_results"]),
        tuple(data["referred_to"]),
        colours,
        int(data["follow_up_days"]),
        int(data["follow_up_max_days"]),
    )
    if min(one.visit_days for one in colours.values()) < 1:
        raise ValueError("there is a day at least from one visit to the next")
    if not 1 <= found.follow_up_days <= found.follow_up_max_days:
        raise ValueError("a follow-up is a day at least and at most follow_up_max_days ahead")
    return found
