"""The town's residents, and the hotline that many of them call: files handed in by the API.

Also the street's answers to the hotline, because its export says what came of them (``upstream``).
"""

from __future__ import annotations

import asyncio
import io
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from . import platform
from .client import JSON, Account, Cast, Client, Refused
from .history import Teller
from .pace import Pace, Steering
from .reports import Report, reports_csv
from .upstream import LIST_MAPPING, Upstream, missed

log = logging.getLogger(__name__)

MAPPING = "street-reports"
BATCH = timedelta(minutes=10)  # business time between two files of reports
SOON = timedelta(minutes=1)  # the same while a scenario runs
LOOK_BACK = timedelta(hours=2)  # known rows add nothing, so the first file may overlap
LOOK_BACK_MOST = timedelta(hours=24)
PAGE = 200
ORDERS_LEFT = 3  # orders to be answered that are left for the person who plays


@dataclass
class Residents:
    """Who reports, and how far everything was handed in."""

    client: Client
    teller: Teller
    cast: Cast
    pace: Pace
    steering: Steering | None
    upstream: Upstream
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    told_until: datetime | None = None
    orders_until: datetime | None = None

    async def report(self, now: datetime, speed: float) -> None:
        """Hand in what was reported since the last file, once enough time has passed."""
        poster = self.cast.who("data_steward")
        if poster is None:
            return
        if self.told_until is not None and now - self.told_until < self._between(now, speed):
            return
        since = max(self.told_until or now - LOOK_BACK, now - LOOK_BACK_MOST)
        orders_since = max(self._orders_since(since), now - LOOK_BACK_MOST)
        await self._list(poster, now)
        due = await asyncio.to_thread(self._told, min(since, orders_since), now)
        calls = [one for one in due if one.channel == platform.CHANNEL and one.at >= orders_since]
        calls = [
            one
            for one in calls
            if one.refers_to or not missed(self.upstream.seed, one.upstream_key)
        ]
        own = [one for one in due if one.channel != platform.CHANNEL and one.at >= since]
        if own:
            text = io.StringIO()
            reports_csv(text, own)
            await self._hand_in(poster, "来件", text.getvalue(), MAPPING, now)
        if self._silent(now, len(calls)):
            self.orders_until = orders_since
        else:
            await self._export(poster, calls, now)
            self.orders_until = now
        await self._answer()
        # Only now: what could not be handed in is handed in next time.
        self.told_until = now

    def _between(self, now: datetime, speed: float) -> timedelta:
        busy = self.steering is not None and self.steering.scenarios.busy(now)
        return max(SOON if busy else BATCH, self.pace.files(speed))

    def _orders_since(self, since: datetime) -> datetime:
        """From when on the hotline's export has not arrived."""
        if self.orders_until is not None or self.steering is None:
            return self.orders_until or since
        return self.steering.scenarios.silent_since(platform.CHANNEL, since)

    def _silent(self, now: datetime, calls: int) -> bool:
        """Whether the hotline's export does not arrive now; so many calls would stand in it."""
        if self.steering is None:
            return False
        silent = self.steering.scenarios.silent(platform.CHANNEL, now)
        self.steering.held_back[platform.CHANNEL] = calls if silent else 0
        return silent

    async def _export(self, poster: Account, calls: list[Report], now: datetime) -> None:
        """The hotline's export: its calls, and what it found about answers."""
        rows = [platform.order_row(one) for one in calls] + await self.upstream.found(now)
        if rows:
            text = io.StringIO()
            platform.orders_csv(text, rows)
            await self._hand_in(poster, "12345工单", text.getvalue(), platform.MAPPING, now)

    async def _list(self, poster: Account, now: datetime) -> None:
        """The hotline's whole list of the day, once it is there."""
        self.upstream.zone = self.zone
        rows = await self.upstream.whole_list(now)
        if rows:
            text = io.StringIO()
            platform.orders_csv(text, rows)
            await self._hand_in(poster, "12345全量清单", text.getvalue(), LIST_MAPPING, now)

    async def _hand_in(
        self, poster: Account, what: str, text: str, mapping: str, now: datetime
    ) -> None:
        name = f"{what}-{now.astimezone(self.zone):%Y%m%d-%H%M}.csv"
        await self.client.upload(
            poster, "/imports", name, text.encode(), "text/csv", mapping=mapping
        )

    async def _orders(self, *states: str) -> list[JSON]:
        desk = self.cast.who("dispatcher")
        if desk is None:
            return []
        page = await self.client.get(desk, "/orders", state=list(states), limit=PAGE)
        found: list[JSON] = page["items"]
        return found

    async def _answer(self) -> None:
        """Answer the orders of closed cases, and leave some for the person who plays."""
        officer = self.cast.who("duty_officer")
        if officer is None:
            return
        closed = [
            o for o in await self._orders("open", "returned") if o["case"]["state"] == "closed"
        ]
        for order in closed[: max(0, len(closed) - ORDERS_LEFT)]:
            words = {"text": platform.answer_words(order["number"])}
            try:
                await self.client.post(
                    officer, f"/orders/{order['id']}/answer", words, order["version"]
                )
            except Refused as refused:
                log.debug("town: answer refused: %s", refused)

    def _told(self, since: datetime, now: datetime) -> list[Report]:
        day, last = since.astimezone(self.teller.zone).date(), now.astimezone(self.teller.zone)
        out: list[Report] = []
        while day <= last.date():
            out += [r for r in self.teller.day(day) if since <= r.at < now]
            day += timedelta(days=1)
        if self.steering is not None:
            out += self.steering.scenarios.due(since, now)
        return sorted(out, key=lambda report: (report.at, report.upstream_key))
