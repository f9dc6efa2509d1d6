"""All SQL of the process view: deriving steps, reading them, and what stands behind a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, insert, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from streetwise.directory.tables import TaxonomyClass, Unit
from streetwise.kernel.database import among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.journal import Journal
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.flow.engine import Log
from streetwise.resolve.flow.event_log import Stepped
from streetwise.resolve.flow.fold import PREFIX, Told, fold
from streetwise.resolve.flow.tables import CaseStep
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.scores.tables import CaseFact
from streetwise.resolve.tables import Case

# --- deriving -----------------------------------------------------------------------------


async def lock_steps(session: AsyncSession) -> None:
    """One at a time derives."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("resolve.steps"))))


async def stale(session: AsyncSession, viewer: Viewer, limit: int) -> list[UUID]:
    """Cases that have changed since their steps were derived, at most so many. What somebody is at
    work on is passed by and comes with the next time: its row could not be referred to now.
    """
    viewer.require("*")
    same = and_(CaseStep.case_id == Case.id, CaseStep.n == 0, CaseStep.version == Case.version)
    query = (
        select(Case.id)
        .outerjoin(CaseStep, same)
        .where(CaseStep.case_id.is_(None))
        .order_by(Case.id)
        .limit(limit)
        .with_for_update(read=True, key_share=True, of=Case, skip_locked=True)
    )
    return list((await session.execute(query)).scalars())


async def derive(session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]) -> None:
    """Write the steps of these cases anew, as ``fold`` says."""
    viewer.require("*")
    known = await session.execute(
        select(Case.id, Case.version, Case.area, Case.opened_at, Case.state).where(
            among(Case.id, ids)
        )
    )
    told = await _told(session, ids)
    rows: list[dict[str, Any]] = []
    for case_id, version, area, opened_at, state in known:
        # A case without any entry (a street loaded with its cases) stands where it stands.
        entries = told.get(case_id) or [Told(f"{PREFIX}opened", opened_at, state)]
        rows += [
            {"case_id": case_id, "version": version, "area": area, **asdict(step)}
            for step in fold(entries, opened_at)
        ]
    await session.execute(delete(CaseStep).where(among(CaseStep.case_id, ids)))
    if rows:
        await session.execute(insert(CaseStep), rows)


async def _told(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[Told]]:
    told: dict[UUID, list[Told]] = {}
    data = Journal.data
    query = (
        select(
            Journal.subject, Journal.action, Journal.at, data["to"].astext,
            data.has_key("holder"), data["holder"].astext,
        )
        .where(among(Journal.subject, ids), Journal.subject_kind == "case")
        .where(Journal.action.startswith(PREFIX))
        .order_by(Journal.subject, Journal.seq)
    )  # fmt: skip
    for subject, action, at, state, tells, holder in await session.execute(query):
        one = Told(action, at, state, tells, UUID(holder) if holder else None)
        told.setdefault(subject, []).append(one)
    return told


# --- reading ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """Cases that began in ``start`` <= at < ``stop``; of one class (scheme:code), or that one unit
    had at any time.
    """

    area: str
    start: datetime
    stop: datetime
    cls: str | None = None
    unit: UUID | None = None


def _may_read(viewer: Viewer, area: str) -> None:
    """Counts show no case; who may read scores of the area may read all of its counts."""
    viewer.require("score.read")
    if not viewer.sees_area(area):
        raise NotFound("There is no such area, or it is not yours to see.", area=area)


def _cases(asked: Asked) -> Select[Any]:
    """The cases that are asked for. What came closed from upstream went no way here."""
    first = aliased(CaseStep)
    query = select(first.case_id).where(
        first.n == 0,
        first.area == asked.area,
        first.at >= asked.start,
        first.at < asked.stop,
        first.to_state != CLOSED,
    )
    if asked.cls is not None:
        fact = CaseFact.scheme + ":" + CaseFact.code
        query = query.join(CaseFact, CaseFact.case_id == first.case_id).where(fact == asked.cls)
    if asked.unit is not None:
        held = aliased(CaseStep)
        query = query.where(
            exists().where(held.case_id == first.case_id, held.unit_id == asked.unit)
        )
    return query


async def log(session: AsyncSession, viewer: Viewer, asked: Asked) -> tuple[Log, list[str]]:
    """The steps of the cases, and the class of each case ("" where it has none)."""
    _may_read(viewer, asked.area)
    wanted = _cases(asked).subquery("wanted")
    query = (
        select(
            CaseStep.case_id, CaseStep.action, CaseStep.from_state, CaseStep.to_state,
            CaseStep.from_unit_id, CaseStep.unit_id, CaseStep.seconds,
            (CaseFact.scheme + ":" + CaseFact.code).label("cls"),
        )
        .join(wanted, wanted.c.case_id == CaseStep.case_id)
        .outerjoin(CaseFact, CaseFact.case_id == CaseStep.case_id)
        .order_by(CaseStep.case_id, CaseStep.n)
    )  # fmt: skip
    rows = (await session.execute(query)).all()
    if not rows:
        return _log([], [[] for _ in range(6)]), []
    numbers: list[int] = []
    classes: list[str] = []
    last = None
    for row in rows:
        if row[0] != last:
            last = row[0]
            classes.append(row[7] or "")
        numbers.append(len(classes) - 1)
    columns = list(zip(*rows, strict=True))
    return _log(numbers, columns[1:7]), classes


def _log(numbers: Sequence[int], columns: Sequence[Sequence[Any]]) -> Log:
    def words(column: Sequence[Any]) -> Any:
        return np.array([str(one) if one is not None else "" for one in column], dtype=np.str_)

    action, source, target, before, unit, seconds = columns
    times = np.array([np.nan if one is None else one for one in seconds], dtype=np.float64)
    case = np.array(numbers, dtype=np.int64)
    return Log(case, words(action), words(source), words(target), words(before), words(unit), times)


async def names_of(
    session: AsyncSession, viewer: Viewer, units: Sequence[UUID], classes: Sequence[str]
) -> dict[str, str]:
    """How people call units (by id, as text) and classes (by scheme:code)."""
    viewer.require("score.read")
    code = TaxonomyClass.scheme + ":" + TaxonomyClass.code
    found = {
        str(row[0]): row[1]
        for row in await session.execute(select(Unit.id, Unit.name).where(among(Unit.id, units)))
    }
    named = await session.execute(select(code, TaxonomyClass.name).where(code.in_(classes)))
    return found | {row[0]: row[1] for row in named}


class Behind(NamedTuple):
    """A case behind an edge: when it took that way, and how long it had waited (seconds)."""

    case_id: UUID
    number: str
    title: str
    state: str
    at: datetime
    waited: float | None


async def behind(
    session: AsyncSession,
    viewer: Viewer,
    asked: Asked,
    edge: tuple[str, str, str | None],
    limit: int,
    *,
    mine: ColumnElement[bool],
) -> list[Behind]:
    """The cases behind an edge (source, target, action or any), those that had waited longest
    first; of them what the viewer may see (``mine``, as the lists have it).
    """
    _may_read(viewer, asked.area)
    source, target, action = edge
    step, before = aliased(CaseStep), aliased(CaseStep)
    came = and_(before.case_id == step.case_id, before.n == step.n - 1)
    query = (
        select(Case.id, Case.number, Case.title, Case.state, step.at, before.seconds)
        .select_from(step)
        .join(Case, Case.id == step.case_id)
        .outerjoin(before, came)
        .where(step.case_id.in_(_cases(asked)), step.to_state == target, mine)
        .where(step.from_state == source if source else step.from_state.is_(None))
        .where(step.action == action if action else true())
        .order_by(before.seconds.desc().nulls_last(), step.at.desc(), step.case_id, step.n)
        .limit(limit)
    )
    return [Behind(*row) for row in await session.execute(query)]


# --- export -------------------------------------------------------------------------------


async def cases_of(session: AsyncSession, viewer: Viewer, asked: Asked) -> list[UUID]:
    """The cases of an export, in the order in which they began."""
    _may_read(viewer, asked.area)
    wanted = _cases(asked).subquery()
    return list(
        (await session.execute(select(wanted.c.case_id).order_by(wanted.c.case_id))).scalars()
    )


async def actions_of(session: AsyncSession, viewer: Viewer, asked: Asked) -> list[str]:
    """The actions that occur in an export."""
    _may_read(viewer, asked.area)
    query = select(CaseStep.action).where(CaseStep.case_id.in_(_cases(asked))).distinct()
    return sorted((await session.execute(query)).scalars())


async def stepped(
    session: AsyncSession, viewer: Viewer, area: str, ids: Sequence[UUID]
) -> list[Stepped]:
    """The steps of some cases, those of one case together. Units by their code: who has the case
    then, or who let it go.
    """
    _may_read(viewer, area)
    query = (
        select(
            Case.number, CaseFact.nature, CaseFact.scheme + ":" + CaseFact.code,
            CaseStep.action, CaseStep.to_state, Unit.code, CaseStep.at,
        )
        .select_from(CaseStep)
        .join(Case, Case.id == CaseStep.case_id)
        .outerjoin(CaseFact, CaseFact.case_id == CaseStep.case_id)
        .outerjoin(Unit, Unit.id == func.coalesce(CaseStep.unit_id, CaseStep.from_unit_id))
        .where(among(CaseStep.case_id, ids), CaseStep.area == area)
        .order_by(CaseStep.case_id, CaseStep.n)
    )  # fmt: skip
    return [Stepped(*row) for row in await session.execute(query)]
