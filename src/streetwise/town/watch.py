"""The duty room while the town lives: shifts are handed over, signed by two and read by the leader.

Through the API, a while after whoever plays could have done it.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from .client import JSON, Account, Cast, Client, Refused
from .said import said

log = logging.getLogger(__name__)

#: Local hours at which a shift ends.
SHIFTS = (8, 20)
#: Business time that is left to whoever plays before somebody signs, and before the leader reads.
SIGNED_AFTER, READ_AFTER = timedelta(minutes=30), timedelta(hours=1)
#: Hand-overs looked at, the newest.
LATEST = 3


@dataclass
class Watch:
    """Officers and leaders in turn."""

    client: Client
    cast: Cast
    seed: int
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    async def look(self, now: datetime) -> None:
        """Do what is due at the duty room."""
        officers = self._all("duty_officer")
        if not officers:
            return
        room = await self._get(officers[0], "/duty")
        if room is None:
            return
        ended = shift_end(now.astimezone(self.zone))
        latest = room["handovers"][:LATEST]
        given = datetime.fromisoformat(latest[0]["given_at"]) if latest else None
        if latest and latest[0]["taken_at"] is None:
            if given is not None and now - given >= SIGNED_AFTER:
                await self._take(latest[0], officers)
        elif given is None or given < ended:
            giver = officers[ended.toordinal() % len(officers)]
            rng = random.Random(f"{self.seed}:handover:{ended.isoformat()}")
            await self._post(giver, "/duty/handovers", {"text": said("handover", None, rng)})
        for row in latest:
            taken = datetime.fromisoformat(row["taken_at"]) if row["taken_at"] else None
            if taken is not None and row["read_at"] is None and now - taken >= READ_AFTER:
                await self._read(row)

    async def _take(self, row: JSON, officers: list[Account]) -> None:
        """Whoever has not given it signs for it: another officer, else a leader."""
        for who in [*officers, *self._all("street_commander")][:LATEST]:
            if await self._post(who, f"/duty/handovers/{row['id']}/take", {}, row["version"]):
                return

    async def _read(self, row: JSON) -> None:
        """The leader on duty by the roster: the others may not."""
        for who in self._all("street_commander"):
            room = await self._get(who, "/duty")
            mine = room["handovers"] if room else []
            if any(one["id"] == row["id"] and one["may_read"] for one in mine):
                await self._post(who, f"/duty/handovers/{row['id']}/read", {}, row["version"])
                return

    def _all(self, role: str) -> list[Account]:
        return [one for one in self.cast.accounts if one.role == role]

    async def _get(self, who: Account, path: str) -> JSON | None:
        try:
            return await self.client.get(who, path)
        except Refused as refused:
            log.debug("town: %s refused: %s", path, refused)
            return None

    async def _post(self, who: Account, path: str, body: JSON, version: int | None = None) -> bool:
        try:
            await self.client.post(who, path, body, version)
        except Refused as refused:
            # Somebody was quicker, or it is not theirs: nothing to insist on.
            log.debug("town: %s refused: %s", path, refused)
            return False
        return True


def shift_end(local: datetime) -> datetime:
    """When the last shift ended, in the street's time."""
    ends = [
        datetime.combine(local.date() - timedelta(days=days), time(hour), local.tzinfo)
        for days in (0, 1)
        for hour in SHIFTS
    ]
    return max(one for one in ends if one <= local)
