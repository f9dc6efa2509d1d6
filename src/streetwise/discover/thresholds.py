"""What officers' verdicts do to the threshold of one scene at one camera. Pure.

A threshold is raised where many findings were wrong *and* being surer would have left out most of
these and few of the right ones; where the wrong ones were as sure as the right ones it stays, as a
higher one would only find less. It goes back by one step at a time, towards what the scene's own
file says and never below it: of what was not found nobody says whether it was right. Between the
two shares nothing happens, and each change needs verdicts of its own: those that had their effect
count no more (``since``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Reasons for which a finding is wrong because the detector saw what is not there. Of the others
#: (allowed, outside the zone, too short, a bad picture) a threshold is no remedy.
SEEN_WRONG = frozenset(("nothing", "other_thing"))


@dataclass(frozen=True, slots=True)
class ThresholdRules:
    """``verdicts_least``: fewer change nothing; ``wrong_least`` of them wrong, to raise.
    ``raise_from``, ``lower_to``: shares of wrong ones. ``step``: the grid of thresholds.
    ``above_most``: over the scene's own; ``most``: in any case. Raised only where at least
    ``leaves_out`` of the wrong ones would not have been found, and ``keeps`` of the right ones
    would have.
    """

    verdicts_least: int = 10
    wrong_least: int = 4
    raise_from: float = 0.4
    lower_to: float = 0.1
    step: float = 0.05
    above_most: float = 0.25
    most: float = 0.9
    leaves_out: float = 0.5
    keeps: float = 0.8


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding that was judged: how sure the detector was (0 to 1), and whether it was right."""

    score: float
    right: bool


def tuned(
    shipped: float,
    least: float,
    verdicts: Sequence[Verdict],
    rules: ThresholdRules | None = None,
) -> float:
    """The threshold from now on; ``least`` where it stays.

    ``shipped``: of the scene's own file. ``verdicts``: on findings since the last change.
    """
    rules = rules or ThresholdRules()
    if len(verdicts) < rules.verdicts_least:
        return least
    wrong = sum(not one.right for one in verdicts)
    share = wrong / len(verdicts)
    if share >= rules.raise_from and wrong >= rules.wrong_least:
        return _raised(shipped, least, verdicts, rules)
    if share <= rules.lower_to and least > shipped:
        return round(max(shipped, least - rules.step), 3)
    return least


def effective(shipped: float, least: float, by: str) -> float:
    """What holds: a person's word, or what verdicts have set and never less than the scene's."""
    return least if by == "hand" else max(least, shipped)


def _raised(
    shipped: float, least: float, verdicts: Sequence[Verdict], rules: ThresholdRules
) -> float:
    right = [one.score for one in verdicts if one.right]
    wrong = [one.score for one in verdicts if not one.right]
    highest = min(shipped + rules.above_most, rules.most)
    level = round(least + rules.step, 3)
    while level <= highest + 1e-9:
        left_out = _below(wrong, level) / len(wrong)
        kept = 1 - _below(right, level) / len(right) if right else 1.0
        if left_out >= rules.leaves_out and kept >= rules.keeps:
            return level
        level = round(level + rules.step, 3)
    return least


def _below(scores: Iterable[float], level: float) -> int:
    return sum(score < level for score in scores)
