"""Training the category engine: from the starter and all the street's lessons, each night. Pure.

The weights are found by ``ridge``; how far to trust them is learned from texts that were held
out, and "sure" begins where answers are right as often as ``SURE_PRECISION`` says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from streetwise.resolve.understand.calibration import calibrate
from streetwise.resolve.understand.classifier import Classifier
from streetwise.resolve.understand.features import Text
from streetwise.resolve.understand.lessons import ClassKey, Lesson
from streetwise.resolve.understand.ridge import ridge
from streetwise.resolve.understand.vocabulary import (
    Vocabulary,
    batches,
    learn_vocabulary,
    matrix_of,
)

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

#: Of the answers that are called sure, this share shall be right.
SURE_PRECISION = 0.95


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the weights are found; the defaults were tuned on a synthetic street and on real
    letters (see docs/reference/learning-curves.md).

    ``lengths``: what is tried for ``Vocabulary.length_says``, on ``tried_on`` lessons at most; the
    first stands where none is better. ``penalty``, ``rounds``: of the solver; ``more_rounds`` when
    it begins from the weights of nearly the same lessons. ``balance``: lessons of a class with n
    lessons count as n to the minus ``balance``, where n is at least ``floor`` times the mean of all
    classes. ``fewest_texts``: an n-gram of fewer texts does not count; where classes have fewer
    than ``few_lessons`` in the mean, one text is enough. ``judges``: held-out lessons of weight 1
    that are enough to judge confidence by; with fewer, those of less weight judge too. ``folds``:
    parts that are held out in turn where there are at most ``folded_lessons``; with more, one part
    of ``held_out`` lessons is.
    """

    fewest_texts: int = 2
    few_lessons: int = 40
    penalty: float = 0.1
    lengths: tuple[float, ...] = (0.5, 0.0, 1.0)
    tried_on: int = 4_000
    rounds: int = 12
    more_rounds: int = 5
    balance: float = 0.7
    floor: float = 0.3
    judges: int = 300
    folds: int = 8
    folded_lessons: int = 10_000
    held_out: int = 10_000


DEFAULT = Recipe()


def train(
    lessons: Sequence[Lesson],
    *,
    classes: Collection[ClassKey],
    seed: int,
    corrections: Sequence[Lesson] = (),
    unlabelled: Sequence[Text] = (),
    precision: float = SURE_PRECISION,
    recipe: Recipe = DEFAULT,
) -> Classifier:
    """An engine for ``classes``; lessons of other classes are left out.

    ``corrections``: lessons that officers gave: they are learned as the others are, and the newest
    are remembered as well. ``unlabelled``: further texts of the same kind, which only tell which
    n-grams are common. ``precision``: the share of sure answers that shall be right. The same
    lessons and seed give the same engine, but for rounding.
    """
    engine = _trained(
        [*lessons, *corrections], sorted(classes), seed, unlabelled, precision, recipe
    )
    engine.learn(corrections)
    return engine


def _trained(
    lessons: Sequence[Lesson],
    known: list[ClassKey],
    seed: int,
    unlabelled: Sequence[Text],
    precision: float,
    recipe: Recipe,
) -> Classifier:
    place = {cls: at for at, cls in enumerate(known)}
    used = [lesson for lesson in lessons if lesson.cls in place and lesson.weight > 0]
    texts: list[Text] = [(lesson.title, lesson.text) for lesson in used]
    labels = np.array([place[lesson.cls] for lesson in used], dtype=np.int64)
    given = np.array([lesson.weight for lesson in used], dtype=np.float32)
    fewest = 1 if len(used) < recipe.few_lessons * len(known) else recipe.fewest_texts
    vocabulary = learn_vocabulary([*texts, *unlabelled], fewest=fewest)
    if not used or not len(vocabulary):
        nothing = np.zeros((len(vocabulary) + 1, len(known)), dtype=np.float32)
        empty = np.zeros((0, len(known)), dtype=np.float32)
        return Classifier(
            known, vocabulary, nothing, calibrate(empty, labels[:0], given[:0], precision=precision)
        )
    side = _sides(texts, seed)
    vocabulary.length_says = _best_length(vocabulary, texts, labels, given, side, recipe)
    task = _Task(vocabulary, matrix_of(vocabulary, texts), labels, given, len(known), recipe)
    held, scores, start = _held_out(task, side)
    # Confidence is judged by what the street itself labelled, as soon as there is enough of it.
    told = given[held] >= 1
    doubted = bool(told.sum() >= recipe.judges)
    if doubted:
        scores, held = scores[told], held[told]
    calibration = calibrate(scores, labels[held], given[held], precision=precision, doubted=doubted)
    weights = task.solve(slice(None), start)
    return Classifier(known, vocabulary, weights, calibration)


@dataclass(frozen=True, slots=True)
class _Task:
    vocabulary: Vocabulary
    matrix: sparse.csr_matrix
    labels: Ints
    given: Floats
    classes: int
    recipe: Recipe

    def solve(self, which: Ints | slice, start: Floats | None = None) -> Floats:
        labels = self.labels[which]
        sizes = np.bincount(labels, minlength=self.classes)
        sizes = np.maximum(sizes, self.recipe.floor * len(labels) / self.classes)
        weights = self.given[which] * (sizes[labels] ** -self.recipe.balance)
        weights = (weights / weights.mean()).astype(np.float32)
        return ridge(
            self.matrix[which],
            labels,
            self.classes,
            weights,
            penalty=self.recipe.penalty,
            rounds=self.recipe.rounds if start is None else self.recipe.more_rounds,
            start=start,
        )


def _best_length(
    vocabulary: Vocabulary,
    texts: Sequence[Text],
    labels: Ints,
    given: Floats,
    side: Ints,
    recipe: Recipe,
) -> float:
    """Which of ``recipe.lengths`` gets most texts right that were held out."""
    titled = np.array([bool(title) and bool(text) for title, text in texts])
    if not titled.any():
        return recipe.lengths[0]
    # The sides are as good as random, and near-duplicates are neighbours among them.
    some = np.sort(np.argsort(side, kind="stable")[: recipe.tried_on])
    chosen = [texts[at] for at in some]
    quick = replace(recipe, folds=3, rounds=8)
    right = []
    for length in recipe.lengths:
        vocabulary.length_says = length
        matrix = matrix_of(vocabulary, chosen)
        task = _Task(vocabulary, matrix, labels[some], given[some], int(labels.max()) + 1, quick)
        _, scores, _ = _held_out(task, side[some])
        right.append(((scores.argmax(axis=1) == labels[some]) * given[some])[titled[some]].sum())
    return recipe.lengths[int(np.argmax(right))]


def _held_out(task: _Task, side: Ints) -> tuple[Ints, Floats, Floats | None]:
    """Which texts were held out, their scores, and weights to start the last solving from."""
    recipe = task.recipe
    count = len(task.labels)
    if count > recipe.folded_lessons:
        order = np.argsort(side, kind="stable")
        held, kept = np.sort(order[: recipe.held_out]), np.sort(order[recipe.held_out :])
        weights = task.solve(kept)
        return held, task.matrix[held] @ weights, weights
    folds = side % recipe.folds
    scores = np.zeros((count, task.classes), dtype=np.float32)
    for fold in range(recipe.folds):
        out = folds == fold
        if out.any() and not out.all():
            scores[out] = task.matrix[out] @ task.solve(np.flatnonzero(~out))
    return np.arange(count), scores, None


def _sides(texts: Sequence[Text], seed: int) -> Ints:
    """A number for each text by which it is put on a side; near-duplicates mostly share theirs.

    The least of a text's shuffled n-grams (one min-hash, Broder 1997): two texts have the same
    with the probability of their Jaccard similarity.
    """
    salt = np.random.default_rng(seed).integers(1, 1 << 62, dtype=np.int64) | 1
    found = np.full(len(texts), -1, dtype=np.int64)
    begin = 0
    for batch in batches(texts):
        shuffled = ((batch.bucket + 1) * salt) & ((1 << 62) - 1)
        least = np.full(batch.texts, (1 << 62) - 1, dtype=np.int64)
        np.minimum.at(least, batch.part >> 1, shuffled)
        found[begin : begin + batch.texts] = least >> 20
        begin += batch.texts
    return found
