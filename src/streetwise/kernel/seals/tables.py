"""The table of seals. sw_app may add to it and never change it; its owner may, and is found out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time
from streetwise.kernel.grades import grades
from streetwise.kernel.seals.seal import Seal


class JournalSeal(Base):
    """One sealed batch of the journal (``seals.seal.Seal``)."""

    __tablename__ = "journal_seal"
    __grades__ = grades(
        {
            (1, "system"): "number after last entries algorithm root previous sealed_at key_id"
            " signature leaves"
        }
    )
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    after: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[int] = mapped_column(Integer)
    algorithm: Mapped[str] = mapped_column(Text)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime] = mapped_column(Time)
    key_id: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    leaves: Mapped[bytes] = mapped_column(LargeBinary)


NAMES = (
    "number", "after", "last", "entries", "algorithm", "root", "previous", "sealed_at", "key_id",
    "signature", "leaves",
)  # fmt: skip


def seal_of(row: JournalSeal) -> Seal:
    """A row as the value that is checked."""
    return Seal(**{name: getattr(row, name) for name in NAMES})


def row_of(seal: Seal) -> JournalSeal:
    """A value as its row."""
    return JournalSeal(**{name: getattr(seal, name) for name in NAMES})
