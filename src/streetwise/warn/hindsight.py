"""What earlier nights would have said: rows that are over from the start, told to nobody.

A street that comes with a history sees, after its first night, what that history would have brought
it. Every night of it is judged by what was known before it, as a real one is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from streetwise.directory.tables import Area
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.ids import new_id
from streetwise.warn import repository
from streetwise.warn.actions import SYSTEM, record
from streetwise.warn.columns import (
    category_of,
    class_columns,
    event_found,
    event_of,
    factor_of,
    measured,
)
from streetwise.warn.following import closeness, same
from streetwise.warn.material import Read
from streetwise.warn.night import Past
from streetwise.warn.tables import HINDSIGHT, OVER, Warning, WarnRun  # noqa: A004
from streetwise.warn.values import date_of, day_of


def one_each(read: Read, past: Sequence[Past], quiet_days: int) -> list[Past]:
    """One for each event, as nights that follow each other make one row of it."""
    events: list[Past] = []
    for one in sorted(past, key=lambda each: (each.first_night, each.last_night)):
        mine = event_found(read, one.found)
        likely = [
            n
            for n, each in enumerate(events)
            if same(event_found(read, each.found), mine)
            and one.first_night - each.found.last_day <= quiet_days
        ]
        if not likely:
            events.append(one)
            continue
        n = max(likely, key=lambda at: closeness(event_found(read, events[at].found), mine))
        known = events[n]
        newer = one if one.last_night >= known.last_night else known
        found = newer.found.since(min(known.found.first_day, one.found.first_day))
        events[n] = Past(found, known.first_night, newer.last_night)
    return events


async def put(
    uow: UnitOfWork,
    area: Area,
    night: date,
    read: Read,
    past: Sequence[Past],
    *,
    quiet_days: int,
    at_hours: int,
    most: int,
) -> int:
    """Write down what would have been said before a night that has just been finished; how many.
    Once for an area: a night that is run again writes nothing; but of an invented past that is
    still arriving it is written each time, in the place of what less of it had said. What stands
    tonight was said. Of more than ``most``, the newest.
    """
    session = uow.session
    run = await repository.run_of(session, SYSTEM, area.code, night)
    if run is None:
        raise RuntimeError("a night looks back that nobody began")
    if not await repository.hindsight_due(session, SYSTEM, area.code, run.id):
        return 0
    await repository.forget_hindsight(session, SYSTEM, area.code)
    standing = [event_of(row) for row in await repository.standing(session, SYSTEM, area.code)]
    events = [
        one
        for one in one_each(read, past, quiet_days)
        if not any(same(event_found(read, one.found), each) for each in standing)
    ]
    newest = sorted(events, key=lambda one: one.last_night)[-most:]
    rows = [_row(uow, run, read, one, quiet_days, at_hours) for one in newest]
    session.add_all(rows)
    run.told = {**run.told, HINDSIGHT: len(rows)}
    if rows:
        data = {
            "warnings": len(rows),
            "first_day": min(row.first_day for row in rows).isoformat(),
            "last_day": max(row.last_day for row in rows).isoformat(),
        }
        record(uow, area.code, "warning.hindsight", "warn_run", run.id, data)
    return len(rows)


def _row(
    uow: UnitOfWork, run: WarnRun, read: Read, one: Past, quiet_days: int, at_hours: int
) -> Warning:
    """A night's own day is the one before it; none was later than now."""

    def hour(day: int) -> datetime:
        on = date_of(day) + timedelta(days=1)
        return min(datetime.combine(on, time(at_hours), read.zone), uow.now)

    values = measured(read, [one.found])
    said_at = hour(one.first_night)
    return Warning(
        id=new_id(),
        version=1,
        area=run.area,
        status=OVER,
        **class_columns(category_of(read, one.found.category)),
        **values,
        said_run_id=run.id,
        said_at=said_at,
        seen_run_id=run.id,
        seen_at=hour(one.last_night),
        over_at=hour(day_of(values["last_day"]) + quiet_days),
        hindsight=True,
        told_factor=factor_of(values["observed"], values["expected"]),
        told_at=said_at,
        told_run_id=run.id,
    )
