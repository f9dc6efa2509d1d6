"""Backup and restore, whole: real dumps into real empty places, and every way it must refuse."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from gather.test_import_cli import SECONDS
from helpers import SYSTEM, past_the_walls, report, run_jobs, sign_in, spot, take_in_rows
from privacy.test_vault_keys import MOBILES, forget, put, readable
from programs import of_home, run
from sqlalchemy import select

from streetwise.cli.restoring import Restored, checked, run_restore
from streetwise.directory.master_key import change_master_key
from streetwise.kernel.backup import keeping, making, programs, snapshot
from streetwise.kernel.backup.container import ArchiveReader, ArchiveWriter
from streetwise.kernel.backup.folder import archives
from streetwise.kernel.backup.framing import Identity, OpeningReader, SealingWriter
from streetwise.kernel.backup.making import DATABASE_PART, RECIPIENT_FILE, Made, silent
from streetwise.kernel.backup.restoring import check_pair
from streetwise.kernel.clock import HandClock
from streetwise.kernel.crypto import MASTER_KEY_FILE
from streetwise.kernel.crypto_providers import AES
from streetwise.kernel.errors import StreetwiseError
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.seals.sealing import HEAD_FILE, seal_all
from streetwise.kernel.seals.signing import load_signer
from streetwise.kernel.settings import Settings
from streetwise.privacy.tables import VaultItem, VaultKey
from streetwise.resolve import retention

IDENTITY = Identity.make()
MOBILE = "13800138000"


def at(runtime: Runtime, urls: Urls, **differs: object) -> Runtime:
    """The runtime with settings that know the database, and a public backup key."""
    public = runtime.settings.secrets_path / RECIPIENT_FILE
    public.write_text(IDENTITY.recipient.text())
    where = {"database_url": urls.app, "owner_database_url": urls.owner, **differs}
    return replace(runtime, settings=runtime.settings.model_copy(update=where))


async def back_up(runtime: Runtime, urls: Urls, folder: Path) -> Made:
    return await keeping.make_in_folder(at(runtime, urls), SYSTEM, folder, folder)


async def restore_into(
    urls: Urls, home: Path, data: Path | None, keys: Path, identity: Identity = IDENTITY
) -> Restored:
    assert data is not None
    place = Settings(home=home, database_url=urls.app, owner_database_url=urls.owner)
    pair = await asyncio.to_thread(checked, data, keys, identity, silent)
    return await asyncio.to_thread(run_restore, place, pair, identity, silent)


@asynccontextmanager
async def looking_into(urls: Urls, home: Path, clock: HandClock) -> AsyncIterator[Runtime]:
    async with open_runtime(Settings(home=home), urls.app, clock=clock) as found:
        yield found


async def actions_of(runtime: Runtime) -> list[str]:
    async with runtime.database.read(SYSTEM) as session:
        query = select(Journal.action).order_by(Journal.seq)
        return list((await session.execute(query)).scalars())


def sql_of(path: Path | None) -> bytes:
    """What stands in an archive's dump."""
    assert path is not None
    with path.open("rb") as file:
        reader = ArchiveReader(OpeningReader(file, IDENTITY))
        found = {name: b"".join(content) for name, content in reader.parts()}
    return zlib.decompress(found[DATABASE_PART])


async def test_a_backup_is_restored_and_what_was_forgotten_since_stays_so(
    client: httpx.AsyncClient,
    runtime: Runtime,
    town_urls: Urls,
    empty_urls: Urls,
    clock: HandClock,
    tmp_path: Path,
) -> None:
    await sign_in(client, "duty_officer")
    await take_in_rows(runtime, [report("1", "路灯", f"路灯不亮，请联系 {MOBILE}")])
    items = await put(runtime, [MOBILES[0], MOBILES[1], MOBILES[1], None])
    stored = await asyncio.to_thread(runtime.files.put, b"photo" * 100_000)
    with past_the_walls(runtime) as connection:
        wrapped = connection.execute("SELECT encode(wrapped, 'hex') FROM vault_key").fetchall()
        rows = connection.execute("SELECT count(*) FROM signal").fetchone()
    made = await back_up(runtime, town_urls, tmp_path)
    assert made.manifest.about == {"area": "home"}
    assert len(wrapped) == 7
    dumped = sql_of(made.data)
    assert not [one for (one,) in wrapped if one.encode() in dumped]

    # After the backup: something is forgotten, and the keys alone are renewed.
    await forget(runtime, number=("mobile", MOBILES[1]))
    await keeping.renew_keys(at(runtime, town_urls, backup_folder=tmp_path))
    head = (runtime.settings.home / HEAD_FILE).read_text()
    home = tmp_path / "new"
    home.mkdir()
    (home / HEAD_FILE).write_text(head)

    done = await restore_into(empty_urls, home, made.data, made.keys)
    assert done.good
    assert (done.forgotten, done.without_key) == (2, 0)
    assert done.lost is not None
    assert done.lost[0] > done.journal_last
    assert done.lost[1].read_text() == head
    async with looking_into(empty_urls, home, clock) as restored:
        assert [await readable(restored, one) for one in items] == [True, False, False, True]
        assert restored.files.get(stored.digest) == b"photo" * 100_000
        assert (await actions_of(restored))[-1] == "backup.restored"
        async with restored.database.read(SYSTEM) as session:
            left = await session.execute(select(VaultItem).where(VaultItem.sealed.is_(None)))
            assert {one.id for one in left.scalars()} == set(items[1:3])
        with past_the_walls(restored) as connection:
            assert connection.execute("SELECT count(*) FROM signal").fetchone() == rows
            # Whoever was signed out since would be in again.
            assert connection.execute("SELECT count(*) FROM staff_session").fetchone() == (0,)
        # It lives: what comes in anew is sealed, joined and journalled as ever.
        await take_in_rows(restored, [report("2", "井盖", "井盖坏了")])
        await seal_all(restored)
    assert (home / HEAD_FILE).read_text() != head


async def test_a_backup_of_before_another_master_key_needs_the_old_one_too(
    settings: Settings, town_urls: Urls, empty_urls: Urls, clock: HandClock, tmp_path: Path
) -> None:
    async with open_runtime(settings, town_urls.app, clock=clock) as runtime:
        items = await put(runtime, [MOBILES[0]])
        stored = await asyncio.to_thread(runtime.files.put, b"photo")
        made = await back_up(runtime, town_urls, tmp_path)
        assert made.data is not None
    path = settings.secrets_path / MASTER_KEY_FILE
    old = tmp_path / "old-master.key"
    old.write_bytes(path.read_bytes())
    async with open_runtime(settings, town_urls.app, clock=clock) as runtime:
        await change_master_key(runtime)
    async with open_runtime(settings, town_urls.app, clock=clock) as runtime:
        later = await keeping.make(at(runtime, town_urls), SYSTEM, None, made.keys)
    with pytest.raises(StreetwiseError) as refused:
        await restore_into(empty_urls, tmp_path / "new", made.data, later.keys)
    assert refused.value.code == "backup_master_changed"
    pair = await asyncio.to_thread(checked, made.data, later.keys, IDENTITY, silent, old_key=old)
    home = tmp_path / "new"
    place = Settings(home=home, database_url=empty_urls.app, owner_database_url=empty_urls.owner)
    done = await asyncio.to_thread(run_restore, place, pair, IDENTITY, silent)
    assert (done.good, done.two_masters) == (True, True)
    async with looking_into(empty_urls, home, clock) as restored:
        assert await readable(restored, items[0])
        assert restored.files.get(stored.digest) == b"photo"


def command(runtime: Runtime, urls: Urls, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command on the test's home and database, as their owner."""
    environment = of_home(runtime.settings.home, urls.app)
    environment["STREETWISE_OWNER_DATABASE_URL"] = str(urls.owner)
    return run(list(map(str, arguments)), environment, SECONDS)


async def test_the_commands_make_a_key_and_a_backup_and_try_it(
    runtime: Runtime, town_urls: Urls, empty_urls: Urls, tmp_path: Path
) -> None:
    """Tried in an embedded server of its own, in a place that is gone afterwards."""
    key, data = tmp_path / "private", tmp_path / "a.backup"
    # Where the database's own user may walk through, unlike pytest's folders.
    place = Path(os.environ["SW_TEST_HOME"]) / tmp_path.name
    await put(runtime, [MOBILES[0]])
    with pytest.raises(StreetwiseError, match="streetwise backup-key FILE"):
        making.make_backup(runtime.settings, str(town_urls.owner), data, data)
    made = await asyncio.to_thread(command, runtime, town_urls, "backup-key", key)
    assert made.returncode == 0, made.stderr
    assert key.stat().st_mode & 0o077 == 0
    done = await asyncio.to_thread(command, runtime, town_urls, "backup", data)
    assert done.returncode == 0, done.stderr
    assert "rows and 0 files are in" in done.stdout

    place.mkdir(mode=0o711)
    given = ["--verify", data, "--keys", f"{data}.keys", "--key", key, "--in", place, "--json"]
    tried = await asyncio.to_thread(command, runtime, town_urls, "backup", *given)
    assert tried.returncode == 0, tried.stderr
    assert json.loads(tried.stdout)["good"]
    assert not list(place.iterdir())
    other = replace(runtime, settings=Settings(home=tmp_path / "new"))
    given = [data, "--keys", f"{data}.keys", "--key", key]
    back = await asyncio.to_thread(command, other, empty_urls, "restore", *given)
    assert back.returncode == 0, back.stderr
    assert "were restored; each table and each file is as it was" in back.stdout


# --- refused, and nothing changed ----------------------------------------------------------


def bent(path: Path, folder: Path, bend: Callable[[bytes], bytes]) -> Path:
    """A copy of an archive, changed."""
    copy = folder / f"bent-{path.name}"
    copy.write_bytes(bend(path.read_bytes()))
    return copy


def written_again(path: Path, folder: Path, runtime: Runtime, **differs: object) -> Path:
    """The same archive with another manifest, whole and signed by this house."""
    copy = folder / f"again-{path.name}"
    with path.open("rb") as source, copy.open("wb") as out:
        reader = ArchiveReader(OpeningReader(source, IDENTITY))
        writer = ArchiveWriter(SealingWriter(out, IDENTITY.recipient, AES))
        writer.manifest(replace(reader.manifest, **differs))  # type: ignore[arg-type]
        for name, content in reader.parts():
            writer.begin(name)
            for piece in content:
                writer.data(piece)
            writer.end()
        writer.finish(reader.tail, load_signer(runtime.settings.secrets_path, create=False))
    return copy


async def test_what_is_wrong_is_said_before_anything_is_changed(
    runtime: Runtime, town_urls: Urls, empty_urls: Urls, tmp_path: Path
) -> None:
    await put(runtime, [MOBILES[0]])
    await asyncio.to_thread(runtime.files.put, b"photo" * 1000)
    before = await back_up(runtime, town_urls, tmp_path)
    assert before.data is not None
    old_keys = tmp_path / "old.keys"
    old_keys.write_bytes(before.keys.read_bytes())
    made = await keeping.make(
        at(runtime, town_urls), SYSTEM, tmp_path / "data", tmp_path / "data.keys"
    )
    data, keys = made.data, made.keys
    assert data is not None
    stranger = Identity.make()
    tables = {**made.manifest.tables, "staff": (13, "0")}

    def again(path: Path, **differs: object) -> Path:
        return written_again(path, tmp_path, runtime, **differs)

    wrong: list[tuple[str, Callable[[], tuple[Path, Path, Identity]]]] = [
        ("backup_wrong_key", lambda: (data, keys, stranger)),
        ("backup_damaged", lambda: (bent(data, tmp_path, lambda c: c[:-1]), keys, IDENTITY)),
        ("backup_damaged", lambda: (bent(data, tmp_path, lambda c: c[:9000]), keys, IDENTITY)),
        ("backup_damaged", lambda: (data, bent(keys, tmp_path, lambda c: c[:-9]), IDENTITY)),
        (
            "backup_damaged",
            lambda: (
                bent(data, tmp_path, lambda c: c[:9000] + b"\0" + c[9001:]), keys, IDENTITY
            ),
        ),
        ("backup_damaged", lambda: (Path(__file__), keys, IDENTITY)),
        ("backup_missing", lambda: (tmp_path / "nowhere", keys, IDENTITY)),
        ("backup_other_kind", lambda: (data, data, IDENTITY)),
        ("backup_keys_older", lambda: (data, old_keys, IDENTITY)),
        ("backup_other_keys", lambda: (again(data, installation="00"), keys, IDENTITY)),
        ("backup_master_changed", lambda: (again(data, fingerprint="00"), keys, IDENTITY)),
        ("backup_newer", lambda: (again(data, migration="9999"), keys, IDENTITY)),
        ("backup_newer", lambda: (again(data, format=2), keys, IDENTITY)),
        ("restore_load_failed", lambda: (again(data, tables=tables), keys, IDENTITY)),
    ]  # fmt: skip
    home = tmp_path / "new"
    for code, given in wrong:
        with pytest.raises(StreetwiseError) as refused:
            path, with_keys, identity = given()
            await restore_into(empty_urls, home, path, with_keys, identity)
        assert refused.value.code == code
        assert snapshot.is_empty(str(empty_urls.owner))
        assert not [one for one in home.rglob("*") if "secrets" not in str(one)], code
    assert refused.value.params == {"table": "staff"}

    # Somebody who has the public key alone writes an archive.
    foreign = {"0" * 16: load_signer(tmp_path / "foreign", create=True).public}
    with pytest.raises(StreetwiseError, match="somebody else wrote it"):
        check_pair(data, keys, IDENTITY, public_keys=foreign)

    # And the place: a database with tables, files, another master key.
    with pytest.raises(StreetwiseError, match="database is not empty"):
        await restore_into(town_urls, home, data, keys)
    for name, words in (("files/x", "not empty"), ("secrets/master.key", "another one")):
        place = tmp_path / name.replace("/", "-")
        (place / name).parent.mkdir(parents=True)
        (place / name).write_bytes(b"x")
        with pytest.raises(StreetwiseError, match=words):
            await restore_into(empty_urls, place, data, keys)
        assert (place / name).read_bytes() == b"x"

    # Another whole archive takes the place of the one that was checked.
    pair = await asyncio.to_thread(checked, data, keys, IDENTITY, silent)
    good = data.read_bytes()
    data.write_bytes(before.data.read_bytes())
    there = Settings(home=home, database_url=empty_urls.app, owner_database_url=empty_urls.owner)
    with pytest.raises(StreetwiseError, match="was exchanged"):
        await asyncio.to_thread(run_restore, there, pair, IDENTITY, silent)
    data.write_bytes(good)
    assert snapshot.is_empty(str(empty_urls.owner))

    assert (await restore_into(empty_urls, home, data, keys)).good


async def test_a_restore_that_is_killed_leaves_an_empty_database(empty_urls: Urls) -> None:
    """The end of psql's input is what it sees when we are killed."""
    owner = str(empty_urls.owner)
    with programs.loading(owner) as into:
        into.feed(b"CREATE TABLE t (n int);\nINSERT INTO t VALUES (1);\n")
        assert into._process.stdin is not None
        into._process.stdin.close()
        assert into._process.wait() == 0
    assert snapshot.is_empty(owner)
    with programs.loading(owner) as into:
        into.feed(b"CREATE TABLE t (n int);\n")
        into.finish()
    assert not snapshot.is_empty(owner)


# --- while others work ---------------------------------------------------------------------


async def test_a_file_that_is_removed_meanwhile_is_counted_and_one_at_a_time(
    runtime: Runtime, town_urls: Urls, tmp_path: Path
) -> None:
    folder = runtime.settings.files_path / "ab" / "cd"
    folder.mkdir(parents=True)
    names = [f"abcd{n:060x}" for n in range(3)]
    for name in names:
        (folder / name).write_bytes(b"x")
    refused: list[str] = []

    def meanwhile(what: str, done: int, total: int) -> None:
        if what == "files" and done == 1:
            (folder / names[2]).unlink()
            with pytest.raises(StreetwiseError) as error:
                making.make_backup(there.settings, str(town_urls.owner), None, tmp_path / "k")
            refused.append(error.value.code)

    there = at(runtime, town_urls)
    left = tmp_path / ".of a killed one.streetwise-part"
    left.touch()
    made = await keeping.make(there, SYSTEM, tmp_path / "data", tmp_path / "keys", tell=meanwhile)
    assert (made.tail.files, made.tail.gone) == (2, 1)
    assert refused == ["backup_running"]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["data", "keys"]


async def test_a_backup_that_is_stopped_leaves_nothing(
    runtime: Runtime, town_urls: Urls, tmp_path: Path
) -> None:
    there = at(runtime, town_urls)
    with pytest.raises(making.Stopped):
        making.make_backup(
            there.settings, str(town_urls.owner), tmp_path / "d", tmp_path / "k", stop=lambda: True
        )
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


async def test_a_disk_that_takes_no_more_is_told_and_keeps_nothing(
    runtime: Runtime, town_urls: Urls, tmp_path: Path
) -> None:
    """The keys fit, the data does not: the limit of the process stands for the disk's."""
    await asyncio.to_thread(runtime.files.put, os.urandom(2**20))
    there = at(runtime, town_urls)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**19, before[1]))
    try:
        with pytest.raises(StreetwiseError) as refused:
            await keeping.make(there, SYSTEM, tmp_path / "data", tmp_path / "keys")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (refused.value.code, refused.value.params["reason"]) == ("backup_not_written", "full")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["keys"]
    assert (await actions_of(runtime))[-1] == "backup.failed"
    with pytest.raises(StreetwiseError, match="cannot be written"):
        await keeping.make(there, SYSTEM, tmp_path / "keys" / "data", tmp_path / "k")


# --- by itself -----------------------------------------------------------------------------


async def test_backups_come_by_themselves_and_the_oldest_go(
    runtime: Runtime, town_urls: Urls, tmp_path: Path
) -> None:
    await keeping.make_when_due(runtime)  # no folder is set: nothing happens
    folder, keys = tmp_path / "backups", tmp_path / "apart"
    there = at(
        runtime, town_urls, backup_folder=folder, backup_keys_folder=keys, backup_keep_archives=2
    )
    of = keeping.installation(runtime)
    for _ in range(2):
        await keeping.make_when_due(there)
    first = archives(folder, of)
    assert len(first) == 1, "the second was not due"
    for days in (1, 2, 3):
        old = datetime.now(UTC) - timedelta(days=days)
        (folder / f"streetwise-{of}-{old:%Y%m%dT%H%M%SZ}.backup").touch()
    first[0].path.unlink()
    await keeping.make_when_due(there)
    assert len(archives(folder, of)) == 2
    assert [path.name for path in keys.iterdir()] == [f"streetwise-{of}.keys"]

    # It fails, says so, and does not end the job for good.
    (there.settings.secrets_path / RECIPIENT_FILE).unlink()
    for found in archives(folder, of):
        found.path.unlink()
    await keeping.make_when_due(there)
    told = [one for one in await actions_of(runtime) if one.startswith("backup.")]
    assert told == ["backup.made", "backup.made", "backup.failed"]


async def test_rows_in_quarantine_are_forgotten_so_long_after_their_import(
    runtime: Runtime, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row's number and what was wrong with it stay; signals whose case is open too."""
    monkeypatch.setattr(retention, "BATCH_ITEMS", 2)
    bad = [report(str(n), "路灯", f"请联系 1370013{n:04}", at="昨天") for n in range(5)]
    first = await take_in_rows(runtime, [*bad, report("5", "路灯", "路灯不亮，13700139999")])
    clock.advance(timedelta(days=20))
    await take_in_rows(runtime, [report("6", "井盖", "井盖坏了，13700138888", at="前天")])
    settings = runtime.settings.model_copy(update={"vault_retention_days": 30})
    there = replace(runtime, settings=settings)

    def left() -> list[tuple[int, bool]]:
        query = (
            "SELECT q.row, v.sealed IS NOT NULL FROM quarantine q JOIN vault_item v USING (id)"
            " JOIN import_batch b ON b.id = q.batch_id ORDER BY b.created_at, q.row"
        )
        with past_the_walls(runtime) as connection:
            return connection.execute(query).fetchall()

    await retention.forget_what_is_past(there)
    assert left() == [*((row, True) for row in range(2, 7)), (2, True)]
    clock.advance(timedelta(days=11))
    await retention.forget_what_is_past(there)
    await retention.forget_what_is_past(there)
    assert left() == [*((row, False) for row in range(2, 7)), (2, True)]
    async with runtime.database.read(SYSTEM) as session:
        query = select(Journal.subject, Journal.data["items"].as_integer())
        told = await session.execute(query.where(Journal.action == "vault.forgotten"))
        assert [tuple(one) for one in told] == [(first, 2), (first, 2), (first, 1)]
        open_ = select(VaultItem.id).where(VaultItem.kind == "signal", VaultItem.sealed.is_(None))
        assert (await session.execute(open_)).all() == []
    with past_the_walls(runtime) as connection:
        waiting = connection.execute("SELECT task_name FROM procrastinate_jobs").fetchall()
    assert waiting.count((keeping.KEYS_JOB,)) == 1


async def test_originals_are_forgotten_so_long_after_their_case_was_closed(
    runtime: Runtime, town_urls: Urls, empty_urls: Urls, clock: HandClock, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """And a backup of before does not bring them back."""
    monkeypatch.setattr(retention, "BATCH_ITEMS", 2)
    await take_in_rows(
        runtime,
        [
            report(str(n), "路灯", f"路灯{n}不亮，请联系 1370013{n:04}", **spot(n * 9))
            for n in range(5)
        ],
    )
    with past_the_walls(runtime) as connection:
        ids = connection.execute(
            "UPDATE cases c SET closed_at = %s, state = 'closed' FROM case_signal s, vault_item v"
            " WHERE s.case_id = c.id AND v.id = s.signal_id AND c.number NOT LIKE '%%1'"
            " RETURNING s.signal_id",
            (clock.now(),),
        ).fetchall()
        everything = connection.execute("SELECT id FROM vault_item").fetchall()
    past = {one for (one,) in ids}
    alive = {one for (one,) in everything} - past
    assert len(past) == 4
    assert len(alive) == 1
    made = await back_up(runtime, town_urls, tmp_path)
    there = at(runtime, town_urls, vault_retention_days=30, backup_folder=tmp_path)

    async def forgotten() -> set[UUID]:
        async with runtime.database.read(SYSTEM) as session:
            query = select(VaultKey.id).where(VaultKey.wrapped.is_(None))
            return set((await session.execute(query)).scalars())

    await retention.forget_what_is_past(there)
    clock.advance(timedelta(days=31))
    await retention.forget_what_is_past(at(runtime, town_urls))
    assert await forgotten() == set(), "off by default, and not before the time"
    await retention.forget_what_is_past(there)
    assert await forgotten() == past
    told = [one for one in await actions_of(runtime) if one == "vault.forgotten"]
    assert len(told) == 4
    await retention.forget_what_is_past(there)
    assert len([one for one in await actions_of(runtime) if one == "vault.forgotten"]) == 4

    await run_jobs(there)  # the keys of now take the place of those in the folder
    done = await restore_into(empty_urls, tmp_path / "new", made.data, made.keys)
    assert (done.good, done.forgotten) == (True, 4)
    async with looking_into(empty_urls, tmp_path / "new", clock) as restored:
        found = {item: await readable(restored, item) for item in alive | past}
    assert found == {**dict.fromkeys(alive, True), **dict.fromkeys(past, False)}
