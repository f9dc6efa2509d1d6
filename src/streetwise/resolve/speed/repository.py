"""All SQL of handling times: of a period as it is now, and of frozen ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, and_, case, cast, func, insert, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.flow.tables import CaseStep
from streetwise.resolve.loop import CLOSED, REPORTED, SUSPENDED, VERIFIED
from streetwise.resolve.scores.tables import CaseFact
from streetwise.resolve.speed.report import Timed
from streetwise.resolve.speed.tables import SpeedBaseline, SpeedCase
from streetwise.resolve.tables import Case

#: States of a case that was reported done, and whose report stands.
DONE = (REPORTED, VERIFIED, CLOSED)


def may_read(viewer: Viewer, area: str) -> None:
    """Ratios show no case; who may read scores of the area may read all of its times."""
    viewer.require("score.read")
    if not viewer.sees_area(area):
        raise NotFound("There is no such area, or it is not yours to see.", area=area)


async def lock_baselines(session: AsyncSession) -> None:
    """One at a time freezes."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("resolve.speed"))))


def _seconds(since: Any, until: Any) -> ColumnElement[float]:
    return cast(func.extract("epoch", until - since), Float)


async def timed(
    session: AsyncSession, viewer: Viewer, area: str, start: datetime, stop: datetime, now: datetime
) -> tuple[list[Timed], int]:
    """The cases opened in ``start`` <= opened < ``stop`` as they are now; and how many are left
    out: merged into others, ended without "fixed", or come closed from upstream.
    """
    may_read(viewer, area)
    fact, step = CaseFact, CaseStep
    rested = func.sum(func.coalesce(step.seconds, _seconds(step.at, now)))
    here = func.max(step.to_state).filter(step.seconds.is_(None))
    steps = (
        select(
            func.coalesce(rested.filter(step.to_state == SUSPENDED), 0.0).label("rested"),
            here.label("state"),
        )
        .where(step.case_id == fact.case_id)
        .lateral("steps")
    )
    state, rest = steps.c.state, steps.c.rested

    def until(at: Any, reached: ColumnElement[bool]) -> Any:
        spent = func.greatest(_seconds(fact.opened_at, at) - rest, 0.0)
        return case((and_(reached, at.is_not(None)), spent))

    left_out = or_(
        fact.merged,
        fact.outcome.is_not(None),
        and_(fact.closed_at.is_not(None), fact.reported_at.is_(None)),
    )
    query = (
        select(
            fact.case_id, fact.unit_id, fact.scheme, fact.code, fact.opened_at,
            until(fact.reported_at, state.in_(DONE)),
            until(fact.closed_at, state == CLOSED),
            func.greatest(_seconds(fact.opened_at, now) - rest, 0.0),
            left_out,
        )
        .select_from(fact)
        .join(steps, true())
        .where(fact.area == area, fact.opened_at >= start, fact.opened_at < stop)
        .order_by(fact.opened_at, fact.case_id)
    )  # fmt: skip
    rows = (await session.execute(query)).all()
    kept = [Timed(*row[:-1]) for row in rows if not row[-1]]
    return kept, len(rows) - len(kept)


async def behind(
    session: AsyncSession, viewer: Viewer, area: str, start: datetime, stop: datetime
) -> bool:
    """Whether a case opened in the period has changed since its facts or steps were derived."""
    may_read(viewer, area)
    fact = and_(CaseFact.case_id == Case.id, CaseFact.version == Case.version)
    step = and_(CaseStep.case_id == Case.id, CaseStep.n == 0, CaseStep.version == Case.version)
    query = (
        select(Case.id)
        .outerjoin(CaseFact, fact)
        .outerjoin(CaseStep, step)
        .where(
            Case.area == area,
            Case.opened_at >= start,
            Case.opened_at < stop,
            or_(CaseFact.case_id.is_(None), CaseStep.case_id.is_(None)),
        )
        .limit(1)
    )
    return (await session.execute(query)).first() is not None


async def baselines(session: AsyncSession, viewer: Viewer, area: str) -> list[SpeedBaseline]:
    """All of the area, the newest first."""
    may_read(viewer, area)
    query = (
        select(SpeedBaseline)
        .where(SpeedBaseline.area == area)
        .order_by(SpeedBaseline.number.desc())
    )
    return list((await session.execute(query)).scalars())


async def frozen(session: AsyncSession, viewer: Viewer, baseline: SpeedBaseline) -> list[Timed]:
    """The cases of a baseline as they were then."""
    may_read(viewer, baseline.area)
    names = Timed._fields
    query = (
        select(*(getattr(SpeedCase, name) for name in names))
        .where(SpeedCase.baseline_id == baseline.id)
        .order_by(SpeedCase.opened_at, SpeedCase.case_id)
    )
    return [Timed(*row) for row in await session.execute(query)]


async def keep(
    session: AsyncSession, viewer: Viewer, baseline: SpeedBaseline, cases: Sequence[Timed]
) -> None:
    """Write a baseline with its cases."""
    viewer.require("baseline.freeze")
    session.add(baseline)
    await session.flush()
    rows = [{"baseline_id": baseline.id, **one._asdict()} for one in cases]
    if rows:
        await session.execute(insert(SpeedCase), rows)
