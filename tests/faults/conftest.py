"""A prepared home, made once per worker and copied for each test."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from faults.street import Street, until
from helpers import SYSTEM, TEST_PASSWORD, WEAK_HASHER, roomiest_folder, tiny_town

from streetwise.directory.folder import read_folder
from streetwise.directory.records.moving import load_folder
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.postgres import EmbeddedPostgres
from streetwise.kernel.runtime import open_runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.migrations.run import migrate

#: PostgreSQL with its journal of changes takes about 60 MiB of it.
SMALL_DISK_MIB = 160


@pytest.fixture(scope="session")
def prepared() -> Iterator[Path]:
    """A home with the tiny street in it, everybody with TEST_PASSWORD, real time."""
    if not sys.platform.startswith("linux"):
        pytest.skip("looks for processes in /proc")
    base = Path(tempfile.mkdtemp(prefix="sw-faults-", dir=roomiest_folder())).resolve()
    base.chmod(0o711)  # the database may run as a user of its own
    home = base / "prepared"
    with EmbeddedPostgres.start(home) as server:
        migrate(server.url("sw_owner"))
        asyncio.run(_load(base, home, server.url("sw_app")))
        with psycopg.connect(**conninfo(server.url("sw_owner")), autocommit=True) as owner:
            hashed = WEAK_HASHER.hash(TEST_PASSWORD)
            owner.execute("UPDATE staff SET password_hash = %s", (hashed,))
    yield home
    shutil.rmtree(base)


async def _load(base: Path, home: Path, url: str) -> None:
    folder = base / "tiny-town"
    tiny_town(folder)
    async with (
        open_runtime(Settings(home=home), url, create_keys=True) as runtime,
        runtime.database.unit_of_work(SYSTEM) as uow,
    ):
        await load_folder(uow, Viewer.system("test"), read_folder(folder))


@pytest.fixture
def street(prepared: Path, request: pytest.FixtureRequest) -> Iterator[Street]:
    """A copy of the prepared home; nothing runs yet."""
    home = Path(tempfile.mkdtemp(prefix="s-", dir=prepared.parent))
    home.rmdir()
    yield from _copied(prepared, home)


@pytest.fixture
def small_street(prepared: Path) -> Iterator[Street]:
    """The same on a disk of its own, which has room for little more than itself."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    disk = Path(tempfile.mkdtemp(prefix="d-", dir=prepared.parent))
    options = f"size={SMALL_DISK_MIB}m,mode=0711"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield from _copied(prepared, disk / "s")
    finally:
        # A process that ends lets go of its lock first and of its folder a moment later.
        until(lambda: _unmounted(disk), "nothing holds the small disk")
        disk.rmdir()


def _unmounted(disk: Path) -> bool:
    return subprocess.run(["umount", str(disk)], check=False).returncode == 0


def _copied(prepared: Path, home: Path) -> Iterator[Street]:
    # Owners and modes too: the database's folder belongs to the database's user.
    subprocess.run(["cp", "-a", str(prepared), str(home)], check=True)
    made = Street(home)
    yield made
    said = made.log.read_text() if made.log.exists() else ""
    print(said)  # shown when the test failed
    made.end()
    # Whatever went wrong in the server: no word or number of a citizen is in its log.
    assert "1380013" not in said
    assert "垃圾桶" not in said
    assert "来件" not in said
