"""Mediators while the town lives: the same course of a dispute (``disputes``), by the API."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from streetwise.resolve.disputes import loop

from .almanac import ZONE
from .client import JSON, Account, Cast, Client, Refused
from .disputes import Course, drawing
from .said import said

log = logging.getLogger(__name__)

HANDLERS = ("department_handler", "community_worker")
#: Visits and looks at agreements at one look at the list; hours at which anybody goes there.
AT_ONCE, DAY_HOURS = 4, (8, 20)


@dataclass
class Mediators:
    """Whoever holds a dispute."""

    client: Client
    cast: Cast
    seed: int
    zone: ZoneInfo = field(default_factory=lambda: ZONE)

    async def follow(self, case: JSON, action: str, now: datetime) -> None:
        """Begin with the handling of a case (after ``start``), end before it is reported.

        Raises Refused where somebody was quicker.
        """
        who = self._holder(case)
        if case["nature"] != "dispute" or who is None or action not in ("start", "report"):
            return
        view = await self.client.get(who, f"/cases/{case['id']}/dispute")
        course = self._course(case)
        if action == "start" and view["state"] == loop.OPEN and course.mediated:
            await self._begin(who, case, view, course)
        elif action == "report" and view["state"] == loop.MEDIATING:
            if view["visits"] == 0:
                view = await self._visit(who, case, view, course)
            step, given = course.ending(now.astimezone(self.zone))
            await self._act(who, case, view, step, _body(asdict(given)))

    async def _begin(self, who: Account, case: JSON, view: JSON, course: Course) -> None:
        offer = next((one for one in view["actions"] if one["action"] == "assign"), None)
        units = [one["code"] for one in offer["units"]] if offer else []
        if case["unit"]["code"] not in units:
            return
        for role, name, phone in course.parties():
            body = {"role": role, "name": name, "phone": phone}
            path = f"/cases/{case['id']}/dispute/parties"
            view = await self.client.post(who, path, body, view["version"])
        given = {"kind": course.kind, "colour": view["colour"], "unit": case["unit"]["code"]}
        await self._act(who, case, view, "assign", given)

    async def look(self, officer: Account, now: datetime) -> None:
        """Go where somebody should be seen again, and look at what was agreed."""
        if not DAY_HOURS[0] <= now.astimezone(self.zone).hour < DAY_HOURS[1]:
            return
        done = 0
        for ended in (False, True):
            try:
                page = await self.client.get(officer, "/disputes", ended=ended, limit=100)
            except Refused as refused:
                log.debug("town: disputes refused: %s", refused)
                return
            for one in page["items"]:
                try:
                    done += await self._one(one, now)
                except Refused as refused:
                    log.debug("town: mediation refused: %s", refused)
                if done >= AT_ONCE:
                    return

    async def _one(self, one: JSON, now: datetime) -> bool:
        """Whether something was due with a dispute, and done."""
        case = one["case"]
        who, course = self._holder(case), self._course(case)
        if who is None:
            return False
        if one["state"] == loop.MEDIATING and case["state"] == "handling":
            view = await self.client.get(who, f"/cases/{case['id']}/dispute")
            days = {colour["code"]: colour["visit_days"] for colour in view["colours"]}
            n, since = view["visits"] + 1, view["visited_at"]
            within = course.days_to_visit(days[view["colour"]], n)
            # Of the first visit nobody knows since when it is waited for: it is made by the way.
            if since is None or (now - datetime.fromisoformat(since)).days < within:
                return False
            await self._visit(who, case, view, course)
            return True
        due = one["follow_up_on"]
        if (
            one["state"] != loop.AGREED
            or due is None
            or due > f"{now.astimezone(self.zone):%Y-%m-%d}"
        ):
            return False
        if not course.kept and case["state"] == "closed":
            return False  # somebody has to open it again first
        view = await self.client.get(who, f"/cases/{case['id']}/dispute")
        note = said("mediation", "kept", course.draw("kept words"))
        await self._act(who, case, view, "follow_up", {"result": "pass", "note": note})
        return True

    async def _visit(self, who: Account, case: JSON, view: JSON, course: Course) -> JSON:
        given = course.visit(view["visits"] + 1)
        return await self._act(who, case, view, "visit", _body(asdict(given)))

    async def _act(self, who: Account, case: JSON, view: JSON, step: str, body: JSON) -> JSON:
        path = f"/cases/{case['id']}/dispute/{step}"
        return await self.client.post(who, path, body, view["version"])

    def _course(self, case: JSON) -> Course:
        return Course(drawing(self.seed, str(case["number"]), case.get("reopened", 0)))

    def _holder(self, case: JSON) -> Account | None:
        unit = case["unit"]
        return self.cast.who(*HANDLERS, unit=unit["name"]) if unit else None


def _body(given: JSON) -> JSON:
    """What is given, as JSON: days as people write them."""
    told = {name: value for name, value in given.items() if value is not None}
    return told | ({"day": told["day"].isoformat()} if "day" in told else {})
