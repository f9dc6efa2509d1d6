"""What the town's officers find when they read what the engines were unsure of. Pure.

They know the street: what they say is the truth behind a report, but for a small share of slips.
The same in the town's past and while it lives.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from .reports import Report

#: Share of wrong classes that somebody notices who was not asked.
NOTICED = 0.5
#: Share of decisions on a class that follow the engine's first guess, right or wrong.
SLIPS = 0.04
#: Kinds of reports that want a case.
MATTERS = ("problem", "urge", "supplement")


def is_matter(told: Report | None) -> bool:
    """Whether a message that was put aside is a case after all; nobody knows it: no."""
    return told is not None and told.kind in MATTERS


def class_to_say(
    told: Report | None,
    given: str | None,
    guesses: Sequence[str],
    rng: random.Random,
    *,
    asked: bool,
) -> str | None:
    """The class (scheme:code) that an officer gives a case; None: says nothing.

    ``given``: the class that it has; ``guesses``: the likeliest ones; ``asked``: the engine was
    unsure. Of a call about two problems, the one that the engine thought of is meant.
    """
    if told is None or not told.truth_category:
        return None
    right = [told.truth_category, *([told.also[1]] if told.also else [])]
    if asked:
        if guesses and rng.random() < SLIPS:
            return guesses[0]
        return next((one for one in guesses if one in right), right[0])
    wrong = given is not None and given not in right
    return right[0] if wrong and rng.random() < NOTICED else None


def same_matter(told: Report | None, other: Report | None) -> bool:
    """Whether two reports tell of one problem, or of one kind of problem at one place, which
    nobody in an office could tell apart.
    """
    if told is None or other is None or not told.truth_problem:
        return False
    return told.truth_problem == other.truth_problem or same_place(told, other)


def same_place(told: Report | None, other: Report | None) -> bool:
    """Whether two reports tell of the same kind of problem at the same place."""
    if told is None or other is None or not told.truth_category:
        return False
    return (told.truth_category, told.truth_place) == (other.truth_category, other.truth_place)
