"""From rows of hazards to what a screen shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.tables import Unit
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import lists
from streetwise.resolve import views as case_views
from streetwise.resolve.clocks.actions import calendars
from streetwise.resolve.deadlines import Limit, deadline
from streetwise.resolve.directives.views import actor_view
from streetwise.resolve.hazards import loop, repository
from streetwise.resolve.hazards.actions import first_row, refused
from streetwise.resolve.hazards.rules import LEVELS, rules
from streetwise.resolve.hazards.schemas import (
    HazardLetter,
    HazardOffer,
    HazardOrderView,
    HazardRow,
    HazardView,
)
from streetwise.resolve.hazards.tables import Hazard, HazardOrder
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.schemas import UnitOffer
from streetwise.resolve.tables import Case, units_of
from streetwise.resolve.whom import who_may
from streetwise.resolve.words import Named


async def hazard_view(
    session: AsyncSession, viewer: Viewer, case: Case, now: datetime
) -> HazardView:
    """The hazard of a case, with its orders and what this viewer may do now."""
    row = await repository.of_case(session, viewer, case.id) or first_row(case)
    is_one = case.nature == "hazard" and case.nature_state is not None
    orders = await repository.orders(session, viewer, case.id) if is_one else []
    return HazardView(
        version=row.version,
        state=cast(Any, row.state) if is_one else None,
        kind=row.kind,
        level=cast(Any, row.level),
        found_how=row.found_how,
        rectified_at=row.rectified_at,
        written_off_at=row.written_off_at,
        orders=await order_views(session, viewer, orders, case.area, now),
        actions=await _offers(session, viewer, case, row, orders, now) if is_one else [],
        kinds=list(rules().codes),
    )


async def _offers(
    session: AsyncSession,
    viewer: Viewer,
    case: Case,
    row: Hazard,
    orders: Sequence[HazardOrder],
    now: datetime,
) -> list[HazardOffer]:
    if case.state == CLOSED:
        return []
    last = orders[-1] if orders else None
    found: dict[str, HazardOffer] = {}
    for line in loop.LINES:
        if line.source != row.state or not viewer.may(line.capability):
            continue
        if refused(viewer, line, last) is not None:
            continue
        offer = found.get(line.action)
        if offer is None:
            ordering = line.action == "order"
            due = await _due(session, case.area, now) if ordering else {}
            offer = HazardOffer(
                action=cast(Any, line.action),
                needs=list(line.needs),
                results=[],
                units=await _units(session, viewer, case) if ordering else [],
                due_general=due.get(LEVELS[0]),
                due_major=due.get(LEVELS[1]),
            )
            found[line.action] = offer
        if line.result:
            offer.results.append(line.result)
            offer.needs = []
    return list(found.values())


async def _due(session: AsyncSession, area: str, now: datetime) -> dict[str, datetime]:
    calendar = (await calendars(session, {area}))[area]
    return {
        level: deadline(now, Limit(days, "work_day"), calendar).at
        for level, days in rules().days.items()
    }


async def _units(session: AsyncSession, viewer: Viewer, case: Case) -> list[UnitOffer]:
    """Units that see the case and have somebody who may report; who holds it first."""
    concerned = set(units_of(case))
    found = []
    for unit in await directory.units(session, viewer):
        if unit.id in concerned and await who_may(session, case, unit.id, "case.report"):
            found.append(unit)
    found.sort(key=lambda unit: (unit.id != case.unit_id, unit.ordinal))
    return [_unit_offer(unit, case) for unit in found]


def _unit_offer(unit: Unit, case: Case) -> UnitOffer:
    return UnitOffer(code=unit.code, name=unit.name, suggested=unit.id == case.unit_id, why=None)


async def order_views(
    session: AsyncSession,
    viewer: Viewer,
    orders: Sequence[HazardOrder],
    area: str,
    now: datetime,
) -> list[HazardOrderView]:
    """Orders with their words and names, in the same order."""
    notes = {note for one in orders for note in (one.measure_id, one.report_id, one.recheck_id)}
    texts = await repository.notes(session, viewer, filter(None, notes))
    people = {who for one in orders for who in (one.ordered_by, one.rectified_by, one.rechecked_by)}
    names = await directory.staff_names(session, viewer, filter(None, people))
    wanted = {one.unit_id for one in orders}
    units = {
        unit.id: unit
        for unit in await directory.units(session, viewer, ended=True)
        if unit.id in wanted
    }
    premises = {
        code: await repository.premises_name(session, viewer, area, code)
        for code in {one.premises for one in orders if one.premises}
    }
    return [_order(one, texts, names, units, premises, now) for one in orders]


def _order(
    one: HazardOrder,
    texts: Mapping[UUID, str],
    names: Mapping[UUID, tuple[str, str]],
    units: Mapping[UUID, Unit],
    premises: Mapping[str, str | None],
    now: datetime,
) -> HazardOrderView:
    unit = units[one.unit_id]
    values: dict[str, Any] = {
        "id": one.id,
        "n": one.n,
        "number": one.number,
        "unit": Named(code=unit.code, name=unit.name),
        "premises": premises.get(one.premises) if one.premises else None,
        "measure": texts.get(one.measure_id, ""),
        "measure_note": one.measure_id,
        "rectify_by": one.rectify_by,
        "late": late(one, now),
        "ordered_at": one.ordered_at,
        "ordered_by": actor_view(names, one.ordered_by),
        "rectified_at": one.rectified_at,
        "rectified_by": actor_view(names, one.rectified_by),
        "report": texts.get(one.report_id) if one.report_id else None,
        "report_note": one.report_id,
        "rechecked_at": one.rechecked_at,
        "rechecked_by": actor_view(names, one.rechecked_by),
        "passed": one.passed,
        "recheck": texts.get(one.recheck_id) if one.recheck_id else None,
        "recheck_note": one.recheck_id,
    }
    return HazardOrderView(**values)


def late(one: HazardOrder, now: datetime) -> bool:
    """Whether nobody had reported it when it should have been rectified."""
    return (one.rectified_at or one.rechecked_at or now) > one.rectify_by


HEADING = "责令整改通知书"
_LEVELS = {"general": "一般", "major": "重大"}


async def letter_view(
    session: AsyncSession, viewer: Viewer, order_id: UUID, now: datetime
) -> HazardLetter:
    """An order as a document. Its words are masked, as everywhere."""
    order, case = await repository.order(session, viewer, order_id)
    (view,) = await order_views(session, viewer, [order], case.area, now)
    area = await directory.area(session, viewer, case.area)
    office = await directory.unit_names(session, viewer, [area.owner_id])
    row = await repository.of_case(session, viewer, case.id) or first_row(case)
    zone = ZoneInfo(area.timezone)
    where = view.premises or case.place_text or "上述地点"
    return HazardLetter(
        order=view,
        case_id=case.id,
        case_number=case.number,
        heading=HEADING,
        office=office[area.owner_id],
        addressee=view.unit.name,
        before=[
            f"经查，{where}存在以下{_LEVELS[row.level]}隐患（事件编号{case.number}）：{case.title}。",
            f"现责令你单位于{_day(view.rectify_by, zone)}前完成整改，要求如下：",
        ],
        after=["整改完成后请即报告，由下达本通知以外的人员复查；复查合格，予以销号。"],
        dated=_day(view.ordered_at, zone),
    )


def _day(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.year}年{local.month}月{local.day}日"


async def hazard_rows(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID], now: datetime, soon: timedelta
) -> list[HazardRow]:
    """Lines of a list, in the order of the ids."""
    wanted = list(ids)
    rows = await lists.by_ids(session, viewer, wanted)
    known = await repository.of_cases(session, viewer, wanted)
    last = await repository.last_orders(session, viewer, wanted)
    found = []
    for row in rows:
        case = row.case
        hazard, order = known.get(case.id) or first_row(case), last.get(case.id)
        found.append(
            HazardRow(
                case=case_views.case_row(row, now, soon),
                state=cast(Any, case.nature_state),
                kind=hazard.kind,
                level=cast(Any, hazard.level),
                number=order.number if order else None,
                rectify_by=order.rectify_by if order else None,
                late=late(order, now) if order else False,
            )
        )
    return found
