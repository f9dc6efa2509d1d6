"""预估: what our own call-backs say, beside upstream's and never with it.

Whoever makes call-backs registers how they are counted; scores ask for a period's counts by unit.
They become rates by the same rules as upstream's, in a place of their own (``Tally.estimated``):
no composite and no pooled count of upstream's has them in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.viewer import Viewer
from streetwise.resolve.scores.engine import Counted, Tally
from streetwise.resolve.scores.rules import Period, Rules


class Asked(Protocol):
    """Counts of people who were asked: ``*_of`` is how many gave an answer to that question."""

    @property
    def resolved(self) -> int:
        """It is solved."""

    @property
    def resolved_of(self) -> int:
        """Of so many."""

    @property
    def satisfied(self) -> int:
        """Satisfied."""

    @property
    def basically(self) -> int:
        """Basically satisfied (基本满意)."""

    @property
    def satisfied_of(self) -> int:
        """Of so many."""


class Source(Protocol):
    """Who counts call-backs: by unit, of those settled from ``start`` on and before ``end``."""

    async def __call__(
        self, session: AsyncSession, viewer: Viewer, area: str, start: datetime, end: datetime
    ) -> Mapping[UUID | None, Asked]:
        """Counts by unit."""


_SOURCES: list[Source] = []
#: Rate -> the question, and for each flag of its value the count that has it.
_QUESTIONS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "solved": ("resolved_of", {"solved": "resolved"}),
    "satisfied": ("satisfied_of", {"satisfied": "satisfied", "basically": "basically"}),
}


def register(source: Source) -> None:
    """Count these call-backs too; registered twice, once."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def rates_of(asked: Iterable[Asked], rules: Rules) -> dict[str, Counted]:
    """The rates that our own call-backs can tell, pooled, weighed as the rules weigh upstream's.
    A rate that nobody was asked about is left out.
    """
    known, found = list(asked), {}
    for rate in rules.rates:
        if rate.name not in _QUESTIONS:
            continue
        of_name, flags = _QUESTIONS[rate.name]
        of = sum(getattr(one, of_name) for one in known)
        value = sum(
            (
                Decimal(str(weight)) * sum(getattr(one, flags[flag]) for one in known)
                for flag, weight in rate.value.items()
                if flag in flags
            ),
            Decimal(0),
        )
        if of:
            found[rate.name] = Counted(value, of)
    return found


async def with_estimates(
    session: AsyncSession,
    viewer: Viewer,
    area: str,
    rules: Rules,
    period: Period,
    by: str | None,
    groups: Mapping[UUID | str | None, Tally],
) -> dict[UUID | str | None, Tally]:
    """The groups with what our own call-backs say of each unit, or of all (``by`` None). Of
    communities, classes and channels they say nothing.
    """
    if by not in (None, "unit") or not _SOURCES:
        return dict(groups)
    told: dict[UUID | str | None, list[Asked]] = {}
    for source in _SOURCES:
        for unit, asked in (await source(session, viewer, area, period.start, period.end)).items():
            told.setdefault(unit if by == "unit" else None, []).append(asked)
    none = Tally({rate.name: Counted() for rate in rules.rates})
    return {
        key: replace(groups.get(key, none), estimated=rates_of(told.get(key, ()), rules))
        for key in {**groups, **told}
    }
