"""Fit what joining weighs where both places are known: resolve/understand/data/joining.yaml.

    python scripts/fit_merging.py TOWN... > joining.yaml

(to another folder first: the file is read while this runs).

Each TOWN is a folder of ``streetwise town make``. Its first two thirds of a year teach the class
engine, the last third gives pairs: every voice in order of arrival against the cases that
``Pool.near`` finds among those of the truth (problems of one class and place that follow within
24 hours are one). Of each case its best voice counts, as in ``merge.decide``.

Logistic regression, held to the reasoned numbers by a quadratic penalty and by bounds, each with
its reason in :func:`terms`. Nothing of a real street is read.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.optimize import minimize

from streetwise.evaluation.merge import after_learning, standing
from streetwise.evaluation.merge_files import read_places, read_signals, read_truth
from streetwise.evaluation.merge_hearing import hear
from streetwise.resolve.understand import evidence as ev
from streetwise.resolve.understand.evidence import WEIGHTS, Voice
from streetwise.resolve.understand.merge import FORGOTTEN_AFTER, Known, Pool
from streetwise.resolve.understand.similar import telling

Floats = NDArray[np.float64]

LEARN_SHARE, LEFT_OUT, OVERLAP = 0.67, ("UP-01",), timedelta(hours=24)
#: Far below what is offered, so that easy negatives are there too.
CANDIDATES_FROM = -6.0
TIDY_EVERY = 500
#: How strongly the reasoned numbers hold: as much as so many signals could say.
PENALTY = 3.0
ROUNDS = 3
WORDS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.6, 0.85, 1.0)
HOURS = (0.0, 3.0, 8.0, 16.0, 24.0, 36.0, 48.0, 72.0, 120.0)
#: Reasoned log-odds at WORDS (``Weights.words``) and HOURS (a half-life of two days).
WORDS_WORTH = (-1.5, -0.8, 0.0, 1.0, 2.2, 4.5, 6.5, 8.0)
HOURS_WORTH = (3.5, 3.4, 3.2, 2.8, 2.3, 1.7, 1.1, 0.2, -1.5)
MARKS = tuple(WEIGHTS.marks_agree)


@dataclass(frozen=True, slots=True)
class Term:
    """A number to be fitted: its reasoned value, and how far the fit may go."""

    name: str
    reasoned: float
    least: float
    most: float


def terms() -> list[Term]:
    """In the order of :func:`measured`."""
    found = [
        Term("prior", -4.5, -12, 0),
        # Two points without names (a telephone's, a device's) are rare in the town: as reasoned.
        Term("near", 1, 1, 1),
        Term("far", WEIGHTS.far, WEIGHTS.far, WEIGHTS.far),
        Term("same_place", 1, 0, 4),
        Term("sibling", WEIGHTS.sibling, WEIGHTS.sibling, WEIGHTS.sibling),
        Term("other_place", -2, -6, 0),
        Term("within_place", 0, 0, 3),
        Term("class_share", 1, 0.3, 1.8),
        # The town hands all kinds over to its offices at one pace, which no street does.
        Term("quick", 1, 0.5, 1.2),
        Term("words 0", WORDS_WORTH[0], -4, 0),
        Term("words 1", WORDS_WORTH[1], -4, 0),
    ]
    # The town's callers speak in few phrases: likeness says less there than in life, so that at
    # least a third of the reasoned worth stays, and all of it for what is all but the same text.
    for at in range(3, len(WORDS)):
        step = WORDS_WORTH[at] - WORDS_WORTH[at - 1]
        least = {6: step, 7: 3.3}.get(at, 0.3 * step)
        found.append(Term(f"words {at}", step, least, max(least, 1.5 * step)))
    found.append(Term("hours 0", HOURS_WORTH[0], -2, 8))
    for at in range(1, len(HOURS)):
        step = HOURS_WORTH[at] - HOURS_WORTH[at - 1]
        found.append(Term(f"hours {at}", step, -2 if at == len(HOURS) - 1 else -6, 0))
    for kind in MARKS:
        agree, differ = WEIGHTS.marks_agree[kind], WEIGHTS.marks_differ[kind]
        # The town puts any number of a road to one problem; in life two numbers are two things.
        least, most = (agree / 2, 6) if kind in ("gate", "corner") else (0, 6)
        found.append(Term(f"agree {kind}", agree, least, most))
        found.append(Term(f"differ {kind}", differ, -6, 0.4 * differ))
    return found


def measured(new: Voice, old: Voice, likeness: float) -> list[float] | None:
    """What each of :func:`terms` is multiplied with; None where a place is unknown.

    The same sum as ``evidence.weigh``, but for two bounds that seldom matter (the least of the
    class, and a sibling's place, which is not added to but replaced).
    """
    metres = ev.metres_apart(new, old)
    if metres is None:
        return None
    kind = ev._kind(new, old)
    blur = math.hypot(new.metres, old.metres) + kind.reach_metres
    near = min(WEIGHTS.near_most, math.log(WEIGHTS.wide_metres / (blur + 20)))
    named = bool(new.place and old.place)
    same = named and new.place == old.place
    beside = ev._siblings(new, old) and not kind.area
    within = named and (new.place in old.above[:1] or old.place in new.above[:1])
    above = within or new.place in old.above or old.place in new.above
    part = 1.0 if same else math.exp(-((metres / blur) ** 2))
    cls = ev._class(new, old, WEIGHTS)
    alike = cls.params["p"] if cls else 0.0
    words = _hat(WORDS, likeness) * min(telling(new.text), telling(old.text))
    hours = _hat(HOURS, abs((new.at - old.at).total_seconds()) / 3600)
    found = [
        1.0, near * part, 1 - part, same, beside,
        named and not (same or beside or above), within and not beside,
        cls.weight if cls else 0.0, ev.quickness(kind),
        *(words[:2] * (1 - alike)), *(words[at:].sum() for at in range(3, len(WORDS))),
        *(hours[at:].sum() for at in range(len(HOURS))),
    ]  # fmt: skip
    mine, theirs = ev._by_kind(new.marks), ev._by_kind(old.marks)
    for mark in MARKS:
        both = mark in mine and mark in theirs
        agree = both and bool(mine[mark] & theirs[mark])
        loose = kind.area or ev._next_door(mark, mine, theirs) if both else False
        share = WEIGHTS.area_share if loose else 1.0
        found += [float(agree), share * (both and not agree)]
    return [float(value) for value in found]


def _hat(points: Sequence[float], at: float) -> Floats:
    """How much each point counts, of straight lines between them."""
    return np.array([np.interp(at, points, np.eye(len(points))[n]) for n in range(len(points))])


# --- pairs --------------------------------------------------------------------------------


def pairs_of(town: Path) -> list[tuple[bool, list[list[float]]]]:
    """For each voice and near case: whether it is that one, and what was measured of its voices."""
    truth = read_truth(town / "truth" / "signals.csv")
    signals = read_signals(town / "history" / "signals.csv")
    signals, guess = after_learning(signals, truth, LEARN_SHARE, LEFT_OUT)
    signals = [one for one in signals if one.id in truth]
    known = standing(signals, [truth[one.id] for one in signals], OVERLAP)
    heard = hear(signals, read_places(town / "places.csv"), guess)
    pool, found = Pool(), []
    order = sorted(range(len(heard)), key=lambda at: (heard[at].at, at))
    for step, at in enumerate(order):
        voice, problems = heard[at], known[at].problems
        if step % TIDY_EVERY == 0:
            pool = Pool(
                case
                for case in pool.cases.values()
                if voice.at - case.voices[-1].at <= FORGOTTEN_AFTER
            )
        for near in pool.near(voice, WEIGHTS, CANDIDATES_FROM):
            each = [measured(voice, old, likeness) for old, likeness in near.voices]
            placed = [one for one in each if one is not None]
            if placed:
                found.append((near.case.id in problems, placed))
        case = pool.cases.get(problems[0])
        pool.put(case.with_voice(voice) if case else Known(problems[0], (voice,), voice.urgency))
    return found


def fit(pairs: Sequence[tuple[bool, list[list[float]]]]) -> dict[str, float]:
    """The numbers, by name."""
    wanted = terms()
    reasoned = np.array([term.reasoned for term in wanted])
    bounds = [(term.least, term.most) for term in wanted]
    values = np.array([row for _, rows in pairs for row in rows])
    sizes = np.array([len(rows) for _, rows in pairs])
    same = np.array([float(one) for one, _ in pairs])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    numbers = reasoned
    for _ in range(ROUNDS):
        sums = values @ numbers
        best = [start + int(sums[start : start + size].argmax())
                for start, size in zip(starts, sizes, strict=True)]  # fmt: skip
        chosen = values[best]

        def loss(at: Floats, chosen: Floats = chosen) -> tuple[float, Floats]:
            odds = chosen @ at
            value = np.logaddexp(0, odds).sum() - same @ odds
            slope = chosen.T @ (1 / (1 + np.exp(-odds)) - same)
            pull = at - reasoned
            return value + PENALTY / 2 * pull @ pull, slope + PENALTY * pull

        numbers = minimize(loss, numbers, jac=True, method="L-BFGS-B", bounds=bounds).x
    return {term.name: float(value) for term, value in zip(wanted, numbers, strict=True)}


def written(fitted: dict[str, float]) -> dict[str, object]:
    """The content of placed.yaml."""
    words = [fitted["words 0"], fitted["words 1"], 0.0]
    for at in range(3, len(WORDS)):
        words.append(words[-1] + fitted[f"words {at}"])
    hours = [fitted["hours 0"]]
    for at in range(1, len(HOURS)):
        hours.append(max(WEIGHTS.long_ago, hours[-1] + fitted[f"hours {at}"]))
    single = ("prior", "same_place", "within_place", "other_place", "class_share", "quick")
    return {name: round(fitted[name], 2) for name in single} | {
        "words": [[at, round(worth, 2)] for at, worth in zip(WORDS, words, strict=True)],
        "hours": [[at, round(worth, 2)] for at, worth in zip(HOURS, hours, strict=True)],
        "marks_agree": {kind: round(fitted[f"agree {kind}"], 2) for kind in MARKS},
        "marks_differ": {kind: round(fitted[f"differ {kind}"], 2) for kind in MARKS},
    }


def main(towns: Sequence[str]) -> None:
    """Fit on all of them."""
    pairs = [pair for town in towns for pair in pairs_of(Path(town))]
    print(
        "# Fitted by scripts/fit_merging.py on two made towns (seeds 11 and 31). That script says"
    )
    print("# how far from the reasoned number each may go; what each is: evidence.Weights.")
    print(yaml.safe_dump(written(fit(pairs)), sort_keys=False, default_flow_style=None), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
