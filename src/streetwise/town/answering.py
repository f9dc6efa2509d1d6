"""What the town's reporters say when they are called back (回访), and who is asked how. Pure.

Chance is by the reporter's own report, so that the past and the living town draw alike. The shares
stand in ``data/astray.yaml`` and are written to the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

from streetwise.town import astray
from streetwise.town.astray import Draw

#: Answers that bring somebody to the telephone.
REACHED = "reached"
#: Words that some of those leave for whom it is not done.
WORDS = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """``reached``: somebody had been in touch; None: a link does not ask that."""

    resolved: bool
    satisfied: str
    reached: bool | None
    in_words: bool


def drawing(seed: int, report: str, round_: object) -> Draw:
    """Chance for one reporter and round of the case; ``report``: its upstream number, which is
    the same whenever the same street is made (an id is not)."""
    return astray.drawing(seed, f"call-back {report}", round_)


def result(draw: Draw, attempt: int) -> str:
    """What comes of a call: of how the reporter is reached, or not."""
    return astray.ground("call_back", draw(f"call {attempt}"))


def by_link(draw: Draw) -> bool:
    """Whether the reporter is sent a link, and not called."""
    return astray.happens("call_back_by_link", draw("link"))


def answers_link(draw: Draw) -> bool:
    """Whether who was sent a link answers."""
    return astray.happens("call_back_link_answered", draw("link answered"))


def answer(draw: Draw, *, link: bool = False) -> Answer:
    """What the reporter says."""
    resolved = astray.happens("call_back_resolved", draw("resolved"))
    chance = draw("satisfied").random()
    if not resolved:
        basically = chance < astray.share("call_back_unresolved_basically")
        satisfied = "basically" if basically else "no"
    elif chance < astray.share("call_back_satisfied"):
        satisfied = "yes"
    else:
        left = chance - astray.share("call_back_satisfied")
        satisfied = "basically" if left < astray.share("call_back_basically") else "no"
    reached = None if link else astray.happens("call_back_reached", draw("reached"))
    return Answer(resolved, satisfied, reached, not resolved and draw("words").random() < WORDS)


def reopens(draw: Draw) -> bool:
    """Whether the street opens the case again for who says that it is not done."""
    return astray.happens("call_back_reopens", draw("reopens"))
