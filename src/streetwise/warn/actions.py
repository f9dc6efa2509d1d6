"""What a night writes down, and what people do with it. Each change with its entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.tables import Area
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.warn import repository, scored, tasks_repository
from streetwise.warn.columns import (
    BEFORE,
    category_of,
    class_columns,
    event_found,
    event_of,
    factor_of,
    measured,
    places_before,
    zones_of,
)
from streetwise.warn.counting import places_of
from streetwise.warn.following import follow, gathered
from streetwise.warn.material import Read
from streetwise.warn.meeting import narrower
from streetwise.warn.night import Found, Night, Outlook, Spot, Stood
from streetwise.warn.tables import (
    ARRIVING_DAYS,
    COMPUTING,
    DONE,
    HINDSIGHT,
    NEW,
    ONGOING,
    OVER,
    PROPOSED,
    READING,
    ROUNDS,
    Warning,  # noqa: A004
    WarnRun,
)
from streetwise.warn.values import ALL, Note, date_of, day_of

declare(
    {
        "warning.night": "A night's analysis came to its end; data: night, reports, new, ongoing,"
        " over, notes, seconds.",
        "warning.said": "More is reported than usual; data: scheme, code (of the class), name (of"
        " the class), place (the grid's name, where it is one), first_day, last_day, observed,"
        " expected, recurrence_days.",
        "warning.hindsight": "A street's first night that had a history to compare with worked out"
        " what earlier nights would have said; nobody was told then. Data: warnings (how many),"
        " first_day, last_day.",
        "warning.told_again": "A warning that stands became so much more that it is told again;"
        " data: as of warning.said.",
        "warning.narrowed": "What a warning that stands is about goes on only in a part of the"
        " places that were said; data: as of warning.said, places_before (how many; 0:"
        " everywhere).",
        "warning.over": "What was warned of was not seen again; data: last_day.",
    }
)

SYSTEM = Viewer.system("warn")


@dataclass(frozen=True, slots=True)
class Names:
    """What classes, by scheme and code, are called; for entries, which people read."""

    of_class: dict[tuple[str, str], str]


async def begin(uow: UnitOfWork, area: str, night: date, *, again: bool = False) -> WarnRun | None:
    """Take a night on, or up again where it was interrupted; None: it is done. One that had nothing
    to count is taken on again: a street's history may have come since.
    """
    await repository.one_at_a_time(uow.session, area)
    run = await repository.run_of(uow.session, SYSTEM, area, night)
    if run is not None and run.state == DONE and run.read and not again:
        return None
    if run is None:
        run = WarnRun(
            id=new_id(), area=area, night=night, state=READING, began_at=uow.now, read={}, told={}
        )
        uow.session.add(run)
    run.state, run.began_at, run.ended_at, run.seconds = READING, uow.now, None, None
    await uow.session.flush()
    return run


async def computing(uow: UnitOfWork, area: str, night: date, read: dict[str, Any]) -> None:
    """All is read, and the engines begin."""
    run = await repository.run_of(uow.session, SYSTEM, area, night)
    if run is not None and run.state != DONE:
        run.state, run.read = COMPUTING, read


async def nothing_to_count(uow: UnitOfWork, area: str, night: date) -> None:
    """A night without grids, or without a report that has a class, is over at once."""
    run = await repository.run_of(uow.session, SYSTEM, area, night)
    if run is not None:
        run.state, run.ended_at, run.seconds, run.read, run.told = DONE, uow.now, 0.0, {}, {}


async def finish(
    uow: UnitOfWork,
    area: Area,
    night: date,
    read: Read,
    came_to: Night,
    *,
    seconds: float,
    quiet_days: int,
    keep_days: int,
    names: Names,
) -> bool:
    """Write down what a night came to. Once more for the same night, it says nothing twice.

    False, and nothing is written, where it comes too late: another worker has ended this night
    meanwhile, or a later one.
    """
    session = uow.session
    await repository.one_at_a_time(session, area.code)
    run = await repository.run_of(session, SYSTEM, area.code, night)
    if run is None:
        raise RuntimeError("a night ended that nobody began")
    newest = await repository.last_run(session, SYSTEM, area.code, done=True)
    if run.state == DONE or (newest is not None and newest.night > night):
        return False
    counts = await _warn(uow, run, read, came_to.found, names, quiet_days)
    await repository.put_notes(session, SYSTEM, run.id, _notes(run, read, came_to.notes))
    outlooks = _outlooks(run, read, came_to.outlooks)
    await repository.put_forecasts(session, SYSTEM, run.id, outlooks)
    await _judge_rounds(uow, run, read)
    spots = _spots(run, read, came_to.spots)
    await tasks_repository.propose(session, SYSTEM, area.code, night, spots)
    before = night - timedelta(days=keep_days)
    await repository.trim(session, SYSTEM, area.code, before)
    await tasks_repository.trim(session, SYSTEM, area.code, before)
    run.state, run.ended_at, run.seconds = DONE, uow.now, seconds
    run.read = told_of(read)
    # What the first night said of those before it is said once, when all of them were there.
    once = HINDSIGHT in run.told and ARRIVING_DAYS not in run.told
    kept = {HINDSIGHT: run.told[HINDSIGHT]} if once else {}
    went = await scored.at_night(session, SYSTEM, area.code, read)
    run.told = {**came_to.told, **counts, **kept, ROUNDS: went}
    data = {
        "night": night.isoformat(),
        "reports": len(read.reports),
        **counts,
        "notes": len(came_to.notes),
        "seconds": round(seconds, 1),
    }
    record(uow, run.area, "warning.night", "warn_run", run.id, data)
    # Whoever reads the run again in this transaction reads what is written here.
    await session.flush()
    return True


def told_of(read: Read) -> dict[str, Any]:
    """What a night has read, in numbers."""
    reports = read.reports
    return {
        "reports": len(reports),
        "unclassed": read.unclassed,
        "unplaced": int(np.isnan(reports.x).sum()),
        "places": len(read.ground.places),
        "categories": len(read.categories),
        "first_day": date_of(int(reports.day[0])).isoformat(),
        "last_day": date_of(read.last_day).isoformat(),
    }


# --- warnings ------------------------------------------------------------------------------


async def _warn(
    uow: UnitOfWork,
    run: WarnRun,
    read: Read,
    found: Sequence[Found],
    names: Names,
    quiet_days: int,
) -> dict[str, int]:
    """Say what is new, go on with what stands, end what is over; how many of each."""
    standing = await repository.standing(uow.session, SYSTEM, run.area)
    events = [event_found(read, one) for one in found]
    groups = gathered(events, [one.recurrence_days for one in found])
    # What still stands is what a finding goes on with: quiet for less than ``quiet_days``.
    going_on = follow(
        [event_of(row) for row in standing], [events[one[0]] for one in groups], quiet_days
    )
    seen: dict[int, list[int]] = {}
    new = 0
    for group, goes_on in zip(groups, going_on, strict=True):
        if goes_on is None:
            _say(uow, run, read, [found[n] for n in group], names)
            new += 1
        else:
            seen.setdefault(goes_on, []).extend(group)
    for n, members in seen.items():
        _go_on(uow, run, read, standing[n], [found[m] for m in members], names)
    over = 0
    for n, row in enumerate(standing):
        if n not in seen and read.last_day - day_of(row.last_day) >= quiet_days:
            _end(uow, row)
            over += 1
    return {"new": new, "ongoing": len(standing) - over, "over": over}


async def standing(session: AsyncSession, area: str, read: Read) -> tuple[Stood, ...]:
    """Warnings that stand before tonight, for the engines."""
    rows = await repository.standing(session, SYSTEM, area)
    runs = {one.said_run_id for one in rows} | {one.seen_run_id for one in rows}
    return stood(read, rows, await repository.nights(session, SYSTEM, runs))


def stood(read: Read, rows: Sequence[Warning], nights: Mapping[UUID, date]) -> tuple[Stood, ...]:
    """Warnings that stand, in a night's numbers. A night's own day is the one before it. What is
    about a class or about grids that are no more stays a row, and is nothing to the engines. Where
    nobody noted how much a warning was when it was told, its factor is none. ``nights``: of the
    runs that said and saw them; of one that was made up for later, the clock does not tell.
    """
    number = {category: n for n, category in enumerate(read.categories)}
    place = {str(grid): n for n, grid in enumerate(read.ground.ids)}
    found = []
    for row in rows:
        event = event_of(row)
        category = ALL if event.category is None else number.get(event.category)
        places = tuple(sorted(place[one] for one in event.places if one in place))
        if category is None or (event.places and not places):
            continue
        found.append(
            Stood(
                category,
                places,
                day_of(nights[row.said_run_id]) - 1,
                day_of(nights[row.seen_run_id]) - 1,
                row.recurrence_days or 0.0,
                zones_of(row, place),
                row.told_factor,
            )
        )
    return tuple(found)


def _say(uow: UnitOfWork, run: WarnRun, read: Read, members: Sequence[Found], names: Names) -> None:
    category = category_of(read, members[0].category)
    now = measured(read, members)
    row = Warning(
        id=new_id(),
        version=1,
        area=run.area,
        status=NEW,
        **class_columns(category),
        **now,
        said_run_id=run.id,
        said_at=uow.now,
        seen_run_id=run.id,
        seen_at=uow.now,
        hindsight=False,
        told_factor=factor_of(now["observed"], now["expected"]),
        told_at=uow.now,
        told_run_id=run.id,
    )
    uow.session.add(row)
    record(uow, run.area, "warning.said", "warning", row.id, _told(read, row, members, names))


def _told(read: Read, row: Warning, members: Sequence[Found], names: Names) -> dict[str, Any]:
    """What an entry says of a warning that is told."""
    category = category_of(read, members[0].category)
    one_place = _only_place(read, row)
    return {
        **({"scheme": category[0], "code": category[1]} if category else {}),
        "name": names.of_class.get(category) if category else None,
        "place": one_place,
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
        "observed": row.observed,
        "expected": round(row.expected, 1),
        "recurrence_days": row.recurrence_days and round(row.recurrence_days),
    }


def _only_place(read: Read, row: Warning) -> str | None:
    """The grid's name, where a warning is of one."""
    if len(row.grid_ids) != 1:
        return None
    return read.ground.places.names[read.ground.ids.index(row.grid_ids[0])]


def _go_on(
    uow: UnitOfWork,
    run: WarnRun,
    read: Read,
    row: Warning,
    members: Sequence[Found],
    names: Names,
) -> None:
    """The event is still there: it is counted from its first day on, as far as its chart goes back.
    Where it has become so much more *tonight* it is told again, once a night. It is shown where it
    is now; where it was said to be before is kept, and that it narrowed is an entry.
    """
    tonight = measured(read, members)
    now = measured(read, [one.since(day_of(row.first_day)) for one in members])
    # Said tonight and seen tonight again is the same night, run twice.
    status = NEW if row.said_run_id == run.id else ONGOING
    was = list(row.grid_ids)
    before = places_before(row, now["grid_ids"], again=row.seen_run_id == run.id)
    if before:
        now["evidence"] = {**now["evidence"], BEFORE: before}
    narrowed = narrower(now["grid_ids"], was)
    changed = {"status": status, **now, "seen_run_id": run.id}
    again = row.told_run_id != run.id and any(one.told_again for one in members)
    if again:
        factor = factor_of(tonight["observed"], tonight["expected"])
        changed |= {"told_run_id": run.id, "told_at": uow.now, "told_factor": factor}
    if any(getattr(row, name) != value for name, value in changed.items()):
        for name, value in changed.items():
            setattr(row, name, value)
        row.seen_at = uow.now
        row.version += 1
    if again:
        said = _told(read, row, members, names)
        record(uow, run.area, "warning.told_again", "warning", row.id, said)
    elif narrowed:
        said = {**_told(read, row, members, names), "places_before": len(was)}
        record(uow, run.area, "warning.narrowed", "warning", row.id, said)


def _end(uow: UnitOfWork, row: Warning) -> None:
    row.status, row.over_at = OVER, uow.now
    row.version += 1
    data = {"last_day": row.last_day.isoformat()}
    record(uow, row.area, "warning.over", "warning", row.id, data)


def record(
    uow: UnitOfWork, area: str, action: str, kind: str, subject: UUID, data: dict[str, Any]
) -> None:
    """An entry of the night's."""
    uow.record(Entry(SYSTEM.actor, action, kind, subject, area=area, data=data))


# --- notes, forecasts, rounds --------------------------------------------------------------


def _notes(run: WarnRun, read: Read, notes: Sequence[Note]) -> list[dict[str, Any]]:
    rows = []
    for n, one in enumerate(notes):
        placed = isfinite(one.x) and isfinite(one.y)
        lon, lat = read.ground.plane.degrees(one.x, one.y) if placed else (None, None)
        rows.append(
            {
                "run_id": run.id,
                "n": n,
                "kind": one.kind,
                "first_day": date_of(one.first_day),
                "last_day": date_of(one.last_day),
                "count": one.count,
                **class_columns(category_of(read, one.category)),
                "lon": lon,
                "lat": lat,
                "says": one.says,
                "numbers": dict(one.numbers),
            }
        )
    return rows


def _outlooks(run: WarnRun, read: Read, outlooks: Sequence[Outlook]) -> list[dict[str, Any]]:
    return [
        {
            "run_id": run.id,
            "n": n,
            "grid_id": None if one.place == ALL else read.ground.ids[one.place],
            **class_columns(category_of(read, one.category)),
            "days": one.days,
            # The mean of a skewed distribution may lie above its interval.
            "low": min(one.low, one.mean),
            "mean": one.mean,
            "high": max(one.high, one.mean),
        }
        for n, one in enumerate(outlooks)
    ]


def _spots(run: WarnRun, read: Read, spots: Sequence[Spot]) -> list[dict[str, Any]]:
    rows = []
    for rank, one in enumerate(spots, start=1):
        lon, lat = read.ground.plane.degrees(one.x, one.y)
        rows.append(
            {
                "id": new_id(),
                "version": 1,
                "area": run.area,
                "run_id": run.id,
                "day": run.night,
                "rank": rank,
                "grid_id": read.ground.ids[one.place],
                "lon": lon,
                "lat": lat,
                **class_columns(category_of(read, one.category)),
                "expected": one.expected,
                "days": one.days,
                "recent": one.recent,
                "driver": one.driver,
                "state": PROPOSED,
            }
        )
    return rows


async def _judge_rounds(uow: UnitOfWork, run: WarnRun, read: Read) -> None:
    """How many reports came where and when rounds were proposed, once those days are over. Where
    the grid or the class is no more nobody can say, and it stays open.
    """
    tasks = await tasks_repository.unjudged(uow.session, SYSTEM, run.area)
    over = [one for one in tasks if day_of(one.day) + one.days - 1 <= read.last_day]
    if not over:
        return
    reports = read.reports
    where = places_of(reports, read.ground.places)
    number = {category: n for n, category in enumerate(read.categories)}
    place = {grid: n for n, grid in enumerate(read.ground.ids)}
    for one in over:
        grid = place.get(one.grid_id)
        category = number.get((one.category_scheme, one.category_code))
        if grid is None or category is None:
            continue
        first = day_of(one.day)
        then = (reports.day >= first) & (reports.day < first + one.days)
        one.came = int(((where == grid) & (reports.category == category) & then).sum())
