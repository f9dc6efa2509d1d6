"""Changes of incidents: opened, graded anew, told, written, over. Each is an entry of the case,
none with words in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid, NotFound, StaleVersion
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve import telling
from streetwise.resolve.incidents import plan, repository
from streetwise.resolve.incidents.plan import FINAL, FIRST, FOLLOW_UP, Tell
from streetwise.resolve.incidents.tables import Incident, IncidentReport, IncidentTell
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.notes import write_note
from streetwise.resolve.tables import Case

declare(
    {
        "incident.opened": "A case is reported upward as an incident (突发事件信息报送); data:"
        " incident, level.",
        "incident.regraded": "An incident got another grade; data: incident, level.",
        "incident.written": "A report of an incident was written; data: incident, report, kind,"
        " note.",
        "incident.told": "Somebody was told of a report; data: incident, kind, recipient, way.",
        "incident.over": "An incident is over: the final report is owed; data: incident.",
        "incident.done": "All reports of an incident are written and told; data: incident.",
    }
)

OPEN, OVER, DONE = "open", "over", "done"
#: What the street came to know so long ago is no incident to be reported now.
KNOWN_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Opening:
    """What makes a case an incident. ``known_at`` None: now."""

    level: int
    happened_at: datetime
    known_at: datetime | None = None


async def open_incident(
    uow: UnitOfWork, viewer: Viewer, case_id: UUID, opening: Opening
) -> Incident:
    """Report an open case upward: the first report is owed from when the street knew, and the
    leader on duty is told at once."""
    viewer.require("incident.write")
    found = await cases.lock_cases(uow.session, viewer, [case_id])
    case = found.get(case_id)
    if case is None:
        raise cases.no_such_case(case_id)
    if case.state == CLOSED:
        raise Conflict(f"{case.number} is closed.", code="case_closed", number=case.number)
    if await repository.of_case(uow.session, viewer, case_id) is not None:
        raise Conflict(f"{case.number} is reported already.", code="incident_opened")
    known_at = opening.known_at or uow.now
    if not opening.happened_at <= known_at <= uow.now:
        raise Invalid("It happened, then it was known, then it is now.", code="incident_times")
    if known_at < uow.now - KNOWN_WITHIN:
        raise Invalid("It was known more than seven days ago.", code="incident_times")
    row = Incident(
        id=new_id(),
        version=1,
        area=case.area,
        case_id=case.id,
        level=opening.level,
        state=OPEN,
        happened_at=opening.happened_at,
        known_at=known_at,
        opened_at=uow.now,
        opened_by=viewer.staff_id,
        over_at=None,
    )
    uow.session.add(row)
    await uow.session.flush()
    await _owe(uow, row, 1, FIRST, known_at)
    _record(uow, viewer, case, row, "incident.opened", level=row.level)
    await _tell_leader(uow, viewer, case, row)
    return row


async def regrade(
    uow: UnitOfWork, viewer: Viewer, incident_id: UUID, version: int, level: int
) -> Incident:
    """Give it another grade: what of the first report nobody did is owed by the new times."""
    row, case = await _locked(uow, viewer, incident_id, version)
    if row.state != OPEN:
        raise Conflict("It is over.", code="incident_over")
    if row.level == level:
        return row
    row.level = level
    row.version += 1
    reports = await repository.reports(uow.session, viewer, [row.id])
    tells = await repository.tells(uow.session, viewer, [row.id])
    first = reports[0]
    mine = [one for one in tells if one.report_id == first.id]
    untold = [one for one in mine if one.told_at is None]
    done = [(one.recipient, one.way) for one in mine if one.told_at is not None]
    await repository.drop_tells(uow.session, viewer, untold)
    _add_tells(uow, first, plan.regraded(level, row.known_at, done))
    # A follow-up that is not written yet goes by the new grade too.
    for report in reports[1:]:
        if report.written_at is None:
            owed = [one for one in tells if one.report_id == report.id]
            await repository.drop_tells(uow.session, viewer, owed)
            _add_tells(uow, report, plan.tells(report.kind, level, report.since))
    _record(uow, viewer, case, row, "incident.regraded", level=level)
    await uow.session.flush()
    await _end(uow, viewer, case, row)
    return row


async def tell(
    uow: UnitOfWork, viewer: Viewer, incident_id: UUID, version: int, tell_id: UUID
) -> Incident:
    """Write down that somebody was told. In writing: the report must be written first."""
    row, case = await _locked(uow, viewer, incident_id, version)
    found = await repository.tells_by_ids(uow.session, viewer, [tell_id])
    if not found or found[0].incident.id != row.id:
        raise NotFound("This incident has no such telling.", id=str(tell_id))
    one, report = found[0].tell, found[0].report
    if one.told_at is not None:
        raise Conflict("They were told already.", code="incident_told")
    if one.way == plan.WRITTEN and report.written_at is None:
        raise Conflict("The report is not written yet.", code="incident_unwritten")
    one.told_at, one.told_by = uow.now, viewer.staff_id
    row.version += 1
    _record(
        uow, viewer, case, row, "incident.told",
        report=report.kind, recipient=one.recipient, way=one.way,
    )  # fmt: skip
    await uow.session.flush()
    await _end(uow, viewer, case, row)
    return row


async def write(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, incident_id: UUID, version: int, text: str
) -> Incident:
    """Write the report that is owed next. After one that is not the last, while it goes on, a
    follow-up is owed."""
    row, case = await _locked(uow, viewer, incident_id, version)
    if not text.strip():
        raise Invalid("A report needs words.", code="input_needed", input="text")
    reports = await repository.reports(uow.session, viewer, [row.id])
    report = next((one for one in reports if one.written_at is None), None)
    if report is None:
        raise Conflict("No report is owed.", code="incident_none_owed")
    note = await write_note(uow, viewer, keys, case.id, f"incident_{report.kind}", text)
    await uow.session.flush()
    report.body_id, report.written_at, report.written_by = note.id, uow.now, viewer.staff_id
    row.version += 1
    _record(
        uow, viewer, case, row, "incident.written",
        report=report.kind, n=report.n, note=str(note.id),
    )  # fmt: skip
    if row.state == OPEN:
        await _owe(uow, row, reports[-1].n + 1, FOLLOW_UP, uow.now)
    elif report.kind != FINAL and reports[-1].kind != FINAL:
        await _owe(uow, row, reports[-1].n + 1, FINAL, row.over_at or uow.now)
    await uow.session.flush()
    await _end(uow, viewer, case, row)
    return row


async def over(uow: UnitOfWork, viewer: Viewer, incident_id: UUID, version: int) -> Incident:
    """It is over: no follow-up is owed any more, the final report is."""
    row, case = await _locked(uow, viewer, incident_id, version)
    if row.state != OPEN:
        raise Conflict("It is over already.", code="incident_over")
    row.state, row.over_at = OVER, uow.now
    row.version += 1
    reports = await repository.reports(uow.session, viewer, [row.id])
    last = reports[-1]
    if last.kind == FOLLOW_UP and last.written_at is None:
        tells = await repository.tells(uow.session, viewer, [row.id])
        owed = [one for one in tells if one.report_id == last.id]
        await repository.drop_tells(uow.session, viewer, owed)
        last.kind, last.since = FINAL, uow.now
        _add_tells(uow, last, plan.tells(FINAL, row.level, uow.now))
    elif last.written_at is not None:
        await _owe(uow, row, last.n + 1, FINAL, uow.now)
    # Where the first is not written yet, the final one is owed after it.
    _record(uow, viewer, case, row, "incident.over")
    await uow.session.flush()
    return row


async def _end(uow: UnitOfWork, viewer: Viewer, case: Case, row: Incident) -> None:
    """All is told once the final report and everybody's telling are done."""
    if row.state != OVER:
        return
    reports = await repository.reports(uow.session, viewer, [row.id])
    tells = await repository.tells(uow.session, viewer, [row.id])
    final = any(one.kind == FINAL and one.written_at is not None for one in reports)
    if final and all(one.told_at is not None for one in tells):
        row.state = DONE
        _record(uow, viewer, case, row, "incident.done")


async def _owe(uow: UnitOfWork, row: Incident, n: int, kind: str, since: datetime) -> None:
    report = IncidentReport(id=new_id(), incident_id=row.id, n=n, kind=kind, since=since)
    uow.session.add(report)
    await uow.session.flush()
    _add_tells(uow, report, plan.tells(kind, row.level, since))


def _add_tells(uow: UnitOfWork, report: IncidentReport, owed: list[Tell]) -> None:
    for one in owed:
        row = IncidentTell(
            id=new_id(), report_id=report.id, recipient=one.to, way=one.way, due_at=one.due_at
        )
        uow.session.add(row)


async def _locked(
    uow: UnitOfWork, viewer: Viewer, incident_id: UUID, version: int
) -> tuple[Incident, Case]:
    viewer.require("incident.write")
    row, case = await repository.incident(uow.session, viewer, incident_id, lock=True)
    if row.version != version:
        raise StaleVersion(
            "The incident was changed by somebody else; look at it again.",
            current={"version": row.version, "state": row.state},
        )
    return row, case


async def _tell_leader(uow: UnitOfWork, viewer: Viewer, case: Case, row: Incident) -> None:
    said = telling.News(case, "incident.opened", f"incident.opened:{row.id}", urgent=True)
    await telling.tell(uow, viewer, [said])


def _record(
    uow: UnitOfWork, viewer: Viewer, case: Case, row: Incident, action: str, **more: Any
) -> None:
    uow.record(
        Entry(
            viewer.actor,
            action,
            "case",
            case.id,
            area=case.area,
            units=sorted(unit for unit in (case.unit_id, case.community_id) if unit),
            grade=case.grade,
            data={"incident": str(row.id), **more},
            drill=viewer.drill,
        )
    )
