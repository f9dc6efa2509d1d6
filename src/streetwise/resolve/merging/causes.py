"""Several cases with one cause (一因多案): looked for now and then, offered, and decided.

Each case keeps its voices, its clock and its own way through the loop; that they hang under one
parent says only that they have one cause. The officer chooses which: one of them, or a case that
is opened for the cause.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid, NotFound
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.merging import cause_repository as causes
from streetwise.resolve.merging import repository
from streetwise.resolve.merging.book import known_of
from streetwise.resolve.merging.cause_case import close_made, open_for
from streetwise.resolve.merging.cause_repository import CAUSE
from streetwise.resolve.merging.pairs import CAPABILITY, entry
from streetwise.resolve.merging.tables import CauseOffer
from streetwise.resolve.merging.voiding import sweep_offers
from streetwise.resolve.tables import Case, units_of
from streetwise.resolve.understand.causes import CASES_MIN, CommonCause, Said, common_cause

declare(
    {
        "case.cause_offered": "Cases were found that may have one cause; the first of them, or the"
        " one that may be the cause; data: cases (how many).",
        "case.cause_refused": "An officer found that these cases have not one cause; data: cases.",
    }
)

SYSTEM = Viewer.system("causes")
#: Open cases looked over at a time, the newest; offers and doubts brought up to date.
CASES_MOST, SWEPT_MOST = 2000, 500


# --- looking ---------------------------------------------------------------------------------


async def look(runtime: Runtime) -> None:
    """Look over open cases and offer what may have one cause; run twice, nothing more happens."""
    since = runtime.database.clock.now() - timedelta(hours=runtime.settings.cause_look_back_hours)
    async with runtime.database.read(SYSTEM) as session:
        rows = await causes.open_prints(session, SYSTEM, since, CASES_MOST)
        said = await _said(session, [row.case_id for row in rows])
    by_area: dict[str, list[Any]] = {}
    for row in rows:
        by_area.setdefault(row.area, []).append(known_of(row))
    found = []
    for known in by_area.values():
        found += await asyncio.to_thread(common_cause, known, said)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await bring_up_to_date(uow, found)
        await sweep_offers(uow.session, uow.now, SWEPT_MOST)


async def _said(session: AsyncSession, ids: Sequence[UUID]) -> Said:
    """What officers have said of these cases."""
    hung = await causes.hung(session, SYSTEM, ids)
    apart: set[frozenset[str]] = set()
    for members, parent in await causes.refused_of(session, SYSTEM, ids):
        together = {str(one) for one in (*members, parent) if one}
        apart.update(map(frozenset, combinations(sorted(together), 2)))
    return Said({str(case): str(parent) for case, parent in hung.items()}, apart)


async def bring_up_to_date(uow: UnitOfWork, found: Sequence[CommonCause]) -> None:
    """Offer what was found, widen what is offered already, close what has become void."""
    await causes.lock_causes(uow.session)
    standing = await causes.open_offers(uow.session, SYSTEM, None, SWEPT_MOST, lock=True)
    ids = {UUID(one) for cause in found for one in (*cause.cases, cause.parent) if one}
    ids |= {one for offer in standing for one in (*offer.members, offer.parent_id) if one}
    locked = await cases.lock_cases(uow.session, SYSTEM, ids)
    parents = await repository.parents_around(uow.session, SYSTEM, ids)
    now = _Now(uow.now, locked, {one for one in parents.values() if one})
    # Whoever decided while this was thought out has been waited for: what they said counts.
    decided = await _decided(uow.session, ids, standing)
    offered = {member: offer for offer in standing for member in offer.members}
    renewed: set[UUID] = set()
    for cause in found:
        members = [UUID(one) for one in cause.cases]
        parent = UUID(cause.parent) if cause.parent else None
        if not now.fits(members, parent) or decided.speaks_of(members, parent):
            continue  # somebody was quicker
        before = next((offered[one] for one in members if one in offered), None)
        if before is not None and before.id not in renewed:
            renewed.add(before.id)
            _widen(uow, now, before, members, parent, cause)
        elif before is None:
            _offer(uow, now, members, parent, cause)
    for offer in standing:
        if offer.id not in renewed:
            _shrink(now, offer)
    await uow.session.flush()
    stale = await causes.doubted_without_offer(uow.session, SYSTEM, SWEPT_MOST)
    for case in (await cases.lock_cases(uow.session, SYSTEM, stale)).values():
        _drop_doubt(case)


async def _decided(
    session: AsyncSession, ids: Iterable[UUID], standing: Sequence[CauseOffer]
) -> _Decided:
    wanted = list(ids)
    known = {offer.id for offer in standing}
    held = await causes.offers_of(session, SYSTEM, wanted)
    return _Decided(
        (await _said(session, wanted)).apart,
        {member for offer in held if offer.id not in known for member in offer.members},
    )


@dataclass(frozen=True, slots=True)
class _Decided:
    """Pairs that were told apart, and cases of offers that somebody has in hand."""

    apart: Set[frozenset[str]]
    held: Set[UUID]

    def speaks_of(self, members: Sequence[UUID], parent: UUID | None) -> bool:
        together = {str(one) for one in (*members, parent) if one}
        pairs = combinations(sorted(together), 2)
        return not self.held.isdisjoint(members) or any(
            frozenset(pair) in self.apart for pair in pairs
        )


@dataclass(frozen=True, slots=True)
class _Now:
    """The cases that are spoken of, locked. ``parents``: those that others hang under."""

    at: datetime
    cases: Mapping[UUID, Case]
    parents: set[UUID]

    def loose(self, case_id: UUID) -> bool:
        """Whether this case may be hung somewhere by an offer that anybody may see."""
        case = self.cases.get(case_id)
        return (
            case is not None
            and case.state != CLOSED
            and case.grade <= GRADE_INTERNAL
            and case.parent_id is None
            and case.id not in self.parents
        )

    def stands(self, case_id: UUID) -> bool:
        """Whether others may be hung under this one."""
        case = self.cases.get(case_id)
        return case is not None and case.state != CLOSED and case.parent_id is None

    def fits(self, members: Sequence[UUID], parent: UUID | None) -> bool:
        """Whether there is something to be decided."""
        if parent is not None and not self.stands(parent):
            return False
        least = 1 if parent is not None and parent not in members else CASES_MIN
        return len(members) >= least and all(map(self.loose, members))


def _offer(
    uow: UnitOfWork,
    now: _Now,
    members: list[UUID],
    parent: UUID | None,
    cause: CommonCause,
) -> None:
    offer = CauseOffer(
        id=new_id(),
        area=now.cases[members[0]].area,
        members=members,
        parent_id=parent,
        reasons=_reasons(cause),
        state=repository.OPEN,
        hung=[],
        under_id=None,
        made=False,
        made_at=now.at,
        decided_at=None,
    )
    uow.session.add(offer)
    _ask(uow, SYSTEM, now.cases, offer)


def _widen(
    uow: UnitOfWork,
    now: _Now,
    offer: CauseOffer,
    members: list[UUID],
    parent: UUID | None,
    cause: CommonCause,
) -> None:
    if (offer.members, offer.parent_id) == (members, parent):
        return
    _drop_doubts(now.cases, offer)
    offer.members, offer.parent_id, offer.reasons = members, parent, _reasons(cause)
    _ask(uow, SYSTEM, now.cases, offer)


def _shrink(now: _Now, offer: CauseOffer) -> None:
    """What was not found again stands for those of its cases that are left, if they are enough."""
    left = [one for one in offer.members if now.loose(one)]
    parent = offer.parent_id
    if parent is not None and not now.stands(parent):
        parent = None
    if (left, parent) == (offer.members, offer.parent_id):
        return
    _drop_doubts(now.cases, offer)
    if now.fits(left, parent):
        offer.members, offer.parent_id = left, parent
        _doubt(now.cases[lead_of(offer)])
    else:
        offer.state, offer.decided_at = repository.VOID, now.at


def _reasons(cause: CommonCause) -> list[dict[str, Any]]:
    return [{"code": one.code, "params": dict(one.params)} for one in cause.reasons]


def lead_of(offer: CauseOffer) -> UUID:
    """The case at which the desk asks: the one that may be the cause, or the first."""
    return offer.parent_id if offer.parent_id in offer.members else offer.members[0]


def _ask(uow: UnitOfWork, viewer: Viewer, found: Mapping[UUID, Case], offer: CauseOffer) -> None:
    lead = found[lead_of(offer)]
    _doubt(lead)
    _record(uow, viewer, "case.cause_offered", lead, offer)


def _doubt(lead: Case) -> None:
    if CAUSE not in lead.doubts:
        lead.doubts = [*lead.doubts, CAUSE]


def _drop_doubts(found: Mapping[UUID, Case], offer: CauseOffer) -> None:
    for one in offer.members:
        if one in found:
            _drop_doubt(found[one])


def _drop_doubt(case: Case) -> None:
    if CAUSE in case.doubts:
        case.doubts = [one for one in case.doubts if one != CAUSE]


def _record(uow: UnitOfWork, viewer: Viewer, action: str, case: Case, offer: CauseOffer) -> None:
    uow.record(
        Entry(
            viewer.actor,
            action,
            "case",
            case.id,
            area=case.area,
            units=units_of(case),
            grade=case.grade,
            data={"cases": len(offer.members), "version": case.version},
            drill=viewer.drill,
        )
    )


# --- deciding --------------------------------------------------------------------------------


async def accept_cause(
    uow: UnitOfWork, viewer: Viewer, offer_id: UUID, parent_id: UUID | None
) -> Case:
    """These cases have one cause: they hang under ``parent_id`` (one of the offer's), or (None)
    under a case that is opened for it; that case.

    ``uow`` is the system's: the new case may lie where the officer sees none.
    """
    viewer.require(CAPABILITY)
    offer, found = await _offered(uow, viewer, offer_id)
    if offer.state != repository.OPEN:
        raise Conflict("Somebody has decided on this offer already.", code="offer_decided")
    if parent_id is not None and parent_id not in (*offer.members, offer.parent_id):
        raise Invalid("Choose one of the offered cases, or none.", code="cause_parent")
    around = await repository.parents_around(uow.session, SYSTEM, found)
    now = _Now(uow.now, found, {one for one in around.values() if one})
    members = [found[one] for one in offer.members if one != parent_id and now.loose(one)]
    if not members or (parent_id is not None and not now.stands(parent_id)):
        raise Conflict("These cases have changed meanwhile; look again.", code="cause_changed")
    if parent_id is None:
        parent = await open_for(uow, viewer, members)
    else:
        parent = found[parent_id]
    for case in members:
        case.parent_id = parent.id
        case.version += 1
        uow.record(entry(viewer, "case.hung", case, parent, parent=str(parent.id)))
    offer.state, offer.decided_at = repository.JOINED, uow.now
    offer.hung, offer.under_id = [case.id for case in members], parent.id
    offer.made = parent_id is None
    _drop_doubts(found, offer)
    await uow.session.flush()
    return parent


async def refuse_cause(uow: UnitOfWork, viewer: Viewer, offer_id: UUID) -> Case:
    """These cases have not one cause; no two of them are offered as such again."""
    viewer.require(CAPABILITY)
    offer, found = await _offered(uow, viewer, offer_id)
    if offer.state != repository.OPEN:
        raise Conflict("Somebody has decided on this offer already.", code="offer_decided")
    offer.state, offer.decided_at = repository.REFUSED, uow.now
    _drop_doubts(found, offer)
    lead = found[lead_of(offer)]
    lead.version += 1
    _record(uow, viewer, "case.cause_refused", lead, offer)
    return lead


async def undo_cause(uow: UnitOfWork, viewer: Viewer, offer_id: UUID) -> Case:
    """Take the decision on an offer back: what it hung is taken off, and it stands again. A case
    that was opened for the cause is closed, unless somebody works on it already.
    """
    viewer.require(CAPABILITY)
    offer, found = await _offered(uow, viewer, offer_id)
    if offer.state not in (repository.JOINED, repository.REFUSED):
        raise Conflict("There is no decision to take back.", code="cause_undecided")
    if offer.under_id is not None:
        _take_off(uow, viewer, [found[one] for one in offer.hung], found[offer.under_id])
        await uow.session.flush()
        children = await repository.children(uow.session, SYSTEM, offer.under_id)
        if offer.made and not children:
            close_made(uow, viewer, found[offer.under_id])
    offer.state, offer.decided_at = repository.OPEN, None
    offer.hung, offer.under_id, offer.made = [], None, False
    _ask(uow, viewer, found, offer)
    await uow.session.flush()
    return found[lead_of(offer)]


def _take_off(uow: UnitOfWork, viewer: Viewer, hung: Iterable[Case], parent: Case) -> None:
    for case in hung:
        # Somebody may have hung it elsewhere since.
        if case.parent_id == parent.id:
            case.parent_id = None
            case.version += 1
            uow.record(entry(viewer, "case.unhung", case, parent, parent=str(parent.id)))


async def _offered(
    uow: UnitOfWork, viewer: Viewer, offer_id: UUID
) -> tuple[CauseOffer, dict[UUID, Case]]:
    """The offer and its cases, all locked, and all of them the officer's to see."""
    offer = await causes.offer(uow.session, SYSTEM, offer_id)
    ids = {one for one in (*offer.members, offer.parent_id, offer.under_id) if one}
    found = await cases.lock_cases(uow.session, SYSTEM, ids)
    offer = await causes.offer(uow.session, SYSTEM, offer_id, lock=True)
    if not ids.issuperset(offer.members):
        raise Conflict("These cases have changed meanwhile; look again.", code="cause_changed")
    if not all(cases.sees(viewer, found[one]) for one in offer.members):
        raise NotFound("There is no such offer, or it is not yours to see.", id=str(offer_id))
    return offer, found
