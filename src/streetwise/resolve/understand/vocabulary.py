"""Which n-grams count, and how much: the way from a batch of texts to a sparse matrix. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from streetwise.resolve.understand.features import BUCKETS, Grams, Text, grams

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

#: Rows at most: more n-grams than this are rare ones, and each costs a weight per class.
MOST_ROWS = 60_000
#: The rarity of what is unknown is at least this, also where there is hardly anything to compare.
_RARE = 5.0
#: Texts of which the n-grams are made at once, so that memory stays small.
CHUNK_TEXTS = 20_000


class Vocabulary:
    """The buckets that count, in ascending order, and their inverse document frequency.

    ``length_says``: how much more the longer one of title and story says; 0: both the same, so
    that a title of ten characters is not lost beside a story of a thousand; 1: as if they were one
    text.
    """

    def __init__(self, buckets: Ints, rarity: Floats, length_says: float = 0.5) -> None:
        self.length_says = length_says
        self.buckets = buckets
        self.rarity = rarity
        self._row_of = np.full(BUCKETS, -1, dtype=np.int32)
        self._row_of[buckets] = np.arange(len(buckets))

    def __len__(self) -> int:
        return len(self.buckets)

    def rows(self, batch: Grams) -> NDArray[np.int32]:
        """The row of each entry of the batch; −1: it does not count."""
        return self._row_of[batch.bucket]

    def matrix(self, batch: Grams) -> sparse.csr_matrix:
        """Text × row (and a last column of ones).

        Title and story are each brought to length 1 by themselves and share the row as
        ``length_says`` says. A row may hold an n-gram twice; products do not mind.
        """
        rows = self.rows(batch)
        known = rows >= 0
        row, part = rows[known], batch.part[known]
        value = (1 + np.log(batch.count[known])) * self.rarity[row]
        length = np.sqrt(np.bincount(part, value * value, minlength=2 * batch.texts))
        share = length**self.length_says * (length > 0)
        both = np.repeat(share.reshape(-1, 2).sum(axis=1), 2)
        scale = np.maximum(length * both, 1e-9) / np.maximum(share, 1e-9)
        value = (value / scale[part]).astype(np.float32)
        ends = np.searchsorted(part, 2 * np.arange(batch.texts + 1))
        # The column of ones goes behind the entries of each text.
        starts = ends + np.arange(batch.texts + 1)
        data = np.ones(len(value) + batch.texts, dtype=np.float32)
        columns = np.full(len(data), len(self), dtype=np.int32)
        at = np.arange(len(value)) + (part >> 1)
        data[at], columns[at] = value, row
        return sparse.csr_matrix(
            (data, columns, starts.astype(np.int32)), shape=(batch.texts, len(self) + 1)
        )

    def dense_rarity(self) -> Floats:
        """The rarity of every bucket there is; of those that do not count, that of the rarest."""
        dense = np.full(BUCKETS, self.rarity.max(initial=_RARE), dtype=np.float32)
        dense[self.buckets] = self.rarity
        return dense


def learn_vocabulary(texts: Sequence[Text], *, fewest: int) -> Vocabulary:
    """The n-grams of at least ``fewest`` texts; with too many, those of the most texts."""
    seen = np.zeros(BUCKETS, dtype=np.int64)
    for batch in batches(texts):
        # An n-gram of title and story counts twice: it hardly matters, and costs nothing.
        seen += np.bincount(batch.bucket, minlength=BUCKETS)
    known = np.flatnonzero(seen >= fewest)
    if len(known) > MOST_ROWS:
        ranks = np.argsort(-seen[known], kind="stable")
        known = np.sort(known[ranks[:MOST_ROWS]])
    rarity = np.log((len(texts) + 1) / np.minimum(seen[known], len(texts)))
    return Vocabulary(known, rarity.astype(np.float32))


def batches(texts: Sequence[Text]) -> list[Grams]:
    """The n-grams of all texts, in chunks."""
    return [
        grams(texts[begin : begin + CHUNK_TEXTS]) for begin in range(0, len(texts), CHUNK_TEXTS)
    ]


def matrix_of(vocabulary: Vocabulary, texts: Sequence[Text]) -> sparse.csr_matrix:
    """All texts as one matrix."""
    if not texts:
        return sparse.csr_matrix((0, len(vocabulary) + 1), dtype=np.float32)
    return sparse.vstack([vocabulary.matrix(batch) for batch in batches(texts)], format="csr")
