"""``streetwise eval text``: how well the category engine does on anybody's labelled texts.

The engine is trained as the product trains it, on the given files alone (and on the names of
their labels), and judged on files that it has not seen, or by cross-validation with
near-duplicates on one side.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from streetwise.evaluation.text_files import Example, unusable
from streetwise.resolve.understand.calibration import Bin, reliability
from streetwise.resolve.understand.classifier import Classifier
from streetwise.resolve.understand.features import BUCKETS, grams
from streetwise.resolve.understand.lessons import Lesson
from streetwise.resolve.understand.training import train

#: Labels of a file have no scheme of their own.
SCHEME = "given"
#: What the name of a label counts beside a labelled text.
NAME_WEIGHT = 0.5
#: Shares answered at which the abstention curve is told.
ANSWERED = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
#: Texts this alike (Jaccard, of pairs of characters) are one in cross-validation.
NEAR_DUPLICATE = 0.6
MOST_GROUPED = 20_000
CONFUSED_PAIRS = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What was right, what the engine said, how confident it was, and whether it was sure.

    ``said`` is empty where the engine knew nothing.
    """

    label: str
    said: str
    confidence: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """One class: precision, recall, their harmonic mean, and how many texts have the label."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class TextScore:
    """All figures; shares from 0 to 1, times in seconds of CPU."""

    answers: int
    accuracy: float
    macro_f1: float
    weighted_f1: float
    per_class: dict[str, Figures]
    calibration_error: float
    bins: tuple[Bin, ...]
    abstention: tuple[tuple[float, float, float], ...]
    """Share answered (the most confident first), accuracy among them, least confidence."""
    sure_share: float
    sure_accuracy: float | None
    confusion: tuple[tuple[str, str, int], ...]
    """Label, what was said instead, how often; the most frequent first."""
    train_seconds: float
    guess_seconds: float

    def as_dict(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "texts": self.answers,
            "accuracy": round(self.accuracy, 4),
            "macro_f1": round(self.macro_f1, 4),
            "weighted_f1": round(self.weighted_f1, 4),
            "per_class": {
                label: {
                    "precision": round(one.precision, 4),
                    "recall": round(one.recall, 4),
                    "f1": round(one.f1, 4),
                    "support": one.support,
                }
                for label, one in self.per_class.items()
            },
            "calibration_error": round(self.calibration_error, 4),
            "calibration": [
                {
                    "from": round(one.low, 2),
                    "to": round(one.high, 2),
                    "texts": one.texts,
                    "confidence": round(one.confidence, 4),
                    "right": round(one.right, 4),
                }
                for one in self.bins
            ],
            "abstention": [
                {
                    "answered": round(share, 4),
                    "accuracy": round(right, 4),
                    "confidence_from": round(least, 4),
                }
                for share, right, least in self.abstention
            ],
            "sure": {
                "share": round(self.sure_share, 4),
                "accuracy": None if self.sure_accuracy is None else round(self.sure_accuracy, 4),
            },
            "confusion": [
                {"label": label, "said": said, "count": count}
                for label, said, count in self.confusion
            ],
            "train_seconds": round(self.train_seconds, 3),
            "guess_seconds": round(self.guess_seconds, 3),
        }


# --- engine -------------------------------------------------------------------------------


def trained(examples: Sequence[Example], seed: int) -> Classifier:
    """The product's engine, trained on these. Raises Invalid where there is one label only."""
    labels = sorted({one.label for one in examples})
    if len(labels) < 2:
        raise unusable(f"All training texts have the label '{labels[0]}'; there must be two.")
    lessons = [Lesson(None, label, (SCHEME, label), NAME_WEIGHT) for label in labels]
    lessons += [Lesson(one.title, one.text, (SCHEME, one.label)) for one in examples]
    return train(lessons, classes={(SCHEME, label) for label in labels}, seed=seed)


def answers(engine: Classifier, examples: Sequence[Example]) -> list[Answer]:
    """What the engine says to each."""
    found = []
    for begin in range(0, len(examples), 500):
        batch = examples[begin : begin + 500]
        for one, guess in zip(
            batch, engine.guess([(one.title, one.text) for one in batch]), strict=True
        ):
            best = guess.ranked[0] if guess.ranked else None
            found.append(
                Answer(
                    one.label,
                    best.cls[1] if best else "",
                    best.confidence if best else 0.0,
                    guess.sure,
                )
            )
    return found


def held_out(learnt: Sequence[Example], tested: Sequence[Example], *, seed: int = 0) -> TextScore:
    """Train on the first, judge on the others."""
    began = time.process_time()
    engine = trained(learnt, seed)
    between = time.process_time()
    told = answers(engine, tested)
    return score(told, between - began, time.process_time() - between)


def cross_validated(
    examples: Sequence[Example],
    folds: int,
    repeats: int,
    note: Callable[[str], None] = lambda what: None,
) -> tuple[TextScore, list[TextScore]]:
    """All answers of all repeats together, and each repeat by itself."""
    groups = near_duplicates(examples)
    everything: list[Answer] = []
    single = []
    spent = [0.0, 0.0]
    for repeat in range(repeats):
        told: list[Answer] = []
        side = _folds(groups, [one.label for one in examples], folds, seed=repeat)
        for fold in range(folds):
            note(f"repeat {repeat + 1} of {repeats}, part {fold + 1} of {folds}")
            learnt = [one for one, at in zip(examples, side, strict=True) if at != fold]
            tested = [one for one, at in zip(examples, side, strict=True) if at == fold]
            if not learnt or not tested:
                raise unusable("There are too few different texts for so many parts.")
            began = time.process_time()
            engine = trained(learnt, repeat)
            between = time.process_time()
            told += answers(engine, tested)
            spent[0] += between - began
            spent[1] += time.process_time() - between
        single.append(score(told, 0.0, 0.0))
        everything += told
    return score(everything, spent[0], spent[1]), single


def near_duplicates(examples: Sequence[Example]) -> NDArray[np.int64]:
    """The group of each text: alike ones, and what is alike to them, are one group."""
    if len(examples) > MOST_GROUPED:
        raise unusable(
            f"Cross-validation takes at most {MOST_GROUPED} texts; name --train and --test."
        )
    batch = grams([(None, (one.title or "") + "\n" + (one.text or "")) for one in examples])
    ones = np.ones(len(batch.bucket), dtype=np.float32)
    matrix = sparse.csr_matrix((ones, (batch.part >> 1, batch.bucket)), (len(examples), BUCKETS))
    sizes = np.asarray(matrix.sum(axis=1)).ravel()
    pairs = []
    for begin in range(0, len(examples), 500):
        shared = (matrix[begin : begin + 500] @ matrix.T).tocoo()
        row, column = shared.row + begin, shared.col
        alike = shared.data / (sizes[row] + sizes[column] - shared.data)
        pairs.append(np.stack([row, column])[:, (alike >= NEAR_DUPLICATE) & (row < column)])
    rows, columns = np.concatenate(pairs, axis=1)
    graph = sparse.coo_matrix((np.ones(len(rows)), (rows, columns)), (len(examples),) * 2)
    _, groups = csgraph.connected_components(graph, directed=False)
    return np.asarray(groups, dtype=np.int64)


def _folds(groups: NDArray[np.int64], labels: Sequence[str], folds: int, *, seed: int) -> list[int]:
    """The part of each text: groups stay whole, each label is spread over all parts."""
    rng = np.random.default_rng(seed)
    members: dict[int, list[int]] = {}
    for at, group in enumerate(groups.tolist()):
        members.setdefault(group, []).append(at)
    order = rng.permutation(len(members)).tolist()
    side = [0] * len(labels)
    filled: dict[str, Counter[int]] = {}
    total: Counter[int] = Counter()
    for group in order:
        mine = members[group]
        of_label = filled.setdefault(labels[mine[0]], Counter())
        fold = min(range(folds), key=lambda one: (of_label[one], total[one], one))
        for at in mine:
            side[at] = fold
        of_label[fold] += len(mine)
        total[fold] += len(mine)
    return side


# --- figures ------------------------------------------------------------------------------


def score(told: Sequence[Answer], train_seconds: float, guess_seconds: float) -> TextScore:
    """All figures of these answers. At least one answer is needed."""
    right = np.array([one.label == one.said for one in told])
    confidence = np.array([one.confidence for one in told])
    sure = np.array([one.sure for one in told])
    per_class = _per_class(told)
    supports = sum(one.support for one in per_class.values())
    error, bins = reliability(confidence, right)
    confused = Counter((one.label, one.said) for one in told if one.label != one.said)
    return TextScore(
        len(told),
        float(right.mean()),
        sum(one.f1 for one in per_class.values()) / len(per_class),
        sum(one.f1 * one.support for one in per_class.values()) / supports,
        per_class,
        error,
        tuple(bins),
        tuple(_abstention(confidence, right)),
        float(sure.mean()),
        float(right[sure].mean()) if sure.any() else None,
        tuple((label, said, count) for (label, said), count in confused.most_common()),
        train_seconds,
        guess_seconds,
    )


def _per_class(told: Sequence[Answer]) -> dict[str, Figures]:
    """By label; labels that were only said, wrongly, are there with a support of 0."""
    meant = Counter(one.label for one in told)
    said = Counter(one.said for one in told if one.said)
    both = Counter(one.label for one in told if one.label == one.said)
    found = {}
    for label in sorted(set(meant) | set(said)):
        precision = both[label] / said[label] if said[label] else 0.0
        recall = both[label] / meant[label] if meant[label] else 0.0
        f1 = 2 * both[label] / (meant[label] + said[label])
        found[label] = Figures(precision, recall, f1, meant[label])
    return found


def _abstention(
    confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> Iterable[tuple[float, float, float]]:
    order = np.argsort(-confidence, kind="stable")
    for share in ANSWERED:
        count = max(1, round(share * len(order)))
        first = order[:count]
        yield count / len(order), float(right[first].mean()), float(confidence[first[-1]])
