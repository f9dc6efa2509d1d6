"""The figures of a report, gathered: from scores for what they count, from the repository else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.viewer import Viewer
from streetwise.resolve.reports import repository
from streetwise.resolve.reports.figures import Figures, Line, Stock
from streetwise.resolve.reports.spans import Span, before
from streetwise.resolve.reports.words import words
from streetwise.resolve.scores import repository as scores
from streetwise.resolve.scores.engine import Tally, ranked
from streetwise.resolve.scores.estimates import with_estimates


async def gather(
    session: AsyncSession, viewer: Viewer, area: str, name: str, span: Span, zone: ZoneInfo
) -> Figures:
    """All that the report of a period says; each period is counted by its own rules."""
    last, end = before(span, zone), span.period.end
    total = (await _tallies(session, viewer, area, span, None))[None]
    earlier = (await _tallies(session, viewer, area, last, None))[None]
    lines = {by: await _lines(session, viewer, area, span, by) for by in scores.GROUPS}
    classes = await _with_before(session, viewer, area, last, lines["class"])
    stock, by_unit = await repository.stock(session, viewer, area, end)
    was, _ = await repository.stock(session, viewer, area, last.period.end)
    units = await scores.names_of(session, viewer, "unit", list(by_unit))
    matters, matter_counts = await repository.matters(session, viewer, area, end)
    excluded, reasons = await repository.excluded(session, viewer, area, span.rules, span.period)
    return Figures(
        area=name, span=span, total=total, before=earlier,
        units=tuple(lines["unit"].values()), communities=tuple(lines["community"].values()),
        classes=classes, channels=tuple(lines["channel"].values()),
        days=tuple(
            await repository.per_day(session, viewer, area, span.rules, span.period, zone)
        ),
        stock=stock, stock_before=was, stock_of=_named(by_unit, units),
        overdue=await repository.overdue(session, viewer, area, end),
        suspended=await repository.suspended(session, viewer, area, end),
        matters=matters, excluded=excluded,
        matter_counts=matter_counts, excluded_counts=reasons,
    )  # fmt: skip


async def _tallies(
    session: AsyncSession, viewer: Viewer, area: str, span: Span, by: str | None
) -> dict[Any, Tally]:
    counted = await scores.tallies(session, viewer, area, span.rules, span.period, by)
    return await with_estimates(session, viewer, area, span.rules, span.period, by, counted)


async def _lines(
    session: AsyncSession, viewer: Viewer, area: str, span: Span, by: str
) -> dict[Any, Line]:
    """The groups by key, the best composite first."""
    groups = await _tallies(session, viewer, area, span, by)
    names = await scores.names_of(session, viewer, by, list(groups))
    # Of equals the one whose name comes first: the same figures give the same report.
    by_name = dict(sorted(groups.items(), key=lambda one: (_name(one[0], by, names), str(one[0]))))
    return {key: Line(_name(key, by, names), tally) for key, tally in ranked(by_name, span.rules)}


def _name(key: Any, by: str, names: Mapping[Any, str]) -> str:
    none = "unclassed" if by == "class" else "nobody"
    return names.get(key) or (str(key) if key is not None else str(words()[none]))


async def _with_before(
    session: AsyncSession, viewer: Viewer, area: str, last: Span, lines: Mapping[Any, Line]
) -> tuple[Line, ...]:
    """The classes with what was opened in the period before."""
    earlier = await _tallies(session, viewer, area, last, "class")
    none = Tally()
    return tuple(
        Line(line.name, line.tally, earlier.get(key, none).opened) for key, line in lines.items()
    )


def _named(stocks: Mapping[Any, Stock], names: Mapping[Any, str]) -> dict[str, Stock]:
    return {_name(key, "unit", names): one for key, one in stocks.items()}
