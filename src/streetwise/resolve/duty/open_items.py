"""What is open at a moment: what a hand-over lists, and freezes when it is signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import looking_as
from streetwise.kernel.viewer import Viewer
from streetwise.notify import Notification, unheard
from streetwise.resolve import whom
from streetwise.resolve.directives import repository as directives
from streetwise.resolve.duty import repository
from streetwise.resolve.duty.repository import COUNTED_MOST, NAMED_MOST
from streetwise.resolve.duty.rules import GROUPS, rules
from streetwise.resolve.incidents import repository as incidents


@dataclass(frozen=True, slots=True)
class Open:
    """How many of a kind, and the first of them by id."""

    count: int
    ids: list[UUID]


async def open_items(
    session: AsyncSession, viewer: Viewer, area: str, now: datetime
) -> dict[str, Open]:
    """What is open in an area by kind: ids of cases; of notifications, directives and incident
    reports to be told under their own heads."""
    found = {
        "urgent": Open(*await repository.open_cases(session, viewer, area, overdue_at=None)),
        "overdue": Open(*await repository.open_cases(session, viewer, area, overdue_at=now)),
        "unacknowledged": await _unacknowledged(session, viewer, area, now),
        "directives": Open(
            await directives.count_undone(session, viewer, area),
            await directives.undone_ids(session, viewer, area, NAMED_MOST),
        ),
        "reports": Open(*await incidents.owed(session, viewer, area, NAMED_MOST)),
    }
    return {group: found[group] for group in GROUPS}


async def _unacknowledged(session: AsyncSession, viewer: Viewer, area: str, now: datetime) -> Open:
    """Facts that were told as urgent and that nobody took up, one notification for each."""
    async with looking_as(session, whom.SYSTEM):
        waiting = await unheard(session, whom.SYSTEM, now + timedelta(0), limit=COUNTED_MOST)
    cases = await repository.cases_of_area(
        session, viewer, area, {one.subject for one in waiting if one.subject}
    )
    facts = first_of_each([one for one in waiting if one.subject in cases])
    going = [one.id for one in facts if not rules().answered(one.kind, cases[_case(one)].state)]
    return Open(len(going), going[:NAMED_MOST])


def first_of_each(told: Sequence[Notification]) -> list[Notification]:
    """One notification of each fact, however many people were told."""
    facts: dict[str, Notification] = {}
    for one in told:
        facts.setdefault(one.key, one)
    return list(facts.values())


def _case(one: Notification) -> UUID:
    assert one.subject is not None
    return one.subject


def frozen(items: dict[str, Open]) -> dict[str, Any]:
    """As a hand-over keeps them."""
    return {
        group: {"count": one.count, "ids": [str(each) for each in one.ids]}
        for group, one in items.items()
    }


def thawed(kept: dict[str, Any]) -> dict[str, Open]:
    """What a hand-over kept; a kind that it does not know yet is empty."""
    none: dict[str, Any] = {"count": 0, "ids": []}
    return {
        group: Open(
            kept.get(group, none)["count"], [UUID(one) for one in kept.get(group, none)["ids"]]
        )
        for group in GROUPS
    }
