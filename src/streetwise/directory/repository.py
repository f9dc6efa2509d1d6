"""SQL of the directory as others read it: units, areas, grids, places, rules, names of staff.

Accounts have ``staff_repository`` and ``account_repository``, records ``records/repository``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, Text, bindparam, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
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
from streetwise.directory.unit_tree import UnitTree
from streetwise.kernel.database import among, of_areas
from streetwise.kernel.errors import NotFound
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Belonging:
    """What a member of staff's unit reaches: the raw material of a Viewer."""

    subtree: tuple[UUID, ...]
    street_areas: tuple[str, ...]
    district_areas: tuple[str, ...]


async def units(session: AsyncSession, viewer: Viewer, *, ended: bool = False) -> Sequence[Unit]:
    """All units that hold now, in the folder's order; ``ended``: those of old times too.

    The directory of units is known to all staff.
    """
    viewer.require("directory.read")
    query = _ALL_UNITS if ended else _UNITS
    return (await session.execute(query)).scalars().all()


async def unit_by_code(session: AsyncSession, viewer: Viewer, code: str) -> Unit | None:
    """The unit of this code that holds now; None when there is none."""
    viewer.require("directory.read")
    return (await session.execute(_BY_CODE, {"code": code})).scalar_one_or_none()


_ALL_UNITS = select(Unit).order_by(Unit.ordinal)
_UNITS = _ALL_UNITS.where(Unit.ended_at.is_(None))
_BY_CODE = select(Unit).where(Unit.code == bindparam("code"), Unit.ended_at.is_(None))


async def areas(session: AsyncSession, viewer: Viewer) -> Sequence[Area]:
    """The areas that the viewer sees, the home area first."""
    query = select(Area).where(of_areas(Area.code, viewer))
    query = query.order_by(Area.home.desc(), Area.name)
    return (await session.execute(query)).scalars().all()


async def area(
    session: AsyncSession, viewer: Viewer, code: str | None, *, drawing: bool = False
) -> Area:
    """One area; None: the home area, or the first that is seen.

    ``drawing``: with its base map, which takes longer to read than all else on a screen.
    """
    known: dict[str, Area] = session.info.setdefault("areas", {})
    if code in known and viewer.sees_area(code) and not drawing:
        return known[code]  # asked for again and again by whatever needs its calendar or zone
    query = _area(viewer) if code is None else _area_by_code(viewer)
    if drawing:
        query = query.options(undefer(Area.base))
    given = {} if code is None else {"code": code}
    found: Area | None = (await session.execute(query, given)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no area '{code or 'home'}' for you.", area=code)
    known[found.code] = found
    return found


@by_sight
def _area(viewer: Viewer) -> Select[Any]:
    seen = of_areas(Area.code, viewer)
    return select(Area).where(seen).order_by(Area.home.desc(), Area.name).limit(1)


@by_sight
def _area_by_code(viewer: Viewer) -> Select[Any]:
    return _area(viewer).where(Area.code == bindparam("code"))


async def grids(session: AsyncSession, viewer: Viewer, area_code: str) -> Sequence[Grid]:
    """The grids of an area that hold now, in the folder's order."""
    if not viewer.sees_area(area_code):
        return []
    query = (
        select(Grid).where(Grid.area == area_code, Grid.ended_at.is_(None)).order_by(Grid.ordinal)
    )
    return (await session.execute(query)).scalars().all()


async def places(session: AsyncSession, viewer: Viewer, area_code: str) -> Sequence[Place]:
    """The gazetteer of an area as it holds now."""
    if not viewer.sees_area(area_code):
        return []
    query = (
        select(Place).where(Place.area == area_code, Place.ended_at.is_(None)).order_by(Place.code)
    )
    return (await session.execute(query)).scalars().all()


async def places_by_name(
    session: AsyncSession, viewer: Viewer, area_code: str, names: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Name → codes of the places that have it, and of what they lie in; names of no place are left
    out.
    """
    if not names or not viewer.sees_area(area_code):
        return {}
    wanted, found = set(names), dict[str, set[str]]()
    rows = await session.execute(_PLACES_BY_NAME, {"area": area_code, "names": list(names)})
    for name, aliases, code, parent in rows:
        for one in wanted.intersection((name, *aliases)):
            found.setdefault(one, set()).update(each for each in (code, parent) if each)
    return {name: frozenset(codes) for name, codes in found.items()}


_NAMES = bindparam("names", type_=ARRAY(Text))
_PLACES_BY_NAME = select(Place.name, Place.aliases, Place.code, Place.parent).where(
    Place.area == bindparam("area"),
    Place.ended_at.is_(None),
    or_(among(Place.name, _NAMES), Place.aliases.overlap(_NAMES)),
)


async def rules(session: AsyncSession, viewer: Viewer, area_code: str) -> list[Rule]:
    """The responsibility matrix of an area, in order."""
    if not viewer.sees_area(area_code):
        return []
    query = (
        select(Responsibility)
        .where(Responsibility.area == area_code, Responsibility.ended_at.is_(None))
        .order_by(Responsibility.ordinal)
    )
    return [
        Rule(
            row.scheme,
            row.class_prefix,
            row.condition,
            row.where,
            row.unit,
            row.note,
            row.place,
            row.days,
            row.hours,
            row.valid_from,
            row.valid_to,
            row.exception,
            row.code,
        )
        for row in (await session.execute(query)).scalars()
    ]


async def classes(session: AsyncSession, viewer: Viewer) -> Sequence[TaxonomyClass]:
    """The classes of all schemes that hold now; a taxonomy is public."""
    del viewer
    query = (
        select(TaxonomyClass)
        .join(
            Taxonomy,
            (Taxonomy.scheme == TaxonomyClass.scheme) & (Taxonomy.version == TaxonomyClass.version),
        )
        .where(Taxonomy.ended_at.is_(None), TaxonomyClass.ended_at.is_(None))
        .order_by(Taxonomy.ordinal, TaxonomyClass.ordinal)
    )
    return (await session.execute(query)).scalars().all()


async def conditions(
    session: AsyncSession, viewer: Viewer
) -> Sequence[Row[str, str, str, str, str, list[dict[str, Any]]]]:
    """(scheme, version, code, name, kind, conditions) of all classes: what triage knows them by."""
    del viewer
    query = (
        select(
            TaxonomyClass.scheme,
            TaxonomyClass.version,
            TaxonomyClass.code,
            TaxonomyClass.name,
            TaxonomyClass.kind,
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
    rows = await session.execute(_STAFF_NAMES, {"ids": list(wanted)})
    return {row[0]: (row[1], row[2]) for row in rows}


_STAFF_NAMES = (
    select(Staff.id, Staff.name, Unit.name)
    .join(Unit, Unit.id == Staff.unit_id)
    .where(among(Staff.id, bindparam("ids")))
)


async def staff_of(
    session: AsyncSession, viewer: Viewer, unit_ids: Iterable[UUID], roles: Iterable[str]
) -> dict[UUID, list[UUID]]:
    """unit → its people who hold one of these roles and have not left; to tell them something."""
    viewer.require("*")
    query = (
        select(Staff.unit_id, Staff.id)
        .where(Staff.active, among(Staff.unit_id, unit_ids), Staff.roles.overlap(list(roles)))
        .order_by(Staff.id)
    )
    found: dict[UUID, list[UUID]] = {}
    for unit_id, staff_id in await session.execute(query):
        found.setdefault(unit_id, []).append(staff_id)
    return found


async def staff_by_logins(
    session: AsyncSession, viewer: Viewer, logins: Iterable[str]
) -> list[UUID]:
    """Those of these logins who have not left; to tell them something."""
    viewer.require("*")
    wanted = list(logins)
    if not wanted:
        return []
    query = select(Staff.id).where(Staff.active, among(Staff.login, wanted)).order_by(Staff.id)
    return list((await session.execute(query)).scalars())


async def class_names(
    session: AsyncSession, viewer: Viewer, keys: Iterable[tuple[str, str, str]]
) -> dict[tuple[str, str, str], str]:
    """(scheme, version, code) → the class's name; a taxonomy is public."""
    del viewer
    wanted = list(keys)
    if not wanted:
        return {}
    query = select(
        TaxonomyClass.scheme, TaxonomyClass.version, TaxonomyClass.code, TaxonomyClass.name
    ).where(tuple_(TaxonomyClass.scheme, TaxonomyClass.version, TaxonomyClass.code).in_(wanted))
    return {(row[0], row[1], row[2]): row[3] for row in await session.execute(query)}


class ClassName(NamedTuple):
    """What a version of a scheme calls a class."""

    scheme: str
    version: str
    code: str
    name: str


async def class_versions(
    session: AsyncSession, viewer: Viewer, schemes: Iterable[str]
) -> list[ClassName]:
    """The classes of all versions of these schemes, also of those that ended, the oldest first."""
    del viewer  # a taxonomy is public
    one = TaxonomyClass
    query = (
        select(one.scheme, one.version, one.code, one.name)
        .join(Taxonomy, (Taxonomy.scheme == one.scheme) & (Taxonomy.version == one.version))
        .where(one.scheme.in_(list(schemes)))
        .order_by(Taxonomy.ordinal, one.ordinal)
    )
    return [ClassName(*row) for row in await session.execute(query)]


async def newest_class_names(
    session: AsyncSession, viewer: Viewer, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """(scheme, code) → the class's name in the newest version that has it."""
    del viewer  # a taxonomy is public
    wanted = list(keys)
    if not wanted:
        return {}
    query = (
        select(TaxonomyClass.scheme, TaxonomyClass.code, TaxonomyClass.name)
        .join(
            Taxonomy,
            (Taxonomy.scheme == TaxonomyClass.scheme) & (Taxonomy.version == TaxonomyClass.version),
        )
        .where(tuple_(TaxonomyClass.scheme, TaxonomyClass.code).in_(wanted))
        .order_by(Taxonomy.ordinal, TaxonomyClass.ordinal)
    )
    return {(row[0], row[1]): row[2] for row in await session.execute(query)}


async def unit_names(session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of units; they are public bodies."""
    del viewer
    query = select(Unit.id, Unit.name).where(among(Unit.id, ids))
    return {row[0]: row[1] for row in await session.execute(query)}


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
    # In one statement, for every request asks this: a unit comes once for each area of its own.
    rows = (await session.execute(_UNITS_WITH_AREAS)).all()
    tree = _tree(rows)
    street = tree.street_of(unit_id) or unit_id
    owners = [row for row in rows if row.code is not None]
    return Belonging(
        subtree=tuple(tree.below(unit_id)),
        street_areas=_owned(owners, set(tree.below(street))),
        district_areas=_owned(owners, set(tree.below(tree.upward(unit_id)[-1]))),
    )


async def unit_tree(session: AsyncSession) -> UnitTree:
    """What lies above and below what. Takes no Viewer: Viewers are made from it."""
    return _tree((await session.execute(select(Unit.id, Unit.parent_id, Unit.tier))).all())


_UNITS_WITH_AREAS = select(Unit.id, Unit.parent_id, Unit.tier, Area.code).outerjoin(
    Area, Area.owner_id == Unit.id
)


def _tree(rows: Sequence[Any]) -> UnitTree:
    return UnitTree({row.id: row.parent_id for row in rows}, {row.id: row.tier for row in rows})


def _owned(owners: Sequence[Any], within: set[UUID]) -> tuple[str, ...]:
    return tuple(sorted(row.code for row in owners if row.id in within))


# --- loading -------------------------------------------------------------------------------


async def close_accounts(session: AsyncSession, logins: Iterable[str]) -> Sequence[UUID]:
    """Close accounts, with their sessions; whose."""
    query = (
        update(Staff)
        .where(Staff.active, among(Staff.login, logins))
        .values(active=False)
        .returning(Staff.id)
    )
    closed = sorted((await session.execute(query)).scalars())
    await account_repository.end_sessions(session, closed)
    return closed


async def lock_loading(session: AsyncSession) -> None:
    """One load of a directory at a time."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('directory.load'))"))
