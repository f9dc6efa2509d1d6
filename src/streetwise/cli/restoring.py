"""A restore from its first check to the journal's entry; also into a place that is thrown away."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from streetwise.kernel.backup import keeping, snapshot
from streetwise.kernel.backup.framing import Identity
from streetwise.kernel.backup.making import Tell
from streetwise.kernel.backup.restoring import Pair, check_pair, check_place, restore
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.runtime import Runtime, Urls, open_runtime, start_postgres, urls
from streetwise.kernel.seals import repository as seals
from streetwise.kernel.seals.sealing import (
    HEAD_FILE,
    Kept,
    put_head_aside,
    read_kept,
    seal_all,
    write_head,
)
from streetwise.kernel.seals.signing import PUBLIC_FILE, read_public_keys
from streetwise.kernel.seals.verify import verify
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.actions import SETTLE_ITEMS, settle
from streetwise.privacy.forgetting_repository import without_key

VIEWER = Viewer.system("restore")


@dataclass(slots=True)
class Restored:
    """What a restore did and found.

    ``forgotten``: originals removed again. ``without_key``: originals that do not open.
    ``findings``: of the journal. ``lost``: (the last entry of before, where its head is kept),
    where the place had seen more of the journal than the backup holds. ``two_masters``: the
    data is of before the master key was changed.
    """

    pair: Pair
    forgotten: int = 0
    without_key: int = 0
    journal_last: int = 0
    findings: list[str] = field(default_factory=list)
    lost: tuple[int, Path] | None = None
    two_masters: bool = False

    @property
    def good(self) -> bool:
        """Everything is as it was when the backup was made."""
        return not self.findings and not self.without_key


def checked(
    data: Path,
    keys: Path,
    identity: Identity,
    tell: Tell,
    *,
    public_keys: Path | None = None,
    old_key: Path | None = None,
) -> Pair:
    """The archives, read to their ends, and at a version that we can go on from."""
    from streetwise.migrations.run import is_known

    trusted = read_public_keys(public_keys) if public_keys else None
    old = old_key.read_bytes() if old_key else None
    pair = check_pair(data, keys, identity, public_keys=trusted, old_master=old, tell=tell)
    for one in (pair.data, pair.keys):
        if not is_known(one.manifest.migration):
            raise Conflict(
                f"{one.path} is at version {one.manifest.migration} of the tables, which this"
                f" program does not know; Streetwise {one.manifest.program} or newer restores it.",
                code="backup_newer",
            )
    return pair


def run_restore(settings: Settings, pair: Pair, identity: Identity, tell: Tell) -> Restored:
    """Restore into the empty home or database of the settings."""
    from streetwise.migrations.run import migrate

    postgres = start_postgres(settings)
    try:
        where = urls(settings, postgres)
        if where.owner is None:
            raise Invalid(
                "A restore makes the tables anew: set STREETWISE_OWNER_DATABASE_URL.",
                code="backup_no_owner",
            )
        check_place(where.owner, settings.files_path, settings.secrets_path, pair)
        restore(where.owner, settings.files_path, settings.secrets_path, pair, identity, tell)
        tell("migrate", 0, 0)
        migrate(where.owner)
        snapshot.analyze(where.owner)
        return asyncio.run(_settle_in(settings, where, pair, tell))
    finally:
        if postgres is not None:
            postgres.stop()


async def _settle_in(settings: Settings, where: Urls, pair: Pair, tell: Tell) -> Restored:
    """Forget again, check the journal, and write into it what happened."""
    done = Restored(pair)
    async with open_runtime(settings, where.app) as runtime:
        done.two_masters = runtime.keys.before is not None
        tell("forget", 0, 0)
        done.forgotten = await forget_again(runtime, VIEWER)
        async with runtime.database.read(VIEWER) as session:
            done.without_key = await without_key(session, VIEWER)
            tell("journal", 0, 0)
            await _check_journal(runtime, done)
        manifest, tail = pair.data.manifest, pair.data.tail
        async with runtime.database.unit_of_work(VIEWER) as uow:
            uow.record(
                keeping.entry(
                    VIEWER, "backup.restored", at=manifest.at, last=done.journal_last,
                    rows=manifest.rows, files=tail.files, forgotten=done.forgotten,
                )
            )  # fmt: skip
        await seal_all(runtime)
    return done


async def forget_again(runtime: Runtime, viewer: Viewer) -> int:
    """Remove originals whose key was destroyed since the backup; how many."""
    total = 0
    while True:
        async with runtime.database.unit_of_work(viewer) as uow:
            count = await settle(uow, viewer, SETTLE_ITEMS)
        total += count
        if count < SETTLE_ITEMS:
            return total


async def _check_journal(runtime: Runtime, done: Restored) -> None:
    """The journal as it came, against the head in the manifest; then the head kept here."""
    settings = runtime.settings
    keys = read_public_keys(settings.secrets_path / PUBLIC_FILE)
    head = done.pair.data.manifest.head
    async with runtime.database.read(VIEWER) as session:
        report = await verify(session, VIEWER, keys, [Kept(**head)] if head else [])
        newest = await seals.newest(session, VIEWER)
    done.journal_last = report.last
    done.findings = [one.says for one in report.findings]
    before = read_kept(settings.home / HEAD_FILE)
    aside = put_head_aside(settings.home)
    if aside is not None:
        done.lost = (before[0].last, aside)
    if newest is not None:
        write_head(settings.home, Kept.of(newest))


@contextmanager
def thrown_away(settings: Settings, folder: Path | None) -> Iterator[Settings]:
    """Settings of an empty home below a folder, which is removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="streetwise-verify-", dir=folder))
    home.chmod(0o711)  # the database's own user walks through; what lies in it is closed
    try:
        yield settings.model_copy(
            update={"home": home, "database_url": None, "owner_database_url": None}
        )
    finally:
        shutil.rmtree(home, ignore_errors=True)
