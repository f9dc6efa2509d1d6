"""Merging: decisions per second against naive comparing, and how right they are on a town.

Speed: 200 new signals of a town against its 300 newest cases, each deciding by itself, prints made
in one batch (their cost is a row of its own). Baselines in the same process, over the same texts:
``difflib.SequenceMatcher`` with each case's text, and the Jaccard index of the sets of character
pairs. CPU seconds, best of some rounds. How long one decision takes among up to 1,000,000 cases:
``candidates.py``.

Rightness: the last two months of a town, product engines throughout (``eval merge``), plain
signals and distorted ones apart. True problems of one class at one place that follow within a day
count as one (``--overlap-hours 24``; the town begins several floods of one underpass in an hour,
which no text can tell apart: docs/decisions/0030-merging.md). Baseline: same guessed class, within
100 m, within 3 days of the group's last.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from rich.console import Console

from bench import candidates
from bench.report import Row, row
from bench.street import Bench
from streetwise.evaluation.grouping import agreement
from streetwise.evaluation.merge import score_groups, standing
from streetwise.evaluation.merge_files import read_places, read_signals, read_truth
from streetwise.evaluation.merge_hearing import hear
from streetwise.resolve.understand.evidence import Voice, metres_apart
from streetwise.resolve.understand.merge import Known, Pool, decide
from streetwise.resolve.understand.similar import prints
from streetwise.town.console import make_with_progress

SEED = 21  # weights were tuned on seed 11
YEARS = 0.25
CASES, NEW = 300, 200
NEAR_METRES, NEAR_TIME = 100.0, timedelta(days=3)
OVERLAP = timedelta(hours=24)


def run(bench: Bench) -> list[Row]:
    """Speed, then rightness at both levels."""
    folder = bench.home / "merging"
    bench.note("merging: a town")
    make_with_progress(folder, SEED, YEARS, date(2026, 11, 1), Console(quiet=True))
    truth = read_truth(folder / "truth" / "signals.csv")
    signals = [one for one in read_signals(folder / "history" / "signals.csv") if one.id in truth][
        -bench.size(5_000, 800) :
    ]
    places = read_places(folder / "places.csv")
    bench.note(f"merging: {len(signals)} signals")
    heard = hear(signals, places)
    texts = [f"{one.title} {one.text}" for one in signals]
    rounds = bench.size(3, 1)
    rows = [*_speed(heard, texts, rounds), *candidates.rows(bench, heard)]
    score = score_groups(signals, truth, places, overlap=OVERLAP)
    groups = _naive_groups(heard)
    true = [one.problems[0] for one in standing(signals, [truth[s.id] for s in signals], OVERLAP)]
    for level, part in score.by.items():
        chosen = [
            at for at, one in enumerate(signals) if bool(truth[one.id].errors) == (level == "hard")
        ]
        naive = agreement([groups[at] for at in chosen], [true[at] for at in chosen])
        for name in ("precision", "recall", "bcubed_f1"):
            goal = {"precision": "value >= 0.98", "recall": "value >= 0.85"}.get(name)
            base = ("class, 100 m, 3 days", getattr(naive, name))
            rows.append(
                row(
                    f"merging.{level}_{name}",
                    getattr(part, name),
                    "share",
                    baseline=base,
                    goal=goal,
                )
            )
    return rows


def _speed(heard: Sequence[Voice], texts: Sequence[str], rounds: int) -> list[Row]:
    old, new = heard[-CASES - NEW : -NEW], heard[-NEW:]
    old_texts, new_texts = texts[-CASES - NEW : -NEW], texts[-NEW:]
    pool = Pool(Known(one.id, (one,)) for one in old)
    ours = _rate(lambda: [decide(one, pool) for one in new], len(new), rounds)
    pairs = [_pairs(text) for text in old_texts]
    jaccard = _rate(
        lambda: [max(_jaccard(_pairs(one), two) for two in pairs) for one in new_texts],
        len(new),
        rounds,
    )
    few = new_texts[:10]
    matcher = _rate(lambda: [_best_ratio(one, old_texts) for one in few], len(few), 1)
    made = _rate(lambda: prints(texts[-500:]), len(texts[-500:]), rounds)
    single = _rate(lambda: [prints([one]) for one in texts[-500:]], len(texts[-500:]), 1)
    unit = f"decisions/CPU s, {CASES} cases"
    return [
        row("merging.decide", ours, unit, baseline=("difflib over all", matcher)),
        row("merging.decide_sets", ours, unit, baseline=("Jaccard over all", jaccard)),
        row("merging.prints", made, "texts/CPU s", baseline=("one by one", single),
            goal="value >= 25000"),
    ]  # fmt: skip


def _rate(work: Callable[[], object], count: int, rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return count / best


def _best_ratio(text: str, others: Sequence[str]) -> float:
    matcher = difflib.SequenceMatcher(b=text, autojunk=False)
    best = 0.0
    for other in others:
        matcher.set_seq1(other)
        best = max(best, matcher.ratio())
    return best


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / (len(a | b) or 1)


def _naive_groups(heard: Sequence[Voice]) -> list[int]:
    """Joined to the newest group of the same guessed class whose last signal is near enough."""
    groups = list(range(len(heard)))
    last: dict[object, list[int]] = {}
    for at in sorted(range(len(heard)), key=lambda at: heard[at].at):
        one = heard[at]
        if not one.classes:
            continue
        row_of_class = last.setdefault(one.classes[0][0], [])
        for before in reversed(row_of_class):
            apart = metres_apart(one, heard[before])
            if one.at - heard[before].at > NEAR_TIME:
                break
            if apart is not None and apart <= NEAR_METRES:
                groups[at] = groups[before]
                break
        row_of_class.append(at)
    return groups
