"""An officer splits a case that holds several problems into several cases (拆案).

The first problem stays the old case, with its number, its unit and its clocks; the others are
opened as triage would have opened them. Merging them again undoes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from uuid import UUID

from streetwise.gather import SignalFacts, signal_facts
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.search import bigrams
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.actions import require_version
from streetwise.resolve.answers import repository as answers
from streetwise.resolve.clocks.actions import follow_orders
from streetwise.resolve.inputs import Item
from streetwise.resolve.knowledge import Knowledge, know
from streetwise.resolve.learning.actions import Correction, correct
from streetwise.resolve.learning.classifier import classifier
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.merging import repository
from streetwise.resolve.merging.book import with_voices_of, without
from streetwise.resolve.merging.pairs import CAPABILITY, tell_apart
from streetwise.resolve.natures.loop import HELD
from streetwise.resolve.opening import Choice
from streetwise.resolve.orders import repository as orders
from streetwise.resolve.place import NamedPlace
from streetwise.resolve.splitting.opening import (
    Telling,
    print_of,
    row_of,
    store,
    store_prints,
    tellings,
)
from streetwise.resolve.splitting.plan import Feed, Impossible, Plan, Row, plan
from streetwise.resolve.splitting.schemas import SplitPart
from streetwise.resolve.tables import Case, CaseSignal, units_of

declare(
    {
        "case.split": "An officer split a case that held several problems (拆案); data: split_into"
        " (the cases that were opened), numbers (theirs), cases (how many), voices (that it still"
        " has), version.",
    }
)

SYSTEM = Viewer.system("split")
#: Why a voice is with its case: upstream said it of an order; moved whole; some of its words.
FURTHER, MOVED, SPLIT = "same_upstream_item", "separated", "split"


@dataclass(frozen=True, slots=True)
class Said:
    """What an officer says of one problem, looked up."""

    title: str | None
    category: tuple[str, str] | None
    place: NamedPlace | None


async def split(
    uow: UnitOfWork, viewer: Viewer, item: Item, parts: Sequence[SplitPart]
) -> tuple[Case, list[Case]]:
    """(the old case with the first problem, the new ones in order).

    ``uow`` is the system's: a new case may lie where the officer sees none.
    """
    viewer.require(CAPABILITY)
    await cases.lock_triage(uow.session)
    case = (await cases.lock_cases(uow.session, viewer, [item.id])).get(item.id)
    if case is None:
        raise cases.no_such_case(item.id)
    require_version(case, item.version)
    _open_to_splitting(case)
    links = {
        (one.signal_id, one.part): one
        for one in await repository.links(uow.session, SYSTEM, [case.id])
    }
    ids = {one.signal_id for one in links.values()}
    signals = {one.id: one for one in await signal_facts(uow.session, SYSTEM, ids)}
    knowledge = await know(uow.session, SYSTEM, {case.area})
    said = [_said(case, part, knowledge) for part in parts]
    planned = await _plan(uow, case, parts, links, signals)
    engine = await classifier(uow.session)
    told = [
        tellings(
            [row for row in planned.rows if row.at == at and (at > 0 or row.spans)],
            at, dict(planned.home), signals, knowledge, engine,
        )
        for at in range(len(parts))
    ]  # fmt: skip
    rows = []
    pressed = []
    for one, voices in zip(said[1:], told[1:], strict=True):
        choice = Choice(category=one.category, place=one.place)
        row, clocks = row_of(voices, knowledge, choice, one.title, uow.now)
        rows.append(row)
        pressed.extend(clocks)
    _no_less_urgent(case, rows)
    await store(uow, rows, pressed, knowledge)
    at_case = [case.id, *(row["id"] for row in rows)]
    await _give_out(uow, planned, links, signals, at_case)
    kept = [print_of(row["id"], voices) for row, voices in zip(rows, told[1:], strict=True)]
    await store_prints(uow, [one for one in kept if one is not None])
    await _old_print(uow, case, planned, told[0])
    case.voices = _voices_of(planned, 0)
    case.version += 1
    if said[0].title:
        case.title = said[0].title
    _record(uow, viewer, case, rows)
    await uow.session.flush()
    await follow_orders(uow, at_case)
    await uow.session.refresh(case)
    if said[0].category or said[0].place:
        word = Correction(category=said[0].category, place=said[0].place)
        await correct(uow, viewer, Item(case.id, case.version), word, knowledge)
    case.search = bigrams(case.number, case.title, case.place_text)
    await uow.session.flush()
    new = await cases.lock_cases(uow.session, SYSTEM, at_case[1:])
    opened = [new[one] for one in at_case[1:]]
    for here, there in combinations([case, *opened], 2):
        await tell_apart(uow, SYSTEM, here, there)
    await uow.session.flush()
    await orders.show_attention(uow.session, SYSTEM, at_case)
    return case, opened


def _open_to_splitting(case: Case) -> None:
    """A closed or merged case is over; an order to rectify and a mediation are of one matter, and
    are brought to their end before it is said what they were of.
    """
    if case.state == CLOSED:
        raise Conflict(
            f"{case.number} is closed; only an open case can be split.",
            code="split_closed",
            number=case.number,
        )
    if case.nature_state in HELD:
        raise Conflict(
            f"{case.number} is '{case.nature_state}'; split it when that is done.",
            code="split_held",
            number=case.number,
            state=case.nature_state,
        )


def _said(case: Case, part: SplitPart, knowledge: Knowledge) -> Said:
    category = None
    if part.category:
        scheme, _, code = part.category.partition(":")
        category = (scheme, code)
        if category not in knowledge.classes:
            raise Invalid(
                f"There is no class '{part.category}'; choose one of the taxonomy.",
                code="class_unknown",
            )
    place = None
    if part.place:
        place = knowledge.areas[case.area].index.by_code(part.place)
        if place is None:
            raise Invalid("There is no such place; choose it again.", code="place_unknown")
    title = " ".join((part.title or "").split()) or None
    return Said(title, category, place)


async def _plan(
    uow: UnitOfWork,
    case: Case,
    parts: Sequence[SplitPart],
    links: dict[tuple[UUID, int], CaseSignal],
    signals: dict[UUID, SignalFacts],
) -> Plan:
    order_of = {
        row.order.id: row.order.signal_id
        for row in await orders.of_case(uow.session, SYSTEM, case.id)
    }
    named: dict[UUID, int] = {}
    for at, part in enumerate(parts):
        for order_id in part.orders:
            if order_id not in order_of or order_of[order_id] in named:
                raise Invalid(
                    "A work order is none of this case, or was given to two problems.",
                    code="split_order_unknown",
                )
            named[order_of[order_id]] = at
    last = await repository.last_parts(uow.session, SYSTEM, {signal for signal, _ in links})
    try:
        return plan(
            [
                [
                    Feed((one.signal_id, one.part), tuple((a, b) for a, b in one.spans))
                    for one in part.voices
                ]
                for part in parts
            ],
            [key for key, link in links.items() if link.why != FURTHER],
            {one.id: len(one.text or "") for one in signals.values()},
            last,
            named,
        )
    except Impossible as problem:
        raise Invalid(f"{problem}", code=problem.code) from problem


def _no_less_urgent(case: Case, rows: Sequence[dict[str, Any]]) -> None:
    """Where the words do not say which of the problems is the urgent one, each of them is."""
    if case.priority != "high" or any(row["priority"] == "high" for row in rows):
        return
    for row in rows:
        row["priority"], row["urgent_why"] = "high", case.urgent_why


async def _give_out(
    uow: UnitOfWork,
    planned: Plan,
    links: dict[tuple[UUID, int], CaseSignal],
    signals: dict[UUID, SignalFacts],
    at_case: Sequence[UUID],
) -> None:
    """The voices to their cases; orders, answers and what was said to reporters with them."""
    session = uow.session
    for row in planned.rows:
        old = links[row.voice]
        reason = _reason(row)
        if row.new:
            session.add(
                CaseSignal(
                    signal_id=old.signal_id, part=row.part, case_id=at_case[row.at], why=SPLIT,
                    joined_at=old.joined_at, text_hash=None, reason=reason,
                )
            )  # fmt: skip
            continue
        if row.at > 0:
            old.case_id, old.why, old.reason = at_case[row.at], MOVED, None
        if row.spans:
            # The same words again would be several problems again: they find no case by that.
            old.why, old.reason, old.text_hash = SPLIT, reason, None
    homes = dict(planned.home)
    for (signal_id, _), link in links.items():
        root = signals[signal_id].refers_to if signal_id in signals else None
        if link.why == FURTHER and root in homes:
            homes[signal_id] = homes[root]
            link.case_id = at_case[homes[root]]
    await session.flush()
    for at in range(1, len(at_case)):
        going = {signal_id for signal_id, home in homes.items() if home == at}
        if going:
            await repository.move_orders(session, going, at_case[0], at_case[at])
            await answers.move(session, SYSTEM, going, at_case[0], at_case[at])


def _reason(row: Row) -> dict[str, Any] | None:
    """Which words they are, counted from 1 as people count."""
    steps = [
        {"code": "split_words", "params": {"from": start + 1, "to": end}}
        for start, end in row.spans
    ]
    return {"steps": steps} if steps else None


def _voices_of(planned: Plan, at: int) -> int:
    return len({row.voice[0] for row in planned.rows if row.at == at})


async def _old_print(uow: UnitOfWork, case: Case, planned: Plan, cut: Sequence[Telling]) -> None:
    """The old case is compared with what is left to it: whole voices, and words of the others."""
    kept = await repository.print_of(uow.session, case.id)
    if kept is None:
        return
    whole = {row.voice[0] for row in planned.rows if row.at == 0 and not row.spans}
    gone = {row.voice[0] for row in planned.rows} - whole
    fresh = print_of(case.id, cut)
    kept = without(kept, gone)
    if fresh is not None:
        kept = with_voices_of(kept, fresh) if whole else fresh
    await repository.put_print(uow.session, kept)


def _record(uow: UnitOfWork, viewer: Viewer, case: Case, rows: Sequence[dict[str, Any]]) -> None:
    split_into = {
        "split_into": [str(row["id"]) for row in rows],
        "numbers": [row["number"] for row in rows],
        "cases": len(rows),
        "voices": case.voices,
        "version": case.version,
    }
    uow.record(
        Entry(
            viewer.actor, "case.split", "case", case.id, units=units_of(case), grade=case.grade,
            data=split_into, area=case.area, drill=viewer.drill,
        )
    )  # fmt: skip
    for row in rows:
        data = {
            "to": row["state"], "version": 1, "number": row["number"],
            "split_from": str(case.id), "from_number": case.number,
        }  # fmt: skip
        units = [row["community_id"]] if row["community_id"] else []
        uow.record(
            Entry(
                viewer.actor, "case.opened", "case", row["id"], units=units, grade=row["grade"],
                data=data, area=case.area, drill=viewer.drill,
            )
        )  # fmt: skip
