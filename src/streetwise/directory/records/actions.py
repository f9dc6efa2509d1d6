"""Changes of records: what they would do, and doing it with journal and history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.folder import named
from streetwise.directory.records import checks, repository, write_repository
from streetwise.directory.records.book import (
    Book,
    Effect,
    Wish,
    apply_wishes,
    counts_of,
    effects_of,
)
from streetwise.directory.records.kinds import KINDS, Kind, Values
from streetwise.directory.records.touches import Touch, changed, touches_of
from streetwise.directory.records.values import digest_of
from streetwise.directory.tables import Area
from streetwise.kernel import hooks
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Invalid, StaleVersion
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer

declare(
    {
        "directory.changed": "A record of the directory was changed; data: kind, code, op.",
    }
)

#: A change of more records than this is told by its counts, not by what refers to each.
TOUCHES_ASKED = 50
MISTAKES_LISTED = 50


@dataclass(frozen=True)
class Plan:
    """What changes would do. Nothing has been done."""

    area: Area
    before: Book
    after: Book
    effects: list[Effect]
    mistakes: list[str]
    touches: list[Touch]
    digest: str
    left_out: tuple[str, ...] = ()

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """(kind, op, how many)."""
        return [(kind, op, count) for kind, op, count in counts_of(self.effects)]


async def plan_changes(
    session: AsyncSession, viewer: Viewer, area_code: str | None, wishes: Sequence[Wish]
) -> Plan:
    """What the wishes would change. Raises StaleVersion when a record has changed meanwhile."""
    viewer.require("directory.write")
    area = await directory.area(session, viewer, area_code)
    before = await repository.book(session, viewer, area)
    after, mistakes, stale = apply_wishes(before, wishes)
    if stale:
        raise StaleVersion(
            "Somebody else changed a record that you are changing; look at it again.",
            records=[f"{kind} {code}" for kind, code in stale],
        )
    new = after.of("unit").keys() - before.of("unit").keys() - before.once("unit").keys()
    mistakes += await _taken_elsewhere(session, viewer, area, sorted(new))
    return await make_plan(session, viewer, area, before, after, mistakes)


async def make_plan(
    session: AsyncSession,
    viewer: Viewer,
    area: Area,
    before: Book,
    after: Book,
    mistakes: Sequence[str],
    left_out: tuple[str, ...] = (),
) -> Plan:
    """Compare two books: effects, what they touch, and mistakes that were not there before."""
    effects = effects_of(before, after)
    known = set(checks.mistakes(before))
    found = [*mistakes, *(one for one in checks.mistakes(after) if one not in known)]
    touches = touches_of(before, changed(effects)[:TOUCHES_ASKED])
    touches += await hooks.answers(
        "directory.touched",
        session=session,
        viewer=viewer,
        area=area.code,
        records=[(effect.kind, effect.code) for effect in changed(effects)[:TOUCHES_ASKED]],
    )
    digest = digest_of(
        [area.code, [[one.kind, one.code, one.op, one.before, one.after] for one in effects]]
    )
    return Plan(area, before, after, effects, found, touches, digest, left_out)


async def _taken_elsewhere(
    session: AsyncSession, viewer: Viewer, area: Area, new: Sequence[str]
) -> list[str]:
    """Codes of units are the whole installation's: another street may have them."""
    if not new:
        return []
    known = (await repository.names(session, viewer, area.code)).id_of["unit"]
    return [
        f"units.csv: {code} is a code of another street's unit; choose another"
        for code in new
        if code in known
    ]


async def change(
    uow: UnitOfWork,
    viewer: Viewer,
    area_code: str | None,
    wishes: Sequence[Wish],
    *,
    reason: str,
    digest: str,
) -> Plan:
    """Do what a preview showed: all of it, or nothing when it would now do another thing."""
    await directory.lock_loading(uow.session)
    plan = await plan_changes(uow.session, viewer, area_code, wishes)
    check(plan, digest)
    await carry_out(uow, viewer, plan, reason)
    uow.record(
        *(
            Entry(
                viewer.actor,
                "directory.changed",
                "directory",
                None,
                area=plan.area.code,
                data={"kind": effect.kind, "code": effect.code, "op": effect.op},
            )
            for effect in plan.effects
        )
    )
    return plan


def check(plan: Plan, digest: str | None) -> None:
    """Raise unless the plan is the one that was looked at, and has no mistakes."""
    if digest is not None and digest != plan.digest:
        raise StaleVersion(
            "The directory has changed since you looked at what would change; look again."
        )
    if plan.mistakes:
        raise Invalid(
            f"There are mistakes: {named(plan.mistakes)}.",
            code="directory_mistakes",
            mistakes=plan.mistakes[:MISTAKES_LISTED],
        )


async def carry_out(
    uow: UnitOfWork,
    viewer: Viewer,
    plan: Plan,
    reason: str,
    *,
    in_order: bool = False,
    settle: Callable[[repository.Names], Awaitable[None]] | None = None,
) -> None:
    """Write a plan's effects and their history.

    ``in_order``: the files' order is the new one. ``settle`` is called behind the units: a new
    area needs its street, and everything else its area.
    """
    session, area = uow.session, plan.area.code
    known = await _names_with_new(session, viewer, area, plan.effects)
    for kind in KINDS.values():
        mine = [effect for effect in plan.effects if effect.kind == kind.kind]
        puts = {one.code: one.after for one in mine if one.after is not None}
        if kind.kind == "unit":
            puts = _parents_first(puts)
        gone = [one for one in mine if one.op == "ended"]
        if kind.kind == "stand_in":
            stale = [one.before for one in mine if one.before is not None]
            await write_repository.end_stand_ins(
                session, [write_repository.row_of(kind, values, known) for values in stale]
            )
        if puts:
            order = await _order(session, kind, area, mine)
            await write_repository.write(session, kind, area, puts, known, order)
        if kind.kind == "unit" and settle is not None:
            await settle(known)
        if kind.kind not in ("staff", "stand_in"):
            await write_repository.end(session, kind, area, [one.code for one in gone], uow.now)
        if in_order:
            codes = plan.after.of(kind.kind)
            await write_repository.set_order(
                session, kind, area, {code: number for number, code in enumerate(codes)}
            )
    await _note(uow, viewer, area, plan.effects, reason)
    if plan.effects and settle is None:  # a load writes its area, with a revision
        await write_repository.new_revision(session, area)


async def _names_with_new(
    session: AsyncSession, viewer: Viewer, area: str, effects: Sequence[Effect]
) -> repository.Names:
    """Codes and ids, also of units, staff and grids that are only now being made."""
    known = await repository.names(session, viewer, area)
    ids: dict[str, dict[str, UUID]] = {kind: dict(codes) for kind, codes in known.id_of.items()}
    for effect in effects:
        if effect.kind in ids and effect.op != "ended":
            ids[effect.kind].setdefault(effect.code, new_id())
    return repository.Names(known.code_of, ids)


def _parents_first(units: Mapping[str, Values]) -> dict[str, Values]:
    """Such that a unit's parent is written before it."""
    done: dict[str, Values] = {}

    def add(code: str) -> None:
        parent = units[code]["parent"]
        if parent in units and parent not in done:
            add(parent)
        done[code] = units[code]

    for code in units:
        if code not in done:
            add(code)
    return done


async def _order(
    session: AsyncSession, kind: Kind, area: str, effects: Sequence[Effect]
) -> dict[str, dict[str, int]]:
    """The place in the file: records that change keep theirs, new ones go behind the last."""
    held = await repository.ordinals(session, kind, area)
    if held is None:
        return {}
    free = max(held.values(), default=-1) + 1
    order = {}
    for effect in effects:
        if effect.op == "changed":
            order[effect.code] = {"ordinal": held[effect.code]}
        elif effect.op != "ended":
            order[effect.code] = {"ordinal": free}
            free += 1
    return order


async def _note(
    uow: UnitOfWork, viewer: Viewer, area: str, effects: Sequence[Effect], reason: str
) -> None:
    await write_repository.add_history(
        uow.session,
        [
            {
                "id": new_id(),
                "kind": effect.kind,
                "code": effect.code,
                "area": area if KINDS[effect.kind].area else None,
                "at": uow.now,
                "actor": viewer.actor,
                "op": effect.op,
                "reason": reason,
                "before": effect.before,
                "after": effect.after,
            }
            for effect in effects
        ],
    )
