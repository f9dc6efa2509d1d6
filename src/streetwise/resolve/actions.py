"""Changes of cases: every action of the loop, on a list of cases, each with its entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from streetwise.directory import repository as directory
from streetwise.directory.tables import Unit
from streetwise.kernel import hooks
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    StaleVersion,
    StreetwiseError,
)
from streetwise.kernel.files import Photo as PhotoContent
from streetwise.kernel.files import StoredFile
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer
from streetwise.privacy.keeping import Original, keep
from streetwise.privacy.masking import mask
from streetwise.resolve import loop, repository
from streetwise.resolve.loop import Transition
from streetwise.resolve.merging import repository as merging
from streetwise.resolve.merging.voiding import void_offers
from streetwise.resolve.tables import Case, Note, Photo
from streetwise.resolve.telling import tell_units

declare(
    {
        "case.accepted": "A case was accepted (受理); data: from, to, version.",
        "case.dispatched": "A case was dispatched (派遣); data: also unit.",
        "case.started": "The unit began to handle the case (签收).",
        "case.reported": "The unit reported the case done (反馈); data: also note, photos.",
        "case.verified": "A check found the case done (核查通过).",
        "case.sent_back": "A check found the case not done (核查不通过): handling again.",
        "case.closed": "A case was closed (结案).",
        "photo.uploaded": "A photo was uploaded; data: size in bytes.",
        "photo.swept": "Photos that came with no report were removed; data: photos.",
    }
)

#: Photos swept in one transaction; the rest next time.
MOST_PHOTOS_SWEPT = 5000
#: Entry for the hook that may object to closing (a camera that still sees it, for example).
CLOSING_HOOK = "case.closing"


@dataclass(frozen=True, slots=True)
class Item:
    """A case and the version that was decided on."""

    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Inputs:
    """What comes with an action."""

    unit: str | None = None
    note: str | None = None
    photos: Sequence[UUID] = ()
    result: str | None = None


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
    _check_inputs(viewer, action, inputs, len(items))
    unit = await _unit(uow, viewer, inputs.unit)
    cases = await repository.lock_cases(uow.session, viewer, [item.id for item in items])
    result = Result()
    for item in items:
        case = cases.get(item.id)
        try:
            if case is None:
                raise NotFound("There is no such case, or it is not yours to see.", id=str(item.id))
            line = await _allowed(viewer, case, item.version, action, inputs)
            await _apply(uow, viewer, keys, case, line, inputs, unit)
        except StreetwiseError as refusal:
            result.refused.append((item.id, case.number if case else None, refusal))
        else:
            assert case is not None
            result.done.append(case)
    await _void_offers(uow, result.done)
    if tell:
        await tell_units(uow, viewer, action, inputs.result, result.done)
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
    units: dict[str, Unit] = {}
    if any(doing.inputs.unit for doing in doings):
        units = {unit.code: unit for unit in await directory.units(uow.session, everything)}
    done = []
    for doing in doings:
        viewer, case, inputs = doing.viewer, cases.get(doing.item.id), doing.inputs
        _check_inputs(viewer, doing.action, inputs, 1)
        if case is None or not repository.sees(viewer, case):
            raise repository.no_such_case(doing.item.id)
        line = await _allowed(viewer, case, doing.item.version, doing.action, inputs)
        if inputs.unit is not None and inputs.unit not in units:
            raise Invalid(
                f"There is no unit '{inputs.unit}'.", code="unit_unknown", unit=inputs.unit
            )
        await _apply(
            uow, viewer, keys, case, line, inputs, units[inputs.unit] if inputs.unit else None
        )
        done.append(case)
    await _void_offers(uow, done)
    return done


async def _void_offers(uow: UnitOfWork, done: Sequence[Case]) -> None:
    """Into a closed case nothing is merged: what was offered of it is void."""
    await void_offers(uow.session, {case.id for case in done if case.state == loop.CLOSED}, uow.now)


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


async def _unit(uow: UnitOfWork, viewer: Viewer, code: str | None) -> Unit | None:
    if code is None:
        return None
    unit = await directory.unit_by_code(uow.session, viewer, code)
    if unit is None:
        raise Invalid(f"There is no unit '{code}'.", code="unit_unknown", unit=code)
    return unit


async def _allowed(
    viewer: Viewer, case: Case, version: int, action: str, inputs: Inputs
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
    for name in ("unit", "photos"):
        if getattr(inputs, name) and name not in (*line.needs, *line.takes):
            raise Invalid(
                f"'{action}' takes no {name}.", code="input_not_taken", input=name, action=action
            )
    if line.target == loop.CLOSED:
        reasons = await hooks.objections(CLOSING_HOOK, case_id=case.id)
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


def guarded(viewer: Viewer, case: Case, line: Transition) -> Forbidden | None:
    """The refusal of the line's guard, or None when the viewer may pass."""
    if line.guard == "holder" and case.unit_id not in viewer.units:
        return Forbidden(
            f"{case.number} is held by another unit.", code="not_holder", number=case.number
        )
    # Both persons of a stand-in count as the maker, and both as the checker.
    makers = {case.reported_by, case.reported_for}
    if line.guard == "not_reporter" and not makers.isdisjoint(viewer.people):
        return Forbidden(
            f"You, or whom you stand in for, reported {case.number}; somebody else must check it.",
            code="maker_is_checker",
            number=case.number,
        )
    return None


async def _apply(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    case: Case,
    line: Transition,
    inputs: Inputs,
    unit: Unit | None,
) -> None:
    concerned = {case.unit_id, case.community_id}
    data: dict[str, Any] = {"from": case.state, "to": line.target, "version": case.version + 1}
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
        data["note"] = str(note.id)
    if unit is not None:
        case.unit_id = unit.id
        concerned.add(unit.id)
        data["unit"], data["unit_name"] = unit.code, unit.name
    if line.action == "report":
        case.reported_by, case.reported_for = viewer.staff_id, viewer.stand_in_for
    if line.result == "fail":
        case.reworked += 1
    if line.target == loop.CLOSED:
        case.closed_at = uow.now
        # Told again within its guard time, it is asked about: has it come back?
        await merging.end_print(uow.session, case.id, uow.now + merging.GUARD)
    case.state = line.target
    case.version += 1
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


async def write_note(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, case_id: UUID, kind: str, text: str
) -> Note:
    """Store free text masked; its original, where it differs, sealed in the vault."""
    note_id = new_id()
    masked = mask(text.strip())
    if masked.counts:
        original = Original(note_id, "note", {"text": text}, {"note": text.strip()})
        await keep(uow, keys, [original])
    note = Note(
        id=note_id,
        case_id=case_id,
        kind=kind,
        text=masked.text,
        author=viewer.actor,
        written_at=uow.now,
    )
    uow.session.add(note)
    return note


def require_upload(viewer: Viewer) -> None:
    """Raise Forbidden for those who have no use for a photo, before anything is read of it."""
    if not (viewer.may("case.verify") or viewer.may("order.answer")):
        viewer.require("case.report")


async def add_photo(
    uow: UnitOfWork, viewer: Viewer, stored: StoredFile, content: PhotoContent
) -> Photo:
    """Keep an uploaded photo; an action attaches it to its case."""
    require_upload(viewer)
    assert viewer.staff_id is not None
    photo = Photo(
        id=new_id(),
        case_id=None,
        digest=stored.digest,
        bytes=stored.bytes,
        width=content.width,
        height=content.height,
        uploaded_by=viewer.staff_id,
        uploaded_at=uow.now,
    )
    uow.session.add(photo)
    uow.record(
        Entry(
            viewer.actor,
            "photo.uploaded",
            "photo",
            photo.id,
            units=[viewer.unit_id] if viewer.unit_id else [],
            data={"bytes": stored.bytes},
        )
    )
    return photo


async def sweep_photos(uow: UnitOfWork, viewer: Viewer, before: datetime) -> None:
    """Remove photos uploaded before this time and never sent: nobody sees them, but they show
    something.

    Their files, named by no row any more, are swept when they are old.
    """
    removed = await repository.remove_unattached_photos(
        uow.session, viewer, before, MOST_PHOTOS_SWEPT
    )
    if removed:
        data = {"photos": removed}
        uow.record(
            Entry(viewer.actor, "photo.swept", "photo", None, grade=GRADE_INTERNAL, data=data)
        )
