"""What the category engine is told and what it answers: plain data. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

#: A class of a taxonomy: scheme and code.
ClassKey: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A masked text and its class. ``weight``: how much it counts; 1 is an everyday label, less is
    no message of the street (a word, an invented sentence); by those, confidence is judged only
    where there is nothing better.
    """

    title: str | None
    text: str | None
    cls: ClassKey
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A class with its confidence (0 to 1: how often such an answer is right).

    ``words``: the pieces of the text that spoke most for it; given for the best class only.
    """

    cls: ClassKey
    confidence: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryGuess:
    """The best classes, at most three, the likeliest first; empty where nothing is known.

    ``sure``: the first is right as often as the engine's setting asks of what nobody looks at.
    ``taught``: a correction of a text like this one decided.
    """

    ranked: tuple[Ranked, ...]
    sure: bool
    taught: bool = False
