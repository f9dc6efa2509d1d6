"""Another master key: what the old one sealed is sealed anew, and the old one opens nothing more.

    1  the file holds the new key and the old one: both open, the new one seals
    2  one transaction: generations of the vault's keys, second factors, the folders' files, what
       higher rooms have sealed (hook), the fingerprint, the journal's entry
    3  the files of the store, one by one
    4  the file holds the new key alone

Broken off after any of these it is whole, and the same command goes on. Nothing is changed while
a server or another command is connected: it has read the old key and would go on sealing by it.
Fingerprints (what was known before, blind indexes, names of files, recovery codes) stay under the
first key, which the file keeps for them: their texts are not there any more, or forgotten.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from streetwise.directory import account_repository
from streetwise.directory.records import write_repository as records
from streetwise.directory.records.moving import SEAL
from streetwise.kernel import hooks, key_check
from streetwise.kernel.crypto import KEY_BYTES, MASTER_KEY_FILE, Keys, load_keys, replace_keys
from streetwise.kernel.errors import Conflict
from streetwise.kernel.files import FileStore
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.key_check import MASTER_CHANGED, short_name
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer
from streetwise.privacy import rotation_repository as vault
from streetwise.privacy.vault import GENERATIONS

declare(
    {
        MASTER_CHANGED: "The master key was changed; data: old and new (short names), how much was"
        " sealed anew: generations, secrets, folder_files, further.",
    }
)

SYSTEM = Viewer.system("master-key")
#: Asked for the number of texts that a higher room has sealed anew, in the same transaction.
RENEWING = "master_key.renewing"


@dataclass(frozen=True, slots=True)
class Changed:
    """What was done. ``unfit``: files of the store that open by neither key; they stay."""

    old: str
    new: str
    files: int
    unfit: int


def add_old_key(folder: Path, path: Path) -> None:
    """For a restored backup: let the file open what an older master key sealed. Raises KeyMissing.

    ``path`` is the older file as it was kept.
    """
    replace_keys(folder, load_keys(folder, create=False).opening(Keys(path.read_bytes())))


async def change_master_key(runtime: Runtime, new: bytes | None = None) -> Changed:
    """Change the master key, or go on with a change that was broken off.

    ``new``: 32 bytes; None: made here. Raises Conflict (``master_in_use``, ``rotate_first``,
    ``master_unfinished``) and KeyMissing; then nothing is changed.
    """
    keys, folder = runtime.keys, runtime.settings.secrets_path
    await _check(runtime)
    if keys.before is None:
        keys = keys.changed(os.urandom(KEY_BYTES) if new is None else new)
        replace_keys(folder, keys)
    elif new is not None:
        raise Conflict(
            "A change of the master key was broken off; finish it first, by the same command"
            " without a new key.",
            code="master_unfinished",
        )
    old = keys.before
    assert old is not None
    await _renew_rows(runtime, keys, old)
    files, unfit = FileStore(runtime.settings.files_path, keys).renew()
    replace_keys(folder, keys.settled())
    return Changed(short_name(old), short_name(keys), files, unfit)


async def _check(runtime: Runtime) -> None:
    async with runtime.database.read(SYSTEM) as session:
        if await key_check.others(session):
            raise Conflict(
                "Somebody is connected to the database: stop the service and other commands, then"
                " run this again.",
                code="master_in_use",
            )
        if await vault.keys_of_the_first_generation(session, SYSTEM):
            raise Conflict(
                "Some keys are still under the master key itself: run `streetwise vault rotate`"
                " first.",
                code="rotate_first",
            )


async def _renew_rows(runtime: Runtime, keys: Keys, old: Keys) -> None:
    # Who began in between may have read the old file.
    await _check(runtime)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        session = uow.session
        done = {
            "generations": await vault.renew_generations(
                session, SYSTEM, keys.sealer(GENERATIONS).renewed
            ),
            "secrets": await account_repository.renew_secrets(
                session, SYSTEM, keys.sealer("totp").renewed
            ),
            "folder_files": await records.renew_forms(session, SYSTEM, keys.sealer(SEAL).renewed),
            # What higher rooms have sealed by a key of their own purpose.
            "further": sum(
                await hooks.answers(RENEWING, session=session, viewer=SYSTEM, keys=keys)
            ),
        }
        # Gone on with after this was done once, it finds nothing to do and says nothing.
        if await key_check.set_fingerprint(session, keys):
            data = {"old": short_name(old), "new": short_name(keys), **done}
            uow.record(
                Entry(SYSTEM.actor, MASTER_CHANGED, "vault", None, grade=GRADE_INTERNAL, data=data)
            )


__all__ = ["MASTER_KEY_FILE", "Changed", "add_old_key", "change_master_key"]
