"""All SQL of the overview's six numbers, with their last fourteen days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.viewer import Viewer
from streetwise.resolve import loop
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case

SERIES_DAYS = 14


@dataclass(frozen=True, slots=True)
class Numbers:
    """The six numbers and, for four of them, 14 days (oldest first)."""

    values: dict[str, int]
    series: dict[str, list[int]]


async def six(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    *,
    day_start: datetime,
    now: datetime,
    soon: timedelta,
) -> Numbers:
    """The strip of the overview. ``day_start``: today's midnight in the area's zone, in UTC."""
    here = and_(visible(viewer, area), Case.area == area)
    is_open = and_(here, Case.state != loop.CLOSED)
    first = day_start - timedelta(days=SERIES_DAYS - 1)
    since = and_(here, Case.closed_at >= first)
    is_late = Case.closed_at > Case.due_at
    # One look at each index: what is open, what came, what went, what went late.
    stock, still = await _stock(session, is_open, first, now, now + soon)
    (opened,) = await _per_day(session, and_(here, Case.opened_at >= first), Case.opened_at, first)
    closed, late = await _per_day(
        session, since, Case.closed_at, first, func.count().filter(is_late)
    )
    was_late = and_(since, is_late, Case.due_at >= first)
    (since_late,) = await _per_day(session, was_late, Case.due_at, first)
    # What fell due and was open then: still open, or closed late.
    fell_due = [one + other for one, other in zip(still, since_late, strict=True)]
    values = {
        "new_today": opened[-1],
        "open": stock["open"],
        "overdue": stock["overdue"],
        "due_soon": stock["due_soon"],
        "to_verify": stock["to_verify"],
        "closed_today": closed[-1],
    }
    series = {
        "new_today": opened,
        "open": _backwards(stock["open"], opened, closed),
        "overdue": _backwards(stock["overdue"], fell_due, late),
        "closed_today": closed,
    }
    return Numbers(values, series)


def _backwards(now: int, came: list[int], went: list[int]) -> list[int]:
    """The stock at the end of each day, from today's and what came and went."""
    stock = [now]
    for arrived, left in zip(reversed(came[1:]), reversed(went[1:]), strict=True):
        stock.append(stock[-1] - arrived + left)
    return stock[::-1]


async def _stock(
    session: AsyncSession,
    is_open: ColumnElement[bool],
    first: datetime,
    now: datetime,
    end: datetime,
) -> tuple[dict[str, int], list[int]]:
    """What is open, as it stands; and of it what fell due on each day from ``first`` on."""
    query = select(
        _day(Case.due_at, first),
        func.count().label("open"),
        func.count().filter(Case.due_at < now).label("overdue"),
        func.count().filter(Case.due_at.between(now, end)).label("due_soon"),
        func.count().filter(Case.state == loop.REPORTED).label("to_verify"),
    ).where(is_open)
    stock = dict.fromkeys(("open", "overdue", "due_soon", "to_verify"), 0)
    fell_due: dict[int, int] = {}
    for day, *counts in await session.execute(query.group_by(text("1"))):
        for name, value in zip(stock, counts, strict=True):
            stock[name] += value
        if day is not None:
            fell_due[(day - first).days] = counts[1]
    return stock, [fell_due.get(number, 0) for number in range(SERIES_DAYS)]


async def _per_day(
    session: AsyncSession,
    where: ColumnElement[bool],
    column: Any,
    first: datetime,
    *others: ColumnElement[int],
) -> list[list[int]]:
    """How many cases on each day from the midnight ``first`` on; and what else is to be counted."""
    query = select(_day(column, first), func.count(), *others).where(where).group_by(text("1"))
    found = {(day - first).days: counts for day, *counts in await session.execute(query)}
    none = [0] * (1 + len(others))
    days = [found.get(number, none) for number in range(SERIES_DAYS)]
    return [list(one) for one in zip(*days, strict=True)]


def _day(column: Any, first: datetime) -> ColumnElement[datetime]:
    """The beginning of the day in which it lies."""
    # Whole days of 24 hours: off by an hour after a change to summer time.
    return func.date_bin(timedelta(days=1), column, first)
