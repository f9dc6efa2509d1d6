"""All SQL of resolve that reads and writes single cases; lists are in ``lists.py``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    delete,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.tables import Grid, Unit
from streetwise.kernel.bulk import insert_many
from streetwise.kernel.copying import array_text, json_text
from streetwise.kernel.database import Uuid, among, of_areas
from streetwise.kernel.errors import NotFound
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.tables import VaultItem
from streetwise.resolve.disputes.tables import DisputeRecord
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.tables import Case, CaseSignal, Counter, Note, Photo, units_of

#: Kinds of directory records that cases refer to.
COUNTED = ("unit", "grid", "class")
_CASE_COLUMNS = tuple(column.name for column in Case.__table__.columns)
#: A case shows its first signals; ``voices`` says how many there are.
SIGNALS_SHOWN = 200
_in_order = itemgetter(*_CASE_COLUMNS)
_JSON_PLACES = [
    _CASE_COLUMNS.index(name)
    for name in (
        "category_why",
        "place_why",
        "due_why",
        "category_ranked",
        "place_ranked",
        "urgent_why",
        "matter",
        "parties",
        "appeal",
        "nature_why",
        "check_draw",
    )
]
_ARRAY_PLACES = [_CASE_COLUMNS.index(name) for name in ("search", "doubts", "party_ids")]


class Title(NamedTuple):
    """How people call a case."""

    number: str
    title: str


def visible(viewer: Viewer, area_code: str | None = None) -> ColumnElement[bool]:
    """The SQL twin of ``Viewer.sees`` for cases; ``area_code``: those of one area only."""
    if viewer.scope == "none" or not viewer.may("case.read"):
        return false()
    if area_code is not None and viewer.sees_area(area_code):
        area: ColumnElement[bool] = Case.area == area_code
    else:
        area = of_areas(Case.area, viewer)
    units = true() if viewer.wide else _held_by(viewer)
    return and_(area, units, Case.grade <= viewer.clearance)


def _held_by(viewer: Viewer) -> ColumnElement[bool]:
    # Said twice. Behind the wall only what is proven free of leaks may choose an index, and an
    # array's overlap is not: so first what needs none of it, with a partial index for the few
    # cases that anybody was called to; then whom they were called for.
    held = or_(Case.unit_id.in_(viewer.units), Case.community_id.in_(viewer.units))
    called = Case.party_ids.overlap(sorted(viewer.units))
    return and_(or_(held, Case.parties.is_not(None)), or_(held, called))


def sees(viewer: Viewer, case: Case) -> bool:
    """``visible`` for a case that is in hand."""
    units = units_of(case)
    return viewer.may("case.read") and viewer.sees(area=case.area, units=units, grade=case.grade)


async def count_to(session: AsyncSession, query: Select[int], cap: int) -> tuple[int, bool]:
    """(how many rows the query has, exact): counts no further than the cap."""
    inner = query.limit(cap + 1).subquery()
    value = (await session.execute(select(func.count()).select_from(inner))).scalar_one()
    return (value, True) if value <= cap else (cap, False)


async def case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> Case:
    """One case; NotFound when there is none that the viewer may see."""
    query = select(Case).where(Case.id == case_id, visible(viewer))
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise no_such_case(case_id)
    return found


def no_such_case(case_id: UUID) -> NotFound:
    """Whoever may not see a case is told the same as when there is none."""
    return NotFound("There is no such case, or it is not yours to see.", id=str(case_id))


async def seen(session: AsyncSession, viewer: Viewer, case_id: UUID) -> bool:
    """Whether the viewer may see this case."""
    query = select(Case.id).where(Case.id == case_id, visible(viewer))
    return (await session.execute(query)).scalar_one_or_none() is not None


async def lock_cases(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, Case]:
    """Cases locked for change, always in the order of their ids (no dead-locks)."""
    found = await session.execute(_locked(viewer), {"ids": list(ids)})
    return {row.id: row for row in found.scalars()}


@by_sight
def _locked(viewer: Viewer) -> Select[Any]:
    wanted = among(Case.id, bindparam("ids"))
    return select(Case).where(wanted, visible(viewer)).order_by(Case.id).with_for_update()


async def titles(session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]) -> dict[UUID, Title]:
    """id → number and title, of those that the viewer may see."""
    rows = await session.execute(_titles(viewer), {"ids": list(ids)})
    return {row[0]: Title(row[1], row[2]) for row in rows}


@by_sight
def _titles(viewer: Viewer) -> Select[UUID, str, str]:
    wanted = among(Case.id, bindparam("ids"))
    return select(Case.id, Case.number, Case.title).where(wanted, visible(viewer))


async def signal_ids(session: AsyncSession, viewer: Viewer, case_id: UUID) -> list[UUID]:
    """The signals of a case; none of one that the viewer may not see."""
    return list((await session.execute(_signal_ids(viewer), {"case_id": case_id})).scalars())


@by_sight
def _signal_ids(viewer: Viewer) -> Select[Any]:
    return (
        select(CaseSignal.signal_id)
        .join(Case)
        .where(CaseSignal.case_id == bindparam("case_id"), visible(viewer))
        .order_by(CaseSignal.signal_id)
        .limit(SIGNALS_SHOWN)
    )


async def notes(session: AsyncSession, viewer: Viewer, case_id: UUID) -> dict[UUID, Note]:
    """The notes of a case by id."""
    query = select(Note).join(Case).where(Note.case_id == case_id, visible(viewer))
    return {row.id: row for row in (await session.execute(query)).scalars()}


async def photos(session: AsyncSession, viewer: Viewer, case_id: UUID) -> Sequence[Photo]:
    """The photos of a case, oldest first."""
    query = (
        select(Photo)
        .join(Case)
        .where(Photo.case_id == case_id, visible(viewer))
        .order_by(Photo.uploaded_at, Photo.id)
    )
    return (await session.execute(query)).scalars().all()


async def photo(session: AsyncSession, viewer: Viewer, photo_id: UUID) -> Photo:
    """A photo of a case that the viewer sees, or one that the viewer uploaded."""
    query = (
        select(Photo)
        .outerjoin(Case)
        .where(
            Photo.id == photo_id,
            or_(
                and_(Photo.case_id.is_not(None), visible(viewer)),
                Photo.uploaded_by == viewer.staff_id,
            ),
        )
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such photo, or it is not yours to see.", id=str(photo_id))
    return found


# --- the vault -----------------------------------------------------------------------------


async def case_of_item(session: AsyncSession, viewer: Viewer, item_id: UUID) -> Case:
    """The case that a signal, a note or a record of a dispute belongs to; NotFound unless the
    viewer sees it.
    """
    query = select(Case).where(
        or_(
            Case.id == _case_of_signal(CaseSignal.signal_id == item_id),
            Case.id == select(Note.case_id).where(Note.id == item_id).scalar_subquery(),
            Case.id == _case_of_record(item_id),
        ),
        visible(viewer),
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is nothing of this kind, or it is not yours to see.")
    return found


def _case_of_record(item_id: UUID) -> ScalarSelect[UUID]:
    query = select(DisputeRecord.case_id).where(DisputeRecord.id == item_id)
    return query.scalar_subquery()


def _case_of_signal(which: ColumnElement[bool]) -> ScalarSelect[UUID]:
    return select(CaseSignal.case_id).where(which, CaseSignal.part == 0).scalar_subquery()


async def items_of_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> list[UUID]:
    """The signals and notes of a case that the viewer sees, and what is kept of it as a dispute;
    NotFound when it is none.
    """
    await case(session, viewer, case_id)
    signals = await signal_ids(session, viewer, case_id)
    query = select(DisputeRecord.id).where(DisputeRecord.case_id == case_id)
    records = (await session.execute(query.order_by(DisputeRecord.id))).scalars()
    return [*signals, *await notes(session, viewer, case_id), *records]


async def cases_with_items(
    session: AsyncSession, viewer: Viewer, item_ids: Sequence[UUID]
) -> list[UUID]:
    """The cases of these signals and notes that the viewer sees, newest first."""
    query = (
        select(Case.id)
        .where(Case.id.in_(_cases_of(item_ids)), visible(viewer))
        .order_by(Case.opened_at.desc(), Case.id)
    )
    return list((await session.execute(query)).scalars())


def _cases_of(item_ids: Sequence[UUID]) -> CompoundSelect[UUID]:
    return union_all(
        select(CaseSignal.case_id).where(among(CaseSignal.signal_id, item_ids)),
        select(Note.case_id).where(among(Note.id, item_ids)),
        select(DisputeRecord.case_id).where(among(DisputeRecord.id, item_ids)),
    )


async def cases_to_tell(
    session: AsyncSession, viewer: Viewer, item_ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    """item → case, for entries about what was forgotten; it shows nothing of a case."""
    viewer.require("vault.forget")
    signals = select(CaseSignal.signal_id, CaseSignal.case_id).where(
        among(CaseSignal.signal_id, item_ids)
    )
    of_notes = select(Note.id, Note.case_id).where(among(Note.id, item_ids))
    of_records = select(DisputeRecord.id, DisputeRecord.case_id).where(
        among(DisputeRecord.id, item_ids)
    )
    found = await session.execute(union_all(signals, of_notes, of_records))
    return {row[0]: row[1] for row in found}


async def originals_past(
    session: AsyncSession, viewer: Viewer, before: datetime, limit: int
) -> dict[UUID, UUID]:
    """Originals of cases closed before that, not yet forgotten: item → case. For the system."""
    viewer.require("*")
    signals = select(CaseSignal.signal_id.label("item"), CaseSignal.case_id)
    notes = select(Note.id, Note.case_id)
    records = select(DisputeRecord.id, DisputeRecord.case_id)
    items = union_all(signals, notes, records).subquery()
    query = (
        select(items.c.item, items.c.case_id)
        .join(Case, Case.id == items.c.case_id)
        .join(VaultItem, VaultItem.id == items.c.item)
        .where(Case.closed_at < before, VaultItem.sealed.is_not(None))
        .limit(limit)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def cases_by_id(
    session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
) -> dict[UUID, Case]:
    """Cases by id, for entries about them; only those that the viewer sees."""
    found = await session.execute(_cases_by_id(viewer), {"ids": list(ids)})
    return {row.id: row for row in found.scalars()}


@by_sight
def _cases_by_id(viewer: Viewer) -> Select[Any]:
    return select(Case).where(among(Case.id, bindparam("ids")), visible(viewer))


async def attach_photos(
    session: AsyncSession, viewer: Viewer, case_id: UUID, photo_ids: Sequence[UUID]
) -> int:
    """Attach the viewer's own, not yet attached photos; how many there were."""
    query = (
        update(Photo)
        .where(
            Photo.id.in_(photo_ids),
            Photo.case_id.is_(None),
            Photo.uploaded_by == viewer.staff_id,
        )
        .values(case_id=case_id)
        .returning(Photo.id)
    )
    return len((await session.execute(query)).all())


async def remove_unattached_photos(
    session: AsyncSession, viewer: Viewer, before: datetime, limit: int
) -> int:
    """Remove photos uploaded before this time that came with no report; how many."""
    viewer.require("*")
    old = (
        select(Photo.id)
        .where(Photo.case_id.is_(None), Photo.uploaded_at < before)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    query = delete(Photo).where(Photo.id.in_(old.scalar_subquery())).returning(Photo.id)
    return len((await session.execute(query)).all())


# --- triage --------------------------------------------------------------------------------


async def open_cases_of_records(
    session: AsyncSession, viewer: Viewer, area: str, records: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """How many open cases a unit holds, a grid has, a class is given to; (kind, code) → count.

    A number only: whoever keeps the directory must know what a change concerns, and reads no
    case. So it asks for the area, not for the right to read cases.
    """
    if not viewer.sees_area(area):
        return {}
    codes = {kind: [code for one, code in records if one == kind] for kind in COUNTED}
    found: dict[tuple[str, str], int] = {}
    open_here = (Case.area == area, Case.state != CLOSED)
    queries = {
        "unit": select(Unit.code, func.count())
        .join(Case, or_(Case.unit_id == Unit.id, Case.community_id == Unit.id))
        .where(*open_here, among(Unit.code, codes["unit"]))
        .group_by(Unit.code),
        "grid": select(Grid.code, func.count())
        .join(Case, Case.grid_id == Grid.id)
        .where(*open_here, among(Grid.code, codes["grid"]))
        .group_by(Grid.code),
    }
    for kind, query in queries.items():
        if codes[kind]:
            for row in await session.execute(query):
                found[kind, row[0]] = row[1]
    if codes["class"]:
        code = func.concat(
            Case.category_scheme, "/", Case.category_version, "/", Case.category_code
        )
        counted = (
            select(code, func.count()).where(*open_here, code.in_(codes["class"])).group_by(code)
        )
        for row in await session.execute(counted):
            found["class", row[0]] = row[1]
    return found


async def lock_triage(session: AsyncSession) -> None:
    """One triage at a time: two at once could open two cases for one repeated text."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("resolve.triage"))))


async def cases_of_signals(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, UUID]:
    """signal → case, for signals that have one; of several problems the first, which has the
    work order too.
    """
    viewer.require("*")
    wanted = list(ids)
    if not wanted:
        return {}
    query = select(CaseSignal.signal_id, CaseSignal.case_id).where(
        among(CaseSignal.signal_id, wanted), CaseSignal.part == 0
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def open_cases_with_text(
    session: AsyncSession, viewer: Viewer, hashes: Iterable[bytes]
) -> dict[tuple[str, bytes], UUID]:
    """(area, text hash) → the newest open case with exactly this text."""
    viewer.require("*")
    wanted = list(hashes)
    if not wanted:
        return {}
    found = await session.execute(_OPEN_WITH_TEXT, {"hashes": wanted})
    return {(row[0], row[1]): row[2] for row in found if row[1]}


_OPEN_WITH_TEXT = (
    select(Case.area, CaseSignal.text_hash, Case.id)
    .join(Case, Case.id == CaseSignal.case_id)
    .where(among(CaseSignal.text_hash, bindparam("hashes")), Case.state != CLOSED)
    .order_by(Case.id)
)


async def next_numbers(session: AsyncSession, counts: Mapping[str, int]) -> dict[str, int]:
    """Take so many numbers of each counter; the first of them by counter."""
    if not counts:
        return {}
    # Always in the same order: two at once wait for each other and never for both.
    rows = [{"key": key, "used": counts[key]} for key in sorted(counts)]
    statement = insert(Counter).values(rows)
    statement = statement.on_conflict_do_update(
        index_elements=["key"], set_={"used": Counter.used + statement.excluded.used}
    )
    taken = await session.execute(statement.returning(Counter.key, Counter.used))
    return {row[0]: row[1] - counts[row[0]] + 1 for row in taken}


async def insert_cases(
    connection: psycopg.AsyncConnection[Any], rows: Sequence[dict[str, Any]]
) -> None:
    """Insert new cases."""
    if rows:
        await insert_many(connection, "cases", _CASE_COLUMNS, map(_case_values, rows))


def _case_values(row: dict[str, Any]) -> list[Any]:
    values = list(_in_order(row))
    for place in _JSON_PLACES:
        values[place] = json_text(values[place])
    for place in _ARRAY_PLACES:
        values[place] = array_text(values[place])
    return values


async def insert_case_signals(
    connection: psycopg.AsyncConnection[Any], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert (signal_id, part, case_id, why, joined_at, text_hash, reason as JSON text)."""
    columns = ("signal_id", "part", "case_id", "why", "joined_at", "text_hash", "reason")
    await insert_many(connection, "case_signal", columns, rows)


async def add_voices(session: AsyncSession, counts: dict[UUID, int]) -> None:
    """Count further signals of cases, which the caller has locked; their version goes up."""
    if not counts:
        return
    further = (
        func.unnest(
            literal(list(counts), ARRAY(Uuid)), literal(list(counts.values()), ARRAY(Integer))
        )
        .table_valued("case_id", "count")
        .render_derived()
    )
    await session.execute(
        update(Case)
        .where(Case.id == further.c.case_id)
        .values(voices=Case.voices + further.c.count, version=Case.version + 1)
        .execution_options(synchronize_session=False)
    )
