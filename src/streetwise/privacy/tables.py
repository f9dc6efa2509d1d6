"""Rows of the vault 敏感信息库."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class VaultItem(Base):
    """One sealed original. ``wrapped_key`` emptied means forgotten: nothing opens it again."""

    __tablename__ = "vault_item"
    __grades__ = grades(
        {
            (2, "system"): "kind stored_at",
            (4, "secret"): "wrapped_key sealed",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime] = mapped_column(Time)
