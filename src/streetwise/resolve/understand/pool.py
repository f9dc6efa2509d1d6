"""Known cases, laid out so that one voice meets the few that may be the same problem. Pure.

The comparison in full (``evidence.weigh``) costs some fifty microseconds. So only those are looked
at that lie near (``nearby.py``) or share words (``postings.py``), and of these only the few are
weighed for which a rough sum of the same evidence (``rough.py``) says that it can end well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from streetwise.resolve.understand.evidence import Voice, Weights
from streetwise.resolve.understand.nearby import Nearby
from streetwise.resolve.understand.postings import Likeness, Postings
from streetwise.resolve.understand.rough import Columns
from streetwise.resolve.understand.rows import with_room
from streetwise.resolve.understand.similar import likeness

#: A case is known by so many first voices, and its last.
FIRST_VOICES = 3
#: Cases that are weighed in full, the most promising first.
WEIGHED_MAX = 6
#: Far away, or without a place on one side: so alike in words (or in names, where a place is
#: missing), or it is not looked at; and of more than WORDS_MAX the most alike.
FAR_WORTH, NAMES_WORTH, WORDS_WORTH = 0.35, 0.2, 0.15
WORDS_MAX = 1_000

Rows = NDArray[np.int64]


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
        self._words, self._names = Postings(), Postings()
        self._columns, self._nearby = Columns(), Nearby()
        self._voice: list[Voice] = []
        self._case: list[str] = []
        #: Whether a row's case is still there, and whether it has a point.
        self._there: NDArray[np.bool_] = np.zeros(64, np.bool_)
        self._placed: NDArray[np.bool_] = np.zeros(64, np.bool_)
        self._rows: dict[str, list[int]] = {}
        #: Voices of cases that were dropped, and those that were replaced.
        self.gone = 0
        self._by_voice: dict[str, str] = {}
        self.put(*cases)

    def __len__(self) -> int:
        return len(self._case)

    def put(self, *cases: Known) -> None:
        """Add cases, or bring them up to date: what is known otherwise of a voice replaces it."""
        new = []
        for case in cases:
            self.cases[case.id] = case
            self._by_voice[case.id] = case.id
            known = {self._voice[row].id: self._voice[row] for row in self._rows.get(case.id, ())}
            new += [(case.id, voice) for voice in case.voices if known.get(voice.id) != voice]
        self._words.extend([voice.text for _, voice in new])
        self._names.extend([voice.names for _, voice in new])
        for owner, voice in new:
            self._add(owner, voice)

    def _add(self, owner: str, voice: Voice) -> None:
        row = len(self._case)
        self._there = with_room(self._there, row + 1)
        self._placed = with_room(self._placed, row + 1)
        self._there[row] = True
        if voice.point is not None:
            self._placed[row] = True
            self._nearby.add(row, *voice.point, voice.metres)
        self._columns.add(voice)
        self._case.append(owner)
        self._voice.append(voice)
        self._by_voice[voice.id] = owner
        own = self._rows.setdefault(owner, [])
        before = next((at for at, old in enumerate(own) if self._voice[old].id == voice.id), None)
        if before is None:
            own.append(row)
        else:
            self._there[own[before]] = False
            self.gone += 1
            own[before] = row

    def drop(self, *ids: str) -> None:
        """These cases are met no more. Their rows stay, until the pool is made anew."""
        for id_ in ids:
            if self.cases.pop(id_, None) is not None:
                rows = self._rows.pop(id_)
                self._there[rows] = False
                self.gone += len(rows)

    def near(self, new: Voice, weights: Weights, bound: float) -> list[Near]:
        """The WEIGHED_MAX most promising cases that may reach ``bound`` (log-odds)."""
        if not self._case:
            return []
        alike, names = self._words.likeness(new.text), self._names.likeness(new.names)
        rows = self._worth_a_look(new, alike, names)
        rows, promise = self._columns.promising(
            new, rows, alike.of(rows), names.of(rows), weights, bound
        )
        best: dict[str, int] = {}
        for id_ in new.refers:
            owner = self._by_voice.get(id_)
            if owner in self._rows:
                best[owner] = self._rows[owner][0]
        for row in rows[np.argsort(-promise, kind="stable")].tolist():
            if len(best) >= WEIGHED_MAX:
                break
            best.setdefault(self._case[row], row)
        return [self._near(new, owner, row, alike) for owner, row in best.items()]

    def _worth_a_look(self, new: Voice, alike: Likeness, names: Likeness) -> Rows:
        """Rows that lie near, or have the words of the new one, or its names of places."""
        least: NDArray[np.float64] | float = WORDS_WORTH
        if new.point is not None:
            least = np.where(self._placed[alike.rows], FAR_WORTH, WORDS_WORTH)
        by_words = alike.rows[alike.values >= least]
        looked = np.zeros(len(self), np.bool_)
        looked[_most_alike(by_words, alike)] = True
        named = names.rows[names.values >= NAMES_WORTH]
        if new.point is not None:
            named = named[~self._placed[named]]
            looked[self._nearby.around(*new.point, new.metres)] = True
        looked[_most_alike(named, names)] = True
        return np.flatnonzero(looked & self._there[: len(self)])

    def _near(self, new: Voice, owner: str, row: int, alike: Likeness) -> Near:
        own = self._rows[owner]
        rows = dict.fromkeys((own[0], row, own[-1]))
        return Near(
            self.cases[owner],
            tuple((self._voice[at], self._likeness(new, at, alike)) for at in rows),
        )

    def _likeness(self, new: Voice, row: int, alike: Likeness) -> float:
        if alike.exact:
            return float(alike.of(np.array([row]))[0])
        return likeness(new.text, self._voice[row].text)


def _most_alike(rows: Rows, alike: Likeness) -> Rows:
    if len(rows) <= WORDS_MAX:
        return rows
    most = np.argpartition(-alike.of(rows), WORDS_MAX)[:WORDS_MAX]
    return rows[most]
