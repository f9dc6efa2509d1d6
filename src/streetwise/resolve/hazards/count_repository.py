"""SQL of the monthly count of hazards, and of the lists behind its numbers.

A hazard is a case of that nature that was not merged into another. It is found when its case was
opened, and over when it was written off or its case was closed without.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, cast, exists, func, or_, select, union_all
from sqlalchemy import literal as sql_literal
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.viewer import Viewer
from streetwise.resolve.hazards.count import Sum
from streetwise.resolve.hazards.rules import rules
from streetwise.resolve.hazards.tables import Hazard, HazardOrder
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case

_OVER = func.least(Hazard.written_off_at, Case.closed_at)
_kind = func.coalesce(Hazard.kind, sql_literal(rules().other))
#: When nobody owed it any more: reported, or looked at without a report.
_ORDER_ENDS = func.coalesce(HazardOrder.rectified_at, HazardOrder.rechecked_at)


def _hazards(viewer: Viewer, area: str) -> ColumnElement[bool]:
    return and_(
        visible(viewer, area), Case.area == area, Case.nature == "hazard",
        Case.merged_into.is_(None),
    )  # fmt: skip


async def sums(
    session: AsyncSession, viewer: Viewer, area: str, zone: str, now: datetime
) -> list[Sum]:
    """How many began and ended in each month of the area's time, by kind."""

    def counted(what: str, at: Any, *more: ColumnElement[bool], orders: bool = False) -> Any:
        month = cast(func.date_trunc("month", func.timezone(zone, at)), Date)
        query = select(month, _kind, sql_literal(what), func.count()).select_from(Case)
        query = query.outerjoin(Hazard, Hazard.case_id == Case.id)
        if orders:
            query = query.join(HazardOrder, HazardOrder.case_id == Case.id)
        wanted: ColumnElement[bool] = and_(_hazards(viewer, area), at.is_not(None), *more)
        return query.where(wanted).group_by(month, _kind)

    late = or_(_ORDER_ENDS.is_(None), HazardOrder.rectify_by < _ORDER_ENDS)
    past = HazardOrder.rectify_by <= now
    parts = [
        counted("found", Case.opened_at),
        counted("rectified", Hazard.rectified_at),
        counted("written_off", Hazard.written_off_at),
        counted("began_open", Case.opened_at),
        counted("ended_open", _OVER),
        counted("began_late", HazardOrder.rectify_by, late, past, orders=True),
        counted("ended_late", _ORDER_ENDS, late, past, orders=True),
    ]
    return [Sum(*row) for row in await session.execute(union_all(*parts))]


async def behind(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    what: str,
    kind: str | None,
    since: datetime,
    until: datetime,
    limit: int,
    offset: int,
) -> tuple[list[UUID], int]:
    """(cases behind a number, newest first; how many there are). ``since``, ``until``: the month;
    what is open or overdue is so at ``until``, which lies not ahead of now.
    """
    query = select(Case.id).select_from(Case).outerjoin(Hazard, Hazard.case_id == Case.id)
    query = query.where(_hazards(viewer, area), _so(what, since, until))
    if kind is not None:
        query = query.where(_kind == kind)
    count = (await session.execute(_count(query))).scalar_one()
    page = query.order_by(Case.opened_at.desc(), Case.id).limit(limit).offset(offset)
    return list((await session.execute(page)).scalars()), count


def _count(query: Select[Any]) -> Select[int]:
    return select(func.count()).select_from(query.subquery())


def _so(what: str, since: datetime, until: datetime) -> ColumnElement[bool]:
    at = {"found": Case.opened_at, "rectified": Hazard.rectified_at,
          "written_off": Hazard.written_off_at}.get(what)  # fmt: skip
    if at is not None:
        return and_(at >= since, at < until)
    if what == "open":
        return and_(Case.opened_at < until, or_(_OVER.is_(None), until <= _OVER))
    return exists().where(
        HazardOrder.case_id == Case.id,
        HazardOrder.rectify_by < until,
        or_(_ORDER_ENDS.is_(None), until <= _ORDER_ENDS),
    )


def month_of(at: datetime, zone: Any) -> date:
    """The first day of the month of a moment, in a zone."""
    return at.astimezone(zone).date().replace(day=1)
