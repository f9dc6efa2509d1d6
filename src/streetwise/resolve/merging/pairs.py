"""What is said of two cases, and what that does to offers and doubts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.merging import offer_repository as offers
from streetwise.resolve.merging import repository
from streetwise.resolve.merging.tables import MergeOffer
from streetwise.resolve.opening import AGAIN, SAME
from streetwise.resolve.tables import Case, units_of

CAPABILITY = "case.correct"


async def decide_offers(
    uow: UnitOfWork, viewer: Viewer, case: Case, other: Case, state: str
) -> None:
    """Close what was offered of these two."""
    pair = {case.id, other.id}
    for offer in await offers.offers_of(uow.session, viewer, [case.id], lock=True):
        if offer.state == repository.OPEN and {offer.case_id, offer.other_id} == pair:
            offer.state, offer.decided_at = state, uow.now
    await uow.session.flush()
    for one in (case, other):
        await clear_doubt(uow, viewer, one)


async def tell_apart(uow: UnitOfWork, viewer: Viewer, case: Case, other: Case) -> None:
    """Remember that these two are two problems."""
    pair = {case.id, other.id}
    for offer in await offers.offers_of(uow.session, viewer, [case.id], lock=True):
        if {offer.case_id, offer.other_id} == pair:
            offer.state, offer.decided_at = repository.REFUSED, uow.now
            return
    uow.session.add(
        MergeOffer(
            id=new_id(),
            area=case.area,
            case_id=case.id,
            other_id=other.id,
            kind="same",
            score=0.0,
            reasons=[],
            state=repository.REFUSED,
            made_at=uow.now,
            decided_at=uow.now,
        )
    )


async def clear_doubt(uow: UnitOfWork, viewer: Viewer, case: Case) -> None:
    """A case whose offers are all decided asks for no decision on them."""
    await uow.session.flush()
    open_kinds = {
        AGAIN if offer.kind == "again" else SAME
        for offer in await offers.offers_of(uow.session, viewer, [case.id])
        if offer.state == repository.OPEN and offer.case_id == case.id
    }
    left = [one for one in case.doubts if one not in (SAME, AGAIN) or one in open_kinds]
    if left != case.doubts:
        case.doubts = left


def there(found: dict[UUID, Case], case_id: UUID) -> Case:
    """The case, of those that were locked; NotFound when it is none of them."""
    case = found.get(case_id)
    if case is None:
        raise cases.no_such_case(case_id)
    return case


def seen(viewer: Viewer, found: dict[UUID, Case], case_id: UUID) -> Case:
    """``there``, where what was locked is more than the viewer sees."""
    case = there(found, case_id)
    if not cases.sees(viewer, case):
        raise cases.no_such_case(case_id)
    return case


def entry(viewer: Viewer, action: str, case: Case, beside: Case, /, **data: Any) -> Entry:
    """An entry of a case about another one."""
    return Entry(
        viewer.actor,
        action,
        "case",
        case.id,
        area=case.area,
        units=units_of(case),
        grade=case.grade,
        data={**data, "number": beside.number, "version": case.version},
        drill=viewer.drill,
    )
