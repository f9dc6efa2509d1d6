"""Models that `real_text` compares; each takes letters and answers scores (rows, classes).

All but the plain and the shipped one are one-vs-rest ridge in its dual form (a least-squares SVM:
Suykens and Vandewalle 1999) with both sides of each question of equal weight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.letters import Features, Floats, Ints, Letters
from streetwise.resolve.understand.lessons import Lesson
from streetwise.resolve.understand.training import train

RIDGE = 0.3
PSEUDO_WEIGHT = 0.3

#: (learnt rows, their labels, asked rows) -> scores (asked, classes).
Model = Callable[[Ints, Ints, Ints], Floats]


@dataclass(frozen=True, slots=True)
class Sight:
    """Features with `share` of the weight on nearness to names (mean of the `best` names)."""

    features: Features
    share: float = 0.0
    best: int = 3

    def kernel(self, rows: Ints, columns: Ints, scale: Ints) -> Floats:
        """Dot products (rows, columns); `scale` are the rows whose spread standardises names."""
        words = self.features.words
        found: Floats = (words[rows] @ words[columns].T).toarray()
        if not self.share:
            return found
        near = self.features.near[self.best].reshape(words.shape[0], -1)
        middle, spread = near[scale].mean(axis=0), near[scale].std(axis=0)
        even = (near - middle) / spread / np.sqrt(near.shape[1])
        names: Floats = even[rows] @ even[columns].T
        return (1 - self.share) * found + self.share * names


def ridge(kernel: Floats, asked: Floats, labels: Ints, weights: Floats, classes: int) -> Floats:
    """Scores of weighted ridge.

    ``kernel`` (m, m) among the learnt, ``asked`` (n, m), ``labels`` and ``weights`` (m,).
    For each class, its rows together weigh as much as all others together.
    """
    scores = np.zeros((len(asked), classes))
    for c in range(classes):
        mine = labels == c
        side = np.where(mine, weights[mine].sum(), weights[~mine].sum())
        w = weights * weights.sum() / 2 / side
        target = np.where(mine, 1.0, -1.0)
        middle = (w * target).sum() / w.sum()
        scores[:, c] = (
            asked @ np.linalg.solve(kernel + RIDGE * np.diag(1 / w), target - middle) + middle
        )
    return scores


def linear(sight: Sight, classes: int) -> Model:
    """Ridge on the labelled rows alone."""

    def model(learnt: Ints, labels: Ints, asked: Ints) -> Floats:
        kernel = sight.kernel(learnt, learnt, learnt)
        across = sight.kernel(asked, learnt, learnt)
        return ridge(kernel, across, labels, np.ones(len(learnt)), classes)

    return model


def self_trained(sight: Sight, classes: int, unlabelled: Ints, each: int) -> Model:
    """Ridge, then once more with the `each` surest unlabelled rows of every class added.

    Sure is a large distance between the best and the second score. Taking the surest over all
    classes together would add those of the largest class only.
    """

    def model(learnt: Ints, labels: Ints, asked: Ints) -> Floats:
        first = linear(sight, classes)(learnt, labels, unlabelled)
        ranked = np.sort(first, axis=1)
        sure, said = ranked[:, -1] - ranked[:, -2], first.argmax(axis=1)
        taken = np.concatenate(
            [np.flatnonzero(said == c)[np.argsort(-sure[said == c])[:each]] for c in range(classes)]
        )
        rows = np.concatenate([learnt, unlabelled[taken]])
        weights = np.concatenate([np.ones(len(learnt)), np.full(len(taken), PSEUDO_WEIGHT)])
        kernel = sight.kernel(rows, rows, learnt)
        across = sight.kernel(asked, rows, learnt)
        return ridge(kernel, across, np.concatenate([labels, said[taken]]), weights, classes)

    return model


def names_only(features: Features, best: int) -> Model:
    """No labelled row at all: the class whose names are nearest to title and details."""

    def model(learnt: Ints, labels: Ints, asked: Ints) -> Floats:
        nearest: Floats = features.near[best][asked].sum(axis=1)
        return nearest

    return model


def plain(letters: Letters) -> Model:
    """The baseline: TF-IDF of one to three characters of title and details, linear SVM."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
    from sklearn.svm import LinearSVC  # type: ignore[import-untyped]

    def text(rows: Sequence[int]) -> list[str]:
        return [f"{letters.titles[i]}。{letters.details[i]}" for i in rows]

    def model(learnt: Ints, labels: Ints, asked: Ints) -> Floats:
        known: Any = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        machine: Any = LinearSVC().fit(known.fit_transform(text(learnt.tolist())), labels)
        scores: Floats = machine.decision_function(known.transform(text(asked.tolist())))
        return scores

    return model


def shipped(letters: Letters, unlabelled: Ints) -> Model:
    """The category engine as it ships, taught by the learnt letters and the unlabelled ones, and by
    no name of a class: what it says of each class that is among the three that it offers.
    """
    classes = [("letters", name) for name in letters.names]
    place = {cls: at for at, cls in enumerate(classes)}
    texts = list(zip(letters.titles, letters.details, strict=True))
    others = [texts[at] for at in unlabelled]

    def model(learnt: Ints, labels: Ints, asked: Ints) -> Floats:
        lessons = [
            Lesson(title, text, classes[label])
            for (title, text), label in zip((texts[at] for at in learnt), labels, strict=True)
        ]
        engine = train(lessons, classes=classes, seed=1, unlabelled=others)
        scores = np.zeros((len(asked), len(classes)))
        for at, guess in enumerate(engine.guess([texts[one] for one in asked])):
            for one in guess.ranked:
                scores[at, place[one.cls]] = one.confidence
        return scores

    return model
