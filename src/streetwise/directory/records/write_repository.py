"""Writing the directory's records: values to rows, driven by the registry."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upserting
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.records.kinds import Kind, Values
from streetwise.directory.records.repository import TABLES, Names, ordinals, record_code
from streetwise.directory.records.tables import DirectoryForm, DirectoryHistory
from streetwise.directory.tables import Area, StaffStandIn
from streetwise.kernel.crypto import Renew
from streetwise.kernel.database import Base, among
from streetwise.kernel.ids import new_id
from streetwise.kernel.viewer import Viewer

#: Unique columns by which a row is found again; ``area`` goes before them where there is one.
ROW_KEYS = {"staff": ("login",), "stand_in": ("staff_id", "stands_in_for", "starts_at")}
_CHUNK = 500


def row_of(kind: Kind, values: Values, known: Names) -> dict[str, Any]:
    """The columns of a table's row for these values."""
    table = TABLES[kind.kind].__table__
    row: dict[str, Any] = {}
    for column in kind.columns:
        value = values.get(column.name)
        if column.by_id and value is not None:
            value = known.id_of[column.ref or ""][value]
        elif column.type == "time" and value is not None:
            value = datetime.fromisoformat(value)
        elif value is None and not table.c[column.attribute].nullable:
            value = ""
        row[column.attribute] = value
    return row


async def write(
    session: AsyncSession,
    kind: Kind,
    area: str,
    records: Mapping[str, Values],
    known: Names,
    extra: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Insert records, or overwrite those with the same code; they hold from now on.

    ``extra``: further columns by code (the order in the file).
    """
    table = TABLES[kind.kind]
    rows = []
    for code, values in records.items():
        row = row_of(kind, values, known) | dict((extra or {}).get(code, {}))
        if kind.area:
            row["area"] = area
        if hasattr(table, "ended_at"):
            row["ended_at"] = None
        if hasattr(table, "id"):
            row["id"] = known.id_of.get(kind.kind, {}).get(code) or new_id()
        if kind.kind == "staff":
            row["active"] = row["from_folder"] = True
        rows.append(row)
    if kind.kind == "stand_in":
        if rows:
            await session.execute(insert(StaffStandIn), rows)
        return
    await upsert(session, table, _row_key(kind), rows)


def _row_key(kind: Kind) -> tuple[str, ...]:
    if kind.kind in ROW_KEYS:
        return ROW_KEYS[kind.kind]
    return ("area", *kind.key) if kind.area else kind.key


async def upsert(
    session: AsyncSession, table: type[Base], key: Sequence[str], rows: Sequence[dict[str, Any]]
) -> None:
    """Insert rows, or overwrite those with the same key. All rows have the same columns."""
    if not rows:
        return
    statement = upserting(table)
    others = {
        name: statement.excluded[name] for name in rows[0] if name not in key and name != "id"
    }
    await session.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_=others), list(rows)
    )


async def set_order(session: AsyncSession, kind: Kind, area: str, order: Mapping[str, int]) -> None:
    """Put the records of a kind into an order, where the table keeps one."""
    held = await ordinals(session, kind, area)
    if held is None:
        return
    table = TABLES[kind.kind]
    for code, ordinal in order.items():
        if code in held and held[code] != ordinal:
            where = record_code(kind) == code
            if kind.area:
                where = and_(where, table.area == area)
            await session.execute(update(table).where(where).values(ordinal=ordinal))


async def end(
    session: AsyncSession, kind: Kind, area: str, codes: Sequence[str], at: datetime
) -> None:
    """Records hold no more from ``at``; what refers to them keeps them."""
    if not codes:
        return
    table = TABLES[kind.kind]
    where = record_code(kind) == func.any(list(codes))
    if kind.area:
        where = and_(where, table.area == area)
    await session.execute(update(table).where(where).values(ended_at=at))


async def end_stand_ins(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Stand-ins that a folder no longer names are gone; the history keeps them."""
    for row in rows:
        await session.execute(
            delete(StaffStandIn).where(
                StaffStandIn.staff_id == row["staff_id"],
                StaffStandIn.stands_in_for == row["stands_in_for"],
                StaffStandIn.starts_at == row["starts_at"],
            )
        )


async def add_history(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Append to the history."""
    for start in range(0, len(rows), _CHUNK):
        await session.execute(insert(DirectoryHistory), list(rows[start : start + _CHUNK]))


async def replace_forms(
    session: AsyncSession, area: str, sealed: Mapping[str, bytes], stay: Collection[str]
) -> None:
    """Keep these files in place of all others but those that ``stay``."""
    await session.execute(
        delete(DirectoryForm).where(DirectoryForm.area == area, ~among(DirectoryForm.path, stay))
    )
    rows = [{"area": area, "path": path, "sealed": value} for path, value in sealed.items()]
    if rows:
        await session.execute(insert(DirectoryForm), rows)


async def write_area(session: AsyncSession, area: Area, owner: UUID) -> None:
    """Insert an area, or overwrite what a folder says of it."""
    names = ("code", "name", "name_en", "timezone", "prefix", "home", "revision", "bbox", "base",
             "calendar")  # fmt: skip
    row = {name: getattr(area, name) for name in names} | {"owner_id": owner}
    await upsert(session, Area, ("code",), [row])


async def new_revision(session: AsyncSession, area: str) -> None:
    """What was derived from the area is made anew."""
    await session.execute(update(Area).where(Area.code == area).values(revision=new_id()))


async def renew_forms(session: AsyncSession, viewer: Viewer, renew: Renew) -> int:
    """Seal the files of all areas' folders anew; how many."""
    viewer.require("*")
    done = 0
    for form in (await session.execute(select(DirectoryForm).with_for_update())).scalars():
        anew = renew(form.sealed, form_context(form.area, form.path))
        if anew is not None:
            form.sealed = anew
            done += 1
    return done


def form_context(area: str, path: str) -> bytes:
    """What a sealed file is bound to."""
    return f"{area}\n{path}".encode()
