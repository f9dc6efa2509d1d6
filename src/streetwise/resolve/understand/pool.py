"""Known cases laid out in columns, so that one voice is compared with all at once. Pure.

The comparison in full (``evidence.weigh``) costs some ten microseconds; this finds the few cases
for which it can end well, by a rough sum of the same evidence over all of them in NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from streetwise.kernel.geo import EARTH_RADIUS_M
from streetwise.resolve.understand.evidence import Voice, Weights
from streetwise.resolve.understand.similar import Rows

#: A case is known by so many first voices, and its last.
FIRST_VOICES = 3
#: Cases that are weighed in full, the most promising first.
WEIGHED_MAX = 6
#: What the rough sum leaves out: class, marks, the same reporter. What lies farther below the
#: bound than this cannot be made up by them.
LEFT_OUT = 6.0
#: The rough sum takes the widest reach and a long half-life for all.
ROUGH_REACH_METRES = 120.0
ROUGH_TAU_HOURS = 100.0
#: Without a place on one side: so alike in names or words, or it is not looked at.
NAMES_WORTH, WORDS_WORTH = 0.2, 0.15


@dataclass(frozen=True, slots=True)
class Known:
    """A case: its first voices and its last (at most FIRST_VOICES + 1), in order of arrival."""

    id: str
    voices: tuple[Voice, ...]
    urgency: int = 0
    closed_at: datetime | None = None

    def with_voice(self, voice: Voice) -> Known:
        """The case with one more voice, and no less urgent than either."""
        kept = (*self.voices[:FIRST_VOICES], voice)
        return replace(self, voices=kept, urgency=max(self.urgency, voice.urgency))


@dataclass(frozen=True, slots=True)
class Near:
    """A case worth weighing: its first voice, the most promising one and the last, with the
    likeness of their words to the new one's."""

    case: Known
    voices: tuple[tuple[Voice, float], ...]


class Pool:
    """Known cases in columns; grows.

    For a batch: fill it once with the open cases, decide voice by voice, and ``put`` what each
    one led to.
    """

    def __init__(self, cases: Iterable[Known] = ()) -> None:
        self.cases: dict[str, Known] = {}
        self._words, self._names = Rows(), Rows()
        self._case: list[str] = []
        self._voice: list[Voice] = []
        # lon, lat, metres, hours; then numbers of place and of what it lies in.
        self._columns: NDArray[np.float64] = np.zeros((256, 4))
        self._codes: NDArray[np.int64] = np.zeros((256, 2), np.int64)
        self._numbers: dict[str, int] = {}
        self._first: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self._by_voice: dict[str, str] = {}
        self.put(*cases)

    def __len__(self) -> int:
        return len(self._case)

    def put(self, *cases: Known) -> None:
        """Add cases, or bring them up to date."""
        new: list[tuple[str, Voice]] = []
        for case in cases:
            before = self.cases.get(case.id)
            had = {id(voice) for voice in before.voices} if before else set()
            self.cases[case.id] = case
            self._by_voice[case.id] = case.id
            new += [(case.id, voice) for voice in case.voices if id(voice) not in had]
        self._words.extend([voice.text for _, voice in new])
        self._names.extend([voice.names for _, voice in new])
        for owner, voice in new:
            self._row(owner, voice)

    def _row(self, owner: str, voice: Voice) -> None:
        at = len(self._case)
        if at == len(self._columns):
            self._columns = np.concatenate([self._columns, np.zeros_like(self._columns)])
            self._codes = np.concatenate([self._codes, np.zeros_like(self._codes)])
        lon, lat = voice.point or (np.nan, np.nan)
        self._columns[at] = lon, lat, voice.metres, voice.at.timestamp() / 3600
        self._codes[at] = self._number(voice.place), self._number(*voice.above[:1])
        self._first.setdefault(owner, at)
        self._last[owner] = at
        self._by_voice[voice.id] = owner
        self._case.append(owner)
        self._voice.append(voice)

    def _number(self, code: str | None = None) -> int:
        """A number for a code; -1 for none."""
        return -1 if code is None else self._numbers.setdefault(code, len(self._numbers))

    def near(self, new: Voice, weights: Weights, bound: float) -> list[Near]:
        """The WEIGHED_MAX most promising cases that may reach ``bound`` (log-odds)."""
        if not self._case:
            return []
        likeness = self._words.likeness(new.text)
        promise = self._promise(new, likeness, weights)
        worth = np.flatnonzero(promise >= bound - LEFT_OUT)
        best: dict[str, int] = {}
        for id_ in new.refers:
            owner = self._by_voice.get(id_)
            if owner is not None:
                best[owner] = self._first[owner]
        for at in worth[np.argsort(-promise[worth], kind="stable")]:
            if len(best) >= WEIGHED_MAX:
                break
            best.setdefault(self._case[at], int(at))
        return [self._near(owner, at, likeness) for owner, at in best.items()]

    def _near(self, owner: str, at: int, likeness: NDArray[np.float64]) -> Near:
        rows = dict.fromkeys((self._first[owner], at, self._last[owner]))
        voices = tuple((self._voice[row], float(likeness[row])) for row in rows)
        return Near(self.cases[owner], voices)

    def _promise(
        self, new: Voice, likeness: NDArray[np.float64], weights: Weights
    ) -> NDArray[np.float64]:
        """The rough sum for each voice: no less than the true one but for what is left out."""
        count = len(self._case)
        lon, lat, metres, hours = self._columns[:count].T
        at, values = zip(*weights.words, strict=True)
        promise: NDArray[np.float64] = weights.prior + np.interp(likeness, at, values)
        gap = np.abs(hours - new.at.timestamp() / 3600)
        at_once = math.log(weights.month_hours / ROUGH_TAU_HOURS)
        promise += np.maximum(at_once - gap / ROUGH_TAU_HOURS, weights.long_ago)
        known = np.zeros(count, np.bool_)
        if new.point is not None:
            east = np.radians(lon - new.point[0]) * math.cos(math.radians(new.point[1]))
            apart = EARTH_RADIUS_M * np.hypot(east, np.radians(lat - new.point[1]))
            known = ~np.isnan(apart)
            blur = np.hypot(metres, new.metres) + ROUGH_REACH_METRES
            part = np.exp(-((np.where(known, apart, 0.0) / blur) ** 2))
            place = weights.near_most * part + weights.far * (1 - part)
            if new.place:
                same = self._codes[:count, 0] == self._number(new.place)
                place = np.where(same, weights.near_most + weights.same_place, place)
            promise += np.where(known, place, 0.0)
        if not known.all():
            names = self._names.likeness(new.names)
            worth = (names >= NAMES_WORTH) | (likeness >= WORDS_WORTH)
            unknown = np.where(worth, weights.names_shared * np.minimum(1, 2 * names), -np.inf)
            promise += np.where(known, 0.0, unknown)
        return promise
