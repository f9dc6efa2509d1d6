"""未诉先办, scored at night: its share of all problems, and whether visits left fewer reports.

The scoring itself is ``forecast``'s; here rows become its arrays, and its answer plain values that
a page shows as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from math import isfinite
from typing import Any, Literal
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.viewer import Viewer
from streetwise.resolve import CaseFacts, case_facts, cases_of_signals
from streetwise.warn import tasks_repository
from streetwise.warn.counting import places_of
from streetwise.warn.material import Read
from streetwise.warn.tables import PreventiveTask
from streetwise.warn.tasks_repository import Ranked
from streetwise.warn.values import Ints, date_of, day_of

#: open: nobody has reported yet; found: a unit was there and reports; mended; nothing was there.
Result = Literal["open", "found", "mended", "nothing"]
#: The look back over which the share of 未诉先办 is counted.
SCORED = timedelta(days=28)
#: Visits of so many days are asked what they changed.
EFFECT_DAYS = 182
#: Rounds go by what the next seven days bring.
RANKED_BY_DAYS = 7

Pair = tuple[int, int]


async def cases_of(
    session: AsyncSession, viewer: Viewer, tasks: Sequence[PreventiveTask]
) -> dict[UUID, CaseFacts]:
    """task → its case, where triage has made one that the viewer sees."""
    signals = {one.signal_id: one.id for one in tasks if one.signal_id is not None}
    linked = await cases_of_signals(session, viewer, signals)
    facts = await case_facts(session, viewer, set(linked.values()))
    return {
        signals[signal]: facts[case_id] for signal, case_id in linked.items() if case_id in facts
    }


def result_of(case: CaseFacts | None) -> Result:
    """How far a task is, by its case."""
    if case is not None and case.closed:
        return "mended" if case.outcome is None else "nothing"
    return "found" if case is not None and case.state in ("reported", "verified") else "open"


@dataclass(frozen=True, slots=True)
class Went:
    """A task that was agreed to, and what came of it. ``complained``: somebody told of the very
    case; who came first is then nobody's to claim. ``case``: its case, where there is one.
    """

    task: PreventiveTask
    result: Result
    complained: bool
    case: UUID | None = None

    @property
    def category(self) -> tuple[str, str]:
        """Scheme and code."""
        return self.task.category_scheme, self.task.category_code


async def at_night(session: AsyncSession, viewer: Viewer, area: str, read: Read) -> dict[str, Any]:
    """What a night notes of it. For the night: ``viewer`` sees every case."""
    viewer.require("*")
    since = datetime.combine(date_of(read.last_day - EFFECT_DAYS), time(), read.zone)
    tasks = await tasks_repository.agreed_since(session, viewer, area, since)
    cases = await cases_of(session, viewer, tasks)
    told = set(read.reports.ids)
    went = [
        Went(
            one,
            result_of(cases.get(one.id)),
            one.id in cases and str(cases[one.id].id) in told,
            cases[one.id].id if one.id in cases else None,
        )
        for one in tasks
    ]
    visits = _judged(read, went)
    runs = {one.task.run_id for one in visits}
    ranked = await tasks_repository.ranked(session, viewer, runs, RANKED_BY_DAYS)
    return {
        **await asyncio.to_thread(share, read, went),
        **on_their_days(read, went),
        "effect": await asyncio.to_thread(effect, read, visits, ranked),
    }


def share(read: Read, went: Sequence[Went]) -> dict[str, Any]:
    """The share of the last 28 days, of all classes that were tried and of each of them."""
    from streetwise.warn.forecast import share_of_preventive  # noqa: PLC0415 - brings SciPy

    first_day = read.last_day - SCORED.days + 1
    lately = _each_case_once([one for one in went if day_of(one.task.day) >= first_day])
    number = {category: n for n, category in enumerate(read.categories)}
    for one in lately:
        number.setdefault(one.category, len(number))
    whole, each = share_of_preventive(
        _ints([number[one.category] for one in lately]),
        np.array([one.result in ("found", "mended") for one in lately], dtype=np.bool_),
        np.array([one.result == "mended" for one in lately], dtype=np.bool_),
        np.array([one.complained for one in lately], dtype=np.bool_),
        read.reports.category[read.reports.day >= first_day],
    )
    names = {n: category for category, n in number.items()}
    return {
        "share": plain(asdict(whole)),
        "shares": [
            {"scheme": names[n][0], "code": names[n][1], **plain(asdict(score))}
            for n, score in each.items()
        ],
    }


def _each_case_once(went: Sequence[Went]) -> list[Went]:
    """Of tasks that became one case the first: what was mended once was mended once."""
    seen: set[UUID] = set()
    found = []
    for one in sorted(went, key=lambda each: each.task.day):
        if one.case is None or one.case not in seen:
            found.append(one)
        if one.case is not None:
            seen.add(one.case)
    return found


def on_their_days(read: Read, went: Sequence[Went]) -> dict[str, Any]:
    """What was expected and what came where tasks were agreed to, on their days, as far as all of a
    task's days are over. Rounds go to one grid for one class again within days: each grid, class
    and day counts once, as the first task that named it expected it.
    """
    place = {grid: n for n, grid in enumerate(read.ground.ids)}
    number = {category: n for n, category in enumerate(read.categories)}
    named: set[tuple[int, int, int]] = set()
    expected = 0.0
    since = read.last_day - SCORED.days + 1
    for one in sorted(went, key=lambda each: each.task.day):
        task, first = one.task, day_of(one.task.day)
        at = place.get(task.grid_id), number.get(one.category)
        if at[0] is None or at[1] is None or first < since:
            continue
        if first + task.days - 1 > read.last_day:
            continue
        mine = {(at[0], at[1], day) for day in range(first, first + task.days)} - named
        expected += task.expected * len(mine) / task.days
        named |= mine
    reports = read.reports
    where = places_of(reports, read.ground.places)
    recent = np.flatnonzero(reports.day >= since)
    columns = (one[recent].tolist() for one in (where, reports.category, reports.day))
    came = sum(one in named for one in zip(*columns, strict=True))
    return {"expected": expected, "came": came}


def effect(read: Read, visits: Sequence[Went], ranked: Sequence[Ranked]) -> dict[str, Any] | None:
    """What visits changed where they went, against grids and classes that stood beside them on the
    list and were not visited. None without a visit that is long enough ago.
    """
    from streetwise.warn.forecast import EffectSettings, effect_of_visits  # noqa: PLC0415

    place = {grid: n for n, grid in enumerate(read.ground.ids)}
    number = {category: n for n, category in enumerate(read.categories)}

    def pair(grid: UUID, category: tuple[str, str]) -> Pair | None:
        known = grid in place and category in number
        return (place[grid], number[category]) if known else None

    known = [(one, at) for one in visits if (at := pair(one.task.grid_id, one.category))]
    if not known:
        return None
    expected: dict[UUID, dict[Pair, float]] = {}
    for line in ranked:
        if (at := pair(line.grid_id, (line.scheme, line.code))) is not None:
            expected.setdefault(line.run_id, {})[at] = line.mean
    row: dict[Pair, int] = {}
    for at in (*(at for _, at in known), *(at for one in expected.values() for at in one)):
        row.setdefault(at, len(row))
    ranking = np.full((len(known), len(row)), np.nan)
    for n, (one, at) in enumerate(known):
        ranking[n, row[at]] = one.task.expected
        for other, mean in expected.get(one.task.run_id, {}).items():
            ranking[n, row[other]] = mean
    first_day = int(read.reports.day[0])
    score = effect_of_visits(
        _counts(read, row),
        _ints([row[at] for _, at in known]),
        _ints([day_of(one.task.day) - first_day for one, _ in known]),
        ranking,
    )
    needs = EffectSettings()
    least = {"visits_least": needs.visits_least, "reports_least": needs.reports_least}
    return {**plain(asdict(score)), **least}


def _judged(read: Read, went: Sequence[Went]) -> list[Went]:
    """Visits of which somebody told how it was, and whose windows lie in what was read."""
    from streetwise.warn.forecast import EffectSettings  # noqa: PLC0415

    windows = EffectSettings()
    first = int(read.reports.day[0]) + 2 * windows.before_days
    last = read.last_day + 1 - windows.after_days
    return [one for one in went if one.result != "open" and first <= day_of(one.task.day) <= last]


def _counts(read: Read, row: Mapping[Pair, int]) -> Ints:
    """(P, T): reports by pair of place and class, and day."""
    reports = read.reports
    first_day = int(reports.day[0])
    where = places_of(reports, read.ground.places)
    pairs = zip(where.tolist(), reports.category.tolist(), strict=True)
    at = _ints([row.get(one, -1) for one in pairs])
    counts = np.zeros((len(row), read.last_day - first_day + 1), dtype=np.int64)
    mine = at >= 0
    np.add.at(counts, (at[mine], reports.day[mine] - first_day), 1)
    return counts


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has it: what is not a number is none."""
    return {
        name: None if isinstance(value, float) and not isfinite(value) else value
        for name, value in values.items()
    }
