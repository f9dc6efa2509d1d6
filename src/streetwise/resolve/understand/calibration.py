"""From scores to honest confidence, and from confidence to "sure". Pure.

Scores of texts that were held out tell how far to trust scores: one temperature over all classes
(Guo et al. 2017), then, where there are enough of them, the share that was right at each height of
confidence, made to rise (isotonic regression).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

#: Held-out texts per step of the rising curve, and how many steps make it worth while.
STEP_TEXTS, MOST_STEPS, FEWEST_STEPS = 40, 20, 8
_HAIR = 1e-3
#: With fewer answers than this, a precision is no figure to promise anything by.
FEWEST_SURE = 25
#: With fewer texts, nothing is said about how many labels are wrong.
FEWEST_JUDGES = 60


@dataclass(frozen=True, slots=True)
class Calibration:
    """``sharpness``: what scores are multiplied by; ``raw`` → ``honest``: the rising curve of the
    best class's confidence (both ascending; empty: as it is); ``sure_from``: the confidence from
    which an answer is sure, above 1 where none is.
    """

    sharpness: float
    raw: tuple[float, ...]
    honest: tuple[float, ...]
    sure_from: float

    def shares(self, scores: Floats) -> Doubles:
        """Probabilities of the classes, by text (rows sum to 1)."""
        shares = softmax(scores, self.sharpness)
        if not self.raw or not len(shares):
            return shares
        rows = np.arange(len(shares))
        best = shares.argmax(axis=1)
        before = shares[rows, best]
        after = np.interp(before, self.raw, self.honest)
        shares *= ((1 - after) / np.maximum(1 - before, 1e-9))[:, None]
        shares[rows, best] = after
        return shares


def softmax(scores: Floats, sharpness: float) -> Doubles:
    """Shares by row; a score of minus infinity has none."""
    raised = scores.astype(np.float64)
    raised -= raised.max(axis=1, keepdims=True) if len(raised) else 0.0
    raised *= sharpness
    np.exp(raised, out=raised)
    raised /= raised.sum(axis=1, keepdims=True)
    return raised


def calibrate(
    scores: Floats,
    labels: NDArray[np.int64],
    weights: Floats,
    *,
    precision: float,
    doubted: bool = False,
) -> Calibration:
    """Learn from held-out ``scores`` and their ``labels``; ``precision``: of sure answers.

    ``doubted``: the labels are people's, and some are wrong (see ``reachable``).
    """
    from scipy import optimize  # noqa: PLC0415 - only training fits: no server waits for it to load

    if not len(scores):
        return Calibration(1.0, (), (), 2.0)
    rows = np.arange(len(labels))

    def loss(sharpness: float) -> float:
        told = softmax(scores, float(np.exp(sharpness)))[rows, labels]
        return float(-np.average(np.log(np.maximum(told, 1e-12)), weights=weights))

    found = optimize.minimize_scalar(loss, bounds=(-2.0, 6.0), method="bounded")
    plain = Calibration(float(np.exp(found.x)), (), (), 2.0)
    shares = plain.shares(scores)
    right = shares.argmax(axis=1) == labels
    raw, honest = _rising(shares.max(axis=1), right)
    curved = Calibration(plain.sharpness, raw, honest, 2.0)
    confidence = curved.shares(scores).max(axis=1)
    if doubted:
        precision = reachable(confidence, right, precision)
    sure_from = threshold(confidence, right, precision)
    return Calibration(plain.sharpness, raw, honest, sure_from)


def _rising(
    confidence: Doubles, right: NDArray[np.bool_]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The curve through steps of equally many texts; empty where there are too few texts."""
    from scipy import optimize  # noqa: PLC0415 - as above

    steps = min(MOST_STEPS, len(confidence) // STEP_TEXTS)
    if steps < FEWEST_STEPS:
        return (), ()
    order = np.argsort(confidence, kind="stable")
    parts = np.array_split(order, steps)
    # One right and one wrong are added to each step: no share is ever quite 0 or 1.
    shares = np.array([(right[part].sum() + 1) / (len(part) + 2) for part in parts])
    middles = np.array([confidence[part].mean() for part in parts])
    risen = optimize.isotonic_regression(shares, weights=[len(part) for part in parts]).x
    # Level steps rise by a hair: the more confident of two texts stays so.
    raw = np.concatenate(([0.0], middles, [1.0]))
    honest = np.concatenate((risen[:1], risen, risen[-1:])) * (1 - _HAIR) + raw * _HAIR
    return tuple(raw.tolist()), tuple(honest.tolist())


def reachable(confidence: Doubles, right: NDArray[np.bool_], precision: float) -> float:
    """``precision`` against labels that are wrong now and then themselves.

    Of the most confident fifth, what the labels deny is taken for mistakes of the labels (at most
    one in ten): with 6 of 100 written down wrongly, an engine that is always right agrees with 94.
    """
    top = np.argsort(-confidence, kind="stable")[: len(confidence) // 5]
    if len(top) < FEWEST_JUDGES:
        return precision
    return precision * float(max(right[top].mean(), 0.9))


def threshold(confidence: Doubles, right: NDArray[np.bool_], precision: float) -> float:
    """The lowest confidence from which on the answers are right by ``precision``; 2.0: none is."""
    order = np.argsort(-confidence, kind="stable")
    ordered = confidence[order]
    reached = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # Equal confidences are in or out together.
    last = np.append(ordered[1:] != ordered[:-1], True)
    good = np.flatnonzero(last & (reached >= precision))
    if not len(good) or good[-1] + 1 < FEWEST_SURE:
        return 2.0
    return float(ordered[good[-1]])


@dataclass(frozen=True, slots=True)
class Bin:
    """A height of confidence: from, to, how many texts, their mean confidence, the share right."""

    low: float
    high: float
    texts: int
    confidence: float
    right: float


def reliability(
    confidence: Doubles, right: NDArray[np.bool_], bins: int = 10
) -> tuple[float, list[Bin]]:
    """Expected calibration error over equally wide bins (Naeini et al. 2015), and the bins."""
    found = []
    error = 0.0
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    for one in range(bins):
        here = place == one
        texts = int(here.sum())
        if texts:
            mean, share = float(confidence[here].mean()), float(right[here].mean())
            found.append(Bin(one / bins, (one + 1) / bins, texts, mean, share))
            error += texts / len(confidence) * abs(mean - share)
    return error, found
