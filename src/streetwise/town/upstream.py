"""The hotline's platform while the town lives: what it finds about orders, and its daily list.

It asks the street's own API how a case ended and whether somebody spoke to its caller, because
that is what its call-back would hear. The whole list names every order that is open there, by the
rows that it has sent before, so that what is known is no news. A few orders are missing from it: a
difference for the day's reconciliation; and a few calls that its export left out come with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from . import answering, astray, platform
from .almanac import ZONE
from .client import JSON, Cast, Client, Refused
from .history import Teller
from .pace import Steering
from .reports import Report

log = logging.getLogger(__name__)

LIST_MAPPING = "hotline-list"
#: The list comes once a day, from this local hour on: before the street compares.
LISTED_AT_HOUR = 6
#: Orders on a page, and pages looked at.
PAGE, PAGES = 200, 10
#: What is open there: also what we have answered, until the platform closes it.
OPEN_THERE = ("open", "returned", "contested", "answered")
CLOSED = "closed"


@dataclass
class Upstream:
    """The platform, as the town plays it."""

    client: Client
    teller: Teller
    cast: Cast
    seed: int
    steering: Steering | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZONE)
    listed_on: date | None = None

    # --- what it finds ---------------------------------------------------------------------------

    async def found(self, now: datetime) -> list[dict[str, str]]:
        """The rows of what was answered, contested or opened again long enough ago."""
        rows = []
        for order in await self._orders(state=["answered"]):
            # While it is worked at once more the platform waits.
            known = _answered(order, "answered_at")
            if order["case"]["state"] == CLOSED and platform.is_due(known, now):
                rows += await self._called_back(order, now, again=False)
        for order in await self._orders(attention=True):
            told = order["call_back"] or {}
            if order["state"] == order["case"]["state"] == CLOSED and told.get("resolved") is False:
                rows += await self._called_back(order, now, again=True)
        contested = [
            _answered(one, "contested_at") for one in await self._orders(state=["contested"])
        ]
        return rows + platform.contest_verdicts(contested, now, self.zone)

    async def _called_back(
        self, order: JSON, now: datetime, *, again: bool
    ) -> list[dict[str, str]]:
        """What whoever called says; ``again``: after it was found not solved and closed, and the
        case has been opened and done once more.
        """
        desk = self.cast.who("dispatcher")
        if desk is None:
            return []
        try:
            case = await self.client.get(desk, f"/cases/{order['case']['id']}")
        except Refused as refused:
            log.debug("town: a case is refused: %s", refused)
            return []
        if again and not _done_since(case, order, now):
            return []
        draw = answering.drawing(self.seed, order["number"], case["reopened"])
        found = platform.verdict(
            platform.Known(
                order["number"], order["updates"], answering.answer(draw),
                contacted=order["contacted_at"] is not None,
                outcome=case["outcome"], rounds=case["reopened"],
            )
        )  # fmt: skip
        found = replace(found, returned=found.returned and not again)
        due = datetime.fromisoformat(order["due_at"]) if order["due_at"] else None
        local = now.astimezone(self.zone)
        return [
            platform.verdict_row(
                order["number"],
                order["case"]["title"],
                due and due.astimezone(self.zone),
                found,
                local,
            )
        ]

    # --- the whole list --------------------------------------------------------------------------

    async def whole_list(self, now: datetime) -> list[dict[str, str]]:
        """The rows of today's whole list; none where it has come, or its hour has not."""
        local = now.astimezone(self.zone)
        if local.hour < LISTED_AT_HOUR or self.listed_on == local.date():
            return []
        orders = await self._orders(state=list(OPEN_THERE))
        rows = await asyncio.to_thread(self._listed, [one["number"] for one in orders], now)
        self.listed_on = local.date()
        return rows

    def _listed(self, numbers: Iterable[str], now: datetime) -> list[dict[str, str]]:
        by_day: dict[date, set[str]] = defaultdict(set)
        today = now.astimezone(self.zone).date()
        for number in numbers:
            day = platform.day_of(number)
            # Orders of somebody's own files, of whatever day, are not the town's.
            if day is not None and day <= today and not _dropped(self.seed, number):
                by_day[day].add(number)
        for day in (today - timedelta(days=1), today):
            by_day[day] |= self._missed(day, now)
        rows = []
        for day in sorted(by_day):
            told = [one for one in self._told(day) if one.upstream_key in by_day[day]]
            rows += [platform.order_row(one) for one in told]
        return rows

    def _told(self, day: date) -> list[Report]:
        """The calls of a day, also those of what somebody played."""
        told = self.teller.day(day)
        if self.steering is not None:
            begun = datetime.combine(day, time(), self.teller.zone)
            told += self.steering.scenarios.due(begun, begun + timedelta(days=1))
        calls = [one for one in told if one.channel == platform.CHANNEL]
        return [one for one in calls if not one.refers_to]

    def _missed(self, day: date, now: datetime) -> set[str]:
        """Calls of a day, up to now, that the export left out: the list tells of them first."""
        return {
            one.upstream_key
            for one in self._told(day)
            if one.at < now and missed(self.seed, one.upstream_key)
        }

    # --- what the street says --------------------------------------------------------------------

    async def _orders(self, **wanted: object) -> list[JSON]:
        desk = self.cast.who("dispatcher")
        found: list[JSON] = []
        cursor: str | None = None
        for _ in range(PAGES if desk is not None else 0):
            assert desk is not None
            page = await self.client.get(desk, "/orders", limit=PAGE, cursor=cursor, **wanted)
            found += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                break
        return found


def _answered(order: JSON, since: str) -> platform.Answered:
    return platform.Answered(
        order["number"],
        order["updates"],
        order["case"]["title"],
        datetime.fromisoformat(order[since]),
        datetime.fromisoformat(order["due_at"]) if order["due_at"] else None,
    )


def _done_since(case: JSON, order: JSON, now: datetime) -> bool:
    """Whether the case was closed again, long enough ago, after the platform had called."""
    called, closed = order["call_back"]["at"], case["closed_at"]
    if called is None or closed is None or not case["reopened"]:
        return False
    since = datetime.fromisoformat(closed)
    hours = timedelta(hours=platform.hours_until_verdict(order["number"], order["updates"]))
    return datetime.fromisoformat(called) < since <= now - hours


def missed(seed: int, number: str) -> bool:
    """Whether the platform's export leaves a call out."""
    return astray.happens("export_misses", astray.drawing(seed, number)("export"))


def _dropped(seed: int, number: str) -> bool:
    """Whether the platform's list leaves an order out, every day."""
    return astray.happens("list_drops", astray.drawing(seed, number)("list"))
