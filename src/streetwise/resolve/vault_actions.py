"""The vault for those who see a case: reading, looking up, forgetting."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.gather import signal_facts, signals_by_key
from streetwise.kernel.backup.keeping import KEYS_JOB
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Invalid, NotFound
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import actions as vault
from streetwise.privacy.actions import About, Destroyed, Why
from streetwise.resolve import repository
from streetwise.resolve.tables import Case, units_of

SEARCH_CASES = 50


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be forgotten; exactly one of the first three."""

    signal: UUID | None = None
    upstream_key: str | None = None
    number: tuple[str, str] | None = None
    whole_reporter: bool = False


async def reveal(
    runtime: Runtime, viewer: Viewer, item_id: UUID, n: int, why: Why
) -> tuple[str, str]:
    """(kind, value) of one field. Its entry is committed before anything is opened."""
    async with runtime.database.unit_of_work(viewer) as uow:
        case = await repository.case_of_item(uow.session, viewer, item_id)
        await vault.ask_for_value(
            uow,
            viewer,
            about_case(case),
            item_id,
            n,
            why,
            per_hour=runtime.settings.vault_reveals_per_hour,
        )
    async with runtime.database.read(viewer) as session:
        return await vault.value(session, viewer, runtime.keys, item_id, n)


async def search(runtime: Runtime, viewer: Viewer, kind: str, wanted: str, why: Why) -> list[UUID]:
    """The viewer's cases in which exactly this value stands, newest first; the look is recorded."""
    viewer.require("vault.search")
    async with runtime.database.unit_of_work(viewer) as uow:
        items = await vault.search(
            uow, viewer, runtime.keys, kind, wanted, why,
            per_hour=runtime.settings.vault_reveals_per_hour,
            limit=repository.SIGNALS_SHOWN,
        )  # fmt: skip
        found = await repository.cases_with_items(uow.session, viewer, items)
    return found[:SEARCH_CASES]


async def what_to_forget(
    uow: UnitOfWork, viewer: Viewer, runtime: Runtime, target: Target
) -> tuple[list[UUID], list[UUID]]:
    """(items, reporters) that a forgetting concerns."""
    viewer.require("vault.forget")
    given = [target.signal is not None, bool(target.upstream_key), target.number is not None]
    if sum(given) != 1:
        raise Invalid("Name one thing: a signal, its upstream number, or a number.")
    items = await _signals(uow.session, viewer, target)
    # Who forgets sees no case, and so no note; and a reporter's key is one for all streets.
    async with looking_as(uow.session, Viewer.system("vault")):
        return await vault.items_to_forget(
            uow,
            viewer,
            runtime.keys,
            items=items,
            number=target.number,
            whole_reporter=target.whole_reporter,
            per_hour=runtime.settings.vault_reveals_per_hour,
        )


async def _signals(session: AsyncSession, viewer: Viewer, target: Target) -> list[UUID]:
    if target.number is not None:
        return []
    if target.upstream_key:
        found = await signals_by_key(session, viewer, target.upstream_key.strip())
    else:
        assert target.signal is not None
        found = [one.id for one in await signal_facts(session, viewer, [target.signal])]
    if not found:
        raise NotFound("There is no such signal, or it is not yours to see.")
    return found


async def forget(
    uow: UnitOfWork, viewer: Viewer, runtime: Runtime, target: Target, reason: str
) -> Destroyed:
    """Destroy what the target names; again: nothing more happens. One entry per case."""
    items, reporters = await what_to_forget(uow, viewer, runtime, target)
    async with looking_as(uow.session, Viewer.system("vault")):
        done = await vault.destroy(uow, viewer, items, reporters)
    if not done.items and not done.reporters:
        return done
    why = vault.write_reason(uow, viewer, reason)
    # Who forgets need not see the cases, but they must be told.
    system = Viewer.system("vault")
    async with looking_as(uow.session, system):
        cases = await repository.cases_to_tell(uow.session, viewer, done.items)
        per_case = Counter(case_id for case_id in cases.values())
        shown = await repository.cases_by_id(uow.session, system, list(per_case))
    for case_id, count in sorted(per_case.items()):
        uow.record(vault.forgotten(viewer, about_case(shown[case_id]), count, 0, why))
    # The keys of before are in the newest backup still.
    uow.defer(KEYS_JOB)
    apart = len(done.items) - len(cases)
    if apart or done.reporters:
        units = [viewer.unit_id] if viewer.unit_id else []
        uow.record(
            vault.forgotten(viewer, About("vault", None, units=units), apart, done.reporters, why)
        )
    return done


def about_case(case: Case) -> About:
    """What an entry about a case says, and to whom."""
    return About("case", case.id, case.area, units_of(case), case.grade)
