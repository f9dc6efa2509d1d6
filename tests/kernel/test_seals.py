"""The sealed journal: whatever the database's owner does to it is found."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from helpers import SYSTEM
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from streetwise.kernel import journal
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime, Urls
from streetwise.kernel.seals import merkle, repository, sealing
from streetwise.kernel.seals.seal import Seal, batch, signed
from streetwise.kernel.seals.sealing import HEAD_FILE, Kept, read_kept, seal_all
from streetwise.kernel.seals.signing import (
    PRIVATE_FILE,
    PUBLIC_FILE,
    PublicKeys,
    SigningKeyMissing,
    load_signer,
    read_public_keys,
)
from streetwise.kernel.seals.tables import NAMES
from streetwise.kernel.seals.verify import Report, verify

TAMPERINGS = 1000
#: The entries of the vectors of RFC 6962's reference implementation, and the roots over the
#: first one, two, … of them.
VECTOR = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
          "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


# --- hash trees ----------------------------------------------------------------------------


def test_roots_are_those_of_the_published_vectors() -> None:
    leaves = [merkle.leaf(bytes.fromhex(one)) for one in VECTOR]
    for count, expected in enumerate(ROOTS, 1):
        assert merkle.root(leaves[:count]).hex() == expected


def _slow_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162, 2.1.1, as it is written: split at the greatest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = _slow_root(leaves[:split]), _slow_root(leaves[split:])
    return merkle.HASHES["sm3"](b"\x01" + left + right)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40))
@settings(max_examples=60)
def test_a_root_is_built_as_the_standard_defines_it(contents: list[bytes]) -> None:
    sm3 = merkle.HASHES["sm3"]
    leaves = [merkle.leaf(content, sm3) for content in contents]
    assert merkle.root(leaves, sm3) == _slow_root(leaves)


# --- a sealed journal ----------------------------------------------------------------------


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """An action of the tests' own; the reference is made from what the product declares."""
    monkeypatch.setitem(journal.ACTIONS, "test.seal", "For the tests of seals.")


async def write(runtime: Runtime, count: int) -> None:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        for number in range(count):
            uow.record(
                Entry(
                    f"staff:{uuid4()}",
                    "test.seal",
                    "case",
                    uuid4(),
                    "a1",
                    [uuid4()],
                    2,
                    {"n": number, "share": 0.1 + number, "words": "老街 \U00020bb7 «»"},
                )
            )


async def check(
    runtime: Runtime, keys: PublicKeys | None = None, kept: Sequence[Kept] = ()
) -> Report:
    path = runtime.settings.secrets_path / PUBLIC_FILE
    async with runtime.database.read(SYSTEM) as session:
        return await verify(session, SYSTEM, keys or read_public_keys(path), kept)


async def test_what_is_sealed_verifies_and_what_is_new_waits(bare: Runtime) -> None:
    await write(bare, 5)
    assert await seal_all(bare) == 1
    assert await seal_all(bare) == 0
    await write(bare, 3)
    report = await check(bare, kept=read_kept(bare.settings.home / HEAD_FILE))
    assert (report.good, report.entries, report.unsealed) == (True, 5, 3)
    assert await seal_all(bare) == 1
    report = await check(bare)
    assert (report.good, report.seals, report.entries, report.unsealed) == (True, 2, 8, 0)


async def test_much_is_sealed_as_slowly_as_is_set(
    bare: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def waits(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(sealing, "BATCH_ENTRIES", 4)
    monkeypatch.setattr(bare.settings, "journal_seal_entries_per_second", 8.0)
    await write(bare, 10)
    monkeypatch.setattr(asyncio, "sleep", waits)
    await sealing.seal_journal(bare)
    assert waited == [0.5, 0.5]


async def test_of_many_sealers_one_seals(bare: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH_ENTRIES", 4)
    await write(bare, 30)
    made = await asyncio.gather(*(seal_all(bare) for _ in range(5)))
    # Who finds another one at it goes home; whoever was left seals the rest.
    assert sum(made) + await seal_all(bare) == 8
    report = await check(bare)
    assert (report.good, report.seals, report.entries) == (True, 8, 30)


async def test_the_other_suite_seals_with_sm3(bare: Runtime) -> None:
    await write(bare, 3)
    keys = bare.keys.with_profiles(seals="sm", hashes="sm")
    await seal_all(replace(bare, keys=keys))
    async with bare.database.read(SYSTEM) as session:
        newest = await repository.newest(session, SYSTEM)
    assert newest is not None
    assert newest.algorithm == "sm3"
    assert (await check(bare)).good


async def test_a_lost_signing_key_is_missed_and_not_replaced(bare: Runtime) -> None:
    await write(bare, 1)
    await seal_all(bare)
    path = bare.settings.secrets_path / PRIVATE_FILE
    assert path.stat().st_mode & 0o077 == 0
    path.unlink()
    await write(bare, 1)
    with pytest.raises(SigningKeyMissing):
        await seal_all(bare)
    assert not path.exists()


async def test_the_application_can_add_seals_and_change_none(bare: Runtime) -> None:
    await write(bare, 1)
    await seal_all(bare)
    for statement in ("UPDATE journal_seal SET last = 9", "DELETE FROM journal_seal"):
        async with bare.database.engine.connect() as connection:
            with pytest.raises(Exception, match="permission denied"):
                await connection.execute(text(statement))


async def test_an_entry_says_in_which_request_it_was_done(bare: Runtime) -> None:
    from structlog.contextvars import bound_contextvars

    with bound_contextvars(request_id="abc123"):
        await write(bare, 2)
        await write(bare, 30)
    async with bare.database.read(SYSTEM) as session:
        found = await session.execute(text("SELECT DISTINCT request FROM journal"))
        assert found.scalars().all() == ["abc123"]


# --- tampering, as the owner of the database ---------------------------------------------------


@pytest_asyncio.fixture
async def sealed(bare: Runtime, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """32 entries under 8 seals; some numbers were never used, as after a rollback."""
    monkeypatch.setattr(sealing, "BATCH_ENTRIES", 4)
    for _ in range(8):
        await write(bare, 4)
        async with bare.database.engine.connect() as connection:
            # Drawn and rolled back: a gap, where somebody could put an entry in.
            await connection.execute(text("BEGIN"))
            await connection.execute(
                text(
                    "SELECT set_config('streetwise.now', '2026-05-11', true),"
                    " set_config('streetwise.scope', 'all', true)"
                )
            )
            await connection.execute(
                text(
                    "INSERT INTO journal (actor, action, subject_kind, units, grade, data, drill)"
                    " VALUES ('', '', '', '{}', 2, '{}', false)"
                )
            )
            await connection.rollback()
        await seal_all(bare)
    return bare


@pytest_asyncio.fixture
async def owner(bare_urls: Urls) -> AsyncIterator[AsyncSession]:
    assert bare_urls.owner is not None
    engine = create_async_engine(bare_urls.owner)
    async with AsyncSession(engine) as session:
        yield session
    await engine.dispose()


async def seqs_of(session: AsyncSession) -> list[int]:
    return list((await session.execute(text("SELECT seq FROM journal ORDER BY seq"))).scalars())


#: Each column of an entry, made another one than it was.
CHANGES = {
    "actor": "actor || 'x'",
    "action": "'case.closed'",
    "subject_kind": "'order'",
    "subject": "gen_random_uuid()",
    "area": "CASE WHEN random() < 0.5 THEN NULL ELSE 'a2' END",
    "units": "array_append(units, gen_random_uuid())",
    "grade": "grade + 1",
    "data": "jsonb_set(data, '{n}', to_jsonb((data->>'n')::int + 1))",
    "drill": "NOT drill",
    "request": "'another'",
    "at": "at + interval '1 microsecond' * (1 + floor(random() * 1e9))",
}


async def change(session: AsyncSession, rng: random.Random) -> None:
    seq = rng.choice(await seqs_of(session))
    column = rng.choice(list(CHANGES))
    await session.execute(
        text(f"UPDATE journal SET {column} = {CHANGES[column]} WHERE seq = :seq"), {"seq": seq}
    )


async def forge_time(session: AsyncSession, rng: random.Random) -> None:
    seq, seconds = rng.choice(await seqs_of(session)), rng.choice([-86400, -1, 1, 3600])
    await session.execute(
        text("UPDATE journal SET at = at + make_interval(secs => :s) WHERE seq >= :seq"),
        {"seq": seq, "s": seconds},
    )


async def remove(session: AsyncSession, rng: random.Random) -> None:
    seqs = rng.sample(await seqs_of(session), rng.randint(1, 4))
    await session.execute(text("DELETE FROM journal WHERE seq = ANY(:seqs)"), {"seqs": seqs})


async def reorder(session: AsyncSession, rng: random.Random) -> None:
    one, other = rng.sample(await seqs_of(session), 2)
    # Away, across, and back: seq itself is only ever drawn.
    await session.execute(text("ALTER TABLE journal ALTER seq DROP IDENTITY"))
    for old, new in ((one, -1), (other, one), (-1, other)):
        await session.execute(
            text("UPDATE journal SET seq = :new WHERE seq = :old"), {"old": old, "new": new}
        )


async def insert(session: AsyncSession, rng: random.Random) -> None:
    seqs = await seqs_of(session)
    free = sorted(set(range(-2, seqs[-1])) - set(seqs))
    await session.execute(text("ALTER TABLE journal DISABLE TRIGGER journal_at"))
    await session.execute(
        text(
            "INSERT INTO journal (seq, at, actor, action, subject_kind, units, grade, data, drill)"
            " OVERRIDING SYSTEM VALUE SELECT :seq, at, actor, action, subject_kind, units, grade,"
            " data, drill FROM journal ORDER BY random() LIMIT 1"
        ),
        {"seq": rng.choice(free)},
    )


async def truncate(session: AsyncSession, rng: random.Random) -> None:
    """Entries and seals from somewhere on, as if they had never been."""
    seqs = await seqs_of(session)
    first = rng.choice(seqs)
    await session.execute(text("DELETE FROM journal WHERE seq >= :seq"), {"seq": first})
    await session.execute(text("DELETE FROM journal_seal WHERE last >= :seq"), {"seq": first})


async def cut_out(session: AsyncSession, rng: random.Random) -> None:
    """A whole seal with its entries, and those behind it renumbered."""
    number = rng.randint(1, 7)
    span = (
        await session.execute(
            text('SELECT "after", "last" FROM journal_seal WHERE number = :n'), {"n": number}
        )
    ).one()
    await session.execute(
        text("DELETE FROM journal WHERE seq > :after AND seq <= :last"), span._asdict()
    )
    await session.execute(text("DELETE FROM journal_seal WHERE number = :n"), {"n": number})
    for later in range(number + 1, 9):
        await session.execute(
            text("UPDATE journal_seal SET number = :to WHERE number = :n"),
            {"to": later - 1, "n": later},
        )


async def touch_seal(session: AsyncSession, rng: random.Random) -> None:
    number = rng.randint(1, 8)
    to = rng.choice(
        [
            "root = sha256(root)",
            "previous = sha256(previous)",
            "signature = sha512(signature)",
            "leaves = substr(leaves, 33) || substr(leaves, 1, 32)",
            "entries = entries - 1",
            "last = last + 1",
            '"after" = "after" - 1',
            "sealed_at = sealed_at - interval '1 hour'",
            "key_id = reverse(key_id)",
            "algorithm = 'sm3'",
        ]
    )
    await session.execute(
        text(f"UPDATE journal_seal SET {to} WHERE number = :number"), {"number": number}
    )


async def seal_anew(session: AsyncSession, rng: random.Random) -> None:
    """Change an entry, then compute every later seal again, as well as one can without the key."""
    await change(session, rng)
    found = await session.execute(text("SELECT * FROM journal_seal ORDER BY number"))
    before: Seal | None = None
    for row in found.all():
        old = Seal(**{name: getattr(row, name) for name in NAMES})
        rows = await repository.entries(session, SYSTEM, after=old.after, until=old.last, limit=99)
        made = batch(rows, before, hash_name=old.algorithm, at=old.sealed_at, key_id=old.key_id)
        before = replace(signed(made, old.signature), after=old.after)
        await session.execute(
            text(
                "UPDATE journal_seal SET root = :root, previous = :previous, leaves = :leaves"
                " WHERE number = :number"
            ),
            {name: getattr(before, name) for name in ("root", "previous", "leaves", "number")},
        )


KINDS: list[Callable[[AsyncSession, random.Random], Awaitable[None]]] = [
    change, forge_time, remove, reorder, insert, truncate, cut_out, touch_seal, seal_anew,
]  # fmt: skip


async def test_every_tampering_is_found(sealed: Runtime, owner: AsyncSession) -> None:
    """1,000 of them, by the owner of the database, who has everything but the key."""
    seed = random.randrange(10**6)
    rng = random.Random(seed)
    keys = read_public_keys(sealed.settings.secrets_path / PUBLIC_FILE)
    head = read_kept(sealed.settings.home / HEAD_FILE)
    assert (await verify(owner, SYSTEM, keys, head)).good
    await owner.rollback()
    missed = []
    for turn in range(TAMPERINGS):
        kind = KINDS[turn % len(KINDS)]
        await kind(owner, rng)
        report = await verify(owner, SYSTEM, keys, head)
        if report.good:
            missed.append((turn, kind.__name__))
        await owner.rollback()
    assert not missed, f"seed {seed}"
    assert (await verify(owner, SYSTEM, keys, head)).good


async def test_the_report_names_what_was_done(sealed: Runtime, owner: AsyncSession) -> None:
    keys = read_public_keys(sealed.settings.secrets_path / PUBLIC_FILE)
    seqs = await seqs_of(owner)

    async def after(statement: str) -> Report:
        await owner.execute(text(statement))
        report = await verify(owner, SYSTEM, keys)
        await owner.rollback()
        return report

    changed = await after(f"UPDATE journal SET actor = 'nobody' WHERE seq = {seqs[20]}")
    assert [(one.kind, one.seqs) for one in changed.findings] == [("entry_changed", (seqs[20],))]
    gone = await after(f"DELETE FROM journal WHERE seq = {seqs[20]}")
    assert [one.kind for one in gone.findings] == ["entry_removed"]
    assert "1 are gone" in gone.findings[0].says


async def test_a_stolen_key_does_not_help_against_seals_kept_outside(
    sealed: Runtime, owner: AsyncSession
) -> None:
    """Whoever has the key too can write another history; not one that others have not kept."""
    signer = load_signer(sealed.settings.secrets_path, create=False)
    kept = [Kept.of(seal) async for seal in repository.seals(owner, SYSTEM)]
    await owner.execute(text("UPDATE journal SET actor = 'nobody' WHERE seq = 31"))
    before: Seal | None = None
    for old in [seal async for seal in repository.seals(owner, SYSTEM)]:
        rows = await repository.entries(owner, SYSTEM, after=old.after, until=old.last, limit=99)
        made = batch(rows, before, hash_name=old.algorithm, at=old.sealed_at, key_id=old.key_id)
        before = signed(made, signer.sign(made.digest()))
        values: dict[str, Any] = {name: getattr(before, name) for name in NAMES}
        sets = ", ".join(f'"{name}" = :{name}' for name in NAMES)
        await owner.execute(text(f"UPDATE journal_seal SET {sets} WHERE number = :number"), values)
    keys: PublicKeys = {signer.key_id: signer.public}
    assert (await verify(owner, SYSTEM, keys)).good
    found = await verify(owner, SYSTEM, keys, kept)
    assert {one.kind for one in found.findings} == {"rewritten"}


def test_what_was_kept_reads_back(tmp_path: Path) -> None:
    rows = [(1, 2, "a", "b", "c", None, None, "{}", 2, False, None, "{}")]
    at = datetime(2026, 5, 11, tzinfo=UTC) + timedelta(microseconds=7)
    kept = Kept.of(batch(rows, None, hash_name="sha256", at=at, key_id="k"))
    path = tmp_path / "kept.jsonl"
    path.write_text(kept.line() + "\n\n")
    assert read_kept(path) == [kept]
    assert json.loads(kept.line())["last"] == 1
    path.write_text('{"number": 1}')
    with pytest.raises(Exception, match="journal export"):
        read_kept(path)
