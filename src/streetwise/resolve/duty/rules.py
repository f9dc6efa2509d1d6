"""What the duty room goes by. Pure; the words and the list are data/duty.yaml."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

import yaml

#: What a hand-over lists, in this order.
GROUPS = ("urgent", "overdue", "unacknowledged", "directives", "reports")
CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Rules:
    """``answered_when_left``: kind of message → the state that its case waits in."""

    log_kinds: tuple[str, ...]
    answered_when_left: Mapping[str, str]
    not_raised: frozenset[str]

    def answered(self, kind: str, state: str) -> bool:
        """Whether somebody has acted on what a message told, by the state of its case now."""
        waits_in = self.answered_when_left.get(kind)
        return state == CLOSED if waits_in is None else state != waits_in


@cache
def rules() -> Rules:
    """What data/duty.yaml says."""
    path = resources.files("streetwise.resolve") / "data" / "duty.yaml"
    return read(yaml.safe_load(path.read_text(encoding="utf-8")))


def read(data: Mapping[str, Any]) -> Rules:
    """Rules from what a file holds."""
    return Rules(
        tuple(data["log_kinds"]), dict(data["answered_when_left"]), frozenset(data["not_raised"])
    )


def same_person(one: Collection[UUID | None], other: Collection[UUID | None]) -> bool:
    """Whether somebody stands on both sides: oneself, or by a stand-in."""
    return bool({each for each in one if each} & {each for each in other if each})
