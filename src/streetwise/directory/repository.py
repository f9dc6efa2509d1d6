"""All SQL of the directory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from streetwise.directory import account_repository
from streetwise.directory.responsibility import Rule
from streetwise.directory.tables import (
    Area,
    Grid,
    Place,
    Responsibility,
    Staff,
    Taxonomy,
    TaxonomyClass,
    Unit,
)
from streetwise.kernel.database import Base, among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Belonging:
    """What a member of staff's unit reaches: the raw material of a Viewer."""

    subtree: tuple[UUID, ...]
    street_areas: tuple[str, ...]
    district_areas: tuple[str, ...]


async def units(session: AsyncSession, viewer: Viewer) -> Sequence[Unit]:
    """All units, in the folder's order. The directory of units is known to all staff."""
    viewer.require("directory.read")
    return (await session.execute(select(Unit).order_by(Unit.ordinal))).scalars().all()


async def areas(session: AsyncSession, viewer: Viewer) -> Sequence[Area]:
    """The areas that the viewer sees, the home area first."""
    query = select(Area).order_by(Area.home.desc(), Area.name)
    if viewer.areas is not None:
        query = query.where(Area.code.in_(viewer.areas))
    return (await session.execute(query)).scalars().all()


async def area(
    session: AsyncSession, viewer: Viewer, code: str | None, *, drawing: bool = False
) -> Area:
    """One area; None: the home area, or the first that is seen.

    ``drawing``: with its base map, which takes longer to read than all else on a screen.
    """
    query = select(Area).order_by(Area.home.desc(), Area.name)
    if drawing:
        query = query.options(undefer(Area.base))
    if viewer.areas is not None:
        query = query.where(Area.code.in_(viewer.areas))
    if code is not None:
        query = query.where(Area.code == code)
    found = (await session.execute(query.limit(1))).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no area '{code or 'home'}' for you.", area=code)
    return found


async def grids(session: AsyncSession, viewer: Viewer, area_code: str) -> Sequence[Grid]:
    """The grids of an area in the folder's order."""
    if not viewer.sees_area(area_code):
        return []
    query = select(Grid).where(Grid.area == area_code).order_by(Grid.ordinal)
    return (await session.execute(query)).scalars().all()


async def places(session: AsyncSession, viewer: Viewer, area_code: str) -> Sequence[Place]:
    """The gazetteer of an area."""
    if not viewer.sees_area(area_code):
        return []
    query = select(Place).where(Place.area == area_code).order_by(Place.code)
    return (await session.execute(query)).scalars().all()


async def rules(session: AsyncSession, viewer: Viewer, area_code: str) -> list[Rule]:
    """The responsibility matrix of an area, in order."""
    if not viewer.sees_area(area_code):
        return []
    query = (
        select(Responsibility)
        .where(Responsibility.area == area_code)
        .order_by(Responsibility.ordinal)
    )
    return [
        Rule(row.scheme, row.class_prefix, row.condition, row.where, row.unit, row.note)
        for row in (await session.execute(query)).scalars()
    ]


async def classes(session: AsyncSession, viewer: Viewer) -> Sequence[TaxonomyClass]:
    """All classes of all schemes; a taxonomy is public."""
    del viewer
    query = (
        select(TaxonomyClass)
        .join(
            Taxonomy,
            (Taxonomy.scheme == TaxonomyClass.scheme) & (Taxonomy.version == TaxonomyClass.version),
        )
        .order_by(Taxonomy.ordinal, TaxonomyClass.ordinal)
    )
    return (await session.execute(query)).scalars().all()


async def conditions(
    session: AsyncSession, viewer: Viewer
) -> Sequence[Row[str, str, str, list[dict[str, Any]]]]:
    """(scheme, version, code, conditions) of all classes: what deadlines are made from."""
    del viewer
    query = (
        select(
            TaxonomyClass.scheme,
            TaxonomyClass.version,
            TaxonomyClass.code,
            TaxonomyClass.conditions,
        )
        .join(
            Taxonomy,
            (Taxonomy.scheme == TaxonomyClass.scheme) & (Taxonomy.version == TaxonomyClass.version),
        )
        .order_by(Taxonomy.ordinal, TaxonomyClass.ordinal)
    )
    return (await session.execute(query)).all()


async def staff_names(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, tuple[str, str]]:
    """(name, unit's name) of members of staff, for timelines."""
    del viewer  # who among the staff did a thing is shown to whoever may see the thing
    wanted = set(ids)
    if not wanted:
        return {}
    query = (
        select(Staff.id, Staff.name, Unit.name)
        .join(Unit, Unit.id == Staff.unit_id)
        .where(Staff.id.in_(wanted))
    )
    return {row[0]: (row[1], row[2]) for row in await session.execute(query)}


async def demo_staff(session: AsyncSession, viewer: Viewer) -> Sequence[tuple[Staff, Unit]]:
    """Active staff who can sign in, with their units; the caller checks that it is a demo."""
    viewer.require("*")
    query = (
        select(Staff, Unit)
        .join(Unit, Unit.id == Staff.unit_id)
        .where(Staff.active, Staff.from_folder, Staff.password_hash.is_not(None))
        .order_by(Staff.login)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def belonging(session: AsyncSession, unit_id: UUID) -> Belonging:
    """What lies at and below a unit, and which areas its street and its district answer for.

    Takes no Viewer: it is what Viewers are made from.
    """
    rows = (await session.execute(select(Unit.id, Unit.parent_id, Unit.tier))).all()
    parent = {row.id: row.parent_id for row in rows}
    tier = {row.id: row.tier for row in rows}
    upward: list[UUID] = []
    at: UUID | None = unit_id
    while at is not None and at not in upward:
        upward.append(at)
        at = parent.get(at)
    street = next((unit for unit in upward if tier.get(unit) == "street"), unit_id)
    owners = (await session.execute(select(Area.code, Area.owner_id))).all()
    return Belonging(
        subtree=tuple(_below(unit_id, parent)),
        street_areas=_owned(owners, set(_below(street, parent))),
        district_areas=_owned(owners, set(_below(upward[-1], parent))),
    )


def _below(root: UUID, parent: dict[UUID, UUID | None]) -> list[UUID]:
    found = [root]
    for unit in found:
        found += [child for child, above in parent.items() if above == unit and child not in found]
    return found


def _owned(owners: Sequence[Any], within: set[UUID]) -> tuple[str, ...]:
    return tuple(sorted(row.code for row in owners if row.owner_id in within))


# --- loading -------------------------------------------------------------------------------


async def ids_by_code(
    session: AsyncSession, table: type[Any], area_code: str | None
) -> dict[str, UUID]:
    """code → id of what is there already."""
    query = select(table.code, table.id)
    if area_code is not None:
        query = query.where(table.area == area_code)
    return {row[0]: row[1] for row in await session.execute(query)}


async def ids_by_login(session: AsyncSession) -> dict[str, UUID]:
    """login → id of the staff that is there already."""
    return {row[0]: row[1] for row in await session.execute(select(Staff.login, Staff.id))}


async def upsert(
    session: AsyncSession, table: type[Base], key: Sequence[str], rows: Sequence[dict[str, Any]]
) -> None:
    """Insert rows, or overwrite those with the same key. All rows have the same columns."""
    if not rows:
        return
    statement = insert(table)
    others = {
        name: statement.excluded[name] for name in rows[0] if name not in key and name != "id"
    }
    await session.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_=others), list(rows)
    )


async def close_accounts(
    session: AsyncSession, unit_ids: Iterable[UUID], but_logins: Iterable[str]
) -> Sequence[UUID]:
    """Close the accounts of these units but for some logins, with their sessions; whose.

    Only of people whom a folder brought: it knows nothing of those added on the screen.
    """
    query = (
        update(Staff)
        .where(
            Staff.active,
            Staff.from_folder,
            among(Staff.unit_id, unit_ids),
            ~among(Staff.login, but_logins),
        )
        .values(active=False)
        .returning(Staff.id)
    )
    closed = sorted((await session.execute(query)).scalars())
    await account_repository.end_sessions(session, closed)
    return closed


async def replace_rules(
    session: AsyncSession, area_code: str, rows: Sequence[dict[str, Any]]
) -> None:
    """The responsibility matrix is replaced as a whole: its order is its meaning."""
    await session.execute(delete(Responsibility).where(Responsibility.area == area_code))
    if rows:
        await session.execute(insert(Responsibility), list(rows))


async def lock_loading(session: AsyncSession) -> None:
    """One load of a directory at a time."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('directory.load'))"))
