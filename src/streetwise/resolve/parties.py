"""Units called to a case (吹哨报到): their rows, beside what the case's own columns say."""

from __future__ import annotations

from datetime import timedelta

from streetwise.kernel.ids import new_id
from streetwise.resolve import choices, parties_repository
from streetwise.resolve.clocks.rules import CO_HANDLE
from streetwise.resolve.deadlines import Limit
from streetwise.resolve.steps import CALLED, DONE, HERE, RELEASED
from streetwise.resolve.tables import CaseParty
from streetwise.resolve.taking import Taking


async def whistled(taking: Taking) -> None:
    """Each called unit has its own limit, and sees the case from now on."""
    inputs, case, now = taking.inputs, taking.case, taking.uow.now
    assert inputs.ground is not None
    due = inputs.until or now + choices.time_to_report(inputs.ground)
    limit = Limit((due - now) / timedelta(hours=1), "urgent_hour")
    for unit in taking.named:
        taking.uow.session.add(
            CaseParty(
                id=new_id(),
                area=case.area,
                case_id=case.id,
                unit_id=unit.id,
                ground=inputs.ground,
                called_at=now,
                called_by=taking.viewer.actor,
                note_id=taking.note_id,
                due_at=due,
            )
        )
        taking.clocks.start(case, CO_HANDLE, now, limit, unit_id=unit.id)
    taking.data["due"] = due.isoformat()


async def moved(taking: Taking) -> None:
    """Bring the rows of the units that this line moves to where the case's columns say they are."""
    case, now, actor = taking.case, taking.uow.now, taking.viewer.actor
    for row in await parties_repository.waiting(taking.uow.session, taking.viewer, case.id):
        stage = (case.parties or {}).get(str(row.unit_id), CALLED)
        if stage == HERE and row.arrived_at is None:
            row.arrived_at, row.arrived_by = now, actor
        if stage == DONE and row.reported_at is None:
            row.reported_at, row.reported_by = now, actor
            taking.clocks.stop(case, CO_HANDLE, now, row.unit_id)
            row.report_note_id = taking.note_id
        if stage == RELEASED:
            taking.clocks.stop(case, CO_HANDLE, now, row.unit_id)
            row.released_at, row.released_by = now, actor
