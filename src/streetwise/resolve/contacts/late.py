"""A first contact that is late, and a promise whose day is over, are told and raised: once each.

A batch is one transaction: rows are locked with their cases, step on, and entries and messages are
written, or none of it. So a worker that is killed in the middle has told nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.jobs import job
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.contacts import repository
from streetwise.resolve.contacts.rules import Step, reached_step, shipped_rules
from streetwise.resolve.tables import Case, units_of
from streetwise.resolve.telling import News, tell

declare(
    {
        "contact.late": "Nobody has spoken to the reporter of a work order in time (首次联系超时);"
        " data: number, due.",
        "contact.escalated": "Still nobody has, and others were told; data: number, due.",
        "contact.promise_late": "The day of a promise to a reporter is over, and nobody has said"
        " that it was kept; data: contact, due.",
        "contact.promise_escalated": "Still nobody has, and others were told; data: contact, due.",
    }
)

CONTACTS_JOB = "resolve.contacts"
VIEWER = Viewer.system("contacts")
#: So many in a transaction.
AT_ONCE = 500


@job(CONTACTS_JOB, every=lambda settings: settings.deadline_sweep_seconds)
async def look(runtime: Runtime) -> None:
    """Tell of what is late until nothing is left to be told."""
    while True:
        async with runtime.database.unit_of_work(VIEWER) as uow:
            took = await sweep(uow, VIEWER, AT_ONCE)
        if took < AT_ONCE:
            return


@dataclass(frozen=True, slots=True)
class _Late:
    case: Case
    step: Step
    row: UUID
    due_at: datetime
    data: dict[str, str]


async def sweep(uow: UnitOfWork, viewer: Viewer, limit: int) -> int:
    """Take up to ``limit`` contacts and as many promises that are late; the larger number."""
    viewer.require("*")
    orders = await repository.late_contacts(uow.session, viewer, uow.now, shipped_rules(), limit)
    promises = await repository.late_promises(uow.session, viewer, uow.now, shipped_rules(), limit)
    late: list[_Late] = []
    for order, case in orders:
        assert order.contact_due_at is not None
        steps = shipped_rules().late_contact
        order.contact_step, step = reached_step(
            steps, order.contact_step, order.contact_due_at, uow.now
        )
        if step is not None:
            late.append(_Late(case, step, order.id, order.contact_due_at, {"number": order.number}))
    for contact, case in promises:
        assert contact.promise_due_at is not None
        steps = shipped_rules().late_promise
        contact.promise_step, step = reached_step(
            steps, contact.promise_step, contact.promise_due_at, uow.now
        )
        if step is not None:
            said = {"contact": str(contact.id), "signal": str(contact.signal_id)}
            late.append(_Late(case, step, contact.id, contact.promise_due_at, said))
    await _say(uow, viewer, late)
    return max(len(orders), len(promises))


async def _say(uow: UnitOfWork, viewer: Viewer, late: Sequence[_Late]) -> None:
    for one in late:
        uow.record(
            Entry(
                viewer.actor,
                one.step.entry,
                "case",
                one.case.id,
                area=one.case.area,
                units=units_of(one.case),
                grade=one.case.grade,
                data={**one.data, "due": one.due_at.isoformat()},
            )
        )
    news = [
        News(one.case, one.step.entry, f"{one.step.entry}:{one.row}:{one.due_at.isoformat()}",
             one.step.tell, urgent=one.step.urgent)
        for one in late
    ]  # fmt: skip
    await tell(uow, viewer, news)
