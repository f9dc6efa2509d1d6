"""Peaks: a run of strange nights is one happening.

Statistics of neighbouring nights are alike: windows overlap and what builds up lasts. So nights
are not counted but happenings. Two ways of counting, each where it fits:

- ``runs``: nights at or above a threshold that lie no more than ``gap_nights`` apart are one (the
  runs method of declustering, Smith & Weissman 1994): as the nightly run joins its warnings.
- ``tops``: nights that are the largest within ``gap_nights`` on both sides. How many there are
  above a threshold never rises with it, which a run's number does (one long run may break into
  two), so tails are fitted to these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d

from streetwise.warn.values import Flags, Floats, Ints

#: So much less is a later night than an equal earlier one, relatively: the first of equals counts.
_LATER = 1e-9


@dataclass(frozen=True, slots=True)
class Runs:
    """n runs of many kinds; arrays of shape (n,), ordered by kind, then by night.

    ``kind``: row of the scores. ``first``, ``last``: nights (columns), both included. ``top``: the
    largest score in between.
    """

    kind: Ints
    first: Ints
    last: Ints
    top: Floats

    def __len__(self) -> int:
        return len(self.kind)


def runs(scores: Floats, threshold: float, gap_nights: int) -> Runs:
    """The runs of ``scores`` (K, N) at or above the threshold; NaN is below any."""
    kind, night = np.nonzero(scores >= threshold)
    if len(kind) == 0:
        none = np.zeros(0, dtype=np.int64)
        return Runs(none, none, none, np.zeros(0))
    begins = np.ones(len(kind), dtype=bool)
    begins[1:] = (kind[1:] != kind[:-1]) | (night[1:] - night[:-1] > gap_nights)
    at = np.flatnonzero(begins)
    ends = np.append(at[1:], len(kind)) - 1
    return Runs(
        kind[at].astype(np.int64),
        night[at].astype(np.int64),
        night[ends].astype(np.int64),
        np.maximum.reduceat(scores[kind, night], at),
    )


def tops(scores: Floats, gap_nights: int) -> Flags:
    """(K, N): whether a night's score is above 0 and the largest within ``gap_nights``."""
    known = np.where(np.isfinite(scores), scores, 0.0)
    night = np.arange(scores.shape[1])
    ordered = known * (1.0 - _LATER * night / max(len(night), 1))
    highest = maximum_filter1d(ordered, 2 * gap_nights + 1, axis=1, mode="constant", cval=0.0)
    found: Flags = (known > 0) & (ordered >= highest)
    return found
