"""保存期限: originals are forgotten so long after their case was closed (vault_retention_days).

A row in quarantine has no case: it is counted from the end of its import. Off until the office
has decided: regulations name the periods, and what is destroyed does not come back. What is shown
of the case, masked, and of the row, its number and what was wrong with it, stays. Destroyed keys
go with the archive of keys that follows, so that older backups forget too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from streetwise.gather import quarantined_before
from streetwise.kernel.backup.keeping import KEYS_JOB
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.jobs import job
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import actions as vault
from streetwise.privacy.actions import About
from streetwise.resolve import repository
from streetwise.resolve.vault_actions import about_case

RETENTION_JOB = "vault.retention"
SYSTEM = Viewer.system("retention")
LOOK_SECONDS = 6 * 3600.0
#: Originals forgotten per transaction: nobody who writes one waits for longer than that.
BATCH_ITEMS = 500
#: (unit of work, moment, limit) → originals from before that moment, and what each is about.
Past = Callable[[UnitOfWork, datetime, int], Awaitable[list[tuple[UUID, About]]]]


@job(RETENTION_JOB, every=lambda settings: LOOK_SECONDS)
async def forget_what_is_past(runtime: Runtime) -> None:
    """Forget what is past its time; run twice, the second finds nothing."""
    days = runtime.settings.vault_retention_days
    if days == 0:
        return
    for past in (of_cases, of_quarantine):
        while await _forget_some(runtime, past, days) == BATCH_ITEMS:
            pass


async def of_cases(uow: UnitOfWork, before: datetime, limit: int) -> list[tuple[UUID, About]]:
    """Originals of cases closed before that."""
    items = await repository.originals_past(uow.session, SYSTEM, before, limit)
    cases = await repository.cases_by_id(uow.session, SYSTEM, sorted(set(items.values())))
    return [(item, about_case(cases[case])) for item, case in items.items()]


async def of_quarantine(uow: UnitOfWork, before: datetime, limit: int) -> list[tuple[UUID, About]]:
    """Originals of rows that could not be used, of imports that ended before that."""
    rows = await quarantined_before(uow.session, SYSTEM, before, limit)
    return [(row.item, About("import", row.batch_id, row.area)) for row in rows]


async def _forget_some(runtime: Runtime, past: Past, days: int) -> int:
    """Forget one batch; how many originals."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        items = await past(uow, uow.now - timedelta(days=days), BATCH_ITEMS)
        if items:
            await _forget(uow, items, days)
            uow.defer(KEYS_JOB)
    return len(items)


async def _forget(uow: UnitOfWork, items: Sequence[tuple[UUID, About]], days: int) -> None:
    """Destroy them, with an entry per case or import.

    With the last original of a reporter goes the reporter's key, and the hash of their number.
    """
    reporters = await vault.destroy_with_reporters(uow, SYSTEM, [item for item, _ in items])
    why = vault.write_reason(uow, SYSTEM, f"保存期满（{days} 天） · retention period over")
    about = {one.id: one for _, one in items}
    for subject, count in Counter(one.id for _, one in items).items():
        uow.record(vault.forgotten(SYSTEM, about[subject], count, 0, why))
    if reporters:
        uow.record(vault.forgotten(SYSTEM, About("vault", None), 0, reporters, why))
