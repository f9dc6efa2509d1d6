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
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.actions import require_version
from streetwise.resolve.answers import repository as answers
from streetwise.resolve.clocks import actions as clocks
from streetwise.resolve.inputs import Item
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.merging import offer_repository as offers
from streetwise.resolve.merging import repository
from streetwise.resolve.merging.book import with_voices_of, without
from streetwise.resolve.merging.family import moves_back, moves_of_merge
from streetwise.resolve.merging.hanging import hang, lock_family, move_of, rehang, stored
from streetwise.resolve.merging.pairs import (
    CAPABILITY,
    clear_doubt,
    decide_offers,
    entry,
    seen,
    tell_apart,
    there,
)
from streetwise.resolve.merging.tables import CaseMerge, MergeOffer
from streetwise.resolve.merging.voiding import open_again, void_offers
from streetwise.resolve.natures.loop import HELD
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
    found, parents = await lock_family(uow, {item.id, into_id})
    case, into = seen(viewer, found, item.id), seen(viewer, found, into_id)
    require_version(case, item.version)
    for one in (case, into):
        if one.state == CLOSED:
            raise Conflict(
                f"{one.number} is closed; only open cases can be merged.",
                code="merge_closed",
                number=one.number,
            )
    if case.parties_left:
        raise Conflict(
            f"Units called to {case.number} are not released yet; merge the other one into it.",
            code="merge_parties",
            number=case.number,
        )
    if case.nature_state in HELD:
        raise Conflict(
            f"{case.number} is '{case.nature_state}'; merge the other one into it.",
            code="nature_held",
            number=case.number,
            state=case.nature_state,
        )
    if case.area != into.area:
        raise Invalid("Cases of two areas cannot be merged.", code="merge_areas")
    moved = list(await repository.links(uow.session, viewer, [case.id]))
    signals = [one.signal_id for one in moved]
    # A message with several problems may have a part here and another there.
    theirs = {one.signal_id for one in await repository.links(uow.session, viewer, [into.id])}
    taken = await repository.move_orders(uow.session, signals, case.id, into.id)
    answered = await answers.move(uow.session, viewer, signals, case.id, into.id)
    await repository.move_links(uow.session, moved, into.id)
    merged_id = new_id()
    moves = moves_of_merge(case.id, into.id, parents)
    doubts = list(case.doubts)
    uow.session.add(
        CaseMerge(
            id=merged_id,
            area=case.area,
            from_id=case.id,
            into_id=into.id,
            signals=signals,
            orders=taken,
            state_before=case.state,
            reasons=list(reasons),
            merged_at=uow.now,
            beside={},
        )
    )
    voices = case.voices
    # Who told of both, a message that was split, is one voice.
    twice = {one.signal_id for one in moved if one.why != "same_upstream_item"} & theirs
    into.voices += max(0, voices - len(twice))
    _no_less_urgent(into, case)
    case.state, case.merged_into, case.closed_at = CLOSED, into.id, uow.now
    case.voices, case.doubts = 0, []
    case.version += 1
    into.version += 1
    await rehang(uow, viewer, moves, found, {case.id, into.id})
    await _prints_of_merge(uow, case.id, into.id)
    await decide_offers(uow, viewer, case, into, repository.JOINED)
    voided = await void_offers(uow.session, [case.id], uow.now)
    merged = await uow.session.get_one(CaseMerge, merged_id)
    merged.beside = {
        "parents": [stored(move) for move in moves],
        "voided": [str(one) for one in voided],
        "doubts": doubts,
        "parts": [[str(one.signal_id), one.part] for one in moved if one.signal_id in theirs],
        "answers": [str(one) for one in answered],
        "twice": len(twice),
    }
    await orders.show_attention(uow.session, viewer, [case.id, into.id])
    await clocks.merged(uow, case, into)
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
    moves = [move_of(one) for one in merged.beside.get("parents", ())]
    named = {one for move in moves for one in (move.case, move.before, move.after) if one}
    found, parents = await lock_family(uow, {merged.from_id, merged.into_id, *named})
    case, into = seen(viewer, found, merged.from_id), seen(viewer, found, merged.into_id)
    require_version(case, item.version)
    if into.merged_into is not None:
        raise Conflict(
            f"{into.number} was merged into another since; undo that first.",
            code="merged_further",
            number=into.number,
        )
    mine, voices = await _take_back(uow, viewer, merged)
    merged.undone_at = uow.now
    case.state, case.merged_into, case.closed_at = merged.state_before, None, None
    case.voices = voices
    case.doubts = [one for one in merged.beside.get("doubts", ()) if one not in (SAME, AGAIN)]
    into.voices = max(0, into.voices - max(0, voices - merged.beside.get("twice", 0)))
    case.version += 1
    into.version += 1
    gone = {one.id for one in found.values() if one.merged_into is not None}
    await rehang(uow, viewer, moves_back(moves, parents, gone), found, {case.id, into.id})
    theirs = await repository.print_of(uow.session, into.id)
    if theirs is not None:
        await repository.put_print(uow.session, without(theirs, mine))
    await repository.end_print(uow.session, case.id, None)
    await tell_apart(uow, viewer, case, into)
    await uow.session.flush()
    await open_again(uow.session, [UUID(one) for one in merged.beside.get("voided", ())])
    await orders.show_attention(uow.session, viewer, [case.id, into.id])
    await clocks.unmerged(uow, case, into)
    uow.record(
        entry(viewer, "case.unmerged", case, into, to=case.state, voices=voices),
        entry(viewer, "case.separated", into, case, voices=voices),
    )
    return case, into


async def _take_back(uow: UnitOfWork, viewer: Viewer, merged: CaseMerge) -> tuple[set[UUID], int]:
    """Give back the voices of a merge, with their orders and answers: (signals, voices).

    Of a message that had parts in both cases only those go that came.
    """
    case, into = merged.from_id, merged.into_id
    parts = {(UUID(signal), part) for signal, part in merged.beside.get("parts", ())}
    mine = set(merged.signals) - {signal for signal, _ in parts}
    back = [
        one
        for one in await repository.links(uow.session, viewer, [into])
        if one.signal_id in mine or (one.signal_id, one.part) in parts
    ]
    await repository.move_links(uow.session, back, case)
    await repository.move_orders(uow.session, mine, into, case, also=merged.orders)
    also = [UUID(one) for one in merged.beside.get("answers", ())]
    await answers.move(uow.session, viewer, mine, into, case, also=also)
    voices = len({one.signal_id for one in back if one.why != "same_upstream_item"})
    return mine, voices


async def refuse(uow: UnitOfWork, viewer: Viewer, offer_id: UUID) -> Case:
    """Two problems: the offer is closed, and the two are never offered again."""
    viewer.require(CAPABILITY)
    offer, case, other = await _offered(uow, viewer, offer_id)
    offer.state, offer.decided_at = repository.REFUSED, uow.now
    await clear_doubt(uow, viewer, case)
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
    await clear_doubt(uow, viewer, case)
    case.version += 1
    uow.record(entry(viewer, "case.came_back", case, other, other=str(other.id)))
    return case


async def _offered(
    uow: UnitOfWork, viewer: Viewer, offer_id: UUID
) -> tuple[MergeOffer, Case, Case]:
    # The cases first, as everybody locks them; then the offer.
    seen = await offers.offer(uow.session, viewer, offer_id)
    found = await cases.lock_cases(uow.session, viewer, {seen.case_id, seen.other_id})
    seen = await offers.offer(uow.session, viewer, offer_id, lock=True)
    if seen.state != repository.OPEN:
        raise Conflict("Somebody has decided on this offer already.", code="offer_decided")
    return seen, there(found, seen.case_id), there(found, seen.other_id)


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
