"""Rows of the vault 敏感信息库. The keys lie apart from the data (KEY_TABLES)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class VaultGeneration(Base):
    """A key-encrypting key, sealed by the master key. ``wrapped`` empty: retired, gone for good.

    ``keys_total`` and ``keys_done`` count the rotation that made it. Number 0 is the key of
    before there were generations; it is derived from the master key and has no ``wrapped``.
    """

    __tablename__ = "vault_generation"
    __grades__ = grades(
        {
            (4, "secret"): "wrapped",
            (2, "system"): "made_at keys_total keys_done finished_at retired_at",
            (1, "system"): "id",
        }
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(Time)
    keys_total: Mapped[int] = mapped_column(Integer, default=0)
    keys_done: Mapped[int] = mapped_column(Integer, default=0)
    finished_at: Mapped[datetime | None] = mapped_column(Time)
    retired_at: Mapped[datetime | None] = mapped_column(Time)


class VaultKey(Base):
    """The key of one item or one imported file (same id), or of one reporter, wrapped by its
    generation's key.

    ``wrapped`` emptied means forgotten: nothing opens again what hung on it. A reporter is
    known by ``blind_index``, the keyed hash of the contact number, and by nothing else.
    """

    __tablename__ = "vault_key"
    __grades__ = grades(
        {
            (4, "secret"): "wrapped blind_index",
            (2, "system"): "kind generation destroyed_at",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    generation: Mapped[int] = mapped_column(Integer)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    blind_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    destroyed_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        Index(
            "vault_key_reporter",
            "blind_index",
            unique=True,
            postgresql_where=text("blind_index IS NOT NULL"),
        ),
        Index("vault_key_generation", "generation", postgresql_where=text("wrapped IS NOT NULL")),
    )


class VaultItem(Base):
    """One sealed original; its key is the row of vault_key with its id. Empty when forgotten."""

    __tablename__ = "vault_item"
    __grades__ = grades(
        {
            (2, "system"): "kind stored_at",
            (4, "secret"): "sealed reporter_id",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    reporter_id: Mapped[UUID | None] = mapped_column(Uuid)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime] = mapped_column(Time)

    __table_args__ = (
        Index(
            "vault_item_reporter", "reporter_id", postgresql_where=text("reporter_id IS NOT NULL")
        ),
    )


class VaultField(Base):
    """One personal value, sealed for itself. ``place`` and ``at``: where its token is shown."""

    __tablename__ = "vault_field"
    __grades__ = grades(
        {
            (4, "secret"): "sealed blind_index",
            (2, "system"): "kind place at",
            (1, "system"): "item_id n grade",
        }
    )
    item_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("vault_item.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text)
    grade: Mapped[int] = mapped_column(SmallInteger)
    place: Mapped[str] = mapped_column(Text)
    at: Mapped[int | None] = mapped_column(Integer)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    blind_index: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (
        Index("vault_field_index", "blind_index", postgresql_where=text("blind_index IS NOT NULL")),
    )


class VaultReason(Base):
    """Why somebody read or forgot, in their own words, masked. Journal entries refer to it."""

    __tablename__ = "vault_reason"
    __grades__ = grades(
        {
            (3, "report"): "text",
            (2, "staff"): "author written_at",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(Time)


class VaultUse(Base):
    """How many values one person was shown in an hour of wall time."""

    __tablename__ = "vault_use"
    __grades__ = grades(
        {
            (2, "staff"): "actor hour used",
        }
    )
    actor: Mapped[str] = mapped_column(Text, primary_key=True)
    hour: Mapped[datetime] = mapped_column(Time, primary_key=True)
    used: Mapped[int] = mapped_column(Integer)


#: Tables whose rows a backup of the data leaves out. They are backed up apart, the newest copy
#: always in place of the one before: a copy of old keys would bring back what was forgotten.
KEY_TABLES = (VaultKey.__tablename__, VaultGeneration.__tablename__)
