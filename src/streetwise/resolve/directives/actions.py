"""Changes of directives: given, reported done, checked off or sent back, withdrawn. Each is an
entry of the case, none with words in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from streetwise.directory import repository as directory
from streetwise.directory.sessions import viewer_of
from streetwise.directory.tables import Staff, Unit
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Conflict, Forbidden, Invalid, StaleVersion
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve import whom
from streetwise.resolve.directives import repository, rules
from streetwise.resolve.directives.rules import Line
from streetwise.resolve.directives.tables import Directive
from streetwise.resolve.duty import people_repository as people
from streetwise.resolve.duty.rules import same_person
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.notes import write_note
from streetwise.resolve.tables import Case
from streetwise.resolve.telling import News, tell

declare(
    {
        "directive.given": "A leader's note (批示, 催办, 督办, 包案) was given on a case; data:"
        " directive, kind, unit, due, note.",
        "directive.reported": "A directive was reported done; data: directive, kind, note.",
        "directive.done": "A directive was checked off; data: directive, kind, note if any.",
        "directive.sent_back": "A directive's report was not enough; data: directive, kind, note.",
        "directive.withdrawn": "A directive was taken back; data: directive, kind, note.",
    }
)


@dataclass(frozen=True, slots=True)
class Giving:
    """What is given. ``unit``: a code, None: who holds the case. ``login``: one person, where the
    kind asks for one. ``due_at`` None: by the kind's own time."""

    kind: str
    text: str
    unit: str | None = None
    login: str | None = None
    due_at: datetime | None = None


async def give(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, case_id: UUID, giving: Giving
) -> Directive:
    """Give a directive on an open case to those who can see the case, and tell them."""
    viewer.require("case.direct")
    kind = rules.kinds().get(giving.kind)
    if kind is None:
        raise Invalid(f"There is no kind '{giving.kind}'.", code="directive_kind")
    viewer.require(kind.needs)
    assert viewer.staff_id is not None and viewer.unit_id is not None
    found = await cases.lock_cases(uow.session, viewer, [case_id])
    case = found.get(case_id)
    if case is None:
        raise cases.no_such_case(case_id)
    if case.state == CLOSED:
        raise Conflict(f"{case.number} is closed.", code="case_closed", number=case.number)
    due_at = giving.due_at or uow.now + kind.due
    if due_at <= uow.now:
        raise Invalid("A directive is due at a time to come.", code="directive_due_past")
    person = await _person(uow, case, giving.login) if kind.person else None
    unit = await _unit(uow, viewer, case, giving.unit, person)
    told = (
        [person.id]
        if person
        else await whom.who_may(uow.session, case, unit.id, "directive.report")
    )
    if not told:
        raise Invalid(
            f"Nobody of {unit.name} can see this case and report on it.",
            code="directive_unit_blind",
            unit=unit.name,
        )
    note = await write_note(uow, viewer, keys, case.id, "directive", _words(giving.text))
    row = Directive(
        id=new_id(),
        version=1,
        area=case.area,
        case_id=case.id,
        kind=kind.code,
        state=rules.OPEN,
        unit_id=unit.id,
        staff_id=person.id if person else None,
        text_id=note.id,
        due_at=due_at,
        given_at=uow.now,
        given_by=viewer.staff_id,
        given_for=viewer.stand_in_for,
        office_id=viewer.unit_id,
        sent_back=0,
    )
    # Notes first: rows refer to them, and nothing tells the session of it.
    await uow.session.flush()
    uow.session.add(row)
    _record(
        uow, viewer, case, row, "directive.given",
        unit=unit.code, unit_name=unit.name, due=due_at.isoformat(), note=str(note.id),
    )  # fmt: skip
    await _tell(uow, viewer, case, row, "directive.given", told, urgent=kind.urgent)
    return row


async def _person(uow: UnitOfWork, case: Case, login: str | None) -> Staff:
    """Who is to answer for the case by name: they must see it, and may report."""
    async with looking_as(uow.session, whom.SYSTEM):
        staff = await people.member(uow.session, whom.SYSTEM, login) if login else None
    if staff is None:
        raise Invalid("Say who answers for it.", code="directive_person")
    theirs = await viewer_of(uow.session, staff)
    if not (cases.sees(theirs, case) and theirs.may("directive.report")):
        raise Invalid(
            f"{staff.name} cannot see this case, or report on it.",
            code="directive_unit_blind",
            unit=staff.name,
        )
    return staff


async def _unit(
    uow: UnitOfWork, viewer: Viewer, case: Case, code: str | None, person: Staff | None
) -> Unit:
    units = await directory.units(uow.session, viewer)
    if person is not None:
        return next(unit for unit in units if unit.id == person.unit_id)
    if code is None and case.unit_id is None:
        raise Invalid("Nobody holds the case; say which unit.", code="directive_no_unit")
    for unit in units:
        if unit.code == code or (code is None and unit.id == case.unit_id):
            return unit
    raise Invalid(f"There is no unit '{code}'.", code="unit_unknown", unit=code)


@dataclass(frozen=True, slots=True)
class Doing:
    """An action on one directive, on the version that it was decided on."""

    id: UUID
    version: int
    action: str
    text: str = ""


async def act(uow: UnitOfWork, viewer: Viewer, keys: Keys, doing: Doing) -> Directive:
    """Take one action of the loop."""
    require(viewer, doing.action)
    row = await repository.locked(uow.session, viewer, doing.id)
    if row.version != doing.version:
        raise StaleVersion(
            "This note was changed by somebody else; look at it again.",
            current={"version": row.version, "state": row.state},
        )
    line = rules.find(doing.action, row.state)
    if line is None:
        raise Conflict(
            f"The note is '{row.state}': '{doing.action}' is not possible now.",
            code="illegal_transition",
            state=row.state,
            action=doing.action,
        )
    refusal = guarded(viewer, row, line)
    if refusal is not None:
        raise refusal
    case = await cases.case(uow.session, viewer, row.case_id)
    more: dict[str, Any] = {}
    note_id = None
    if line.needs_text or doing.text.strip():
        note = await write_note(
            uow, viewer, keys, case.id, f"directive_{doing.action}", _words(doing.text)
        )
        await uow.session.flush()
        note_id, more["note"] = note.id, str(note.id)
    _apply(row, viewer, line, note_id, uow.now)
    _record(uow, viewer, case, row, line.entry, **more)
    await _tell_of(uow, viewer, case, row, line)
    return row


def require(viewer: Viewer, action: str) -> None:
    """Raise unless there is such an action and the viewer's role includes it."""
    line = next((line for line in rules.LINES if line.action == action), None)
    if line is None:
        raise Invalid(f"There is no action '{action}'.", code="action_unknown")
    viewer.require(line.capability)


def _apply(row: Directive, viewer: Viewer, line: Line, note_id: UUID | None, now: datetime) -> None:
    if line.action == "report":
        row.reported_at, row.report_id = now, note_id
        row.reported_by, row.reported_for = viewer.staff_id, viewer.stand_in_for
    else:
        row.checked_at, row.checked_by, row.check_id = now, viewer.staff_id, note_id
    if line.action == "return":
        row.sent_back += 1
    row.state = line.target
    row.version += 1


def guarded(viewer: Viewer, row: Directive, line: Line) -> Forbidden | None:
    """The refusal of the line's guard, or None when the viewer may pass."""
    if line.guard == "doer":
        if row.staff_id is not None:
            mine = row.staff_id in viewer.people
        else:
            mine = row.unit_id == viewer.unit_id or row.unit_id in viewer.units
        return None if mine else Forbidden("It is laid on somebody else.", code="directive_other")
    theirs = same_person(viewer.people, {row.given_by, row.given_for})
    if not theirs and row.office_id != viewer.unit_id:
        return Forbidden("Who gave it, or their office, decides.", code="directive_other_office")
    did = {row.reported_by, row.reported_for}
    if line.guard == "checker" and same_person(viewer.people, did):
        return Forbidden(
            "You, or whom you stand in for, reported it done; somebody else must check it off.",
            code="maker_is_checker",
        )
    return None


def may(viewer: Viewer, row: Directive) -> list[str]:
    """The actions that this viewer may take now."""
    return [
        line.action
        for line in rules.LINES
        if line.source == row.state
        and viewer.may(line.capability)
        and guarded(viewer, row, line) is None
    ]


def _words(text: str) -> str:
    if not text.strip():
        raise Invalid("A sentence is needed.", code="input_needed", input="text")
    return text


def _record(
    uow: UnitOfWork, viewer: Viewer, case: Case, row: Directive, action: str, **more: Any
) -> None:
    concerned = {case.unit_id, case.community_id, row.unit_id, row.office_id}
    uow.record(
        Entry(
            viewer.actor,
            action,
            "case",
            case.id,
            area=case.area,
            units=sorted(unit for unit in concerned if unit),
            grade=case.grade,
            data={"directive": str(row.id), "kind": row.kind, **more},
            drill=viewer.drill,
        )
    )


async def _tell_of(uow: UnitOfWork, viewer: Viewer, case: Case, row: Directive, line: Line) -> None:
    """A report goes to who gave it, a report sent back to who did it."""
    if line.action == "report":
        givers = [one for one in (row.given_by, row.given_for) if one]
        await _tell(uow, viewer, case, row, "directive.reported", givers)
    elif line.action == "return":
        doers = [one for one in (row.reported_by, row.reported_for) if one]
        await _tell(uow, viewer, case, row, "directive.sent_back", doers)


async def _tell(
    uow: UnitOfWork,
    viewer: Viewer,
    case: Case,
    row: Directive,
    kind: str,
    recipients: list[UUID],
    *,
    urgent: bool = False,
) -> None:
    said = News(
        case, kind, f"{kind}:{row.id}:{row.version}",
        urgent=urgent, people=tuple(recipients), unit=row.unit_id,
    )  # fmt: skip
    await tell(uow, viewer, [said])
