"""Who sits at the triage desk while the town lives: decides through the API, at people's pace."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from . import judging
from .client import JSON, Account, Cast, Client, Refused
from .history import Teller
from .pace import Steering
from .reports import Report

log = logging.getLogger(__name__)

#: Business minutes between two looks at the desk; so many decisions of a kind at each.
LOOK_MINUTES, AT_ONCE = 20.0, 3
#: So many cases and messages are always left for the person who plays.
CASES_LEFT, ASIDES_LEFT = 12, 2
#: Days whose reports are kept in mind.
DAYS_KEPT = 8
CATEGORY, PLACE = "category", "place"


@dataclass
class Clerks:
    """Officers at the desk. They know of every report what was meant."""

    client: Client
    teller: Teller
    cast: Cast
    seed: int
    steering: Steering | None = None
    looked_at: datetime | None = None
    _tried: set[tuple[str, int]] = field(default_factory=set)
    _days: dict[date, dict[str, Report]] = field(default_factory=dict)

    async def decide(self, now: datetime) -> None:
        """Look at the desk once enough time has passed, and decide a little of what lies there:
        the urgent, then the oldest.
        """
        who = self.cast.who("duty_officer")
        pause = timedelta(minutes=LOOK_MINUTES)
        # Time may also have been set back.
        if who is None or (self.looked_at is not None and abs(now - self.looked_at) < pause):
            return
        self.looked_at = now
        try:
            desk = await self.client.get(who, "/desk")
        except Refused as refused:
            log.debug("town: the desk is refused: %s", refused)
            return
        here = {_version(one) for one in desk["items"]}
        self._tried &= here
        items = [one for one in desk["items"] if _version(one) not in self._tried]
        for item in items[: _share(desk["count"]["value"] - CASES_LEFT)]:
            self._tried.add(_version(item))
            await self._case(who, item)
        for aside in desk["asides"][: _share(desk["asides_count"]["value"] - ASIDES_LEFT)]:
            await self._read(who, aside["signal"])

    async def _read(self, who: Account, signal: JSON) -> None:
        """A message that was put aside: thanks and questions are settled, a case is opened."""
        what = "case" if judging.is_matter(await self._meant(signal)) else "settle"
        await self._post(who, f"/asides/{signal['id']}/{what}", {})

    async def _case(self, who: Account, item: JSON) -> None:
        case_id, known = item["case"]["id"], item["understanding"]
        meant = await self._meant(item["signal"])
        offers = [one for one in known["offers"] if one["kind"] in ("same", "again")]
        for offer in offers:
            if await self._offer(who, offer, meant):
                return  # one of the two is no more: what is left of it is seen at the next look
        if offers:
            known = await self._get(who, f"/cases/{case_id}/understanding")
        if known is None or not known["doubts"]:
            return
        for body in self._words(case_id, known, meant):
            if await self._post(who, f"/cases/{case_id}/correct", body, known["version"]):
                return

    def _words(self, case_id: str, known: JSON, meant: Report | None) -> list[JSON]:
        """What is said of a case's class and place, the fullest first: the gazetteer may not know
        the place. What nobody can say stays as it is, and is asked no more.
        """
        doubts = known["doubts"]
        rng = random.Random(f"{self.seed}:{case_id}:desk")
        guesses = [f"{one['scheme']}:{one['code']}" for one in known["categories"]]
        asked = CATEGORY in doubts
        word = judging.class_to_say(meant, None, guesses, rng, asked=asked)
        place = meant.truth_place if meant is not None and PLACE in doubts else ""
        category = {"category": word} if word else {}
        rest = [one for one in doubts if one != CATEGORY or not word]
        found: list[JSON] = [{**category, "settled": rest}]
        if place:
            others = [one for one in rest if one != PLACE]
            found.insert(0, {**category, "place": place, "settled": others})
        return found

    async def _offer(self, who: Account, offer: JSON, meant: Report | None) -> bool:
        """Take or refuse an offer; whether two cases are one now."""
        other = await self._get(who, f"/cases/{offer['other']['id']}")
        if other is None:
            return False
        beside = await self._meant(_first(other["signals"]))
        if offer["kind"] == "again":
            holds = judging.same_place(meant, beside)
        else:
            holds = judging.same_matter(meant, beside) and other["state"] != "closed"
        what = "accept" if holds else "refuse"
        done = await self._post(who, f"/merge-offers/{offer['id']}/{what}", {})
        return done and holds and offer["kind"] == "same"

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

    async def _meant(self, signal: JSON | None) -> Report | None:
        """What a message meant; None: nobody knows."""
        if signal is None:
            return None
        key, zone = signal["upstream_key"] or "", self.teller.zone
        at = datetime.fromisoformat(signal["reported_at"]).astimezone(zone)
        day = at.date()
        if day not in self._days:
            while len(self._days) >= DAYS_KEPT:
                del self._days[next(iter(self._days))]
            told = await asyncio.to_thread(self.teller.day, day)
            self._days[day] = {one.upstream_key: one for one in told if not one.refers_to}
        if key in self._days[day] or self.steering is None:
            return self._days[day].get(key)
        begun = datetime.combine(day, time(), zone)
        played = self.steering.scenarios.due(begun, begun + timedelta(days=1))
        return next((one for one in played if one.upstream_key == key), None)


def _share(over: int) -> int:
    return max(0, min(over, AT_ONCE))


def _version(item: JSON) -> tuple[str, int]:
    return item["case"]["id"], item["understanding"]["version"]


def _first(signals: list[dict[str, Any]]) -> JSON | None:
    """The first voice of a case."""
    return min(signals, key=lambda one: one["reported_at"], default=None)
