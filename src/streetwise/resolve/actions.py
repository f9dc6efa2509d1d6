"""Changes of cases: every action of the loop, on a list of cases, each with its entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from uuid import UUID

from streetwise.directory import repository as directory
from streetwise.directory.tables import Unit
from streetwise.kernel import hooks
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork, looking_as, looks_as
from streetwise.kernel.errors import (
    Conflict,
    Invalid,
    NotFound,
    StaleVersion,
    StreetwiseError,
)
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import loop, repository, steps
from streetwise.resolve.clocks.actions import Clocks
from streetwise.resolve.effects import effects_of
from streetwise.resolve.fitting import require_fitting
from streetwise.resolve.guards import guarded
from streetwise.resolve.inputs import Inputs, Item
from streetwise.resolve.loop import Transition
from streetwise.resolve.merging import repository as merging
from streetwise.resolve.merging.voiding import void_offers
from streetwise.resolve.notes import write_note
from streetwise.resolve.tables import Case, units_of
from streetwise.resolve.taking import Taking
from streetwise.resolve.telling import tell_of
from streetwise.resolve.verify.actions import require_check

declare(
    {
        "case.accepted": "A case was accepted (受理); data: from, to, version.",
        "case.dispatched": "A case was dispatched (派遣); data: also unit.",
        "case.started": "The unit began to handle the case (签收).",
        "case.reported": "The unit reported the case done (反馈); data: also note, photos,"
        " check_draw (whether it is drawn for a check, and why).",
        "case.verified": "A check found the case done (核查通过); data: also way, met"
        " (conditions for closing), away_metres (of the photo farthest from the place); where a"
        " device looked device, clear, since.",
        "case.sent_back": "A check found the case not done (核查不通过): handling again; data: also"
        " way, away_metres.",
        "case.closed": "A case was closed (结案).",
        "case.returned": "The unit returned the case to the dispatcher (退回); data: also ground,"
        " note, returned (how often by now), holder.",
        "case.reassigned": "The case was given to another unit (改派); data: also unit, holder.",
        "case.whistled": "Units were called to help (吹哨); data: also units, ground, due, parties"
        " (how far each called unit is).",
        "case.arrived": "A called unit is there (报到); data: also parties.",
        "case.co_reported": "A called unit reported what it did; data: also note, parties.",
        "case.released": "The lead unit let called units go; data: also units, parties.",
        "case.closed_otherwise": 'A case ended without "fixed"; data: also outcome, body, note.',
        "case.reopened": "A closed case was opened again (重开); data: also ground, reopened (how"
        " often by now), signal.",
        "case.appealed": "The unit appealed (申诉): the facts stay; data: also ground, note.",
        "case.appeal_upheld": "A reviewer agreed with the appeal; data: also appeal (seconded, or"
        " granted by the second).",
        "case.appeal_refused": "A reviewer refused the appeal; data: also note, appeal.",
        "case.extension_asked": "The unit asked for more time (申请延期); data: request, note.",
        "case.extended": "More time was granted (延期): the original limit once more; data: due.",
        "case.extension_refused": "More time was refused.",
        "case.suspension_asked": "The unit asked for a suspension (申请挂账); data: until, note.",
        "case.suspended": "The case is suspended (挂账), its clock stands still; data: until.",
        "case.suspension_refused": "A suspension was refused.",
        "case.resumed": "A suspended case goes on (恢复), its clock with what was left.",
    }
)

SYSTEM = Viewer.system("loop")
#: Entry for the hook that may object to closing (a camera that still sees it, for example).
CLOSING_HOOK = "case.closing"
#: So many merges are followed to the case that an old one went to.
MERGES_FOLLOWED = 10


@dataclass(frozen=True, slots=True)
class Doing:
    """One officer's action on one case."""

    viewer: Viewer
    action: str
    item: Item
    inputs: Inputs


@dataclass
class Result:
    """Cases done, and those refused with the reason. A refusal changes nothing of its case."""

    done: list[Case] = field(default_factory=list)
    refused: list[tuple[UUID, str | None, StreetwiseError]] = field(default_factory=list)
    #: What the journal calls it.
    entry: str = ""


async def act(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    action: str,
    items: Sequence[Item],
    inputs: Inputs,
    *,
    tell: bool = True,
) -> Result:
    """Take one action on cases. Raises when the action as such is impossible for this viewer.

    ``tell`` False: nobody is notified, for what is written down long after it happened.
    """
    each = [(item, inputs) for item in items]
    return await act_each(uow, viewer, keys, action, each, tell=tell)


async def act_each(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    action: str,
    each: Sequence[tuple[Item, Inputs]],
    *,
    tell: bool = True,
) -> Result:
    """The same with inputs of its own for every case, such as its unit. Cases are locked, clocks
    read, written and told once for all; each has its guards and its entry.
    """
    given = {id(inputs): inputs for _, inputs in each}.values()
    for inputs in given:
        _check_inputs(viewer, action, inputs, len(each))
    codes = {code for inputs in given for code in (inputs.unit, *inputs.units) if code}
    units = await _units(uow, viewer, codes)
    cases = await repository.lock_cases(uow.session, viewer, [item.id for item, _ in each])
    clocks = await Clocks.of(uow.session, viewer, cases.values())
    result = Result()
    closed: list[UUID] = []
    for item, inputs in each:
        case = cases.get(item.id)
        unit = units[inputs.unit] if inputs.unit else None
        named = [units[code] for code in inputs.units]
        try:
            if case is None:
                raise NotFound("There is no such case, or it is not yours to see.", id=str(item.id))
            line = await _allowed(uow, viewer, case, item.version, action, inputs, unit, named)
            await apply(uow, viewer, keys, case, line, inputs, clocks, unit, named)
        except StreetwiseError as refusal:
            result.refused.append((item.id, case.number if case else None, refusal))
        else:
            assert case is not None
            result.done.append(case)
            result.entry = line.entry
            if loop.closes(line):
                closed.append(case.id)
    await clocks.write(uow)
    await _closed(uow, closed)
    if tell and result.done:
        await tell_of(uow, viewer, result.entry, result.done)
    return result


async def act_together(uow: UnitOfWork, keys: Keys, doings: Sequence[Doing]) -> list[Case]:
    """Actions of several officers in their order, each checked and recorded as by itself; all or
    none. The cases, in the same order. Nobody is notified: it is what was done long ago.

    For writing down a past: the cases are locked once for all. A refusal is raised.
    """
    everything = Viewer.system("act-together")
    cases = await repository.lock_cases(
        uow.session, everything, {doing.item.id for doing in doings}
    )
    clocks = await Clocks.of(uow.session, everything, cases.values())
    units: dict[str, Unit] = {}
    if any(doing.inputs.unit or doing.inputs.units for doing in doings):
        units = {unit.code: unit for unit in await directory.units(uow.session, everything)}
    done, closed = [], []
    for doing in doings:
        viewer, case, inputs = doing.viewer, cases.get(doing.item.id), doing.inputs
        _check_inputs(viewer, doing.action, inputs, 1)
        if case is None or not repository.sees(viewer, case):
            raise repository.no_such_case(doing.item.id)
        for code in (inputs.unit, *inputs.units):
            if code is not None and code not in units:
                raise _no_unit(code)
        unit = units[inputs.unit] if inputs.unit else None
        named = [units[code] for code in inputs.units]
        line = await _allowed(
            uow, viewer, case, doing.item.version, doing.action, inputs, unit, named
        )
        await apply(uow, viewer, keys, case, line, inputs, clocks, unit, named)
        done.append(case)
        if loop.closes(line):
            closed.append(case.id)
    await clocks.write(uow)
    await _closed(uow, closed)
    return done


async def reopen(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    case_id: UUID,
    ground: str,
    *,
    signal_id: UUID | None = None,
) -> Case:
    """Open a case again because something says that it is not solved; that case.

    ``ground``: resident, camera, sensor, upstream, check (data/ways_back.yaml); ``signal_id``: what
    says so. A merged case is asked for where it went; one that is open stays as it is, so it can
    be called for every sighting. Raises Forbidden, NotFound, Invalid.
    """
    viewer.require("case.reopen")
    case = await locked(uow, viewer, case_id)
    for _ in range(MERGES_FOLLOWED):
        if case.merged_into is None:
            break
        case = await locked(uow, viewer, case.merged_into)
    if case.state != loop.CLOSED:
        return case
    more = {"signal": str(signal_id)} if signal_id else {}
    await take(uow, viewer, keys, case, "reopen", Inputs(ground=ground), more)
    return case


async def take(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    case: Case,
    action: str,
    inputs: Inputs,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Take an action on one case that is locked, as it stands. ``more``: of the entry's data.

    Raises what refuses it.
    """
    viewer.require(f"case.{action}")
    line = await _allowed(uow, viewer, case, case.version, action, inputs, None, ())
    clocks = await Clocks.of(uow.session, viewer, [case])
    await apply(uow, viewer, keys, case, line, inputs, clocks, more=more)
    await clocks.write(uow)
    if loop.closes(line):
        await _closed(uow, [case.id])
    await tell_of(uow, viewer, line.entry, [case])


async def locked(uow: UnitOfWork, viewer: Viewer, case_id: UUID) -> Case:
    """One case, locked for change. Raises NotFound."""
    found: dict[UUID, Case] = await repository.lock_cases(uow.session, viewer, [case_id])
    if case_id not in found:
        raise repository.no_such_case(case_id)
    return found[case_id]


async def _closed(uow: UnitOfWork, closed: Sequence[UUID]) -> None:
    """Cases were just closed. Told again within its guard time, one is asked about: has it come
    back? Into a closed case nothing is merged: what was offered of it is void.
    """
    await merging.end_prints(uow.session, closed, uow.now + merging.GUARD)
    await void_offers(uow.session, closed, uow.now)


def _check_inputs(viewer: Viewer, action: str, inputs: Inputs, cases: int) -> None:
    """What can be said before any case is looked at."""
    if action not in loop.ACTIONS:
        raise Invalid(f"There is no action '{action}'.", code="action_unknown", action=action)
    line = next(line for line in loop.TRANSITIONS if line.action == action)
    viewer.require(line.capability)
    if loop.needs_result(action) != (inputs.result is not None):
        raise Invalid(
            "A check says how it came out: pass or fail; other actions do not.",
            code="result_needed",
        )
    if inputs.photos and cases > 1:
        raise Invalid("Photos belong to one case; act on one at a time.", code="photos_one_case")


async def _units(uow: UnitOfWork, viewer: Viewer, codes: set[str]) -> dict[str, Unit]:
    """The units with these codes; Invalid where there is none."""
    found: dict[str, Unit | None]
    if len(codes) > 1:
        found = {unit.code: unit for unit in await directory.units(uow.session, viewer)}
    else:
        found = {code: await directory.unit_by_code(uow.session, viewer, code) for code in codes}
    known = {}
    for code in sorted(codes):
        unit = found.get(code)
        if unit is None:
            raise _no_unit(code)
        known[code] = unit
    return known


def _no_unit(code: str) -> Invalid:
    return Invalid(f"There is no unit '{code}'.", code="unit_unknown", unit=code)


async def _allowed(
    uow: UnitOfWork,
    viewer: Viewer,
    case: Case,
    version: int,
    action: str,
    inputs: Inputs,
    unit: Unit | None,
    named: Sequence[Unit],
) -> Transition:
    """The line of the table that applies, or the reason why none does."""
    require_version(case, version)
    line = loop.find(action, case.state, inputs.result)
    if line is None:
        raise Conflict(
            f"{case.number} is '{case.state}': '{action}' is not possible now.",
            code="illegal_transition",
            number=case.number,
            state=case.state,
            action=action,
        )
    refusal = guarded(viewer, case, line)
    if refusal is not None:
        raise refusal
    for name in line.needs:
        if not getattr(inputs, name):
            raise Invalid(
                f"'{action}' needs {name}.", code="input_needed", input=name, action=action
            )
    for name in ("unit", "photos", "units", "until", "outcome", "ground", "body", "way", "met"):
        if getattr(inputs, name) and name not in (*line.needs, *line.takes):
            raise Invalid(
                f"'{action}' takes no {name}.", code="input_not_taken", input=name, action=action
            )
    require_fitting(
        case, line, inputs, unit.id if unit else None, [one.id for one in named], uow.now
    )
    if line.action == "verify":
        await require_check(uow.session, viewer, case, line.result, inputs)
    if loop.closes(line):
        reasons = await hooks.objections(CLOSING_HOOK, case_id=case.id, session=uow.session)
        if reasons:
            raise Conflict(
                f"{case.number} cannot be closed: {'; '.join(reasons)}.",
                code="closing_objected",
                reasons=reasons,
            )
    return line


def require_version(case: Case, version: int) -> None:
    """Raise StaleVersion when somebody has changed the case since it was decided on."""
    if case.version != version:
        raise StaleVersion(
            f"{case.number} was changed by somebody else; look at it again.",
            number=case.number,
            current={"version": case.version, "state": case.state},
        )


async def apply(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    case: Case,
    line: Transition,
    inputs: Inputs,
    clocks: Clocks,
    unit: Unit | None = None,
    named: Sequence[Unit] = (),
    more: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Take a line that is allowed: the row, its clocks, the entry. The caller writes the clocks.

    ``unit``, ``named``: the units that the inputs choose. ``more``: further data of the entry.
    """
    concerned: set[UUID | None] = set(units_of(case))
    note_id = None
    data: dict[str, Any] = {"from": case.state, "to": line.target, "version": case.version + 1}
    data.update(more)
    if inputs.photos:
        attached = await repository.attach_photos(uow.session, viewer, case.id, inputs.photos)
        if attached != len(set(inputs.photos)):
            raise Invalid(
                "A photo is not there, not yours, or belongs to a case already; upload it again.",
                code="photo_unknown",
            )
        case.photos += attached
        data["photos"] = [str(photo) for photo in inputs.photos]
    if inputs.note:
        note = await write_note(uow, viewer, keys, case.id, line.action, inputs.note)
        note_id = note.id
        data["note"] = str(note.id)
    if unit is not None:
        data["unit"], data["unit_name"] = unit.code, unit.name
    if named:
        data["units"] = [one.code for one in named]
        data["unit_names"] = [one.name for one in named]
    if inputs.ground:
        data["ground"] = inputs.ground
    was = case.state
    taking = Taking(
        uow, viewer, keys, case, line, inputs, data, concerned, clocks, unit, named, note_id
    )
    for effect in effects_of(line):
        await effect(taking)
    steps.settle(case, line)
    clocks.follow(case, was, uow.now)
    if not repository.sees(viewer, case) and not looks_as(uow.session, SYSTEM):
        # Whoever returns a case sees it no more; the wall would not let them write that.
        async with looking_as(uow.session, SYSTEM):
            await uow.session.flush()
    uow.record(
        Entry(
            viewer.actor,
            line.entry,
            "case",
            case.id,
            area=case.area,
            units=sorted(unit_id for unit_id in concerned if unit_id),
            grade=case.grade,
            data=data,
            drill=viewer.drill,
        )
    )
