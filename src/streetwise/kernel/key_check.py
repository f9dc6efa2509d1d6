"""Which master key this database was sealed with: a lost key is missed, a wrong one refused.

The row holds a fingerprint (a value derived from the key by HKDF), from which nothing of the
key can be computed, and the profile of algorithms that keys and fingerprints are derived by.
It is made at the first start together with the key and changes with it
(``directory.master_key``). While that goes on, the key of before is accepted too.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    LargeBinary,
    Text,
    column,
    func,
    select,
    table,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel import journal, logs
from streetwise.kernel.crypto import KeyMissing, Keys, load_keys
from streetwise.kernel.crypto_providers import Profile
from streetwise.kernel.database import Base, Database
from streetwise.kernel.grades import grades
from streetwise.kernel.viewer import Viewer

log = logs.get(__name__)

SYSTEM = Viewer.system("key")
MASTER_CHANGED = "vault.master_changed"


class MasterKey(Base):
    """One row: the fingerprint of the key."""

    __tablename__ = "master_key"
    __grades__ = grades({(1, "system"): "single hashes", (4, "secret"): "fingerprint"})
    single: Mapped[bool] = mapped_column(Boolean, primary_key=True, default=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    hashes: Mapped[str] = mapped_column(Text, server_default="aes")

    __table_args__ = (CheckConstraint("single", name="master_key_has_one_row"),)


async def keys_of(
    database: Database, folder: Path, *, create: bool, profile: Profile = "aes"
) -> Keys:
    """The keys in ``folder``, if they are this database's. Raises KeyMissing.

    With ``create``, a new installation gets its key here. A key that is lost is never replaced:
    what it sealed would stay shut for ever, and nobody would notice. ``profile`` is for what is
    sealed from now on; fingerprints stay by the profile of the first start.
    """
    known = await _known(database)
    keys = load_keys(folder, create=create and known is None)
    if known is None:
        own = keys.with_profiles(seals=profile, hashes=profile).fingerprint
        async with database.unit_of_work(SYSTEM) as uow:
            statement = insert(MasterKey).values(single=True, fingerprint=own, hashes=profile)
            await uow.session.execute(statement.on_conflict_do_nothing())
        known = await _known(database)
        assert known is not None
    fingerprint, hashes = known
    keys = keys.with_profiles(seals=profile, hashes=hashes)
    accepted = (keys, keys.before) if keys.before else (keys,)
    if fingerprint not in [one.fingerprint for one in accepted]:
        raise KeyMissing(
            f"The master key in {folder} is not the one that this database was sealed with;"
            f" put the right one back.{await _changed_since(database, keys)}",
            path=str(folder),
        )
    if keys.before is not None:
        log.warning(
            "master_key_change_unfinished",
            old=short_name(keys.before),
            new=short_name(keys),
            hint="stop the service and run streetwise vault master",
        )
    return keys


def short_name(keys: Keys) -> str:
    """A key's name in the journal and in messages: enough to tell two keys apart."""
    return keys.fingerprint[:4].hex()


async def _changed_since(database: Database, keys: Keys) -> str:
    """A sentence more where this is a key that another has followed."""
    name = short_name(keys)
    async with database.read(SYSTEM) as session:
        changes = await journal.read(session, SYSTEM, only=[MASTER_CHANGED], newest_first=True)
    for one in changes:
        if one.data.get("old") == name:
            return (
                f" This is key {name}, which key {one.data['new']} has followed on"
                f" {one.at:%Y-%m-%d}."
            )
    return ""


async def set_fingerprint(session: AsyncSession, keys: Keys) -> bool:
    """From now on the database is these keys'; whether it was another's."""
    statement = (
        update(MasterKey)
        .where(MasterKey.fingerprint != keys.fingerprint)
        .values(fingerprint=keys.fingerprint)
        .returning(MasterKey.single)
    )
    return (await session.execute(statement)).first() is not None


async def others(session: AsyncSession) -> int:
    """How many other connections of the product there are: a server, or another command."""
    activity = table("pg_stat_activity", column("datname"), column("usename"), column("pid"))
    query = (
        select(func.count())
        .select_from(activity)
        .where(
            activity.c.datname == func.current_database(),
            activity.c.usename == func.current_user(),
            activity.c.pid != func.pg_backend_pid(),
        )
    )
    return (await session.execute(query)).scalar_one()


async def _known(database: Database) -> tuple[bytes, Profile] | None:
    async with database.read(SYSTEM) as session:
        found = (await session.execute(select(MasterKey))).scalar_one_or_none()
    return (found.fingerprint, cast(Profile, found.hashes)) if found else None
