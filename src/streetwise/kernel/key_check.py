"""Which master key this database was sealed with: a lost key is missed, a wrong one refused.

The row holds a fingerprint (a value derived from the key by HKDF), from which nothing of the
key can be computed, and the profile of algorithms that keys and fingerprints are derived by.
It is made at the first start together with the key and never changes.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from sqlalchemy import Boolean, CheckConstraint, LargeBinary, Text, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.crypto import KeyMissing, Keys, load_keys
from streetwise.kernel.crypto_providers import Profile
from streetwise.kernel.database import Base, Database
from streetwise.kernel.grades import grades
from streetwise.kernel.viewer import Viewer

SYSTEM = Viewer.system("key")


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
        own = keys.with_profiles(seals=profile, hashes=profile).derive("fingerprint")
        async with database.unit_of_work(SYSTEM) as uow:
            statement = insert(MasterKey).values(single=True, fingerprint=own, hashes=profile)
            await uow.session.execute(statement.on_conflict_do_nothing())
        known = await _known(database)
        assert known is not None
    fingerprint, hashes = known
    keys = keys.with_profiles(seals=profile, hashes=hashes)
    if fingerprint != keys.derive("fingerprint"):
        raise KeyMissing(
            f"The master key in {folder} is not the one that this database was sealed with;"
            " put the right one back.",
            path=str(folder),
        )
    return keys


async def _known(database: Database) -> tuple[bytes, Profile] | None:
    async with database.read(SYSTEM) as session:
        found = (await session.execute(select(MasterKey))).scalar_one_or_none()
    return (found.fingerprint, cast(Profile, found.hashes)) if found else None
