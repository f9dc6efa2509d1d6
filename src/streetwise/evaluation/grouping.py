"""How well groups agree with the true ones: pairwise and B-cubed figures. Pure.

Both from the contingency table of predicted against true groups, so that n signals cost n and not
n^2. Pairwise: of all pairs put together, how many belong so; of all that belong together, how many
were. One wrong join of two groups of 100 makes 10,000 wrong pairs. B-cubed (Bagga and Baldwin,
1998): for each signal, what share of its group belongs with it, and what share of its true group
is there; the mean over signals, so that a large group counts by its size only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures 0 to 1; of no pairs at all: 1, for nothing was wrong or missed."""

    signals: int
    groups: int
    true_groups: int
    precision: float
    recall: float
    bcubed_precision: float
    bcubed_recall: float

    @property
    def f1(self) -> float:
        """Of pairs."""
        return harmonic(self.precision, self.recall)

    @property
    def bcubed_f1(self) -> float:
        """Of signals."""
        return harmonic(self.bcubed_precision, self.bcubed_recall)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``; four places."""
        ratios = {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "bcubed_precision": self.bcubed_precision,
            "bcubed_recall": self.bcubed_recall,
            "bcubed_f1": self.bcubed_f1,
        }
        return {
            **{name: round(value, 4) for name, value in ratios.items()},
            "signals": self.signals,
            "groups": self.groups,
            "true_groups": self.true_groups,
        }


def agreement(found: Sequence[Hashable], true: Sequence[Hashable]) -> Agreement:
    """``found[i]`` and ``true[i]``: the group of signal i, and the one that it belongs to."""
    both = Counter(zip(found, true, strict=True))
    ours, theirs = Counter(found), Counter(true)
    right = sum(map(_pairs, both.values()))
    count = len(found)
    return Agreement(
        signals=count,
        groups=len(ours),
        true_groups=len(theirs),
        precision=_share(right, sum(map(_pairs, ours.values()))),
        recall=_share(right, sum(map(_pairs, theirs.values()))),
        bcubed_precision=_share(sum(n * n / ours[key[0]] for key, n in both.items()), count),
        bcubed_recall=_share(sum(n * n / theirs[key[1]] for key, n in both.items()), count),
    )


def harmonic(precision: float, recall: float) -> float:
    """F1; 0 where both are."""
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0


def _pairs(members: int) -> int:
    return members * (members - 1) // 2


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
