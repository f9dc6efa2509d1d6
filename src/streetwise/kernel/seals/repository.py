"""Reading entries and seals to make or check a seal. For the system only: hashes tell nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import looking_as
from streetwise.kernel.journal import Journal
from streetwise.kernel.seals.seal import ENTRY_SQL, Seal
from streetwise.kernel.seals.tables import JournalSeal, row_of, seal_of
from streetwise.kernel.viewer import Viewer

#: Before every entry there can be, also one that somebody put in with a number below 1.
BEFORE_ALL = -(2**63)
#: Sealing and checking need every entry, whoever it concerns: jobs and the command line only.
SEAL = "journal.seal"
READ_SEALS_RIGHT = "audit.read"
READ_SEALS = 200
READ_ENTRIES = 5000

_ENTRIES = text(
    f"SELECT {ENTRY_SQL} FROM journal WHERE seq > :after AND seq <= :until"  # noqa: S608
    " ORDER BY seq LIMIT :limit"
)
#: One process seals at a time; the others find nothing to do.
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('streetwise.seal'))")


async def only_sealer(session: AsyncSession) -> bool:
    """Whether this transaction may seal; False: another one does."""
    return bool((await session.execute(_TRY_LOCK)).scalar_one())


async def wall_time(session: AsyncSession) -> datetime:
    """The database's own clock: all machines have the same."""
    now: datetime = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return now


async def newest(session: AsyncSession, viewer: Viewer) -> Seal | None:
    """The newest seal."""
    viewer.require(READ_SEALS_RIGHT)
    query = select(JournalSeal).order_by(JournalSeal.number.desc()).limit(1)
    row = (await session.execute(query)).scalar_one_or_none()
    return seal_of(row) if row else None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the journal is sealed; all 0 before the first seal."""

    number: int
    last: int
    sealed_at: datetime | None
    unsealed: int


async def standing(session: AsyncSession, viewer: Viewer) -> Standing:
    """The newest seal and how many entries are newer: numbers only, for who operates or audits.

    Asked past the walls: neither of them sees an entry, and both may know how many there are.
    """
    if not viewer.may(READ_SEALS_RIGHT):
        viewer.require("system.operate")
    everything = Viewer.system("seals")
    async with looking_as(session, everything):
        seal = await newest(session, everything)
        unsealed = await count_unsealed(session, everything, after=seal.last if seal else 0)
    if seal is None:
        return Standing(0, 0, None, unsealed)
    return Standing(seal.number, seal.last, seal.sealed_at, unsealed)


async def seals(session: AsyncSession, viewer: Viewer, *, after: int = 0) -> AsyncIterator[Seal]:
    """All seals behind number ``after``, in order, page by page."""
    viewer.require(READ_SEALS_RIGHT)
    first = after == 0
    while True:
        # Number 0 and below cannot come to be, unless by another hand.
        behind = JournalSeal.number > (BEFORE_ALL if first else after)
        query = select(JournalSeal).where(behind).order_by(JournalSeal.number).limit(READ_SEALS)
        rows = (await session.execute(query)).scalars().all()
        for row in rows:
            yield seal_of(row)
        session.expunge_all()
        if len(rows) < READ_SEALS:
            return
        first, after = False, rows[-1].number


async def entries(
    session: AsyncSession, viewer: Viewer, *, after: int, until: int, limit: int
) -> list[Row[Any]]:
    """Entries with ``after`` < seq <= ``until``, as they are hashed, in order."""
    viewer.require(SEAL)
    found = await session.execute(_ENTRIES, {"after": after, "until": until, "limit": limit})
    return list(found.all())


async def count_unsealed(session: AsyncSession, viewer: Viewer, *, after: int) -> int:
    """How many entries wait for a seal."""
    viewer.require(READ_SEALS_RIGHT)
    query = select(func.count()).select_from(Journal).where(Journal.seq > after)
    return (await session.execute(query)).scalar_one()


def add(session: AsyncSession, seal: Seal) -> None:
    """Add a seal."""
    session.add(row_of(seal))
