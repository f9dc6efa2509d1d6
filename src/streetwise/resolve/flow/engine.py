"""What the steps of many cases say together: how many go where, wait, bounce, go round. Pure.

A log is columns of equal length, one entry per step, the steps of a case together and in their
order. Times that are not over yet (where a case is now) count as being there, and in no median.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from streetwise.resolve.loop import CLOSED, DISPATCHED, HANDLING

#: Ways through the loop that are named; the rest is said as a number.
WAYS_MOST = 8
#: What of a case's life is counted as a bounce (to and fro) and as a round (once more).
RETURNED, REASSIGNED, REOPENED, SENT_BACK = "returned", "reassigned", "reopened", "sent_back"
DISPATCHES = ("dispatched", REASSIGNED)


@dataclass(frozen=True, slots=True)
class Log:
    """``case``: 0, 1, 2 … in order. ``source`` is "" where a case begins. Units: any text, "" for
    none; ``before`` had it, ``unit`` has it then. ``seconds``: in ``target``; NaN: still there.
    """

    case: NDArray[np.int64]
    action: NDArray[np.str_]
    source: NDArray[np.str_]
    target: NDArray[np.str_]
    before: NDArray[np.str_]
    unit: NDArray[np.str_]
    seconds: NDArray[np.float64]

    @property
    def cases(self) -> int:
        """How many cases it holds."""
        return int(self.case[-1]) + 1 if len(self.case) else 0


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from one state to the next by one action. ``count`` steps of ``cases``; ``median``,
    ``p90``: seconds that they had been in ``source``; None at the beginning.
    """

    source: str
    target: str
    action: str
    count: int
    cases: int
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Stay:
    """A state: ``visits`` of ``cases``, ``here`` are there now; seconds of visits that are over."""

    state: str
    visits: int
    cases: int
    here: int
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Way:
    """A way through the loop, state by state, and how many took just that."""

    states: tuple[str, ...]
    cases: int


@dataclass(frozen=True, slots=True)
class Line:
    """A unit or a class: its cases, seconds (median, p90), and how many cases bounced or went
    round. Of a unit: while it had them, and what it did or was sent back with.
    """

    key: str
    cases: int
    median: float | None
    p90: float | None
    returned: int
    reassigned: int
    reopened: int
    sent_back: int


@dataclass(frozen=True, slots=True)
class Flow:
    """All of it. ``total``: opening to end, of those that are closed: (median, p90).

    ``ping_pong``: cases that came to a unit that had had them before and had let them go.
    """

    cases: int
    closed: int
    total: tuple[float | None, float | None]
    edges: tuple[Edge, ...] = ()
    stays: tuple[Stay, ...] = ()
    ways: tuple[Way, ...] = ()
    other_ways: int = 0
    bounces: dict[str, int] = field(default_factory=dict)


def flow(log: Log) -> Flow:
    """What the log says."""
    if not len(log.case):
        return Flow(0, 0, (None, None), bounces=dict.fromkeys(BOUNCES, 0))
    last = _lasts(log)
    ended = log.target[last] == CLOSED
    ways = Counter(_ways(log))
    named = sorted(ways.items(), key=lambda one: (-one[1], one[0]))[:WAYS_MOST]
    return Flow(
        cases=log.cases,
        closed=int(ended.sum()),
        total=_times(_totals(log)[ended]),
        edges=_edges(log),
        stays=_stays(log, last),
        ways=tuple(Way(states, count) for states, count in named),
        other_ways=log.cases - sum(count for _, count in named),
        bounces=_bounces(log),
    )


def _lasts(log: Log) -> NDArray[np.int64]:
    return np.flatnonzero(np.diff(log.case, append=log.cases))


def _firsts(log: Log) -> NDArray[np.bool_]:
    firsts: NDArray[np.bool_] = np.diff(log.case, prepend=-1) != 0
    return firsts


def _totals(log: Log) -> NDArray[np.float64]:
    """Seconds from opening to the last step, per case, without those in which it was closed."""
    spent = np.where(log.target == CLOSED, 0.0, np.nan_to_num(log.seconds))
    return np.asarray(np.bincount(log.case, weights=spent, minlength=log.cases), np.float64)


def _times(seconds: NDArray[np.float64]) -> tuple[float | None, float | None]:
    known = seconds[~np.isnan(seconds)]
    if not len(known):
        return None, None
    median, p90 = np.percentile(known, (50, 90))
    return float(median), float(p90)


def _edges(log: Log) -> tuple[Edge, ...]:
    # How long it had been where it comes from: what the step before says.
    waited = np.concatenate(([np.nan], log.seconds[:-1]))
    waited[_firsts(log)] = np.nan
    found = []
    for (source, target, action), rows in _groups(log.source, log.target, log.action):
        median, p90 = _times(waited[rows])
        count = len(rows)
        cases = len(np.unique(log.case[rows]))
        found.append(Edge(source, target, action, count, cases, median, p90))
    return tuple(sorted(found, key=lambda one: (-one.count, one.source, one.target, one.action)))


def _stays(log: Log, last: NDArray[np.int64]) -> tuple[Stay, ...]:
    here = Counter(log.target[last].tolist())
    found = []
    for (state,), rows in _groups(log.target):
        median, p90 = _times(log.seconds[rows])
        cases = len(np.unique(log.case[rows]))
        found.append(Stay(state, len(rows), cases, here[state], median, p90))
    return tuple(found)


def _groups(
    *columns: NDArray[np.str_],
) -> list[tuple[tuple[str, ...], NDArray[np.int64]]]:
    """(values, rows that have them), for each combination that occurs."""
    codes = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        # Few words, many rows: looked up, not sorted.
        known: dict[str, int] = {}
        words = [known.setdefault(word, len(known)) for word in column.tolist()]
        codes = codes * len(known) + np.asarray(words, np.int64)
    _, first, own, counts = np.unique(
        codes, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(own, kind="stable")
    parts = np.split(order, np.cumsum(counts)[:-1])
    return [
        (tuple(str(column[row]) for column in columns), rows)
        for row, rows in zip(first, parts, strict=True)
    ]


def _ways(log: Log) -> list[tuple[str, ...]]:
    cuts = np.flatnonzero(_firsts(log))[1:]
    return [tuple(part.tolist()) for part in np.split(log.target, cuts)]


BOUNCES = (RETURNED, REASSIGNED, "ping_pong", REOPENED, SENT_BACK)


def _bounces(log: Log) -> dict[str, int]:
    """How many cases did each, once or oftener."""
    found = {
        name: len(np.unique(log.case[log.action == name]))
        for name in (RETURNED, REASSIGNED, REOPENED, SENT_BACK)
    }
    found["ping_pong"] = len(_ping_pong(log))
    return {name: found[name] for name in BOUNCES}


def _ping_pong(log: Log) -> set[int]:
    """Cases given to a unit that had had them and had let them go again."""
    had: dict[int, set[str]] = {}
    found: set[int] = set()
    moved = np.flatnonzero((log.before != log.unit) | np.isin(log.action, DISPATCHES))
    for row in moved:
        case, unit, before = int(log.case[row]), str(log.unit[row]), str(log.before[row])
        own = had.setdefault(case, set())
        if before and before != unit:
            own.add(before)
        if unit and log.action[row] in DISPATCHES and unit in own:
            found.add(case)
    return found


def by_case(log: Log, keys: Sequence[str]) -> tuple[Line, ...]:
    """A line for each key that cases have (``keys``: of each case, in order)."""
    if not len(log.case):
        return ()
    ended = log.target[_lasts(log)] == CLOSED
    totals = np.where(ended, _totals(log), np.nan)
    of_case = np.asarray(keys, dtype=np.str_)
    did = {name: _cases_with(log, log.action == name) for name in _ROUNDS}
    found = []
    for (key,), cases in _groups(of_case):
        median, p90 = _times(totals[cases])
        counts = {name: int(which[cases].sum()) for name, which in did.items()}
        found.append(Line(key, len(cases), median, p90, **counts))
    return _largest_first(found)


def by_unit(log: Log) -> tuple[Line, ...]:
    """A line for each unit that had a case: from when it was given to it until it was reported
    done or went away, each time; what it returned, lost to another, had sent back, had reopened.
    """
    held = (log.unit != "") & np.isin(log.target, (DISPATCHED, HANDLING))
    hands: dict[tuple[str, int], list[float]] = {}
    for row in np.flatnonzero(held):
        stint = hands.setdefault((str(log.unit[row]), int(log.case[row])), [0.0])
        stint[0] += float(log.seconds[row])  # NaN while it has it: then it is not over
    blame = {
        RETURNED: log.before, REASSIGNED: log.before, SENT_BACK: log.unit, REOPENED: log.before,
    }  # fmt: skip
    did: dict[str, Counter[str]] = {}
    for name, unit in blame.items():
        rows = np.flatnonzero((log.action == name) & (unit != ""))
        did[name] = Counter(key for key, _ in {(str(unit[r]), int(log.case[r])) for r in rows})
    by: dict[str, list[float]] = {}
    for (unit_key, _), stint in hands.items():
        by.setdefault(unit_key, []).append(stint[0])
    found = []
    for key, seconds in by.items():
        median, p90 = _times(np.asarray(seconds))
        counts = {name: did[name][key] for name in _ROUNDS}
        found.append(Line(key, len(seconds), median, p90, **counts))
    return _largest_first(found)


_ROUNDS = (RETURNED, REASSIGNED, REOPENED, SENT_BACK)


def _cases_with(log: Log, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    which = np.zeros(log.cases, bool)
    which[log.case[rows]] = True
    return which


def _largest_first(lines: list[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda one: (-one.cases, one.key)))
