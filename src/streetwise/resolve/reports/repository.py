"""All SQL of reports: the rows themselves, and what scores do not count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Date,
    and_,
    cast,
    delete,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy import case as sql_case
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from streetwise.directory.tables import TaxonomyClass, Unit
from streetwise.kernel.database import among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.journal import Journal
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer
from streetwise.resolve.clocks.rules import SUSPENSION
from streetwise.resolve.clocks.tables import CaseClock
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.reports.figures import Day, Listed, Named, Stock
from streetwise.resolve.reports.tables import Report, ReportFile
from streetwise.resolve.scores import repository as scores
from streetwise.resolve.scores.rules import OUTCOME, Period, Rules
from streetwise.resolve.scores.tables import CaseFact
from streetwise.resolve.tables import Case, CaseParty

#: Cases named in one list of a report; annexes are longer.
NAMED_MOST, EXCLUDED_MOST = 10, 300
#: What stands in the way of a case, the first that holds is said.
MATTERS = ("parties", "contested", "bounced")
BOUNCED = 2


def _readable(viewer: Viewer, area: str) -> None:
    viewer.require("score.read")
    if not viewer.sees_area(area):
        raise NotFound("There is no such area, or it is not yours to see.", area=area)


# --- rows -----------------------------------------------------------------------------------


async def lock_reports(session: AsyncSession) -> None:
    """One at a time orders: editions are counted."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("resolve.reports"))))


async def editions(session: AsyncSession, viewer: Viewer, area: str, kind: str, name: str) -> int:
    """How often the report of a period was ordered."""
    _readable(viewer, area)
    found = await session.execute(
        select(func.coalesce(func.max(Report.edition), 0)).where(
            Report.area == area, Report.kind == kind, Report.name == name
        )
    )
    return int(found.scalar_one())


async def listed(
    session: AsyncSession, viewer: Viewer, area: str, kind: str | None, limit: int
) -> list[tuple[Report, list[ReportFile]]]:
    """Reports with the files made so far, of the latest period first."""
    _readable(viewer, area)
    query = select(Report).where(Report.area == area)
    if kind is not None:
        query = query.where(Report.kind == kind)
    query = query.order_by(Report.end_at.desc(), Report.kind, Report.edition.desc()).limit(limit)
    rows = list((await session.execute(query)).scalars())
    return await _with_files(session, rows)


async def _with_files(
    session: AsyncSession, rows: list[Report]
) -> list[tuple[Report, list[ReportFile]]]:
    of: dict[UUID, list[ReportFile]] = {row.id: [] for row in rows}
    query = select(ReportFile).where(among(ReportFile.report_id, list(of)))
    for file in (await session.execute(query.order_by(ReportFile.form))).scalars():
        of[file.report_id].append(file)
    return [(row, of[row.id]) for row in rows]


async def report(
    session: AsyncSession, viewer: Viewer, report_id: UUID, *, lock: bool = False
) -> tuple[Report, list[ReportFile]]:
    """A report with its content. Raises NotFound."""
    viewer.require("score.read")
    query = select(Report).where(Report.id == report_id).options(undefer(Report.content))
    if lock:
        query = query.with_for_update()
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None or not viewer.sees_area(found.area):
        raise NotFound("There is no such report, or it is not yours to see.", id=str(report_id))
    return (await _with_files(session, [found]))[0]


async def remove_older(
    session: AsyncSession, viewer: Viewer, before: datetime, limit: int
) -> list[UUID]:
    """Remove reports made before this time; their files are swept by themselves."""
    viewer.require("*")
    old = select(Report.id).where(Report.ordered_at < before).order_by(Report.ordered_at)
    query = delete(Report).where(Report.id.in_(old.limit(limit).scalar_subquery()))
    return list((await session.execute(query.returning(Report.id))).scalars())


# --- what scores do not count -----------------------------------------------------------------


async def has_cases(session: AsyncSession, viewer: Viewer, area: str, period: Period) -> bool:
    """Whether anything was opened in the period: of an empty one nothing is to be said."""
    _readable(viewer, area)
    found = select(CaseFact.case_id).where(
        CaseFact.area == area,
        CaseFact.opened_at >= period.start,
        CaseFact.opened_at < period.end,
    )
    return bool((await session.execute(select(found.exists()))).scalar())


async def per_day(
    session: AsyncSession, viewer: Viewer, area: str, rules: Rules, period: Period, zone: ZoneInfo
) -> list[Day]:
    """What was opened and closed on each day of the period, as the rules count."""
    _readable(viewer, area)
    counts: list[Mapping[Any, int]] = []
    for column in (CaseFact.opened_at, CaseFact.closed_at):
        day = cast(func.timezone(zone.key, column), Date)
        query = (
            select(day, func.count())
            .where(
                CaseFact.area == area, column >= period.start, column < period.end,
                scores.counted(rules, "cases"),
            )
            .group_by(day)
        )  # fmt: skip
        counts.append({row[0]: row[1] for row in await session.execute(query)})
    first = period.start.astimezone(zone).date()
    last = (period.end - timedelta(hours=1)).astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [Day(day, counts[0].get(day, 0), counts[1].get(day, 0)) for day in days]


def _open(area: str, at: datetime) -> ColumnElement[bool]:
    """Open at that moment, whatever has become of it since."""
    return and_(
        CaseFact.area == area,
        CaseFact.opened_at < at,
        or_(CaseFact.closed_at.is_(None), CaseFact.closed_at >= at),
        not_(CaseFact.merged),
    )


def _suspended(at: datetime) -> ColumnElement[bool]:
    return exists().where(
        CaseClock.case_id == CaseFact.case_id,
        CaseClock.kind == SUSPENSION,
        CaseClock.started_at < at,
        or_(CaseClock.stopped_at.is_(None), CaseClock.stopped_at >= at),
    )


def _overdue(at: datetime) -> ColumnElement[bool]:
    return func.coalesce(CaseFact.due_at < at, False)


async def stock(
    session: AsyncSession, viewer: Viewer, area: str, at: datetime
) -> tuple[Stock, dict[UUID | None, Stock]]:
    """What was not done at that moment, all together and by the unit that holds it."""
    _readable(viewer, area)
    suspended = _suspended(at)
    overdue = and_(_overdue(at), not_(suspended))
    query = (
        select(
            CaseFact.unit_id,
            func.count(),
            func.count().filter(overdue),
            func.count().filter(suspended),
        )
        .where(_open(area, at))
        .group_by(CaseFact.unit_id)
    )
    found = {row[0]: Stock(*row[1:]) for row in await session.execute(query)}
    total = Stock(
        sum(one.open for one in found.values()),
        sum(one.overdue for one in found.values()),
        sum(one.suspended for one in found.values()),
    )
    return total, found


async def overdue(session: AsyncSession, viewer: Viewer, area: str, at: datetime) -> Listed:
    """Those that were overdue for longest at that moment."""
    late = and_(_open(area, at), _overdue(at), not_(_suspended(at)))
    return await _listed(session, viewer, area, late, literal("overdue"), at - CaseFact.due_at)


async def suspended(session: AsyncSession, viewer: Viewer, area: str, at: datetime) -> Listed:
    """Those that were suspended (挂账) at that moment."""
    still = and_(_open(area, at), _suspended(at))
    lasted = at - CaseFact.opened_at
    return await _listed(session, viewer, area, still, literal("suspended"), lasted)


async def matters(
    session: AsyncSession, viewer: Viewer, area: str, at: datetime
) -> tuple[Listed, dict[str, int]]:
    """Cases open at that moment that somebody has to bring together about: units called and not
    released, contested upstream, returned again and again. And how many of each.
    """
    holds = {
        "parties": exists().where(
            CaseParty.case_id == CaseFact.case_id,
            CaseParty.called_at < at,
            or_(CaseParty.released_at.is_(None), CaseParty.released_at >= at),
        ),
        "contested": exists().where(
            WorkOrder.case_id == CaseFact.case_id,
            WorkOrder.contested_at < at,
            or_(WorkOrder.closed_at.is_(None), WorkOrder.closed_at >= at),
        ),
        "bounced": _returns(at) >= BOUNCED,
    }
    why = sql_case(*((holds[name], name) for name in MATTERS))
    where = and_(_open(area, at), why.is_not(None))
    found = await _listed(session, viewer, area, where, why, at - CaseFact.opened_at)
    query = select(why.label("why"), func.count()).select_from(CaseFact).where(where)
    counted = await session.execute(query.group_by(why))
    return found, {row[0]: row[1] for row in counted}


def _returns(at: datetime) -> Any:
    """How often it had been returned by then."""
    return (
        select(func.count())
        .where(
            CaseFact.returned >= BOUNCED,
            Journal.subject == CaseFact.case_id,
            Journal.subject_kind == "case",
            Journal.action == "case.returned",
            Journal.at < at,
        )
        .correlate(CaseFact)
        .scalar_subquery()
    )


async def _listed(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    where: ColumnElement[bool],
    why: Any,
    lasted: Any,
) -> Listed:
    """Cases by number, those that lasted longest first; named are those that every reader of
    reports may know of, counted all.
    """
    _readable(viewer, area)
    of_class = and_(TaxonomyClass.scheme == CaseFact.scheme, TaxonomyClass.code == CaseFact.code)
    name = select(func.min(TaxonomyClass.name)).where(of_class).scalar_subquery()
    days = func.extract("epoch", lasted) / 86_400
    query = (
        select(Case.number, name, Unit.name, why, days)
        .select_from(CaseFact)
        .join(Case, Case.id == CaseFact.case_id)
        .outerjoin(Unit, Unit.id == CaseFact.unit_id)
        .where(where, CaseFact.grade <= GRADE_INTERNAL)
        .order_by(lasted.desc(), Case.number)
        .limit(NAMED_MOST)
    )
    rows = [
        Named(number, class_name, unit_name, code, float(lasting))
        for number, class_name, unit_name, code, lasting in await session.execute(query)
    ]
    count = await session.execute(select(func.count()).select_from(CaseFact).where(where))
    return Listed(tuple(rows), count.scalar_one())


async def excluded(
    session: AsyncSession, viewer: Viewer, area: str, rules: Rules, period: Period
) -> tuple[Listed, dict[str, int]]:
    """What the rules leave out, by number with the first reason, and how many for each."""
    _readable(viewer, area)
    asked = scores.Asked(rules, period, None, None)
    # All of them are counted; named are those that every reader may know of.
    everything = await scores.excluded(session, viewer, area, asked, None, mine=literal(True))
    counts: dict[str, int] = {}
    for row in everything:
        code = (row.why or "").removeprefix(OUTCOME)
        counts[code] = counts.get(code, 0) + 1
    shown = await scores.excluded(
        session, viewer, area, asked, EXCLUDED_MOST, mine=Case.grade <= GRADE_INTERNAL
    )
    places = await _places(session, [row.case_id for row in shown])
    named = tuple(
        Named(
            row.order or row.number, *places[row.case_id],
            (row.why or "").removeprefix(OUTCOME),
        )
        for row in shown
    )  # fmt: skip
    return Listed(named, len(everything)), counts


async def _places(
    session: AsyncSession, ids: Sequence[UUID]
) -> dict[UUID, tuple[str | None, str | None]]:
    """Class and unit of cases, as people call them."""
    of_class = and_(TaxonomyClass.scheme == CaseFact.scheme, TaxonomyClass.code == CaseFact.code)
    name = select(func.min(TaxonomyClass.name)).where(of_class).scalar_subquery()
    query = (
        select(CaseFact.case_id, name, Unit.name)
        .outerjoin(Unit, Unit.id == CaseFact.unit_id)
        .where(among(CaseFact.case_id, list(ids)))
    )
    return {row[0]: (row[1], row[2]) for row in await session.execute(query)}
