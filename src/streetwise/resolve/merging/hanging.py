"""Hanging cases under one with the same cause (一因多案), by hand or because two became one."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Conflict, Invalid, StaleVersion
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.actions import require_version
from streetwise.resolve.inputs import Item
from streetwise.resolve.merging import repository
from streetwise.resolve.merging.family import Move
from streetwise.resolve.merging.pairs import CAPABILITY, decide_offers, entry, there
from streetwise.resolve.tables import Case

SYSTEM = Viewer.system("merging")


async def hang(uow: UnitOfWork, viewer: Viewer, item: Item, parent_id: UUID | None) -> Case:
    """Hang a case under another with the same cause, or (None) take it from there."""
    viewer.require(CAPABILITY)
    found = await cases.lock_cases(
        uow.session, viewer, {item.id, *([parent_id] if parent_id else [])}
    )
    case = there(found, item.id)
    require_version(case, item.version)
    if parent_id is None:
        if case.parent_id is None:
            raise Conflict(f"{case.number} hangs under no other case.", code="not_hung")
        before = await cases.case(uow.session, viewer, case.parent_id)
        case.parent_id = None
        case.version += 1
        uow.record(entry(viewer, "case.unhung", case, before, parent=str(before.id)))
        return case
    parent = there(found, parent_id)
    astray = parent.parent_id is not None or parent.merged_into is not None
    if parent.id == case.id or astray:
        raise Invalid(
            f"{parent.number} cannot be a parent: it is the same case, was merged, or hangs under"
            " another.",
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
    await decide_offers(uow, viewer, case, parent, repository.JOINED)
    uow.record(entry(viewer, "case.hung", case, parent, parent=str(parent.id)))
    return case


async def lock_family(
    uow: UnitOfWork, ids: set[UUID]
) -> tuple[dict[UUID, Case], dict[UUID, UUID | None]]:
    """These cases and all that hang under one of them, locked, also those that the officer sees
    nothing of; and what each hangs under.
    """
    async with looking_as(uow.session, SYSTEM):
        around = await repository.parents_around(uow.session, SYSTEM, ids)
        found = await cases.lock_cases(uow.session, SYSTEM, {*ids, *around})
        parents = await repository.parents_around(uow.session, SYSTEM, ids)
    if set(parents) - set(found):
        raise StaleVersion("Another case was hung there just now; look at it again.", current={})
    return found, parents


async def rehang(
    uow: UnitOfWork,
    viewer: Viewer,
    moves: Sequence[Move],
    found: dict[UUID, Case],
    told: set[UUID],
) -> None:
    """Hang cases elsewhere. ``told``: of these other entries say that they changed."""
    async with looking_as(uow.session, SYSTEM):
        for move in moves:
            case = found[move.case]
            case.parent_id = move.after
            beside = move.after or move.before
            if case.id in told or beside is None:
                continue
            case.version += 1
            parent = found[beside] if beside in found else await uow.session.get_one(Case, beside)
            action = "case.hung" if move.after else "case.unhung"
            uow.record(entry(viewer, action, case, parent, parent=str(parent.id)))
        await uow.session.flush()


def stored(move: Move) -> list[str | None]:
    """A move as it is kept with its merge."""
    return [str(one) if one else None for one in (move.case, move.before, move.after)]


def move_of(stored: Sequence[str | None]) -> Move:
    """A move that was kept."""
    case, before, after = (UUID(one) if one else None for one in stored)
    assert case is not None
    return Move(case, before, after)
