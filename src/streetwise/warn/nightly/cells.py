"""Counts of places without their zeros: most grids have no report of most classes on most days.

Held as a cube, 1,000 classes in 120 grids over 3 years are a gigabyte; held as what came, they are
some bytes a report. A class is laid out when it is looked at, for the days that are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from streetwise.warn.values import Flags, Ints


@dataclass(frozen=True, slots=True)
class Cells:
    """Reports of C categories in P places on T days, in order of category and day.

    ``starts``: (C + 1,), where each category begins. ``place``, ``column``: (n,), where and in
    which of the T ``days``. ``late``: (n,), on which night after its own each was here first; None:
    all at once.
    """

    places: int
    days: int
    starts: Ints
    place: Ints
    column: Ints
    late: Ints | None = None

    @classmethod
    def of(
        cls,
        category: Ints,
        place: Ints,
        column: Ints,
        shape: tuple[int, int, int],
        late: Ints | None = None,
    ) -> Cells:
        """Of n reports in any order; ``shape``: how many categories, places and days there are."""
        categories, places, days = shape
        order = np.lexsort((column, category))
        starts = np.searchsorted(category[order], np.arange(categories + 1))
        late = None if late is None else np.maximum(late[order], 0)
        return cls(places, days, starts.astype(np.int64), place[order], column[order], late)

    @classmethod
    def counted(cls, counts: Ints) -> Cells:
        """Of counts (C, P, T)."""
        category, place, column = np.nonzero(counts)
        times = counts[category, place, column]
        return cls.of(
            np.repeat(category, times), np.repeat(place, times), np.repeat(column, times),
            (counts.shape[0], counts.shape[1], counts.shape[2]),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.starts) - 1

    def counts(self, category: int, first: int = 0, until: int | None = None) -> Ints:
        """(P, until - first): a category's counts in these columns, ``until`` not included."""
        until = self.days if until is None else until
        of = self._rows(category, first, until)
        wide = max(until - first, 0)
        flat = self.place[of] * wide + self.column[of] - first
        found = np.bincount(flat, minlength=self.places * wide).astype(np.int64)
        return found.reshape(self.places, wide)

    def total(self, category: int, first: int, until: int) -> int:
        """How many reports of a category there are in these columns."""
        of = self._rows(category, first, until)
        return int(of.stop) - int(of.start)

    def before(self, column: int) -> Cells:
        """The days before a column, as they were known on its night."""
        kept = self.column < column
        if self.late is not None:
            kept &= self.column + self.late <= column
        return replace(self._those(kept), days=column)

    def known(self, column: int) -> Cells:
        """What was here on the night of a column, of all days."""
        if self.late is None:
            return self
        return self._those(self.column + self.late <= column)

    def _rows(self, category: int, first: int, until: int) -> slice:
        begin, end = int(self.starts[category]), int(self.starts[category + 1])
        within = np.searchsorted(self.column[begin:end], [first, max(first, until)])
        return slice(begin + int(within[0]), begin + int(within[1]))

    def _those(self, kept: Flags) -> Cells:
        taken = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
        return Cells(
            self.places,
            self.days,
            taken[self.starts],
            self.place[kept],
            self.column[kept],
            None if self.late is None else self.late[kept],
        )
