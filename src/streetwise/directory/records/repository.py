"""Reading records: rows to values, driven by the registry; ``write_repository`` writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from streetwise.directory.crosswalk import ClassKey, Crossing
from streetwise.directory.records.book import Book
from streetwise.directory.records.kinds import KINDS, Kind, Values
from streetwise.directory.records.tables import (
    Camera,
    Crosswalk,
    DirectoryForm,
    DirectoryHistory,
    Duty,
    Premises,
    Sensor,
)
from streetwise.directory.repository import unit_tree
from streetwise.directory.tables import (
    Area,
    Asset,
    Grid,
    Place,
    Responsibility,
    Staff,
    StaffStandIn,
    Taxonomy,
    TaxonomyClass,
    Unit,
)
from streetwise.kernel.database import among
from streetwise.kernel.errors import Forbidden
from streetwise.kernel.viewer import Viewer

TABLES: dict[str, type[Any]] = {
    "unit": Unit,
    "staff": Staff,
    "stand_in": StaffStandIn,
    "duty": Duty,
    "grid": Grid,
    "place": Place,
    "asset": Asset,
    "premises": Premises,
    "camera": Camera,
    "sensor": Sensor,
    "scheme": Taxonomy,
    "class": TaxonomyClass,
    "crosswalk": Crosswalk,
    "rule": Responsibility,
}
#: The order of a file, where the table keeps it.
_ORDERED = ("ordinal",)
HISTORY_MAX = 200
STAND_INS_MAX = 10_000


@dataclass(frozen=True)
class Names:
    """Codes of what rows refer to by id, and back."""

    code_of: Mapping[str, Mapping[UUID, str]]
    id_of: Mapping[str, Mapping[str, UUID]]


@dataclass(frozen=True, slots=True)
class Held:
    """A record as the database holds it."""

    code: str
    values: Values
    ended_at: datetime | None
    #: Who it is about, where the title's column only holds a login.
    person: str | None = None


def require_kind(viewer: Viewer, kind: Kind) -> None:
    """Raise Forbidden unless the viewer may read records of this kind."""
    if not any(viewer.may(capability) for capability in kind.needs):
        raise Forbidden(
            f"Your role does not include reading '{kind.kind}'; ask your administrator.",
            capability=kind.needs[0],
        )


async def names(session: AsyncSession, viewer: Viewer, area: str | None) -> Names:
    """Codes and ids of units, of staff by login, and of the area's grids."""
    viewer.require("directory.read")
    queries = {
        "unit": select(Unit.id, Unit.code),
        "staff": select(Staff.id, Staff.login),
        "grid": select(Grid.id, Grid.code).where(Grid.area == area),
    }
    pairs = {
        kind: [(row[0], row[1]) for row in await session.execute(query)]
        for kind, query in queries.items()
    }
    return Names(
        {kind: dict(found) for kind, found in pairs.items()},
        {kind: {code: id_ for id_, code in found} for kind, found in pairs.items()},
    )


def _values_of(kind: Kind, row: Any, known: Names) -> Values:
    return {column.name: _value(column, row, known) for column in kind.columns}


def _value(column: Any, row: Any, known: Names) -> Any:
    value = getattr(row, column.attribute)
    if column.by_id:
        return known.code_of[column.ref].get(value) if value is not None else None
    if column.listed or column.type == "conditions":
        return list(value or ())
    if column.type == "time" and value is not None:
        return value.isoformat()
    return None if value == "" else value


def record_code(kind: Kind) -> ColumnElement[str]:
    """The code of a record in SQL."""
    table = TABLES[kind.kind]
    parts: list[Any] = []
    for name in kind.key:
        column = kind.column(name)
        assert column is not None
        parts += ["/", getattr(table, column.attribute)]
    return func.concat(*parts[1:]) if len(kind.key) > 1 else parts[1]


def _within(kind: Kind, viewer: Viewer, area: str | None) -> ColumnElement[bool]:
    """The records of an area that the viewer sees; kinds without an area are known to all."""
    if not kind.area:
        if kind.kind == "staff":
            return Staff.active.is_(True)
        return true()
    table = TABLES[kind.kind]
    return and_(table.area == area, true() if viewer.sees_area(area) else ~true())


def _select(kind: Kind, viewer: Viewer, area: str | None) -> Select[Any]:
    return select(TABLES[kind.kind]).where(_within(kind, viewer, area))


async def counts(session: AsyncSession, viewer: Viewer, area: str | None) -> dict[str, int]:
    """How many records of each kind hold now."""
    found = {}
    for kind in KINDS.values():
        table = TABLES[kind.kind]
        query = select(func.count()).select_from(table).where(_within(kind, viewer, area))
        if hasattr(table, "ended_at"):
            query = query.where(table.ended_at.is_(None))
        if kind.kind == "staff":
            query = query.where(await _colleagues(session, viewer))
        found[kind.kind] = (await session.execute(query)).scalar_one()
    return found


async def page(
    session: AsyncSession,
    viewer: Viewer,
    kind: Kind,
    area: str | None,
    *,
    q: str | None,
    after: str | None,
    ended: bool,
    limit: int,
) -> list[Held]:
    """Records in the order of their codes, behind ``after``; with ended ones if wanted."""
    require_kind(viewer, kind)
    if kind.kind == "stand_in":
        return await _stand_ins(session, viewer, area, after, limit)
    table, code = TABLES[kind.kind], record_code(kind)
    query = _select(kind, viewer, area).order_by(code).limit(limit)
    if kind.kind == "staff":
        query = query.where(await _colleagues(session, viewer))
    if after is not None:
        query = query.where(code > after)
    if q:
        query = query.where(_found(kind, table, q))
    if hasattr(table, "ended_at") and not ended:
        query = query.where(table.ended_at.is_(None))
    known = await names(session, viewer, area)
    held = [_held(kind, row, known) for row in (await session.execute(query)).scalars()]
    return await _with_people(session, kind, held)


async def _with_people(session: AsyncSession, kind: Kind, held: list[Held]) -> list[Held]:
    """The same with names where records are called by a login."""
    title = kind.column(kind.title)
    if title is None or title.ref != "staff":
        return held
    logins = {one.values[title.name] for one in held}
    named = select(Staff.login, Staff.name).where(among(Staff.login, logins))
    called = {row[0]: row[1] for row in await session.execute(named)}
    return [replace(one, person=called.get(one.values[title.name])) for one in held]


def _found(kind: Kind, table: Any, q: str) -> ColumnElement[bool]:
    columns: list[ColumnElement[bool]] = []
    for column in kind.columns:
        attribute = getattr(table, column.attribute)
        if column.listed:
            columns.append(func.array_to_string(attribute, "|").icontains(q, autoescape=True))
        elif column.type in ("text", "code", "choice") and not column.by_id:
            columns.append(attribute.icontains(q, autoescape=True))
        elif column.ref == "staff" and not column.by_id:
            # People are looked for by their names.
            called = (one.icontains(q, autoescape=True) for one in (Staff.login, Staff.name))
            columns.append(attribute.in_(select(Staff.login).where(or_(*called))))
    return or_(*columns)


async def _stand_ins(
    session: AsyncSession, viewer: Viewer, area: str | None, after: str | None, limit: int
) -> list[Held]:
    """Few: their codes are made of logins, which the rows hold as ids."""
    known = await names(session, viewer, area)
    mine = select(Staff.id).where(Staff.active, await _colleagues(session, viewer))
    query = select(StaffStandIn).where(StaffStandIn.staff_id.in_(mine)).limit(STAND_INS_MAX)
    rows = (await session.execute(query)).scalars()
    held = sorted((_held(KINDS["stand_in"], row, known) for row in rows), key=lambda one: one.code)
    held = [one for one in held if after is None or one.code > after][:limit]
    return await _with_people(session, KINDS["stand_in"], held)


def _held(kind: Kind, row: Any, known: Names) -> Held:
    values = _values_of(kind, row, known)
    return Held(kind.code_of(values), values, getattr(row, "ended_at", None))


async def one(
    session: AsyncSession, viewer: Viewer, kind: Kind, area: str | None, code: str
) -> Held | None:
    """One record, ended or not."""
    require_kind(viewer, kind)
    if kind.kind == "stand_in":
        found = await _stand_ins(session, viewer, area, None, STAND_INS_MAX)
        return next((each for each in found if each.code == code), None)
    query = _select(kind, viewer, area).where(record_code(kind) == code)
    if kind.kind == "staff":
        query = query.where(await _colleagues(session, viewer))
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        return None
    held = _held(kind, row, await names(session, viewer, area))
    return (await _with_people(session, kind, [held]))[0]


async def history(
    session: AsyncSession, viewer: Viewer, kind: Kind, area: str | None, code: str
) -> Sequence[DirectoryHistory]:
    """The newest changes of a record first."""
    require_kind(viewer, kind)
    query = (
        select(DirectoryHistory)
        .where(DirectoryHistory.kind == kind.kind, DirectoryHistory.code == code)
        .order_by(DirectoryHistory.id.desc())
        .limit(HISTORY_MAX)
    )
    if kind.area:
        if not viewer.sees_area(area):
            return []
        query = query.where(DirectoryHistory.area == area)
    return (await session.execute(query)).scalars().all()


async def book(session: AsyncSession, viewer: Viewer, area: Area) -> Book:
    """Everything that an area's directory holds, ended records apart, in the files' order."""
    viewer.require("directory.read")
    known = await names(session, viewer, area.code)
    own = (await unit_tree(session)).own(area.owner_id)
    records: dict[str, dict[str, Values]] = {}
    ended: dict[str, dict[str, Values]] = {}
    for kind in KINDS.values():
        table = TABLES[kind.kind]
        order = [getattr(table, name) for name in _ORDERED if hasattr(table, name)]
        query = _select(kind, viewer, area.code).order_by(*order, _orderrecord_code(kind))
        if kind.kind in ("unit", "staff"):
            query = query.where(among(table.id if kind.kind == "unit" else table.unit_id, own))
            if kind.kind == "staff":
                # A folder knows nothing of people added on the screen.
                query = query.where(Staff.from_folder)
        elif kind.kind == "stand_in":
            mine = select(Staff.id).where(
                Staff.active, Staff.from_folder, among(Staff.unit_id, own)
            )
            query = query.where(table.staff_id.in_(mine), table.stands_in_for.in_(mine))
        elif kind.kind == "class":
            query = query.order_by(None).order_by(
                table.scheme, table.version, table.ordinal, table.code
            )
        records[kind.kind], ended[kind.kind] = {}, {}
        for row in (await session.execute(query)).scalars():
            held = _held(kind, row, known)
            into = records if held.ended_at is None else ended
            into[kind.kind][held.code] = held.values
    others = select(Staff.login).where(~Staff.from_folder, among(Staff.unit_id, own))
    people = frozenset((await session.execute(others)).scalars())
    return Book(_town(area), records, ended, people=people)


def _orderrecord_code(kind: Kind) -> Any:
    return TABLES["stand_in"].starts_at if kind.kind == "stand_in" else record_code(kind)


def _town(area: Area) -> dict[str, Any]:
    return {
        "format": 1,
        "code": area.code,
        "name": area.name,
        "name_en": area.name_en,
        "timezone": area.timezone,
        "prefix": area.prefix,
        "bbox": area.bbox,
        **(area.calendar or {}),
    }


async def _colleagues(session: AsyncSession, viewer: Viewer) -> ColumnElement[bool]:
    """The staff of the viewer's own street; another street's is not the viewer's to read."""
    if viewer.areas is None:
        return true()
    if viewer.unit_id is None:
        return ~true()
    tree = await unit_tree(session)
    street = tree.street_of(viewer.unit_id) or tree.upward(viewer.unit_id)[-1]
    return among(Staff.unit_id, tree.own(street))


async def crossings(session: AsyncSession, viewer: Viewer) -> list[Crossing]:
    """The lines of all crosswalks that hold now."""
    viewer.require("directory.read")
    rows = (await session.execute(select(Crosswalk).where(Crosswalk.ended_at.is_(None)))).scalars()
    return [
        Crossing(
            ClassKey(row.from_scheme, row.from_version, row.from_code),
            ClassKey(row.to_scheme, row.to_version, row.to_code),
            row.relation,
        )
        for row in rows
    ]


async def places_to_suggest(session: AsyncSession, viewer: Viewer, area: str) -> Sequence[Any]:
    """(place, grid's code, grid's name, community's name) of the gazetteer that holds now."""
    if not viewer.sees_area(area):
        return []
    query = (
        select(Place, Grid.code, Grid.name, Unit.name)
        .outerjoin(Grid, Grid.id == Place.grid_id)
        .outerjoin(Unit, Unit.id == Grid.community_id)
        .where(Place.area == area, Place.ended_at.is_(None))
        .order_by(Place.code)
    )
    return (await session.execute(query)).all()


async def ordinals(session: AsyncSession, kind: Kind, area: str) -> dict[str, int] | None:
    """The place of every record in its file, ended ones too; None where none is kept."""
    table = TABLES[kind.kind]
    if not hasattr(table, "ordinal"):
        return None
    query = select(record_code(kind), table.ordinal)
    if kind.area:
        query = query.where(table.area == area)
    return {row[0]: row[1] for row in await session.execute(query)}


async def drawing(session: AsyncSession, viewer: Viewer, area: str) -> dict[str, Any] | None:
    """The base map of an area."""
    if not viewer.sees_area(area):
        return None
    query = select(Area).options(undefer(Area.base)).where(Area.code == area)
    found = (await session.execute(query)).scalar_one_or_none()
    return found.base if found else None


async def forms(session: AsyncSession, viewer: Viewer, area: str) -> dict[str, bytes]:
    """The files of an area's folder as they came, sealed."""
    if not viewer.may("directory.export"):
        viewer.require("directory.write")
    if not viewer.sees_area(area):
        return {}
    query = select(DirectoryForm.path, DirectoryForm.sealed).where(DirectoryForm.area == area)
    return {row[0]: row[1] for row in await session.execute(query)}


async def area_is_known(session: AsyncSession, code: str) -> bool:
    """Whether there is such an area, whoever may see it."""
    return (await session.execute(select(Area.code).where(Area.code == code))).first() is not None
