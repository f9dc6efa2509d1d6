"""All SQL of scores: deriving facts, counting them, and what stands behind a count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Integer,
    LargeBinary,
    Numeric,
    Select,
    and_,
    cast,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy import case as sql_case
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.tables import TaxonomyClass, Unit
from streetwise.gather import channels
from streetwise.kernel.database import Time, among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.journal import Journal
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.clocks.rules import HANDLE
from streetwise.resolve.clocks.tables import CaseClock
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.scores import fold
from streetwise.resolve.scores.engine import Counted, Tally, quantiles
from streetwise.resolve.scores.rules import OUTCOME, Kind, Period, Rate, Rules
from streetwise.resolve.scores.tables import CaseFact
from streetwise.resolve.tables import Case, CaseSignal, ScoreExemption

#: What the counts are grouped by.
GROUPS = ("unit", "community", "class", "channel")
_COPIED = (
    "version", "area", "unit_id", "community_id", "nature", "outcome", "opened_at", "due_at",
    "closed_at", "voices", "grade",
)  # fmt: skip
_STEPS = (*fold.FIRST.values(), *fold.LAST.values(), *fold.COUNTED.values())


# --- deriving -----------------------------------------------------------------------------


async def lock_facts(session: AsyncSession) -> None:
    """One at a time derives."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("resolve.facts"))))


async def stale(session: AsyncSession, viewer: Viewer, limit: int) -> list[UUID]:
    """Cases that have changed since their facts were derived, at most so many. What somebody is at
    work on is passed by, and comes with the next time.

    A row that refers to a case locks it: asked for one by one as the rows are written, those locks
    would wait for whoever holds a case (until the statement runs out of time), while others wait
    for what has been locked so far.
    """
    viewer.require("*")
    same = and_(CaseFact.case_id == Case.id, CaseFact.version == Case.version)
    query = (
        select(Case.id)
        .outerjoin(CaseFact, same)
        .where(CaseFact.case_id.is_(None))
        .order_by(Case.id)
        .limit(limit)
        .with_for_update(read=True, key_share=True, of=Case, skip_locked=True)
    )
    return list((await session.execute(query)).scalars())


async def derive(session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]) -> None:
    """Write the facts of these cases anew, as ``fold`` says."""
    viewer.require("*")
    steps, voice, paused = _steps_of(), _first_voice(), _paused()
    columns = {name: getattr(Case, name) for name in _COPIED} | {
        "case_id": Case.id,
        "scheme": Case.category_scheme,
        "code": Case.category_code,
        "channel": voice.c.channel,
        "merged": Case.merged_into.is_not(None),
        "paused_seconds": func.coalesce(paused.c.seconds, 0),
        **{name: steps.c[name] for name in _STEPS},
    }
    rows = (
        select(*(column.label(name) for name, column in columns.items()))
        .select_from(Case)
        .join(steps, true())
        .outerjoin(voice, true())
        .outerjoin(paused, true())
        .where(among(Case.id, ids))
    )
    put = insert(CaseFact).from_select(list(columns), rows)
    await session.execute(
        put.on_conflict_do_update(
            index_elements=["case_id"],
            set_={name: put.excluded[name] for name in columns if name != "case_id"},
        )
    )


def _steps_of() -> Any:
    """Of each case, what its entries say; ``fold`` in SQL."""

    def times(one: Callable[..., Any], action: str) -> Any:
        return one(Journal.at).filter(Journal.action == action)

    columns = [
        *(times(func.min, action).label(name) for action, name in fold.FIRST.items()),
        *(times(func.max, action).label(name) for action, name in fold.LAST.items()),
        *(
            func.count().filter(Journal.action == action).label(name)
            for action, name in fold.COUNTED.items()
        ),
    ]
    about = (Journal.subject == Case.id, Journal.subject_kind == "case")
    return select(*columns).where(*about).correlate(Case).lateral("steps")


def _first_voice() -> Any:
    came = channels()
    return (
        select(came.c.channel)
        .select_from(CaseSignal)
        .join(came, came.c.signal_id == CaseSignal.signal_id)
        .where(CaseSignal.case_id == Case.id)
        .order_by(CaseSignal.joined_at, CaseSignal.signal_id)
        .limit(1)
        .correlate(Case)
        .lateral("voice")
    )


def _paused() -> Any:
    """Of each case, how long its own clocks stood still; ``fold.paused_seconds`` in SQL."""
    mine = (CaseClock.case_id == Case.id, CaseClock.kind == HANDLE)
    told = func.jsonb_array_elements(CaseClock.events).table_valued("value").render_derived()
    kind, at = told.c.value.op("->>")("kind"), cast(told.c.value.op("->>")("at"), Time)
    began = select(CaseClock.started_at.label("at"), literal(fold.STARTED).label("kind"))
    happened = select(at, kind).select_from(CaseClock).join(told, true())
    events = union_all(
        began.where(*mine).correlate(Case),
        happened.where(*mine, kind.in_(fold.CLOCK_EVENTS)).correlate(Case),
    ).subquery("events")
    # Of what happened at one moment a pause is taken first, as the letters have it.
    following = func.lead(events.c.at).over(order_by=(events.c.at, events.c.kind))
    stretches = select(events.c.at, events.c.kind, following.label("ends")).subquery("stretches")
    # LEAST leaves out what is null: of the last pause the end of the case is what is left.
    lasted = func.least(stretches.c.ends, Case.closed_at) - stretches.c.at
    seconds = func.sum(func.greatest(func.extract("epoch", lasted), 0))
    return (
        select(cast(func.floor(seconds), Integer).label("seconds"))
        .where(stretches.c.kind == fold.PAUSED, Case.closed_at.is_not(None))
        .correlate(Case)
        .lateral("paused")
    )


# --- counting -----------------------------------------------------------------------------


def _flag(name: str, rules: Rules, kind: Kind) -> ColumnElement[bool]:
    """A flag of ``rules`` in SQL; never null."""
    if name.startswith(OUTCOME):
        return func.coalesce(CaseFact.outcome == name.removeprefix(OUTCOME), False)
    fact, order = CaseFact, WorkOrder
    flags: Mapping[str, Any] = {
        "called_back": order.called_back_at.is_not(None),
        "reached": order.reached.is_(True),
        "solved": order.resolved.is_(True),
        "satisfied": order.satisfied == "yes",
        "basically": order.satisfied == "basically",
        "excluded": order.exclusion == "granted",
        "has_due": fact.due_at.is_not(None),
        "in_time": fact.closed_at <= fact.due_at,
        "reworked": fact.reworked > 0,
        "returned": fact.returned > 0,
        "reopened": fact.reopened > 0,
        "repeated": fact.voices > 1,
        "ahead": fact.channel.in_(rules.ahead_channels),
        "merged": fact.merged,
        # Not EXISTS: that is reckoned so dear that nothing else of the plan matters. And asked of
        # the rows that are counted: of those joined to them it would be reckoned anew for each.
        "exempted": (order if kind == "orders" else fact).case_id.in_(
            select(ScoreExemption.case_id)
        ),
    }
    return func.coalesce(flags[name], False)


def _time(name: str) -> Any:
    return getattr(WorkOrder if name in ("called_back_at", "received_at") else CaseFact, name)


def _within(name: str, period: Period) -> ColumnElement[bool]:
    time = _time(name)
    return and_(time >= period.start, time < period.end)


def counted(rules: Rules, kind: Kind) -> ColumnElement[bool]:
    """Whether a row is counted at all; false: one of what the rules exclude holds."""
    return and_(true(), *(not_(_flag(name, rules, kind)) for name in rules.exclude[kind]))


def _rows_of(rate: Rate, rules: Rules, period: Period) -> ColumnElement[bool]:
    """What the rate is divided by."""
    flags = (_flag(name, rules, rate.of) for name in rate.among)
    return and_(_within(rate.when, period), counted(rules, rate.of), *flags)


def _value(rate: Rate, rules: Rules) -> ColumnElement[Any]:
    zero = cast(literal(0), Numeric)
    return sum(
        (
            sql_case((_flag(name, rules, rate.of), cast(literal(str(weight)), Numeric)), else_=zero)
            for name, weight in rate.value.items()
        ),
        zero,
    )


def _group(by: str) -> Any:
    if by == "unit":
        return CaseFact.unit_id
    if by == "community":
        return CaseFact.community_id
    if by == "class":
        return CaseFact.scheme + ":" + CaseFact.code
    return CaseFact.channel


def _from(query: Select[Any], kind: Kind) -> Select[Any]:
    """Orders are counted with the case that carries them."""
    if kind == "cases":
        return query.select_from(CaseFact)
    return query.select_from(WorkOrder).join(CaseFact, CaseFact.case_id == WorkOrder.case_id)


def _may_count(viewer: Viewer, area: str) -> None:
    """Counts show no case; who may read scores of the area may read all of its counts."""
    viewer.require("score.read")
    if not viewer.sees_area(area):
        raise NotFound("There is no such area, or it is not yours to see.", area=area)


async def tallies(
    session: AsyncSession, viewer: Viewer, area: str, rules: Rules, period: Period, by: str | None
) -> dict[Any, Tally]:
    """The counts of each group (None: of what belongs to none, or of all where ``by`` is None)."""
    _may_count(viewer, area)
    counts: dict[Any, dict[str, Counted]] = {}
    totals: dict[Any, dict[str, Any]] = {}
    for kind in ("orders", "cases"):
        rates = [rate for rate in rules.rates if rate.of == kind]
        columns = [one for rate in rates for one in _counts(rate, rules, period)]
        group = null() if by is None else _group(by)
        times = {rate.when for rate in rates} | _TIMES[kind]
        # What is left out is left out of every count: it is asked once for a row.
        here = and_(
            CaseFact.area == area,
            counted(rules, kind),
            or_(*(_within(name, period) for name in sorted(times))),
        )
        query = _from(select(group, *columns, *_totals(kind, rules, period)), kind).where(here)
        if by is not None:
            query = query.group_by(group)
        for key, *found in await session.execute(query):
            own, rest = counts.setdefault(key, {}), iter(found)
            for rate in rates:
                of = next(rest)
                worth = [Decimal(str(weight)) * next(rest) for weight in rate.value.values()]
                own[rate.name] = Counted(sum(worth, Decimal(0)), of)
            totals.setdefault(key, {}).update(_told(kind, list(rest)))
    none = {rate.name: Counted() for rate in rules.rates}
    return {key: Tally({**none, **own}, **totals[key]) for key, own in counts.items()}


_TIMES: Mapping[Kind, set[str]] = {
    "orders": {"called_back_at"},
    "cases": {"opened_at", "closed_at"},
}


def _counts(rate: Rate, rules: Rules, period: Period) -> list[Any]:
    """How many rows the rate is of, and how many have each flag that is worth something.

    Whole numbers: they cost a third of summing what the flags are worth, and are weighed after.
    """
    rows = and_(_within(rate.when, period), *(_flag(name, rules, rate.of) for name in rate.among))
    having = (and_(rows, _flag(name, rules, rate.of)) for name in rate.value)
    return [func.count().filter(one) for one in (rows, *having)]


def _totals(kind: Kind, rules: Rules, period: Period) -> list[Any]:
    """What ``_told`` reads, of what is counted at all.

    How long cases took is brought here in one piece for each group and asked for its middle here:
    PostgreSQL would first sort all rows with all of their columns, by the group.
    """
    if kind == "orders":
        called = and_(_within("called_back_at", period), _flag("called_back", rules, kind))
        return [func.count().filter(called)]
    closed = _within("closed_at", period)
    # date_part reckons in doubles, EXTRACT in decimal numbers, which takes far longer.
    lasted = cast(func.date_part("epoch", CaseFact.closed_at - CaseFact.opened_at), Integer)
    nothing = cast(literal(b""), LargeBinary)
    pieces = [
        func.string_agg(func.int4send(of), nothing).filter(closed)
        for of in (lasted, lasted - CaseFact.paused_seconds)
    ]
    opened = _within("opened_at", period)
    return [func.count().filter(opened), func.count().filter(closed), *pieces]


def _told(kind: Kind, found: Sequence[Any]) -> dict[str, Any]:
    """The fields of a tally."""
    if kind == "orders":
        return {"orders": found[0]}
    opened, closed, *pieces = found
    plain, net = (np.frombuffer(piece or b"", dtype=">i4") for piece in pieces)
    median, p90 = quantiles(plain)
    net_median, net_p90 = quantiles(net)
    return {
        "opened": opened, "closed": closed, "median_hours": median, "p90_hours": p90,
        "net_median_hours": net_median, "net_p90_hours": net_p90,
    }  # fmt: skip


async def names_of(
    session: AsyncSession, viewer: Viewer, by: str, keys: Sequence[Any]
) -> dict[Any, str]:
    """How people call the groups."""
    viewer.require("score.read")
    known = [key for key in keys if key is not None]
    if by in ("unit", "community"):
        query: Any = select(Unit.id, Unit.name).where(among(Unit.id, known))
    elif by == "class":
        code = TaxonomyClass.scheme + ":" + TaxonomyClass.code
        query = select(code, TaxonomyClass.name).where(code.in_(known))
    else:
        return {key: key for key in known}
    return {row[0]: row[1] for row in await session.execute(query)}


# --- behind a number ----------------------------------------------------------------------


class Behind(NamedTuple):
    """A row that is counted, or left out; ``why``: the flag that leaves it out."""

    case_id: UUID
    number: str
    title: str
    state: str
    order: str | None
    at: datetime
    value: Decimal | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which number is asked about: ``key`` as the groups have it; ``by`` None: all of them."""

    rules: Rules
    period: Period
    by: str | None
    key: Any


async def behind(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    asked: Asked,
    rate: Rate,
    limit: int,
    *,
    mine: ColumnElement[bool],
) -> list[Behind]:
    """The rows of a rate, those that count least first; of them what the viewer may see (``mine``,
    as the lists have it).
    """
    _may_count(viewer, area)
    rules, period = asked.rules, asked.period
    value = _value(rate, rules).label("value")
    query = _listed(rate.of, _time(rate.when), value, null())
    query = query.where(CaseFact.area == area, _rows_of(rate, rules, period), mine, _in(asked))
    query = query.order_by(value, _time(rate.when).desc(), Case.id).limit(limit)
    return [Behind(*row) for row in await session.execute(query)]


async def excluded(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    asked: Asked,
    limit: int | None,
    *,
    mine: ColumnElement[bool],
) -> list[Behind]:
    """What the rules leave out of the period, each with the first flag that does; ``limit`` None:
    all of it.
    """
    _may_count(viewer, area)
    rules, period = asked.rules, asked.period
    found: list[Behind] = []
    listed: tuple[tuple[Kind, str], ...] = (("orders", "called_back_at"), ("cases", "closed_at"))
    for kind, when in listed:
        flags = rules.exclude[kind]
        if not flags:
            continue
        why = sql_case(*((_flag(name, rules, kind), name) for name in flags))
        query = _listed(kind, _time(when), null(), why)
        query = query.where(
            CaseFact.area == area, _within(when, period), not_(counted(rules, kind)), mine,
            _in(asked),
        )  # fmt: skip
        ties = [WorkOrder.number] if kind == "orders" else []
        query = query.order_by(_time(when).desc(), Case.id, *ties).limit(limit)
        found += [Behind(*row) for row in await session.execute(query)]
    return found


def _in(asked: Asked) -> ColumnElement[bool]:
    if asked.by is None:
        return true()
    group: ColumnElement[Any] = _group(asked.by)
    return group.is_(None) if asked.key is None else group == asked.key


def _listed(kind: Kind, at: Any, value: Any, why: Any) -> Select[Any]:
    order = WorkOrder.number if kind == "orders" else null()
    query = select(Case.id, Case.number, Case.title, Case.state, order, at, value, why)
    return _from(query, kind).join(Case, Case.id == CaseFact.case_id)
