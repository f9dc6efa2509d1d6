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

from streetwise.resolve.understand.calibration import calibrate, reliability
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
    it begins from the weights of nearly the same lessons. ``fewest_texts``: an n-gram of fewer
    texts does not count. ``guessed``: of each class, so many unlabelled texts of which the first
    weights are surest teach as well, once, each with weight ``guessed_weight``; of at most
    ``guessed_from`` texts (0: none), while there are no more than ``guessed_until`` lessons (with
    more nothing is gained). ``judges``: held-out lessons of weight 1 that are enough to
    judge confidence by; with fewer, those of less weight judge too. ``folds``: parts that are held
    out in turn where there are at most ``folded_lessons``; with more, one part of ``held_out``
    lessons is.
    """

    fewest_texts: int = 1
    penalty: float = 0.3
    guessed: int = 150
    guessed_weight: float = 0.1
    guessed_from: int = 20_000
    guessed_until: int = 10_000
    lengths: tuple[float, ...] = (0.5, 0.0, 1.0)
    tried_on: int = 4_000
    rounds: int = 12
    more_rounds: int = 5
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
    """``train_checked`` without its figures."""
    return train_checked(
        lessons,
        classes=classes,
        seed=seed,
        corrections=corrections,
        unlabelled=unlabelled,
        precision=precision,
        recipe=recipe,
    )[0]


@dataclass(frozen=True, slots=True)
class Checked:
    """How well the recipe does on lessons that were held out, by their labels.

    ``judged``: how many; ``accuracy`` and ``calibration_error`` from 0 to 1, None where nothing
    was held out (the error: of confidence that was learned from other lessons than it is judged
    by); ``guessed``: unlabelled texts that were learned with the engine's own guess, 0 where that
    made held-out lessons worse.
    """

    judged: int = 0
    accuracy: float | None = None
    calibration_error: float | None = None
    guessed: int = 0


def train_checked(
    lessons: Sequence[Lesson],
    *,
    classes: Collection[ClassKey],
    seed: int,
    corrections: Sequence[Lesson] = (),
    unlabelled: Sequence[Text] = (),
    precision: float = SURE_PRECISION,
    recipe: Recipe = DEFAULT,
) -> tuple[Classifier, Checked]:
    """An engine for ``classes``; lessons of other classes are left out.

    ``corrections``: lessons that officers gave: they are learned as the others are, and the newest
    are remembered as well. ``unlabelled``: further texts of the same kind, the newest first: they
    tell which n-grams are common, and the surest of each class teach a little (self-training,
    Yarowsky 1995), unless lessons that were held out are the worse for it. ``precision``: the share
    of sure answers that shall be right. The same lessons and seed give the same engine, but for
    rounding.
    """
    engine, checked = _trained(
        [*lessons, *corrections], sorted(classes), seed, unlabelled, precision, recipe
    )
    engine.learn(corrections)
    return engine, checked


def _trained(
    lessons: Sequence[Lesson],
    known: list[ClassKey],
    seed: int,
    unlabelled: Sequence[Text],
    precision: float,
    recipe: Recipe,
) -> tuple[Classifier, Checked]:
    place = {cls: at for at, cls in enumerate(known)}
    used = [lesson for lesson in lessons if lesson.cls in place and lesson.weight > 0]
    texts: list[Text] = [(lesson.title, lesson.text) for lesson in used]
    labels = np.array([place[lesson.cls] for lesson in used], dtype=np.int64)
    given = np.array([lesson.weight for lesson in used], dtype=np.float32)
    few = len(used) <= recipe.guessed_until
    unlabelled = unlabelled[: recipe.guessed_from] if few else ()
    vocabulary = learn_vocabulary([*texts, *unlabelled], fewest=recipe.fewest_texts)
    if not used or not len(vocabulary):
        nothing = np.zeros((len(vocabulary) + 1, len(known)), dtype=np.float32)
        empty = np.zeros((0, len(known)), dtype=np.float32)
        calibration = calibrate(empty, labels[:0], given[:0], precision=precision)
        return Classifier(known, vocabulary, nothing, calibration), Checked()
    side = _sides(texts, seed)
    vocabulary.length_says = _best_length(vocabulary, texts, labels, given, side, recipe)
    task = _Task(vocabulary, matrix_of(vocabulary, texts), labels, given, len(known), recipe)
    held, scores, start = _held_out(task, side)
    if unlabelled and recipe.guessed:
        taught = replace(task, more=matrix_of(vocabulary, unlabelled))
        _, others, other_start = _held_out(taught, side)
        if _right(others, task, held) >= _right(scores, task, held):
            task, scores, start = taught, others, other_start
    # Confidence is judged by what the street itself labelled, as soon as there is enough of it.
    told = given[held] >= 1
    doubted = bool(told.sum() >= recipe.judges)
    if doubted:
        scores, held = scores[told], held[told]
    calibration = calibrate(scores, labels[held], given[held], precision=precision, doubted=doubted)
    weights, guessed = task.solve(slice(None), start)
    checked = _checked(scores, labels[held], given[held], side[held], guessed)
    return Classifier(known, vocabulary, weights, calibration), checked


def _right(scores: Floats, task: _Task, held: Ints) -> float:
    """The weight of the held-out lessons told right: the street's own, where it has any."""
    judges = task.given[held] >= 1
    if not judges.any():
        judges[:] = True
    right = scores.argmax(axis=1) == task.labels[held]
    return float((task.given[held] * right)[judges].sum())


def _checked(scores: Floats, labels: Ints, given: Floats, side: Ints, guessed: int) -> Checked:
    if not len(labels):
        return Checked(guessed=guessed)
    right = scores.argmax(axis=1) == labels
    confidence = np.zeros(len(labels))
    half = side % 2 == 0
    if half.any() and not half.all():
        for judged in (half, ~half):
            other = ~judged
            made = calibrate(scores[other], labels[other], given[other], precision=1.0)
            confidence[judged] = made.shares(scores[judged]).max(axis=1)
        error = reliability(confidence, right)[0]
    else:
        error = None
    return Checked(len(labels), float(right.mean()), error, guessed)


@dataclass(frozen=True, slots=True)
class _Task:
    vocabulary: Vocabulary
    matrix: sparse.csr_matrix
    labels: Ints
    given: Floats
    classes: int
    recipe: Recipe
    #: Unlabelled texts, of which the surest are learned too.
    more: sparse.csr_matrix | None = None

    def solve(self, which: Ints | slice, start: Floats | None = None) -> tuple[Floats, int]:
        """The weights, and how many unlabelled texts were learned for them."""
        matrix, labels, given = self.matrix[which], self.labels[which], self.given[which]
        weights = self._ridge(matrix, labels, given, start)
        if self.more is None:
            return weights, 0
        scores = np.asarray(self.more @ weights)
        taken, said = surest(scores, np.unique(labels), self.recipe.guessed)
        given = np.concatenate(
            [given, np.full(len(taken), self.recipe.guessed_weight, dtype=np.float32)]
        )
        matrix = sparse.vstack([matrix, self.more[taken]], format="csr")
        labels = np.concatenate([labels, said])
        # From nothing again where there is little: beginning where the first round ended would
        # leave the penalty less to say.
        again = weights if len(labels) > self.recipe.folded_lessons else None
        return self._ridge(matrix, labels, given, again), len(taken)

    def _ridge(
        self, matrix: sparse.csr_matrix, labels: Ints, given: Floats, start: Floats | None
    ) -> Floats:
        return ridge(
            matrix,
            labels,
            self.classes,
            (given / given.mean()).astype(np.float32),
            penalty=self.recipe.penalty,
            rounds=self.recipe.rounds if start is None else self.recipe.more_rounds,
            start=start,
        )


def surest(scores: Floats, classes: Ints, each: int) -> tuple[Ints, Ints]:
    """Of each of ``classes`` the ``each`` rows of ``scores`` with the widest lead over the second
    class: the rows, and their class. The surest over all classes together would be those of the
    largest class only, and the rare ones would be forgotten.
    """
    none = np.empty(0, dtype=np.int64)
    if len(classes) < 2 or not len(scores):
        return none, none
    best = scores.argmax(axis=1)
    two = np.partition(scores, -2, axis=1)[:, -2:]
    lead = two[:, 1] - two[:, 0]
    taken = []
    for cls in classes.tolist():
        mine = np.flatnonzero(best == cls)
        taken.append(mine[np.argsort(-lead[mine], kind="stable")[:each]])
    rows = np.concatenate(taken)
    return rows, best[rows]


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
        weights, _ = task.solve(kept)
        return held, task.matrix[held] @ weights, weights
    folds = side % recipe.folds
    scores = np.zeros((count, task.classes), dtype=np.float32)
    for fold in range(recipe.folds):
        out = folds == fold
        if out.any() and not out.all():
            scores[out] = task.matrix[out] @ task.solve(np.flatnonzero(~out))[0]
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
