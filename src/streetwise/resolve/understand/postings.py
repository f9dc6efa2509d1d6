"""Many prints, to be compared with one at a time: an inverted index of their pairs. Pure.

For each pair of characters (bucket) the list of the prints that have it, with its weight there.
A new print meets only prints that share a pair with it, so the work grows with what is shared and
not with all that is known. What so many have that it tells little is read for the newest only
(``POSTINGS_MAX``); then likeness is a lower bound, and :attr:`Likeness.exact` says so.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streetwise.resolve.understand.rows import with_room
from streetwise.resolve.understand.similar import (
    DIGEST_BYTES,
    NO_PRINT,
    TELLING_GRAMS,
    WITHIN_SHARE,
)

#: Of a pair that more prints have than this, only the newest are met.
POSTINGS_MAX = 3_000
#: A posting is the print's number and its weight of the pair, in one integer of 64 bits.
_WEIGHT_BITS = 8
_WEIGHT = (1 << _WEIGHT_BITS) - 1

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Of one print to those of many that it is like at all.

    ``rows``: their numbers, ascending; ``values``: 0 to 1, for the same. ``exact``: whether no
    list of postings was cut; else the values are lower bounds.
    """

    rows: NDArray[np.int64]
    values: Floats
    exact: bool = True

    def of(self, rows: NDArray[np.int64]) -> Floats:
        """Likeness to each of these."""
        if not len(self.rows):
            return np.zeros(len(rows))
        at = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.where(self.rows[at] == rows, self.values[at], 0.0)


_NONE = Likeness(np.zeros(0, np.int64), np.zeros(0))


class Postings:
    """Prints by the pairs that they have. Grows."""

    def __init__(self, some: Sequence[bytes] = (), *, most: int = POSTINGS_MAX) -> None:
        self.count = 0
        self._most = most
        self._lists: dict[int, array[int]] = {}
        self._by_digest: dict[bytes, list[int]] = {}
        #: Sum of squares of the weights, and number of pairs, of each print.
        self._square: NDArray[np.float64] = np.zeros(64)
        self._pairs: NDArray[np.int32] = np.zeros(64, np.int32)
        #: Of the comparison that is under way: which prints share a pair, and how much.
        self._met: NDArray[np.bool_] = np.zeros(64, np.bool_)
        self._sums: NDArray[np.int32] = np.zeros(64, np.int32)
        self.extend(some)

    def extend(self, more: Sequence[bytes]) -> None:
        """Add prints at the end."""
        size = self.count + len(more)
        self._square, self._pairs = with_room(self._square, size), with_room(self._pairs, size)
        self._met, self._sums = with_room(self._met, size), with_room(self._sums, size)
        for one in more:
            self._add(one)

    def _add(self, one: bytes) -> None:
        number, square = self.count, 0
        packed: list[int] = np.frombuffer(one[DIGEST_BYTES:], "<u4").tolist()
        lists = self._lists
        for gram in packed:
            weight, bucket = gram & _WEIGHT, gram >> _WEIGHT_BITS
            square += weight * weight
            postings = lists.get(bucket)
            if postings is None:
                postings = lists[bucket] = array("q")
            postings.append(number << _WEIGHT_BITS | weight)
        self._square[number], self._pairs[number] = square, len(packed)
        if one and one != NO_PRINT:
            self._by_digest.setdefault(one[:DIGEST_BYTES], []).append(number)
        self.count += 1

    def same(self, new: bytes) -> list[int]:
        """The prints of the same whole text."""
        return self._by_digest.get(new[:DIGEST_BYTES], []) if new and new != NO_PRINT else []

    def likeness(self, new: bytes) -> Likeness:
        """Likeness of one print to each that shares a pair, as ``similar.likeness`` defines it."""
        packed = np.frombuffer(new[DIGEST_BYTES:], "<u4").astype(np.int64)
        weights = packed & _WEIGHT
        lists = [self._lists.get(bucket) for bucket in (packed >> _WEIGHT_BITS).tolist()]
        met = [at for at, postings in enumerate(lists) if postings is not None]
        if not met:
            return self._with_same(new, _NONE)
        found = [np.frombuffer(lists[at], np.int64) for at in met]  # type: ignore[arg-type]
        exact = max(map(len, found)) <= self._most
        if not exact:
            found = [postings[-self._most :] for postings in found]
        rows, both = self._shared(found, weights[met])
        square = self._square[rows]
        own = float((weights * weights).sum())
        cosine = both / np.sqrt(square * own)
        fewer = np.minimum(self._pairs[rows], len(packed))
        share = WITHIN_SHARE / TELLING_GRAMS * np.minimum(TELLING_GRAMS, fewer)
        within = share * both / np.minimum(square, own)
        values = np.minimum(1, np.maximum(cosine, within))
        return self._with_same(new, Likeness(rows, values, exact))

    def _with_same(self, new: bytes, found: Likeness) -> Likeness:
        """With 1 for the prints of the same whole text."""
        same = np.array(self.same(new), np.int64)
        if not len(same):
            return found
        rows = np.union1d(found.rows, same)
        values = found.of(rows)
        values[np.searchsorted(rows, same)] = 1
        return Likeness(rows, values, found.exact)

    def _shared(
        self, found: Sequence[NDArray[np.int64]], own: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], Floats]:
        """Prints that share a pair, ascending, and their sums of products of the weights."""
        met = np.concatenate(found)
        products = (met & _WEIGHT) * np.repeat(own, [len(postings) for postings in found])
        rows = met >> _WEIGHT_BITS
        # Both are nought again afterwards: to make them anew takes longer where many are known.
        self._met[rows] = True
        np.add.at(self._sums, rows, products.astype(np.int32))
        rows = np.flatnonzero(self._met[: self.count])
        sums = self._sums[rows]
        self._met[rows], self._sums[rows] = False, 0
        return rows, sums.astype(np.float64)
