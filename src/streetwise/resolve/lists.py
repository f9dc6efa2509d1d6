"""All SQL of resolve that reads many cases: lists, counts, the map (and numbers_repository.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    column,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    tuple_,
)
from sqlalchemy import (
    case as sql_case,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, defer
from sqlalchemy.sql import coercions, roles
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import Text

from streetwise.directory.duty_repository import units_on_duty
from streetwise.directory.tables import Grid, TaxonomyClass, Unit
from streetwise.kernel.database import among
from streetwise.kernel.errors import Invalid
from streetwise.kernel.search import query_bigrams
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import loop, repository
from streetwise.resolve.paging import INFINITY, read_cursor, write_cursor
from streetwise.resolve.repository import count_to, visible
from streetwise.resolve.steps import BOUNCES, CALLED, HERE, WAITING
from streetwise.resolve.tables import Case

#: Counting stops here; beyond, a screen says "more than". Hits of a search cost more to look at.
COUNT_CAP, FOUND_CAP = 10_000, 1_000
MAP_CASES = 5000
#: So many that came back from upstream stand before everything else that needs the viewer.
BACK_FIRST = 5
#: Shorter words are not looked for among the people on duty.
NAME_MIN = 2

_Holder = aliased(Unit)
_Community = aliased(Unit)
_DUE = func.coalesce(Case.due_at, INFINITY)


#: Cases as a search sees them: a view with the wall of the table written into it, for behind
#: the table's own wall PostgreSQL would use no index for ``search`` (migrations/walls.py).
FOUND = table("case_search", *(column(one.name, one.type) for one in Case.__table__.columns))


def _found(clause: Any) -> Any:
    """The same clause, asked of that view."""

    def swap(element: Any, **_: object) -> Any:
        of_case = isinstance(element, Column) and element.table.name == Case.__tablename__
        return FOUND.c[element.name] if of_case else None

    return replacement_traverse(coercions.expect(roles.OrderByRole, clause), {}, swap)


#: A case with its names; put together once, not for every request.
_WHOLE: Select[Any, Any, Any, Any, Any, Any, Any, Any] = (
    select(
        Case,
        TaxonomyClass.name,
        Grid.code,
        Grid.name,
        _Holder.code,
        _Holder.name,
        _Community.code,
        _Community.name,
    )
    .outerjoin(
        TaxonomyClass,
        and_(
            TaxonomyClass.scheme == Case.category_scheme,
            TaxonomyClass.version == Case.category_version,
            TaxonomyClass.code == Case.category_code,
        ),
    )
    .outerjoin(Grid, Grid.id == Case.grid_id)
    .outerjoin(_Holder, _Holder.id == Case.unit_id)
    .outerjoin(_Community, _Community.id == Case.community_id)
)
#: The same for lists, which show no reasons: 50 rows have 150 documents of them.
_LINES = _WHOLE.options(
    *(defer(why, raiseload=True) for why in (Case.category_why, Case.place_why, Case.due_why))
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to. ``states`` may hold "open" for all but closed.

    ``back``: "returned", "bounces" or "appealed". ``holders``: words that name somebody on duty →
    units whose cases they find (``with_people``).
    """

    area: str | None = None
    states: tuple[str, ...] = ()
    unit: str | None = None
    category: str | None = None
    grid: str | None = None
    due: str | None = None
    mine: bool = False
    back: str | None = None
    words: str | None = None
    opened_since: datetime | None = None
    closed_since: datetime | None = None
    holders: Mapping[str, frozenset[UUID]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A case with the names that a list shows."""

    case: Case
    category_name: str | None
    grid: tuple[str, str] | None
    unit: tuple[str, str] | None
    community: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, where the next page begins, and how many there are where reading them told."""

    rows: list[Row]
    next_cursor: str | None
    count: tuple[int, bool] | None = None


SORTS = ("due", "-opened", "opened", "number")


async def with_people(
    session: AsyncSession, viewer: Viewer, wanted: Filter, now: datetime
) -> Filter:
    """The same where words that are names of people on duty also find what their units hold.

    One look at the roster's index, and none where there are no words.
    """
    words = (wanted.words or "").split()
    names = sorted({word for word in (*words, " ".join(words)) if len(word) >= NAME_MIN})
    holders = await units_on_duty(session, viewer, wanted.area, now, names) if names else {}
    return replace(wanted, holders=holders)


async def page(
    session: AsyncSession,
    viewer: Viewer,
    wanted: Filter,
    *,
    sort: str,
    cursor: str | None,
    limit: int,
    now: datetime,
    soon: timedelta,
) -> Page:
    """One page of a list, by key: stays quick however far down."""
    key, descending = _sort_key(sort)
    where = _where(viewer, wanted, now, soon)
    if cursor is not None:
        after = read_cursor(cursor, sort, words=sort == "number")
        edge = tuple_(key, Case.id)
        where = and_(where, edge < tuple_(*after) if descending else edge > tuple_(*after))
    order = (key.desc(), Case.id.desc()) if descending else (key, Case.id)
    ids_first: Select[UUID] | None = None
    take = limit + 1
    if wanted.words:
        ids_first = select(FOUND.c.id).where(_found(where)).order_by(*map(_found, order))
        if cursor is None:
            # Looking at so many costs what counting them does, and it is done once.
            take = max(take, FOUND_CAP + 1)
    elif not viewer.wide:
        # Of some units only: they may be looked for and sorted by the thousand, without names.
        ids_first = select(Case.id).where(where).order_by(*order)
    if ids_first is not None:
        ids = (await session.execute(ids_first.limit(take))).scalars().all()
        rows, read = await by_ids(session, viewer, ids[:limit]), len(ids)
    else:
        lines = _LINES.where(where).order_by(*order).limit(take)
        found = (await session.execute(lines)).all()
        rows, read = [_row(line) for line in found[:limit]], len(found)
    known: tuple[int, bool] | None = None
    if cursor is None and (read < take or wanted.words):
        known = (min(read, take - 1), read < take)
    if read <= limit:
        return Page(rows, None, known)
    last = rows[-1].case
    return Page(rows, write_cursor(sort, _last(sort, last), last.id), known)


@by_sight
def _one(viewer: Viewer) -> Select[Any]:
    return _WHOLE.where(Case.id == bindparam("case_id"), visible(viewer))


async def one(session: AsyncSession, viewer: Viewer, case_id: UUID) -> Row:
    """One case with its names; NotFound when there is none that the viewer may see."""
    found = (await session.execute(_one(viewer), {"case_id": case_id})).one_or_none()
    if found is None:
        raise repository.no_such_case(case_id)
    return _row(found)


@by_sight
def _lines_by_ids(viewer: Viewer) -> Select[Any]:
    return _LINES.where(among(Case.id, bindparam("ids")), visible(viewer))


async def by_ids(session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]) -> list[Row]:
    """Cases with their names, in the order of ``ids``."""
    lines = await session.execute(_lines_by_ids(viewer), {"ids": list(ids)})
    found = {line[0].id: _row(line) for line in lines}
    return [found[case_id] for case_id in ids if case_id in found]


async def count(
    session: AsyncSession, viewer: Viewer, wanted: Filter, now: datetime, soon: timedelta
) -> tuple[int, bool]:
    """(count, exact): counts no further than the cap."""
    cap = FOUND_CAP if wanted.words else COUNT_CAP
    where = _where(viewer, wanted, now, soon)
    inner = select(literal(1)).select_from(Case).where(where)
    if wanted.words:
        inner = select(literal(1)).select_from(FOUND).where(_found(where))
    return await count_to(session, inner, cap)


async def on_map(session: AsyncSession, viewer: Viewer, area: str) -> Sequence[Case]:
    """Open cases with a place, the newest first."""
    query = (
        select(Case)
        .where(visible(viewer, area), Case.area == area, Case.state != loop.CLOSED)
        .where(Case.lon.is_not(None))
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(MAP_CASES)
    )
    return (await session.execute(query)).scalars().all()


#: What guards about something asked for say, in SQL.
_ASKED: dict[loop.Guard, ColumnElement[bool]] = {
    "nothing_asked": Case.asked.is_(None),
    "extension_asked": Case.asked == "extension",
    "suspension_asked": Case.asked == "suspension",
}


def mine(viewer: Viewer) -> ColumnElement[bool]:
    """Cases on which this viewer can act now, by the loop's own table."""
    options = []
    for line in loop.TRANSITIONS:
        # What is closed is in no such list, and what nobody awaits neither.
        if not line.awaited or line.source == loop.CLOSED or not viewer.may(line.capability):
            continue
        here: ColumnElement[bool] = Case.state == line.source
        if "holder" in line.guards:
            here = and_(here, Case.unit_id.in_(viewer.units))
        if "lead" in line.guards:
            here = and_(here, Case.lead_unit_id.in_(viewer.units))
        if "parties_here" in line.guards:
            here = and_(here, Case.parties_left > 0)
        if "parties_gone" in line.guards:
            here = and_(here, Case.parties_left == 0)
        for guard, stage in (("called", CALLED), ("here", HERE)):
            if guard in line.guards:
                found = (Case.parties.contains({str(unit): stage}) for unit in viewer.units)
                here = and_(here, Case.parties.is_not(None), or_(false(), *found))
        if "not_reporter" in line.guards:
            for person in viewer.people:
                for maker in (Case.reported_by, Case.reported_for):
                    here = and_(here, maker.is_distinct_from(person))
        for guard, holds in _ASKED.items():
            if guard in line.guards:
                here = and_(here, holds)
        options.append(here)
    return or_(*options) if options else false()


def _where(viewer: Viewer, wanted: Filter, now: datetime, soon: timedelta) -> ColumnElement[bool]:
    parts = [visible(viewer, wanted.area)]
    if wanted.area is not None:
        parts.append(Case.area == wanted.area)
    if wanted.states:
        states = set(wanted.states) - {"open"}
        if "open" in wanted.states:
            states |= set(loop.OPEN_STATES)
        parts.append(Case.state.in_(sorted(states)))
        if loop.CLOSED not in states:
            # Said outright, so that the partial index on open cases can serve.
            parts.append(Case.state != loop.CLOSED)
    if wanted.mine:
        parts += [mine(viewer), Case.state != loop.CLOSED]
    if wanted.unit is not None:
        parts.append(
            Case.unit_id == select(Unit.id).where(Unit.code == wanted.unit).scalar_subquery()
        )
    if wanted.grid is not None:
        parts.append(Case.grid_id.in_(select(Grid.id).where(Grid.code == wanted.grid)))
    if wanted.category is not None:
        scheme, _, code = wanted.category.partition(":")
        parts += [Case.category_scheme == scheme, Case.category_code == code]
    if wanted.opened_since is not None:
        parts.append(Case.opened_at >= wanted.opened_since)
    if wanted.closed_since is not None:
        parts.append(Case.closed_at >= wanted.closed_since)
    if wanted.back is not None:
        parts.append(_back(wanted.back))
    if wanted.due is not None:
        parts.append(_due(wanted.due, now, soon))
    parts += _words(wanted.words, wanted.holders)
    return and_(*parts)


#: Said outright, so that the partial index on what came back can serve.
_ZERO: ColumnElement[int] = literal_column("0", Integer)


def _back(back: str) -> ColumnElement[bool]:
    """Cases that came back from a unit; or go to and fro (``steps.bounces`` in SQL); or whose
    appeal waits for a reviewer.
    """
    if back == "returned":
        return Case.returned > _ZERO
    if back == "bounces":
        again = and_(Case.unit_id.is_not(None), Case.unit_id == Case.returned_from)
        return and_(Case.returned > _ZERO, or_(Case.returned >= BOUNCES, again))
    if back == "appealed":
        waits = Case.appeal["state"].astext.in_(WAITING)
        return and_(Case.appeal.is_not(None), waits)
    raise Invalid(
        f"Unknown filter back={back}; there are returned, bounces and appealed.", back=back
    )


def _due(due: str, now: datetime, soon: timedelta) -> ColumnElement[bool]:
    still_open = Case.state != loop.CLOSED
    if due == "overdue":
        return and_(still_open, Case.due_at < now)
    if due == "soon":
        return and_(still_open, Case.due_at.between(now, now + soon))
    if due == "none":
        return and_(still_open, Case.due_at.is_(None))
    raise Invalid(f"Unknown filter due={due}; there are overdue, soon and none.", due=due)


def _words(words: str | None, holders: Mapping[str, frozenset[UUID]]) -> list[ColumnElement[bool]]:
    given = (words or "").split()
    whole = " ".join(given)
    if whole in holders:
        return [_held_or_said(whole, holders[whole])]
    found = [_held_or_said(word, holders[word]) for word in given if word in holders]
    return [*found, *_text([word for word in given if word not in holders])]


def _held_or_said(name: str, units: frozenset[UUID]) -> ColumnElement[bool]:
    """Cases of the units of who is on duty, and those in whose text the name stands."""
    return or_(Case.unit_id.in_(sorted(units)), and_(*_text(name.split())))


def _text(words: Sequence[str]) -> list[ColumnElement[bool]]:
    grams = query_bigrams(" ".join(words))
    found: list[ColumnElement[bool]] = []
    if grams:
        found.append(Case.search.contains(literal(grams, ARRAY(Text))))
    # A bigram match says where to look; the words themselves decide.
    for word in words:
        found.append(
            or_(
                Case.title.icontains(word, autoescape=True),
                Case.number.icontains(word, autoescape=True),
                Case.place_text.icontains(word, autoescape=True),
            )
        )
    return found


def _row(line: Any) -> Row:
    return Row(
        case=line[0],
        category_name=line[1] or line[0].category_code,
        grid=(line[2], line[3]) if line[2] else None,
        unit=(line[4], line[5]) if line[4] else None,
        community=(line[6], line[7]) if line[6] else None,
    )


def _sort_key(sort: str) -> tuple[Any, bool]:
    if sort == "due":
        # What goes wrong first comes first; what has no deadline comes last.
        return _DUE, False
    if sort in ("-opened", "opened"):
        return Case.opened_at, sort == "-opened"
    if sort == "number":
        return Case.number, True
    raise Invalid(f"Unknown order '{sort}'; there are {', '.join(SORTS)}.", sort=sort)


def _last(sort: str, last: Case) -> datetime | str | None:
    """The row's value in this order."""
    if sort == "number":
        return last.number
    return last.due_at if sort == "due" else last.opened_at


async def needs_me(session: AsyncSession, viewer: Viewer, area: str, limit: int) -> list[Row]:
    """What the viewer can act on now, by what goes wrong first if nobody acts.

    First what came back from upstream, whatever state its case is in here.
    """
    here = and_(visible(viewer, area), Case.area == area)
    ids: list[UUID] = []
    # The high ones and the others apart, each as it lies in the index: together they would be
    # sorted, all that are open, for the few that are shown.
    for which in (Case.priority == "high", Case.priority.is_distinct_from("high")):
        query = (
            select(Case.id)
            .where(here, which, mine(viewer), Case.state != loop.CLOSED)
            .order_by(_DUE, Case.id)
            .limit(limit - len(ids))
        )
        ids += (await session.execute(query)).scalars()
    if viewer.may("order.answer"):
        back = select(Case.id).where(here, Case.order_attention.is_not(None))
        # The newest of them; the list of work orders has them all.
        high_first = sql_case((Case.priority == "high", 0), else_=1)
        back = back.order_by(Case.order_attention, high_first, Case.id.desc()).limit(BACK_FIRST)
        ids = [*(await session.execute(back)).scalars(), *ids]
    return await by_ids(session, viewer, list(dict.fromkeys(ids))[:limit])
