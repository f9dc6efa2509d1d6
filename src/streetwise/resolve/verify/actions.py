"""What checking adds to the loop: the draw at a report, what a check must bring, its own row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel import journal
from streetwise.kernel.database import looking_as
from streetwise.kernel.errors import Conflict, Forbidden, Invalid
from streetwise.kernel.geo import haversine_m
from streetwise.kernel.ids import new_id
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.callbacks import repository as call_backs
from streetwise.resolve.inputs import Inputs
from streetwise.resolve.tables import Case, Photo
from streetwise.resolve.taking import Taking
from streetwise.resolve.verify import repository
from streetwise.resolve.verify.sampling import (
    BY_CHANCE,
    Record,
    Reported,
    chance,
    draw,
    shipped_rules,
)
from streetwise.resolve.verify.tables import CaseCheck
from streetwise.resolve.verify.ways import (
    CALL_BACK,
    DEVICE,
    RECORD,
    SITE,
    WAYS,
    closings,
    drawn,
    lacking,
)

SYSTEM = Viewer.system("check-draw")
#: Under what a case's lot is drawn.
LOT_PURPOSE = "check-draw"
#: Where a transaction keeps the records that it has read: many reports, few units.
_KEPT = "check-records"


async def drawn_for(taking: Taking) -> None:
    """A case was reported: is it looked at? The answer stands in the row and in the entry."""
    case, rules = taking.case, shipped_rules()
    record = await _record(taking, rules.record_days)
    lot = chance(taking.keys.hasher(LOT_PURPOSE).of(case.id.bytes))
    reported = Reported(case.reworked, case.reopened, case.priority == "high")
    found = draw(reported, record, rules, lot)
    case.check_draw = {"drawn": found.drawn, "code": found.code, "params": dict(found.params)}
    case.check_way = None
    taking.data["check_draw"] = case.check_draw


async def _record(taking: Taking, days: int) -> Record:
    unit, session = taking.case.unit_id, taking.uow.session
    if unit is None:
        return Record()
    kept: dict[UUID, Record] = session.info.setdefault(_KEPT, {})
    if unit not in kept:
        async with looking_as(session, SYSTEM):
            # What is counted must be written; all else waits, to be written in one go.
            if any(isinstance(one, CaseCheck) and one.unit_id == unit for one in session.new):
                await session.flush()
            since = taking.uow.now - timedelta(days=days)
            kept[unit] = await repository.record_of(session, SYSTEM, unit, since)
    return kept[unit]


async def checked(taking: Taking) -> None:
    """A check was made: its row, how it was made, and how far from the place its photos are."""
    case, inputs = taking.case, taking.inputs
    way = inputs.way or SITE
    found = case.check_draw
    by_chance = found is not None and found["drawn"] and found["code"] == BY_CHANCE
    taking.uow.session.add(
        CaseCheck(
            id=new_id(),
            area=case.area,
            case_id=case.id,
            unit_id=case.unit_id,
            way=way,
            passed=taking.line.result == "pass",
            by_chance=by_chance,
            at=taking.uow.now,
        )
    )
    case.check_way = way
    taking.data["way"] = way
    if inputs.met:
        taking.data["met"] = list(inputs.met)
    if inputs.photos:
        photos = await repository.photos_of(
            taking.uow.session, taking.viewer, case.id, list(inputs.photos)
        )
        away = [metres for one in photos if (metres := distance(one, case)) is not None]
        if away:
            taking.data["away_metres"] = round(max(away))


def distance(photo: Photo, case: Case) -> float | None:
    """How far from the case's place a photo was taken, in metres; None: one of them is unknown."""
    if photo.lon is None or photo.lat is None or case.lon is None or case.lat is None:
        return None
    return haversine_m(photo.lon, photo.lat, case.lon, case.lat)


async def require_check(
    session: AsyncSession, viewer: Viewer, case: Case, result: str | None, inputs: Inputs
) -> None:
    """Raise where a check cannot be made in this way, or lacks what the way asks for.

    One that names no way is one at the place by who writes it down later (a past that is lived
    through): of that nothing is asked.
    """
    way = inputs.way
    if way is None and not inputs.met:
        return
    if way is not None and way not in WAYS:
        raise Invalid(f"There is no way '{way}' of checking.", code="way_unknown", way=way)
    if inputs.met and way != SITE:
        raise Invalid(
            "What is met is seen at the place.", code="input_not_taken", input="met",
            action="verify",
        )  # fmt: skip
    if way == DEVICE:
        _require_device(viewer, case)
    elif way == RECORD:
        _require_undrawn(case, result)
    elif way == CALL_BACK:
        await _require_answer(session, viewer, case, result)
    elif result == "pass":
        await _require_closing(session, viewer, case, inputs.met)


def _require_device(viewer: Viewer, case: Case) -> None:
    if viewer.staff_id is not None:
        raise Forbidden(
            f"No person can say that a device has looked at {case.number}.",
            code="device_only", number=case.number,
        )  # fmt: skip


def _require_undrawn(case: Case, result: str | None) -> None:
    if result != "pass":
        raise Invalid("By record a case passes only.", code="record_passes")
    if drawn(case.check_draw):
        raise Conflict(
            f"{case.number} was drawn for a check; somebody must look at it.",
            code="check_drawn", number=case.number,
        )  # fmt: skip


async def _require_answer(
    session: AsyncSession, viewer: Viewer, case: Case, result: str | None
) -> None:
    since = await reported_at(session, viewer, case)
    said = await call_backs.resolved_since(session, viewer, case.id, since)
    if not said or any(one != (result == "pass") for one in said):
        raise Conflict(
            f"No reporter of {case.number} has said so since it was reported done.",
            code="call_back_missing", number=case.number,
        )  # fmt: skip


async def reported_at(session: AsyncSession, viewer: Viewer, case: Case) -> datetime:
    """When its unit said last that the case is done; never: when it was opened."""
    last = await journal.read(
        session, viewer, subject=case.id, only=("case.reported",), newest_first=True, limit=1
    )
    return last[0].at if last else case.opened_at


async def _require_closing(
    session: AsyncSession, viewer: Viewer, case: Case, met: Sequence[str]
) -> None:
    asked = closings(await repository.conditions_of(session, viewer, case), case.category_condition)
    try:
        left = lacking(asked, met)
    except ValueError as unknown:
        raise Invalid(
            "This class has no such condition for closing.", code="closing_unknown"
        ) from unknown
    if left:
        params: dict[str, Any] = {"number": case.number, "lacking": list(left)}
        raise Invalid(
            f"{case.number} does not meet its conditions for closing: {'; '.join(left)}.",
            code="closing_unmet",
            **params,
        )
