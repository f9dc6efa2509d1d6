"""Keys apart from the data: forgotten stays so in a restored backup; rotated while running."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest
from dumps import dump, load
from gather.test_import_cli import streetwise
from helpers import SYSTEM, opened, run_jobs, sign_in
from sqlalchemy import func, select, text

from streetwise.kernel.crypto import Sealer
from streetwise.kernel.ids import new_id, new_ids
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.settings import Settings
from streetwise.privacy import repository, rotation
from streetwise.privacy.actions import Forgotten, destroy, items_to_forget, settle, value
from streetwise.privacy.keeping import Original, keep
from streetwise.privacy.tables import (
    KEY_TABLES,
    VaultField,
    VaultGeneration,
    VaultKey,
)

MOBILES = [f"1380013{n:04}" for n in range(20)]


async def put(runtime: Runtime, contacts: Sequence[str | None]) -> list[UUID]:
    """Keep one original per contact; each also names a number of its own."""
    ids = new_ids(len(contacts))
    originals = [
        Original(item, "signal", {"text": f"电话 137{n:08}"}, {"text": f"电话 137{n:08}"}, contact)
        for n, (item, contact) in enumerate(zip(ids, contacts, strict=True))
    ]
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await keep(uow, runtime.keys, originals)
    return ids


async def readable(runtime: Runtime, item: UUID) -> bool:
    """Whether the item's original and first field open."""
    async with runtime.database.read(SYSTEM) as session:
        try:
            found = [await value(session, SYSTEM, runtime.keys, item, n) for n in (0, 1)]
        except Forgotten:
            return False
    assert [kind for kind, _ in found] == ["original", "mobile"]
    return True


async def forget(runtime: Runtime, **what: Any) -> None:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        found = await items_to_forget(uow, SYSTEM, runtime.keys, per_hour=100, **what)
        await destroy(uow, SYSTEM, *found)


WITHOUT_KEYS = [f"--exclude-table-data={table}" for table in KEY_TABLES]
KEYS_ALONE = ["--data-only", *(f"--table={table}" for table in KEY_TABLES)]


async def test_what_was_forgotten_stays_so_in_a_restored_backup(
    runtime: Runtime, town_urls: Urls, empty_urls: Urls, other_empty_urls: Urls, settings: Settings
) -> None:
    """Old data, current keys. With old keys it would come back: so they are overwritten."""
    contacts = [MOBILES[0], MOBILES[1], MOBILES[1], None, MOBILES[2]]
    items = await put(runtime, contacts)
    data = dump(town_urls.app, *WITHOUT_KEYS)
    old_keys = dump(town_urls.app, *KEYS_ALONE)
    async with runtime.database.read(SYSTEM) as session:
        wrapped = list((await session.execute(select(VaultKey.wrapped))).scalars())
    assert len(wrapped) == 8
    assert not [one for one in wrapped if one and one.hex().encode() in data]

    await forget(runtime, items=[items[3]])
    await forget(runtime, number=("mobile", MOBILES[1]))
    keys = dump(town_urls.app, *KEYS_ALONE)

    load(empty_urls.app, data)
    load(empty_urls.app, keys)
    async with open_runtime(settings, empty_urls.app, clock=runtime.database.clock) as restored:
        kept = [await readable(restored, item) for item in items]
        assert kept == [True, False, False, False, True]
        async with restored.database.read(SYSTEM) as session:
            back = (
                await session.execute(select(func.count()).select_from(VaultField))
            ).scalar_one()
        async with restored.database.unit_of_work(SYSTEM) as uow:
            assert await settle(uow, SYSTEM, 100) == 3
        async with restored.database.read(SYSTEM) as session:
            left = (await session.execute(select(VaultField.item_id).distinct())).scalars()
            assert set(left) == {items[0], items[4]}
        assert back > 0
        assert await readable(restored, items[0])

    load(other_empty_urls.app, data)
    load(other_empty_urls.app, old_keys)
    async with open_runtime(
        settings, other_empty_urls.app, clock=runtime.database.clock
    ) as restored:
        assert await readable(restored, items[1])


async def test_without_the_keys_a_backup_of_the_data_opens_nothing(
    runtime: Runtime, town_urls: Urls, empty_urls: Urls, settings: Settings
) -> None:
    items = await put(runtime, [MOBILES[0], None])
    load(empty_urls.app, dump(town_urls.app, *WITHOUT_KEYS))
    async with open_runtime(settings, empty_urls.app, clock=runtime.database.clock) as restored:
        assert [await readable(restored, item) for item in items] == [False, False]


async def test_one_number_is_one_reporter_however_many_come_at_once(runtime: Runtime) -> None:
    await asyncio.gather(*(put(runtime, [MOBILES[0], MOBILES[1], None]) for _ in range(6)))
    async with runtime.database.read(SYSTEM) as session:
        query = select(func.count()).where(VaultKey.kind == "reporter")
        assert (await session.execute(query)).scalar_one() == 2
        generations = (await session.execute(select(VaultGeneration.id))).scalars().all()
    assert generations == [1]


async def start(runtime: Runtime) -> int:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        number = await rotation.start_rotation(uow, SYSTEM, runtime.keys)
        uow.jobs.clear()  # rotated by hand here
    return number


async def generations(runtime: Runtime) -> dict[int, int]:
    """Generation → keys under it; retired ones must have lost their own key."""
    async with runtime.database.read(SYSTEM) as session:
        query = select(VaultKey.generation, func.count()).group_by(VaultKey.generation)
        found = {row[0]: row[1] for row in await session.execute(query)}
        for one in (await session.execute(select(VaultGeneration))).scalars():
            assert (one.wrapped is None) == (one.retired_at is not None)
            assert one.id not in found or one.retired_at is None
    return found


async def test_keys_rotate_while_others_write_and_read(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH_KEYS", 5)
    known = await put(runtime, [*MOBILES, None, None])
    rotating = asyncio.Event()

    async def write() -> None:
        while not rotating.is_set():
            known.extend(await put(runtime, [MOBILES[3], MOBILES[4], None]))

    async def read(offset: int) -> None:
        at = offset
        while not rotating.is_set():
            assert await readable(runtime, known[at % len(known)])
            at += 7

    async def rotate() -> None:
        try:
            for _ in range(2):
                await start(runtime)
                await asyncio.gather(*(rotation.rotate_all(runtime, SYSTEM) for _ in range(2)))
        finally:
            rotating.set()

    await asyncio.gather(rotate(), write(), write(), read(0), read(3))
    found = await generations(runtime)
    assert list(found) == [3]
    assert found[3] == len(known) + len(MOBILES)
    assert all([await readable(runtime, item) for item in known])


async def test_the_keys_of_a_generation_go_only_when_nobody_writes_under_it(
    runtime: Runtime,
) -> None:
    """A writer that saw the old generation as the newest is waited for, and then rotated too."""
    await put(runtime, [None])
    item = new_id()
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await keep(uow, runtime.keys, [Original(item, "note", {"text": "x"}, {})])
        assert await start(runtime) == 2
        rotating = asyncio.create_task(rotation.rotate_all(runtime, SYSTEM))
        waits = text(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND"
            " database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        async with asyncio.timeout(60):
            while True:
                async with runtime.database.read(SYSTEM) as session:
                    if (await session.execute(waits)).scalar_one():
                        break
        assert not rotating.done()
    await rotating
    assert await generations(runtime) == {2: 2}
    assert await opened(runtime, item) == {"text": "x"}


async def test_a_rotation_that_was_killed_goes_on(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH_KEYS", 4)
    known = await put(runtime, [*MOBILES[:5], None])
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await rotation.start_rotation(uow, SYSTEM, runtime.keys)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        assert await rotation.rotate_some(uow, SYSTEM, runtime.keys) == 4
    with pytest.raises(RuntimeError, match="killed"):
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            await rotation.rotate_some(uow, SYSTEM, runtime.keys)
            raise RuntimeError("killed")
    assert await generations(runtime) == {1: 7, 2: 4}
    known += await put(runtime, [MOBILES[0]])  # life goes on under the new one
    await run_jobs(runtime)
    assert await generations(runtime) == {2: 12}
    assert all([await readable(runtime, item) for item in known])


async def test_the_security_administrator_rotates_and_sees_how_far_it_is(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    await put(runtime, [MOBILES[0], None])
    await sign_in(client, "security_admin")
    assert (await client.get("/vault/rotation")).json()["generation"] == 1
    begun = (await client.post("/vault/rotation")).json()
    assert (begun["generation"], begun["total"], begun["done"], begun["running"]) == (2, 3, 0, True)
    again = await client.post("/vault/rotation")
    assert (again.status_code, again.json()["code"]) == (409, "rotation_running")
    await run_jobs(runtime)
    ended = (await client.get("/vault/rotation")).json()
    assert (ended["done"], ended["running"]) == (3, False)
    assert ended["finished_at"] is not None
    async with runtime.database.read(SYSTEM) as session:
        query = select(Journal.action).where(Journal.action.like("vault.%")).order_by(Journal.seq)
        told = (await session.execute(query)).scalars().all()
    assert told == ["vault.rotation_started", "vault.rotated"]
    assert (await client.get("/vault")).json()["items"] == 2


async def test_keys_of_before_the_generations_open_and_are_rotated(runtime: Runtime) -> None:
    """What version 0001 had sealed: the item under its own key, that under the master's."""
    item, key = new_id(), bytes(range(32))
    context = item.bytes + b"signal"
    wrapped = runtime.keys.sealer("vault").seal(key, context)
    sealed = Sealer(key).seal(b'{"text":"old"}', context)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await repository.add_generation(uow.session, 0, b"", uow.now)
        connection = await uow.raw()
        await repository.store_keys(connection, [(item, "signal", 0, wrapped)])
        await connection.execute(
            "INSERT INTO vault_item (id, kind, sealed, stored_at) VALUES (%s, 'signal', %s, now())",
            (item, sealed),
        )
        await uow.session.execute(text("UPDATE vault_generation SET wrapped = NULL"))
    assert await opened(runtime, item) == {"text": "old"}
    await put(runtime, [None])
    await start(runtime)
    await rotation.rotate_all(runtime, SYSTEM)
    assert await generations(runtime) == {2: 2}
    assert await opened(runtime, item) == {"text": "old"}


async def test_the_command_rotates_to_the_end(runtime: Runtime) -> None:
    known = await put(runtime, [MOBILES[0], None])
    await start(runtime)  # broken off: the command goes on with it
    for generation in (2, 3):
        done = await asyncio.to_thread(streetwise, runtime, "vault", "rotate")
        assert done.returncode == 0, done.stderr
        assert f"3 keys are under generation {generation}" in done.stderr
        assert await generations(runtime) == {generation: 3}
    assert all([await readable(runtime, item) for item in known])
    settled = await asyncio.to_thread(streetwise, runtime, "vault", "settle")
    assert settled.returncode == 0, settled.stderr
