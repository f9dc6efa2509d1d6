"""Another master key: everything opens before, in between and after; the old one opens nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from dumps import dump, load
from gather.test_import_cli import streetwise
from helpers import SYSTEM, report, take_in_rows, tiny_town
from privacy.test_vault_keys import KEYS_ALONE, WITHOUT_KEYS, put, readable
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import master_key
from streetwise.directory.folder import read_folder
from streetwise.directory.master_key import add_old_key, change_master_key
from streetwise.directory.records.moving import export, load_folder
from streetwise.directory.sessions import viewer_of
from streetwise.directory.tables import Staff
from streetwise.gather.tables import Signal
from streetwise.kernel import key_check
from streetwise.kernel.clock import HandClock
from streetwise.kernel.crypto import KEY_BYTES, MASTER_KEY_FILE, KeyMissing, Keys
from streetwise.kernel.errors import Conflict
from streetwise.kernel.files import FileStore
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.settings import Settings
from streetwise.notify.actions import Change, address_of, set_preferences
from streetwise.notify.names import CHANNELS, EMAIL, SMS
from streetwise.notify.preferences import Wants
from streetwise.notify.tables import NotifyPreference
from streetwise.privacy import repository as vault
from streetwise.privacy.actions import items_to_forget
from streetwise.privacy.tables import VaultKey

Open = Callable[[], AbstractAsyncContextManager[Runtime]]
NUMBER, SECRET, PICTURE = "13800139000", b"a second factor", b"a picture"
ADDRESS = "somebody@example.cn"
ROW = report("M1", "路灯坏了", "梧桐路的路灯坏了，请尽快处理")


@pytest.fixture(params=["aes", "sm"])
def again(
    request: pytest.FixtureRequest, settings: Settings, bare_urls: Urls, clock: HandClock
) -> Open:
    """Opens a new installation, each time as a process of its own would."""
    (settings.secrets_path / MASTER_KEY_FILE).unlink()
    own = settings.model_copy(update={"crypto_profile": request.param})
    return lambda: open_runtime(own, bare_urls.app, clock=clock, create_keys=True)


class Filled:
    """What was sealed, and whether it opens."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.digest = b""
        self.folder: dict[str, bytes] = {}

    async def fill(self, runtime: Runtime, folder: Path) -> None:
        tiny_town(folder)
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            await load_folder(uow, SYSTEM, read_folder(folder), runtime.keys)
        self.items = await put(runtime, [NUMBER, None])
        self.digest = runtime.files.put(PICTURE).digest
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            who = (await uow.session.scalars(select(Staff.id).limit(1))).one()
            sealed = runtime.keys.sealer("totp").seal(SECRET, who.bytes)
            await uow.session.execute(
                update(Staff).where(Staff.id == who).values(totp_sealed=sealed)
            )
        await wish(runtime, who)
        await take_in_rows(runtime, [ROW])
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            self.folder = await export(uow, SYSTEM, runtime.keys, None)

    async def opens(self, runtime: Runtime) -> None:
        """Everything that is sealed opens, and everything known is found."""
        assert [await readable(runtime, item) for item in self.items] == [True, True]
        assert runtime.files.get(self.digest) == PICTURE
        assert runtime.files.put(PICTURE).digest == self.digest
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            query = select(Staff.id, Staff.totp_sealed).where(Staff.totp_sealed.is_not(None))
            who, sealed = (await uow.session.execute(query)).one()
            assert runtime.keys.sealer("totp").open(sealed or b"", who.bytes) == SECRET
            await wish_opens(uow.session, runtime.keys)
            found = await items_to_forget(
                uow, SYSTEM, runtime.keys, per_hour=100, number=("mobile", NUMBER)
            )
            assert self.items[0] in found[0] or found[1]
            assert await export(uow, SYSTEM, runtime.keys, None) == self.folder
            before = await uow.session.scalar(select(func.count()).select_from(Signal))
        await take_in_rows(runtime, [ROW])  # known already
        async with runtime.database.read(SYSTEM) as session:
            assert await session.scalar(select(func.count()).select_from(Signal)) == before


async def wish(runtime: Runtime, who: UUID) -> None:
    """Somebody leaves addresses of their own."""
    async with runtime.database.read(SYSTEM) as session:
        staff = (await session.execute(select(Staff).where(Staff.id == who))).scalar_one()
        viewer = await viewer_of(session, staff)
    async with runtime.database.unit_of_work(viewer) as uow:
        change = Change(Wants({}), ADDRESS, NUMBER)
        await set_preferences(uow, viewer, runtime.keys, CHANNELS, change)


async def wish_opens(session: AsyncSession, keys: Keys) -> None:
    """The addresses are readable by these keys."""
    wants = (await session.scalars(select(NotifyPreference))).one()
    assert address_of(keys, wants, EMAIL) == ADDRESS
    assert address_of(keys, wants, SMS) == NUMBER


class Killed(BaseException):
    """The process is gone."""


def killed(*_: Any, **__: Any) -> Any:
    raise Killed


async def test_broken_off_anywhere_everything_opens_and_the_command_goes_on(
    again: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = Filled()
    async with again() as runtime:
        await filled.fill(runtime, tmp_path / "town")
        path = runtime.settings.secrets_path / MASTER_KEY_FILE
    old = path.read_bytes()
    steps: list[tuple[Any, str]] = [
        (master_key, "_renew_rows"),  # the file holds both
        (key_check, "set_fingerprint"),  # in the middle of the rows
        (FileStore, "renew"),  # the rows are done
        (FileStore, "_write"),  # in the middle of the files
        (Keys, "settled"),  # all is done, the file holds both still
    ]
    for where, name in steps:
        with monkeypatch.context() as patched:
            patched.setattr(where, name, killed)
            async with again() as runtime:
                with pytest.raises(Killed):
                    await change_master_key(runtime)
        async with again() as runtime:
            assert len(path.read_bytes()) == 3 * KEY_BYTES
            await filled.opens(runtime)
            with pytest.raises(Conflict, match="finish it first"):
                await change_master_key(runtime, os.urandom(KEY_BYTES))
    async with again() as runtime:
        done = await change_master_key(runtime)
        assert done.unfit == 0
    assert path.read_bytes()[KEY_BYTES:] == old
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    async with again() as runtime:
        await filled.opens(runtime)
        async with runtime.database.read(SYSTEM) as session:
            query = select(Journal.data).where(Journal.action == key_check.MASTER_CHANGED)
            (data,) = (await session.scalars(query)).all()
        assert (data["old"], data["new"]) == (done.old, done.new)
        assert data["generations"] == data["secrets"] == 1 < data["folder_files"]
    await _old_key_opens_nothing(again, path, old, done, filled)


async def _old_key_opens_nothing(
    again: Open, path: Path, old: bytes, done: Any, filled: Filled
) -> None:
    """Refused by its name; and what lies there is sealed by another."""
    new = path.read_bytes()
    path.write_bytes(old)
    with pytest.raises(KeyMissing, match=f"This is key {done.old}, which key {done.new} has"):
        async with again():
            pass
    path.write_bytes(new)
    async with again() as runtime:
        provider = runtime.keys.hashing.profile
        before = Keys(old, seals=runtime.keys.provider.profile, hashes=provider)
        with pytest.raises(ValueError, match="belongs to another key"):
            FileStore(runtime.settings.files_path, before).get(filled.digest)
        async with runtime.database.read(SYSTEM) as session:
            for one in await vault.generations(session):
                with pytest.raises(ValueError, match="belongs to another key"):
                    before.sealer("vault-generations").open(one.wrapped or b"", b"%d" % one.id)
        # A second change keeps the fingerprints of the first key.
        await change_master_key(runtime)
    async with again() as runtime:
        await filled.opens(runtime)


async def test_nothing_is_changed_while_somebody_is_connected(
    runtime: Runtime, settings: Settings, town_urls: Urls
) -> None:
    path = settings.secrets_path / MASTER_KEY_FILE
    old = path.read_bytes()
    async with runtime.database.read(SYSTEM), open_runtime(settings, town_urls.app) as other:
        with pytest.raises(Conflict) as refused:
            await change_master_key(other)
    assert refused.value.code == "master_in_use"
    assert path.read_bytes() == old


async def test_keys_under_the_master_key_itself_are_rotated_first(
    settings: Settings, town_urls: Urls
) -> None:
    path = settings.secrets_path / MASTER_KEY_FILE
    old = path.read_bytes()
    async with open_runtime(settings, town_urls.app) as runtime:
        await put(runtime, [None])
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            await vault.add_generation(uow.session, 0, b"", uow.now)
            await uow.session.execute(update(VaultKey).values(generation=0))
        with pytest.raises(Conflict) as refused:
            await change_master_key(runtime)
    assert refused.value.code == "rotate_first"
    assert path.read_bytes() == old


async def test_a_new_key_that_is_none_is_refused(settings: Settings, town_urls: Urls) -> None:
    path = settings.secrets_path / MASTER_KEY_FILE
    old = path.read_bytes()
    async with open_runtime(settings, town_urls.app) as runtime:
        for content in (b"", b"short", bytes(KEY_BYTES + 1), old):
            with pytest.raises(KeyMissing, match="32 bytes, and another"):
                await change_master_key(runtime, content)
    assert path.read_bytes() == old


async def test_a_backup_of_before_opens_with_the_old_key_added(
    settings: Settings, town_urls: Urls, empty_urls: Urls, clock: HandClock, tmp_path: Path
) -> None:
    """Old data, current keys, both master keys: brought under the present one by the command."""
    path, kept, filled = settings.secrets_path / MASTER_KEY_FILE, tmp_path / "kept", Filled()
    async with open_runtime(settings, town_urls.app, clock=clock) as runtime:
        await filled.fill(runtime, tmp_path / "town")
        data = dump(town_urls.app, *WITHOUT_KEYS)
        kept.write_bytes(path.read_bytes())
    async with open_runtime(settings, town_urls.app, clock=clock) as runtime:
        await change_master_key(runtime)
        keys = dump(town_urls.app, *KEYS_ALONE)
    load(empty_urls.app, data)
    load(empty_urls.app, keys)
    with pytest.raises(KeyMissing, match="not the one"):
        async with open_runtime(settings, empty_urls.app, clock=clock):
            pass
    stranger = tmp_path / "stranger"
    stranger.write_bytes(os.urandom(KEY_BYTES))
    with pytest.raises(KeyMissing, match="no older master key"):
        add_old_key(settings.secrets_path, stranger)
    add_old_key(settings.secrets_path, kept)
    async with open_runtime(settings, empty_urls.app, clock=clock) as restored:
        await filled.opens(restored)
        await change_master_key(restored)
    async with open_runtime(settings, empty_urls.app, clock=clock) as restored:
        assert len(restored.keys.content) == 2 * KEY_BYTES
        await filled.opens(restored)


async def test_by_the_command(settings: Settings, town_urls: Urls, tmp_path: Path) -> None:
    async with open_runtime(settings, town_urls.app) as runtime:
        async with runtime.database.read(SYSTEM) as session:
            who = (await session.scalars(select(Staff.id).limit(1))).one()
        await wish(runtime, who)
    new = tmp_path / "new.key"
    new.write_bytes(os.urandom(KEY_BYTES))
    # As much of a runtime as the helper asks for: one that is connected would be in the way.
    away: Any = SimpleNamespace(settings=settings, database=SimpleNamespace(url=town_urls.app))
    done = await asyncio.to_thread(streetwise, away, "vault", "master", "--new-key-file", str(new))
    assert done.returncode == 0, done.stderr
    assert "is the master key now" in done.stderr
    path = settings.secrets_path / MASTER_KEY_FILE
    assert path.read_bytes()[:KEY_BYTES] == new.read_bytes()
    async with open_runtime(settings, town_urls.app) as runtime:
        assert runtime.keys.before is None
        async with runtime.database.read(SYSTEM) as session:
            await wish_opens(session, runtime.keys)
