"""The sweep: what is due soon, due, or overdue is written down and told, once.

A batch is one transaction: the clocks that it claims are locked with their cases, step on, and
the entries and the messages are written, or none of it. So a worker that is killed in the middle
has told nobody, and the next one tells everybody once. Workers pass by what another one holds.
A clock that several steps ran past while nobody swept takes the last of them only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from streetwise.kernel.breath import breathing
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import actions, loop
from streetwise.resolve.clocks import repository, rules
from streetwise.resolve.clocks.actions import Clocks, calendars
from streetwise.resolve.clocks.rows import RUNNING, ClockRow
from streetwise.resolve.clocks.rules import EscalationStep
from streetwise.resolve.deadlines import WorkCalendar
from streetwise.resolve.inputs import Inputs
from streetwise.resolve.tables import Case, units_of
from streetwise.resolve.telling import News, tell, tell_of

declare(
    {
        "case.due_soon": "A clock of the case is nearly used up; data: clock, step, due.",
        "case.overdue": "A clock of the case has run out; data: clock, step, due.",
        "case.escalated": "It is still not done, and others were told; data: clock, step, due.",
    }
)

SYSTEM = Viewer.system("deadlines")
_STAGE_OF = {
    rules.ACCEPT: (loop.RECEIVED,),
    rules.DISPATCH: (loop.ACCEPTED,),
    rules.VERIFY: (loop.REPORTED,),
}


@dataclass(frozen=True, slots=True)
class _Due:
    """A clock whose step has come."""

    row: ClockRow
    case: Case
    number: int
    step: EscalationStep


async def sweep(uow: UnitOfWork, viewer: Viewer, keys: Keys, limit: int) -> int:
    """Take up to ``limit`` clocks that have something to tell; how many there were."""
    viewer.require("*")
    claimed = await repository.claim(uow.session, viewer, uow.now, limit)
    if not claimed:
        return 0
    known = await calendars(uow.session, {row.area for row, _ in claimed})
    changed: list[ClockRow] = []
    due: list[_Due] = []
    ended: list[Case] = []
    async for row, case in breathing(claimed):
        changed.append(row)
        if not _counts(row, case):
            row.void()
        elif row.kind == rules.SUSPENSION:
            row.void()
            ended.append(case)
        else:
            due += _step(uow, row, case, known[row.area])
    await repository.put(uow.session, changed)
    for one in due:
        uow.record(_entry(viewer, one, units_of(one.case)))
    await tell(
        uow,
        viewer,
        [
            News(one.case, one.step.entry, f"clock:{one.row.id}:{one.number}:{_due_of(one.row)}",
                 one.step.tell, urgent=one.step.urgent,
                 unit=one.row.unit_id if "unit" in one.step.tell else None)
            for one in due
        ],
    )  # fmt: skip
    await _go_on(uow, viewer, keys, ended)
    return len(claimed)


def _counts(row: ClockRow, case: Case) -> bool:
    """Whether what the clock measures still goes on: the case may have been closed by a merge."""
    if case.state == loop.CLOSED:
        return row.kind in rules.AFTER_THE_END
    if row.kind == rules.SUSPENSION:
        return case.state == loop.SUSPENDED
    return row.kind not in _STAGE_OF or case.state in _STAGE_OF[row.kind]


def _step(uow: UnitOfWork, row: ClockRow, case: Case, calendar: WorkCalendar) -> list[_Due]:
    """The last step that has come, if any; the clock goes on to the one after it."""
    known = rules.escalation(row.kind, row.scheme)
    at, last = row.step, None
    while (moment := row.moment(at, calendar)) is not None and moment <= uow.now:
        last, at = at, at + 1
    row.step, row.next_at = at, moment
    return [] if last is None or row.state != RUNNING else [_Due(row, case, last, known[last])]


def _due_of(row: ClockRow) -> str:
    return row.due_at.isoformat() if row.due_at else ""


def _entry(viewer: Viewer, one: _Due, units: Sequence[UUID]) -> Entry:
    return Entry(
        viewer.actor,
        one.step.entry,
        "case",
        one.case.id,
        area=one.case.area,
        units=units,
        grade=one.case.grade,
        data={"clock": one.row.kind, "step": one.number, "due": _due_of(one.row)},
    )


async def _go_on(uow: UnitOfWork, viewer: Viewer, keys: Keys, ended: Sequence[Case]) -> None:
    """The day until which cases were suspended has come."""
    if not ended:
        return
    line = loop.find("resume", loop.SUSPENDED, None)
    assert line is not None
    held = await Clocks.of(uow.session, viewer, ended)
    for case in ended:
        await actions.apply(uow, viewer, keys, case, line, Inputs(), held)
    await held.write(uow)
    await tell_of(uow, viewer, line.entry, ended)
