"""Calling back while the town lives: by the API, those who wait on the list, by day.

Links are sent only where text messages are, which no demo has.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from . import answering
from .almanac import ZONE
from .client import JSON, Account, Client, Refused
from .said import said

log = logging.getLogger(__name__)

#: So many calls at one look; so many reporters are always left for the person who plays.
AT_ONCE, LEFT = 6, 5
#: Nobody is called out of bed; hours until who was not reached is tried again.
DAY_HOURS, AGAIN_HOURS = (9, 20), 20


@dataclass
class Ringing:
    """An officer with the list of those to be called back."""

    client: Client
    seed: int
    zone: ZoneInfo = ZONE

    async def look(self, officer: Account, now: datetime) -> list[str]:
        """Call some of those who wait; the cases that are to be opened again for what was said."""
        if not DAY_HOURS[0] <= now.astimezone(self.zone).hour < DAY_HOURS[1]:
            return []
        try:
            waiting = (await self.client.get(officer, "/call-backs"))["items"]
        except Refused as refused:
            log.debug("town: call-backs refused: %s", refused)
            return []
        again: list[str] = []
        ripe = [one for one in waiting if _ripe(one, now)]
        for one in ripe[: max(0, min(AT_ONCE, len(waiting) - LEFT))]:
            if await self._call(officer, one):
                again.append(one["case_id"])
        return again

    async def _call(self, officer: Account, one: JSON) -> bool:
        """One call, written down; whether its case is to be opened again."""
        try:
            case = await self.client.get(officer, f"/cases/{one['case_id']}")
        except Refused as refused:
            log.debug("town: the case is refused: %s", refused)
            return False
        # By the round of the case, as in the past, and as the platform hears it (``upstream``).
        draw = answering.drawing(self.seed, _report(case, one["signal_id"]), case["reopened"])
        result = answering.result(draw, one["attempts"] + 1)
        body: JSON = {"signal_id": one["signal_id"], "result": result}
        told = answering.answer(draw) if result == answering.REACHED else None
        if told is not None:
            body |= {
                "resolved": told.resolved, "satisfied": told.satisfied, "reached": told.reached
            }  # fmt: skip
            if told.in_words:
                body["text"] = said("call_back", None, draw("words said"))
        try:
            await self.client.post(officer, f"/cases/{one['case_id']}/call-backs", body)
        except Refused as refused:
            # The command centre's own case, or somebody was quicker.
            log.debug("town: call back refused: %s", refused)
            return False
        return told is not None and not told.resolved and answering.reopens(draw)


def _report(case: JSON, signal_id: str) -> str:
    """The upstream number of a reporter's signal."""
    found = (one["upstream_key"] for one in case["signals"] if one["id"] == signal_id)
    return next(found, None) or signal_id


def _ripe(one: JSON, now: datetime) -> bool:
    """Whether nobody has tried this reporter lately."""
    last = one["last_at"]
    return last is None or now - datetime.fromisoformat(last) >= timedelta(hours=AGAIN_HOURS)
