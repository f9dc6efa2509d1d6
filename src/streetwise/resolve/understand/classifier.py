"""The category engine: which class of a taxonomy is a message about? Pure.

Linear weights over n-grams of characters (see ``ridge``) know what the street's labels and the
starter's sentences taught last night; a memory of corrections (see ``memory``) knows what officers
have said since. Confidence is calibrated, and under a threshold the engine says that it is not
sure. Nothing in here knows a taxonomy: classes are keys.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streetwise.resolve.understand.calibration import Calibration
from streetwise.resolve.understand.features import (
    BUCKET_BITS,
    LONGEST_GRAM,
    Grams,
    Text,
    grams,
    pieces,
)
from streetwise.resolve.understand.lessons import CategoryGuess, ClassKey, Lesson, Ranked
from streetwise.resolve.understand.memory import Memory, Trace, traces
from streetwise.resolve.understand.vocabulary import Vocabulary

Floats = NDArray[np.float32]

#: Classes that are offered to choose from.
OFFERED = 3
#: Pieces of a text that are shown as the reason.
SHOWN_PIECES = 3
#: N-grams in more than one of this many texts say nothing of how like two texts are.
_EVERYWHERE = 20
#: The beginning of a dump, and what a reader must agree with to use it.
_MAGIC = b"streetwise category engine\n"
_FORMAT = {"format": 1, "bucket_bits": BUCKET_BITS, "longest_gram": LONGEST_GRAM}


class ForeignBytes(ValueError):
    """Bytes that are no dump of this engine, or of one that reads texts otherwise."""


class Classifier:
    """Made by ``training.train`` or ``Classifier.load``."""

    def __init__(
        self,
        classes: Sequence[ClassKey],
        vocabulary: Vocabulary,
        weights: Floats,
        calibration: Calibration,
    ) -> None:
        """``weights``: one row per row of the vocabulary and a last one for the bias, one column
        per class. They are rounded to 16 bits, so that a dump is small and exact.
        """
        self.classes = tuple(classes)
        self.calibration = calibration
        self._place = {cls: at for at, cls in enumerate(self.classes)}
        self._vocabulary = vocabulary
        self._weights = weights.astype(np.float16).astype(np.float32)
        self._allowed = np.ones(len(self.classes), dtype=bool)
        rarity = vocabulary.dense_rarity()
        self._memory = Memory(np.maximum(rarity - np.float32(np.log(_EVERYWHERE)), 0))

    def only(self, classes: Collection[ClassKey]) -> None:
        """From now on guess none but these (a directory may lose classes in the day)."""
        self._allowed = np.array([cls in classes for cls in self.classes], dtype=bool)

    @property
    def remembered(self) -> int:
        """Corrections in memory."""
        return len(self._memory)

    def scores(self, batch: Grams) -> Floats:
        """What the weights say, uncalibrated: text × class."""
        return np.asarray(self._vocabulary.matrix(batch) @ self._weights)

    def guess(self, texts: Sequence[Text]) -> list[CategoryGuess]:
        """The best classes of each (title, text)."""
        if not texts or not self._allowed.any():
            return [CategoryGuess((), False) for _ in texts]
        batch = grams(texts, places=True)
        scores = self.scores(batch)
        scores[:, ~self._allowed] = -np.inf
        shares = self.calibration.shares(scores)
        taught = self._memory.draw(batch, shares)
        shares[:, ~self._allowed] = 0.0
        best = self._best(shares)
        words = pieces(batch, self._heat(batch, best[:, 0]), SHOWN_PIECES)
        # A text without a known n-gram, in no correction's reach, is like nothing at all.
        known = np.zeros(len(texts), dtype=bool)
        known[batch.part[self._vocabulary.rows(batch) >= 0] >> 1] = True
        known |= taught
        confidence = np.take_along_axis(shares, best, axis=1)
        sure = (confidence[:, 0] >= self.calibration.sure_from) & known
        return [
            CategoryGuess(
                (
                    Ranked(self.classes[places[0]], figures[0], said),
                    *(
                        Ranked(self.classes[at], figure)
                        for at, figure in zip(places[1:], figures[1:], strict=True)
                        if figure > 0
                    ),
                )
                if is_known
                else (),
                is_sure,
                is_taught,
            )
            for places, figures, said, is_known, is_sure, is_taught in zip(
                best.tolist(),
                confidence.tolist(),
                words,
                known.tolist(),
                sure.tolist(),
                taught.tolist(),
                strict=True,
            )
        ]

    def _best(self, shares: NDArray[np.float64]) -> NDArray[np.int64]:
        """Places of the best classes, the likeliest first; of equals the one that stands first."""
        count = min(OFFERED, shares.shape[1])
        left = shares.copy()
        best = np.empty((len(shares), count), dtype=np.int64)
        rows = np.arange(len(shares))
        for rank in range(count):
            best[:, rank] = left.argmax(axis=1)
            left[rows, best[:, rank]] = -1.0
        return best

    def _heat(self, batch: Grams, winner: NDArray[np.int64]) -> Floats:
        """How much each character spoke for the winner of its text."""
        rows = self._vocabulary.rows(batch)[batch.entry]
        known = rows >= 0
        row, start, length = rows[known], batch.starts[known], batch.lengths[known]
        spoke = self._weights[row, winner[batch.owner[start]]] * self._vocabulary.rarity[row]
        spoke = np.maximum(spoke, 0) / length
        size = len(batch.characters)
        heat = np.zeros(size, dtype=np.float64)
        for offset in range(LONGEST_GRAM):
            reaches = length > offset
            heat += np.bincount(start[reaches] + offset, spoke[reaches], minlength=size)[:size]
        return heat.astype(np.float32)

    def learn(self, lessons: Iterable[Lesson]) -> int:
        """Corrections count from now on; how many were of a class that this engine has."""
        known = [lesson for lesson in lessons if lesson.cls in self._place]
        if not known:
            return 0
        batch = grams([(lesson.title, lesson.text) for lesson in known])
        self._memory.add(
            traces(
                batch,
                (self._place[lesson.cls] for lesson in known),
                (lesson.weight for lesson in known),
            )
        )
        return len(known)

    def dump(self) -> bytes:
        """Everything as bytes, corrections included (as n-grams, not as texts)."""
        kept = list(self._memory)
        facts = {
            **_FORMAT,
            "classes": self.classes,
            "length_says": self._vocabulary.length_says,
            "sharpness": self.calibration.sharpness,
            "raw": self.calibration.raw,
            "honest": self.calibration.honest,
            "sure_from": self.calibration.sure_from,
            "remembered": [(trace.cls, trace.weight) for trace in kept],
        }
        out = io.BytesIO()
        np.savez(
            out,
            buckets=self._vocabulary.buckets,
            rarity=self._vocabulary.rarity,
            weights=self._weights.astype(np.float16),
            allowed=self._allowed,
            traces=np.concatenate([np.empty(0, np.int64), *(trace.buckets for trace in kept)]),
            ends=np.cumsum([len(trace.buckets) for trace in kept], dtype=np.int64),
        )
        head = json.dumps(facts, ensure_ascii=False).encode()
        return _MAGIC + len(head).to_bytes(4, "big") + head + out.getvalue()

    @classmethod
    def load(cls, data: bytes) -> Classifier:
        """What ``dump`` gave. Raises ForeignBytes with a sentence for anything else."""
        facts, arrays = _open(data)
        calibration = Calibration(
            facts["sharpness"], tuple(facts["raw"]), tuple(facts["honest"]), facts["sure_from"]
        )
        vocabulary = Vocabulary(arrays["buckets"], arrays["rarity"], facts["length_says"])
        loaded = cls(
            [(scheme, code) for scheme, code in facts["classes"]],
            vocabulary,
            arrays["weights"],
            calibration,
        )
        loaded._allowed = arrays["allowed"]
        loaded._memory.add(
            Trace(buckets, place, weight)
            for buckets, (place, weight) in zip(
                np.split(arrays["traces"], arrays["ends"][:-1]),
                facts["remembered"],
                strict=False,
            )
        )
        return loaded


def _open(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    if not data.startswith(_MAGIC):
        raise ForeignBytes("These bytes are no dump of a category engine; train one anew.")
    try:
        begin = len(_MAGIC) + 4
        end = begin + int.from_bytes(data[begin - 4 : begin], "big")
        facts = json.loads(data[begin:end])
        if any(facts.get(name) != value for name, value in _FORMAT.items()):
            raise ForeignBytes(
                "This category engine was trained by a version that reads texts otherwise;"
                " train one anew."
            )
        with np.load(io.BytesIO(data[end:]), allow_pickle=False) as file:
            return facts, {name: file[name] for name in file.files}
    except ForeignBytes:
        raise
    except (ValueError, OSError, KeyError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise ForeignBytes("The dump of the category engine is damaged; train one anew.") from error
