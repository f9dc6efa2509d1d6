"""What does not go straight with a case while the town lives: by the API, as it is offered there.

Which action it is, ``astray`` says, as for the past. What is offered is taken, what is not is
left: the case goes straight on then. Nothing is kept but what was asked for and not decided.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from . import astray
from .astray import STRAIGHT, Draw, Standing
from .client import JSON, Account, Cast, Client, Refused
from .ringing import Ringing
from .said import said
from .watch import Watch

log = logging.getLogger(__name__)

HANDLERS = ("department_handler", "community_worker")
DESK = ("dispatcher", "duty_officer", "street_commander")
#: Business minutes between two looks at messages and at what was closed.
LOOK_MINUTES = 20.0
#: And of wall time.
LOOK_SECONDS = 10.0
#: So many of what was closed today are looked at, the newest.
CLOSED_MOST = 50
DECIDED_MOST = 5
BODIES = ("区城市管理委", "区住建委", "区交通支队", "区园林绿化局")


@dataclass
class Straying:
    """Staff whose cases do not go straight."""

    client: Client
    cast: Cast
    seed: int
    looked_at: datetime | None = None
    watch: Watch = field(init=False)
    ringing: Ringing = field(init=False)
    _asked: set[str] = field(default_factory=set)
    _tried: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.watch = Watch(self.client, self.cast, self.seed)
        self.ringing = Ringing(self.client, self.seed)

    def draw(self, case: JSON, *, stage: bool = True) -> Draw:
        """Chance for a case, the same after a restart."""
        key = str(case.get("number", case["id"]))
        so_far = (case.get("returned", 0), case.get("reopened", 0)) if stage else ""
        return astray.drawing(self.seed, key, so_far)

    def misdirected(self, case: JSON) -> bool:
        """Whether it goes, or has gone, to a unit whose it is not."""
        if case.get("reopened", 0):
            return False
        return astray.goes_wrong(self.draw(case, stage=False), case.get("returned", 0))

    def action(self, case: JSON) -> str | None:
        """What follows for a case of the list; None: called units are awaited first."""
        if (case["id"], case["version"]) in self._tried:
            return STRAIGHT.get(case["state"])
        standing = Standing(
            case["state"],
            case.get("nature", "problem"),
            case.get("returned", 0),
            case.get("reopened", 0),
            parties=("called",) * case.get("parties_left", 0),
            misdirected=self.misdirected(case),
        )
        soon = case["state"] == "handling" and case.get("due_state") == "soon"
        if soon and not standing.parties and case["id"] not in self._asked:
            self._asked.add(case["id"])
            if astray.happens("extension", self.draw(case)("extension")):
                return "ask_extension"
        return astray.goes_on(standing, self.draw(case))

    def strays(self, case: JSON) -> bool:
        """Whether it is not the straight way on that follows."""
        asked = set(self._asked)
        action = self.action(case)
        self._asked = asked  # nothing has been asked for by looking
        return action != STRAIGHT.get(case["state"])

    async def take(self, case: JSON, action: str | None) -> bool:
        """Take what is not straight; whether the case is another now."""
        self._tried.add((case["id"], case["version"]))
        rng = self.draw(case)(f"{action} {case['version']}")
        if action is None:
            return await self._party(case, rng)
        if action == "contest":
            return await self._contest(case, rng)
        if action in ("return", "ask_extension"):
            asked = self._of_unit(case["unit"])
        else:
            asked = self.cast.who("dispatcher")
        return asked is not None and await self._act(asked, case, action, rng)

    async def _act(self, who: Account, case: JSON, action: str, rng: random.Random) -> bool:
        view = await self.client.get(who, f"/cases/{case['id']}")
        offer = next((one for one in view["actions"] if one["action"] == action), None)
        if offer is None or (action == "whistle" and view["parties"]):
            return False
        body = self._body(view, offer, rng)
        if body is None:
            return False
        await self.client.post(who, f"/cases/{case['id']}/actions/{action}", body, view["version"])
        return True

    def _body(self, view: JSON, offer: JSON, rng: random.Random) -> JSON | None:
        """What somebody gives with an action, of what is offered."""
        action = offer["action"]
        if action == "return":
            ground = astray.ground(
                "return_wrong" if self.misdirected(view) else "return_right", rng
            )
            return {"ground": ground, "note": said(action, ground, rng)}
        if action == "reassign":
            right = [one["code"] for one in offer["units"] if one["suggested"]]
            if not right or right == [view["unit"]["code"]]:
                return None
            return {"unit": right[0], "note": said(action, None, rng)}
        if action == "whistle":
            others = [u["code"] for u in offer["units"] if self._of_unit(u) is not None]
            ground = astray.ground("whistle", rng)
            units = rng.sample(others, min(len(others), rng.choice((1, 1, 2))))
            return {"units": units, "ground": ground, "note": said(action, ground, rng)}
        if action == "close_otherwise":
            outcome = astray.end(self.draw(view)) if view["state"] == "accepted" else "not_fixed"
            if outcome == "duplicate":  # of which, only somebody who reads them can say
                outcome = "withdrawn"
            body = {"body": rng.choice(BODIES)} if outcome == "not_our_duty" else {}
            return {"outcome": outcome, "note": said(action, outcome, rng), **body}
        if action == "reopen":
            ground = offer.get("ground") or astray.ground("reopen", rng)
            return {"ground": ground}
        return {"note": said(action, None, rng)} if "note" in offer["needs"] else {}

    async def _party(self, case: JSON, rng: random.Random) -> bool:
        """The next thing that a called unit does; released when all have reported."""
        desk = self.cast.who("dispatcher")
        if desk is None:
            return False
        view = await self.client.get(desk, f"/cases/{case['id']}")
        parties = [one for one in view["parties"] if one["stage"] != "released"]
        for stage, action in (("called", "arrive"), ("here", "co_report")):
            for one in parties:
                who = self._of_unit(one["unit"])
                if one["stage"] == stage and who is not None:
                    return await self._act(who, case, action, rng)
        lead = self._of_unit(view["lead"]) if view["lead"] else None
        if lead is None or not parties:
            return False
        done = all(one["stage"] == "reported" for one in parties)
        body: JSON = {"units": [one["unit"]["code"] for one in parties]}
        if not done:
            body["note"] = said("release", None, rng)
        path = f"/cases/{case['id']}/actions/release"
        await self.client.post(lead, path, body, view["version"])
        return True

    async def _contest(self, case: JSON, rng: random.Random) -> bool:
        """The case's open work order, if it has one, is contested upstream."""
        officer = self.cast.who("duty_officer")
        if officer is None:
            return False
        view = await self.client.get(officer, f"/cases/{case['id']}")
        for order in view["orders"]:
            if order["state"] == "open" and "contest" in order["actions"]:
                body = {
                    "ground": astray.ground("contest", rng), "text": said("contest", None, rng)
                }  # fmt: skip
                path = f"/orders/{order['id']}/contest"
                await self.client.post(officer, path, body, order["version"])
                return True
        return False

    def _of_unit(self, unit: JSON | None) -> Account | None:
        """Somebody who handles cases for a unit."""
        return self.cast.who(*HANDLERS, unit=unit["name"]) if unit else None

    # --- now and then ----------------------------------------------------------------------------

    async def look(self, now: datetime, speed: float = 1.0) -> bool:
        """What sounds is acknowledged, what was asked for is decided, of what was closed today
        some is opened again, and shifts are handed over. ``speed``: where time runs fast they
        look less often, by the street's clock. Whether it was time to.
        """
        pause = max(timedelta(minutes=LOOK_MINUTES), timedelta(seconds=LOOK_SECONDS * speed))
        if self.looked_at is not None and abs(now - self.looked_at) < pause:
            return False
        self.looked_at = now
        for role in DESK:
            who = self.cast.who(role)
            if who is not None:
                await self._messages(who)
        await self._again()
        await self._call_back(now)
        await self.watch.look(now)
        return True

    async def _messages(self, who: Account) -> None:
        page = await self._get(who, "/notifications")
        if page is None:
            return
        for one in [one for one in page["items"] if one["sounds"]][:DECIDED_MOST]:
            await self._post(who, f"/notifications/{one['id']}/ack")
        asked = [one for one in page["items"] if one["kind"] == "case.asked"]
        await self._decide(who, [one["case_id"] for one in asked if one["read_at"] is None])
        if page["unread"] and page["items"]:
            await self._post(who, "/notifications/read", {"until": page["items"][0]["id"]})

    async def _decide(self, who: Account, case_ids: Sequence[str]) -> None:
        """More time, or a suspension: granted or refused."""
        for case_id in list(dict.fromkeys(case_ids))[:DECIDED_MOST]:
            view = await self._get(who, f"/cases/{case_id}")
            offered = {one["action"] for one in view["actions"]} if view else set()
            for what in ("extension", "suspension"):
                if view is None or f"grant_{what}" not in offered:
                    continue
                rng = self.draw(view)(f"granted {view['version']}")
                granted = astray.happens(f"{what}_granted", rng)
                action = f"{'grant' if granted else 'refuse'}_{what}"
                body = {} if granted else {"note": said(action, None, rng)}
                path = f"/cases/{case_id}/actions/{action}"
                await self._post(who, path, body, view["version"])

    async def _again(self) -> None:
        """Residents come back, and checks find again, what was closed today."""
        officer = self.cast.who("duty_officer")
        if officer is None:
            return
        page = await self._get(
            officer, "/cases", state="closed", closed="today", sort="-opened", limit=CLOSED_MOST
        )
        for case in page["items"] if page else ():
            key = (case["id"], case["version"])
            if key in self._tried or case.get("outcome") is not None:
                continue
            self._tried.add(key)
            draw = self.draw(case)
            back = case.get("order_attention") is not None and astray.happens(
                "returned_reopens", draw("back")
            )
            if back or astray.happens("reopened", draw("reopened")):
                try:
                    await self._act(officer, case, "reopen", draw("reopen"))
                except Refused as refused:
                    log.debug("town: reopen refused: %s", refused)

    async def _call_back(self, now: datetime) -> None:
        """Reporters on whom the lot fell are called; for who says that it is not done the case is
        opened again, mostly.
        """
        officer = self.cast.who("duty_officer")
        if officer is None:
            return
        for case_id in await self.ringing.look(officer, now):
            case = await self._get(officer, f"/cases/{case_id}")
            if case is not None:
                try:
                    await self._act(officer, case, "reopen", self.draw(case)("reopen"))
                except Refused as refused:
                    log.debug("town: reopen refused: %s", refused)

    async def _get(self, who: Account, path: str, **params: object) -> JSON | None:
        try:
            return await self.client.get(who, path, **params)
        except Refused as refused:
            log.debug("town: %s refused: %s", path, refused)
            return None

    async def _post(
        self, who: Account, path: str, body: JSON | None = None, version: int | None = None
    ) -> None:
        try:
            await self.client.post(who, path, body or {}, version)
        except Refused as refused:
            # Somebody was quicker, or it is not theirs: nothing to insist on.
            log.debug("town: %s refused: %s", path, refused)
