"""Filled databases of each landed release, as its own code left them, brought to this version.

``releases/*.sql.gz``: `pg_dump --no-owner --inserts` of the tests' street after three reports
were taken in and one case accepted, made by running that day's code (0001: commit 0a59381,
0006: 1a9685c, 0010: 011e567, 0011: fe7ef36, 0012: 32ac1f1). The first line holds the master key of
that invented street.
``releases/0009.backup``, ``.keys`` and ``.private``: the same street as an archive (7703fbc), one
report of three forgotten between the data and the keys, and the key that opens both.
"""

from __future__ import annotations

import asyncio
import gzip
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from helpers import SYSTEM, opened, report, seeing_all, take_in_rows
from sqlalchemy import select
from web.test_backup import restore_into
from web.test_migrations import models_agree, rights_hold

from streetwise.kernel.backup import programs
from streetwise.kernel.backup.framing import read_identity
from streetwise.kernel.clock import HandClock
from streetwise.kernel.crypto import MASTER_KEY_FILE
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Urls, open_runtime
from streetwise.kernel.seals.sealing import seal_all
from streetwise.kernel.seals.signing import PUBLIC_FILE, read_public_keys
from streetwise.kernel.seals.verify import verify
from streetwise.kernel.settings import Settings
from streetwise.migrations.run import migrate, pending
from streetwise.privacy.tables import VaultItem
from streetwise.resolve.tables import Case

RELEASES_FOLDER = Path(__file__).parent / "releases"
RELEASES = sorted(RELEASES_FOLDER.glob("*.sql.gz"))
#: The file in the archive, by its hash.
PHOTO = "bff80477e1663176105a6ee931f52e337e4215fa90e1c303f5da8a2e9e27389d"
#: Rows that an upgrade must neither lose nor double.
KEPT = (
    "area", "unit", "staff", "grid", "place", "asset", "taxonomy", "taxonomy_class",
    "responsibility", "source", "import_batch", "signal", "cases", "case_signal", "vault_item",
    "journal", "master_key", "clock",
)  # fmt: skip
NUMBERS = {"13800138000", "13900139000"}


def counts(url: str) -> dict[str, int]:
    with seeing_all(url) as connection:
        return {table: connection.execute(f'SELECT * FROM "{table}"').rowcount for table in KEPT}


def filled(path: Path, urls: Urls, home: Path) -> None:
    """Load a release's dump as the owner, and put its master key in place."""
    sql = gzip.decompress(path.read_bytes())
    with programs.loading(str(urls.owner)) as into:
        into.feed(sql)
        into.finish()
    (home / "secrets").mkdir(parents=True)
    key = bytes.fromhex(sql.splitlines()[0].split()[-1].decode())
    (home / "secrets" / MASTER_KEY_FILE).write_bytes(key)


@pytest.mark.parametrize("path", RELEASES, ids=[path.name[:4] for path in RELEASES])
async def test_a_filled_database_of_a_release_is_brought_to_this_version(
    path: Path, empty_urls: Urls, tmp_path: Path
) -> None:
    owner = str(empty_urls.owner)
    filled(path, empty_urls, tmp_path)
    before = counts(owner)
    assert (before["cases"], before["signal"], before["staff"]) == (3, 3, 14)
    # The newest release may be at this version already; the older ones are not.
    assert pending(owner) or path == RELEASES[-1]
    await asyncio.to_thread(migrate, owner)
    assert not pending(owner)
    assert counts(empty_urls.app) == before

    # Nothing of the older shape is left: tables, rights and walls are those of a new one.
    models_agree(empty_urls)
    rights_hold(empty_urls)
    with psycopg.connect(**conninfo(empty_urls.app)) as nobody:
        assert nobody.execute("SELECT count(*) FROM cases").fetchone() == (0,)

    # And it lives: originals open, what comes in is taken, and the journal is sealed and whole.
    clock = HandClock(datetime(2026, 5, 12, 2, 0, tzinfo=UTC))
    async with open_runtime(Settings(home=tmp_path), empty_urls.app, clock=clock) as runtime:
        async with runtime.database.read(SYSTEM) as session:
            items = list((await session.execute(select(VaultItem.id))).scalars())
        texts = str([await opened(runtime, item) for item in items])
        assert all(number in texts for number in NUMBERS)
        await take_in_rows(runtime, [report("4", "井盖", "梧桐路井盖坏了")])
        assert counts(empty_urls.app)["cases"] == 4
        await seal_all(runtime)
        keys = read_public_keys(runtime.settings.secrets_path / PUBLIC_FILE)
        async with runtime.database.read(SYSTEM) as session:
            found = await verify(session, SYSTEM, keys)
        assert found.good
        assert found.entries > before["journal"]


async def test_an_archive_of_an_older_version_is_restored_and_brought_to_this_one(
    empty_urls: Urls, tmp_path: Path
) -> None:
    """And does not bring back what was forgotten after it was made."""
    data, keys, private = (
        RELEASES_FOLDER / f"0009.{what}" for what in ("backup", "keys", "private")
    )
    done = await restore_into(empty_urls, tmp_path, data, keys, read_identity(private))
    assert (done.good, done.forgotten, done.findings) == (True, 1, [])
    assert done.pair.data.manifest.migration == "0009"
    assert not pending(str(empty_urls.owner))
    models_agree(empty_urls)
    rights_hold(empty_urls)
    async with open_runtime(Settings(home=tmp_path), empty_urls.app) as runtime:
        async with runtime.database.read(SYSTEM) as session:
            query = select(VaultItem.id).where(VaultItem.sealed.is_not(None))
            items = list((await session.execute(query)).scalars())
            states = select(Case.state).order_by(Case.number)
            assert list((await session.execute(states)).scalars()) == [
                "accepted",
                "received",
                "received",
            ]
        texts = str([await opened(runtime, item) for item in items])
        assert "13800138000" in texts and "13900139000" in texts and "13700137000" not in texts
        assert runtime.files.get(bytes.fromhex(PHOTO)) == b"photo" * 1000


def test_every_release_has_its_dump() -> None:
    assert [path.name[:4] for path in RELEASES] == ["0001", "0006", "0010", "0011", "0012"]
