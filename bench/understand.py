"""The category engine: how well it knows the day's texts after no, a week's and a year's history.

Measured: accuracy, macro-F1 and the share of which it is sure, by number of days of a street's
history (80 messages a day, as the town has), from the starter and what operators wrote down;
judged by the truth, on messages about other problems that come after. Baseline of each: a plain
classifier (TF-IDF of one to three characters, linear SVM) trained on the same lessons; for the
sure ones, its accuracy on everything.

Then the cost: CPU seconds to train on 200,000 texts, beside the plain classifier on a tenth of
them, times ten; microseconds of CPU to classify a text in batches of 500, beside its transform
and decision.

``python -m bench.understand DIR [SEED]`` measures the curves on a town that `streetwise town make`
wrote, day by day: what docs/reference/learning-curves.md shows.
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bench.report import Row, as_json, row
from bench.street import Bench
from bench.town_text import MISLABELLED, messages, spots
from streetwise.evaluation.merge_hearing import shipped_classes
from streetwise.resolve.understand.calibration import reliability
from streetwise.resolve.understand.classifier import Classifier
from streetwise.resolve.understand.features import Text
from streetwise.resolve.understand.lessons import ClassKey, Lesson
from streetwise.resolve.understand.starter import starter_lessons
from streetwise.resolve.understand.training import DEFAULT, train
from streetwise.town.language import confusable

SEED = 21
DAY_MESSAGES = 80
DAYS = {"first_day": 0, "week": 7, "year": 365}
#: The days of the table in docs/reference/learning-curves.md.
CURVE_DAYS = (0, 1, 3, 7, 14, 30, 60, 120, 240, 330)
#: Days of which all texts are there, without their labels, in the last two columns of that table.
MONTH = 30
TESTED, QUICK_TESTED = 5_000, 500
NIGHT, QUICK_NIGHT = 200_000, 4_000
NIGHT_GOAL = "value < 120"
BATCH = 500
#: What a batch may cost, in microseconds of CPU per text.
GUESS_GOAL = "value <= 60"
BASELINE = "TF-IDF + linear SVM, same lessons"


@dataclass(frozen=True, slots=True)
class Told:
    """A message, its true class and the class that an operator wrote down."""

    text: Text
    truth: ClassKey
    written: ClassKey
    day: int = 0


@dataclass(frozen=True, slots=True)
class Reached:
    """What one engine reached; shares from 0 to 1."""

    accuracy: float
    macro_f1: float
    sure: float = 0.0
    sure_accuracy: float = 0.0
    calibration_error: float = 0.0


def _key(category: str) -> ClassKey:
    scheme, _, code = category.partition(":")
    return scheme, code


def made(count: int, seed: int, say: Callable[[str], None]) -> list[Told]:
    """Messages of a town, in no order of time."""
    say(f"understand: a town, and {count:,} messages in it")
    with tempfile.TemporaryDirectory(prefix="sw-understand-") as folder:
        kinds = spots(Path(folder) / "town", seed)
        return [
            Told((None, one.text), _key(one.category), _key(one.written), one.problem)
            for one in messages(count, seed, kinds)
        ]


def lived(folder: Path, seed: int) -> list[Told]:
    """Reports of a written town, in order of time; of those about one problem of a known class."""
    rng = random.Random(seed)
    truth: dict[str, list[dict[str, str]]] = {}
    with (folder / "truth" / "signals.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            truth.setdefault(line["id"], []).append(line)
    found = []
    first: date | None = None
    with (folder / "history" / "signals.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            day = datetime.fromisoformat(line["at"]).date()
            first = first or day
            true = truth[line["id"]]
            if len(true) != 1 or true[0]["kind"] != "problem":
                continue
            category = true[0]["category"]
            near = confusable().get(category, ())
            written = rng.choice(near) if near and rng.random() < MISLABELLED else category
            text = (line["title"] or None, line["text"] or None)
            found.append(Told(text, _key(category), _key(written), (day - first).days))
    return found


# --- how well -----------------------------------------------------------------------------


def lessons_of(learnt: Sequence[Told]) -> list[Lesson]:
    """The starter, and what operators wrote."""
    return starter_lessons(shipped_classes()) + [Lesson(*one.text, one.written) for one in learnt]


def ours(engine: Classifier, tested: Sequence[Told]) -> Reached:
    """What the engine reaches, by the truth."""
    import numpy as np

    guesses = [
        guess
        for begin in range(0, len(tested), BATCH)
        for guess in engine.guess([one.text for one in tested[begin : begin + BATCH]])
    ]
    said = [guess.ranked[0].cls if guess.ranked else ("", "") for guess in guesses]
    right = np.array([a == one.truth for a, one in zip(said, tested, strict=True)])
    sure = np.array([guess.sure for guess in guesses])
    confidence = np.array([g.ranked[0].confidence if g.ranked else 0.0 for g in guesses])
    return Reached(
        float(right.mean()),
        _macro_f1([one.truth for one in tested], said),
        float(sure.mean()),
        float(right[sure].mean()) if sure.any() else 0.0,
        reliability(confidence, right)[0],
    )


def plain(lessons: Sequence[Lesson], tested: Sequence[Told]) -> Reached:
    """The plain classifier on the same lessons."""
    pipeline = _plain()
    pipeline.fit(
        [_joined((one.title, one.text)) for one in lessons], [one.cls[1] for one in lessons]
    )
    said = pipeline.predict([_joined(one.text) for one in tested])
    truth = [one.truth[1] for one in tested]
    right = sum(a == b for a, b in zip(said, truth, strict=True)) / len(truth)
    return Reached(right, _macro_f1(truth, list(said)))


def _plain() -> Any:
    # scikit-learn ships no type hints; imported here so that `bench` starts without it.
    import sklearn.feature_extraction.text as features  # type: ignore[import-untyped]
    from sklearn import pipeline, svm

    known = features.TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    return pipeline.make_pipeline(known, svm.LinearSVC(C=1.0))


def _joined(text: Text) -> str:
    return " ".join(part for part in text if part)


def _macro_f1(truth: Sequence[object], said: Sequence[object]) -> float:
    from sklearn import metrics

    return float(
        metrics.f1_score(
            [str(one) for one in truth],
            [str(one) for one in said],
            average="macro",
            zero_division=0,
        )
    )


# --- rows ---------------------------------------------------------------------------------


def run(bench: Bench) -> list[Row]:
    """All rows; small in a quick run."""
    tested = bench.size(TESTED, QUICK_TESTED)
    night = bench.size(NIGHT, QUICK_NIGHT)
    wanted = max(DAYS.values()) * DAY_MESSAGES if not bench.quick else 7 * DAY_MESSAGES
    told = made(max(wanted + tested, night), SEED, bench.note)
    apart, learnt = told[:tested], [one for one in told[tested:] if one.day != told[tested - 1].day]
    rows = []
    for name, days in DAYS.items():
        if days * DAY_MESSAGES <= wanted:
            bench.note(f"understand: {name}")
            rows += _curve(name, learnt[: days * DAY_MESSAGES], apart)
    bench.note(f"understand: a night on {night:,} texts")
    return rows + _night(told[:night], apart, bench.size(10, 1))


def _curve(name: str, learnt: Sequence[Told], tested: Sequence[Told]) -> list[Row]:
    lessons = lessons_of(learnt)
    engine = train(lessons, classes=set(shipped_classes()), seed=1)
    reached, base = ours(engine, tested), plain(lessons, tested)
    accuracy = (BASELINE, base.accuracy)
    return [
        row(f"understand.{name}_accuracy", reached.accuracy, "share", baseline=accuracy),
        row(
            f"understand.{name}_macro_f1",
            reached.macro_f1,
            "share",
            baseline=(BASELINE, base.macro_f1),
        ),
        row(f"understand.{name}_sure", reached.sure, "share", baseline=("all of them", 1.0)),
        row(f"understand.{name}_sure_accuracy", reached.sure_accuracy, "share", baseline=accuracy),
    ]


def _night(told: Sequence[Told], tested: Sequence[Told], share: int) -> list[Row]:
    lessons = lessons_of(told)
    began = time.process_time()
    # The dearest night there is: as many unlabelled texts as are read, beside all lessons.
    unlabelled = [one.text for one in told[: DEFAULT.guessed_from]]
    engine = train(lessons, classes=set(shipped_classes()), seed=1, unlabelled=unlabelled)
    spent = time.process_time() - began
    pipeline = _plain()
    part = lessons[::share]
    began = time.process_time()
    pipeline.fit([_joined((one.title, one.text)) for one in part], [one.cls[1] for one in part])
    base = (time.process_time() - began) * share
    texts = [one.text for one in tested]
    quick = _each(engine.guess, texts)
    joined = [_joined(text) for text in texts]
    slow = _each(pipeline.decision_function, joined)
    name = f"TF-IDF + linear SVM, on 1 of {share}, times {share}" if share > 1 else BASELINE
    return [
        row("understand.night", spent, "CPU s", baseline=(name, base), goal=NIGHT_GOAL),
        row(
            "understand.guess",
            quick * 1e6,
            "CPU µs/text",
            baseline=("TF-IDF + linear SVM", slow * 1e6),
            goal=GUESS_GOAL,
        ),
    ]


def _each(work: Callable[[Sequence[Any]], object], texts: Sequence[Any]) -> float:
    """CPU seconds per text, the best of all batches."""
    best = float("inf")
    work(texts[:BATCH])
    for begin in range(0, len(texts) - BATCH + 1, BATCH):
        began = time.process_time()
        work(texts[begin : begin + BATCH])
        best = min(best, time.process_time() - began)
    return best / BATCH


def curve(folder: Path, seed: int) -> str:
    """The table of docs/reference/learning-curves.md: by days of a written town's history."""
    told = lived(folder, seed)
    tested = [one for one in told if one.day >= max(CURVE_DAYS)]
    lines = [
        "| days | labels | accuracy | macro-F1 | sure | right of the sure | calibration error |"
        " plain accuracy | plain macro-F1 | accuracy with unlabelled | macro-F1 with unlabelled |"
        " calibration error with unlabelled |",
        "| ---: " * 12 + "|",
    ]
    for days in CURVE_DAYS:
        # The newest days before the test: a street has those, not the oldest.
        learnt = [one for one in told if max(CURVE_DAYS) - days <= one.day < max(CURVE_DAYS)]
        lessons = lessons_of(learnt)
        reached = ours(train(lessons, classes=set(shipped_classes()), seed=1), tested)
        base = plain(lessons, tested)
        figures = [
            reached.accuracy,
            reached.macro_f1,
            reached.sure,
            reached.sure_accuracy,
            reached.calibration_error,
            base.accuracy,
            base.macro_f1,
        ]
        # The same lessons, and what came before them in the month, which nobody labelled.
        begin, end = max(CURVE_DAYS) - MONTH, max(CURVE_DAYS) - days
        month = [one.text for one in told if begin <= one.day < end]
        if month:
            engine = train(lessons, classes=set(shipped_classes()), seed=1, unlabelled=month)
            beside = ours(engine, tested)
            figures += [beside.accuracy, beside.macro_f1, beside.calibration_error]
        cells = " | ".join([f"{figure:.3f}" for figure in figures] + ["–"] * (10 - len(figures)))
        lines.append(f"| {days} | {len(learnt)} | {cells} |")
        print(lines[-1], file=sys.stderr)
    return "\n".join(lines)


def main() -> None:
    """``python -m bench.understand [DIR [SEED]]``: the table of curves, or all rows as JSON."""
    if len(sys.argv) > 1:
        print(curve(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else SEED))
        return
    bench = Bench(Path(tempfile.gettempdir()), False, lambda what: print(what, file=sys.stderr))
    print(as_json(run(bench)))


if __name__ == "__main__":
    main()
