"""保存期限: originals are forgotten so long after their case was closed (vault_retention_days).

Off until the office has decided: regulations name the periods, and what is destroyed does not
come back. What is shown of the case, masked, stays. Destroyed keys go with the archive of keys
that follows, so that older backups forget too.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from streetwise.kernel.backup.keeping import KEYS_JOB
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.jobs import job
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import actions as vault
from streetwise.resolve import repository
from streetwise.resolve.vault_actions import about_case

RETENTION_JOB = "vault.retention"
SYSTEM = Viewer.system("retention")
LOOK_SECONDS = 6 * 3600.0
#: Originals forgotten per transaction: nobody who writes one waits for longer than that.
BATCH_ITEMS = 500


@job(RETENTION_JOB, every=lambda settings: LOOK_SECONDS)
async def forget_what_is_past(runtime: Runtime) -> None:
    """Forget what is past its time; run twice, the second finds nothing."""
    days, total = runtime.settings.vault_retention_days, 0
    if days == 0:
        return
    while True:
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            count = await forget_some(uow, days)
            total += count
            if count < BATCH_ITEMS:
                if total:
                    uow.defer(KEYS_JOB)
                return


async def forget_some(uow: UnitOfWork, days: int) -> int:
    """Forget one batch, with an entry per case; how many originals.

    With the last original of a reporter goes the reporter's key, and the hash of their number.
    """
    before = uow.now - timedelta(days=days)
    items = await repository.originals_past(uow.session, SYSTEM, before, BATCH_ITEMS)
    if not items:
        return 0
    reporters = await vault.destroy_with_reporters(uow, SYSTEM, list(items))
    why = vault.write_reason(uow, SYSTEM, f"保存期满（办结后 {days} 天） · retention period over")
    cases = await repository.cases_by_id(uow.session, SYSTEM, sorted(set(items.values())))
    for case_id, count in sorted(Counter(items.values()).items()):
        uow.record(vault.forgotten(SYSTEM, about_case(cases[case_id]), count, 0, why))
    if reporters:
        nothing = vault.About("vault", None)
        uow.record(vault.forgotten(SYSTEM, nothing, 0, reporters, why))
    return len(items)
