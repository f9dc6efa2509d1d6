"""SQL of petitions after their answer. What a viewer sees of them is what they see of the case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import among
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.clocks.tables import CaseClock
from streetwise.resolve.petitions.course import Course, Hearing, Opinion, Review
from streetwise.resolve.petitions.tables import Petition, PetitionReview
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case


async def of_signals(
    session: AsyncSession, viewer: Viewer, signal_ids: Iterable[UUID]
) -> dict[UUID, Petition]:
    """signal → its petition, of those that went further and whose case the viewer sees."""
    query = select(Petition).join(Case, Case.id == Petition.case_id)
    query = query.where(among(Petition.id, signal_ids), visible(viewer))
    return {row.id: row for row in (await session.execute(query)).scalars()}


async def reviews_of(
    session: AsyncSession, viewer: Viewer, signal_ids: Iterable[UUID]
) -> dict[UUID, list[PetitionReview]]:
    """signal → its reviews, in order."""
    query = select(PetitionReview).join(Case, Case.id == PetitionReview.case_id)
    query = query.where(among(PetitionReview.petition_id, signal_ids), visible(viewer))
    found: dict[UUID, list[PetitionReview]] = {}
    for row in (await session.execute(query.order_by(PetitionReview.n))).scalars():
        found.setdefault(row.petition_id, []).append(row)
    return found


async def listed(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    states: Sequence[str],
    *,
    limit: int,
    offset: int,
) -> tuple[list[Petition], int]:
    """(petitions of an area in these states, the newest first; how many there are)."""
    query = _in_states(viewer, area, states)
    page = query.order_by(Petition.began_at.desc(), Petition.id).limit(limit).offset(offset)
    found = list((await session.execute(page)).scalars())
    return found, await count(session, viewer, area, states)


async def count(session: AsyncSession, viewer: Viewer, area: str, states: Sequence[str]) -> int:
    """How many petitions of an area are in one of these states."""
    inner = _in_states(viewer, area, states).subquery()
    return int((await session.execute(select(func.count()).select_from(inner))).scalar_one())


def _in_states(viewer: Viewer, area: str, states: Sequence[str]) -> Select[Petition]:
    query = select(Petition).join(Case, Case.id == Petition.case_id)
    return query.where(visible(viewer, area), Petition.area == area, Petition.state.in_(states))


async def move(
    session: AsyncSession, signal_ids: Iterable[UUID], source: UUID, target: UUID
) -> None:
    """Petitions go with their signals when these go from one case to another, and their clocks run
    on as they did. The caller has locked both cases.
    """
    query = (
        update(Petition)
        .where(among(Petition.id, signal_ids), Petition.case_id == source)
        .values(case_id=target, version=Petition.version + 1)
        .returning(Petition.id, Petition.clock_ids)
        .execution_options(synchronize_session=False)
    )
    went = (await session.execute(query)).all()
    if not went:
        return
    ids = [row[0] for row in went]
    clocks = [one for row in went for one in row[1]]
    for table, wanted in (
        (PetitionReview, among(PetitionReview.petition_id, ids)),
        (CaseClock, among(CaseClock.id, clocks)),
    ):
        await session.execute(
            update(table)
            .where(wanted)
            .values(case_id=target)
            .execution_options(synchronize_session=False)
        )


# --- rows and values -----------------------------------------------------------------------


def course_of(row: Petition, reviews: Sequence[PetitionReview]) -> Course:
    """What the rows say, as a value."""
    return Course(
        row.state,
        tuple(
            Opinion(_day(one["on"]), _day_or_none(one.get("served_on")), one.get("how"))
            for one in row.opinions
        ),
        tuple(
            Review(
                one.stage, one.round, one.asked_on, one.received_on, one.told_on, one.organ,
                one.file_on,
                tuple(Hearing(_day(h["on"]), _day_or_none(h.get("over"))) for h in one.hearings),
                one.outcome, one.outcome_on, one.served_on,
            )
            for one in reviews
        ),
    )  # fmt: skip


def opinions_of(course: Course, letters: Sequence[str | None]) -> list[dict[str, Any]]:
    """Our opinions as they are stored; ``letters``: the id of each one's letter."""
    return [
        {
            "on": one.on.isoformat(),
            "served_on": one.served_on.isoformat() if one.served_on else None,
            "how": one.how,
            "letter": letter,
        }
        for one, letter in zip(course.opinions, letters, strict=True)
    ]


def write_review(row: PetitionReview, one: Review) -> None:
    """Bring a row to what the value says."""
    row.stage, row.round, row.organ = one.stage, one.round, one.organ
    row.asked_on, row.received_on, row.told_on = one.asked_on, one.received_on, one.told_on
    row.file_on, row.outcome = one.file_on, one.outcome
    row.outcome_on, row.served_on = one.outcome_on, one.served_on
    row.hearings = [
        {"on": h.on.isoformat(), "over": h.over.isoformat() if h.over else None}
        for h in one.hearings
    ]


def _day(said: str) -> date:
    return date.fromisoformat(said)


def _day_or_none(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None
