"""The sum of evidence over many known voices at once, in NumPy. Pure.

The same terms as ``evidence.weigh``, but for what is cheap to add afterwards and never large
(marks, the same reporter; ``left_out``) and for what only lowers it (another place by name). So
what is far below a bound here is below it there: tests hold the two against each other.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from streetwise.kernel.geo import EARTH_RADIUS_M
from streetwise.resolve.understand.evidence import Voice, Weights
from streetwise.resolve.understand.kinds import Kind, kind_of
from streetwise.resolve.understand.rows import with_room
from streetwise.resolve.understand.similar import telling

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

#: So many guesses of class are compared.
CLASSES = 3
#: Shared names are worth at most this many times their likeness (``names_shared`` at most).
_NAMES_STEEP = 2.0
#: What rounding, of probabilities and in the terms of ``weigh``, may come to.
_ROUNDING = 0.1

#: lon, lat, metres, hours, telling; probability of the best class, its reach in metres, tau in
#: hours; probabilities of the classes.
_LON, _LAT, _METRES, _HOURS, _TELLING, _SURE, _REACH, _TAU, _P = range(9)
#: Numbers of the place, of what it lies in, whether its kind is of an area; then of the classes.
_PLACE, _ABOVE, _AREA, _CLASS = range(4)
_NONE = -1


class Columns:
    """Known voices as numbers, a row for each. Grows."""

    def __init__(self) -> None:
        self.count = 0
        self._values: Floats = np.zeros((64, _P + CLASSES))
        self._codes: Rows = np.zeros((64, _CLASS + CLASSES), np.int64)
        self._numbers: dict[object, int] = {}

    def add(self, voice: Voice) -> None:
        """One more, at the end."""
        at = self.count
        self._values = with_room(self._values, at + 1)
        self._codes = with_room(self._codes, at + 1)
        kind = _kind(voice)
        lon, lat = voice.point or (math.nan, math.nan)
        ranked = voice.classes[:CLASSES]
        more = CLASSES - len(ranked)
        self._values[at] = (
            lon, lat, voice.metres, _hours(voice), telling(voice.text),
            ranked[0][1] if ranked else 0.0, kind.reach_metres, _tau(kind),
            *(p for _, p in ranked), *(0.0,) * more,
        )  # fmt: skip
        self._codes[at] = (
            self._number(voice.place), self._number(voice.above[0] if voice.above else None),
            kind.area, *(self._number(cls) for cls, _ in ranked), *(_NONE,) * more,
        )  # fmt: skip
        self.count += 1

    def _number(self, code: object) -> int:
        """A number for a code; _NONE for none."""
        return _NONE if code is None else self._numbers.setdefault(code, len(self._numbers))

    def promising(
        self,
        new: Voice,
        rows: Rows,
        likeness: Floats,
        names: Floats,
        weights: Weights,
        bound: float,
    ) -> tuple[Rows, Floats]:
        """The rows that may reach ``bound`` (log-odds), and for each no less than its true sum.

        ``likeness``, ``names``: of the words and of the names of places, for the same rows.
        """
        enough = bound - left_out(new, weights) - weights.prior - _ROUNDING
        values, codes = self._values.take(rows, axis=0).T, self._codes.take(rows, axis=0).T
        found = self._time_and_place(new, values, codes, likeness, names, weights)
        at, worth = zip(*weights.words, strict=True)
        words = np.interp(likeness, at, worth)
        words *= np.minimum(values[_TELLING], telling(new.text))
        # Classes take the longest: only of those that can still make it.
        best = found + np.maximum(words, 0.0) + weights.same_class
        left = np.flatnonzero(best >= enough)
        values, codes = values[_P:, left], codes[_CLASS:, left]
        both, odds = self._class(new, values, codes, weights)
        words = words[left]
        found = found[left] + odds + words * np.where(words < 0, 1 - both, 1.0)
        made = np.flatnonzero(found >= enough)
        return rows[left[made]], found[made]

    def _time_and_place(
        self,
        new: Voice,
        values: Floats,
        codes: Rows,
        likeness: Floats,
        names: Floats,
        weights: Weights,
    ) -> Floats:
        # The kind is that of the surer guess.
        mine, sure = _kind(new), new.classes[0][1] if new.classes else 0.0
        theirs = sure <= values[_SURE]
        reach = np.where(theirs, values[_REACH], mine.reach_metres)
        tau = np.where(theirs, values[_TAU], _tau(mine))
        area = np.where(theirs, codes[_AREA] != 0, mine.area)
        time = np.log(weights.month_hours / tau) - np.abs(values[_HOURS] - _hours(new)) / tau
        place = self._place(new, values, codes, reach, area, weights)
        unplaced = np.minimum(1, _NAMES_STEEP * names) * weights.names_shared
        unplaced += weights.same_text * (likeness >= 1)
        place = np.where(np.isnan(place), unplaced, place)
        found: Floats = np.maximum(weights.long_ago, time) + place
        return found

    def _place(
        self,
        new: Voice,
        values: Floats,
        codes: Rows,
        reach: Floats,
        area: NDArray[np.bool_],
        weights: Weights,
    ) -> Floats:
        """NaN where one side has no point."""
        lon, lat = new.point or (math.nan, math.nan)
        east = np.radians(values[_LON] - lon) * math.cos(math.radians(lat))
        apart = EARTH_RADIUS_M * np.hypot(east, np.radians(values[_LAT] - lat))
        blur = np.hypot(values[_METRES], new.metres) + reach
        near = np.minimum(weights.near_most, np.log(weights.wide_metres / (blur + 20.0)))
        part = np.exp(-((apart / blur) ** 2))
        place: Floats = near * part + weights.far * (1 - part)
        if new.place is None:
            return place
        if new.above:
            beside = codes[_ABOVE] == self._numbers.get(new.above[0], _NONE - 1)
            beside &= (codes[_PLACE] != _NONE) & ~area
            place = np.where(beside, np.minimum(place, weights.sibling), place)
        same = codes[_PLACE] == self._numbers.get(new.place, _NONE - 1)
        named = np.where(np.isnan(apart), math.nan, near + weights.same_place)
        return np.where(same, named, place)

    def _class(
        self, new: Voice, values: Floats, codes: Rows, weights: Weights
    ) -> tuple[Floats, Floats]:
        """(chance that both are of one class, its log-odds); nought where one has none."""
        same = np.zeros(values.shape[1])
        if not new.classes:
            return same, same
        for cls, p in new.classes[:CLASSES]:
            number = self._numbers.get(cls, _NONE - 1)
            for their, code in zip(values, codes, strict=True):
                same += p * their * (code == number)
        rest = np.maximum(0.0, 1 - sum(values) * sum(p for _, p in new.classes))
        ratio = (same + rest * math.exp(-weights.same_class)) * math.exp(weights.same_class)
        odds = np.log(np.maximum(math.exp(weights.other_class), ratio))
        return same, np.where(codes[0] == _NONE, 0.0, odds)


def left_out(new: Voice, weights: Weights) -> float:
    """At most this much is added to :meth:`Columns.promising` by marks and the same reporter."""
    marks = sum(max(0.0, weights.marks_agree[kind]) for kind in {kind for kind, _ in new.marks})
    return marks + (weights.same_reporter if new.reporter else 0.0)


def _kind(voice: Voice) -> Kind:
    return kind_of(voice.classes[0][0] if voice.classes else None)


def _tau(kind: Kind) -> float:
    return kind.half_life_hours / math.log(2)


def _hours(voice: Voice) -> float:
    return voice.at.timestamp() / 3600
