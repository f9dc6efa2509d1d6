"""Corrections, remembered at once: each speaks where a text is like it, and nowhere else. Pure.

A learning step on the weights of a linear classifier helps one text and shifts all others a
little; hundreds of them forget. Here a correction is kept as it is (its n-grams, no text), and a
new text that is like it is drawn to its class by how like it is. So the order of corrections does
not matter, twice is once, and a text that is like none is guessed as before. At night all of
them are lessons for the weights as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from streetwise.resolve.understand.features import BUCKET_BITS, BUCKETS, Grams

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

#: How like a correction a text must be (cosine) for it to say anything, and to decide alone.
SAYS_FROM, DECIDES_FROM = 0.35, 0.75
#: What a correction that decides leaves to the others.
DECIDES = 0.98
#: Of several corrections that are like a text, the likest has by far the most to say.
_CHOOSY = 8
#: The newest are kept; older ones are in the weights since some night.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Trace:
    """What is kept of a corrected text: its distinct buckets, the class's place, its weight."""

    buckets: Ints
    cls: int
    weight: float

    @property
    def key(self) -> bytes:
        """The same for the same text."""
        return blake2b(self.buckets.tobytes(), digest_size=16).digest()


def traces(batch: Grams, classes: Iterable[int], weights: Iterable[float]) -> Iterator[Trace]:
    """One per text of the batch."""
    text, bucket = _distinct(batch)
    ends = np.searchsorted(text, np.arange(1, batch.texts))
    for buckets, cls, weight in zip(np.split(bucket, ends), classes, weights, strict=True):
        yield Trace(buckets, cls, weight)


def _distinct(batch: Grams) -> tuple[Ints, Ints]:
    """Text and bucket of the distinct n-grams of each text, title and story together."""
    keys = np.sort((batch.part >> 1) << BUCKET_BITS | batch.bucket)
    new = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    keys = keys[new]  # np.unique does the same by a hash table, ten times slower here
    return keys >> BUCKET_BITS, keys & (BUCKETS - 1)


class Memory:
    """All corrections, by text; the newest of one text stands."""

    def __init__(self, rarity: Floats) -> None:
        """``rarity``: weight of each bucket in comparing texts; 0 for what is everywhere."""
        self._rarity = rarity
        self._traces: dict[bytes, Trace] = {}
        self._index: _Index | None = None

    def __len__(self) -> int:
        return len(self._traces)

    def __iter__(self) -> Iterator[Trace]:
        return iter(self._traces.values())

    def add(self, new: Iterable[Trace]) -> None:
        """Remember these; one of a text that is remembered takes the other's place."""
        for trace in new:
            if len(trace.buckets):
                self._traces.pop(trace.key, None)
                self._traces[trace.key] = trace
        for key in list(islice(self._traces, max(0, len(self._traces) - MOST))):
            del self._traces[key]
        self._index = None

    def draw(self, batch: Grams, shares: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Change ``shares`` (text × class) by what is remembered; which texts it decided."""
        if not self._traces or not batch.texts:
            return np.zeros(batch.texts, dtype=bool)
        if self._index is None:
            self._index = _Index(list(self), self._rarity, shares.shape[1])
        likeness, votes = self._index.compare(batch)
        said = np.clip((likeness - SAYS_FROM) / (DECIDES_FROM - SAYS_FROM), 0, 1) ** 2 * DECIDES
        shares *= (1 - said)[:, None]
        shares += votes * said[:, None]
        return said >= 0.5


class _Index:
    """The remembered texts as a sparse matrix, n-gram by trace, each column of length 1."""

    def __init__(self, kept: list[Trace], rarity: Floats, classes: int) -> None:
        self._rarity = rarity
        buckets = np.concatenate([trace.buckets for trace in kept])
        columns = np.repeat(np.arange(len(kept)), [len(trace.buckets) for trace in kept])
        known, rows = np.unique(buckets, return_inverse=True)
        self._row_of = np.full(BUCKETS, -1, dtype=np.int32)
        self._row_of[known] = np.arange(len(known))
        worth = rarity[buckets]
        length = np.sqrt(np.bincount(columns, worth * worth, minlength=len(kept)))
        self._matrix = sparse.csr_matrix(
            ((worth / np.maximum(length, 1e-9)[columns]).astype(np.float32), (rows, columns)),
            shape=(len(known), len(kept)),
        )
        self._class_of = np.array([trace.cls for trace in kept])
        self._weight = np.array([trace.weight for trace in kept])
        self._classes = classes

    def compare(self, batch: Grams) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How like each text is to the likest trace, and what the traces vote (rows sum to 1)."""
        text, bucket = _distinct(batch)
        worth = self._rarity[bucket]
        length = np.sqrt(np.bincount(text, worth * worth, minlength=batch.texts))
        rows = self._row_of[bucket]
        here = (rows >= 0) & (worth > 0)
        mine = sparse.csr_matrix(
            (worth[here], (text[here], rows[here])),
            shape=(batch.texts, self._matrix.shape[0]),
        )
        found = (mine @ self._matrix).tocoo()
        like = np.minimum(found.data / np.maximum(length, 1e-9)[found.row], 1.0)
        far = like >= SAYS_FROM
        row, like, column = found.row[far], like[far], found.col[far]
        best = np.zeros(batch.texts)
        np.maximum.at(best, row, like)
        votes = np.zeros((batch.texts, self._classes))
        np.add.at(votes, (row, self._class_of[column]), self._weight[column] * like**_CHOOSY)
        votes /= np.maximum(votes.sum(axis=1, keepdims=True), 1e-12)
        return best, votes
