"""From clocks to what a screen shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.clocks import repository
from streetwise.resolve.clocks.actions import SYSTEM, calendars
from streetwise.resolve.clocks.engine import read
from streetwise.resolve.clocks.rows import LATE, PAUSED, ClockRow
from streetwise.resolve.clocks.rules import SUSPENSION, scheme_rules
from streetwise.resolve.clocks.schemas import CaseClocks, ClockView, ConditionView, RequestView
from streetwise.resolve.clocks.tables import CaseRequest
from streetwise.resolve.deadlines import WorkCalendar, due_state, office_time
from streetwise.resolve.knowledge import known_classes
from streetwise.resolve.orders import repository as orders
from streetwise.resolve.schemas import NoteView, StepView
from streetwise.resolve.tables import Note


async def case_clocks(
    session: AsyncSession, viewer: Viewer, case_id: UUID, now: datetime, soon: timedelta
) -> CaseClocks:
    """All clocks of a case that the viewer sees, what was asked for, and its class's conditions."""
    case = await cases.case(session, viewer, case_id)
    rows = await repository.of_cases(session, viewer, [case_id])
    calendar = (await calendars(session, {case.area}))[case.area]
    units = {row.unit_id for row in rows if row.unit_id}
    names = await directory.unit_names(session, SYSTEM, units)
    numbers = {
        row.order.id: row.order.number for row in await orders.of_case(session, viewer, case_id)
    }
    requests = await repository.requests_of(session, viewer, case_id)
    notes = await cases.notes(session, viewer, case_id) if requests else {}
    known = scheme_rules(case.clock_scheme)
    return CaseClocks(
        version=case.version,
        now=now,
        scheme=case.clock_scheme,
        condition=case.category_condition,
        conditions=await conditions_of(
            session, viewer, (case.category_scheme or "", case.category_code or "")
        ),
        clocks=[
            _clock(row, names, numbers, calendar, now, soon)
            for row in rows
            if row.kind != SUSPENSION
        ],
        requests=[_request(one, notes) for one in requests],
        extended=case.extended,
        extensions_most=known.extensions,
        suspended=case.suspended,
        suspensions_most=known.suspensions,
        suspended_until=case.suspended_until,
    )


async def conditions_of(
    session: AsyncSession, viewer: Viewer, key: tuple[str, str]
) -> list[ConditionView]:
    """The conditions of a class (scheme, code), in its order; none of an unknown one."""
    cls = known_classes(await directory.conditions(session, viewer)).get(key)
    return [
        ConditionView(
            code=code,
            text=one.text,
            limit={"value": one.limit.value, "unit": one.limit.unit} if one.limit else None,
        )
        for code, one in (cls.conditions if cls else {}).items()
    ]


def _clock(
    row: ClockRow,
    names: Mapping[UUID, str],
    numbers: Mapping[UUID, str],
    calendar: WorkCalendar,
    now: datetime,
    soon: timedelta,
) -> ClockView:
    left = read(row.clock(), calendar).left if row.limit and row.state == PAUSED else None
    stopped = row.stopped_at
    if row.state == LATE and stopped is None:
        stopped = now
    return ClockView(
        id=row.id,
        kind=row.kind,
        scheme=row.scheme,
        unit=names.get(row.unit_id) if row.unit_id else None,
        order_number=numbers.get(row.order_id) if row.order_id else None,
        state=row.state,
        started_at=row.started_at,
        due_at=row.due_at,
        due_state=due_state(row.due_at, stopped, now, soon),
        stopped_at=row.stopped_at,
        left_seconds=int(left.total_seconds()) if left is not None else None,
        office_time=row.limit is not None and office_time(row.limit.unit),
        extended=sum(1 for event in row.events if event["kind"] == "extend"),
        why=[StepView(**step) for step in row.why],
    )


def _request(row: CaseRequest, notes: Mapping[UUID, Note]) -> RequestView:
    def note(number: UUID | None) -> NoteView | None:
        found = notes.get(number) if number else None
        return NoteView(kind=found.kind, text=found.text) if found else None

    return RequestView(
        kind=row.kind,
        state=row.state,
        asked_at=row.asked_at,
        until=row.until,
        decided_at=row.decided_at,
        note=note(row.note_id),
        decision=note(row.decision_note_id),
    )
