"""Changes of hazards: assessed, ordered, rectified, re-checked, written off. Each is an entry of
the case, none with words in it; the case's own state and version stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from streetwise.directory import repository as directory
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Conflict, Forbidden, Invalid, StreetwiseError
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.clocks import rules as clock_rules
from streetwise.resolve.deadlines import Limit
from streetwise.resolve.hazards import loop, repository
from streetwise.resolve.hazards.rules import GENERAL, LEVELS, rules
from streetwise.resolve.hazards.tables import Hazard, HazardOrder
from streetwise.resolve.natures.loop import Line
from streetwise.resolve.natures.taking import Nature, Taking, locked, record, take
from streetwise.resolve.notes import write_note
from streetwise.resolve.tables import Case
from streetwise.resolve.telling import News, table
from streetwise.resolve.whom import who_may

declare(
    {
        "hazard.assessed": "Level and kind of a hazard were said; data: level, kind.",
        "hazard.ordered": "A unit was ordered to rectify a hazard (责令整改); data: order, number,"
        " unit, due, note.",
        "hazard.rectified": "The unit reported a hazard rectified (整改完成); data: order, note.",
        "hazard.passed": "A re-check found a hazard rectified (复查合格); data: order, note.",
        "hazard.failed": "A re-check found a hazard not rectified (复查不合格); data: order, note.",
        "hazard.written_off": "A hazard was written off (销号); data: order.",
        "hazard.opened_again": "Its case was opened again, and so was the hazard.",
    }
)

SYSTEM = Viewer.system("hazards")
#: An order gives a year at most.
ORDER_MOST = timedelta(days=366)
#: The word in an order's number.
_WORD = "责改"


@dataclass(frozen=True, slots=True)
class Given:
    """What comes with an action. ``unit``: a code; ``until``: when it is to be rectified by.
    ``series``: orders that were given elsewhere are counted for themselves, under this word.
    """

    kind: str | None = None
    level: str | None = None
    unit: str | None = None
    premises: str | None = None
    note: str | None = None
    until: datetime | None = None
    result: str | None = None
    series: str = ""


_Taking = Taking[Hazard, Given, Sequence[HazardOrder]]


async def act(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    case_id: UUID,
    version: int,
    action: str,
    given: Given,
    *,
    hears: bool = True,
) -> Hazard:
    """Take an action on the hazard of a case. ``version``: of the hazard, 1 where nothing is known
    of it yet. ``hears`` False: nobody is notified, for what is written down long after.

    Raises Invalid, Forbidden, NotFound, Conflict, StaleVersion; then nothing has changed.
    """
    if action not in loop.ACTIONS:
        raise Invalid(f"There is no action '{action}'.", code="action_unknown", action=action)
    viewer.require(next(one for one in loop.LINES if one.action == action).capability)
    case, row = await locked(HAZARD, uow, viewer, case_id, version)
    result = given.result
    await take(HAZARD, uow, viewer, keys, case, row, action, given, result=result, hears=hears)
    return row


def refused(viewer: Viewer, line: Line, order: HazardOrder | None) -> StreetwiseError | None:
    """Why the viewer may not take a line about the last order; None: they may."""
    if not line.guards or order is None:
        return None
    if "ordered" in line.guards and order.unit_id not in viewer.units:
        return Forbidden("Another unit was ordered to do this.", code="not_ordered")
    makers = {order.ordered_by, order.ordered_for, order.rectified_by, order.rectified_for}
    if "not_orderer" in line.guards and not makers.isdisjoint(viewer.people):
        return Forbidden(
            "You, or whom you stand in for, ordered it or reported it rectified; somebody else"
            " must look.",
            code="maker_is_checker",
        )
    return None


def first_row(case: Case) -> Hazard:
    """A hazard of which nobody has said anything yet."""
    known = rules()
    return Hazard(
        case_id=case.id,
        version=1,
        area=case.area,
        state=loop.FOUND,
        kind=known.kind_of(case.title, f"{case.category_scheme}:{case.category_code}"),
        level=GENERAL,
        found_how=known.ways[0],
    )


# --- what each action does -----------------------------------------------------------------


async def _assess(taking: _Taking) -> None:
    row, given = taking.row, taking.given
    if given.level is not None and given.level not in LEVELS:
        raise Invalid(f"There is no level '{given.level}'.", code="hazard_level")
    if given.kind is not None and given.kind not in rules().codes:
        raise Invalid(f"There is no kind '{given.kind}'.", code="hazard_kind")
    row.level, row.kind = given.level or row.level, given.kind or row.kind
    taking.data.update(level=row.level, kind=row.kind)


async def _order(taking: _Taking) -> None:
    """Order a unit that sees the case to rectify it, by a day; a clock runs until then."""
    uow, viewer, case, given = taking.uow, taking.viewer, taking.case, taking.given
    await _assess(taking)
    assert viewer.staff_id is not None and given.note and given.until and given.unit
    if not uow.now < given.until <= uow.now + ORDER_MOST:
        raise Invalid("It is to be rectified by a time to come, within a year.", code="order_time")
    unit = await directory.unit_by_code(uow.session, viewer, given.unit)
    if unit is None:
        raise Invalid(f"There is no unit '{given.unit}'.", code="unit_unknown", unit=given.unit)
    if not await who_may(uow.session, case, unit.id, "case.report"):
        raise Invalid(
            f"Nobody of {unit.name} sees this case and may report on it; dispatch it there first.",
            code="order_unit_blind", unit=unit.name,
        )  # fmt: skip
    if given.premises is not None:
        name = await repository.premises_name(uow.session, viewer, case.area, given.premises)
        if name is None:
            raise Invalid("There are no such premises.", code="premises_unknown")
    note = await write_note(uow, viewer, taking.keys, case.id, "hazard_order", given.note)
    await uow.session.flush()
    order = HazardOrder(
        id=new_id(),
        case_id=case.id,
        n=len(taking.beside) + 1,
        number=await _number(uow, case.area, given.series),
        unit_id=unit.id,
        premises=given.premises,
        measure_id=note.id,
        rectify_by=given.until,
        ordered_at=uow.now,
        ordered_by=viewer.staff_id,
        ordered_for=viewer.stand_in_for,
    )
    uow.session.add(order)
    why = {"code": "due_of_rectification", "params": {"number": order.number}}
    taking.clocks.to_day(case, clock_rules.RECTIFY, uow.now, given.until, why, unit.id)
    taking.data.update(
        order=str(order.id), number=order.number, unit=unit.code, unit_name=unit.name,
        due=given.until.isoformat(), note=str(note.id),
    )  # fmt: skip
    taking.aside["unit"] = unit.id


async def _number(uow: UnitOfWork, code: str, series: str) -> str:
    """Counted by year, without gaps: 责改〔2026〕3号; of a series 责改〔2026〕series-3号."""
    area = await directory.area(uow.session, SYSTEM, code)
    year = uow.now.astimezone(ZoneInfo(area.timezone)).year
    key = f"rectify:{code}:{year}:{series}"
    taken = await cases.next_numbers(uow.session, {key: 1})
    within = f"{series}-" if series else ""
    return f"{area.prefix}{_WORD}〔{year}〕{within}{taken[key]}号"


async def _rectify(taking: _Taking) -> None:
    uow, order = taking.uow, taking.beside[-1]
    order.report_id = await _note(taking, "hazard_report")
    order.rectified_at, order.rectified_by = uow.now, taking.viewer.staff_id
    order.rectified_for = taking.viewer.stand_in_for
    taking.row.rectified_at = uow.now
    taking.clocks.stop(taking.case, clock_rules.RECTIFY, uow.now)
    limit = Limit(rules().recheck_days, "work_day")
    taking.clocks.start(taking.case, clock_rules.RECHECK, uow.now, limit)
    taking.data["order"] = str(order.id)


async def _recheck(taking: _Taking) -> None:
    uow, order = taking.uow, taking.beside[-1]
    passed = taking.given.result == "pass"
    order.recheck_id = await _note(taking, "hazard_recheck")
    order.rechecked_at, order.rechecked_by = uow.now, taking.viewer.staff_id
    order.passed = passed
    # What nobody reported, and is done, was done by now.
    taking.row.rectified_at = (taking.row.rectified_at or uow.now) if passed else None
    for kind in (clock_rules.RECTIFY, clock_rules.RECHECK):
        taking.clocks.stop(taking.case, kind, uow.now)
    taking.data["order"] = str(order.id)


async def _write_off(taking: _Taking) -> None:
    taking.row.written_off_at = taking.uow.now
    taking.row.written_off_by = taking.viewer.staff_id
    taking.data["order"] = str(taking.beside[-1].id)


async def _note(taking: _Taking, kind: str) -> UUID | None:
    if not taking.given.note:
        return None
    note = await write_note(
        taking.uow, taking.viewer, taking.keys, taking.case.id, kind, taking.given.note
    )
    await taking.uow.session.flush()
    taking.data["note"] = str(note.id)
    return note.id


def _is_none(case: Case) -> Conflict:
    return Conflict(f"{case.number} is no hazard.", code="no_hazard", number=case.number)


def _impossible(case: Case, row: Hazard, action: str) -> Conflict:
    return Conflict(
        f"The hazard of {case.number} is '{row.state}': '{action}' is not possible now.",
        code="hazard_state", number=case.number, state=row.state, action=action,
    )  # fmt: skip


def _guard(viewer: Viewer, line: Line, orders: Sequence[HazardOrder]) -> None:
    refusal = refused(viewer, line, orders[-1] if orders else None)
    if refusal is not None:
        raise refusal


def _news(taking: _Taking, key: str) -> list[News]:
    """To the unit that was ordered now, or last."""
    if taking.line.entry not in table():
        return []
    orders = taking.beside
    unit = taking.aside.get("unit", orders[-1].unit_id if orders else None)
    return [News(taking.case, taking.line.entry, key, unit=unit)]


HAZARD: Nature[Hazard, Given, Sequence[HazardOrder]] = Nature(
    name="hazard",
    lines=loop.LINES,
    of_case=repository.of_case,
    first_row=first_row,
    beside=repository.orders,
    is_none=_is_none,
    impossible=_impossible,
    guard=_guard,
    effects={
        "assess": _assess,
        "order": _order,
        "rectify": _rectify,
        "recheck": _recheck,
        "write_off": _write_off,
    },
    news=_news,
)


# --- what happens to its case --------------------------------------------------------------


async def opened_again(uow: UnitOfWork, viewer: Viewer, case: Case) -> None:
    """Its case was opened again: what was written off is found again."""
    if case.nature != "hazard" or case.nature_state is None:
        return
    async with looking_as(uow.session, SYSTEM):
        row = await repository.of_case(uow.session, SYSTEM, case.id)
    case.nature_state = loop.FOUND
    if row is not None:
        row.state, row.version = loop.FOUND, row.version + 1
        row.rectified_at = row.written_off_at = row.written_off_by = None
    record(uow, viewer, case, "hazard.opened_again", {})
