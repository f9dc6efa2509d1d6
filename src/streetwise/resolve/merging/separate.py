"""Taking a voice out of its case: it told of another problem, and gets a case of its own."""

from __future__ import annotations

from uuid import UUID

from streetwise.gather import signal_facts
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.actions import require_version
from streetwise.resolve.answers import repository as answers
from streetwise.resolve.clocks.actions import follow_orders
from streetwise.resolve.inputs import Item
from streetwise.resolve.knowledge import know
from streetwise.resolve.learning.classifier import classifier
from streetwise.resolve.merging import repository
from streetwise.resolve.merging.actions import companions
from streetwise.resolve.merging.book import Book, without
from streetwise.resolve.merging.pairs import CAPABILITY, entry, tell_apart
from streetwise.resolve.opening import case_row
from streetwise.resolve.orders import repository as orders
from streetwise.resolve.splitting.opening import store
from streetwise.resolve.tables import Case
from streetwise.resolve.understanding import understand

SYSTEM = Viewer.system("separate")


async def separate(
    uow: UnitOfWork, viewer: Viewer, item: Item, signal_id: UUID, part: int = 0
) -> tuple[Case, Case]:
    """(the case that the voice left, the one that it has now). One click undoes a merge.

    ``uow`` is the system's: the new case may lie where the officer sees none.
    """
    viewer.require(CAPABILITY)
    await cases.lock_triage(uow.session)
    case = (await cases.lock_cases(uow.session, viewer, [item.id])).get(item.id)
    if case is None:
        raise cases.no_such_case(item.id)
    require_version(case, item.version)
    link = await repository.link(uow.session, SYSTEM, case.id, signal_id, part)
    leaving = await companions(uow, SYSTEM, case.id, link)
    staying = [
        one
        for one in await repository.links(uow.session, SYSTEM, [case.id])
        if one not in leaving and one.why != "same_upstream_item"
    ]
    if not staying:
        raise Conflict(
            f"This is the only voice of {case.number}; correct the case instead.",
            code="only_voice",
            number=case.number,
        )
    new = await _open(uow, viewer, signal_id)
    ids = {one.signal_id for one in leaving}
    await repository.move_links(uow.session, leaving, new.id, "separated")
    await repository.move_orders(uow.session, ids, case.id, new.id)
    await answers.move(uow.session, SYSTEM, ids, case.id, new.id)
    await follow_orders(uow, [case.id, new.id])
    left = len({one.signal_id for one in leaving if one.part == part})
    case.voices = max(1, case.voices - 1)
    case.version += 1
    kept = await repository.print_of(uow.session, case.id)
    if kept is not None:
        await repository.put_print(uow.session, without(kept, ids))
    await tell_apart(uow, viewer, new, case)
    await uow.session.flush()
    await orders.show_attention(uow.session, SYSTEM, [case.id, new.id])
    uow.record(entry(viewer, "case.separated", case, new, signal=str(signal_id), voices=left))
    return case, new


async def _open(uow: UnitOfWork, viewer: Viewer, signal_id: UUID) -> Case:
    """A case from this signal alone, as triage would have opened it."""
    (signal,) = await signal_facts(uow.session, SYSTEM, [signal_id])
    knowledge = await know(uow.session, SYSTEM, {signal.area})
    engine = await classifier(uow.session)
    (understood,) = understand([signal], knowledge, engine)
    row = case_row(signal, understood, knowledge, uow.now)
    await store(uow, [row], [], knowledge)
    connection = await uow.raw()
    book = Book()
    (told,) = book.voices([(signal, understood)])
    book.add(row["id"], told)
    await repository.store_prints(connection, book.kept([row["id"]]))
    uow.record(
        Entry(
            viewer.actor,
            "case.opened",
            "case",
            row["id"],
            area=row["area"],
            units=[row["community_id"]] if row["community_id"] else [],
            grade=row["grade"],
            data={"to": row["state"], "version": 1, "number": row["number"]},
            drill=viewer.drill,
        )
    )
    return (await cases.lock_cases(uow.session, SYSTEM, [row["id"]]))[row["id"]]
