"""What officers say of merges: the same problem, two problems, one cause; each can be undone.

A merge only adds voices. Work orders go where their signal goes, and their clocks run on; the
case that takes voices in is never less urgent, nor due later, than what it takes in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from streetwise.gather import signal_facts
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid, NotFound
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.actions import Item, require_version
from streetwise.resolve.answers import repository as answers
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.merging import repository
from streetwise.resolve.merging.book import with_voices_of, without
from streetwise.resolve.merging.tables import CaseMerge, MergeOffer
from streetwise.resolve.opening import AGAIN, SAME
from streetwise.resolve.orders import repository as orders
from streetwise.resolve.tables import Case, CaseSignal

declare(
    {
        "case.merged": "A case was found to be the same as another (并案) and is closed into it;"
        " data: into, number, voices, version.",
        "case.took_in": "A case took in the voices of another; data: from, number, voices,"
        " version.",
        "case.unmerged": "A merge was undone: the case is open again with its voices; data: to,"
        " number, version.",
        "case.separated": "A voice was found to tell of another problem (拆分) and left the case;"
        " data: signal, number (of the case that it has now), version.",
        "case.hung": "A case was hung under another with the same cause (一因多案); data: parent,"
        " number, version.",
        "case.unhung": "A case was taken from under another; data: parent, number, version.",
        "case.told_apart": "An offered merge was refused: two problems; data: other, number,"
        " version.",
        "case.came_back": "A problem was found to have come back (复发); data: other, number,"
        " version.",
    }
)

CAPABILITY = "case.correct"
#: Prints removed in one transaction; the rest next time.
MOST_PRINTS_SWEPT = 5000


async def sweep_prints(uow: UnitOfWork, viewer: Viewer, before: datetime) -> None:
    """Remove prints that no signal is compared with any more; they are derived, and no entry."""
    del before  # their own guard time counts
    await repository.sweep_prints(uow.session, viewer, uow.now, MOST_PRINTS_SWEPT)


async def merge(
    uow: UnitOfWork, viewer: Viewer, item: Item, into_id: UUID, reasons: Sequence[dict[str, Any]]
) -> tuple[Case, Case]:
    """(the case that was merged and is closed, the case that took it in)."""
    viewer.require(CAPABILITY)
    if item.id == into_id:
        raise Invalid("A case cannot be merged into itself; choose another.", code="merge_itself")
    found = await cases.lock_cases(uow.session, viewer, {item.id, into_id})
    case, into = _there(found, item.id), _there(found, into_id)
    require_version(case, item.version)
    for one in (case, into):
        if one.state == CLOSED:
            raise Conflict(
                f"{one.number} is closed; only open cases can be merged.",
                code="merge_closed",
                number=one.number,
            )
    if case.area != into.area:
        raise Invalid("Cases of two areas cannot be merged.", code="merge_areas")
    moved = list(await repository.links(uow.session, viewer, [case.id]))
    signals = [one.signal_id for one in moved]
    taken = await repository.move_orders(uow.session, signals, case.id, into.id)
    await answers.move(uow.session, viewer, signals, case.id, into.id)
    await repository.move_links(uow.session, moved, into.id)
    uow.session.add(
        CaseMerge(
            id=new_id(),
            area=case.area,
            from_id=case.id,
            into_id=into.id,
            signals=signals,
            orders=taken,
            state_before=case.state,
            reasons=list(reasons),
            merged_at=uow.now,
        )
    )
    voices = case.voices
    into.voices += voices
    _no_less_urgent(into, case)
    case.state, case.merged_into, case.closed_at = CLOSED, into.id, uow.now
    case.voices, case.doubts, case.parent_id = 0, [], None
    case.version += 1
    into.version += 1
    await uow.session.flush()
    await _prints_of_merge(uow, case.id, into.id)
    await _decide_offers(uow, viewer, case, into, repository.JOINED)
    await orders.show_attention(uow.session, viewer, [case.id, into.id])
    uow.record(
        entry(viewer, "case.merged", case, into, voices=voices, to=CLOSED, into=str(into.id)),
        entry(viewer, "case.took_in", into, case, voices=voices, **{"from": str(case.id)}),
    )
    return case, into


async def _prints_of_merge(uow: UnitOfWork, case_id: UUID, into_id: UUID) -> None:
    """What would join the one joins the other now; what is kept of the one waits for undoing."""
    mine = await repository.print_of(uow.session, case_id)
    theirs = await repository.print_of(uow.session, into_id)
    if mine is not None and theirs is not None:
        await repository.put_print(uow.session, with_voices_of(theirs, mine))
    await repository.end_print(uow.session, case_id, uow.now)


def _no_less_urgent(into: Case, case: Case) -> None:
    """What a case takes in may make it more urgent, never less."""
    if case.priority == "high":
        into.priority = "high"
        into.urgent_why = into.urgent_why or case.urgent_why
    if case.due_at is not None and (into.due_at is None or case.due_at < into.due_at):
        step = {"code": "due_of_merged", "params": {"number": case.number}}
        into.due_at, into.due_why = case.due_at, [*case.due_why, step]


async def unmerge(uow: UnitOfWork, viewer: Viewer, item: Item) -> tuple[Case, Case]:
    """Undo the merge of a case: it is open again, with the voices that it had."""
    viewer.require(CAPABILITY)
    merged = next(
        (
            one
            for one in await repository.merges_of(uow.session, viewer, item.id)
            if one.from_id == item.id
        ),
        None,
    )
    if merged is None:
        raise Conflict("This case is not merged into another (any more).", code="not_merged")
    found = await cases.lock_cases(uow.session, viewer, {merged.from_id, merged.into_id})
    case, into = _there(found, merged.from_id), _there(found, merged.into_id)
    require_version(case, item.version)
    mine = set(merged.signals)
    there = [
        one
        for one in await repository.links(uow.session, viewer, [into.id])
        if one.signal_id in mine
    ]
    await repository.move_links(uow.session, there, case.id)
    await repository.move_orders(uow.session, merged.signals, into.id, case.id)
    await answers.move(uow.session, viewer, merged.signals, into.id, case.id)
    merged.undone_at = uow.now
    voices = len({one.signal_id for one in there if one.why != "same_upstream_item"})
    case.state, case.merged_into, case.closed_at = merged.state_before, None, None
    case.voices = voices
    into.voices = max(0, into.voices - voices)
    case.version += 1
    into.version += 1
    theirs = await repository.print_of(uow.session, into.id)
    if theirs is not None:
        await repository.put_print(uow.session, without(theirs, mine))
    await repository.end_print(uow.session, case.id, None)
    await tell_apart(uow, viewer, case, into)
    await uow.session.flush()
    await orders.show_attention(uow.session, viewer, [case.id, into.id])
    uow.record(
        entry(viewer, "case.unmerged", case, into, to=case.state, voices=voices),
        entry(viewer, "case.separated", into, case, voices=voices),
    )
    return case, into


async def hang(uow: UnitOfWork, viewer: Viewer, item: Item, parent_id: UUID | None) -> Case:
    """Hang a case under another with the same cause, or (None) take it from there."""
    viewer.require(CAPABILITY)
    found = await cases.lock_cases(
        uow.session, viewer, {item.id, *([parent_id] if parent_id else [])}
    )
    case = _there(found, item.id)
    require_version(case, item.version)
    if parent_id is None:
        if case.parent_id is None:
            raise Conflict(f"{case.number} hangs under no other case.", code="not_hung")
        before = await cases.case(uow.session, viewer, case.parent_id)
        case.parent_id = None
        case.version += 1
        uow.record(entry(viewer, "case.unhung", case, before, parent=str(before.id)))
        return case
    parent = _there(found, parent_id)
    if parent.id == case.id or parent.parent_id is not None:
        raise Invalid(
            f"{parent.number} cannot be a parent: it is the same case, or hangs under another.",
            code="parent_impossible",
            number=parent.number,
        )
    if await repository.children(uow.session, viewer, case.id):
        raise Invalid(
            f"Other cases hang under {case.number}; take them from there first.",
            code="parent_has_children",
            number=case.number,
        )
    case.parent_id = parent.id
    case.version += 1
    await _decide_offers(uow, viewer, case, parent, repository.JOINED)
    uow.record(entry(viewer, "case.hung", case, parent, parent=str(parent.id)))
    return case


async def refuse(uow: UnitOfWork, viewer: Viewer, offer_id: UUID) -> Case:
    """Two problems: the offer is closed, and the two are never offered again."""
    viewer.require(CAPABILITY)
    offer, case, other = await _offered(uow, viewer, offer_id)
    offer.state, offer.decided_at = repository.REFUSED, uow.now
    await _clear_doubt(uow, viewer, case)
    case.version += 1
    uow.record(entry(viewer, "case.told_apart", case, other, other=str(other.id)))
    return case


async def accept(uow: UnitOfWork, viewer: Viewer, offer_id: UUID) -> Case:
    """Take an offer as it was made; the case to look at then."""
    viewer.require(CAPABILITY)
    offer, case, other = await _offered(uow, viewer, offer_id)
    if offer.kind == "same":
        _, into = await merge(uow, viewer, Item(case.id, case.version), other.id, offer.reasons)
        return into
    if offer.kind == "cause":
        return await hang(uow, viewer, Item(case.id, case.version), other.id)
    offer.state, offer.decided_at = repository.JOINED, uow.now
    await _clear_doubt(uow, viewer, case)
    case.version += 1
    uow.record(entry(viewer, "case.came_back", case, other, other=str(other.id)))
    return case


async def _offered(
    uow: UnitOfWork, viewer: Viewer, offer_id: UUID
) -> tuple[MergeOffer, Case, Case]:
    # The cases first, as everybody locks them; then the offer.
    seen = await repository.offer(uow.session, viewer, offer_id)
    found = await cases.lock_cases(uow.session, viewer, {seen.case_id, seen.other_id})
    seen = await repository.offer(uow.session, viewer, offer_id, lock=True)
    if seen.state != repository.OPEN:
        raise Conflict("Somebody has decided on this offer already.", code="offer_decided")
    return seen, _there(found, seen.case_id), _there(found, seen.other_id)


async def _decide_offers(
    uow: UnitOfWork, viewer: Viewer, case: Case, other: Case, state: str
) -> None:
    """Close what was offered of these two; what else was offered of a merged case is void."""
    pair = {case.id, other.id}
    for offer in await repository.offers_of(uow.session, viewer, [case.id], lock=True):
        if offer.state == repository.OPEN:
            both = {offer.case_id, offer.other_id} == pair
            if both:
                offer.state, offer.decided_at = state, uow.now
            elif case.merged_into is not None:
                offer.state, offer.decided_at = repository.VOID, uow.now
    await uow.session.flush()
    for one in (case, other):
        await _clear_doubt(uow, viewer, one)


async def tell_apart(uow: UnitOfWork, viewer: Viewer, case: Case, other: Case) -> None:
    """Remember that these two are two problems."""
    pair = {case.id, other.id}
    for offer in await repository.offers_of(uow.session, viewer, [case.id], lock=True):
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


async def _clear_doubt(uow: UnitOfWork, viewer: Viewer, case: Case) -> None:
    """A case whose offers are all decided asks for no decision on them."""
    await uow.session.flush()
    open_kinds = {
        AGAIN if offer.kind == "again" else SAME
        for offer in await repository.offers_of(uow.session, viewer, [case.id])
        if offer.state == repository.OPEN and offer.case_id == case.id
    }
    left = [one for one in case.doubts if one not in (SAME, AGAIN) or one in open_kinds]
    if left != case.doubts:
        case.doubts = left


def _there(found: dict[UUID, Case], case_id: UUID) -> Case:
    case = found.get(case_id)
    if case is None:
        raise cases.no_such_case(case_id)
    return case


def entry(viewer: Viewer, action: str, case: Case, beside: Case, /, **data: Any) -> Entry:
    """An entry of a case about another one."""
    units = {case.unit_id, case.community_id}
    return Entry(
        viewer.actor,
        action,
        "case",
        case.id,
        area=case.area,
        units=sorted(unit for unit in units if unit),
        grade=case.grade,
        data={**data, "number": beside.number, "version": case.version},
        drill=viewer.drill,
    )


async def companions(
    uow: UnitOfWork, viewer: Viewer, case_id: UUID, one: CaseSignal
) -> list[CaseSignal]:
    """The link and those of what upstream said further about the same item: they go together."""
    there = await repository.links(uow.session, viewer, [case_id])
    facts = {
        fact.id: fact
        for fact in await signal_facts(uow.session, viewer, [link.signal_id for link in there])
    }
    if one.signal_id not in facts:
        raise NotFound("There is no such voice, or it is not yours to see.", id=str(one.signal_id))
    first = facts[one.signal_id].refers_to or one.signal_id
    together = [
        link
        for link in there
        if link is not one
        and link.signal_id in facts
        and (link.signal_id == first or facts[link.signal_id].refers_to == first)
        and link.signal_id != one.signal_id
    ]
    return [one, *together]
