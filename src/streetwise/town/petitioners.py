"""Petitioners while the town lives: the same course of a petition (``petitions``), by the API.

Of what is closed those cases are looked at that a petition opened; what goes further stands in the
street's own lists, so that nothing is kept here that a restart would lose.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from . import platform
from .almanac import ZONE
from .client import JSON, Account, Cast, Client, Refused
from .history import Teller
from .petitions import CHANNEL, PetitionCourse, Standing, drawing

log = logging.getLogger(__name__)

#: Steps at one look; hours at which an office does such things.
AT_ONCE, DAY_HOURS = 3, (9, 17)
#: Of what was closed last so many are looked at, and petitions of each list.
CLOSED_MOST, LISTED_MOST = 50, 100
LISTS = ("served", "running", "redo")


@dataclass
class Petitioners:
    """Whoever petitioned, and the officer who writes down what comes of it."""

    client: Client
    cast: Cast
    teller: Teller
    seed: int
    zone: ZoneInfo = field(default_factory=lambda: ZONE)
    _seen: set[str] = field(default_factory=set)
    #: (petition, version) → when something is due with it; None: never.
    _due: dict[tuple[str, int], date | None] = field(default_factory=dict)

    async def look(self, officer: Account, now: datetime) -> None:
        """Answer what was closed, and take what is due of what was answered."""
        if not DAY_HOURS[0] <= now.astimezone(self.zone).hour < DAY_HOURS[1]:
            return
        done = 0
        today = now.astimezone(self.zone).date()
        for case_id in [*await self._closed(officer), *await self._further(officer, today)]:
            try:
                done += await self._one(officer, case_id, today)
            except Refused as refused:
                log.debug("town: a petition is refused: %s", refused)
            if done >= AT_ONCE:
                return

    async def _closed(self, officer: Account) -> list[str]:
        """Cases closed lately that a petition opened."""
        page = await self._get(officer, "/cases", state="closed", sort="opened", limit=CLOSED_MOST)
        return [one["id"] for one in page["items"] if self._petitioned(one)] if page else []

    def _petitioned(self, case: JSON) -> bool:
        """By the report of that day with these words: nothing is asked of the others."""
        if case["id"] in self._seen:
            return False
        day = datetime.fromisoformat(case["opened_at"]).astimezone(self.zone).date()
        told = [*self.teller.day(day - timedelta(days=1)), *self.teller.day(day)]
        found = any(one.channel == CHANNEL and one.title == case["title"] for one in told)
        if not found:
            self._seen.add(case["id"])
        return found

    async def _further(self, officer: Account, today: date) -> list[str]:
        """Cases of petitions with which something may be due: of the others we know when."""
        found: dict[str, None] = {}
        for what in LISTS:
            page = await self._get(officer, "/petitions", what=what, limit=LISTED_MOST)
            for one in page["items"] if page else ():
                due = self._due.get((one["id"], one["version"]), today)
                if due is not None and due <= today:
                    found[one["case"]["id"]] = None
        return list(found)

    async def _one(self, officer: Account, case_id: str, today: date) -> bool:
        """Whether something was done with the petitions of a case."""
        known = await self.client.get(officer, f"/cases/{case_id}/petitions")
        for petition in known["items"]:
            course = self._course(petition["number"])
            standing = _standing(petition)
            found = course.next(standing) if course else None
            self._due[petition["id"], petition["version"]] = found[1] if found else None
            if course is None or found is None or found[1] > today:
                continue
            given = course.given(found[0], standing, today)
            path = f"/cases/{case_id}/petitions/{petition['id']}/{found[0]}"
            await self.client.post(officer, path, _body(asdict(given)), petition["version"])
            return True
        return not known["items"] and await self._answer(officer, case_id, today)

    async def _answer(self, officer: Account, case_id: str, today: date) -> bool:
        case = await self.client.get(officer, f"/cases/{case_id}")
        told = await self.client.get(officer, f"/cases/{case_id}/answers")
        for voice in told["voices"]:
            course = self._course(voice["upstream_key"]) if voice["way"] == "petition" else None
            if course is None or voice["state"] != "none" or voice["with_first"]:
                continue
            closed = datetime.fromisoformat(case["closed_at"]).astimezone(self.zone).date()
            if closed + timedelta(days=course.answered_after()) > today:
                return False
            path = f"/cases/{case_id}/answers/{voice['signal_id']}"
            words = platform.answer_words(voice["upstream_key"])
            await self.client.post(officer, f"{path}/give", {"text": words}, voice["version"])
            body = {"kind": "decision", "addressee": course.addressee()}
            await self.client.post(officer, f"{path}/letter", body)
            return True
        self._seen.add(case_id)
        return False

    def _course(self, number: str | None) -> PetitionCourse | None:
        """Of the town's own petitions: of somebody's own files nothing is known here."""
        if not number or platform.day_of(number) is None:
            return None
        return PetitionCourse(drawing(self.seed, number))

    async def _get(self, officer: Account, path: str, **wanted: object) -> JSON | None:
        try:
            return await self.client.get(officer, path, **wanted)
        except Refused as refused:
            log.debug("town: %s refused: %s", path, refused)
            return None


def _standing(petition: JSON) -> Standing:
    """How far it is, from what its page shows."""
    round_ = len(petition["opinions"])
    here = [one for one in petition["reviews"] if one["round"] == round_]
    heard = bool(here and here[-1]["outcome"] is None and here[-1]["hearings"])
    days = [one[key] for one in petition["opinions"] for key in ("on", "served_on")]
    for one in petition["reviews"]:
        days += [one[key] for key in
                 ("asked_on", "received_on", "file_on", "outcome_on", "served_on")]  # fmt: skip
        days += [hearing[key] for hearing in one["hearings"] for key in ("on", "over")]
    last = max(date.fromisoformat(day) for day in days if day)
    return Standing(petition["state"], round_, len(here), heard, last)


def _body(given: dict[str, Any]) -> JSON:
    """What is given, as JSON: days as people write them; the past counts its letters apart."""
    told = {name: value for name, value in given.items() if value and name != "series"}
    return {name: v.isoformat() if isinstance(v, date) else v for name, v in told.items()}
