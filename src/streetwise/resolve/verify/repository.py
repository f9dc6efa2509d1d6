"""All SQL of checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.tables import TaxonomyClass
from streetwise.kernel.database import among
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case, Photo
from streetwise.resolve.verify.sampling import Record
from streetwise.resolve.verify.tables import CaseCheck, CaseSighting
from streetwise.resolve.verify.ways import RECORD


async def record_of(
    session: AsyncSession, viewer: Viewer, unit_id: UUID, since: datetime
) -> Record:
    """What checks by lot have found of a unit's cases since then. For the system: a unit that
    reports a case is not shown by this what was found of its others.
    """
    viewer.require("*")
    row = (await session.execute(_RECORD_OF, {"unit": unit_id, "since": since})).one()
    return Record(row[0], row[1])


_RECORD_OF = select(func.count(), func.count().filter(CaseCheck.passed.is_(False))).where(
    CaseCheck.unit_id == bindparam("unit"),
    CaseCheck.at >= bindparam("since"),
    CaseCheck.by_chance,
    CaseCheck.way != RECORD,
)


async def conditions_of(
    session: AsyncSession, viewer: Viewer, case: Case
) -> Sequence[Mapping[str, Any]]:
    """The conditions of a case's class, as the directory has them; none without a class."""
    del viewer  # published standards
    named = {
        "scheme": case.category_scheme,
        "version": case.category_version,
        "code": case.category_code,
    }
    told = await session.execute(_CONDITIONS_OF, named)
    found: list[dict[str, Any]] | None = told.scalar_one_or_none()
    return found or []


_CONDITIONS_OF = select(TaxonomyClass.conditions).where(
    TaxonomyClass.scheme == bindparam("scheme"),
    TaxonomyClass.version == bindparam("version"),
    TaxonomyClass.code == bindparam("code"),
)


async def photos_of(
    session: AsyncSession, viewer: Viewer, case_id: UUID, ids: Sequence[UUID]
) -> list[Photo]:
    """Photos of a case by their ids; of a case that the viewer sees."""
    query = (
        select(Photo)
        .join(Case, Case.id == Photo.case_id)
        .where(Photo.case_id == case_id, among(Photo.id, ids), visible(viewer))
    )
    return list((await session.execute(query)).scalars())


async def last_check(session: AsyncSession, viewer: Viewer, case_id: UUID) -> CaseCheck | None:
    """The last check of a case that the viewer sees."""
    query = (
        select(CaseCheck)
        .join(Case, Case.id == CaseCheck.case_id)
        .where(CaseCheck.case_id == case_id, visible(viewer))
        .order_by(CaseCheck.at.desc(), CaseCheck.id.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


# --- what devices see ----------------------------------------------------------------------


async def sightings(session: AsyncSession, viewer: Viewer, case_id: UUID) -> list[CaseSighting]:
    """What devices saw last of a case that the viewer sees."""
    return list((await session.execute(_sightings(viewer), {"case_id": case_id})).scalars())


@by_sight
def _sightings(viewer: Viewer) -> Select[Any]:
    return (
        select(CaseSighting)
        .join(Case, Case.id == CaseSighting.case_id)
        .where(CaseSighting.case_id == bindparam("case_id"), visible(viewer))
        .order_by(CaseSighting.device)
    )


async def sighting(
    session: AsyncSession, viewer: Viewer, case_id: UUID, device: str, kind: str
) -> CaseSighting:
    """What this device saw last of a case, locked; made where it never looked."""
    viewer.require("*")
    await session.execute(
        insert(CaseSighting)
        .values(case_id=case_id, device=device, kind=kind, clear=0)
        .on_conflict_do_nothing()
    )
    query = (
        select(CaseSighting)
        .where(CaseSighting.case_id == case_id, CaseSighting.device == device)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.execute(query)).scalar_one()


def still_sees(row: CaseSighting) -> bool:
    """Whether the device's last look showed the problem."""
    return row.seen_at is not None and (row.clear_at is None or row.clear_at < row.seen_at)
