"""A new generation of keys, while the product runs: begun, gone on with, ended.

Begun: a new key-encrypting key, by which everything new is wrapped at once. Gone on with:
batch after batch of older keys is unwrapped and wrapped anew; what they open stays as it is.
Ended: when nothing is left under older generations and nobody is writing under one, their keys
are destroyed. Killed at any point it goes on with what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict
from streetwise.kernel.jobs import job
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer
from streetwise.privacy import repository, rotation_repository
from streetwise.privacy.tables import VaultGeneration
from streetwise.privacy.vault import Generation, Vault

declare(
    {
        "vault.rotation_started": "A new generation of keys was made; data: generation, keys.",
        "vault.rotated": "All keys are under the new generation; data: generation, keys.",
    }
)

ROTATION_JOB = "privacy.rotate"
#: Keys per transaction: short enough that nobody waits for one.
BATCH_KEYS = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the newest generation stands; ``running`` until ``finished_at``."""

    generation: int
    total: int
    done: int
    made_at: datetime | None
    finished_at: datetime | None
    running: bool


async def progress(session: AsyncSession, viewer: Viewer) -> Progress:
    """How far the newest rotation is. A database without keys is at generation 0."""
    viewer.require("key.rotate")
    found = await repository.generations(session)
    if not found:
        return Progress(0, 0, 0, None, None, running=False)
    newest = found[-1]
    return Progress(
        newest.id, newest.keys_total, newest.keys_done, newest.made_at, newest.finished_at,
        running=_running(found),
    )  # fmt: skip


def _running(found: list[VaultGeneration]) -> bool:
    """A rotation runs while an older generation can still open something.

    Generation 0 alone is not one: the keys of before wait for the first rotation.
    """
    newest = found[-1]
    return newest.finished_at is None and newest.keys_total > 0


async def start_rotation(uow: UnitOfWork, viewer: Viewer, keys: Keys) -> int:
    """Make a new generation and defer the job that brings all keys under it; its number."""
    viewer.require("key.rotate")
    await rotation_repository.lock_generations(uow.session, alone=False)
    found = await repository.generations(uow.session)
    if found and _running(found):
        raise Conflict("Keys are being rotated already; wait for its end.", code="rotation_running")
    number = (found[-1].id if found else 0) + 1
    wrapped = Vault(keys).new_generation(number)
    await repository.add_generation(uow.session, number, wrapped, uow.now)
    total = await rotation_repository.keys_before(uow.session, viewer, number)
    made = (await repository.generations(uow.session))[-1]
    made.keys_total = total
    uow.record(_entry(viewer, "vault.rotation_started", number, total))
    # Somebody may be writing under the older generation and not be counted yet: the end waits.
    if total > 0 or not await finish_rotation(uow, viewer):
        uow.defer(ROTATION_JOB)
    return number


async def rotate_some(uow: UnitOfWork, viewer: Viewer, keys: Keys) -> int:
    """Bring one batch of keys under the newest generation; how many there were."""
    vault = Vault(keys)
    found = await repository.share_generations(uow.session)
    if not found:
        return 0
    newest = found[-1]
    taken = await rotation_repository.take_keys_before(uow.session, viewer, newest.id, BATCH_KEYS)
    by_number = {one.id: one.wrapped for one in found}

    @cache
    def opened(number: int) -> Generation:
        return vault.generation(number, by_number[number])

    under = opened(newest.id)
    anew = {}
    for one in taken:
        assert one.wrapped is not None
        key = opened(one.generation).unwrap(one.id, one.kind, one.wrapped)
        anew[one.id] = under.wrap(one.id, one.kind, key)
    if anew:
        await rotation_repository.rewrap(uow.session, newest.id, anew)
    return len(anew)


async def finish_rotation(uow: UnitOfWork, viewer: Viewer) -> bool:
    """Destroy the older generations if nothing is under them; False when something still is."""
    # Writers that saw an older generation as the newest have ended when this lock is ours.
    await rotation_repository.lock_generations(uow.session, alone=True)
    found = await repository.generations(uow.session)
    if not found or found[-1].finished_at is not None:
        return True
    newest = found[-1]
    if await rotation_repository.keys_before(uow.session, viewer, newest.id):
        return False
    await rotation_repository.retire_before(uow.session, newest.id, uow.now)
    uow.record(_entry(viewer, "vault.rotated", newest.id, newest.keys_done))
    return True


async def rotate_all(
    runtime: Runtime, viewer: Viewer, tell: Callable[[int], None] = lambda _: None
) -> None:
    """Go on with a rotation to its end; ``tell`` hears the size of each batch."""
    while True:
        async with runtime.database.unit_of_work(viewer) as uow:
            done = await rotate_some(uow, viewer, runtime.keys)
        tell(done)
        if done == 0:
            async with runtime.database.unit_of_work(viewer) as uow:
                if await finish_rotation(uow, viewer):
                    return


@job(ROTATION_JOB)
async def run_rotation(runtime: Runtime) -> None:
    """Bring all keys under the newest generation; run twice, the second finds less to do."""
    await rotate_all(runtime, Viewer.system("vault-rotation"))


def _entry(viewer: Viewer, action: str, generation: int, keys: int) -> Entry:
    return Entry(
        viewer.actor,
        action,
        "vault",
        None,
        units=[viewer.unit_id] if viewer.unit_id else [],
        grade=GRADE_INTERNAL,
        data={"generation": generation, "keys": keys},
    )
